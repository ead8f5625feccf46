# REQUIRES: onnxruntime, host-x86_64
# RUN: %python %s %t
"""This test packs values of few bits between layers: packed-values.py SCRATCH.

Codes of random shapes and widths are packed and unpacked by compiled code and by numpy. Random networks then give the same bits with and
without packed storage, on plain loops, on kernels and on several threads, and the demo network needs less memory with it. A search asks
for it where its budget does.
"""

import importlib.util
import json
import pathlib
import sys

import numpy as np
import onnx

import network

sys.path.insert(0, str(network.DEMO.parents[1]))
import digits  # noqa: E402

specification = importlib.util.spec_from_file_location("same_bits", pathlib.Path(__file__).with_name("same-bits.py"))
same_bits = importlib.util.module_from_spec(specification)
specification.loader.exec_module(same_bits)

SHAPES, SAMPLES, SEED = 12, 3, 7
# Of a code: bits, its type, the least and the largest.
TYPES = [(1, "u1", 0, 1), (2, "u2", 0, 3), (2, "i8<-1:1>", -1, 1), (4, "u3", 0, 7), (4, "u4", 0, 15), (4, "i4", -8, 7), (4, "i4<-7:7>", -7, 7)]
FORMATS = {0: "uint4", 1: "int4", 2: "uint2", 3: "uint4", 4: "binary", 5: "uint3", 6: "uint1"}  # of values, by network
TARGETS = {"plain": ["--mcpu=x86-64"], "this machine": [], "3 threads": ["--threads=3"], "haswell": ["--mcpu=haswell", "--emulate-kernels"],
           "znver4": ["--mcpu=znver4", "--emulate-kernels"], "sapphirerapids": ["--mcpu=sapphirerapids", "--emulate-kernels"], "2 threads plain": ["--mcpu=x86-64", "--threads=2"]}


def packed(codes, bits, least):
    """Byte j of a row holds code j + f * (bytes of a row) in its field f."""
    size = -(-codes.shape[-1] * bits // 8)
    result = np.zeros(codes.shape[:-1] + (size,), np.uint8)
    for place in range(codes.shape[-1]):
        result[..., place % size] |= ((codes[..., place] - least) << (place // size * bits)).astype(np.uint8)
    return result


def judge_round_trip(seed, base, verdict):
    """The bytes come out as their two halves, in f32."""
    random = np.random.default_rng([SEED, seed])
    bits, kind, least, largest = TYPES[seed % len(TYPES)]
    shape = [1] + [int(size) for size in random.integers(1, 12, int(random.integers(1, 4)))] + [int(random.integers(2, 90))]
    size = -(-shape[-1] * bits // 8)
    texts = {"shape": shape, "packed": shape[:-1] + [size], "halves": shape[:-1] + [2 * size]}
    texts = {name: "x".join(map(str, value)) for name, value in texts.items()}
    path = base / f"round{seed}.mlir"
    path.write_text(f"""!codes = !quant.uniform<{kind}:f32, 1.0>
!halves = !quant.uniform<u4:f32, 1.0>
func.func @net(%x: tensor<{texts['shape']}xf32> {{nn.name = "x"}}) -> (tensor<{texts['shape']}xf32> {{nn.name = "y"}}, tensor<{texts['halves']}xf32> {{nn.name = "p"}}) {{
  %0 = nn.quantize %x {{rounding = 0 : i32, layer = "q"}} : (tensor<{texts['shape']}xf32>) -> tensor<{texts['shape']}x!codes>
  %1 = fixed.pack_values %0 {{bits = {bits} : i64, least = {least} : i64, layer = "q"}} : (tensor<{texts['shape']}x!codes>) -> tensor<{texts['packed']}xi8>
  %2 = fixed.unpack_values %1 {{bits = {bits} : i64, least = {least} : i64, layer = "q"}} : (tensor<{texts['packed']}xi8>) -> tensor<{texts['shape']}x!codes>
  %3 = nn.dequantize %2 {{layer = "y"}} : (tensor<{texts['shape']}x!codes>) -> tensor<{texts['shape']}xf32>
  %4 = fixed.unpack_values %1 {{bits = 4 : i64, least = 0 : i64, layer = "p"}} : (tensor<{texts['packed']}xi8>) -> tensor<{texts['halves']}x!halves>
  %5 = nn.dequantize %4 {{layer = "p"}} : (tensor<{texts['halves']}x!halves>) -> tensor<{texts['halves']}xf32>
  return %3, %5 : tensor<{texts['shape']}xf32>, tensor<{texts['halves']}xf32>
}}
""")
    codes = random.integers(least, largest + 1, [SAMPLES] + shape[1:])
    halves = packed(codes, bits, least)
    for name, flags in (("plain", ["--mcpu=x86-64"]), ("this machine", [])):
        artifact = network.compile_model(path, base / f"round{seed}-{name[:5]}.so", "--from=additive", "--emit=lib", "--quiet", *flags)
        outputs, _ = network.execute(artifact, {"x": codes.astype(np.float32)}, base)
        same = np.array_equal(outputs["y"], codes) and np.array_equal(outputs["p"], np.concatenate([halves & 15, halves >> 4], axis=-1))
        verdict.check(same, f"{kind} codes {texts['shape']} on {name}: packed as numpy does, and unpacked again")


def judge_network(seed, values, base, verdict):
    model, shape = same_bits.Builder(seed).build(1 if seed % 5 == 4 else 2)
    folder = network.scratch(base / str(seed))
    path = folder / "model.onnx"
    onnx.save(model, str(path))
    random = np.random.default_rng(seed)
    np.savez(folder / "inputs.npz", x=random.standard_normal([SAMPLES] + shape).astype(np.float32))
    np.savez(folder / "calibration.npz", x=random.standard_normal([16] + shape).astype(np.float32))
    policy = f"version: 1\nlayers:\n  - match: '*'\n    weights: {'int4' if seed % 2 else 'int8'}\n    activations: {values}\n"
    forms = {}
    for storage in ("bytes", "packed"):
        (folder / f"{storage}.yaml").write_text(policy + f"    storage: {storage}\n")
        forms[storage] = network.compile_model(path, folder / f"{storage}.mlir", "--to=additive", "--quiet",
                                               f"--policy={folder}/{storage}.yaml", f"--calibrate-with={folder}/calibration.npz")
    result = network.run([network.tool("quantization-opt"), forms["packed"], "--choose-layout", "--pack-values", "--remarks-filter=pack-values", "-o", "-"])
    verdict.check("fixed.unpack_values" in result.stdout, f"network {seed}, {values}: values are packed {result.stderr[-500:] if result.returncode else ''}")
    wanted, _ = same_bits.outcome(forms["bytes"], "plain", folder / "inputs.npz", folder, TARGETS["plain"])
    for name, flags in TARGETS.items():
        outputs, _ = same_bits.outcome(forms["packed"], f"packed {name}", folder / "inputs.npz", folder, flags)
        if isinstance(outputs, str) or isinstance(wanted, str):
            verdict.check(False, f"network {seed}, {values} {name}: {outputs if isinstance(outputs, str) else wanted}")
            continue
        same = same_bits.digest(outputs) == same_bits.digest(wanted)
        verdict.check(same, f"network {seed}, {values} {name}: " + (same_bits.digest(wanted)[:16] if same else same_bits.difference(outputs, wanted)))


def judge_memory(base, verdict):
    """The report tells of less memory, by a good part of what values took."""
    data = digits.split()
    np.savez(base / "calibration.npz", **{digits.INPUT: data["calibration"][0]})
    arenas = {}
    for storage in ("bytes", "packed"):
        (base / f"{storage}.yaml").write_text("version: 1\nlayers:\n  - match: '*'\n    weights: int8\n    activations: uint4\n"
                                              f"    storage: {storage}\n")
        network.compile_model(network.DEMO, base / f"{storage}.json", f"--policy={base}/{storage}.yaml", "--emit=report", "--mtriple=x86_64-linux-gnu",
                              "--mcpu=haswell", f"--calibrate-with={base}/calibration.npz", "--quiet")
        code = json.loads((base / f"{storage}.json").read_text())["code"]
        arenas[storage] = code["arena_bytes"]
        verdict.check(code["peak_bytes"] == code["arena_bytes"] + code["constant_bytes"], f"{storage}: {code['peak_bytes']} bytes at most")
    verdict.check(arenas["packed"] < 0.9 * arenas["bytes"], f"arena of the demo network: {arenas}")


def judge_search(base, verdict):
    """A budget that formats keep only with several values to a byte has them packed where they can be, and no other has."""
    images, labels = digits.split()["test"]
    np.savez(base / "choose.npz", **{digits.INPUT: images})
    np.save(base / "labels.npy", labels)
    report = json.loads((base / "bytes.json").read_text())["costs"]["total"]
    whole = 2 * report["activation_bytes"]  # those of 8 bits
    for name, budget, packs in (("tight", 0.6 * whole, True), ("wide", whole, False)):
        flags = [f"--calibrate-with={base}/calibration.npz", "--search", f"--evaluate-with={base}/choose.npz", f"--labels={base}/labels.npy",
                 f"--max-activation-bytes={int(budget)}", "--max-drop=20%", "--search-method=uniform", "--quiet"]
        network.must([network.tool("quantization-opt"), network.DEMO, *flags, "-o", base / f"{name}.yaml"])
        text = (base / f"{name}.yaml").read_text()
        verdict.check(("storage: packed" in text) == packs, f"a budget of {int(budget)} of {whole} bytes: {text.count('storage: packed')} rules are packed")
        network.compile_model(network.DEMO, base / f"{name}.so", f"--policy={base}/{name}.yaml", f"--calibrate-with={base}/calibration.npz", "--quiet")


def main():
    base = network.scratch(sys.argv[1])
    verdict = network.Verdict()
    for seed in range(SHAPES):
        judge_round_trip(seed, base, verdict)
    for seed, values in FORMATS.items():
        judge_network(seed, values, base, verdict)
    judge_memory(base, verdict)
    judge_search(base, verdict)
    verdict.finish()


if __name__ == "__main__":
    main()

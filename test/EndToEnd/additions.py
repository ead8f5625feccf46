# RUN: %python %s %t
"""This test compares convolutions by ternary weights as additions with plain loops: additions.py SCRATCH [CASES].

Shapes are random: channels that fill no register, strides, dilations, borders, results narrower than a register, factors per cluster. On this machine
the instructions run themselves where it has AVX2; those of AVX-512, and all of them elsewhere, are spelled out (docs/decisions/0014).
test/EndToEnd/format-bits.py compares the plain loops with a definition.
"""

import pathlib
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import network

SEED, CASES, SAMPLES = 5, 24, 2
EMULATED = {f"{kernel} on {cpu}": [f"--mcpu={cpu}", "--emulate-kernels", f"--lowering=*:{kernel}"]
            for kernel, cpu in (("adds256", "haswell"), ("adds512", "znver4"))}
# More than stays in a band of rows, and is cut into strips of columns: two by one thousand, of many channels.
WIDE = {"channels": 96, "outputs": 8, "kernel": [1, 3], "dilations": [1, 1], "strides": [1, 1], "pads": [0, 1, 0, 1], "height": 2, "width": 1000,
        "cluster": 16, "relu": True}
REAL = {"adds256": ["--lowering=*:adds256"], "adds256, 3 threads": ["--lowering=*:adds256", "--threads=3"]}


def has_avx2():
    info = pathlib.Path("/proc/cpuinfo")
    return info.exists() and " avx2" in info.read_text()


def random_case(random):
    channels, outputs = int(random.choice([1, 3, 8, 13, 16, 24, 40])), int(random.choice([1, 5, 8, 12, 16, 27, 48]))
    kernel = random.integers(1, 4, 2)
    dilations, strides = random.integers(1, 3, 2), random.integers(1, 4, 2)
    pads = [int(random.integers(0, reach + 1)) for reach in (*kernel, *kernel)]
    least = (kernel - 1) * dilations + 1
    height, width = (int(max(size, n)) for size, n in zip(least, random.integers(4, 40, 2)))
    return {"channels": channels, "outputs": outputs, "kernel": kernel.tolist(), "dilations": dilations.tolist(), "strides": strides.tolist(), "pads": pads,
            "height": height, "width": width, "cluster": int(random.choice([0, 1, 4, 16])), "relu": bool(random.integers(2))}


def build(case, random):
    shape = (case["outputs"], case["channels"], *case["kernel"])
    weights = random.normal(0, 1, shape).astype(np.float32)
    bias = random.normal(0, 3, case["outputs"]).astype(np.float32)
    nodes = [helper.make_node("Conv", ["x", "w", "b"], ["c" if case["relu"] else "y"], "conv",
                              **{name: case[name] for name in ("dilations", "strides", "pads")})]
    if case["relu"]:
        nodes.append(helper.make_node("Relu", ["c"], ["y"], "relu"))
    graph = helper.make_graph(nodes, "additions",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", case["channels"], case["height"], case["width"]])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
                              [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(bias, "b")])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)


def main():
    folder, verdict = network.scratch(sys.argv[1]), network.Verdict()
    random = np.random.default_rng(SEED)
    variants = (REAL if has_avx2() else {}) | EMULATED
    for number in range(int(sys.argv[2]) if len(sys.argv) > 2 else CASES):
        case = random_case(random) if number else WIDE
        onnx.save(build(case, random), str(folder / "model.onnx"))
        samples = random.uniform(-1, 2, (SAMPLES, case["channels"], case["height"], case["width"])).astype(np.float32)
        np.savez(folder / "x.npz", x=samples)
        cluster = f"{{cluster={case['cluster']}}}" if case["cluster"] else ""
        form = network.compile_model(folder / "model.onnx", folder / "form.mlir", f"--policy=ternary{cluster}", "--to=additive",
                                     f"--calibrate-with={folder / 'x.npz'}", "--io=f32,u8" if case["relu"] else "--io=f32", "--quiet")
        results = {}
        for name, flags in ({"loops": ["--lowering=*:loops"]} | variants).items():
            artifact = network.compile_model(form, folder / "model.so", "--from=additive", "--emit=lib", "--quiet", *flags)
            results[name] = network.execute(artifact, folder / "x.npz", folder)[0]["y"]
        for name in variants:
            wrong = int((results[name] != results["loops"]).sum())
            verdict.check(wrong == 0, f"case {number} {case}: {name}: {wrong} of {results[name].size} values are others")
    verdict.finish()


if __name__ == "__main__":
    main()

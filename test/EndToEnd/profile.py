# RUN: %python %s %t
"""This test profiles a small network: profile.py SCRATCH.

Every convolution and matrix product appears with its kernel and exactly its multiplications, the steps add up to the run, and an
artifact that is not asked for a profile has none.
"""

import json
import os
import re
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import network

SEED, ITERATIONS = 5, 300
# What a layer multiplies: results * channels that each result reads * positions of its kernel.
PRODUCTS = {
    "narrow": 16 * 30 * 28 * 1 * 3 * 3,  # one channel: kernels with four values a step have a fourth column, which is no product
    "depth": 16 * 30 * 28 * 1 * 3 * 3,
    "strided": 24 * 14 * 13 * 16 * 3 * 3,
    "grouped": 24 * 14 * 13 * 12 * 1 * 1,
    "attend": 24 * 24 * 182,  # both sides computed: in 16 bits, packed while it runs
    "classify": 24 * 10,
}


def write_model(path):
    random = np.random.default_rng(SEED)
    constants, nodes = [], []

    def constant(values):
        constants.append(numpy_helper.from_array(values, f"c{len(constants)}"))
        return constants[-1].name

    def weight(*shape):
        return constant((random.standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32))

    def add(kind, name, *inputs, **attributes):
        nodes.append(helper.make_node(kind, list(inputs), [f"{name}_value"], name, **attributes))
        return nodes[-1].output[0]

    x = add("Relu", "positive", add("Conv", "narrow", "x", weight(16, 1, 3, 3)))
    x = add("Conv", "depth", x, weight(16, 1, 3, 3), group=16, pads=[1, 1, 1, 1])
    x = add("Relu", "clipped", add("Conv", "strided", x, weight(24, 16, 3, 3), strides=[2, 2]))
    x = add("Add", "sum", x, add("Conv", "grouped", x, weight(24, 12, 1, 1), group=2))
    rows = add("Reshape", "rows", x, constant(np.array([1, 24, 182])))
    scores = add("MatMul", "attend", rows, add("Transpose", "turn", rows, perm=[0, 2, 1]))
    x = add("ReduceMean", "mean", scores, axes=[1], keepdims=0)
    x = add("Gemm", "classify", x, weight(24, 10))
    graph = helper.make_graph(nodes, "profile", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, 32, 30])],
                              [helper.make_tensor_value_info(x, TensorProto.FLOAT, [1, 10])], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, path)


def judge(label, report, kernels, verdict):
    """`kernels` maps layers to regular expressions."""
    steps = report["steps"]
    verdict.check([step["step"] for step in steps] == list(range(len(steps))), f"{label}: {len(steps)} steps in their order")
    found = {step["layers"][0]: step for step in steps if step["macs"]}
    for layer, products in PRODUCTS.items():
        step = found.pop(layer, None)
        verdict.check(step and step["macs"] == products and re.fullmatch(kernels.get(layer, kernels[""]), step["kernel"]),
                      f"{label}: {layer}, {products} products: {step}")
    verdict.check(not found, f"{label}: nothing else multiplies: {list(found)}")
    verdict.check(all(step["bytes_written"] > 0 and step["us"] >= 0 for step in steps), f"{label}: each step writes something")
    peaks = {peak["kernel"] for peak in report["peaks"]}
    verdict.check(all((step["share_of_peak"] is not None) == (step["kernel"] in peaks and step["macs"] > 0) for step in steps),
                  f"{label}: shares of the peaks that were measured: {peaks}")
    verdict.check("loops" not in peaks and "copy" not in peaks, f"{label}: loops and copies have no peak")
    run, total, between = report["run_us"], report["steps_us"], report["between_us"]
    # Medians of a busy machine: the sum of medians is not the median of sums.
    verdict.check(0.5 * run < total < 1.1 * run and -0.1 * run < between < 0.5 * run,
                  f"{label}: {total:.1f} µs of steps in {run:.1f} µs, {between:.1f} µs between")


def main():
    folder, verdict = network.scratch(sys.argv[1]), network.Verdict()
    model = folder / "model.onnx"
    write_model(model)
    samples = np.random.default_rng(SEED).standard_normal((4, 1, 32, 30)).astype(np.float32)
    np.savez(folder / "calibration.npz", x=samples)
    formats = ["--policy=int8", f"--calibrate-with={folder / 'calibration.npz'}", "--quiet"]
    run, iterations = [network.tool("quantization-run")], [f"--iterations={ITERATIONS}", "--json"]

    kernels = {"": r"(madd|vnni|amx|depthwise).*", "attend": "madd.*"} if os.uname().machine == "x86_64" else {"": "loops"}
    has_kernels = os.uname().machine == "x86_64" and " avx2 " in open("/proc/cpuinfo").read()
    if not has_kernels:
        kernels = {"": "loops"}
    report = json.loads(network.must([*run, model, "--profile", *iterations, "--", *formats]))
    judge("int8", report, kernels, verdict)
    verdict.check(report["threads"] == 1 and report["passes"] == ITERATIONS, f"int8: {report['passes']} runs on one thread")
    fused = next(step for step in report["steps"] if step["layers"][0] == "strided")
    verdict.check("clipped" in fused["layers"] or not has_kernels, f"what follows a kernel is told with it: {fused['layers']}")

    # Behind an artifact, on several threads, the slowest step first; without a target's kernels.
    library = network.compile_model(model, folder / "plain.so", *formats, "--profile", "--threads=2",
                                    *(["--mattr=-avx2"] if has_kernels else []))
    report = json.loads(network.must([*run, library, "--profile", "--by-time", *iterations]))
    times = [step["us"] for step in report["steps"]]
    verdict.check(times == sorted(times, reverse=True) and report["threads"] == 2, "by time, two threads")
    report["steps"].sort(key=lambda step: step["step"])
    judge("plain loops", report, {"": "loops"}, verdict)

    text = network.must([*run, library, "--profile", "--iterations=20"])
    verdict.check(all(re.search(rf"loops +.*{layer}", text) for layer in PRODUCTS) and "between them" in text, "as a table")

    # Names that printing drops come back from the layers themselves.
    form = network.compile_model(model, folder / "form.mlir", *formats, "--to=additive")
    library = network.compile_model(form, folder / "form.so", "--from=additive", "--profile")
    report = json.loads(network.must([*run, library, "--profile", *iterations]))
    judge("from IR", report, kernels, verdict)

    # The same answers, and no profile where none was asked for.
    plain = network.compile_model(form, folder / "without.so", "--from=additive")
    outputs = [network.execute(artifact, {"x": samples}, folder)[0] for artifact in (library, plain)]
    verdict.check(all(np.array_equal(outputs[0][name], outputs[1][name]) for name in outputs[0]), "a profile changes no answer")
    verdict.check(b"without_profile" not in plain.read_bytes() and b"form_profile" in library.read_bytes(), "only one exports it")
    for words, expected in [([plain, "--profile"], "without.so: has no profile; compile it with --profile"),
                            ([library, "--profile", "--threads=2"], "--profile makes one run at a time"),
                            ([library, "--profile", "--", "--quiet"], "form.so is compiled already"),
                            ([model, "--profile", "--", "--emit=obj"], "--emit=obj: is set by --profile itself"),
                            ([model, "--profile", "--benchmark"], "--profile goes with neither --benchmark"),
                            ([library, "--benchmark", "--by-time"], "--by-time goes with --profile")]:
        result = network.run([*run, *words])
        verdict.check(result.returncode == 1 and expected in result.stderr and not result.stdout, f"refused: {expected}")
    verdict.finish()


if __name__ == "__main__":
    main()

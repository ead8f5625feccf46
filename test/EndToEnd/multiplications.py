# RUN: %python %s %t
"""This test counts what a ternary convolution multiplies: multiplications.py SCRATCH.

As additions it is one multiplication for each result and cluster of input channels, and one as the result is rescaled (paper 1701.08978, section 3;
R40), and an addition or subtraction for each weight that is not zero; as plain loops it is one for each weight. Both give the same bytes.
"""

import json
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import network

SEED, CHANNELS, OUTPUTS, SIZE, KERNEL = 5, 24, 40, 12, 3
RESULTS = OUTPUTS * SIZE * SIZE
WEIGHTS = CHANNELS * KERNEL * KERNEL
# Also a cluster that does not divide the channels.
CLUSTERS = {"{cluster=1}": CHANNELS, "{cluster=4}": 6, "{cluster=5}": 5, "{cluster=16}": 2, "": 1}


def build(path):
    random = np.random.default_rng(SEED)
    weights = random.normal(0, 1, (OUTPUTS, CHANNELS, KERNEL, KERNEL)).astype(np.float32)
    nodes = [helper.make_node("Conv", ["x", "w"], ["c"], "conv", pads=[1, 1, 1, 1]), helper.make_node("Relu", ["c"], ["y"], "relu")]
    shape = ["N", CHANNELS, SIZE, SIZE]
    graph = helper.make_graph(nodes, "multiplications", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], [numpy_helper.from_array(weights, "w")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7), path)


def profile(artifact):
    """The step of the convolution, and the multiplications of all: a rescale may be a step of its own."""
    report = json.loads(network.must([network.tool("quantization-run"), artifact, "--profile", "--iterations=20", "--json"]))
    return next(step for step in report["steps"] if step["macs"]), sum(step["multiplications"] for step in report["steps"])


def main():
    folder, verdict = network.scratch(sys.argv[1]), network.Verdict()
    build(str(folder / "model.onnx"))
    samples = np.random.default_rng(SEED).uniform(-1, 2, (2, CHANNELS, SIZE, SIZE)).astype(np.float32)
    np.savez(folder / "x.npz", x=samples)
    for cluster, factors in CLUSTERS.items():
        form = network.compile_model(folder / "model.onnx", folder / "form.mlir", f"--policy=ternary{cluster}", "--to=additive", "--io=f32,u8",
                                     f"--calibrate-with={folder / 'x.npz'}", "--quiet")
        steps, results = {}, {}
        for name, flags in (("adds256", ["--mcpu=haswell", "--emulate-kernels"]), ("loops", [])):
            artifact = network.compile_model(form, folder / f"{name}.so", "--from=additive", "--profile", f"--lowering=*:{name}", "--quiet", *flags)
            steps[name], results[name] = profile(artifact), network.execute(artifact, folder / "x.npz", folder)[0]["y"]
        (added, all_added), (looped, all_looped) = steps["adds256"], steps["loops"]
        verdict.check(added["kernel"] == "adds256" and added["rescales"] == RESULTS, f"ternary{cluster}: {added}")
        verdict.check(added["multiplications"] == all_added == RESULTS * factors + RESULTS,
                      f"ternary{cluster}: {added['multiplications']} multiplications for {RESULTS} results of {factors} clusters")
        verdict.check(0 < added["additions"] < RESULTS * WEIGHTS and added["additions"] % (SIZE * SIZE) == 0,
                      f"ternary{cluster}: {added['additions']} additions for {RESULTS * WEIGHTS} products")
        verdict.check(all_looped == RESULTS * WEIGHTS + RESULTS and looped["additions"] == 0, f"ternary{cluster}: loops: {looped}")
        verdict.check(np.array_equal(results["adds256"], results["loops"]), f"ternary{cluster}: the same bytes")
    verdict.finish()


if __name__ == "__main__":
    main()

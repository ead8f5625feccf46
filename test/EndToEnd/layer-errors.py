# REQUIRES: onnxruntime
# RUN: %python %s %t
"""This test reads the tables of --verify-against: each layer stands beside the node that computes the same value.

Layers that have absorbed a batch normalization, a bias or a ReLU are compared with the last node that went into them.
"""

import json
import sys

import numpy as np
import onnx

import network
import operator_cases

SAMPLES, FLOAT_DECIBELS, INT8_DECIBELS = 20, 100.0, 25.0

# Of each network, the nodes (and inputs and outputs) that an int8 table has.
EXPECTED = {
    "conv-batch-normalization": {"x", "batchnormalization_y", "y"},
    "conv-batch-normalization-relu": {"x", "relu_y", "y"},
    "batch-normalization-conv": {"x", "batchnormalization_t", "conv_y", "y"},
    "matmul-add": {"x", "add_y", "y"},
    "digits": {"image", "relu1", "relu2", "pool", "relu3", "flatten", "gemm", "logits"},
}


def networks(folder):
    for family in ("pointwise", "matrix"):
        for case in operator_cases.cases(family):
            if case.name in EXPECTED:
                path = folder / f"{case.name}.onnx"
                onnx.save(case.model, str(path))
                yield case.name, path
    yield "digits", network.DEMO


def samples(path, folder):
    random, weights = np.random.default_rng(4), {t.name for t in onnx.load(str(path)).graph.initializer}
    inputs = [value for value in onnx.load(str(path)).graph.input if value.name not in weights]
    shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim[1:]] for v in inputs}
    np.savez(folder / "samples.npz", **{
        name: random.standard_normal([SAMPLES] + shape).astype(np.float32) for name, shape in shapes.items()})
    return folder / "samples.npz"


def table(path, data, reference, *flags):
    return json.loads(network.must([network.tool("quantization-run"), path, f"--inputs={data}",
                                    f"--verify-against={reference}", "--json", "--", *flags, "--quiet"]))


def main():
    folder, verdict = network.scratch(sys.argv[1]), network.Verdict()
    for name, path in networks(folder):
        data = samples(path, folder)
        int8 = ["--policy=int8", f"--calibrate-with={data}"]
        for reference, flags, least in (("onnxruntime", ["--policy=float"], FLOAT_DECIBELS),
                                        ("onnxruntime", int8, INT8_DECIBELS), ("float", int8, INT8_DECIBELS)):
            report = table(path, data, reference, *flags)
            what = f"{name} {flags[0]} against {reference}"
            verdict.check(report["not_compared"] == [], f"{what}: all is compared {report['not_compared']}")
            for row in report["layers"]:
                verdict.check(row["exact"] or row["sqnr_db"] >= least,
                              f"{what}: {row['name']} as {row['layer']}: {row['sqnr_db']} dB")
            nodes = {row["layer"] for row in report["layers"]}
            if flags is int8:
                verdict.check(nodes == EXPECTED[name], f"{what}: {sorted(nodes)}")
    verdict.finish()


if __name__ == "__main__":
    main()

"""This test compiles a real network in float and compares with ONNX Runtime: float-agrees.py MODEL SCRATCH."""

import shutil
import sys

import network

SAMPLES, TOLERANCE = 8, 1e-4


def main():
    name, folder = sys.argv[1], network.scratch(sys.argv[2])
    inputs, _ = network.export(name, folder, calib=1, test=SAMPLES)
    artifact = network.compile_model(network.model_path(name), folder / "float.so", "--policy=float", "--emit=lib")
    outputs, _ = network.execute(artifact, folder / "test.npz", folder)
    references = network.Session(network.model_path(name))(inputs)
    verdict = network.Verdict()
    verdict.check(set(outputs) == set(references), f"outputs are {sorted(outputs)}, expected {sorted(references)}")
    for value in sorted(set(outputs) & set(references)):
        error = network.relative_error(outputs[value], references[value])
        verdict.check(error <= TOLERANCE, f"{name} {value} {outputs[value].shape}: relative error {error:.2e}")
    verdict.finish()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()

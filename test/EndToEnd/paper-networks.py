"""Compiles each network of a folder in float and compares with ONNX Runtime: paper-networks.py FOLDER"""

import pathlib
import sys

import network
import numpy as np
import onnx

SAMPLES, TOLERANCE = 4, 1e-4


def main():
    verdict = network.Verdict()
    folder = pathlib.Path(sys.argv[1])
    for path in sorted(folder.glob("*.onnx")):
        value = onnx.load(path, load_external_data=False).graph.input[0]
        shape = [dim.dim_value for dim in value.type.tensor_type.shape.dim][1:]
        inputs = {value.name: np.random.default_rng(1).standard_normal((SAMPLES, *shape)).astype(np.float32)}
        np.savez(folder / "test.npz", **inputs)
        artifact = network.compile_model(path, folder / "float.so", "--policy=float", "--emit=lib")
        outputs, _ = network.execute(artifact, folder / "test.npz", folder)
        references = network.Session(path)(inputs)
        verdict.check(bool(outputs) and set(outputs) == set(references), f"{path.stem}: outputs are {sorted(outputs)}")
        for name in sorted(set(outputs) & set(references)):
            error = network.relative_error(outputs[name], references[name])
            verdict.check(error <= TOLERANCE, f"{path.stem}: relative error {error:.2e}")
    verdict.finish()


if __name__ == "__main__":
    main()

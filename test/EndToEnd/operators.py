"""This test compiles small models of one family of operator_cases.py and compares: operators.py FAMILY SCRATCH.

Each is compiled in float and compared with ONNX Runtime (with ONNX's reference evaluator where that refuses the model);
those with weights are then compiled in int8 and compared by their noise.
"""

import sys

import numpy as np
import onnx

import network
import operator_cases

SAMPLES, CALIBRATION = 5, 64
FLOAT_TOLERANCE, INT8_DECIBELS = 1e-5, 25.0


def inputs_of(case, count, seed):
    """`count` random samples per input; a batch fixed in the model counts as one."""
    random = np.random.default_rng(seed)
    weights = {tensor.name for tensor in case.model.graph.initializer}
    result = {}
    for value in case.model.graph.input:
        if value.name not in weights:
            dims = [d.dim_value for d in value.type.tensor_type.shape.dim]
            result[value.name] = random.standard_normal([count] + dims[1:]).astype(np.float32)
    return result


def reference(path, model, inputs):
    try:
        return network.Session(path)(inputs)
    except Exception as refused:  # whatever ONNX Runtime raises: it has no common base
        print(f"note: ONNX's own evaluator takes the place of ONNX Runtime: {str(refused).splitlines()[0][:120]}")
    from onnx.reference import ReferenceEvaluator
    from onnx.reference.op_run import OpRun

    class LRN(OpRun):
        """In place of ONNX's own, which takes the number of samples for that of channels (as of 1.23)."""

        def _run(self, x, alpha=None, beta=None, bias=None, size=None):
            below = (size - 1) // 2
            squares = np.pad(x * x, ((0, 0), (below, size - 1 - below), (0, 0), (0, 0)))
            total = sum(squares[:, i:i + x.shape[1]] for i in range(size))
            return ((x / (bias + alpha / size * total) ** beta).astype(x.dtype),)

    evaluator = ReferenceEvaluator(model, new_ops=[LRN])
    names = [value.name for value in model.graph.output]
    count = len(next(iter(inputs.values())))
    parts = [evaluator.run(None, {k: v[i:i + 1] for k, v in inputs.items()}) for i in range(count)]
    return {name: np.concatenate([part[i] for part in parts]) for i, name in enumerate(names)}


def has_weights(model):
    constants = {tensor.name for tensor in model.graph.initializer}
    return any(n.op_type in ("Conv", "Gemm", "MatMul") and n.input[1] in constants for n in model.graph.node)


def outcome(path, folder, inputs, flags):
    """The artifact's outputs, or what went wrong as text."""
    artifact = folder / ("int8.so" if "--policy=int8" in flags else "float.so")
    try:
        return network.execute(network.compile_model(path, artifact, *flags, "--emit=lib"), inputs, folder)[0]
    except SystemExit as failure:
        return str(failure)


def judge(case, folder, verdict):
    path = folder / f"{case.name}.onnx"
    if case.external:
        onnx.save(case.model, str(path), save_as_external_data=True, location="weights.bin", size_threshold=0)
        model = onnx.load(str(path))
    else:
        onnx.save(case.model, str(path))
        model = case.model
    inputs = inputs_of(case, SAMPLES, 1)
    wanted = reference(path, model, inputs)

    outputs = outcome(path, folder, inputs, ["--policy=float"])
    if isinstance(outputs, str):
        verdict.check(False, f"{case.name} float: {outputs}")
        return
    error = max(network.relative_error(outputs.get(name), wanted[name]) for name in wanted)
    verdict.check(error <= FLOAT_TOLERANCE, f"{case.name} float: relative error {error:.1e}")

    if has_weights(model):
        calibration = folder / "calibration.npz"
        np.savez(calibration, **inputs_of(case, CALIBRATION, 2))
        outputs = outcome(path, folder, inputs, ["--policy=int8", f"--calibrate-with={calibration}"])
        if isinstance(outputs, str):
            verdict.check(False, f"{case.name} int8: {outputs}")
            return
        decibels = min(network.sqnr(outputs.get(name), wanted[name]) for name in wanted)
        verdict.check(decibels >= INT8_DECIBELS, f"{case.name} int8: {decibels:.1f} dB")


def main():
    family, base = sys.argv[1], network.scratch(sys.argv[2])
    verdict = network.Verdict()
    for case in operator_cases.cases(family):
        judge(case, network.scratch(base / case.name), verdict)
    verdict.finish()


if __name__ == "__main__":
    main()

"""This test compiles networks that are quantized already: qdq-import.py PART SCRATCH.

round-trip  every model of operator_cases.py: our own export, imported, gives the bytes that compiling the model gives
cases       the models of quantized_cases.py, against ONNX Runtime
onnxruntime small networks that ONNX Runtime quantizes in several ways, against ONNX Runtime
"""

import itertools
import sys

import numpy as np
import onnx

import network
import operator_cases
import operators
import quantized_cases

SAMPLES, CALIBRATION = 8, 16
MOST_STEPS, MOST_DIFFERING = 1.01, 0.02  # of the output's grid; the share of values that differ by one
MOST_STEPS_IN_16_BITS = 4.01  # sums of 16-bit values are that exact (Numerics R12)
# Where the last layer is float: of the largest value; above 1e-4 of it. A code that is rounded otherwise reaches many outputs.
ERROR_IN_FLOAT, SHARE_IN_FLOAT = 0.01, 0.2


def object_of(model, folder, side, *flags):
    """The bytes of a compiled object; its name is part of them."""
    (folder / side).mkdir(exist_ok=True)
    return network.compile_model(model, folder / side / "net.o", *flags, "--quiet").read_bytes()


def round_trip(folder, verdict):
    for name in operator_cases.FAMILIES:
        different, count = [], 0
        for case in operator_cases.cases(name):
            if case.external:
                continue
            model, samples = folder / "model.onnx", folder / "samples.npz"
            onnx.save(case.model, str(model))
            np.savez(samples, **operators.inputs_of(case, CALIBRATION, 2))
            flags = ["--policy=int8", f"--calibrate-with={samples}"]
            exported = network.compile_model(model, folder / "exported.onnx", *flags, "--quiet")
            if object_of(model, folder, "direct", *flags) != object_of(exported, folder, "imported"):
                different.append(case.name)
            count += 1
        verdict.check(count and not different, f"{name}: {count} models compile to the same bytes through QDQ {different or ''}")


def output_steps(model):
    """{output: the scale of the DequantizeLinear that makes it}; none for those that are computed in float."""
    tensors = {t.name: onnx.numpy_helper.to_array(t) for t in model.graph.initializer}
    makers = {name: n for n in model.graph.node for name in n.output}
    last = {o.name: makers.get(o.name) for o in model.graph.output}
    return {name: float(tensors[n.input[1]].max()) if n is not None and n.op_type == "DequantizeLinear" else None
            for name, n in last.items()}


def compare(what, path, inputs, folder, verdict, floats=None, most=MOST_STEPS):
    """Ours against ONNX Runtime's own, with its optimizations off."""
    theirs = network.Session(path, exact=True)(inputs)
    result = network.run([network.tool("quantization-opt"), path, "-o", folder / "ours.so"])
    if result.returncode:
        return verdict.check(False, f"{what}: {result.stderr.strip()}")
    if floats is not None:
        listed = sorted(line.split("(")[1].split(")")[0] for line in result.stderr.splitlines() if "stays float" in line)
        verdict.check(listed == sorted(floats), f"{what}: float are {listed or 'no layers'}")
    ours, _ = network.execute(folder / "ours.so", inputs, folder)
    steps = output_steps(onnx.load(str(path)))
    for name, wanted in theirs.items():
        error = np.abs(ours[name].reshape(wanted.shape) - wanted)
        if steps[name]:
            largest, share = float(error.max() / steps[name]), float((error > steps[name] / 2).mean())
            verdict.check(largest <= most and (share <= MOST_DIFFERING or most > 2),
                          f"{what}: at most {largest:.2f} steps off, {100 * share:.2f} % differ")
        else:
            extent = float(np.abs(wanted).max()) or 1
            largest, share = float(error.max() / extent), float((error > 1e-4 * extent).mean())
            verdict.check(largest <= ERROR_IN_FLOAT and share <= SHARE_IN_FLOAT,
                          f"{what}: error {largest:.1e}, {100 * share:.2f} % above 1e-4")


def handmade(folder, verdict):
    for case in quantized_cases.cases():
        path = folder / f"{case.name}.onnx"
        onnx.save(case.model, str(path))
        inputs = operators.inputs_of(case, SAMPLES, 1)
        compare(case.name, path, inputs, folder, verdict, case.floats)
        if case.name == "four-bits-by-clip":  # ONNX has no quantize to so few codes
            continue
        exported = network.compile_model(path, folder / "exported.onnx", "--quiet")
        verdict.check(object_of(path, folder, "direct") == object_of(exported, folder, "imported"),
                      f"{case.name}: the same bytes through its export")
    weights_only(folder, verdict)


def weights_only(folder, verdict):
    """Weights that are only stored in 8 bits leave a float network, which a policy quantizes."""
    g = quantized_cases.Graph("weights-only")
    g.dequantize(g.weights("w", (4, 3, 3, 3)), "dw", g.grid("w", 0.01, 0, np.int8))
    g.node("Conv", "x dw", "y")
    case = g.finish("y")
    path, samples = folder / "weights-only.onnx", folder / "samples.npz"
    onnx.save(case.model, str(path))
    inputs = operators.inputs_of(case, SAMPLES, 1)
    np.savez(samples, **inputs)
    wanted = network.Session(path, exact=True)(inputs)["y"]
    for flags, decibels in (([], 120), (["--policy=int8", f"--calibrate-with={samples}"], 30)):
        ours, _ = network.execute(network.compile_model(path, folder / "ours.so", *flags, "--quiet"), inputs, folder)
        found = network.sqnr(ours["y"], wanted)
        verdict.check(found >= decibels, f"weights-only {flags[:1]}: {found:.1f} dB")


def by_onnxruntime(folder, verdict):
    import logging

    import onnxruntime
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    onnxruntime.set_default_logger_severity(3)
    logging.disable(logging.WARNING)

    class Reader(CalibrationDataReader):
        def __init__(self, samples):
            self.left = ({k: v[i:i + 1] for k, v in samples.items()} for i in range(CALIBRATION))

        def get_next(self):
            return next(self.left, None)

    kinds = {  # activations, weights, per channel, format, steps
        "U8S8": (QuantType.QUInt8, QuantType.QInt8, True, QuantFormat.QDQ, MOST_STEPS),
        "S8S8": (QuantType.QInt8, QuantType.QInt8, False, QuantFormat.QDQ, MOST_STEPS),
        "U8U8": (QuantType.QUInt8, QuantType.QUInt8, True, QuantFormat.QDQ, MOST_STEPS),
        "U8S4": (QuantType.QUInt8, QuantType.QInt4, True, QuantFormat.QDQ, MOST_STEPS),
        "S16S8": (QuantType.QInt16, QuantType.QInt8, True, QuantFormat.QDQ, MOST_STEPS_IN_16_BITS),
        "U8S8 on codes": (QuantType.QUInt8, QuantType.QInt8, True, QuantFormat.QOperator, MOST_STEPS),
    }
    for case, (kind, (activations, weights, per_channel, form, most)) in itertools.product(operator_cases.cases("networks"),
                                                                                           kinds.items()):
        model, path = folder / "model.onnx", folder / "quantized.onnx"
        source, newest = case.model, 21 if "16" in kind or "4" in kind else 13
        if case.external or next(o.version for o in source.opset_import) > newest:
            continue
        onnx.save(onnx.version_converter.convert_version(source, newest), str(model))
        quantize_static(str(model), str(path), Reader(operators.inputs_of(case, CALIBRATION, 2)), quant_format=form,
                        activation_type=activations, weight_type=weights, per_channel=per_channel,
                        reduce_range=form is QuantFormat.QOperator)
        compare(f"{case.name} {kind}", path, operators.inputs_of(case, SAMPLES, 1), folder, verdict, most=most)


def main():
    part, folder = sys.argv[1], network.scratch(sys.argv[2])
    verdict = network.Verdict()
    {"round-trip": round_trip, "cases": handmade, "onnxruntime": by_onnxruntime}[part](folder, verdict)
    verdict.finish()


if __name__ == "__main__":
    main()

"""This test compiles trained networks that are quantized already: qdq-import-real.py PART SCRATCH [NAME].

quantized NAME   ONNX Runtime quantizes the float model NAME (U8S8, as the benchmark does); its file and our export are compiled
files            the models of $QUANTIZATION_DATA that somebody else has quantized
"""

import json
import shutil
import sys

import numpy as np
import onnx

import network

SAME_ANSWER, LAYER_SAMPLES = 99.0, 10
# Name, samples, percent of equal answers. ONNX Runtime's kernels for operators on codes saturate on processors without VNNI, as their
# first layer does here: there, only the accuracy is compared, in points.
FILES = [("resnet20_cifar10_qdq_s8s8_perchannel", 130, 98), ("ic_resnet8_int8_qdq", 130, 98), ("lenet_w4a4_qcdq", 500, 99),
         ("mnist8_convinteger_dynq", 500, 99), ("mobilenet_v2_uint8_qdq", 12, 90), ("kws_dscnn_qoperator_u8s8", 100, 98),
         ("resnet20_cifar10_qoperator_u8s8", 130, None), ("squeezenet1.0_qoperator_u8s8", 24, None)]
POINTS = {130: 4, 24: 13}  # two samples more or less, or three


def float_layers(text):
    return [line for line in text.splitlines() if "stays float" in line]


def compile_file(path, artifact, verdict, what):
    """Compiles with no flag that chooses formats; only what has no integer form may stay float."""
    result = network.run([network.tool("quantization-opt"), path, "-o", artifact])
    verdict.check(result.returncode == 0, f"{what}: compiled {result.stderr.strip() if result.returncode else ''}")
    left = [line for line in float_layers(result.stderr) if "it has no integer form" not in line]
    verdict.check(not left, f"{what}: integers throughout {left or ''}")
    return result.returncode == 0


def same_answers(ours, theirs):
    return 100 * float((ours.argmax(1) == theirs.argmax(1)).mean())


def verify_layers(path, inputs, folder, verdict, what):
    """Each layer by itself, fed with what ONNX Runtime computes."""
    few = folder / "few.npz"
    np.savez(few, **{key: value[:LAYER_SAMPLES] for key, value in inputs.items()})
    result = network.run([network.tool("quantization-run"), path, f"--inputs={few}", "--verify-against=qdq", "--json", "--"])
    verdict.check(result.returncode == 0, f"{what}: verified layer by layer {result.stderr.strip()}")
    for layer in json.loads(result.stdout)["layers"] if result.stdout else []:
        steps = layer.get("max_steps")
        verdict.check(layer["right"] if steps is None else steps <= 1, f"{what} {layer['name']}: {steps} steps")


def quantized(folder, verdict):
    name = sys.argv[3]
    model = network.model_path(name)
    inputs, labels = network.export(name, folder, calib=40, test=200)
    theirs_file = network.quantize_in_onnxruntime(model, folder / "calib.npz", folder)
    if not compile_file(theirs_file, folder / "int8.so", verdict, name):
        return
    session = network.Session(theirs_file, exact=True)
    wanted = session(inputs)
    found, _ = network.execute(folder / "int8.so", inputs, folder)
    for output, value in wanted.items():
        theirs, ours = value.reshape(len(value), -1), found[output].reshape(len(value), -1)
        decibels = network.sqnr(ours, theirs)
        same = same_answers(ours, theirs)
        verdict.check(decibels >= 20 and (same >= SAME_ANSWER or labels is None),
                      f"{name} {output}: {decibels:.1f} dB, same answer on {same:.2f} %")
    if labels is not None:
        first = session.names[0]
        left, right = network.top1(found[first], labels), network.top1(wanted[first], labels)
        verdict.check(abs(left - right) <= 1, f"{name}: {left:.2f} % right, ONNX Runtime {right:.2f} %")
    # What is imported means what the file means: written again, ONNX Runtime computes the same from it.
    again = network.Session(network.compile_model(theirs_file, folder / "again.onnx", "--quiet"), exact=True)
    few = {key: value[:LAYER_SAMPLES] for key, value in inputs.items()}
    written, original = again(few), session(few)
    worst = min(network.sqnr(written[key], original[key]) for key in original)
    verdict.check(worst >= 60, f"{name}: exported again, {worst:.1f} dB from the original")
    verify_layers(theirs_file, inputs, folder, verdict, name)

    flags = [f"--calibrate-with={folder}/calib.npz", "--policy=int8", "--quiet"]
    exported = network.compile_model(model, folder / "exported.onnx", *flags)
    parts = []
    for side, source, more in (("direct", model, flags), ("imported", exported, ["--quiet"])):
        (folder / side).mkdir()
        parts.append(network.compile_model(source, folder / side / "net.o", *more).read_bytes())
    verdict.check(parts[0] == parts[1], f"{name}: the same bytes through our export")


def files(folder, verdict):
    for name, count, most in FILES:
        path = network.model_path(name)
        inputs, labels = network.export(name, folder, calib=1, test=count)
        value = onnx.load(str(path)).graph.input[0]
        shape = [d.dim_value for d in value.type.tensor_type.shape.dim]
        inputs = {value.name: next(iter(inputs.values())).reshape([-1] + shape[1:])}
        if not compile_file(path, folder / "net.so", verdict, name):
            continue
        session = network.Session(path, exact=True)
        theirs = session(inputs)[session.names[0]].reshape(count, -1)
        ours = network.execute(folder / "net.so", inputs, folder)[0][session.names[0]].reshape(count, -1)
        same = same_answers(ours, theirs)
        if most is not None:
            verdict.check(same >= most, f"{name}: same answer on {same:.2f} % of {count}")
        if labels is not None and count in POINTS:
            left, right = network.top1(ours, labels), network.top1(theirs, labels)
            verdict.check(left >= right - POINTS[count], f"{name}: {left:.2f} % right, ONNX Runtime {right:.2f} %")


def main():
    part, folder = sys.argv[1], network.scratch(sys.argv[2])
    verdict = network.Verdict()
    {"quantized": quantized, "files": files}[part](folder, verdict)
    verdict.finish()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()

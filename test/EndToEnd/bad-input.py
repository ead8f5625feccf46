# RUN: %python %s %t
"""This test feeds the compiler what it must refuse: exit status 1, one `error:` naming the cause, nothing left.

Each row of CASES is a function that prepares files in a fresh folder and returns (words, expected): the driver's
arguments, and regular expressions that standard error has to match.
"""

import re
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import network

FLOAT = ["--policy=float", "--emit=lib"]
INT8 = ["--policy=int8", "--emit=lib"]
CRASH = ("PLEASE submit a bug report", "Stack dump", "Assertion", "terminate called", "Sanitizer", "UNREACHABLE")


def conv_model(shape=("N", 1, 8, 8), weight_shape=(2, 1, 3, 3), extra=(), output=None):
    nodes = [helper.make_node("Conv", ["image", "w"], ["y"], "first", pads=[1, 1, 1, 1]), *extra]
    weight = numpy_helper.from_array(np.full(weight_shape, 0.5, np.float32), "w")
    model = helper.make_model(
        helper.make_graph(nodes, "net", [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
                          [helper.make_tensor_value_info(output or nodes[-1].output[0], TensorProto.FLOAT, None)],
                          [weight]),
        opset_imports=[helper.make_opsetid("", 13), helper.make_opsetid("com.example", 1)], ir_version=7)
    return onnx.shape_inference.infer_shapes(model)


def save(folder, model, name="net.onnx"):
    onnx.save(model, str(folder / name))
    return folder / name


def missing_file(folder):
    return [folder / "nowhere.onnx", *FLOAT], [r"nowhere\.onnx"]


def model_is_a_folder(folder):
    (folder / "net.onnx").mkdir()
    return [folder / "net.onnx", *FLOAT], [r"net\.onnx"]


def empty_file(folder):
    (folder / "net.onnx").write_bytes(b"")
    return [folder / "net.onnx", *FLOAT], [r"net\.onnx"]


def truncated_file(folder):
    path = save(folder, conv_model())
    path.write_bytes(path.read_bytes()[:-20])
    return [path, *FLOAT], [r"net\.onnx"]


def truncated_inside_weights(folder):
    path = save(folder, conv_model(weight_shape=(64, 1, 3, 3)))
    content = path.read_bytes()
    path.write_bytes(content[:len(content) // 2])
    return [path, *FLOAT], [r"net\.onnx"]


def text_instead_of_onnx(folder):
    (folder / "net.onnx").write_text("this is a letter, not a network\n" * 20)
    return [folder / "net.onnx", *FLOAT], [r"net\.onnx"]


def random_bytes(folder):
    (folder / "net.onnx").write_bytes(np.random.default_rng(0).bytes(4096))
    return [folder / "net.onnx", *FLOAT], [r"net\.onnx"]


def huge_weight(folder):
    model = conv_model()
    model.graph.initializer[0].dims[:] = [2 ** 40, 2 ** 40, 3, 3]
    return [save(folder, model), *FLOAT], [r"\bw\b"]


def negative_weight_shape(folder):
    model = conv_model()
    model.graph.initializer[0].dims[:] = [-2, 1, 3, 3]
    return [save(folder, model), *FLOAT], [r"\bw\b"]


def weight_too_short(folder):
    model = conv_model()
    model.graph.initializer[0].raw_data = model.graph.initializer[0].raw_data[:-4]
    return [save(folder, model), *FLOAT], [r"\bw\b"]


def huge_input(folder):
    return [save(folder, conv_model(shape=(1, 1, 2 ** 31, 2 ** 31))), *FLOAT], [r"image|first"]


def negative_pads(folder):
    model = conv_model()
    model.graph.node[0].attribute[0].ints[:] = [-50, -50, -50, -50]
    return [save(folder, model), *FLOAT], [r"first"]


def channels_do_not_fit(folder):
    return [save(folder, conv_model(weight_shape=(2, 7, 3, 3))), *FLOAT], [r"first"]


def missing_external_data(folder):
    path = folder / "net.onnx"
    model = conv_model(weight_shape=(512, 1, 3, 3))
    onnx.save(model, str(path), save_as_external_data=True, location="weights.bin", size_threshold=0)
    (folder / "weights.bin").unlink()
    return [path, *FLOAT], [r"weights\.bin"]


def external_data_too_short(folder):
    path = folder / "net.onnx"
    onnx.save(conv_model(weight_shape=(512, 1, 3, 3)), str(path), save_as_external_data=True, location="weights.bin",
              size_threshold=0)
    (folder / "weights.bin").write_bytes(b"1234")
    return [path, *FLOAT], [r"weights\.bin"]


def external_data_outside_its_folder(folder):
    path = folder / "net.onnx"
    onnx.save(conv_model(weight_shape=(512, 1, 3, 3)), str(path), save_as_external_data=True, location="weights.bin",
              size_threshold=0)
    path.write_bytes(path.read_bytes().replace(b"weights.bin", b"/etc/passwd"))
    return [path, *FLOAT], [r"/etc/passwd"]


def unknown_operators(folder):
    """All of them at once, with node names and counts."""
    extra = [helper.make_node("Teleport", ["y"], ["a"], "teleport_one"),
             helper.make_node("Teleport", ["a"], ["b"], "teleport_two"),
             helper.make_node("Fold", ["b"], ["z"], "space_fold", domain="com.example")]
    return [save(folder, conv_model(extra=extra)), *FLOAT], [
        r"Teleport", r"teleport_one", r"teleport_two", r"Fold", r"space_fold", r"\b2\b"]


def undefined_value(folder):
    model = conv_model()
    model.graph.node[0].input[0] = "nobody"
    return [save(folder, model), *FLOAT], [r"nobody"]


def cyclic_graph(folder):
    extra = [helper.make_node("Add", ["y", "b"], ["a"], "add_a"), helper.make_node("Relu", ["a"], ["b"], "relu_b")]
    return [save(folder, conv_model(extra=extra)), *FLOAT], [r"add_a|'b'|\"b\"|\bb\b"]


def output_that_nobody_makes(folder):
    return [save(folder, conv_model(output="nobody")), *FLOAT], [r"nobody"]


def dynamic_shape(folder):
    return [save(folder, conv_model(shape=("N", 1, "height", 8))), *FLOAT], [r"image", r"--shape"]


def int8_without_calibration(folder):
    return [save(folder, conv_model()), *INT8], [r"--calibrate-with"]


def unknown_policy(folder):
    return [save(folder, conv_model()), "--policy=int3000", "--emit=lib"], [r"int3000"]


def calibrated(folder, **arrays):
    np.savez(folder / "calib.npz", **arrays)
    return [save(folder, conv_model()), f"--calibrate-with={folder}/calib.npz", *INT8]


def sample(*shape):
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


def calibration_missing_file(folder):
    return [save(folder, conv_model()), f"--calibrate-with={folder}/nowhere.npz", *INT8], [r"nowhere\.npz"]


def calibration_of_wrong_name(folder):
    return calibrated(folder, picture=sample(4, 1, 8, 8)), [r"image", r"picture"]


def calibration_of_wrong_shape(folder):
    return calibrated(folder, image=sample(4, 1, 9, 8)), [r"image", r"9"]


def calibration_of_wrong_rank(folder):
    return calibrated(folder, image=sample(4, 64)), [r"image", r"64"]


def calibration_of_wrong_type(folder):
    return calibrated(folder, image=np.full((4, 1, 8, 8), 1 + 2j, np.complex64)), [r"image"]


def calibration_of_text(folder):
    return calibrated(folder, image=np.full((4, 1, 8, 8), "x")), [r"image"]


def calibration_without_samples(folder):
    return calibrated(folder, image=sample(0, 1, 8, 8)), [r"calib\.npz|image"]


def calibration_with_nan(folder):
    data = sample(4, 1, 8, 8)
    data[2, 0, 3, 3] = np.nan
    return calibrated(folder, image=data), [r"image", r"(?i)nan|finite", r"\b2\b"]


def calibration_with_infinity(folder):
    data = sample(4, 1, 8, 8)
    data[1, 0, 0, 0] = np.inf
    return calibrated(folder, image=data), [r"image", r"(?i)inf", r"\b1\b"]


def calibration_truncated(folder):
    words = calibrated(folder, image=sample(50, 1, 8, 8))
    path = folder / "calib.npz"
    path.write_bytes(path.read_bytes()[:3000])
    return words, [r"calib\.npz"]


def calibration_is_no_npz(folder):
    words = calibrated(folder, image=sample(2, 1, 8, 8))
    (folder / "calib.npz").write_text("samples\n")
    return words, [r"calib\.npz"]


def nan_weight(folder):
    model = conv_model()
    weight = np.full((2, 1, 3, 3), 0.5, np.float32)
    weight[1, 0, 0, 0] = np.nan
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(weight, "w"))
    np.savez(folder / "calib.npz", image=sample(4, 1, 8, 8))
    return [save(folder, model), f"--calibrate-with={folder}/calib.npz", *INT8], [r"first|\bw\b", r"(?i)nan|finite"]


def stale_statistics(folder):
    """Statistics of one model are refused for another."""
    np.savez(folder / "calib.npz", image=sample(4, 1, 8, 8))
    statistics = folder / "statistics.json"
    network.must([network.tool("quantization-opt"), save(folder, conv_model(), "old.onnx"), *INT8,
                  f"--calibrate-with={folder}/calib.npz", f"--save-statistics-to={statistics}", "-o", folder / "old.so"])
    model = save(folder, conv_model(weight_shape=(3, 1, 3, 3)))
    return [model, f"--load-statistics-from={statistics}", *INT8], [r"statistics\.json", r"calibrate"]


def statistics_of_another_schema(folder):
    (folder / "statistics.json").write_text('{"schema": 999, "model": "0", "samples": 1, "values": {}}')
    return [save(folder, conv_model()), f"--load-statistics-from={folder}/statistics.json", *INT8], [
        r"statistics\.json", r"999"]


def statistics_are_no_json(folder):
    (folder / "statistics.json").write_text("{")
    return [save(folder, conv_model()), f"--load-statistics-from={folder}/statistics.json", *INT8], [r"statistics\.json"]


def unwritable_output(folder):
    return [save(folder, conv_model()), *FLOAT, "-o", folder / "no" / "such" / "folder" / "net.so"], [r"net\.so"]


def output_is_a_folder(folder):
    (folder / "taken.so").mkdir()
    return [save(folder, conv_model()), *FLOAT, "-o", folder / "taken.so"], [r"taken\.so"]


CASES = [
    missing_file, model_is_a_folder, empty_file, truncated_file, truncated_inside_weights, text_instead_of_onnx,
    random_bytes, huge_weight, negative_weight_shape, weight_too_short, huge_input, negative_pads,
    channels_do_not_fit, missing_external_data, external_data_too_short, external_data_outside_its_folder,
    unknown_operators, undefined_value, cyclic_graph, output_that_nobody_makes, dynamic_shape,
    int8_without_calibration, unknown_policy, calibration_missing_file, calibration_of_wrong_name,
    calibration_of_wrong_shape, calibration_of_wrong_rank, calibration_of_wrong_type, calibration_of_text,
    calibration_without_samples, calibration_with_nan, calibration_with_infinity, calibration_truncated,
    calibration_is_no_npz, nan_weight, stale_statistics, statistics_of_another_schema, statistics_are_no_json,
    unwritable_output, output_is_a_folder,
]


def judge(case, folder, verdict):
    words, expected = case(folder)
    if "-o" not in words:
        words = [*words, "-o", folder / "out.so"]
    before = sorted(folder.rglob("*"))
    result = network.run([network.tool("quantization-opt"), *words], timeout=120)
    faults = []
    if result.returncode != 1:
        faults.append(f"exit status {result.returncode} instead of 1")
    errors = sum("error:" in line for line in result.stderr.splitlines())
    if errors != 1:
        faults.append(f"{errors} lines with `error:` instead of one")
    faults += [f"stderr does not match {pattern}" for pattern in expected if not re.search(pattern, result.stderr)]
    faults += [f"stderr says {word}" for word in CRASH if word in result.stderr]
    left = [str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path not in before]
    if left:
        faults.append(f"left behind: {', '.join(left)}")
    said = result.stderr.strip()
    verdict.check(not faults, f"{case.__name__}: {'; '.join(faults)}\n      {said[:600]}" if faults
                  else f"{case.__name__}: {said.splitlines()[0]}")


def main():
    base = network.scratch(sys.argv[1])
    verdict = network.Verdict()
    # The driver has to succeed on what the cases are variations of, or they would prove nothing.
    good = network.scratch(base / "good")
    network.compile_model(save(good, conv_model()), good / "float.so", *FLOAT)
    words = calibrated(good, image=sample(4, 1, 8, 8))
    network.compile_model(words[0], good / "int8.so", *words[1:])
    for case in CASES:
        judge(case, network.scratch(base / case.__name__), verdict)
    verdict.finish()


if __name__ == "__main__":
    main()

"""Makes the inputs of report-fidelity.test and checks its reports."""

import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[3]
DEMO = ROOT / "tools" / "dev" / "demo" / "digits.onnx"
POLICY = """version: 1
layers:
  - match: conv3
    weights: int8
    activations: q-2.6{round=half-away}
  - match: "*"
    weights: int8
    activations: uint8
"""


def check(condition, text):
    if not condition:
        sys.exit(f"FAIL: {text}")


def fidelity(path):
    return json.loads(pathlib.Path(path).read_text())["fidelity"]


def samples(folder):
    folder = pathlib.Path(folder)
    model = onnx.load(str(DEMO))
    name, shape = model.graph.input[0].name, [d.dim_value or 32 for d in model.graph.input[0].type.tensor_type.shape.dim]
    values = np.random.default_rng(1).uniform(0, 1, shape).astype(np.float32)
    np.savez(folder / "samples.npz", **{name: values})
    (folder / "coarse.yaml").write_text(POLICY)
    conv = next(node for node in model.graph.node if node.name == "conv3")
    for tensor in model.graph.initializer:
        if tensor.name == conv.input[1]:
            weights = numpy_helper.to_array(tensor).copy()
            weights[:, 0, 0, 0] *= 100  # one of each channel
            tensor.CopyFrom(numpy_helper.from_array(weights, tensor.name))
    onnx.save(model, str(folder / "outlier.onnx"))
    model = onnx.load(str(DEMO))
    conv = next(node for node in model.graph.node if node.name == "conv2")
    for tensor in model.graph.initializer:
        if tensor.name == conv.input[1]:
            weights = numpy_helper.to_array(tensor).copy()
            weights[3] *= 1000
            tensor.CopyFrom(numpy_helper.from_array(weights, tensor.name))
    onnx.save(model, str(folder / "loud.onnx"))


def outlier(good, bad):
    before, after = fidelity(good), fidelity(bad)
    worst = [min(entry[key] for key in ("sqnr_db", "channel_sqnr_db") if entry[key] is not None) for entry in before]
    check(worst == sorted(worst), "the worst are first")
    check(worst[0] > 20, f"int8 loses little: {before[0]}")
    check((after[0]["layer"], after[0]["of"]) == ("conv3", "weights"), f"the layer with outliers is first: {after[0]}")
    # What is large is held well: it is the many small ones that are lost.
    same = next(entry for entry in before if (entry["layer"], entry["of"]) == ("conv3", "weights"))
    check(after[0]["zero_share"] > same["zero_share"], f"most weights become zero: {after[0]}")


def loud(path):
    first = fidelity(path)[0]
    check((first["layer"], first["of"]) == ("conv2", "values"), f"the layer with a loud channel is first: {first}")
    check(first["sqnr_db"] > 20 and first["channel_sqnr_db"] < 3, f"its channels lose all, the tensor does not: {first}")


def coarse(path):
    first = fidelity(path)[0]
    check((first["layer"], first["of"], first["format"]) == ("conv3", "values", "q-2.6{round=half-away}"), f"the coarse format is first: {first}")
    check(first["saturated_share"] > 0.1, f"it saturates: {first}")


def figures(path, values):
    entry = fidelity(path)[0]
    with np.load(values) as data:
        exact = data["relu3"].astype(np.float64)
    codes = np.clip(np.round(exact * 64), -8, 7) / 64
    wanted = 10 * np.log10((exact ** 2).sum() / ((exact - codes) ** 2).sum())
    check(abs(wanted - entry["sqnr_db"]) < 0.1, f"SQNR: {entry['sqnr_db']}, numpy {wanted}")
    share = (exact > 7.5 / 64).mean()
    check(abs(share - entry["saturated_share"]) < 0.01, f"saturated: {entry['saturated_share']}, numpy {share}")


def ranges(path, values, inputs):
    with np.load(values) as data, np.load(inputs) as samples:
        arrays = {"conv1": data["relu1"], "conv2": data["relu2"], "conv3": data["relu3"], list(samples)[0]: samples[list(samples)[0]]}
    found = {entry["layer"]: entry["grid"] for entry in fidelity(path) if entry["of"] == "values"}
    for name, array in arrays.items():
        m = int(np.ceil(np.log2(np.abs(array).max())))  # the least with |x| <= 2^m
        check(found[name] == f"q{m + 1}.{15 - m}", f"{name}: {found[name]}, by the definition q{m + 1}.{15 - m}")


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])

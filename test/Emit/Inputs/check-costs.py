"""Checks reports of costs of the demo's network: check-costs.py CASE FILE ..."""

import json
import pathlib
import sys

import numpy as np
import onnx
from onnx import numpy_helper

DIGITS = pathlib.Path(__file__).resolve().parents[3] / "tools/dev/demo/digits.onnx"


def costs_of(path):
    return json.loads(pathlib.Path(path).read_text())["costs"]


def by_layer(costs, key):
    return {layer["layer"]: layer.get(key) for layer in costs["layers"]}


def expect(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: expected {wanted}, found {found}")


def expect_near(what, found, wanted, tolerance=1e-9):
    if not abs(found - wanted) <= tolerance:
        sys.exit(f"{what}: expected {wanted}, found {found}")


def elements(costs):
    return {stage["stage"]: stage["elements"] for stage in costs["traffic"]["stages"]}


# By hand: 1x8x8, conv 16, relu, conv 24, relu, pool to 24x4x4, conv 32, relu, matrix to 10.
ELEMENTS = {"conv1": 64 + 3 * 1024, "conv2": 1024 + 3 * 1536 + 1536 + 384, "conv3": 384 + 3 * 512, "gemm": 512 + 10}
MULTIPLICATIONS = {"conv1": 64 * 16 * 9, "conv2": 64 * 24 * 144, "conv3": 16 * 32 * 216, "gemm": 5120}


def digits(path):
    costs = costs_of(path)
    total, traffic = costs["total"], costs["traffic"]
    expect("sublayers", traffic["sublayers"], "as in the file")
    expect("traffic", elements(costs), ELEMENTS)
    expect("members", traffic["stages"][1]["layers"], ["conv2", "relu2", "pool"])
    expect("multiplications", by_layer(costs, "multiplications"), MULTIPLICATIONS)
    expect("by width", total["multiplications_by_width"], {"w8a8": sum(MULTIPLICATIONS.values())})
    expect("compute cost", total["compute_cost"], 16 * sum(MULTIPLICATIONS.values()))
    weights, biases = 144 + 3456 + 6912 + 5120, 16 + 24 + 32 + 10
    expect("weights", (total["weights"], total["weight_bytes"], total["parameters"]), (weights, weights, weights + biases))
    expect("activations", total["activation_bytes"], 1024 + 1536 + 512 + 10)
    expect("peak", (total["peak_live_bytes"], total["peak_live_in"]), (1024 + 1536, "conv2"))
    expect_near("batched", traffic["batched"]["ratio"], 0.25)
    expect("unbatched", traffic["unbatched"]["bits"], 8 * (sum(ELEMENTS.values()) + weights))
    expect("skippable", total["skippable_multiplications"], None)
    # 64 positions, 16 of 16 filters, 9 of 16 products; 64 x 2 x 9; 16 x 2 x 14; 1 x 32.
    expect("cycles", by_layer(costs, "modelled_cycles"), {"conv1": 64, "conv2": 1152, "conv3": 448, "gemm": 32})


def samples(path):
    random = np.random.default_rng(5)
    np.savez(path, image=np.maximum(random.standard_normal((20, 1, 8, 8)), 0).astype(np.float32))


def zeros(path, data):
    """The same shares from numpy."""
    model = onnx.load(DIGITS)
    tensors = {t.name: numpy_helper.to_array(t).astype(np.float64) for t in model.graph.initializer}

    def conv(x, i):
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), (3, 3), axis=(2, 3))
        return np.maximum(np.einsum("nchwij,ocij->nohw", windows, tensors[f"w{i}"]) + tensors[f"b{i}"][:, None, None], 0)

    x = np.load(data)["image"].astype(np.float64)
    first = conv(x, 1)
    second = conv(first, 2)
    pooled = second.reshape(*second.shape[:2], 4, 2, 4, 2).max(axis=(3, 5))
    inputs = {"conv1": x, "conv2": first, "conv3": pooled, "gemm": conv(pooled, 3)}
    costs = costs_of(path)
    shares, skippable = by_layer(costs, "zero_share"), by_layer(costs, "skippable_multiplications")
    for layer, values in inputs.items():
        expect_near(f"zeros of {layer}", shares[layer], np.mean(values == 0), 1e-3)
        expect(f"skippable in {layer}", skippable[layer], round(shares[layer] * MULTIPLICATIONS[layer]))
    expect("skippable", costs["total"]["skippable_multiplications"], sum(skippable.values()))


def same(one, other):
    expect("costs", costs_of(one), costs_of(other))


def qdq(path):
    costs = costs_of(path)
    expect("weights", by_layer(costs, "weight_bits"), dict.fromkeys(MULTIPLICATIONS, 8))
    expect("inputs", by_layer(costs, "input_bits"), dict.fromkeys(MULTIPLICATIONS, 8))
    expect("traffic", elements(costs), ELEMENTS)
    expect("peak", costs["total"]["peak_live_bytes"], 1024 + 1536)


def ir(path, original):
    costs, first = costs_of(path), costs_of(original)
    expect("sublayers", costs["traffic"]["sublayers"], "as in the IR")
    costs["traffic"]["sublayers"] = "as in the file"
    expect("costs", costs, first)  # nothing of this network is folded


def stages(path):
    costs = costs_of(path)
    traffic = costs["traffic"]
    # conv2's pool follows; the matrix stands alone.
    expect("stages", [(s["stage"], s["layers"], s.get("counted", True)) for s in traffic["stages"]],
           [("front", ["conv1", "relu1", "conv2", "relu2", "pool"], True), ("conv3", ["conv3", "relu3"], False), ("gemm", ["gemm"], True)])
    front = ELEMENTS["conv1"] + ELEMENTS["conv2"]
    expect("bits", traffic["batched"]["bits"], 5 * front + 8 * ELEMENTS["gemm"])
    expect_near("ratio", traffic["batched"]["ratio"], (5 * front + 8 * 522) / (32 * (front + 522)))
    expect("weight bits", traffic["stages"][0]["weight_bits"], 3 * (144 + 3456))
    # The image takes the format of its reader.
    expect("inputs", by_layer(costs, "input_bits"), {"conv1": 5, "conv2": 5, "conv3": 5, "gemm": 5})
    expect("widths", costs["total"]["multiplications_by_width"],
           {"w3a5": sum(MULTIPLICATIONS.values()) - 5120, "w8a5": 5120})
    # Tiles of 4 by 8: 64 x 4 x 2, 64 x 6 x 18, 16 x 8 x 27, 3 x 64.
    cycles = {"conv1": 512, "conv2": 6912, "conv3": 3456, "gemm": 192}
    expect("cycles", by_layer(costs, "modelled_cycles"), cycles)
    expect("table", costs["model"]["table"], "a tile for tests")
    expect_near("energy", costs["model"]["energy_uj"], 10e-3 * sum(cycles.values()) / 100)
    expect_near("saving", costs["model"]["saving_over_float"]["area"], 0.8)


globals()[sys.argv[1]](*sys.argv[2:])

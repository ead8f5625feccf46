"""This test asks whether each number format means what it says: format-bits.py SCRATCH.

A small random network is compiled under many policies and compared, value by value and bit by bit, with a definition in numpy that shares
nothing with the compiler (rules by number: docs/Numerics.md), on plain loops, on this machine and on the micro-kernels of others.
"""

import json
import math
import re
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import network

SAMPLES, SEED = 3, 11
# The name of a case: weights and activations of the inner layers, the input's format.
CASES = {
    "q": ("q2.6{round=half-away, saturate=symmetric}", "q4.4{round=half-away, saturate=symmetric}", "q3.5{round=half-away}"),
    "q-truncate": ("q2.4{round=truncate}", "q4.3{round=truncate}", "q3.3{round=truncate}"),
    "q16": ("q2.14{round=half-away}", "q6.10{round=half-away}", "q4.12{round=half-away}"),
    "q-narrow": ("q1.1", "q3.0", "q2.1"),
    "dfp8": ("dfp8", "dfp8{unsigned}", "dfp8"),
    "dfp16": ("dfp4{per=channel}", "dfp16{saturate=symmetric, round=half-away}", "dfp12"),
    "wrpn2": ("wrpn2", "wrpn2", "wrpn8"),
    "wrpn4": ("wrpn4", "wrpn4", "wrpn4"),
    "wrpn1": ("wrpn3", "wrpn1", "wrpn8"),
    "pow2-3": ("pow2{bits=3}", "uint8", "uint8"),
    "pow2-4": ("pow24", "uint8", "uint8"),
    "pow2-5": ("pow2{bits=5, per=channel}", "dfp16", "uint8"),
    "pow2-6": ("pow26", "dfp8", "dfp8"),
    "binary": ("binary", "uint8", "uint8"),
    "binary-tensor": ("binary{per=tensor}", "uint1", "uint2"),
    "binary-binary": ("binary", "binary", "int8"),
    "binary-bits": ("binary{per=tensor}", "wrpn1", "uint8"),
    "binary-3": ("binary", "uint3", "binary"),
    "ternary": ("ternary", "dfp8", "dfp8"),
    "ternary-4": ("ternary{cluster=4}", "uint8", "uint8"),
    "int4": ("int4", "uint4", "uint8"),
    "int4-block": ("int4{block=4}", "uint8", "uint8"),
    "int2-block": ("int2{block=8}", "uint4", "uint8"),
    "int2": ("int2{per=tensor}", "uint3", "int5"),
    "int7": ("int7", "uint8", "uint8"),
    "int6": ("int6", "uint8", "uint8"),
    "int5": ("int5", "uint8", "int8"),
    "int3": ("int3", "int8", "uint8"),
    "int3-int16": ("int3", "int16", "int6"),
    "int8-uint16": ("int8", "uint16", "int16"),
}
TARGETS = {"plain": ["--mcpu=x86-64"], "this machine": [], "2 threads": ["--threads=2"]} | {
    cpu: [f"--mcpu={cpu}", "--emulate-kernels"] for cpu in ("znver4", "alderlake", "haswell", "skylake-avx512", "sapphirerapids")}
# Without multiplications, where weights are powers of two.
SHIFTS = {"shifts": ["--lowering=conv*:shift"], "plain shifts": ["--lowering=conv*:shift", "--mcpu=x86-64"]}
# Signs, eight to a byte, which are chosen for large matrices only.
SIGNS = {f"{kernel} on {cpu}": [f"--mcpu={cpu}", "--emulate-kernels", f"--lowering=conv2:{kernel}"] for cpu, kernel in (
    ("znver4", "vnni512-w1"), ("alderlake", "vnni256-w1"), ("haswell", "maddub256x8-w1"), ("skylake-avx512", "maddub512x8-w1"))}
# Ternary convolutions as additions, which are chosen for larger images only.
ADDITIONS = {f"{kernel} on {cpu}": [f"--mcpu={cpu}", "--emulate-kernels", f"--lowering=conv*:{kernel}"]
             for cpu, kernel in (("znver4", "adds512"), ("haswell", "adds256"))}
# Kernels for narrow codes that some case must have used on "haswell": else nothing would be tested.
NARROW = {"lookup256", "subsets256", "maddub256", "maddub256x2", "maddub256x4", "maddub256x8-w4", "maddub256x16-w4", "maddub256x64-w4"}


# --- the definition -------------------------------------------------------------------------------------------------------------------

def rounded(values, how):
    """Exact for numbers of float64 (R1)."""
    values = np.asarray(values, np.float64)
    whole = np.trunc(values)
    rest = np.abs(values - whole)
    if how == "truncate":
        return whole
    if how == "sign":  # R35
        return np.where(values < 0, -1, 1)
    out = (rest > 0.5) | ((rest == 0.5) & ((whole % 2 != 0) | (how == "half-away")))
    return whole + np.where(out, np.sign(values), 0)


def options(text):
    name, _, rest = text.partition("{")
    parts = [part.strip() for part in rest.rstrip("}").split(",") if part.strip()]
    return name, dict(part.split("=") if "=" in part else (part, "") for part in parts)


def power_above(extent):
    """The least m with 2^m >= extent."""
    mantissa, exponent = math.frexp(extent)
    return exponent - (mantissa == 0.5)


class Grid:
    def __init__(self, scale, zero, lo, hi, how="half-even"):
        self.scale, self.zero, self.lo, self.hi, self.how = np.float32(scale), zero, lo, hi, how

    def codes(self, values):
        steps = (np.asarray(values, np.float32) / self.scale).astype(np.float32)  # R3
        return np.clip(rounded(steps, self.how) + self.zero, self.lo, self.hi).astype(np.int64)


def fixed_point(name, opts, extent):
    if name.startswith("q"):
        before, behind = (int(part) for part in name[1:].split("."))
        width, scale = before + behind, 2.0 ** -behind
    else:
        width = int(name[3:])
        scale = 2.0 ** (power_above(extent) - width + (0 if "unsigned" in opts else 1)) if extent > 0 else 1.0
    hi = 2 ** width - 1 if "unsigned" in opts else 2 ** (width - 1) - 1
    lo = 0 if "unsigned" in opts else -hi if opts.get("saturate") == "symmetric" else -hi - 1
    return Grid(scale, 0, lo, hi, opts.get("round", "half-even"))


def grid_of_values(text, low, high):
    name, opts = options(text)
    if name[0] == "q" or name.startswith("dfp"):
        return fixed_point(name, opts, max(high, 0.0) if "unsigned" in opts else max(abs(low), abs(high)))
    if name.startswith("wrpn"):
        hi = 2 ** int(name[4:]) - 1
        return Grid(1 / hi, 0, 0, hi)
    if name == "binary":
        return Grid(max(abs(low), abs(high)), 0, -1, 1, "sign")
    if name.startswith("int"):  # symmetric (R6)
        hi = 2 ** (int(name[3:]) - 1) - 1
        return Grid(max(abs(low), abs(high)) / hi, 0, -hi - 1, hi)
    hi = 2 ** int(name[4:]) - 1  # asymmetric (R5)
    low, high = min(low, 0.0), max(high, 0.0)
    scale = np.float32((high - low) / hi)
    return Grid(scale, int(np.clip(rounded(-low / np.float64(scale), "half-even"), 0, hi)), 0, hi)


def per_channel(text):
    return {"channel": True, "tensor": False}[options(text)[1].get("per", "channel" if text[0] in "ibt" else "tensor")]


def nearest_power(values):
    """The exponent of the nearest power of two in the logarithm; of 0 anything."""
    mantissa, exponent = np.frexp(np.abs(values))
    return exponent - (mantissa < math.sqrt(0.5))


def in_clusters(row, weights, inputs):
    """The weights of each cluster of input channels (R40)."""
    every = weights[0, 0].size * (inputs or weights.shape[1])
    return [row[start:start + every] for start in range(0, row.size, every)]


def ternary(values):
    """Signs of the largest and their mean, with the least errors."""
    magnitudes = np.sort(np.abs(values))[::-1]
    sums = np.cumsum(magnitudes)
    count = np.argmax(sums * sums / np.arange(1, values.size + 1)) + 1
    return (np.sign(values) * (np.abs(values) >= magnitudes[count - 1])).astype(np.int64), sums[count - 1] / count


def quantized_weights(text, weights):
    """Codes, and a scale for each channel (axis 0)."""
    name, opts = options(text)
    flat = weights.reshape(len(weights), -1).astype(np.float64)
    rows = flat if per_channel(text) else flat.reshape(1, -1)
    codes, scales = [], []
    for row in rows:
        extent = float(np.abs(row).max())
        if name[0] == "q" or name.startswith("dfp"):
            grid = fixed_point(name, opts, extent)
            code, scale = grid.codes(row), grid.scale
        elif name.startswith("wrpn"):
            hi = 2 ** (int(name[4:]) - 1) - 1
            code, scale = rounded(np.clip(row * hi, -hi, hi), "half-even").astype(np.int64), np.float32(1 / hi)
        elif name.startswith("pow2"):
            bits = int(opts.get("bits", name[4:] or 0))
            last = 2 ** (bits - 1) - 2
            scale = np.float32(2.0 ** float(nearest_power(extent) - last))
            steps = row / np.float64(scale)
            code = np.sign(steps) * 2.0 ** np.clip(nearest_power(steps), 0, last)
            code = np.where(np.abs(steps) < 0.5, 0, code).astype(np.int64)
        elif name == "binary":
            scale = np.float32(np.abs(row).mean())
            code = np.where(row >= 0, 1, -1)
        elif name == "ternary":
            clusters = [ternary(part) for part in in_clusters(row, weights, int(opts.get("cluster", 0)))]
            largest = max(factor for _, factor in clusters)
            single = len(clusters) == 1
            scale = np.float32(largest if single else largest / 127)
            code = np.concatenate([signs * (1 if single else int(np.rint(factor / np.float64(scale)))) for signs, factor in clusters])
        elif "block" in opts:  # the weights are products of codes and multipliers (R36)
            code, scale = np.rint(row * 1024).astype(np.int64), np.float32(1 / 1024)
        else:  # the weights lie on the grid: nothing is left to choose (R7)
            hi = 2 ** (int(name[3:]) - 1) - 1
            grid = Grid(extent / hi, 0, -hi, hi)
            code, scale = grid.codes(row), grid.scale
        codes.append(code), scales.append(scale)
    return np.stack(codes).reshape(weights.shape), np.array(scales if len(scales) > 1 else scales * len(weights), np.float32)


def multiplier(real, bound):
    """R11 and R16."""
    def mantissa(shift):
        return int(rounded(math.ldexp(real, shift), "half-even"))
    shift = min(31 - math.frexp(real)[1], 62)
    if mantissa(shift) >= 2 ** 31:
        shift -= 1
    while bound * mantissa(shift) + (1 << shift >> 1) >= 2 ** 63:
        shift -= 1
    return mantissa(shift), shift


def rescaled(sums, real, bound, grid):
    """R15, in Python's integers."""
    factor, shift = multiplier(real, bound)

    def one(value):
        product = int(value) * factor
        below, rest, half = product >> shift, product & ((1 << shift) - 1), 1 << shift >> 1
        if grid.how == "sign":
            below = -1 if value < 0 else 1
        elif grid.how == "truncate":
            below += product < 0 and rest != 0
        elif shift:
            below += rest > half or (rest == half and (below & 1 if grid.how == "half-even" else product >= 0))
        return min(max(below + grid.zero, grid.lo), grid.hi)
    return np.vectorize(one, otypes=[np.int64])(sums)


def convolved(x, weights):
    """3 x 3 or 1 x 1, as large as before; of integers."""
    reach = weights.shape[2] // 2
    padded = np.pad(x, ((0, 0), (0, 0), (reach, reach), (reach, reach)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape[2:], axis=(2, 3))
    return np.einsum("nchwij,ocij->nohw", windows, weights)


def layer(x, grid, weights, bias, text, operation):
    """The sums of a layer, their scales and bound (R8, R10); `grid` is that of x."""
    codes, scales = quantized_weights(text, weights)
    accumulator = (grid.scale * scales).astype(np.float32)
    biases = rounded(bias.astype(np.float64) / accumulator.astype(np.float64), "half-even").astype(np.int64)
    sums = operation(x - grid.zero, codes)
    reach = max(abs(grid.hi - grid.zero), abs(grid.lo - grid.zero))
    bound = int(max(abs(int(b)) + reach * int(np.abs(row).sum()) for b, row in zip(biases, codes.reshape(len(codes), -1))))
    return sums + biases.reshape([-1] + [1] * (sums.ndim - 2)), scales, accumulator, bound


def definition(case, model, ranges, x):
    """The codes of all layers, the values of the last."""
    weights_text, values_text, input_text = case
    w = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    grid = grid_of_values(input_text, *ranges["x"])
    value, values = grid.codes(x), {}
    for name in ("conv1", "conv2"):
        sums, scales, _, bound = layer(value, grid, w[f"{name}_w"], w[f"{name}_b"], weights_text, convolved)
        out = grid_of_values(values_text, *ranges[name])
        real = [float(np.float64(grid.scale) * np.float64(s) / np.float64(out.scale)) for s in scales]
        value = np.stack([rescaled(sums[:, c], real[c], bound, out) for c in range(sums.shape[1])], axis=1)
        value, grid = value if out.how == "sign" else np.maximum(value, out.zero), out  # ReLU (R14)
        values[name] = value
    flat = value.reshape(len(value), -1)
    sums, _, accumulator, bound = layer(flat, grid, w["fc_w"].T, w["fc_b"], of_matrix(weights_text), lambda a, b: a @ b.T)
    shift = max(0, bound.bit_length() - 31)  # R26
    sums = rounded(np.ldexp(sums.astype(np.float64), -shift), "half-even")
    values["fc"] = (sums.astype(np.float32) * np.ldexp(accumulator, shift)).astype(np.float32)
    return values


def of_matrix(weights_text):
    """Signs by a vector have kernels of their own; the other matrices have 8 bits."""
    return weights_text if weights_text.startswith(("binary", "ternary")) else "int8"


# --- the network ----------------------------------------------------------------------------------------------------------------------

def on_grid(random, shape, text):
    """Weights on the grid of an integer format, its last code in each channel; of other formats any."""
    name = options(text)[0]
    if not name.startswith("int"):
        return random.uniform(-1.2, 1.2, shape).astype(np.float32)
    hi = 2 ** (int(name[3:]) - 1) - 1
    if block := int(options(text)[1].get("block", 0)):  # each with its last code, one of each channel with the largest multiplier
        codes, most = random.integers(-hi, hi + 1, shape), 127 // hi
        for start in range(0, shape[1], block):
            codes[:, start, 0, 0] = hi
            codes[:, start:start + block] *= random.integers(1, most + 1, (shape[0], 1, 1, 1)) if start else most
        return (codes / 1024).astype(np.float32)
    codes = random.integers(-hi, hi + 1, shape)
    codes.reshape(len(codes), -1)[:, 0] = hi
    return (codes * np.float32(2.0 ** -6)).astype(np.float32)


def build(random, weights_text, values_text):
    inputs, middle, outputs = (int(v) for v in random.integers(3, 40, 3))
    if values_text in ("binary", "wrpn1"):  # so many that they are counted in words
        middle = int(random.integers(17, 75))
    if weights_text == "binary" and values_text == "uint8":
        middle = (middle + 7) // 8 * 8
    size, classes = int(random.integers(3, 9)), 7
    if weights_text.startswith("binary"):
        classes = int(random.integers(128, 200))
    if values_text == "uint8" and weights_text == "binary":  # sums of bytes that 16 bits do not hold
        outputs, size = max(outputs, 37), 11
    kernel = int(random.choice([1, 3]))
    tensors = {"conv1_w": on_grid(random, (middle, inputs, 3, 3), weights_text),
               "conv2_w": on_grid(random, (outputs, middle, kernel, kernel), weights_text),
               "fc_w": on_grid(random, (classes, outputs * size * size), of_matrix(weights_text)).T.copy()}
    for name, channels in (("conv1", middle), ("conv2", outputs), ("fc", classes)):
        fan = tensors[f"{name}_w"].size / channels
        tensors[f"{name}_b"] = (random.standard_normal(channels) * 0.05 * np.sqrt(fan)).astype(np.float32)
    nodes = [helper.make_node("Conv", ["x", "conv1_w", "conv1_b"], ["c1"], "conv1", pads=[1] * 4),
             helper.make_node("Relu", ["c1"], ["r1"], "relu1"),
             helper.make_node("Conv", ["r1", "conv2_w", "conv2_b"], ["c2"], "conv2", pads=[kernel // 2] * 4),
             helper.make_node("Relu", ["c2"], ["r2"], "relu2"),
             helper.make_node("Flatten", ["r2"], ["f"], "flatten"),
             helper.make_node("Gemm", ["f", "fc_w", "fc_b"], ["y"], "fc")]
    if values_text == "binary":  # no sign of what a ReLU gives is -1
        nodes = [node for node in nodes if node.op_type != "Relu"]
        nodes[1].input[0], nodes[2].input[0] = "c1", "c2"
    graph = helper.make_graph(nodes, "formats", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", inputs, size, size])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["N", classes])],
                              [numpy_helper.from_array(value, name) for name, value in tensors.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7), (inputs, size, size)


def judge(name, case, folder, verdict, used):
    random = np.random.default_rng([SEED, *name.encode()])
    model, shape = build(random, case[0], case[1])
    onnx.save(model, str(folder / "model.onnx"))
    samples = random.uniform(-1, 2, (SAMPLES, *shape)).astype(np.float32)
    np.savez(folder / "x.npz", x=samples)
    weights, values, inputs = case
    (folder / "policy.yaml").write_text(f"""version: 1
input: {inputs}
layers:
  - match: fc
    weights: {of_matrix(weights)}
    activations: {values}
  - match: "*"
    weights: {weights}
    activations: {values}
""")
    form = network.compile_model(folder / "model.onnx", folder / "form.mlir", f"--policy={folder / 'policy.yaml'}", "--to=additive",
                                 f"--calibrate-with={folder / 'x.npz'}", f"--save-statistics-to={folder / 'ranges.json'}",
                                 "--layers=outputs", "--quiet")
    recorded = json.loads((folder / "ranges.json").read_text())
    ranges = {entry: (value["min"], value["max"]) for entry, value in recorded["values"].items()}
    wanted = definition(case, model, ranges, samples)
    lowered = network.compile_model(form, folder / "lowered.mlir", "--set-target=triple=x86_64-unknown-linux-gnu cpu=haswell",
                                    "--select-lowering", "--quiet")
    used.update(re.findall('lowering = "(.*?)"', lowered.read_text()))
    hasShifts, hasSigns = case[0].startswith(("pow2", "binary")), case[:2] == ("binary", "uint8")
    hasAdditions = case[0].startswith("ternary")
    for target, flags in (TARGETS | (SHIFTS if hasShifts else {}) | (SIGNS if hasSigns else {}) | (ADDITIONS if hasAdditions else {})).items():
        artifact = network.compile_model(form, folder / "model.so", "--from=additive", "--emit=lib", "--quiet", *flags)
        outputs, _ = network.execute(artifact, folder / "x.npz", folder)
        for layer_name, value in wanted.items():
            ours = outputs.get(layer_name)
            wrong = value.size if ours is None else int((ours.reshape(value.shape) != value).sum())
            verdict.check(wrong == 0, f"{name} on {target}, {layer_name}: {wrong} of {value.size} values are others")


def main():
    base = network.scratch(sys.argv[1])
    verdict, used = network.Verdict(), set()
    for name, case in CASES.items():
        if len(sys.argv) > 2 and name not in sys.argv[2:]:
            continue
        judge(name, case, network.scratch(base / name), verdict, used)
    if len(sys.argv) <= 2:
        verdict.check(used >= NARROW, f"kernels {sorted(NARROW - used)} were used by no case")
    verdict.finish()


if __name__ == "__main__":
    main()

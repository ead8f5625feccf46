#!/usr/bin/env python3
"""Writes docs/Walk.md: one small network at the door of every room, as the compiler really leaves it.

    tools/dev/make-walk.py            writes the page
    tools/dev/make-walk.py --check    fails, with a diff, where the page in docs/ is stale (test/Pipeline/walk.test)

The prose of each room is below in ROOMS; the lists of passes are read from lib/Pipeline/Forms.cpp and
lib/Target/Portable/Portable.cpp, their one-line descriptions from the Passes.td of the rooms, and the IR from quantization-opt.
"""

import argparse
import ctypes
import difflib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "Walk.md"
SAMPLES = 8

INTRO = """\
# Walk

One small network on its way from ONNX to machine code, as the compiler leaves it at the door of every room. This page is
written by `tools/dev/make-walk.py`, and `test/Pipeline/walk.test` fails when it no longer says what the compiler does; so
do not edit it, but run the script again.

The network reads images of 6×6 pixels: a convolution of 3×3 from one channel to two, ReLU, a max pool of 2×2, and a matrix
to two scores. Its weights and the {samples} calibration samples follow from formulas in the script. The command, for each
form:

    quantization-opt walk.onnx --calibrate-with=calibration.npz --policy=int8 {machine} --to=FORM

To keep the IR readable, long lists of numbers are cut (`…`), attributes that say nothing (strides and dilations of 1, one
group, no padding) are left out, and quantized types have names. Words are explained in the [Glossary](Glossary.md), rules
(R1, …) in [Numerics](Numerics.md). How to look at any network like this: [Debugging](Debugging.md).
"""

# A machine whose kernels the page shows, whatever the one that writes it.
MACHINE = ["--mtriple=x86_64-linux-gnu", "--mcpu=znver4"]

# Room, function in Forms.cpp, form at its door, what it does.
ROOMS = [
    ("The file", None, "raw", """\
The importer ([OnnxImporter.cpp](../lib/Import/OnnxImporter.cpp)) reads the file and nothing more: each ONNX node becomes an
`nn.onnx` with the node's attributes, each initializer an `nn.constant`. It knows no operator; shapes of results are still
unknown (`tensor<*xf32>`). The leading batch `N`, which the model leaves open, is compiled as 1."""),
    ("Import", "buildImport", "network", """\
Every node becomes a layer of the dialect `nn`, with a static shape and a unique name, and what arithmetic on constants can do
is done. Each ONNX operator is one function in [lib/Import/Ops](../lib/Import/Ops); [AddAnOperator](AddAnOperator.md) shows
how one is added. Here ReLU has become a clamp, Flatten a reshape, and `transB` of the Gemm has turned its constant weights.
A file that is quantized already brings `nn.quantize` and `nn.dequantize` along, and the next two rooms leave it as it is
([0016](decisions/0016-quantized-files.md))."""),
    ("Calibrate", "buildCalibrate", "observed", """\
Each value that may get a number format passes through an `nn.observe`. The float network is compiled in memory and run on all
samples, and each observer keeps what it saw: extremes, zeros and a histogram (R21). It looks at the value where that has just been
written, so observing takes no memory for values. The clamp belongs to the convolution:
there is one observer, behind it. Nothing is decided yet: statistics become a range only when the format is known."""),
    ("Assign", "buildAssign", "assigned", """\
The policy says which format each value and each weight gets; here the policy is the word `int8`. Nothing numeric changes.
Values that are only moved (the max pool and the reshape) share one format *and* one statistic, so that no rescale is needed
between them: compare the statistics of `conv`, `pool` and `flatten` with those above."""),
    ("Quantize", "buildQuantize", "simulated", """\
Formats choose types: each observer becomes `nn.quantize` and `nn.dequantize`, with the scale and zero point in the type.
From here on no pass knows the word `int8`. Weights and biases are encoded as integers. This form still computes in f32 and
is exactly what ONNX writes as QDQ; `--emit=onnx-qdq` writes it down."""),
    ("Fold", "buildFold", "integral", """\
Dequantize, layer, quantize become a layer on integers and one `fixed.rescale` from its accumulator to the stored values of the
result (R8 to R17). The clamp has vanished into the bounds of the rescale (R14). Between the first quantize and the last
dequantize nothing is floating point. `rounding` 0 is half-even, 2 is half-up, taken where ties are proved impossible (R17)."""),
    ("Ternary", "buildTernary", "additive", """\
Contractions with weights of −1, 0 and 1 become sums. [Ternary](Ternary.md) codes are weights like others up to here, and their kernels are chosen
in the next room, so this one has no pass and the form is the same as the one before. [SignedSums](../lib/Ternary/SignedSums.cpp) plans the sums of
kernels that add."""),
    ("Tile", "buildTile", "tiled", """\
Every value gets a memory order (channels last). The target's model is asked for a micro-kernel for each convolution and matrix
product, which becomes a `fixed.contract` with packed weights and with what follows it in its region; every other layer becomes
loops over plain integers (`linalg`). Zero points of inputs are folded into the biases (R9). Tensors become buffers, and all
buffers lie in one arena, the last argument. Here the constants of `arith` are left out, and loop nests show no bodies."""),
    ("Target", "buildTarget", "lowered", """\
Micro-kernels are written out as loops around a tile of accumulators that stays in registers, other loops on vectors, and what
remains is LLVM's dialect: one function `quantization_sample(inputs…, outputs…, arena)`, and private functions that it calls.
[AddATarget](AddATarget.md) tells what a target is. Shown are the functions (each argument is a pointer, marked as overlapping no
other) and of the first kernel the first lines of the innermost loop."""),
]

EMIT = """\
## Emit: lowered → artifact

[lib/Emit](../lib/Emit) translates the module to LLVM IR, links the run-time code
([runtime.c](../lib/Emit/Runtime/runtime.c), bitcode inside the compiler) into it, exports the functions of the ABI
([Artifact.h](../include/quantization-c/Artifact.h)), hides everything else, optimizes, generates code and links it with lld
inside the process ([0026](decisions/0026-artifacts-written-at-once.md) says why the file is then written once more). What `--emit=c-header` writes for this network, after the ABI itself:
"""

OUTCOME = """\
The same library in float (`--policy=float`) and in int8 on the first calibration sample:
"""


def formula(shape, step):
    """Weights between -1 and 1."""
    count = int(np.prod(shape))
    return ((np.arange(count) * step % 17 - 8) / 8).astype(np.float32).reshape(shape)


def make_files(folder):
    nodes = [
        helper.make_node("Conv", ["image", "conv.weight", "conv.bias"], ["conv"], name="conv", pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["conv"], ["relu"], name="relu"),
        helper.make_node("MaxPool", ["relu"], ["pool"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Flatten", ["pool"], ["flatten"], name="flatten"),
        helper.make_node("Gemm", ["flatten", "fc.weight", "fc.bias"], ["scores"], name="fc", transB=1),
    ]
    weights = {"conv.weight": formula((2, 1, 3, 3), 5), "conv.bias": np.float32([0.5, -0.25]),
               "fc.weight": formula((2, 18), 7), "fc.bias": np.float32([0.125, -0.125])}
    for weight in ("conv.weight", "fc.weight"):
        weights[weight][1] /= 2  # so that the two output channels have scales of their own
    graph = helper.make_graph(
        nodes, "walk", [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["N", 1, 6, 6])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["N", 2])],
        [numpy_helper.from_array(value, name) for name, value in weights.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), folder / "walk.onnx")
    images = (np.arange(SAMPLES * 36) * 29 % 101 - 50) / 50
    images = images.astype(np.float32).reshape(SAMPLES, 1, 6, 6)
    np.savez(folder / "calibration.npz", image=images)
    return images


# ---------------------------------------------------------------------------------------------------------------------
# The passes of a room
# ---------------------------------------------------------------------------------------------------------------------


def function_body(source, name):
    start = re.search(rf"void (?:quantization::)?{name}\(", source).start()
    line = source[start:source.index("\n", start)]
    return line if "{}" in line else source[start:source.index("\n}", start)]


def passes_of(function):
    """(name, always run) of each pass that the C++ function adds, in order."""
    forms = (ROOT / "lib/Pipeline/Forms.cpp").read_text()
    portable = (ROOT / "lib/Target/Portable/Portable.cpp").read_text()
    text = function_body(portable, "buildPortablePipeline") if function == "buildTarget" else function_body(forms, function)
    found = []
    for line in text.splitlines():
        match = re.search(r"(?:addPass|addNestedPass<[\w:]+>)\((?:\w+::)*create(\w+?)(?:Pass)?\(", line)
        if match:
            found.append((match.group(1), line.startswith("  manager")))
    return found


def described():
    """C++ name of each of the project's passes -> (flag, summary)."""
    result = {}
    for path in sorted((ROOT / "include/quantization").glob("*/Passes.td")):
        for name, flag, summary in re.findall(r'def (\w+) : Pass<"([\w-]+)".*?let summary = "(.*?)";', path.read_text(), re.S):
            result[name] = (flag, summary)
    return result


def pass_table(function):
    ours, lines, upstream = described(), [], []
    for name, always in passes_of(function):
        if name not in ours:
            upstream.append(name)
            continue
        flag, summary = ours[name]
        source = next((ROOT / "lib").rglob(f"{name}.cpp")).relative_to(ROOT)
        lines.append(f"| [`{flag}`](../{source}) | {summary}{'' if always else ' (where flags ask for it)'} |")
    text = "\n".join(["| pass | what it does |", "|---|---|"] + lines) if lines else ""
    if upstream:
        names = ", ".join(dict.fromkeys(f"`{name}`" for name in upstream))
        text += f"\n\nBetween and after them, passes of upstream MLIR: {names}."
    return text


# ---------------------------------------------------------------------------------------------------------------------
# Readable IR
# ---------------------------------------------------------------------------------------------------------------------

SILENT = [r"dilations = array<i64: 1(?:, 1)*>", r"strides = array<i64: 1(?:, 1)*>", r"groups = 1 : i64",
          r"pads = array<i64: 0(?:, 0)*>", r"kernel_shape = array<i64: 3, 3>", r"alignment = 64 : i64",
          r"nn\.model_hash = \"\w+\"", r"addr_space = 0 : i32"]


def shorten_numbers(text):
    text = re.sub(r"-?\d\.\d{6}e[+-]\d\d", lambda m: f"{float(m.group(0)):.6g}" if float(m.group(0)) % 1 else
                  f"{float(m.group(0)):.1f}", text)
    return re.sub(r"-?\d+\.\d{7,}(?:E-?\d+)?", lambda m: f"{float(m.group(0)):.5g}", text)


def cut_list(match):
    numbers = re.findall(r"[^\[\], ]+", match.group(2))
    return match.group(0) if len(numbers) <= 4 else f"{match.group(1)}[{', '.join(numbers[:3])}, …]"


def readable(text):
    for pattern in SILENT:
        text = re.sub(rf"(?:, {pattern}(?=[,}}]))|(?:(?<=[{{ ]){pattern}, )|(?:{pattern}(?=}}))", "", text)
    text = re.sub(r"(bins = |dense<)(\[.*?\])(?=>)", cut_list, shorten_numbers(text))
    return text.replace("nn.constant  {", "nn.constant {").replace("> {}\n", ">\n")


def with_aliases(text):
    """Gives each quantized type a name: !image for the first value that has it."""
    names = {}
    for line in text.splitlines():
        layer = re.search(r'layer = "([\w.]+)"', line)
        for kind in re.findall(r"!quant\.uniform<(?:[^<>]|<[^<>]*>)*>", line.rsplit("->", 1)[-1]):
            if kind not in names and layer:
                names[kind] = "!" + layer.group(1).replace(".", "_")
    for kind, name in names.items():
        text = text.replace(kind, name)
    return "".join(f"{name} = {kind}\n" for kind, name in names.items()) + text


def tiled(text):
    """Without constants; of loop nests the header only."""
    text = text.split("\n{-#")[0]
    text = re.sub(r"(?ms)^(\s*linalg\.generic [^\n]*\{)\n.*?\n\s*\}((?: -> [^\n]*)?)$", r"\1 … }\2", text)
    text = re.sub(r"indexing_maps = \[.*?\], ", "", text)
    text = re.sub(r"features = \"[^\"]*\"", 'features = "…"', text)
    text = re.sub(r", operandSegmentSizes = array<i32: [\d, ]*>", "", text)
    return "\n".join(line for line in text.splitlines() if " = arith.constant" not in line and not line.startswith("#map"))


def lowered(text):
    signatures = [re.sub(r" attributes {.*} {$", " {", line.strip()).replace(": !llvm.ptr {llvm.noalias}", "")
                  for line in text.splitlines() if line.lstrip().startswith("llvm.func")]
    block = next(block for block in re.split(r"(?m)^(?=  \^bb\d+)", text) if "vpdpbusd" in block)
    lines = block.rstrip().splitlines()
    first = next(i for i, line in enumerate(lines) if "vpdpbusd" in line)
    return "\n".join(f"{line} … }}" for line in signatures) + "\n" + "\n".join([*lines[1:first + 1], "    …"])


# ---------------------------------------------------------------------------------------------------------------------
# The page
# ---------------------------------------------------------------------------------------------------------------------


class Compiler:
    def __init__(self, tool, folder):
        self.tool, self.folder = tool, folder

    def __call__(self, output, *flags):
        command = [self.tool, "walk.onnx", "--quiet", *flags, "-o", output]
        result = subprocess.run(command, cwd=self.folder, capture_output=True, text=True)
        if result.returncode:
            sys.exit(f"error: {' '.join(command)}\n{result.stderr}")
        return self.folder / output

    def form(self, form):
        return self(f"{form}.mlir", "--calibrate-with=calibration.npz", "--policy=int8", *MACHINE, f"--to={form}").read_text()


def scores(library, image):
    network = ctypes.CDLL(str(library))
    result, image = np.zeros(2, np.float32), np.ascontiguousarray(image)
    network.run(image.ctypes.data_as(ctypes.c_void_p), result.ctypes.data_as(ctypes.c_void_p))
    return ", ".join(f"{value:.6g}" for value in result)


def make_page(compile_to, folder):
    images = make_files(folder)
    parts, before = [INTRO.format(samples=SAMPLES, machine=" ".join(MACHINE))], None
    for room, function, form, prose in ROOMS:
        text = compile_to.form(form)
        parts.append(f"## {room}: {before} → {form}\n" if before else f"## {room}: {form}\n")
        parts.append(prose + "\n")
        table = pass_table(function) if function else ""
        if table:
            parts.append(table + "\n")
        if form == "tiled":
            ir = tiled(readable(text))
        elif form == "lowered":
            ir = lowered(readable(text))
        else:
            ir = with_aliases(readable(text)).rstrip()
        if form != "additive":
            parts.append(f"```mlir\n{ir}\n```\n")
        before = form
    header = compile_to("walk.h", "--calibrate-with=calibration.npz", "--policy=int8", *MACHINE, "--emit=c-header", "--entry").read_text()
    header = header[header.index("#ifndef WALK_NETWORK_H"):].rstrip()
    int8 = compile_to("int8.so", "--calibrate-with=calibration.npz", "--policy=int8", "--emit=lib")
    plain = compile_to("float.so", "--policy=float", "--emit=lib")
    parts += [EMIT, f"```c\n{header}\n```\n", OUTCOME, "| policy | scores |\n|---|---|\n"
              f"| `float` | {scores(plain, images[0])} |\n| `int8` | {scores(int8, images[0])} |\n"]
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the page is stale")
    parser.add_argument("--out", type=pathlib.Path, default=PAGE, help="the page (default: docs/Walk.md)")
    parser.add_argument("--compiler", help="quantization-opt (default: the one in PATH, else build/bin)")
    args = parser.parse_args()
    tool = args.compiler or shutil.which("quantization-opt") or str(ROOT / "build/bin/quantization-opt")
    with tempfile.TemporaryDirectory() as folder:
        page = make_page(Compiler(tool, pathlib.Path(folder)), pathlib.Path(folder))
    if not args.check:
        args.out.write_text(page, encoding="utf-8")
        return
    old = args.out.read_text(encoding="utf-8") if args.out.exists() else ""
    if old != page:
        sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), page.splitlines(True), str(args.out), "as compiled"))
        sys.exit(f"error: {args.out} is stale; run tools/dev/make-walk.py")


if __name__ == "__main__":
    main()

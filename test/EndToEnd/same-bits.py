"""This test asks whether all processors compute the same bits: same-bits.py SCRATCH.

Random small networks are compiled in int8 (some with weights of 6 bits) and float for x86-64 (plain loops), for this machine, and with
the micro-kernels of other processors, whose instructions are spelt out in plain ones (--emulate-kernels), on one thread and on several. The plain loops on one are
the definition; their int8 results are also compared with float by their noise, so that they are not all wrong alike.
"""

import concurrent.futures
import dataclasses
import hashlib
import re
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import network

NETWORKS, SAMPLES, CALIBRATION, SEED = 9, 3, 16, 20
NARROW = {1, 3, 5, 6, 7}  # networks with weights of 6 bits; 6 has a depthwise layer
FLOAT_TOLERANCE, DECIBELS = 1e-4, {"int8": 15.0, "int6": 8.0}
PLAIN = ["--mcpu=x86-64"]
# Flags, and the kernels that some network must have used: else nothing would be tested.
KERNELS = {"sapphirerapids": {"amx", "vnni512", "madd512", "fma512"}, "znver4": {"vnni512", "madd512", "fma512"},
           "skylake-avx512": {"maddub512x2", "depthwise-maddub256", "madd512", "fma512"}, "alderlake": {"vnni256", "madd256", "fma256"}, "haswell": {"maddub256x2", "depthwise-maddub256", "madd256", "fma256"}}
TWO, EMULATED_TILES = ["--threads=2"], ["--mcpu=sapphirerapids", "--emulate-kernels"]
OTHERS = ({"this machine": [], "2 threads": TWO, "3 threads plain": PLAIN + ["--threads=3"],
           "sapphirerapids 2 threads": EMULATED_TILES + TWO} |
          {cpu: [f"--mcpu={cpu}", "--emulate-kernels"] + (TWO if cpu == "znver4" else []) for cpu in KERNELS})
TILES = {"tiles everywhere": 1, "tiles everywhere 2 threads": 2}  # also for what is too small to be worth it


@dataclasses.dataclass
class Value:
    name: str
    shape: list  # without the batch


class Builder:
    """A network that grows by random layers."""

    def __init__(self, seed):
        self.random = np.random.default_rng([SEED, seed])
        self.nodes, self.weights, self.outputs = [], [], []

    def pick(self, *choices):
        return choices[int(self.random.integers(len(choices)))]

    def weight(self, shape, fan):
        values = self.random.standard_normal(shape) / np.sqrt(max(1, fan))
        self.weights.append(numpy_helper.from_array(values.astype(np.float32), f"w{len(self.weights)}"))
        return self.weights[-1].name

    def add(self, kind, inputs, shape, **attributes):
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
        return Value(name, shape)

    def conv(self, x, outputs, keep=False, groups=1):
        """`keep`: of the same spatial shape. Groups divide both channel counts."""
        kernel, strides, dilations, pads = [], [], [], [[], []]
        for size in x.shape[1:]:
            k, d, s = self.pick(1, 2, 3, 3, 5), self.pick(1, 1, 1, 2), 1 if keep else self.pick(1, 1, 2, 3)
            while (k - 1) * d + 1 > size:
                k -= 1
            reach = (k - 1) * d
            low = int(self.random.integers(0, min(reach, k - 1) + 1))
            high = reach - low if keep else int(self.random.integers(0, k))
            kernel.append(k), strides.append(s), dilations.append(d), pads[0].append(low), pads[1].append(high)
        if not any(k > 1 for k in kernel) and self.pick(True, False):
            strides = [1] * len(kernel)
        shape = [outputs] + [(size + a + b - (k - 1) * d - 1) // s + 1 for size, k, d, s, a, b in
                             zip(x.shape[1:], kernel, dilations, strides, *pads)]
        inputs = x.shape[0] // groups
        names = [x.name, self.weight([outputs, inputs] + kernel, inputs * np.prod(kernel))]
        if self.pick(True, True, False):
            names.append(self.weight([outputs], 4))
        return self.add("Conv", names, shape, kernel_shape=kernel, strides=strides, dilations=dilations,
                        pads=pads[0] + pads[1], group=groups)

    def product(self, x):
        """A matrix product of two computed values for each channel, as in attention."""
        a, b = (self.conv(x, 3, keep=True) for _ in range(2))
        b = self.add("Transpose", [b.name], [3] + b.shape[:0:-1], perm=[0, 1, 3, 2])
        return self.add("MatMul", [a.name, b.name], [3, a.shape[1], a.shape[1]])

    def layer(self, x):
        kind = self.pick("conv", "conv", "conv", "groups", "depthwise", "residual", "residual", "pool", "branches", "branches")
        if kind == "pool" and min(x.shape[1:]) >= 4:
            kernel = [self.pick(2, 3) for _ in x.shape[1:]]
            return self.add(self.pick("MaxPool", "AveragePool"), [x.name],
                            x.shape[:1] + [(size - k) // 2 + 1 for size, k in zip(x.shape[1:], kernel)],
                            kernel_shape=kernel, strides=[2] * len(kernel))
        if kind == "residual":
            y = self.conv(x, x.shape[0], keep=True)
            if self.pick(True, False):
                y = self.conv(self.add("Relu", [y.name], y.shape), x.shape[0], keep=True)
            y = self.add("Add", [y.name, x.name] if self.pick(True, False) else [x.name, y.name], x.shape)
        elif kind == "branches":  # a value that lies between the channels of another, and is read by a kernel of its own
            a, b = (self.conv(x, int(self.random.integers(2, 12)), keep=True) for _ in range(2))
            b = self.add("Relu", [b.name], b.shape)
            joined = self.add("Concat", [a.name, b.name], [a.shape[0] + b.shape[0]] + a.shape[1:], axis=1)
            self.weights += [numpy_helper.from_array(np.int64([v]), f"i{v}_{len(self.weights)}") for v in (0, a.shape[0], 1)]
            bounds = [tensor.name for tensor in self.weights[-3:]]
            part = self.add("Slice", [joined.name, bounds[0], bounds[1], bounds[2]], a.shape)
            y = self.conv(b, a.shape[0], keep=True)
            y = self.add("Concat", [joined.name, self.add("Add", [y.name, part.name], a.shape).name],
                         [joined.shape[0] + a.shape[0]] + a.shape[1:], axis=1)
        elif kind == "groups":
            groups = self.pick(2, 3, 4)
            x = self.conv(x, groups * int(self.random.integers(1, 10)))
            y = self.conv(x, groups * int(self.random.integers(1, 12)), groups=groups)
        elif kind == "depthwise":
            x = self.conv(x, self.pick(5, 8, 16, 33, 48))
            y = self.conv(x, x.shape[0], groups=x.shape[0])
        else:
            y = self.conv(x, self.pick(int(self.random.integers(1, 16)), int(self.random.integers(17, 50))))
        return self.add("Relu", [y.name], y.shape) if self.pick(True, True, False) else y

    def build(self, dimensions, extra=0, product=False):
        """`extra`: columns, for rows of several tile registers; `product`: a product of computed matrices."""
        x = start = Value("x", [self.pick(1, 2, 3, 5, 8)] + [int(v) for v in self.random.integers(7, 13, dimensions)])
        start.shape[-1] += extra
        if product:
            x = self.product(x)
        for _ in range(int(self.random.integers(2, 4))):
            x = self.layer(x)
        self.outputs.append(x)
        if self.pick(True, False):
            x = self.add("GlobalAveragePool", [x.name], x.shape[:1] + [1] * dimensions)
        x = self.add("Flatten", [x.name], [int(np.prod(x.shape))])
        for _ in range(int(self.random.integers(1, 3))):
            outputs = int(self.random.integers(1, 70))
            names = [x.name, self.weight([x.shape[0], outputs], x.shape[0]), self.weight([outputs], 4)]
            x = self.add("Gemm", names, [outputs])
        self.outputs.append(x)

        def info(value):
            return helper.make_tensor_value_info(value.name, TensorProto.FLOAT, ["N"] + value.shape)
        graph = helper.make_graph(self.nodes, "random", [info(start)], [info(v) for v in self.outputs], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)
        onnx.checker.check_model(model, full_check=True)
        return model, start.shape


def digest(outputs):
    total = hashlib.sha256()
    for name in sorted(outputs):
        total.update(f"{name} {outputs[name].dtype} {outputs[name].shape}".encode())
        total.update(np.ascontiguousarray(outputs[name]).tobytes())
    return total.hexdigest()


def outcome(form, name, inputs, folder, flags):
    """The outputs, or what went wrong as text; and the kernels that layers were given."""
    artifact = folder / f"{form.stem}-{name.replace(' ', '-')}.so"
    command = [network.tool("quantization-opt"), form, "--from=additive", "--emit=lib", "-o", artifact, "--quiet",
               "--remarks-filter=select-lowering|share-loops", *flags]
    result = network.run(command)
    if result.returncode != 0:
        return f"{' '.join(map(str, command))} ended with status {result.returncode}\n{result.stderr[-2000:]}", set()
    try:
        return network.execute(artifact, inputs, folder)[0], set(re.findall(r"\[Passed\] (?:Kernel .* Reason=\"?)?(?!Kernel)([\w-]+)", result.stderr))
    except SystemExit as failure:
        return str(failure), set()


def all_in_tiles(form, threads):
    """A copy of `form` in which layers have the lowerings of a processor with tile registers, tiles where it would take vectors. It names
    its target, which flags do not change any more."""
    target = f"triple=x86_64-unknown-linux-gnu cpu=sapphirerapids emulated=true threads={threads}"
    copy = form.with_name(f"{form.stem}-tiles{threads}.mlir")
    network.must([network.tool("quantization-opt"), form, f"--set-target={target}", "--select-lowering", "-o", copy])
    text = copy.read_text().replace('lowering = "vnni512"', 'lowering = "amx"')
    if 'lowering = "amx"' not in text:
        raise SystemExit(f"{copy}: no layer has the lowering amx")
    copy.write_text(text)
    return copy


def difference(outputs, wanted):
    """Which output differs, where and how much; for the reader of a failure."""
    parts = []
    for name in wanted:
        if name not in outputs or outputs[name].shape != wanted[name].shape:
            return f"{name} is missing or of another shape"
        wrong = np.argwhere(outputs[name].view(np.uint32) != wanted[name].view(np.uint32))  # -0 is not 0 here
        if len(wrong):
            at = tuple(int(i) for i in wrong[0])
            parts.append(f"{name}: {len(wrong)} of {wanted[name].size} values, first at {at}: "
                         f"{outputs[name][at]!r}, expected {wanted[name][at]!r}")
    return "; ".join(parts)


def judge(seed, base, verdict, used):
    model, shape = Builder(seed).build(1 if seed % 5 == 4 else 2, extra=30 if seed == 7 else 0, product=seed == 8)
    folder = network.scratch(base / str(seed))
    path = folder / "model.onnx"
    onnx.save(model, str(path))
    random = np.random.default_rng(seed)
    np.savez(folder / "inputs.npz", x=random.standard_normal([SAMPLES] + shape).astype(np.float32))
    np.savez(folder / "calibration.npz", x=random.standard_normal([CALIBRATION] + shape).astype(np.float32))
    with np.load(folder / "inputs.npz") as inputs:
        reference = network.Session(path)(dict(inputs))

    (folder / "int6.yaml").write_text("version: 1\nlayers:\n  - match: '*'\n    weights: int6\n    activations: uint8\n")
    for policy in ("float", "int6" if seed in NARROW else "int8"):
        flags = [f"--policy={folder / 'int6.yaml' if policy == 'int6' else policy}"]
        flags += [f"--calibrate-with={folder / 'calibration.npz'}"] if policy != "float" else []
        form = network.compile_model(path, folder / f"{policy}.mlir", "--to=additive", "--quiet", *flags)
        label = f"network {seed} {policy}"
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            pending = {name: pool.submit(outcome, form, name, folder / "inputs.npz", folder, flags)
                       for name, flags in ({"plain": PLAIN} | OTHERS).items()}
            if policy != "float":
                pending |= {name: pool.submit(outcome, all_in_tiles(form, threads), name, folder / "inputs.npz", folder, EMULATED_TILES)
                            for name, threads in TILES.items()}
        plain, kernels = pending.pop("plain").result()
        if isinstance(plain, str):
            verdict.check(False, f"{label}: {plain}")
            continue
        verdict.check(not kernels, f"{label} plain: kernels {kernels}")
        if policy == "float":
            error = max(network.relative_error(plain.get(name), reference[name]) for name in reference)
            verdict.check(error <= FLOAT_TOLERANCE, f"{label}: relative error {error:.1e}")
        else:
            decibels = min(network.sqnr(plain.get(name), reference[name]) for name in reference)
            verdict.check(decibels >= DECIBELS[policy], f"{label}: {decibels:.1f} dB")
        for name, result in pending.items():
            outputs, kernels = result.result()
            if isinstance(outputs, str):
                verdict.check(False, f"{label} {name}: {outputs}")
                continue
            used.setdefault(name, set()).update(kernels)
            same = digest(outputs) == digest(plain)
            verdict.check(same, f"{label} {name}: " + (digest(plain)[:16] if same else difference(outputs, plain)))


def main():
    base = network.scratch(sys.argv[1])
    verdict, used = network.Verdict(), {}
    for seed in range(NETWORKS):
        judge(seed, base, verdict, used)
    for cpu, kernels in (KERNELS | {name: {"Shared"} for name in [*OTHERS, *TILES] if "threads" in name}).items():
        verdict.check(used.get(cpu, set()) >= kernels, f"{cpu}: some layer uses {sorted(kernels)}, found {sorted(used.get(cpu, set()))}")
    verdict.finish()


if __name__ == "__main__":
    main()

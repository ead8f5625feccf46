"""This module holds what reports on the accuracy of real networks share: the networks, their samples, and libraries made and run by the tools.

Models and data are those of $QUANTIZATION_DATA.
"""

import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("QUANTIZATION_DATA") or ROOT.parent / "shared" / "data")
Setup = collections.namedtuple("Setup", "calibration choose test how pointwise", defaults=([], False))
JPEG = ["--dataset", "jpeg"]
# Samples to calibrate, choose and test with; how to export; whether only 1x1 convolutions are ternary, and the rest int8.
NETWORKS = {
    "resnet20_cifar10": Setup(512, 2000, 4000, JPEG),
    "resnet32_cifar10_folded": Setup(512, 2000, 4000, JPEG),
    "ic_resnet8_float": Setup(512, 2000, 4000, JPEG),
    "convnet_alex_cifar10quick": Setup(512, 2000, 4000, JPEG),
    "lenet_caffe_mnist": Setup(512, 2000, 7000),
    "squeezenet1.0_float": Setup(100, 100, 400),
    "mobilenet_v2_float": Setup(100, 100, 400, [], True),
}
CORRECTIONS = {"none": [], "re-estimated": ["reestimate-statistics"], "fed back, too": ["feed-back-errors", "reestimate-statistics"]}
NONE, STATISTICS, BOTH = CORRECTIONS


class Failure(Exception):
    pass


def tool(name):
    return shutil.which(name) or str(ROOT / "build" / "bin" / name)


def must(command):
    try:
        result = subprocess.run([str(word) for word in command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise Failure(f"there is no {command[0]}: build first, with tools/dev/build.sh") from None
    if result.returncode != 0:
        raise Failure(f"{' '.join(map(str, command))}\nended with status {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


class Network:
    def __init__(self, name, folder, divisor, measures, file="results.json"):
        setup = NETWORKS[name]
        self.name, self.model, self.pointwise = name, DATA / "models" / f"{name}.onnx", setup.pointwise
        if measures and not self.model.exists():
            raise Failure(f"there is no {self.model}; $QUANTIZATION_DATA names the folder with models and data")
        counts = [max(20, count // divisor) for count in setup[:3]]
        self.folder = folder / "-".join([name, *map(str, counts)])
        self.file = self.folder / file
        self.measured = self.read()
        if measures and not (self.folder / "eval_labels.npy").exists():  # which is written last
            self.folder.mkdir(parents=True, exist_ok=True)
            must([sys.executable, DATA / "zoo.py", "export", name, "--out", self.folder, "--calib", counts[0], "--eval", counts[1], "--test", counts[2],
                  *setup.how])

    def read(self):
        try:
            return json.loads(self.file.read_text())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise Failure(f"{self.file} is no JSON ({error}): remove it") from None

    def write(self):
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps(self.measured, indent=1))
        fresh.replace(self.file)

    def scratch(self, name):
        """A file of this report alone."""
        return self.folder / f"{self.file.stem}-{name}"

    def layers(self):
        """Those that may have few bits: all with weights but the first, or the 1x1 convolutions."""
        import onnx

        graph = onnx.load(self.model).graph
        shapes = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
        layers = [(node.name, shapes[node.input[1]]) for node in graph.node if node.op_type in ("Conv", "Gemm", "MatMul") and node.input[1] in shapes]
        if self.pointwise:
            return [name for name, shape in layers[1:] if shape[2:] == [1, 1] and shape[1] > 1]
        return [name for name, _ in layers[1:]]

    def policy(self, weights, corrections):
        """A file; `weights` are the formats of layers, and those it leaves out have int8."""
        lines = ["version: 1", f"corrections: [{', '.join(corrections)}]", "input: uint8", "layers:"]
        for match, chosen in [*weights.items(), ("*", "int8")]:
            lines += [f'  - match: "{match}"', f"    weights: {chosen}", "    activations: uint8"]
        path = self.scratch("policy.yaml")
        path.write_text("\n".join(lines) + "\n")
        return path

    def compile(self, weights, corrections, calibration="calib.npz"):
        """The library; in float without `weights`."""
        library = self.scratch("network.so")
        flags = [] if weights is None else [f"--policy={self.policy(weights, CORRECTIONS[corrections])}", f"--calibrate-with={self.folder / calibration}"]
        must([tool("quantization-opt"), self.model, *flags, "--quiet", "-o", library])
        return library

    def accuracy(self, library, samples, labels):
        said = must([tool("quantization-run"), library, f"--inputs={self.folder / samples}", f"--outputs={self.scratch('out.npz')}",
                     f"--labels={self.folder / labels}"])
        accuracy, count = re.search(r"accuracy: ([0-9.]+) % \(n=(\d+)\)", said).groups()
        return float(accuracy), int(count)

    def measure(self, weights, corrections):
        """What samples to choose by and what the test gave, in percent."""
        key = f"{weights}; {corrections}"
        if key not in self.measured:
            start = time.monotonic()
            library = self.compile(None if weights == "float" else dict.fromkeys(self.layers(), weights), corrections)
            chosen, tested = self.accuracy(library, "eval.npz", "eval_labels.npy"), self.accuracy(library, "test.npz", "labels.npy")
            self.measured[key] = {"choose": chosen[0], "test": tested[0], "samples": [chosen[1], tested[1]], "seconds": round(time.monotonic() - start, 1)}
            self.write()
            print(f"{self.name}: {key}: {self.measured[key]}", file=sys.stderr, flush=True)
        return self.measured[key]

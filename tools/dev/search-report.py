#!/usr/bin/env python3
"""This script searches formats for real networks and measures what was found as integers: search-report.py [NETWORK...].

For each network and tolerance it runs the search of quantization-opt on samples to choose by, half of which the search holds out, compiles the policy to
a library, and measures that on other samples; beside it the cheapest formats that are the same for all layers. Models and data are those of $QUANTIZATION_DATA.
Prints a table in Markdown; what lies in --folder already (statistics, logs of searches) is used again.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("QUANTIZATION_DATA") or ROOT.parent / "shared" / "data")
POINT = "--search-activations=q1.0..q6.6{round=half-away}"
NETWORKS = {  # samples to calibrate, choose and test with; how to export; what to choose from
    "lenet_caffe_mnist": (200, 6000, 7000, [], [POINT]),
    "convnet_alex_cifar10quick": (200, 2500, 4100, ["--dataset", "jpeg"], [POINT]),
    "resnet20_cifar10": (200, 2500, 4100, ["--dataset", "jpeg"], []),
    "squeezenet1.0_float": (64, 100, 300, [], []),
}
COLUMNS = ["network", "tolerance", "uniform: traffic", "searched with", "at least", "tested", "per layer: traffic", "searched with", "at least", "tested",
           "seconds"]


def tool(name):
    return shutil.which(name) or str(ROOT / "build" / "bin" / name)


def must(command):
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if result.returncode != 0 and not (result.returncode == 1 and " is the nearest: " in result.stderr):
        sys.exit(f"search-report: {' '.join(map(str, command))}\nended with status {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout + result.stderr


class Network:
    def __init__(self, name, folder, confidence=95):
        self.confidence = confidence
        self.folder, self.model = folder / name, DATA / "models" / f"{name}.onnx"
        calibration, choose, test, how, self.space = NETWORKS[name]
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / "eval_labels.npy").exists():
            must([sys.executable, DATA / "zoo.py", "export", name, "--out", self.folder, "--calib", calibration, "--eval", choose, "--test", test, *how])
        self.statistics = self.folder / "statistics.json"
        if not self.statistics.exists():
            must([tool("quantization-opt"), self.model, f"--calibrate-with={self.folder}/calib.npz", f"--save-statistics-to={self.statistics}",
                  "--emit=report", "-o", self.folder / "report.json", "--quiet"])
        self.floats = self.accuracy("float", [])

    def accuracy(self, name, flags):
        """Percent on the test samples, as the library has it."""
        library = self.folder / f"{name}.so"
        must([tool("quantization-opt"), self.model, *flags, "--quiet", "-o", library])
        said = must([tool("quantization-run"), library, f"--inputs={self.folder}/test.npz", f"--outputs={self.folder}/out.npz",
                     f"--labels={self.folder}/labels.npy"])
        return float(re.search(r"accuracy: ([0-9.]+) %", said)[1])

    def search(self, method, tolerance):
        """(traffic, percent of float's accuracy on the samples it searched with, what it promises, the same on others, seconds). Promises None where
        nothing keeps within the tolerance: the policy is the nearest then."""
        policy = self.folder / f"{method}-{tolerance}.yaml"
        start = time.monotonic()
        said = must([tool("quantization-opt"), self.model, f"--load-statistics-from={self.statistics}", "--search", f"--search-method={method}",
                     f"--evaluate-with={self.folder}/eval.npz", f"--labels={self.folder}/eval_labels.npy", f"--max-drop={tolerance}%",
                     f"--confidence={self.confidence}%", *self.space,
                     f"--search-log={self.folder}/search.log", "-o", policy])
        seconds = time.monotonic() - start
        found = re.search(r"\(([0-9.]+) % of float.*?(?:at least ([0-9.]+) %\) on samples held out.*?)?traffic ([0-9.]+)", said.splitlines()[-1])
        promised = float(found[2]) if found[2] and " is the nearest: " not in said else None
        tested = self.accuracy(policy.stem, [f"--load-statistics-from={self.statistics}", f"--policy={policy}"])
        return float(found[3]), float(found[1]), promised, 100 * tested / self.floats, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=list(NETWORKS), help=f"of {', '.join(NETWORKS)}")
    parser.add_argument("--tolerances", type=float, nargs="+", default=[1, 2, 5, 10], help="percent of the float network's accuracy")
    parser.add_argument("--confidence", type=float, default=95, help="percent")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "search-report")
    arguments = parser.parse_args()
    if unknown := set(arguments.networks) - set(NETWORKS):
        parser.error(f"unknown networks: {', '.join(sorted(unknown))}; known are {', '.join(NETWORKS)}")
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}", flush=True)
    for name in arguments.networks:
        network = Network(name, arguments.folder, arguments.confidence)
        for tolerance in arguments.tolerances:
            layers = network.search("guided", f"{tolerance:g}")  # first, so that its seconds are its own
            uniform = network.search("uniform", f"{tolerance:g}")
            cells = [f"{name}, float {network.floats:.2f} %", f"{tolerance:g} %"]
            for traffic, chosen, promised, tested, _ in (uniform, layers):
                cells += [f"{traffic:.4f}", f"{chosen:.2f} %", f"{promised:.2f} %" if promised else "-", f"{tested:.2f} %"]
            print(f"| {' | '.join(cells)} | {layers[4]:.0f} |", flush=True)


if __name__ == "__main__":
    main()

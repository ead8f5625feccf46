#!/usr/bin/env python3
"""This script measures ternary weights on real networks, without retraining: ternary-report.py [NETWORK...].

For each network it compiles float, int8, four bits with a factor for each four input channels, and ternary weights with clusters of several sizes and
several shares of zeros, by least squares and by the rule of 1701.08978; without corrections, with `reestimate-statistics`, and with `feed-back-errors`
too. The first layer has weights of int8, as in the paper, and all values are uint8. Each library is run on samples to choose by and on others to test
with. Prints two tables in Markdown: all that was measured, and for each size of clusters what the samples to choose by say is best, with what the test
gave. Models and data are those of $QUANTIZATION_DATA. What has been measured is kept in --folder, and not measured again: after a change of the
compiler name another folder, or remove it.
"""

import argparse
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
# Points below float that are allowed with clusters of four (1701.08978).
BOUNDS = {"ternary": 6, "int4": 2}


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


def ternary(cluster, zeros=None, rule=None):
    options = [f"cluster={cluster}"] + ([f"zeros={zeros:g}"] if zeros else []) + ([f"rule={rule}"] if rule else [])
    return f"ternary{{{', '.join(options)}}}"


class Network:
    def __init__(self, name, folder, divisor, measures):
        setup = NETWORKS[name]
        self.name, self.model, self.pointwise = name, DATA / "models" / f"{name}.onnx", setup.pointwise
        if measures and not self.model.exists():
            raise Failure(f"there is no {self.model}; $QUANTIZATION_DATA names the folder with models and data")
        counts = [max(20, count // divisor) for count in setup[:3]]
        self.folder = folder / "-".join([name, *map(str, counts)])
        self.results = self.folder / "results.json"
        self.measured = self.read()
        if measures and not (self.folder / "eval_labels.npy").exists():  # which is written last
            self.folder.mkdir(parents=True, exist_ok=True)
            must([sys.executable, DATA / "zoo.py", "export", name, "--out", self.folder, "--calib", counts[0], "--eval", counts[1], "--test", counts[2],
                  *setup.how])

    def read(self):
        try:
            return json.loads(self.results.read_text())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise Failure(f"{self.results} is no JSON ({error}): remove it") from None

    def write(self):
        fresh = self.results.with_suffix(".new")
        fresh.write_text(json.dumps(self.measured, indent=1))
        fresh.replace(self.results)

    def rules(self, weights):
        """Layers and their weights' formats, the first rule first."""
        import onnx

        graph = onnx.load(self.model).graph
        shapes = {tensor.name: list(tensor.dims) for tensor in graph.initializer}
        layers = [(node.name, shapes[node.input[1]]) for node in graph.node if node.op_type in ("Conv", "Gemm", "MatMul") and node.input[1] in shapes]
        if self.pointwise:
            return [(name, weights) for name, shape in layers[1:] if shape[2:] == [1, 1] and shape[1] > 1] + [("*", "int8")]
        return [(layers[0][0], "int8"), ("*", weights)]

    def policy(self, weights, corrections):
        lines = ["version: 1", f"corrections: [{', '.join(corrections)}]", "input: uint8", "layers:"]
        for match, chosen in self.rules(weights):
            lines += [f'  - match: "{match}"', f"    weights: {chosen}", "    activations: uint8"]
        path = self.folder / "policy.yaml"
        path.write_text("\n".join(lines) + "\n")
        return path

    def accuracy(self, library, samples, labels):
        said = must([tool("quantization-run"), library, f"--inputs={self.folder / samples}", f"--outputs={self.folder}/out.npz",
                     f"--labels={self.folder / labels}"])
        accuracy, count = re.search(r"accuracy: ([0-9.]+) % \(n=(\d+)\)", said).groups()
        return float(accuracy), int(count)

    def measure(self, weights, corrections):
        """What samples to choose by and what the test gave, in percent."""
        key = f"{weights}; {corrections}"
        if key not in self.measured:
            start, library = time.monotonic(), self.folder / "network.so"
            flags = [] if weights == "float" else [f"--policy={self.policy(weights, CORRECTIONS[corrections])}", f"--calibrate-with={self.folder}/calib.npz"]
            must([tool("quantization-opt"), self.model, *flags, "--quiet", "-o", library])
            chosen, tested = self.accuracy(library, "eval.npz", "eval_labels.npy"), self.accuracy(library, "test.npz", "labels.npy")
            self.measured[key] = {"choose": chosen[0], "test": tested[0], "samples": [chosen[1], tested[1]], "seconds": round(time.monotonic() - start, 1)}
            self.write()
            print(f"{self.name}: {key}: {self.measured[key]}", file=sys.stderr, flush=True)
        return self.measured[key]


def plan(clusters, shares, everything):
    """What is measured: weights and corrections, what says most first. Unless it is to be everything, shares of zeros only where all is corrected."""
    yield from (("float", NONE), ("int8", NONE))
    yield from (("int4{block=4}", corrections) for corrections in (STATISTICS, NONE))
    for cluster in clusters:
        yield from ((ternary(cluster), BOTH), (ternary(cluster, rule="paper"), STATISTICS))
    for cluster in clusters:
        yield from ((ternary(cluster), corrections) for corrections in (NONE, STATISTICS))
    for zeros in shares:
        for cluster in clusters:
            yield from ((ternary(cluster, zeros), corrections) for corrections in (CORRECTIONS if everything else [BOTH]))


def order(weights):
    """Where a row stands: by width, clusters and zeros."""
    name, *numbers = re.findall(r"[a-z]+[0-9]*|[0-9.]+", weights)
    value = dict(zip(numbers[::2], map(float, numbers[1::2])))
    return ["float", "int8", "int4", "ternary"].index(name), value.get("cluster", 0), value.get("zeros", 0)


def print_all(networks):
    print(f"| network | weights | {' | '.join(CORRECTIONS)} | the paper's rule, re-estimated |\n{'|---' * (3 + len(CORRECTIONS))}|")
    for network in networks:
        for weights in sorted({key.split("; ")[0] for key in network.measured if "rule=paper" not in key}, key=order):
            keys = [f"{weights}; {corrections}" for corrections in CORRECTIONS] + [f"{weights[:-1]}, rule=paper}}; {STATISTICS}"]
            cells = [f"{network.measured[key]['test']:.2f} %" if key in network.measured else "" for key in keys]
            print(f"| {network.name} | `{weights}` | {' | '.join(cells)} |")


def best(network, weights, cluster):
    """The key that samples to choose by say is best, of those that are not the paper's rule; of equals the first; None where nothing was measured."""
    fits = [key for key in network.measured if re.match(rf"{weights}\{{(block|cluster)={cluster}[,}}]", key) and "rule=paper" not in key]
    return max(fits, key=lambda key: network.measured[key]["choose"], default=None)


def print_chosen(networks, clusters):
    print("| network (float, int8) | weights | chosen | chosen with | tested | below float | above the paper's rule | |\n" + "|---" * 8 + "|")
    for network in networks:
        def tested(key):
            return network.measured[key]["test"] if key in network.measured else None

        floats, integers = tested(f"float; {NONE}"), tested(f"int8; {NONE}")
        for weights, cluster in [("int4", 4), *(("ternary", cluster) for cluster in sorted(clusters))]:
            key = best(network, weights, cluster)
            if key is None or floats is None or integers is None:
                continue
            paper = tested(f"{ternary(cluster, rule='paper')}; {STATISTICS}") if weights == "ternary" else None
            below, most = floats - tested(key), BOUNDS[weights]
            chosen, corrections = key.split("; ")
            cells = [f"{network.name} ({floats:.2f} %, {integers:.2f} %)", f"{weights}, N = {cluster}",
                     f"`{chosen}`, {corrections}" if corrections != NONE else f"`{chosen}`",
                     f"{network.measured[key]['choose']:.2f} %", f"{tested(key):.2f} %", f"{below:.2f}",
                     f"{tested(key) - paper:+.2f}" if paper is not None else "",
                     ("within" if below <= most else "misses") + f" {most} points" if cluster == 4 else ""]
            print(f"| {' | '.join(cells)} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=list(NETWORKS), help=f"of {', '.join(NETWORKS)}")
    parser.add_argument("--clusters", type=int, nargs="+", default=[4, 1, 16, 64], help="input channels of a cluster")
    parser.add_argument("--zeros", type=float, nargs="*", default=[.5, .6, .75], help="least shares of zeros, beside as many as fit best")
    parser.add_argument("--quick", action="store_true", help="a tenth of the samples, clusters of 4, no shares of zeros: shows that all works")
    parser.add_argument("--everything", action="store_true", help="shares of zeros also with fewer corrections")
    parser.add_argument("--tables", action="store_true", help="measure nothing, print what has been measured")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "ternary-report")
    arguments = parser.parse_args()
    if unknown := set(arguments.networks) - set(NETWORKS):
        parser.error(f"unknown networks: {', '.join(sorted(unknown))}; known are {', '.join(NETWORKS)}")
    if any(cluster < 1 for cluster in arguments.clusters) or not all(0 < share < 1 for share in arguments.zeros):
        parser.error("clusters are numbers from 1 on, shares of zeros lie between 0 and 1")
    if arguments.quick:
        arguments.clusters, arguments.zeros = [4], []
    try:
        networks = []
        for name in arguments.networks:
            networks.append(Network(name, arguments.folder, 10 if arguments.quick else 1, not arguments.tables))
            for weights, corrections in [] if arguments.tables else plan(arguments.clusters, arguments.zeros, arguments.everything):
                networks[-1].measure(weights, corrections)
        print_all(networks)
        print()
        print_chosen(networks, arguments.clusters)
    except Failure as failure:
        sys.exit(f"ternary-report: {failure}")


if __name__ == "__main__":
    main()

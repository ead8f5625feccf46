#!/usr/bin/env python3
"""This script finds which layers of real networks can be ternary, without retraining: mixed-report.py [NETWORK...].

Each layer alone is made ternary once, the rest being int8, for what that adds to the noise of the network's results. Layers become ternary in the order
of noise for each multiplication that an addition replaces, as many as samples to choose by allow: with all corrections, no more than 2 points below
float by a standard error. Of the others as many as that allows have four bits. Then the network is tested on other samples. Prints a table in
Markdown, and keeps each network's policy as mixed.yaml beside its results in --folder, where accuracies that have been measured are not measured again.
"""

import argparse
import json
import math
import pathlib
import sys

import numpy as np

from accuracy import BOTH, CORRECTIONS, NETWORKS, ROOT, STATISTICS, Failure, Network, must, tool

FOUR_BITS = "int4{block=4}"
POINTS, FEW_CALIBRATE, FEW_RUN = 2, 64, 200  # below float; samples to tell the noise of one layer


class Mixed(Network):
    def __init__(self, name, folder, divisor, cluster):
        super().__init__(name, folder, divisor, True, "mixed.json")
        self.ternary = f"ternary{{cluster={cluster}}}"
        self.labels = np.load(self.folder / "eval_labels.npy")
        samples = np.load(self.folder / "calib.npz")
        np.savez(self.folder / "few.npz", **{key: samples[key][:FEW_CALIBRATE] for key in samples.files})

    def kept(self, key, compute):
        """What has been measured as `key`, or else what `compute` returns."""
        if key not in self.measured:
            self.measured[key] = compute()
            self.write()
            print(f"{self.name}: {key[:100]}: {str(self.measured[key])[:100]}", file=sys.stderr, flush=True)
        return self.measured[key]

    def outputs(self, weights, corrections, calibration="calib.npz", count=None):
        library = self.compile(weights, corrections, calibration)
        must([tool("quantization-run"), library, f"--inputs={self.folder}/eval.npz", f"--outputs={self.scratch('out.npz')}",
              *([f"--samples={count}"] if count else [])])
        with np.load(self.scratch("out.npz")) as outputs:
            values = outputs[outputs.files[0]]
        return values.reshape(len(values), -1)

    def replaced(self, weights):
        """Of each layer: the multiplications that additions replace, and their share of all."""
        path = self.scratch("report.json")
        must([tool("quantization-opt"), self.model, f"--policy={self.policy(weights, [])}", "--emit=report", "--quiet", "-o", path])
        costs = json.loads(path.read_text())["costs"]
        return {layer["layer"]: layer["multiplications"] - layer["multiplications_left"] for layer in costs["layers"]}, costs["total"]["replaced_share"]

    def order(self):
        """Layers, those first that add least noise for what they replace."""
        layers, few = self.layers(), "few.npz"
        floats = self.outputs(None, None, count=FEW_RUN)

        def noise(weights):
            return float(np.mean((self.outputs(weights, STATISTICS, few, FEW_RUN) - floats) ** 2) / np.var(floats))

        none = self.kept("noise of none", lambda: noise({}))
        added = {layer: self.kept(f"noise of {layer} in {self.ternary}", lambda: noise({layer: self.ternary})) - none for layer in layers}
        replaced = self.replaced(dict.fromkeys(layers, self.ternary))[0]
        return sorted((layer for layer in layers if replaced.get(layer)), key=lambda layer: max(added[layer], 0) / replaced[layer])

    def allows(self, weights):
        """Whether samples to choose by are no more than POINTS below float, by a standard error of the difference."""
        floats = self.kept("float is right", lambda: (self.outputs(None, None).argmax(1) == self.labels).tolist())
        right = self.kept(f"is right: {json.dumps(weights)}", lambda: (self.outputs(weights, BOTH).argmax(1) == self.labels).tolist())
        changes = np.array(floats, int) - np.array(right, int)
        return changes.sum() + math.sqrt(np.abs(changes).sum()) <= POINTS / 100 * len(changes)

    def most(self, layers, weights):
        """The most of `layers`, from the first on, for which `allows(weights(layers))` holds, if it holds for fewer whenever for more."""
        low, high = 0, len(layers)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.allows(weights(layers[:middle])) else (low, middle - 1)
        return layers[:low]

    def find(self):
        order = self.order()
        ternary = dict.fromkeys(self.most(order, lambda layers: dict.fromkeys(layers, self.ternary)), self.ternary)
        others = [layer for layer in order if layer not in ternary]
        chosen = ternary | dict.fromkeys(self.most(others, lambda layers: ternary | dict.fromkeys(layers, FOUR_BITS)), FOUR_BITS)
        key = f"tested: {json.dumps(chosen)}"
        tested = self.kept(key, lambda: self.accuracy(self.compile(chosen, BOTH), "test.npz", "labels.npy"))
        floats = self.kept("tested: float", lambda: self.accuracy(self.compile(None, None), "test.npz", "labels.npy"))
        (self.folder / "mixed.yaml").write_text(self.policy(chosen, CORRECTIONS[BOTH]).read_text())
        return {"float": floats[0], "tested": tested[0], "samples": tested[1], "ternary": len(ternary), "four": len(chosen) - len(ternary),
                "layers": len(self.layers()), "replaced": 100 * self.replaced(chosen)[1]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", default=list(NETWORKS), help=f"of {', '.join(NETWORKS)}")
    parser.add_argument("--cluster", type=int, default=4, help="input channels of a cluster")
    parser.add_argument("--quick", action="store_true", help="a tenth of the samples: shows that all works")
    parser.add_argument("--folder", type=pathlib.Path, default=ROOT / "build" / "ternary-report")
    arguments = parser.parse_args()
    if unknown := set(arguments.networks) - set(NETWORKS):
        parser.error(f"unknown networks: {', '.join(sorted(unknown))}; known are {', '.join(NETWORKS)}")
    try:
        found = {name: Mixed(name, arguments.folder, 10 if arguments.quick else 1, arguments.cluster).find() for name in arguments.networks}
    except Failure as failure:
        sys.exit(f"mixed-report: {failure}")
    print("| network | float | mixed | below float | samples | layers in ternary, four bits, of | multiplications replaced |\n" + "|---" * 7 + "|")
    for name, row in found.items():
        print(f"| {name} | {row['float']:.2f} % | {row['tested']:.2f} % | {row['float'] - row['tested']:.2f} | {row['samples']} | "
              f"{row['ternary']}, {row['four']}, {row['layers']} | {row['replaced']:.1f} % |")


if __name__ == "__main__":
    main()

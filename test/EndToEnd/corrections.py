"""This test measures what corrections are worth: corrections.py NETWORK SCRATCH, NETWORK a model of the data folder or `digits`, the demo.

Prints the table of docs/Corrections.md for that network. Judges what must hold: float networks compute the same with equalized ranges, and
corrections that are known to help there do.
"""

import itertools
import shutil
import sys

import numpy as np

import network

# Samples to calibrate with and to judge by, source of the data.
DATA = {
    "digits": (None, None, None),
    "resnet20_cifar10": (500, 1000, "jpeg"),
    "convnet_alex_cifar10quick": (500, 1000, "jpeg"),
    "mobilenet_v2_float": (100, 400, None),
}
# Formats of weights; values are uint8. Then lists of corrections.
BOTH = [[], ["correct-bias"], ["reestimate-statistics"]]
FEEDBACK = [[], ["reestimate-statistics"], ["feed-back-errors", "reestimate-statistics"]]
RANGES = [[], ["equalize-ranges"], ["equalize-ranges", "open-clips"]]
VARIANTS = {
    "digits": [(["int2", "int3"], BOTH)],
    "resnet20_cifar10": [(["int4", "int3", "int2"], BOTH), (["ternary{cluster=4}"], FEEDBACK), (["int8{per=tensor}", "int4{per=tensor}"], [[], ["equalize-ranges"]])],
    "convnet_alex_cifar10quick": [(["int4", "int3", "int2"], BOTH), (["int8{per=tensor}", "int4{per=tensor}"], [[], ["equalize-ranges"]])],
    "mobilenet_v2_float": [(["int8{per=tensor}", "int8"], RANGES)],
}
# Points that corrections bring at least: network, weights, corrections.
GAINS = {
    ("digits", "int2", "correct-bias"): 4,
    ("digits", "int2", "reestimate-statistics"): 8,
    ("resnet20_cifar10", "int2", "reestimate-statistics"): 35,
    ("resnet20_cifar10", "ternary{cluster=4}", "feed-back-errors, reestimate-statistics"): 55,
    ("resnet20_cifar10", "int3", "reestimate-statistics"): 10,
    ("convnet_alex_cifar10quick", "int2", "reestimate-statistics"): 10,
    ("mobilenet_v2_float", "int8{per=tensor}", "equalize-ranges, open-clips"): 35,
}


def export(name, folder):
    if name != "digits":
        calibration, test, dataset = DATA[name]
        network.export(name, folder, calibration, test, dataset)
        return network.model_path(name)
    sys.path.insert(0, str(network.DEMO.parents[1]))
    import digits

    data = digits.split()
    images, labels = data["test"]
    np.savez(folder / "calib.npz", **{digits.INPUT: data["calibration"][0]})
    np.savez(folder / "test.npz", **{digits.INPUT: images})
    np.save(folder / "labels.npy", labels)
    return network.DEMO


class Measurement:
    def __init__(self, name, folder):
        self.folder, self.model = folder, export(name, folder)

    def compile(self, weights, corrections):
        values = "float" if weights == "float" else "uint8"
        (self.folder / "policy.yaml").write_text(
            f"version: 1\ncorrections: [{', '.join(corrections)}]\ninput: {values}\n"
            f"layers:\n  - match: \"*\"\n    weights: {weights}\n    activations: {values}\n")
        return network.compile_model(self.model, self.folder / "corrected.so", f"--policy={self.folder}/policy.yaml",
                                     f"--calibrate-with={self.folder}/calib.npz", "--emit=lib", "--quiet")

    def run(self, weights, corrections):
        """(outputs, accuracy in percent)"""
        artifact = self.compile(weights, corrections)
        outputs, text = network.execute(artifact, self.folder / "test.npz", self.folder, self.folder / "labels.npy")
        return outputs, network.printed_accuracy(text)[0]


def check_float(measurement, name, verdict):
    reference, accuracy = measurement.run("float", [])
    equalized, _ = measurement.run("float", ["equalize-ranges"])
    for output, values in reference.items():
        error = network.relative_error(equalized[output], values)
        verdict.check(error < 1e-5, f"{name}: in float, equalized ranges change {output} by {error:.1e}")
    print(f"| {name} | float | | {accuracy:.2f} % |", flush=True)


def main():
    name, folder = sys.argv[1], network.scratch(sys.argv[2])
    verdict = network.Verdict()
    measurement = Measurement(name, folder)
    check_float(measurement, name, verdict)
    accuracies = {}
    for formats, lists in VARIANTS[name]:
        for weights, corrections in itertools.product(formats, lists):
            key = weights, ", ".join(corrections)
            if key not in accuracies:
                accuracies[key] = measurement.run(weights, corrections)[1]
                print(f"| {name} | {weights} | {key[1]} | {accuracies[key]:.2f} % |", flush=True)
    for (of, weights, corrections), points in GAINS.items():
        if of == name:
            gain = accuracies[weights, corrections] - accuracies[weights, ""]
            verdict.check(gain >= points, f"{name}, {weights}: {corrections} brings {gain:.2f} points, at least {points}")
    verdict.finish()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()

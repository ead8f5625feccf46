#!/usr/bin/env python3
"""Compares what the compiler says of the papers' networks with every figure of theirs that is known before anything runs.

    tools/dev/paper-figures.py [--only NETWORK ...]

Writes the networks (make-networks.py), compiles each to a report of costs (docs/Costs.md) and prints, per figure:

    paper | figure | source tag | ours | ok

Tags tell what a figure is evidence of: S is in the paper's abstract, C in public code of its authors, D follows from the networks' shapes,
R+ is recollected and agrees with the others. Only S and C are the paper's own.
"""

import argparse
import importlib.util
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]

spec = importlib.util.spec_from_file_location("make_networks", HERE / "make-networks.py")
networks = importlib.util.module_from_spec(spec)
spec.loader.exec_module(networks)

JUDD, HASHEMI, WRPN, ADAPTION, MELLEMPUDI = "1511.05236", "1612.03940", "1704.03079", "1711.04713", "1701.08978"


class Figures:
    def __init__(self, folder, only):
        self.folder, self.only = folder, only
        self.count = self.off = self.policies = 0
        self.compiler = shutil.which("quantization-opt") or str(ROOT / "build/bin/quantization-opt")

    def wants(self, *names):
        return not self.only or any(name in self.only for name in names)

    def report(self, network, layers=None, stages=(), weights="float", activations="float"):
        """The costs of the network under a policy: rules (match, weights, activations), then one for all other layers."""
        path = self.folder / f"{network}.onnx"
        if not path.exists():
            networks.make(network, self.folder, shapes_only=True)
        rules = [*(layers or []), ("*", weights, activations)]
        policy = {"version": 1, "layers": [{"match": m, "weights": w, "activations": a} for m, w, a in rules]}
        if stages:
            policy["stages"] = list(stages)
        self.policies += 1
        file = self.folder / f"policy{self.policies}.json"
        file.write_text(json.dumps(policy, indent=1))
        run = subprocess.run([self.compiler, path, f"--policy={file}", "--to=assigned", "--emit=report", "-o", "-"],
                             capture_output=True, text=True)
        if run.returncode:
            sys.exit(f"paper-figures: {network}: {run.stderr}")
        return json.loads(run.stdout)["costs"]

    def compare(self, paper, figure, tag, expected, ours, tolerance=0.0):
        good = abs(ours - expected) <= tolerance
        self.count += 1
        self.off += not good
        digits = lambda value: str(value) if isinstance(value, int) else f"{value:.6g}"
        within = f" (±{tolerance:g})" if tolerance else ""
        print(f"{paper} | {figure}: {digits(expected)}{within} | {tag} | {digits(ours)} | {'yes' if good else 'NO'}", flush=True)


#===------------------------------------------------------------------------===#
# 1511.05236: traffic
#===------------------------------------------------------------------------===#

def inception(*modules):
    return [{"name": "conv1", "match": "conv1/*"}, {"name": "conv2", "match": "conv2/*"},
            *({"name": f"inception_{m}", "match": f"inception_{m}/*"} for m in modules),
            {"name": "classifier", "match": "loss3/*", "counted": False}]


# Samples per batch and elements that each stage reads and writes in one; weights; formats of the stages; the traffic that they leave.
TRAFFIC = {
    "lenet": (100, [2670400, 1008000, 230000, 51000], 430500, "1.1-3.1-3.0-3.0", 0.0806),
    "convnet": (100, [9318400, 4300800, 1945600, 108800, 7400], 145376, "8.0-7.0-7.0-5.0-5.0", 0.2369),
    "alexnet-caffe": (50, [76306950, 47313600, 11897600, 12979200, 12358400, 1484800, 1228800, 254800], 60954656,
                      "10.0-8.0-8.0-8.0-8.0-6.0-4.0-4.0", 0.2774),
    "nin": (89, [88139904, 99657216, 130800096, 56057184, 66438144, 86898176, 21177728, 23102976, 32569728, 11073024, 13123584, 16185896],
            7589920, "10.0-10.0-9.0-12.0-12.0-11.0-11.0-11.0-10.0-10.0-10.0-9.0", 0.3236),
    "googlenet": (50, [198195200, 238336000, 112896000, 202899200, 57702400, 60524800, 61152000, 62876800, 89532800, 24304000, 29788800],
                  5966272, "14.0-10.0-12.0-12.0-12.0-12.0-11.0-11.0-11.0-10.0-9.0", 0.3631),
}
STAGES = {"googlenet": inception("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")}
# One layer with weights per stage otherwise.
LEADERS = {
    "lenet": ["conv1", "conv2", "ip1", "ip2"],
    "convnet": ["conv1", "conv2", "conv3", "ip1", "ip2"],
    "alexnet-caffe": ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"],
    "nin": ["conv1", "cccp1", "cccp2", "conv2", "cccp3", "cccp4", "conv3", "cccp5", "cccp6", "conv4-1024", "cccp7-1024", "cccp8-1024"],
    "googlenet": ["conv1/*", "conv2/*", *(stage["match"] for stage in STAGES["googlenet"][2:-1])],
}
PARETO = [("1.0-1.0-1.0-1.0", .0312), ("1.0-1.0-2.0-2.0", .0335), ("1.1-1.0-2.0-2.0", .0545), ("1.0-2.1-2.0-2.0", .0494),
          ("1.0-2.1-2.1-2.1", .0516), ("1.0-2.2-2.1-2.1", .0596), ("1.1-2.2-3.1-2.0", .0820), ("1.1-1.2-3.1-2.1", .0745),
          ("1.1-2.3-3.1-3.1", .0908), ("1.1-2.4-3.1-3.1", .0988), ("2.3-3.4-4.2-4.3", .1748), ("2.4-3.3-4.2-4.3", .1879),
          ("2.4-2.4-5.2-13.4", .1937)]


def traffic_of(figures, network, formats):
    rules = [(match, "int8", f"q{format}") for match, format in zip(LEADERS[network], formats.split("-"), strict=True)]
    return figures.report(network, rules, STAGES.get(network, ()))["traffic"]


def judd(figures):
    reductions = []
    for network, (batch, counts, weights, formats, ratio) in TRAFFIC.items():
        if not figures.wants(network):
            continue
        traffic = traffic_of(figures, network, formats)
        stages = [stage for stage in traffic["stages"] if stage.get("counted", True)]
        for i, count in enumerate(counts):
            name, ours = (stages[i]["stage"], stages[i]["elements"]) if i < len(stages) else ("-", 0)
            figures.compare(JUDD, f"{network}, stage {i + 1} ({name}), elements of {batch} samples", "C", count, ours * batch)
        figures.compare(JUDD, f"{network}, stages", "C", len(counts), len(stages))
        figures.compare(JUDD, f"{network}, weights", "C", weights, traffic["weights"])
        if network == "googlenet":
            classifier = sum(stage["weights"] for stage in traffic["stages"]) - traffic["weights"]
            figures.compare(JUDD, f"{network}, weights of the classifier, which is not counted", "C", 1024000, classifier)
        ours = traffic["batched"]["ratio"]
        figures.compare(JUDD, f"{network}, traffic under {formats}", "R+", ratio, ours, 0.0005)
        reductions.append(1 - ours)
    if len(reductions) == len(TRAFFIC):
        figures.compare(JUDD, "mean reduction of the five, %", "S", 74, 100 * sum(reductions) / len(reductions), 0.5)
        figures.compare(JUDD, "largest reduction, %", "S", 92, 100 * max(reductions), 0.5)
    # What the weights are of one sample's accesses.
    shares = {"lenet": 8.4, "convnet": 51.9, "alexnet-caffe": 5.1, "nin": 48.9, "googlenet": 79.2}
    for network, share in shares.items():
        if figures.wants(network):
            traffic = figures.report(network, stages=STAGES.get(network, ()))["traffic"]
            ours = 100 * traffic["batched"]["bits"] / traffic["unbatched"]["bits"]
            figures.compare(JUDD, f"{network}, data in the accesses of one sample, %", "D", share, ours, 0.05)
    if figures.wants("lenet"):
        for formats, ratio in PARETO:
            ours = traffic_of(figures, "lenet", formats)["batched"]["ratio"]
            figures.compare(JUDD, f"lenet, traffic under {formats}", "D", ratio, ours, 0.00006)


#===------------------------------------------------------------------------===#
# 1612.03940: memory of parameters, and the accelerator
#===------------------------------------------------------------------------===#

# Formats of weights and inputs; savings of area and power, in %.
PRECISIONS = [("float", "float", 0, 0), ("q16.16", "q16.16", 15.59, 12.05), ("q8.8", "q8.8", 58.90, 58.34), ("q4.4", "q4.4", 79.93, 84.06),
              ("q2.2", "q2.2", 90.08, 91.94), ("pow26", "q8.8", 81.78, 84.78), ("binary", "q8.8", 92.77, 93.09)]


def hashemi(figures):
    for network, kib in (("lenet", 1684), ("cifar10-full", 350)):
        if not figures.wants(network):
            continue
        for weights, activations, area, power in PRECISIONS:
            what = f"{network}, weights {weights}, inputs {activations}"
            costs = figures.report(network, [("*", weights, activations)])
            bits = costs["layers"][0]["weight_bits"]
            figures.compare(HASHEMI, f"{what}, KiB of parameters", "D", kib * bits / 32, costs["total"]["parameter_bytes"] / 1024, 0.5)
            if network != "lenet" or "saving_over_float" not in costs["model"]:
                continue
            saving = costs["model"]["saving_over_float"]
            figures.compare(HASHEMI, f"{what}, area saved (model), %", "R+", area, 100 * saving["area"], 0.1)
            figures.compare(HASHEMI, f"{what}, power saved (model), %", "R+", power, 100 * saving["power"], 0.1)


#===------------------------------------------------------------------------===#
# 1704.03079: compute cost, and activations
#===------------------------------------------------------------------------===#

def wrpn(figures):
    if figures.wants("resnet34"):
        base = figures.report("resnet34")["total"]
        figures.compare(WRPN, "resnet34, multiplications", "D", 3663761408, base["multiplications"])
        figures.compare(WRPN, "resnet34, parameters", "D", 21789160, base["parameters"])
        ends = [("conv1", "float", "float"), ("fc", "float", "float")]
        for wide, weights, values, cost in (("2x", 4, 8, .746), ("2x", 4, 4, .508), ("2x", 2, 4, .389), ("2x", 2, 2, .270), ("2x", 1, 1, .151),
                                            ("3x", 1, 1, .299)):
            total = figures.report(f"resnet34-{wide}", ends, weights=f"int{weights}" if weights > 1 else "binary",
                                   activations=f"uint{values}")["total"]
            figures.compare(WRPN, f"resnet34, {wide} wide, W{weights} A{values}, compute cost to resnet34 in float", "R+", cost,
                            total["compute_cost"] / base["compute_cost"], 0.005)
    # Elements of activations (in millions where the second number says so), and the batch from which they outweigh the weights.
    for network, elements, unit, batch in (("alexnet-caffe", 659272, 1, 93), ("googlenet", 3.23, 1e6, 3), ("resnet34", 3.74, 1e6, 6),
                                           ("resnet50-v1", 10.59, 1e6, 3), ("resnet101-v1", 15.7, 1e6, 3), ("vgg16", 13.6, 1e6, 11)):
        if not figures.wants(network):
            continue
        total = figures.report(network)["total"]
        ours = total["activations"] if unit == 1 else total["activations"] / unit
        figures.compare(WRPN, f"{network}, activations" + (", millions" if unit > 1 else ""), "D", elements, ours,
                        0 if unit == 1 else 0.05 if round(elements, 1) == elements else 0.005)
        figures.compare(WRPN, f"{network}, batch from which activations outweigh weights", "D", batch,
                        total["activations_outweigh_weights_from_batch"])
        narrow = figures.report(network, weights="int4", activations="uint4")["total"]
        figures.compare(WRPN, f"{network}, activation bytes in float to those in 4 bits", "D", 8,
                        total["activation_bytes"] / narrow["activation_bytes"], 0.001)


#===------------------------------------------------------------------------===#
# 1711.04713: storage in 16 bits
#===------------------------------------------------------------------------===#

def adaption(figures):
    if not figures.wants("vgg16"):
        return
    for bits, mebibytes in ((32, 527.7), (16, 263.9), (8, 131.9)):
        formats = ("float", "float") if bits == 32 else (f"q2.{bits - 2}", f"q4.{bits - 4}")
        total = figures.report("vgg16", weights=formats[0], activations=formats[1])["total"]
        figures.compare(ADAPTION, f"vgg16, MiB of parameters in {bits} bits", "D", mebibytes, total["parameter_bytes"] / 2**20, 0.1)
    figures.compare(ADAPTION, "vgg16, parameters", "D", 138357544, total["parameters"])
    figures.compare(ADAPTION, "vgg16, multiplications", "D", 15470264320, total["multiplications"])
    figures.compare(ADAPTION, "vgg16, elements of activations", "D", 13556712, total["activations"])


#===------------------------------------------------------------------------===#
# 1701.08978: multiplications that additions take the place of
#===------------------------------------------------------------------------===#

# Per cent for clusters of 1, 2, 4, ... 64 input channels, with 8 bits in the first layer; MiB with clusters of 4 and of 64.
REPLACED = {
    "resnet101-v1": ("conv1", (44.8, 71.6, 85.0, 91.7, 95.1, 96.8, 97.6), (16.67, 10.98)),
    "resnet50-v1": ("conv1", (42.6, 69.8, 83.4, 90.2, 93.5, 95.2, 96.1), (9.77, 6.32)),
    "vgg16": ("conv1_1", (87.7, 93.6, 96.5, 98.0, 98.7, 99.1, 99.3), (62.9, 34.9)),
    "alexnet-caffe": ("conv1", (71.0, 78.2, 81.8, 83.6, 84.5, 85.0, 85.2), None),
    "googlenet": ("conv1/7x7_s2", (62.1, 77.3, 84.9, 88.7, 90.6, 91.6, 92.0), None),
    "nin": ("conv1", (61.5, 76.1, 83.4, 87.1, 88.9, 89.8, 90.3), None),
    "lenet": ("conv1", (67.0, 77.2, 82.3, 84.8, 86.1, 86.7, 87.0), None),
    "convnet": ("conv1", (76.4, 78.2, 79.2, 79.6, 79.9, 80.0, 80.0), None),
}


def mellempudi(figures):
    for network, (first, shares, sizes) in REPLACED.items():
        if not figures.wants(network):
            continue
        for power, share in enumerate(shares):
            if figures.only and power not in (2, 6):
                continue  # all of them only where everything is asked for
            total = figures.report(network, [(first, "int8", "dfp8")], weights=f"ternary{{cluster={1 << power}}}", activations="dfp8")["total"]
            # The paper says about 85 % and about 98 %.
            tag = "S" if network == "resnet101-v1" and power in (2, 6) else "D"
            figures.compare(MELLEMPUDI, f"{network}, clusters of {1 << power}, % of multiplications replaced", tag, share,
                            100 * total["replaced_share"], 0.1)
            if sizes and power in (2, 6):
                figures.compare(MELLEMPUDI, f"{network}, clusters of {1 << power}, MiB of weights", "D", sizes[power == 6],
                                total["weight_bytes"] / 2**20, 0.05 if sizes[0] > 20 else 0.005)
    if figures.wants("resnet101-v1"):
        total = figures.report("resnet101-v1")["total"]
        figures.compare(MELLEMPUDI, "resnet101-v1, multiplications", "D", 7570194432, total["multiplications"])
        figures.compare(MELLEMPUDI, "resnet101-v1, weights", "D", 44442816, total["weights"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", metavar="network", default=[], help="figures of these networks")
    args = parser.parse_args()
    if unknown := [name for name in args.only if name not in networks.NETWORKS]:
        parser.error(f"unknown: {', '.join(unknown)}; known are {', '.join(networks.NETWORKS)}")
    print("paper | figure | source tag | ours | ok")
    with tempfile.TemporaryDirectory() as folder:
        figures = Figures(pathlib.Path(folder), args.only)
        for paper in (judd, hashemi, wrpn, adaption, mellempudi):
            paper(figures)
    print(f"{figures.count} figures, {figures.off} off")
    return 1 if figures.off or not figures.count else 0


if __name__ == "__main__":
    sys.exit(main())

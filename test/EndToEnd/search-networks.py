# REQUIRES: quantization-data
# RUN: %python %s %t
"""This test searches formats for LeNet and ConvNet and measures integers on samples the search has not seen: search-networks.py SCRATCH.

Traffic must come down as 1511.05236 says of per-layer formats at 1 % loss, to no more than that of the best formats that are the same for all layers,
and what the search promises must hold.
"""

import importlib.util
import pathlib
import sys

import network

# The tolerance in percent of float's accuracy, and the most traffic.
PROMISES = {"lenet_caffe_mnist": (1, 0.10), "convnet_alex_cifar10quick": (1, 0.26)}


def main():
    path = network.ROOT / "tools" / "dev" / "search-report.py"
    spec = importlib.util.spec_from_file_location("search_report", path)
    report = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(report)
    verdict = network.Verdict()
    folder = pathlib.Path(network.scratch(sys.argv[1]))
    for name, (tolerance, most) in PROMISES.items():
        searched = report.Network(name, folder)
        traffic, _, promised, tested, seconds = searched.search("guided", tolerance)
        uniform = searched.search("uniform", tolerance)[0]
        verdict.check(traffic <= most, f"{name}, {tolerance} %: traffic {traffic:.4f}, {most} at most, in {seconds:.0f} s")
        verdict.check(traffic <= uniform, f"{name}, {tolerance} %: the same formats everywhere have {uniform:.4f}")
        verdict.check(promised is not None and promised >= 100 - tolerance, f"{name}, {tolerance} %: at least {promised} % of float's accuracy, as promised")
        verdict.check(tested >= 100 - tolerance, f"{name}, {tolerance} %: {tested:.2f} % as integers on others")
    verdict.finish()


if __name__ == "__main__":
    main()

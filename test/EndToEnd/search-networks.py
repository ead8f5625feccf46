# REQUIRES: quantization-data
# RUN: %python %s %t
"""This test searches formats for LeNet and ConvNet and measures integers on samples the search has not seen: search-networks.py SCRATCH.

Traffic must come down as 1511.05236 says of per-layer formats at 1 % loss, and below that of the best formats that are the same for all layers.
"""

import importlib.util
import pathlib
import sys

import network

# The tolerance to search with, in percent, and the most traffic. Samples to choose by look better than others, the more the fewer they are:
# ConvNet's 500 need a narrow tolerance for the loss on others to stay below LOSS.
PROMISES = {"lenet_caffe_mnist": (1, 0.10), "convnet_alex_cifar10quick": (0.25, 0.26)}
LOSS = 1  # percent of float's accuracy


def main():
    path = network.ROOT / "tools" / "dev" / "search-report.py"
    spec = importlib.util.spec_from_file_location("search_report", path)
    report = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(report)
    verdict = network.Verdict()
    folder = pathlib.Path(network.scratch(sys.argv[1]))
    for name, (tolerance, most) in PROMISES.items():
        searched = report.Network(name, folder)
        traffic, chosen, tested, seconds = searched.search("guided", tolerance)
        uniform = searched.search("uniform", tolerance)[0]
        verdict.check(traffic <= most, f"{name}, {tolerance} %: traffic {traffic:.4f}, {most} at most, in {seconds:.0f} s")
        verdict.check(traffic < uniform, f"{name}, {tolerance} %: the same formats everywhere have {uniform:.4f}")
        verdict.check(chosen > 100 - tolerance, f"{name}, {tolerance} %: {chosen:.2f} % of float's accuracy on samples to choose by")
        verdict.check(tested > 100 - LOSS, f"{name}, {tolerance} %: {tested:.2f} % as integers on others")
    verdict.finish()


if __name__ == "__main__":
    main()

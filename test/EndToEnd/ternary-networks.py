# REQUIRES: quantization-data
# RUN: %python %s %t
"""This test measures weights of few bits on ConvNet and LeNet with what tools/dev/ternary-report.py has: ternary-networks.py SCRATCH.

With clusters of four, what 1701.08978 allows must hold without retraining: 2 points for weights of four bits, 6 for ternary ones. Where there is something
to lose, corrections must win it back, and least squares beat the paper's rule; LeNet loses hardly anything.
"""

import importlib.util
import pathlib
import shutil
import sys

import network


def main():
    path = network.ROOT / "tools" / "dev" / "ternary-report.py"
    sys.path.append(str(path.parent))  # for what reports share
    spec = importlib.util.spec_from_file_location("ternary_report", path)
    report = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(report)
    verdict = network.Verdict()
    folder = pathlib.Path(network.scratch(sys.argv[1]))
    for name in ("convnet_alex_cifar10quick", "lenet_caffe_mnist"):
        of = report.Network(name, folder, 1, True)

        def tested(weights, corrections):
            return of.measure(weights, corrections)["test"]

        floats, four, both = tested("float", report.NONE), tested("int4{block=4}", report.STATISTICS), tested(report.ternary(4), report.BOTH)
        verdict.check(floats - four <= 2, f"{name}: four bits, {four:.2f} %, lose {floats - four:.2f} points, 2 at most")
        verdict.check(floats - both <= 6, f"{name}: ternary weights, {both:.2f} %, lose {floats - both:.2f} points, 6 at most")
        if name == "lenet_caffe_mnist":
            continue
        none, paper = tested(report.ternary(4), report.NONE), tested(report.ternary(4, rule="paper"), report.STATISTICS)
        verdict.check(both >= none + 5, f"{name}: without corrections there are {none:.2f} %, 5 points fewer at least")
        verdict.check(both >= paper + 1, f"{name}: by the paper's rule there are {paper:.2f} %, a point fewer at least")
    verdict.finish()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()

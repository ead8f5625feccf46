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
import pathlib
import re
import sys

from accuracy import BOTH, CORRECTIONS, NETWORKS, NONE, STATISTICS, Failure, Network

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Points below float that are allowed with clusters of four (1701.08978).
BOUNDS = {"ternary": 6, "int4": 2}


def ternary(cluster, zeros=None, rule=None):
    options = [f"cluster={cluster}"] + ([f"zeros={zeros:g}"] if zeros else []) + ([f"rule={rule}"] if rule else [])
    return f"ternary{{{', '.join(options)}}}"


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

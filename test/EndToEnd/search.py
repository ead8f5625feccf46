# REQUIRES: onnxruntime
# RUN: %python %s %t
"""This test searches formats for the demo network: search.py SCRATCH.

The policy must hold what the search says of it, budgets must be met or missed with an error, and a search must be repeatable and resumable.
"""

import csv
import json
import re
import signal
import subprocess
import sys
import time

import numpy as np

import network

sys.path.insert(0, str(network.DEMO.parents[1]))
import digits  # noqa: E402

POINTS = 1.0


class Searcher:
    def __init__(self, folder, verdict):
        self.folder, self.verdict = folder, verdict
        data = digits.split()
        np.savez(folder / "calibration.npz", **{digits.INPUT: data["calibration"][0]})
        images, labels = data["test"]
        np.savez(folder / "choose.npz", **{digits.INPUT: images})
        np.save(folder / "labels.npy", labels)

    def command(self, name, *flags, search=True):
        given = [f"--calibrate-with={self.folder}/calibration.npz"]
        if search:
            given += ["--search", f"--evaluate-with={self.folder}/choose.npz"]
            # 500 images are too few to be sure of 1 %.
            if not any(flag.startswith(("--confidence", "--score=sqnr")) for flag in flags):
                given += ["--confidence=50%"]
        return [network.tool("quantization-opt"), network.DEMO, *given, *flags, "-o", self.folder / name]

    def run(self, name, *flags):
        """(status, standard error)"""
        result = network.run(self.command(name, *flags))
        return result.returncode, result.stderr

    def costs(self, policy):
        network.must(self.command("costs.json", f"--policy={self.folder}/{policy}", "--emit=report", search=False))
        report = json.loads((self.folder / "costs.json").read_text())["costs"]
        return report["traffic"]["batched"]["ratio"], report["total"]["weight_bytes"], report["total"]["activation_bytes"]

    def accuracy(self, policy):
        artifact = network.compile_model(network.DEMO, self.folder / "searched.so", f"--policy={self.folder}/{policy}",
                                         f"--calibrate-with={self.folder}/calibration.npz")
        _, text = network.execute(artifact, self.folder / "choose.npz", self.folder, self.folder / "labels.npy")
        return network.printed_accuracy(text)[0]

    def front(self, name):
        with open(self.folder / name, newline="") as file:
            return list(csv.DictReader(file))


def check_methods(searcher):
    """The report has the costs that the search says, and integers the accuracy, nearly; the paper's method is no better."""
    labels, ratios = f"--labels={searcher.folder}/labels.npy", {}
    for method, formats in [("guided", []), ("guided", ["--search-activations=q1.0..q6.6{round=half-away}"]),
                            ("descent", ["--search-activations=q1.0..q6.6{round=half-away}"])]:
        name = method + ("-q" if formats else "")
        status, said = searcher.run(f"{name}.yaml", labels, *formats, f"--search-method={method}", f"--pareto={searcher.folder}/{name}.csv")
        searcher.verdict.check(status == 0, f"{name}: ends with status {status}: {said.strip().splitlines()[-1:]}")
        rows = searcher.front(f"{name}.csv")
        best = next(row for row in rows if "1%" in row["best_within"].split())
        ratio, weights, activations = searcher.costs(f"{name}.yaml")
        same = abs(ratio - float(best["traffic"])) < 1e-6 and weights == int(best["weight_bytes"]) and activations == int(best["activation_bytes"])
        searcher.verdict.check(same, f"{name}: traffic {ratio:.4f}, {weights} and {activations} bytes, {best['traffic']}, "
                                     f"{best['weight_bytes']} and {best['activation_bytes']} by the table")
        searcher.verdict.check(float(best["relative_accuracy"]) >= 0.99, f"{name}: {best['relative_accuracy']} of float's accuracy")
        told, is_now = 100 * int(best["right"]) / int(best["samples"]), searcher.accuracy(f"{name}.yaml")
        searcher.verdict.check(abs(told - is_now) <= POINTS, f"{name}: {is_now:.2f} % in integers, {told:.2f} % in the search")
        accuracies = [float(row["relative_accuracy"]) for row in rows]
        searcher.verdict.check(accuracies == sorted(accuracies), f"{name}: {len(rows)} points, each dearer one is more accurate")
        ratios[name] = ratio
    searcher.verdict.check(ratios["guided-q"] <= 1.05 * ratios["descent-q"], f"guided {ratios['guided-q']:.4f}, descent {ratios['descent-q']:.4f}")


def check_budgets(searcher):
    status, _ = searcher.run("small.yaml", "--max-weight-bytes=10K", "--max-drop=3%", "--quiet")
    _, weights, _ = searcher.costs("small.yaml")
    searcher.verdict.check(status == 0 and weights <= 10000, f"a budget of 10 K: status {status}, {weights} bytes")
    status, said = searcher.run("impossible.yaml", "--max-weight-bytes=1K", "--quiet")
    right = status == 1 and said.count("error:") == 1 and "is the nearest, which fails --max-weight-bytes and keeps within --max-drop: " in said
    searcher.verdict.check(right, f"a budget of 1 K: status {status}: {said.strip()}")
    _, weights, _ = searcher.costs("impossible.yaml")
    searcher.verdict.check(weights > 1000, f"the nearest has {weights} bytes of weights")
    # The same formats everywhere: all are tried, and those with the fewest weights that are accurate enough are the nearest.
    table = searcher.folder / "uniform.csv"
    status, said = searcher.run("uniform.yaml", "--max-weight-bytes=1K", "--search-method=uniform", f"--pareto={table}")
    _, weights, _ = searcher.costs("uniform.yaml")
    fewest = min(int(row["weight_bytes"]) for row in searcher.front("uniform.csv") if float(row["relative_accuracy"]) >= 0.99)
    tried = int(re.search(r"the best of (\d+) candidates", said)[1])
    searcher.verdict.check(status == 1 and tried > 10 and weights == fewest, f"uniform: status {status}, {tried} tried, {weights} bytes of {fewest}")
    # Marks of a table are of what meets the budgets.
    table = searcher.folder / "small.csv"
    searcher.run("small.yaml", "--max-weight-bytes=10K", "--max-drop=5%", "--quiet", f"--pareto={table}")
    marked = [int(row["weight_bytes"]) for row in searcher.front("small.csv") if row["best_within"]]
    searcher.verdict.check(bool(marked) and max(marked) <= 10000, f"marked within 10 K: {marked} bytes")
    # Equal accuracy loses nothing.
    status, said = searcher.run("equal.yaml", f"--labels={searcher.folder}/labels.npy", "--max-drop=0%")
    right, floats = int(re.search(r": (\d+) of", said.splitlines()[-1])[1]), int(re.search(r"float has (\d+)", said)[1])
    searcher.verdict.check(status == 0 and right >= floats, f"no loss: status {status}, {right} right, {floats} in float")


def check_confidence(searcher):
    """What is promised holds with a confidence on samples held out; what samples cannot show is an error at once."""
    labels, sure = f"--labels={searcher.folder}/labels.npy", "--confidence=95%"
    status, said = searcher.run("few.yaml", labels, sure)
    right = status == 1 and "cannot show with a confidence of 95% that at most 1% is lost" in said and "searching" not in said
    could, takes = re.search(r"--max-drop=([0-9.]+)% could be shown", said), re.search(r"that takes (\d+) or more", said)
    searcher.verdict.check(right and bool(could) and bool(takes), f"500 for 1 %: status {status}: {said.strip()}")
    for drop, wanted in [(float(could[1]), True), (float(could[1]) - 0.1, False)]:
        _, said = searcher.run("few.yaml", labels, sure, f"--max-drop={drop}%")
        searcher.verdict.check(("cannot show" not in said) == wanted, f"500 for {drop} %: {said.strip().splitlines()[-1:]}")
    table = searcher.folder / "sure.csv"
    status, said = searcher.run("sure.yaml", labels, sure, "--max-drop=10%", f"--pareto={table}")
    comment = (searcher.folder / "sure.yaml").read_text().splitlines()[0]
    told = re.search(r"as integers (\d+) of 250 samples right \([0-9.]+ % of float, at least ([0-9.]+) %\) on samples held out, with a confidence of 95%", comment)
    searcher.verdict.check(status == 0 and bool(told) and told[0] in said, f"10 %: status {status}: {comment}")
    best = next(row for row in searcher.front("sure.csv") if "10%" in row["best_within"].split())
    _, weights, _ = searcher.costs("sure.yaml")
    same = best["held_out_right"] == told[1] and int(best["weight_bytes"]) == weights and best["samples"] == "250"
    searcher.verdict.check(same and float(best["held_out_at_least"]) >= 0.9 and float(best["relative_at_least"]) >= 0.9, f"10 %: {best}")


def check_interrupt(searcher):
    """Before there is a candidate nothing is written, and that is said."""
    process = subprocess.Popen([str(word) for word in searcher.command("early.yaml")], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = ""
    while "running the float network" not in said and process.poll() is None:
        said += process.stderr.readline()
    process.send_signal(signal.SIGINT)
    said += process.communicate(timeout=60)[1]
    right = process.returncode == 1 and "interrupted before any candidate was evaluated, so nothing is written" in said
    searcher.verdict.check(right and not (searcher.folder / "early.yaml").exists(), f"interrupted early: status {process.returncode}: {said.strip()}")


def check_library(searcher):
    """A library directly; it is what the policy gives, and as accurate as the search says, also where it is only the nearest."""
    labels = f"--labels={searcher.folder}/labels.npy"
    for name, flags, wanted in [("direct", [], 0), ("nearest", ["--max-weight-bytes=1K"], 1)]:
        status, said = searcher.run(f"{name}.so", labels, *flags)
        told = re.search(r"as integers (\d+) of (\d+) samples right", said)
        searcher.verdict.check(status == wanted and bool(told), f"{name}: status {status}: {said.strip().splitlines()[-1:]}")
        status, _ = searcher.run(f"{name}.yaml", labels, "--quiet", *flags)
        comment = (searcher.folder / f"{name}.yaml").read_text().splitlines()[0]
        searcher.verdict.check(told[0] in comment, f"{name}: the policy says {comment}")
        _, text = network.execute(searcher.folder / f"{name}.so", searcher.folder / "choose.npz", searcher.folder, searcher.folder / "labels.npy")
        accuracy, expected = network.printed_accuracy(text)[0], 100 * int(told[1]) / int(told[2])
        searcher.verdict.check(abs(accuracy - expected) < 0.01, f"{name}: {accuracy:.2f} % in the library, {expected:.2f} % as the search says")
        searcher.verdict.check(abs(searcher.accuracy(f"{name}.yaml") - expected) < 0.01, f"{name}: as much by the policy")


def check_scores(searcher):
    """Without labels, by the float network's classes or by noise; the table as JSON."""
    for flags, found in [([], r"of float\)"), (["--score=agreement"], r"of float\)"), (["--score=sqnr", "--min-sqnr=25"], r": 2[5-9]\.\d+ dB above the noise")]:
        table = searcher.folder / "pareto.json"
        status, said = searcher.run("unlabelled.yaml", f"--pareto={table}", *flags)
        searcher.verdict.check(status == 0 and bool(re.search(found, said.splitlines()[-1])), f"{flags}: status {status}: {said.strip().splitlines()[-1:]}")
        candidates = json.loads(table.read_text())["candidates"]
        right = all(len(candidate["stages"]) == 4 for candidate in candidates) and ("sqnr_db" in candidates[0]) == (len(flags) == 2)
        traffic = [candidate["traffic"] for candidate in candidates]
        searcher.verdict.check(right and traffic == sorted(traffic), f"{flags}: {len(candidates)} candidates as JSON")


def check_latency(searcher):
    """Sixteen bits take longer than eight, so they are not chosen; a time that nothing reaches is an error."""
    formats = ["--search-weights=int7..int10", "--search-activations=uint7..uint10"]
    status, said = searcher.run("fast.yaml", "--minimize=latency", f"--pareto={searcher.folder}/fast.csv", *formats)
    told = re.search(r"([0-9.]+) ms measured \(([0-9.]+) as estimated\)", said)
    searcher.verdict.check(status == 0 and bool(told), f"least time: status {status}: {said.strip().splitlines()[-1:]}")
    measured, estimated = float(told[1]), float(told[2])
    searcher.verdict.check(estimated / 4 < measured < 4 * estimated, f"{measured} ms measured, {estimated} estimated")
    searcher.verdict.check(not re.search(r": u?int(9|10)", (searcher.folder / "fast.yaml").read_text()), "no more than eight bits where that is faster")
    searcher.verdict.check("milliseconds" in searcher.front("fast.csv")[0], "the table has milliseconds")
    status, said = searcher.run("faster.yaml", "--max-latency=0.01us", "--quiet", *formats)
    searcher.verdict.check(status == 1 and "is the nearest" in said and (searcher.folder / "faster.yaml").exists(), f"10 ns: status {status}: {said.strip()}")


def check_log(searcher):
    """An interrupted search leaves a policy, and goes on where it was; so does one that is done."""
    log = f"--search-log={searcher.folder}/search.log"
    process = subprocess.Popen([str(word) for word in searcher.command("stopped.yaml", log)], stdin=subprocess.DEVNULL,
                               stderr=subprocess.PIPE, text=True)
    path = searcher.folder / "search.log"
    while process.poll() is None and not (path.exists() and path.read_text().count("\n") > 3):
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[1]
    searcher.verdict.check(process.returncode == 0 and (searcher.folder / "stopped.yaml").exists(),
                           f"interrupted: status {process.returncode}: {said.strip().splitlines()[-1:]}")
    policies = []
    for name in ["resumed", "again", "anew"]:
        status, said = searcher.run(f"{name}.yaml", "--quiet", *([log] if name != "anew" else []))
        searcher.verdict.check(status == 0, f"{name}: status {status} {said.strip()}")
        policies.append((searcher.folder / f"{name}.yaml").read_text())
    searcher.verdict.check(len(set(policies)) == 1, "resumed, repeated from its log and anew: the same policy")
    candidates = [line for line in path.read_text().splitlines() if "candidate" in line]
    searcher.verdict.check(len(set(candidates)) == len(candidates), f"{len(candidates)} candidates, each logged once")
    status, said = searcher.run("other.yaml", log, "--search-weights=int3..int8")
    searcher.verdict.check(status == 1 and "the log is of another" in said, f"a log of other formats: status {status}: {said.strip()}")


def main():
    verdict = network.Verdict()
    searcher = Searcher(network.scratch(sys.argv[1]), verdict)
    check_methods(searcher)
    check_budgets(searcher)
    check_confidence(searcher)
    check_interrupt(searcher)
    check_library(searcher)
    check_scores(searcher)
    check_latency(searcher)
    check_log(searcher)
    verdict.finish()


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""Measures compiled networks beside other engines: same networks, same machine, taking turns.

The report (Markdown) goes to standard output and, with all samples as JSON, into build/bench. A machine on which other
programs run gets no figures. docs/Benchmarking.md says what is measured and how to read it.
"""

import argparse
import dataclasses
import datetime
import json
import math
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import time

import numpy as np

from benchmark import engines, figures, measure, networks, promises, real, report
from benchmark.worker import busy_seconds

ROOT = pathlib.Path(__file__).resolve().parents[2]
NETWORKS = ["lenet5", "cifar10_quick", "mlp", "encoder", "squeezenet11", "mobilenetv2", "alexnet", "googlenet", "resnet18",
            "resnet50", "resnet50_b16", "vgg16", *real.NAMES]
WATCH = 3  # seconds over which the machine must be quiet to begin


def log(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("names", nargs="*", metavar="NETWORK", help=f"default: all of {', '.join(NETWORKS)}")
    add("--threads", default="1,2", help="counts of threads, between commas (default 1,2)")
    add("--peers", default=",".join(engines.PACKAGES), help="engines to install and run (default: %(default)s)")
    add("--only", help="of the report's columns only these, between commas: " + ", ".join(e.name for e in engines.ENGINES))
    add("--rounds", type=int, default=7)
    add("--fewest", type=int, help="undisturbed rounds that a figure needs (default: more than half)")
    add("--seconds", type=float, default=0.25, help="of one sample (default 0.25)")
    add("--retries", type=int, default=4, help="of a disturbed sample (default 4)")
    add("--no-promises", action="store_true", help="leave out sizes, memory, and what compiling and calibrating take")
    add("--wait", type=float, default=0, metavar="MINUTES", help="wait so long for a quiet machine (default 0)")
    add("--bin", type=pathlib.Path, default=ROOT / "build" / "bin", help="where quantization-opt is")
    add("--venv", type=pathlib.Path, default=ROOT / "build" / "bench-venv", help="where the peers are installed")
    add("--work", type=pathlib.Path, default=ROOT / "build" / "bench", help="where files are kept")
    add("--out", type=pathlib.Path, metavar="FOLDER", help="write the report here too, such as docs/benchmarks")
    add("--allow-noise", action="store_true",
        help="for work on this program: count disturbed samples; the report says that it is not valid")
    args = parser.parse_args()
    args.threads = [int(count) for count in args.threads.split(",")]
    args.peers = [peer for peer in args.peers.split(",") if peer]
    args.fewest = args.fewest or args.rounds // 2 + 1
    known = {engine.name for engine in engines.ENGINES}
    args.only = set(args.only.split(",")) if args.only else known
    args.names = args.names or NETWORKS
    for what, unknown in (("peer", set(args.peers) - set(engines.PACKAGES)), ("column", args.only - known),
                          ("network", {n for n in args.names if n not in real.NAMES and not networks.known(n)})):
        if unknown:
            parser.error(f"unknown {what}: {', '.join(sorted(unknown))}")
    if args.out and args.allow_noise:
        parser.error("a report with --allow-noise is not valid; it is not for --out")
    if not (args.bin / "quantization-opt").exists():
        parser.error(f"{args.bin} has no quantization-opt; run tools/dev/build.sh, or give --bin")
    return args


def others_share(processors, seconds):
    """How many of the processors anybody but this process, which sleeps, uses."""
    before = busy_seconds(processors)
    time.sleep(seconds)
    return (busy_seconds(processors) - before) / seconds


def quiet_machine(args):
    """Whether it is worth to begin."""
    end = time.monotonic() + 60 * args.wait
    processors = measure.choose_processors(max(args.threads)) or sorted(os.sched_getaffinity(0))
    while (share := others_share(processors, WATCH)) > figures.OTHERS_SHARE:
        if args.allow_noise:
            log(f"other programs use {share:.2f} of the processors; going on, the report will not be valid")
            return True
        if time.monotonic() >= end:
            log(f"refused: other programs use {share:.2f} processors, {figures.OTHERS_SHARE} are tolerated; "
                "try again later, or give --wait=MINUTES")
            return False
    return True


def build_peak(folder):
    """The program that measures the arithmetic peak, or None."""
    source, program = pathlib.Path(engines.HERE) / "peak.c", folder / "peak"
    compiler = next(filter(None, map(shutil.which, ("clang-22", "clang", "gcc"))), None)
    if compiler and subprocess.run([compiler, "-O2", source, "-o", program, "-lpthread"]).returncode == 0:
        return program
    return None


def measure_peak(program, threads, processors, attempts=3):
    """The best of several runs: a disturbed machine only shows less."""
    best = {"kind": "", "ops": 0.0}
    for _ in range(attempts if program else 0):
        command = ["taskset", "-c", ",".join(map(str, processors)), str(program), str(threads)]
        result = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        best = {"kind": result["kind"], "ops": max(best["ops"], result["ops"])}
    return best


def make_networks(args, folder, skipped):
    made = []
    for name in args.names:
        why = real.missing(name) if name in real.NAMES else None
        if why:
            log(f"{name} is skipped: {why}")
            skipped[name] = why
            continue
        log(f"making {name}")
        made.append((real if name in real.NAMES else networks).make(name, folder))
    return made


def prepare(tools, columns, network, threads):
    """({name: Prepared}, {name: why not})"""
    ready, not_run = {}, {}
    for engine in columns:
        if engine.networks and network.name not in engine.networks:
            continue
        try:
            ready[engine.name] = engine.prepare(tools, network, threads)
        except engines.NotRun as error:
            not_run[engine.name] = str(error)
    return ready, not_run


def answers(path):
    with np.load(path) as data:
        return [data[str(i)].ravel() for i in range(len(data.files))]


def benchmark(args, tools, columns, network, threads, processors, peak):
    """One network on one count of threads: an entry of the report's results, and the versions of the engines."""
    ready, not_run = prepare(tools, columns, network, threads)
    by_name = {engine.name: engine for engine in columns}
    workers, versions = {}, {}
    plan = measure.Plan(args.rounds, args.seconds, args.retries)
    try:
        for name, prepared in ready.items():
            spec = {"family": by_name[name].family, "file": str(prepared.file), "threads": threads, "test": network.test,
                    "batch": network.batch, "answers": str(tools.folder / f"{network.name}.{name}.answers.npz")}
            try:
                workers[name] = measure.Worker(tools.python, spec, processors, tools.folder / f"{name}.log")
                versions[by_name[name].peer] = workers[name].about["version"]
            except measure.WorkerError as error:
                not_run[name] = str(error)
        failures = {}
        samples = measure.interleave(workers, threads, plan, failures)
        not_run |= failures
    finally:
        for worker in workers.values():
            worker.end()

    measured = [name for name in workers if name not in not_run]
    reference = answers(tools.folder / f"{network.name}.{engines.REFERENCE}.answers.npz") \
        if engines.REFERENCE in measured else None
    entries, found = {}, {}
    for name in measured:
        found[name] = figures.figure(samples[name], threads, args.rounds, args.fewest, args.allow_noise)
        own = answers(tools.folder / f"{network.name}.{name}.answers.npz")
        operations = peak["ops"] if by_name[name].integer else None
        entries[name] = dataclasses.asdict(found[name]) | {
            "share_of_peak": figures.share_of_peak(network.macs * network.batch, found[name].median, operations),
            "sqnr": None if reference is None else figures.signal_to_noise(reference, own),
            "artifact_bytes": ready[name].bytes, "made_seconds": ready[name].seconds,
            "samples": [dataclasses.asdict(sample) for sample in samples[name]],
        } | {key: workers[name].about[key] for key in ("load_seconds", "memory_bytes")}
    agreement = {name: entry["sqnr"] for name, entry in entries.items()}
    best = figures.best_peer({name: found[name] for name in measured if by_name[name].peer}, agreement)
    for name, entry in entries.items():
        entry["ratio"] = best and figures.ratio(samples[name], samples[best], threads, args.fewest, args.allow_noise)
    ours = entries.get(engines.OURS)
    compared = ours and figures.is_same_function(ours["sqnr"])
    return {"network": network.name, "threads": threads, "batch": network.batch, "macs": network.macs, "real": network.real,
            "engines": entries, "best_peer": best, "ratio": ours["ratio"] if compared else None, "not_run": not_run}, versions


def judged(args, tools, columns, network, result, processors, costs):
    """The promises about one network; its costs are measured once, whatever the number of threads."""
    if args.no_promises or engines.OURS not in result["engines"]:
        return []
    if network.name not in costs:
        log(f"calibrating and compiling {network.name}")
        not_run = {}
        with_peer = any(engine.name in promises.QUANTIZED for engine in columns)
        costs[network.name] = promises.measure(tools, network, result["threads"], processors, with_peer, args.retries, args.allow_noise,
                                               not_run)
        for name, why in not_run.items():
            log(f"{network.name}, {name}: {why}")
    return [dataclasses.asdict(promise) | {"share": promise.share, "verdict": promise.verdict}
            for promise in promises.judge(result["engines"], costs[network.name])]


def describe_machine():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    model = next((line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")), "")
    return {"processor": model or platform.machine(), "cores": len(os.sched_getaffinity(0)),
            "system": f"{platform.system()} {platform.release()}"}


def describe_compiler():
    git = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return git.stdout.strip() or "unknown"


def save(folder, stem, whole):
    """As Markdown and JSON, in which infinite decibels have no number."""
    folder.mkdir(parents=True, exist_ok=True)
    text = report.markdown(whole)
    (folder / f"{stem}.md").write_text(text)
    (folder / f"{stem}.json").write_text(json.dumps(finite(whole), indent=1, ensure_ascii=False) + "\n")
    return text


def finite(value):
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [finite(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def main():
    args = parse()
    folder = args.work / "models"
    folder.mkdir(parents=True, exist_ok=True)
    skipped = engines.install(args.venv, args.peers)
    tools = engines.Tools((args.bin / "quantization-opt").resolve(), args.venv.absolute() / "bin" / "python3",
                          folder.absolute())
    columns = [engine for engine in engines.ENGINES if engine.name in args.only
               and (not engine.peer or engine.peer in args.peers and engine.peer not in skipped)]
    made = make_networks(args, folder.absolute(), skipped)
    for network in made:  # before the machine has to be quiet
        for threads in args.threads:
            log(f"preparing {network.name} for {threads} threads")
            for name, why in prepare(tools, columns, network, threads)[1].items():
                log(f"{network.name}, {name}: {why}")
    if not quiet_machine(args):
        return 2

    program = build_peak(args.work)
    whole = {"valid": not args.allow_noise, "date": datetime.date.today().isoformat(), "machine": describe_machine(),
             "versions": {"quantization-opt": describe_compiler()}, "threads": args.threads, "peaks": {}, "notes": [],
             "plan": {"rounds": args.rounds, "seconds": args.seconds, "fewest": args.fewest, "retries": args.retries},
             "results": [], "skipped": skipped}
    costs = {}
    for threads in args.threads:
        processors = measure.choose_processors(threads)
        if processors is None:
            skipped[f"{threads} threads"] = "the machine has fewer cores"
            continue
        peak = whole["peaks"][threads] = measure_peak(program, threads, processors)
        for network in made:
            log(f"measuring {network.name} on {threads} threads")
            result, versions = benchmark(args, tools, columns, network, threads, processors, peak)
            result["promises"] = judged(args, tools, columns, network, result, processors, costs)
            whole["results"].append(result)
            whole["versions"] |= {name: version for name, version in versions.items() if name}
            text = save(args.work, "report", whole)
    if not whole["results"]:
        log("nothing was measured")
        return 2
    print(text)
    if not any(entry["median"] for result in whole["results"] for entry in result["engines"].values()):
        log("no figure: too few samples were undisturbed")
        return 2
    if args.out:
        stem = f"{whole['date']}-{whole['machine']['processor'].replace(' ', '-').lower()}"
        save(args.out, stem, whole)
        log(f"wrote {args.out / stem}.md and .json")
    return 0


if __name__ == "__main__":
    sys.exit(main())

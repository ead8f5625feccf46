"""This module writes what was measured as Markdown."""

import math

from . import figures
from .engines import ENGINES, OURS

LABELS = {engine.name: engine.label for engine in ENGINES}
INTEGER = {engine.name for engine in ENGINES if engine.integer}
NONE = "–"


def number(value, digits=3):
    """Three digits that count, without an exponent."""
    if value is None:
        return NONE
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    rounded = float(f"{value:.{digits - 1}e}")
    decimals = digits - 1 - math.floor(math.log10(abs(rounded))) if rounded else digits - 1
    return f"{rounded:.{decimals}f}" if decimals > 0 else f"{value:.0f}"


def milliseconds(seconds):
    return NONE if seconds is None else number(seconds * 1e3)


def percent(share):
    return NONE if share is None else f"{100 * share:.0f} %"


def decibels(value):
    if value is None or math.isinf(value):
        return number(value)
    return f"{value:.0f}" + ("" if figures.is_same_function(value) else " (another function)")


def megabytes(count):
    return NONE if count is None else f"{count / 1e6:.2f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows])


def markdown(report):
    """The whole report; `report` is what the JSON file holds."""
    parts = ["# Benchmark"]
    if not report["valid"]:
        parts.append("**NOT VALID: samples that other programs disturbed were counted (`--allow-noise`). "
                     "No figure here says anything about any engine.**")
    parts.append(machine(report))
    for threads in report["threads"]:
        results = [result for result in report["results"] if result["threads"] == threads]
        if results:
            parts += [f"## {threads} thread{'s' if threads > 1 else ''}", summary(results)]
    if any(result["promises"] for result in report["results"]):
        parts += ["## Other promises", promised(report["results"])]
    parts += ["## By network"] + [detail(result) for result in report["results"]]
    if report["skipped"]:
        parts += ["## Left out", "\n".join(f"- {name}: {why}" for name, why in report["skipped"].items())]
    return "\n\n".join(parts) + "\n"


def machine(report):
    facts, plan = report["machine"], report["plan"]
    versions = ", ".join(f"{name} {version}" for name, version in report["versions"].items())
    peaks = "; ".join(f"{threads} thread{'s' if int(threads) > 1 else ''}: "
                      + (f"{peak['ops'] / 1e9:.0f} GOPS" if peak["ops"] else "not measured, the machine was busy")
                      for threads, peak in report["peaks"].items())
    kind = next((peak["kind"] for peak in report["peaks"].values()), "")
    return "\n".join([
        f"- {report['date']}, {facts['processor']}, {facts['cores']} cores, {facts['system']}",
        f"- {versions}",
        f"- int8 peak measured with {kind or 'nothing: no instruction known'}: {peaks}",
        f"- {plan['rounds']} rounds of {plan['seconds']} s, at least {plan['fewest']} of them undisturbed for a figure, "
        f"a disturbed sample taken again up to {plan['retries']} times",
        *(f"- {note}" for note in report["notes"]),
    ])


def summary(results):
    """A row per network: time of each engine, and how ours compares with the best."""
    names = [engine.name for engine in ENGINES if any(engine.name in result["engines"] for result in results)]
    head = ["network", "M MAC", *(f"{LABELS[name]}, ms" for name in names), "best peer", "its time by ours", "ours, % of peak",
            "best int8 peer, % of peak"]
    rows = []
    for result in results:
        engines = result["engines"]
        peers = [engine for name, engine in engines.items() if name in INTEGER and not name.startswith("ours")]
        shares = [engine["share_of_peak"] for engine in peers if engine["share_of_peak"] is not None]
        rows.append([result["network"], number(result["macs"] * result["batch"] / 1e6),
                     *(milliseconds(engines[name]["median"]) if name in engines else NONE for name in names),
                     LABELS.get(result["best_peer"], NONE), number(result["ratio"]),
                     percent(engines[OURS]["share_of_peak"] if OURS in engines else None), percent(max(shares, default=None))])
    return table(head, rows)


def amount(value, what):
    """In the unit that `what` ends with; bytes as MB."""
    return megabytes(value) if what.endswith("bytes") else number(value)


def promised(results):
    """A row per network and promise."""
    head = ["network", "threads", "promise", "quantization-opt", "at most", "share of it", "verdict"]
    rows = []
    for result in results:
        for promise in result["promises"]:
            what = promise["what"]
            verdict = {True: "ok", False: "**missed**", None: NONE}[promise["verdict"]]
            rows.append([result["network"], str(result["threads"]), what.replace("bytes", "MB"), amount(promise["ours"], what),
                         amount(promise["bound"], what), percent(promise["share"]), verdict])
    return table(head, rows)


def detail(result):
    head = ["engine", "median ms", "min ms", "undisturbed rounds", "% of int8 peak", "best peer's time by this", "SQNR dB",
            "artifact MB", "made in s", "loaded in ms", "memory MB"]
    rows = [[LABELS[name], milliseconds(e["median"]), milliseconds(e["minimum"]), f"{e['clean']} of {e['rounds']}",
             percent(e["share_of_peak"]), number(e["ratio"]), decibels(e["sqnr"]), megabytes(e["artifact_bytes"]),
             number(e["made_seconds"]), milliseconds(e["load_seconds"]), megabytes(e["memory_bytes"])]
            for name, e in result["engines"].items()]
    weights = "trained" if result["real"] else "random"
    text = [f"### {result['network']}, {result['threads']} thread{'s' if result['threads'] > 1 else ''}",
            f"Batch {result['batch']}, {weights} weights.", table(head, rows)]
    if result["not_run"]:
        text.append("\n".join(f"- {LABELS[name]} did not run: {why}" for name, why in result["not_run"].items()))
    return "\n\n".join(text)

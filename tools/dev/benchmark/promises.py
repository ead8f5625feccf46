"""This module measures what is promised besides speed: sizes, memory, and what compiling and calibrating take."""

import dataclasses
import json

import numpy as np

from . import engines

IMAGES = 32  # that calibration is measured with
FIXED_BYTES, BYTES_OF_CHANNEL = 250_000, 12  # that an artifact may have beside its packed weights
SHARE_OF_MEMORY = 0.5  # of ONNX Runtime's
COMPILING_SECONDS, COMPILED_BYTES = 10, 27_000_000  # of networks with so many bytes of packed weights, ResNet-50 among them
OWN_SHARE = 0.9  # of a processor, that a program must have had for its time to count; the rest is reading and starting
QUANTIZED = ("ort_u8s8", "ort_s8s8")  # the engines that memory is compared with: the smaller counts


@dataclasses.dataclass
class Promise:
    """A figure and what it must not exceed; None where that is not known, or nothing is promised."""

    what: str
    ours: float | None
    bound: float | None

    @property
    def share(self):
        return None if self.ours is None or not self.bound else self.ours / self.bound

    @property
    def verdict(self):
        return None if self.ours is None or self.bound is None else self.ours <= self.bound


def artifact_limit(packed_weight_bytes, channels):
    return packed_weight_bytes + BYTES_OF_CHANNEL * channels + FIXED_BYTES


def memory_limit(entries):
    """Of the entries of a result: half of what ONNX Runtime needs with the same network."""
    peers = [entries[name]["memory_bytes"] for name in QUANTIZED if name in entries]
    return SHARE_OF_MEMORY * min(peers) if peers else None


def judge(entries, costs):
    """The promises about one network; `costs` is what `measure` returned, or None."""
    ours = entries.get(engines.OURS, {})
    made = costs or {}

    def cost(of, key):
        return (made.get(of) or {}).get(key)

    def half(memory):
        return None if memory is None else SHARE_OF_MEMORY * memory
    limit = artifact_limit(made["packed_weight_bytes"], made["channels"]) if "channels" in made else None
    return [
        Promise("artifact, bytes", ours.get("artifact_bytes"), limit),
        Promise("memory of a run, bytes", ours.get("memory_bytes"), memory_limit(entries)),
        Promise("compiling to .so, s", cost("compiling", "seconds"),
                COMPILING_SECONDS if made.get("packed_weight_bytes", COMPILED_BYTES + 1) <= COMPILED_BYTES else None),
        Promise("compiling to .so, bytes", cost("compiling", "peak_bytes"), None),
        Promise(f"calibrating on {IMAGES} images, s", cost("calibrating", "seconds"), cost("peer_calibrating", "seconds")),
        Promise(f"calibrating on {IMAGES} images, bytes", cost("calibrating", "peak_bytes"),
                half(cost("peer_calibrating", "peak_bytes"))),
    ]


def images(tools, network):
    """The network's samples to calibrate with, repeated to as many as are promised."""
    path = tools.path(network, f"calibration{IMAGES}.npz")
    with np.load(network.calibration) as data:
        np.savez(path, **{name: np.resize(data[name], (IMAGES, *data[name].shape[1:])) for name in data.files})
    return path


def undisturbed(watch, retries, allow_noise):
    """What a program takes: the first try in which the machine was its own. Memory counts in any case, time does not."""
    for _ in range(retries + 1):
        cost = watch()
        if cost["cpu_seconds"] >= OWN_SHARE * cost["seconds"]:
            return cost
    return cost if allow_noise else cost | {"seconds": None}


def measure(tools, network, threads, processors, with_peer, retries, allow_noise, not_run):
    """What calibrating and compiling takes, each in a process of its own; reasons for what could not be measured go to `not_run`."""
    samples, statistics = images(tools, network), tools.path(network, "statistics.json")
    ours = [tools.compiler, network.model, "--policy=int8", "--quiet"]
    loading = [*ours, f"--load-statistics-from={statistics}"]
    costs = {}

    def watch(name, *command):
        try:
            costs[name] = undisturbed(lambda: tools.watch(processors, command), retries, allow_noise)
        except engines.NotRun as error:
            not_run[name] = str(error)

    watch("calibrating", *ours, f"--calibrate-with={samples}", f"--save-statistics-to={statistics}", "--to=observed", "-o", "/dev/null")
    if "calibrating" in costs:
        library, report = tools.path(network, "promised.so"), tools.path(network, "report.json")
        watch("compiling", *loading, "--emit=lib", f"--threads={threads}", "-o", library)
        watch("reporting", *loading, "--emit=report", "-o", report)
        if "reporting" in costs:
            told = json.loads(report.read_text())
            costs |= {"channels": told["total"]["channels"], "packed_weight_bytes": told["code"]["packed_weight_bytes"]}
    if with_peer:
        watch("peer_calibrating", tools.python, engines.HERE / "prepare.py", "ort_u8s8", network.model, samples, network.batch,
              tools.path(network, "promised.onnx"))
    return costs

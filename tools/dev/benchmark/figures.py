"""This module turns samples into figures: which samples count, medians, ratios, and how close two answers are.

It is plain arithmetic on plain data; test/Bench tests it.
"""

import dataclasses
import math
import statistics

OWN_SHARE = 0.96  # of a processor, that a sample on one thread must have had
OTHERS_SHARE = 0.15  # of a processor, that others may have used during a sample on several threads
SAME_FUNCTION_DB = 3.0  # an engine whose answers have less signal than this over noise computes another network


@dataclasses.dataclass
class Sample:
    """What a worker measured in one go."""

    round: int
    median: float  # seconds per run
    minimum: float
    runs: int
    wall: float  # seconds in all
    cpu: float  # seconds that the worker's own threads had
    busy: float  # seconds that anybody had on the worker's processors

    @property
    def others(self):
        """Processors that others used of those that the worker is bound to."""
        return max(0.0, self.busy - self.cpu) / self.wall

    def is_clean(self, threads):
        """Whether the machine was the worker's own. The time that a run took plays no part."""
        if threads == 1:
            return self.cpu / self.wall >= OWN_SHARE
        return self.others <= OTHERS_SHARE


@dataclasses.dataclass
class Figure:
    """What is reported of one engine on one network; None where too few samples were clean."""

    median: float | None
    minimum: float | None
    clean: int
    rounds: int


def usable(samples, threads, allow_noise=False):
    """The samples that count."""
    return [sample for sample in samples if allow_noise or sample.is_clean(threads)]


def figure(samples, threads, rounds, fewest, allow_noise=False):
    kept, clean = usable(samples, threads, allow_noise), len(usable(samples, threads))
    if len(kept) < fewest:
        return Figure(None, None, clean, rounds)
    return Figure(statistics.median(s.median for s in kept), min(s.minimum for s in kept), clean, rounds)


def ratio(ours, peer, threads, fewest, allow_noise=False):
    """How many times as fast as the peer we are: the median, over the rounds in which both were measured undisturbed, of
    the peer's time by ours. None where there are too few such rounds."""
    mine = {s.round: s.median for s in usable(ours, threads, allow_noise)}
    pairs = [s.median / mine[s.round] for s in usable(peer, threads, allow_noise) if s.round in mine]
    return statistics.median(pairs) if len(pairs) >= fewest else None


def best_peer(figures, agreement):
    """The fastest of the engines that have a figure and compute the same network, or None.

    `figures` maps names of peers to Figures, `agreement` maps them to decibels or None where nothing is known. One peer is
    chosen for all rounds: the fastest of each round would gather whatever luck there is.
    """
    able = [name for name, value in figures.items() if value.median is not None and is_same_function(agreement.get(name))]
    return min(able, key=lambda name: figures[name].median, default=None)


def is_same_function(decibels):
    return decibels is None or decibels >= SAME_FUNCTION_DB


def signal_to_noise(reference, outputs):
    """Decibels by which the reference outweighs the difference from it: the worst of all outputs.

    Both are lists of flat sequences of numbers. Infinite where there is no difference, minus infinite where an output has
    another size or is not finite.
    """
    if len(reference) != len(outputs):
        return -math.inf
    worst = math.inf
    for expected, actual in zip(reference, outputs):
        if len(expected) != len(actual):
            return -math.inf
        signal = math.fsum(float(e) ** 2 for e in expected)
        noise = math.fsum((float(e) - float(a)) ** 2 for e, a in zip(expected, actual))
        if not math.isfinite(noise) or signal == 0 < noise:
            return -math.inf
        if noise > 0:
            worst = min(worst, 10 * math.log10(signal / noise))
    return worst


def share_of_peak(macs, seconds, peak):
    """The part of `peak` (operations per second, a multiplication and an addition being two) that was used."""
    return 2 * macs / seconds / peak if seconds and peak else None

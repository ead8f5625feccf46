# RUN: %python %s
"""This test makes up samples and checks which of them count, and what figures they give."""

import math
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools" / "dev"))
from benchmark import figures  # noqa: E402
from benchmark.figures import Figure, Sample  # noqa: E402


def sample(median, number=0, cpu=1.0, busy=1.0):
    """A sample of one second."""
    return Sample(round=number, median=median, minimum=median / 2, runs=3, wall=1.0, cpu=cpu, busy=busy)


class NoiseRule(unittest.TestCase):
    def test_one_thread_must_have_had_its_processor(self):
        self.assertTrue(sample(1.0, cpu=0.96).is_clean(1))
        self.assertFalse(sample(1.0, cpu=0.95).is_clean(1))

    def test_several_threads_may_wait_but_not_share(self):
        self.assertTrue(sample(1.0, cpu=1.2, busy=1.3).is_clean(2))
        self.assertFalse(sample(1.0, cpu=1.8, busy=2.0).is_clean(2))

    def test_coarse_clocks_do_not_make_others_negative(self):
        self.assertEqual(sample(1.0, cpu=1.02, busy=1.0).others, 0.0)

    def test_the_time_of_a_run_plays_no_part(self):
        self.assertTrue(sample(1000.0).is_clean(1))


class Figures(unittest.TestCase):
    samples = [sample(1.0, 0), sample(9.0, 1, cpu=0.5), sample(3.0, 2), sample(2.0, 3)]

    def test_disturbed_samples_are_dropped(self):
        self.assertEqual(figures.figure(self.samples, 1, 4, 3), Figure(2.0, 0.5, 3, 4))

    def test_too_few_samples_give_no_figure(self):
        self.assertEqual(figures.figure(self.samples, 1, 4, 4), Figure(None, None, 3, 4))

    def test_noise_that_is_allowed_is_still_counted(self):
        self.assertEqual(figures.figure(self.samples, 1, 4, 4, allow_noise=True), Figure(2.5, 0.5, 3, 4))

    def test_ratios_are_taken_inside_rounds(self):
        # The machine slows down for both: medians of 2 and 6 would say 3, but each round says 2.
        ours = [sample(1.0, 0), sample(2.0, 1), sample(4.0, 2)]
        peer = [sample(2.0, 0), sample(8.0, 2), sample(6.0, 3)]
        self.assertEqual(figures.ratio(ours, peer, 1, 2), 2.0)

    def test_a_ratio_needs_rounds_in_common(self):
        ours = [sample(1.0, 0), sample(1.0, 1, cpu=0.1), sample(1.0, 2)]
        peer = [sample(2.0, 0), sample(2.0, 1), sample(2.0, 2, cpu=0.1)]
        self.assertEqual(figures.ratio(ours, peer, 1, 1), 2.0)
        self.assertIsNone(figures.ratio(ours, peer, 1, 2))

    def test_share_of_peak_counts_two_operations_per_multiplication(self):
        self.assertEqual(figures.share_of_peak(50, 2.0, 100.0), 0.5)
        self.assertIsNone(figures.share_of_peak(50, None, 100.0))
        self.assertIsNone(figures.share_of_peak(50, 2.0, 0.0))


class BestPeer(unittest.TestCase):
    fast, slow, nothing = Figure(1.0, 1.0, 5, 5), Figure(2.0, 0.1, 5, 5), Figure(None, None, 1, 5)

    def test_the_median_decides(self):
        self.assertEqual(figures.best_peer({"a": self.slow, "b": self.fast}, {"a": 30.0, "b": None}), "b")

    def test_without_figure_or_with_wrong_answers_it_does_not_count(self):
        peers = {"a": self.slow, "b": self.fast, "c": self.nothing}
        self.assertEqual(figures.best_peer(peers, {"a": 30.0, "b": 0.5, "c": 30.0}), "a")
        self.assertIsNone(figures.best_peer({"c": self.nothing}, {}))


class Agreement(unittest.TestCase):
    def test_decibels(self):
        self.assertAlmostEqual(figures.signal_to_noise([[3.0, 4.0]], [[3.0, 4.5]]), 20.0)

    def test_the_worst_output_decides(self):
        self.assertAlmostEqual(figures.signal_to_noise([[1.0], [10.0]], [[1.0], [9.0]]), 20.0)

    def test_extremes(self):
        self.assertEqual(figures.signal_to_noise([[1.0]], [[1.0]]), math.inf)
        for wrong in ([], [[1.0, 2.0]], [[math.nan]], [[math.inf]]):
            self.assertEqual(figures.signal_to_noise([[1.0]], wrong), -math.inf)
        self.assertEqual(figures.signal_to_noise([[0.0]], [[1.0]]), -math.inf)


if __name__ == "__main__":
    unittest.main()

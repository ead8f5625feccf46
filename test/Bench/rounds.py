# RUN: %python %s
"""This test lets made-up workers take turns: the order rotates, disturbed samples are taken again, failures end a worker."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools" / "dev"))
from benchmark import measure  # noqa: E402
from benchmark.figures import Sample  # noqa: E402

measure.PAUSE = 0


class Fake:
    """Writes down when it runs; `disturbed` samples come first, and `fails` names the round in which it ends."""

    def __init__(self, name, diary, disturbed=0, fails=None):
        self.name, self.diary, self.disturbed, self.fails = name, diary, disturbed, fails

    def sample(self, number, seconds):
        if len(self.diary) < 2:  # the warm-up of both
            self.diary.append("-")
            return None
        self.diary.append(f"{self.name}{number}")
        if number == self.fails:
            raise measure.WorkerError("ended")
        self.disturbed -= 1
        return Sample(number, 1.0, 1.0, 3, 1.0, 0.5 if self.disturbed >= 0 else 1.0, 1.0)


def run(rounds=2, retries=1, **options):
    diary, failures = [], {}
    workers = {"a": Fake("a", diary), "b": Fake("b", diary, **options)}
    samples = measure.interleave(workers, 1, measure.Plan(rounds, 0.0, retries), failures)
    return diary[2:], samples, failures


class Rounds(unittest.TestCase):
    def test_the_order_rotates(self):
        diary, samples, _ = run()
        self.assertEqual(diary, ["a0", "b0", "b1", "a1"])
        self.assertEqual([s.round for s in samples["b"]], [0, 1])

    def test_a_disturbed_sample_is_taken_again_and_kept_when_it_stays_so(self):
        self.assertEqual(run(disturbed=1)[0], ["a0", "b0", "b0", "b1", "a1"])
        diary, samples, _ = run(disturbed=2)
        self.assertEqual(diary, ["a0", "b0", "b0", "b1", "a1"])
        self.assertEqual([s.is_clean(1) for s in samples["b"]], [False, True])

    def test_a_worker_that_fails_is_left_out(self):
        diary, samples, failures = run(rounds=3, fails=1)
        self.assertEqual(diary, ["a0", "b0", "b1", "a1", "a2"])
        self.assertEqual(failures, {"b": "ended"})
        self.assertEqual(len(samples["a"]), 3)


class Processors(unittest.TestCase):
    def test_one_per_core_or_none(self):
        self.assertEqual(len(measure.choose_processors(1)), 1)
        self.assertIsNone(measure.choose_processors(100000))


if __name__ == "__main__":
    unittest.main()

# RUN: %python %s
"""This test makes up sizes and costs and checks which promises they keep; and it watches a program's memory."""

import json
import pathlib
import subprocess
import sys
import tempfile
import types
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "dev"))
from benchmark import engines, promises  # noqa: E402
from benchmark.promises import Promise  # noqa: E402


def entry(artifact=0, memory=0):
    return {"artifact_bytes": artifact, "memory_bytes": memory}


def verdicts(entries, costs):
    return {promise.what: promise.verdict for promise in promises.judge(entries, costs)}


class Verdicts(unittest.TestCase):
    costs = {"packed_weight_bytes": 1000, "channels": 10, "compiling": {"seconds": 5.0, "peak_bytes": 300},
             "calibrating": {"seconds": 1.0, "peak_bytes": 200}, "peer_calibrating": {"seconds": 1.0, "peak_bytes": 399}}

    def test_an_artifact_is_its_weights_and_little_else(self):
        self.assertEqual(promises.artifact_limit(1000, 10), 251120)
        for size, kept in ((251120, True), (251121, False)):
            self.assertIs(verdicts({"ours_int8": entry(artifact=size)}, self.costs)["artifact, bytes"], kept)

    def test_memory_is_half_of_the_smaller_peer(self):
        peers = {"ort_u8s8": entry(memory=100), "ort_s8s8": entry(memory=80), "ort_float": entry(memory=10), "ov_nncf": entry(memory=1)}
        for memory, kept in ((40, True), (41, False)):
            self.assertIs(verdicts({"ours_int8": entry(memory=memory)} | peers, self.costs)["memory of a run, bytes"], kept)

    def test_calibration_is_no_slower_and_half_as_large(self):
        found = verdicts({"ours_int8": entry()}, self.costs)
        self.assertIs(found["calibrating on 32 images, s"], True)
        self.assertIs(found["calibrating on 32 images, bytes"], False)
        smaller = self.costs | {"peer_calibrating": {"seconds": 1.0, "peak_bytes": 400}}
        self.assertIs(verdicts({"ours_int8": entry()}, smaller)["calibrating on 32 images, bytes"], True)

    def test_compiling_has_a_bound_for_networks_as_large_as_resnet50(self):
        for size, seconds, kept in ((27_000_000, 10.0, True), (27_000_000, 10.1, False), (27_000_001, 1.0, None)):
            costs = self.costs | {"packed_weight_bytes": size, "compiling": {"seconds": seconds, "peak_bytes": 1}}
            self.assertIs(verdicts({"ours_int8": entry()}, costs)["compiling to .so, s"], kept)

    def test_what_is_not_known_is_not_judged(self):
        self.assertEqual(set(verdicts({}, None).values()), {None})
        self.assertEqual(set(verdicts({"ours_int8": entry()}, {"calibrating": {"seconds": 1.0, "peak_bytes": 1}}).values()), {None})
        self.assertIsNone(verdicts({"ours_int8": entry()}, self.costs)["compiling to .so, bytes"])

    def test_shares(self):
        self.assertEqual(Promise("x", 1.0, 4.0).share, 0.25)
        self.assertIsNone(Promise("x", 1.0, 0).share)
        self.assertIsNone(Promise("x", None, 1.0).share)
        self.assertIs(Promise("x", 0, 0).verdict, True)


class Measuring(unittest.TestCase):
    def test_disturbed_times_are_taken_again(self):
        tries = [{"seconds": 2.0, "cpu_seconds": cpu, "peak_bytes": 5} for cpu in (1.0, 1.79, 1.8, 2.0)]
        self.assertEqual(promises.undisturbed(iter(tries).__next__, 3, False), tries[2])
        self.assertEqual(promises.undisturbed(iter(tries).__next__, 1, False), tries[1] | {"seconds": None})
        self.assertEqual(promises.undisturbed(iter(tries).__next__, 1, True), tries[1])

    def test_samples_are_repeated(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder, "few.npz")
            np.savez(source, x=np.arange(6).reshape(3, 2))
            tools = types.SimpleNamespace(path=lambda network, suffix: pathlib.Path(folder, suffix))
            with np.load(promises.images(tools, types.SimpleNamespace(calibration=source))) as data:
                self.assertEqual(data["x"].shape, (32, 2))
                self.assertEqual(data["x"][31].tolist(), [2, 3])

    def watch(self, code):
        command = [sys.executable, "-I", "-S", engines.HERE / "watched.py", sys.executable, "-I", "-S", "-c", code]
        return subprocess.run(command, capture_output=True, text=True)

    def test_a_program_is_watched(self):
        small, large = (json.loads(self.watch(f"import time; x = bytearray({size} << 20); time.sleep(0.2); print('own')").stdout.splitlines()[-1])
                        for size in (0, 100))
        self.assertTrue(95 << 20 < large["peak_bytes"] - small["peak_bytes"] < 110 << 20, (small, large))
        self.assertTrue(0.2 <= small["seconds"] < 20 and small["cpu_seconds"] < 20, small)

    def test_the_failure_of_a_program_is_its_own(self):
        result = self.watch("import sys; sys.exit('broken')")
        self.assertEqual((result.returncode, result.stdout, result.stderr.strip()), (1, "", "broken"))


if __name__ == "__main__":
    unittest.main()

# RUN: %python %s
"""This test formats numbers, and a report of one network, and checks what a reader is told."""

import math
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools" / "dev"))
from benchmark import report  # noqa: E402


def entry(**changes):
    return {"median": 0.002, "minimum": 0.001, "clean": 5, "rounds": 7, "share_of_peak": 0.5, "ratio": 1.0, "sqnr": 30.0,
            "artifact_bytes": 1500000, "made_seconds": 2.0, "load_seconds": 0.01, "memory_bytes": 0, "samples": []} | changes


def whole(**changes):
    result = {"network": "lenet5", "threads": 1, "batch": 1, "macs": 416520, "real": False, "best_peer": "ov_nncf", "ratio": 1.25,
              "engines": {"ours_int8": entry(median=0.0016, ratio=1.25), "ov_nncf": entry(share_of_peak=0.4),
                          "ort_u8s8": entry(median=None, minimum=None, clean=1, share_of_peak=None, ratio=None)},
              "not_run": {"et_int8": "no translation"}, "promises": []}
    return {"valid": True, "date": "2026-01-02", "machine": {"processor": "P", "cores": 2, "system": "S"}, "versions": {"a": "1"},
            "peaks": {1: {"kind": "vpdpbusd", "ops": 4.7e11}}, "plan": {"rounds": 7, "seconds": 0.25, "fewest": 4, "retries": 4},
            "threads": [1], "notes": [], "results": [result], "skipped": {}} | changes


class Numbers(unittest.TestCase):
    def test_three_digits_without_exponent(self):
        for value, text in ((1234.5, "1234"), (123.4, "123"), (12.34, "12.3"), (9.996, "10.0"), (1.0, "1.00"), (0.01234, "0.0123"),
                            (0, "0.00"), (None, "–"), (math.inf, "∞"), (-math.inf, "-∞")):
            self.assertEqual(report.number(value), text)

    def test_another_function_is_named_so(self):
        self.assertEqual(report.decibels(30.4), "30")
        self.assertEqual(report.decibels(1.0), "1 (another function)")
        self.assertEqual(report.decibels(None), "–")

    def test_cells_do_not_break_a_table(self):
        self.assertEqual(report.table(["a"], [["b|c"]]), "| a |\n|---|\n| b\\|c |")


class Report(unittest.TestCase):
    def test_summary(self):
        text = report.markdown(whole())
        row = next(line for line in text.splitlines() if line.startswith("| lenet5"))
        self.assertEqual(row, "| lenet5 | 0.417 | 1.60 | – | 2.00 | OpenVINO NNCF | 1.25 | 50 % | 40 % |")
        self.assertIn("470 GOPS", text)
        self.assertIn("- ExecuTorch int8 did not run: no translation", text)

    def test_a_missing_figure_tells_its_rounds(self):
        row = next(line for line in report.markdown(whole()).splitlines() if line.startswith("| ONNX Runtime U8S8"))
        self.assertTrue(row.startswith("| ONNX Runtime U8S8 | – | – | 1 of 7 | – |"), row)

    def test_only_noise_is_not_valid(self):
        self.assertNotIn("NOT VALID", report.markdown(whole()))
        self.assertIn("NOT VALID", report.markdown(whole(valid=False)))

    def test_what_was_left_out_is_said(self):
        self.assertIn("- resnet20: no data", report.markdown(whole(skipped={"resnet20": "no data"})))

    def test_promises_are_kept_or_missed(self):
        report_of = whole()
        report_of["results"][0]["promises"] = [
            {"what": "artifact, bytes", "ours": 1.5e6, "bound": 2e6, "share": 0.75, "verdict": True},
            {"what": "calibrating on 32 images, s", "ours": 2.0, "bound": 1.0, "share": 2.0, "verdict": False},
            {"what": "compiling to .so, s", "ours": 3.25, "bound": None, "share": None, "verdict": None}]
        text = report.markdown(report_of)
        for row in ("| lenet5 | 1 | artifact, MB | 1.50 | 2.00 | 75 % | ok |",
                    "| lenet5 | 1 | calibrating on 32 images, s | 2.00 | 1.00 | 200 % | **missed** |",
                    "| lenet5 | 1 | compiling to .so, s | 3.25 | – | – | – |"):
            self.assertIn(row, text)
        self.assertNotIn("Other promises", report.markdown(whole()))

    def test_a_busy_machine_has_no_peak(self):
        self.assertIn("not measured", report.markdown(whole(peaks={1: {"kind": "vpdpbusd", "ops": 0}})))


if __name__ == "__main__":
    unittest.main()

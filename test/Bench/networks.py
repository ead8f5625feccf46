# RUN: rm -rf %t && mkdir -p %t
# RUN: %python %s %t
"""This test makes networks with random weights, and checks shapes and costs against those of the published ones."""

import json
import pathlib
import subprocess
import sys
import unittest

import numpy as np
import onnx

DEV = pathlib.Path(__file__).resolve().parents[2] / "tools" / "dev"
sys.path.insert(0, str(DEV))
from benchmark import networks  # noqa: E402

FOLDER = pathlib.Path(sys.argv.pop())


class Networks(unittest.TestCase):
    def test_costs(self):
        for name, macs, parameters in (("lenet5", 416520, 61706), ("cifar10_quick", 12354176, 145578),
                                       ("squeezenet11", 349151936, 1235496), ("encoder", 109051904, 789760)):
            made = networks.make(name, FOLDER)
            weights = [onnx.numpy_helper.to_array(w) for w in onnx.load(made.model).graph.initializer]
            self.assertEqual(made.macs, macs, name)
            self.assertEqual(sum(w.size for w in weights if w.ndim and w.dtype == np.float32), parameters, name)

    def test_the_same_every_time(self):
        (FOLDER / "again").mkdir()
        first, second = networks.make("lenet5", FOLDER), networks.make("lenet5", FOLDER / "again")
        for kind in ("model", "calibration", "test"):
            a, b = (pathlib.Path(getattr(made, kind)) for made in (first, second))
            if kind == "model":
                self.assertEqual(a.read_bytes(), b.read_bytes())
            else:
                np.testing.assert_array_equal(np.load(a)["input"], np.load(b)["input"])

    def test_a_batch_has_as_many_samples(self):
        made = networks.make("lenet5_b16", FOLDER)
        graph = onnx.load(made.model).graph
        self.assertEqual([d.dim_value for d in graph.input[0].type.tensor_type.shape.dim], [16, 1, 28, 28])
        self.assertEqual(np.load(made.test)["input"].shape, (16, 1, 28, 28))
        self.assertFalse(networks.known("lenet5_bx"))
        self.assertFalse(networks.known("lenet6"))

    def test_files_of_other_code_are_made_again(self):
        made = networks.make("lenet5", FOLDER)
        description = FOLDER / "lenet5.json"
        description.write_text(json.dumps(json.loads(description.read_text()) | {"sources": "older", "macs": 1}))
        self.assertEqual(networks.make("lenet5", FOLDER), made)


class CommandLine(unittest.TestCase):
    def test_noise_is_not_for_publishing(self):
        result = subprocess.run([sys.executable, DEV / "bench.py", "--allow-noise", f"--out={FOLDER}"], capture_output=True, text=True)
        self.assertEqual(result.returncode, 2)
        self.assertIn("not valid", result.stderr)


if __name__ == "__main__":
    unittest.main()

"""This module is what the end-to-end tests share: compiling, running, reference results and error measures."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("QUANTIZATION_DATA") or ROOT.parent / "shared" / "data")
DEMO = ROOT / "tools" / "dev" / "demo" / "digits.onnx"


def tool(name):
    return shutil.which(name) or str(ROOT / "build" / "bin" / name)


def scratch(path):
    """An empty folder at `path`."""
    path = pathlib.Path(path)
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def run(command, timeout=1200, **options):
    """Runs to the end without judging; standard output and error as text."""
    return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          errors="replace", timeout=timeout, **options)


def must(command, **options):
    """Runs and returns standard output; a failure ends the test with what the command said."""
    result = run(command, **options)
    if result.returncode != 0:
        sys.exit(f"FAIL: {' '.join(map(str, command))}\nended with status {result.returncode}\n"
                 f"{result.stdout}{result.stderr}")
    return result.stdout


def compile_model(model, output, *flags):
    must([tool("quantization-opt"), model, *flags, "-o", output])
    return pathlib.Path(output)


def execute(artifact, inputs, folder, labels=None):
    """Runs an artifact over all samples: (dict of outputs, what quantization-run printed)."""
    if not isinstance(inputs, (str, pathlib.Path)):
        path = folder / f"{artifact.stem}.in.npz"
        np.savez(path, **inputs)
        inputs = path
    output = folder / f"{artifact.stem}.out.npz"
    command = [tool("quantization-run"), artifact, f"--inputs={inputs}", f"--outputs={output}"]
    text = must(command + ([f"--labels={labels}"] if labels else []))
    with np.load(output) as data:
        return dict(data), text


class Session:
    """A model in ONNX Runtime on one thread; models whose batch is fixed are fed sample by sample.

    exact: run the graph as it is written. ONNX Runtime's integer kernels, which it fuses out of Q/DQ pairs, saturate
    intermediate sums on x86 processors without VNNI; such results say nothing about the quantization.
    """

    def __init__(self, model, exact=False):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        if exact:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        options.log_severity_level = 3
        source = model if isinstance(model, bytes) else str(model)
        self.session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
        self.names = [value.name for value in self.session.get_outputs()]
        shapes = [value.shape for value in self.session.get_inputs()]
        self.step = 1 if any(shape and isinstance(shape[0], int) for shape in shapes) else 32

    def __call__(self, inputs):
        count = len(next(iter(inputs.values())))
        parts = []
        for start in range(0, count, self.step):
            parts.append(self.session.run(None, {k: v[start:start + self.step] for k, v in inputs.items()}))
        return {name: np.concatenate([part[i] for part in parts]) for i, name in enumerate(self.names)}


def model_path(name):
    return DATA / "models" / f"{name}.onnx"


def export(name, folder, calib, test, dataset=None):
    """Writes calib.npz, test.npz and, where there are any, labels.npy; returns (test inputs, labels or None)."""
    command = [sys.executable, DATA / "zoo.py", "export", name, "--out", folder, "--calib", calib, "--test", test]
    print(must(command + (["--dataset", dataset] if dataset else [])).strip(), flush=True)
    labels = folder / "labels.npy"
    with np.load(folder / "test.npz") as data:
        return dict(data), np.load(labels) if labels.exists() else None


def quantize_in_onnxruntime(model, calibration, folder, **options):
    """ONNX Runtime's own static int8 (QDQ, per channel, min-max); options go to quantize_static. Returns the path."""
    import logging

    import onnx
    import onnxruntime
    from onnxruntime import quantization

    onnxruntime.set_default_logger_severity(3)
    logging.disable(logging.WARNING)  # it advises pre-processing on every call
    with np.load(calibration) as data:
        samples = dict(data)
    loaded = onnx.load(str(model))
    if next(o.version for o in loaded.opset_import if o.domain in ("", "ai.onnx")) < 13:
        loaded = onnx.version_converter.convert_version(loaded, 13)
    converted = folder / "reference13.onnx"
    onnx.save(loaded, str(converted))

    class Reader(quantization.CalibrationDataReader):
        def __init__(self):
            self.at = 0

        def get_next(self):
            count = len(next(iter(samples.values())))
            if self.at == count:
                return None
            self.at += 1
            return {k: v[self.at - 1:self.at] for k, v in samples.items()}

    result = folder / f"reference-{'-'.join(str(v) for v in options.values()) or 'int8'}.onnx"
    quantization.quantize_static(str(converted), str(result), Reader(), per_channel=True,
                                 quant_format=quantization.QuantFormat.QDQ,
                                 calibrate_method=quantization.CalibrationMethod.MinMax, **options)
    return result


def top1(output, labels):
    """Share of right answers in percent; output is [n, classes] or reshapes to it."""
    return 100 * float((np.asarray(output).reshape(len(labels), -1).argmax(1) == labels).mean())


def printed_accuracy(text):
    """What quantization-run --labels printed: (percent, n)."""
    match = re.search(r"accuracy: ([0-9.]+) % \(n=(\d+)\)", text)
    return (float(match[1]), int(match[2])) if match else None


def relative_error(output, reference):
    """The largest difference, over the reference's largest magnitude; infinite where shapes differ or NaN appears."""
    output, reference = np.asarray(output, np.float64), np.asarray(reference, np.float64)
    if output.shape != reference.shape or not np.isfinite(output).all():
        return float("inf")
    largest = np.abs(reference).max(initial=0)
    return float(np.abs(output - reference).max(initial=0) / (largest or 1))


def sqnr(output, reference):
    """Signal to quantization noise in dB."""
    output, reference = np.asarray(output, np.float64), np.asarray(reference, np.float64)
    if output.shape != reference.shape or not np.isfinite(output).all():
        return float("-inf")
    noise = float(((output - reference) ** 2).sum())
    return 10 * np.log10(float((reference ** 2).sum()) / noise) if noise else float("inf")


class Verdict:
    """Collects what went wrong; `finish` ends the test with it."""

    def __init__(self):
        self.failures = []
        self.checks = 0

    def check(self, condition, text):
        self.checks += 1
        print(("ok    " if condition else "FAIL  ") + text, flush=True)
        if not condition:
            self.failures.append(text)

    def finish(self):
        if not self.checks:
            sys.exit("FAIL: nothing was checked")
        if self.failures:
            sys.exit(f"FAIL: {len(self.failures)} of {self.checks} checks\n" + "\n".join(self.failures))
        print(f"{self.checks} checks passed")

#!/usr/bin/env python3
"""Compiles the demo network in float and in int8, and prints one table beside ONNX Runtime on held-out digits.

To add a row: write a function that returns a Row, and name it in ROWS.
"""

import argparse
import ctypes
import dataclasses
import json
import pathlib
import subprocess
import sys
import time
from typing import Callable

import numpy as np

import digits

ROOT = pathlib.Path(__file__).resolve().parents[2]


@dataclasses.dataclass
class Row:
    """One way to run the network: its answers, its size, and a call that runs one image."""

    engine: str
    format: str
    logits: np.ndarray
    bytes: int
    run_one: Callable[[], object]
    note: str = ""


class Demo:
    """The data in files, and the tools."""

    def __init__(self, bin_folder, folder):
        self.bin, self.folder = bin_folder, folder
        folder.mkdir(parents=True, exist_ok=True)
        data = digits.split()
        self.images, self.labels = data["test"]
        self.calibration = folder / "calibration.npz"
        self.test = folder / "test.npz"
        np.savez(self.calibration, **{digits.INPUT: data["calibration"][0]})
        np.savez(self.test, **{digits.INPUT: self.images})
        np.save(folder / "labels.npy", self.labels)

    def tool(self, name, *arguments):
        """Runs one of the project's tools, showing the command; returns what it printed."""
        words = [str(word) for word in arguments]
        print("$", name, *(relative(word) for word in words), flush=True)
        result = subprocess.run([str(self.bin / name), *words], capture_output=True, text=True)
        if result.returncode != 0:
            sys.exit(result.stderr or f"error: {name} ended with status {result.returncode}")
        return result.stdout

    def accuracy(self, row):
        return 100 * float((row.logits.argmax(1) == self.labels).mean())


def relative(text):
    return text.replace(f"{ROOT}/", "")


def onnxruntime_row(demo, model, number_format):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    logits = session.run(None, {digits.INPUT: demo.images})[0]
    binding = session.io_binding()
    image, result = demo.images[:1].copy(), np.zeros((1, 10), np.float32)
    binding.bind_input(digits.INPUT, "cpu", 0, np.float32, image.shape, image.ctypes.data)
    binding.bind_output(digits.OUTPUT, "cpu", 0, np.float32, result.shape, result.ctypes.data)

    def run_one(keep=(image, result)):
        session.run_with_iobinding(binding)

    return Row("ONNX Runtime", number_format, logits, model.stat().st_size, run_one)


def onnxruntime_float(demo):
    return onnxruntime_row(demo, digits.MODEL, "float")


def onnxruntime_int8(demo):
    from onnxruntime import quantization

    class Reader(quantization.CalibrationDataReader):
        def __init__(self):
            with np.load(demo.calibration) as data:
                self.images = iter(data[digits.INPUT])

        def get_next(self):
            image = next(self.images, None)
            return None if image is None else {digits.INPUT: image[None]}

    model = demo.folder / "onnxruntime-int8.onnx"
    quantization.quantize_static(str(digits.MODEL), str(model), Reader(), per_channel=True,
                                 quant_format=quantization.QuantFormat.QDQ)
    return onnxruntime_row(demo, model, "int8")


def compiled_row(demo, policy, *flags):
    artifact = demo.folder / f"digits_{policy}.so"
    outputs = demo.folder / f"digits_{policy}.npz"
    demo.tool("quantization-opt", digits.MODEL, *flags, f"--policy={policy}", "--emit=lib", "-o", artifact)
    demo.tool("quantization-run", artifact, f"--inputs={demo.test}", f"--outputs={outputs}")
    benchmark = json.loads(demo.tool("quantization-run", artifact, "--benchmark", "--json"))
    with np.load(outputs) as data:
        logits = data[digits.OUTPUT]

    library = ctypes.CDLL(str(artifact))
    library.run.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    image, result = demo.images[:1].copy(), np.zeros((1, 10), np.float32)
    source, target = ctypes.c_void_p(image.ctypes.data), ctypes.c_void_p(result.ctypes.data)

    def run_one(keep=(image, result)):
        library.run(source, target)

    note = (f"{policy}: {benchmark['weight_bytes']} bytes are constants, {benchmark['arena_bytes']} bytes of scratch "
            f"memory, {benchmark['median_us']:.1f} µs in quantization-run")
    return Row("quantization-opt", policy, logits, artifact.stat().st_size, run_one, note)


def compiled_float(demo):
    return compiled_row(demo, "float")


def compiled_int8(demo):
    return compiled_row(demo, "int8", f"--calibrate-with={demo.calibration}")


ROWS = [onnxruntime_float, onnxruntime_int8, compiled_float, compiled_int8]


def median_times(rows, rounds=30, calls=100):
    """Microseconds per image of each row. The rows take turns: a busy moment of the machine meets all of them."""
    times = [[] for _ in rows]
    for turn in range(rounds + 1):
        for row, spent in zip(rows, times):
            for _ in range(calls):
                start = time.perf_counter_ns()
                row.run_one()
                if turn:  # the first round warms up
                    spent.append(time.perf_counter_ns() - start)
    return [float(np.median(spent)) / 1000 for spent in times]


def print_table(demo, rows):
    print(f"\n| engine | format | accuracy ({len(demo.labels)} held-out digits) | bytes | µs per image |")
    print("|---|---|---|---|---|")
    for row, microseconds in zip(rows, median_times(rows)):
        print(f"| {row.engine} | {row.format} | {demo.accuracy(row):.1f} % | {row.bytes} | {microseconds:.1f} |")
    print("\nbytes: the model file for ONNX Runtime (the engine itself comes on top), the whole shared library for")
    print("quantization-opt (nothing comes on top). µs: median of single-image calls on one thread, all from the same")
    print("Python loop, inputs and outputs bound beforehand (ctypes here, run_with_iobinding for ONNX Runtime).")
    for row in rows:
        if row.note:
            print(row.note)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build" / "bin", help="where the tools are")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build" / "demo", help="where files are written")
    args = parser.parse_args()
    demo = Demo(args.bin.resolve(), args.out.resolve())
    print_table(demo, [row(demo) for row in ROWS])


if __name__ == "__main__":
    main()

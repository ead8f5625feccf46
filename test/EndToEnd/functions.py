"""This test compares the float functions of transformers with double precision: functions.py SCRATCH (Numerics R28)."""

import ctypes
import math
import sys

import numpy as np

import network
import operator_cases

COLUMNS = 4000
EXACT = {
    "erf": math.erf,
    "gelu": lambda x: x * math.erfc(-x * math.sqrt(0.5)) / 2,
    "tanh": lambda x: x / (1 + math.exp(min(700, -2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))),
}


def points():
    """Evenly spaced values where the functions bend, and all magnitudes."""
    magnitudes = np.geomspace(1e-38, 3e18, 8 * COLUMNS)
    return np.concatenate([np.linspace(-6, 6, 48 * COLUMNS), magnitudes, -magnitudes]).astype(np.float32)


def main():
    folder, verdict, x = network.scratch(sys.argv[1]), network.Verdict(), points()
    special = np.array([0, -0.0, np.inf, -np.inf, np.nan] + [0] * (COLUMNS - 5), np.float32)
    rows = np.concatenate([x, special]).reshape(-1, COLUMNS)
    for name, exact in EXACT.items():
        attributes = {"approximate": "tanh"} if name == "tanh" else {}
        node = operator_cases.node("Erf" if name == "erf" else "Gelu", "x", "y", **attributes)
        case = operator_cases.case(f"function-{name}", [node], {"x": ("N", COLUMNS)}, opset=20, ir=9)
        path = folder / f"{name}.onnx"
        path.write_bytes(case.model.SerializeToString())
        library = ctypes.CDLL(str(network.compile_model(path, folder / f"{name}.so", "--emit=lib")))
        y = np.empty_like(rows)  # quantization-run would refuse infinities
        for given, got in zip(rows, y):
            status = library.run(given.ctypes.data_as(ctypes.c_void_p), got.ctypes.data_as(ctypes.c_void_p))
            assert status == 0, status
        y = y.reshape(-1)
        wanted = np.array([exact(float(v)) for v in x])
        # Next to the function's size or, for the tail of GELU that fades out below 0, to that of x.
        error = np.abs(y[:len(x)] - wanted)
        largest = float((error / np.maximum(1, np.abs(x))).max())
        verdict.check(largest <= 1e-6, f"{name}: largest error {largest:.1e}")
        near = (np.abs(x) < 1) & (np.abs(x) > 1e-37)
        relative = float((error[near] / np.abs(wanted[near])).max())
        verdict.check(relative <= 1e-6, f"{name}: largest relative error within 1: {relative:.1e}")
        rest = y[len(x):][:5]
        verdict.check(rest[0] == rest[1] == 0 and np.isnan(rest[4]), f"{name}: zeros and NaN stay")
        verdict.check(rest[2] == (1 if name == "erf" else np.inf), f"{name}: {rest[2]} at infinity")
        if name == "erf":
            verdict.check(rest[3] == -1, f"{name}: {rest[3]} at -infinity")
            verdict.check(bool((np.abs(y[:len(x)]) <= 1).all()), f"{name}: never beyond 1")
            verdict.check(bool((y[48 * COLUMNS:56 * COLUMNS] == -y[56 * COLUMNS:64 * COLUMNS]).all()), f"{name}: odd")
    verdict.finish()


if __name__ == "__main__":
    main()

"""This script compares a network that takes codes or pixels with the same network on f32, bit for bit: check-io.py MODEL.mlir FOLDER.

Of one simulated network, whose results are codes too, it makes an artifact per interface, runs them all on the same images, and checks that the codes that
come out express exactly the outputs of the f32 interface.
"""

import pathlib
import re
import subprocess
import sys

import numpy as np

model, folder = sys.argv[1], pathlib.Path(sys.argv[2])
folder.mkdir(parents=True, exist_ok=True)
random = np.random.default_rng(11)
pixels = random.integers(0, 256, [64, 3, 6, 6], dtype=np.uint8)
pixels[:2] = np.array([0, 255])[:, None, None, None]  # the ends
MEAN, STD = np.float32([123.7, 116.3, 103.5]), np.float32([58.4, 57.1, 57.4])


def opt(*arguments):
    subprocess.run(["quantization-opt", *map(str, arguments), "--quiet"], check=True)


def normalized(values, mean=MEAN, std=STD):
    mean, std = np.float32(mean).reshape(-1, 1, 1), np.float32(std).reshape(-1, 1, 1)
    return ((values.astype(np.float32) - mean) / std).astype(np.float32)


class Artifact:
    """The network with an interface, given by flags."""

    def __init__(self, name, *flags):
        self.name = name
        opt(simulated, "--from=simulated", *flags, "--to=integral", "-o", folder / f"{name}.mlir")
        opt(simulated, "--from=simulated", *flags, "--emit=lib", "-o", folder / f"{name}.so")
        text = (folder / f"{name}.mlir").read_text()
        signature = re.search(r"func\.func @network\((.*)", text)[1]
        self.grids = [(kind, np.float32(scale), int(zero or 0)) for kind, scale, zero in
                      re.findall(r"!quant\.uniform<([ui]8):f32, ([-+.0-9eE]+)(?::(-?\d+))?>", signature)]

    def __call__(self, images):
        np.savez(folder / "in.npz", image=images)
        out = folder / f"{self.name}.npz"
        subprocess.run(["quantization-run", folder / f"{self.name}.so", f"--inputs={folder}/in.npz", f"--outputs={out}"], check=True)
        return np.load(out)["scores"]


def check(condition, text):
    print("ok   " if condition else "FAIL ", text)
    if not condition:
        sys.exit(1)


simulated = folder / "simulated.mlir"
np.savez(folder / "calibration.npz", image=normalized(pixels[:16]))
opt(model, "--from=network", f"--calibrate-with={folder}/calibration.npz", "--policy=int8", "--io=u8", "--to=simulated", "-o", simulated)
plain = Artifact("f32")
check(plain.grids == [], "the f32 interface has no grids")
check(len(np.unique(plain(normalized(pixels)))) > 32, "the outputs differ from image to image")


def same_f32(artifact, stored, floats, what):
    """The f32 that `artifact` makes of `stored` is what the f32 network makes of `floats`."""
    values = artifact(stored)
    check(values.dtype == np.float32 and np.array_equal(values.view(np.int32), plain(floats).view(np.int32)), f"{what}: the same bits in f32")


def same(artifact, stored, floats, what):
    """The codes that `artifact` makes of `stored` express what the f32 network makes of `floats`."""
    expected = plain(floats)
    kind, scale, zero = artifact.grids[-1]
    codes = artifact(stored)
    check(codes.dtype == {"u8": np.uint8, "i8": np.int8}[kind], f"{what}: outputs are {kind}")
    values = (codes.astype(np.int32) - zero).astype(np.float32) * scale
    check(np.array_equal(values.view(np.int32), expected.view(np.int32)), f"{what}: the same bits")


for kind, dtype in [("u8", np.uint8), ("i8", np.int8)]:
    low = int(np.iinfo(dtype).min)
    stored = (pixels.astype(np.int32) + low).astype(dtype)

    flags = [f"--io={kind}"]
    codes = Artifact(f"codes_{kind}", *flags)
    _, scale, zero = codes.grids[0]
    x = normalized(pixels)
    q = np.clip(np.rint(x / scale).astype(np.int32) + zero, low, low + 255).astype(dtype)
    same(codes, q, x, f"--io={kind}")

    mean, std = MEAN + np.float32(low), STD
    channels = Artifact(f"channels_{kind}", *flags, "--input-mean=" + ",".join(map(repr, mean.tolist())),
                        "--input-std=" + ",".join(map(repr, std.tolist())))
    check(channels.grids[0][1:] == (1, 0), f"--io={kind}, a mean per channel: pixels are whole numbers")
    same(channels, stored, normalized(stored, mean, std), f"--io={kind}, a mean and a deviation per channel")

    one = Artifact(f"one_{kind}", *flags, f"--input-mean={120.5 + low}")
    same(one, stored, normalized(stored, 120.5 + low, 1), f"--io={kind}, one mean")

    mixed = Artifact(f"mixed_{kind}", *flags, f"--input-mean={110 + low}", "--input-std=50,60,70")
    same(mixed, stored, normalized(stored, 110 + low, [50, 60, 70]), f"--io={kind}, one mean, a deviation per channel")

    both = ["--input-mean=" + ",".join(map(repr, mean.tolist())), "--input-std=" + ",".join(map(repr, std.tolist()))]
    same_f32(Artifact(f"pixels_{kind}_f32", f"--io={kind},f32", *both), stored, normalized(stored, mean, std), f"--io={kind},f32, pixels")
    same_f32(Artifact(f"codes_{kind}_f32", f"--io={kind},f32"), q, x, f"--io={kind},f32, codes")
    same(Artifact(f"f32_{kind}", f"--io=f32,{kind}"), x, x, f"--io=f32,{kind}")

#!/usr/bin/env python3
"""Writes the benchmark's networks with random weights as ONNX files, with samples to calibrate and to test with.

A name ending in _b16 gives a fixed batch of 16; without names, all networks are written with a batch of 1.
"""

import argparse
import pathlib
import time

import onnx

from benchmark import networks

ROOT = pathlib.Path(__file__).resolve().parents[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "build" / "bench" / "models")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(networks.SHAPES))
    args = parser.parse_args()
    unknown = [name for name in args.names if not networks.known(name)]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; known are {', '.join(networks.SHAPES)}")
    args.out.mkdir(parents=True, exist_ok=True)
    for name in args.names or networks.SHAPES:
        start = time.monotonic()
        made = networks.make(name, args.out)
        parameters = sum(onnx.numpy_helper.to_array(w).size for w in onnx.load(made.model).graph.initializer)
        print(f"{name}: {made.macs / 1e6:.1f} M multiplications a sample, {parameters / 1e6:.2f} M parameters "
              f"({time.monotonic() - start:.1f} s)", flush=True)


if __name__ == "__main__":
    main()

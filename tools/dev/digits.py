"""This module splits scikit-learn's handwritten digits (1797 images, 8x8 pixels of 0..16) the same way every time."""

import pathlib

import numpy as np

MODEL = pathlib.Path(__file__).resolve().parent / "demo" / "digits.onnx"
INPUT, OUTPUT = "image", "logits"
CALIBRATION, TEST = 200, 500


def split():
    """dict of (images float32 [n,1,8,8], labels int64 [n]): `train`, `calibration` and `test` share no image."""
    from sklearn.datasets import load_digits

    data = load_digits()
    order = np.random.default_rng(20).permutation(len(data.target))
    images = data.images[order].astype(np.float32)[:, None]
    labels = data.target[order].astype(np.int64)
    first, second = len(labels) - CALIBRATION - TEST, len(labels) - TEST
    return {
        "train": (images[:first], labels[:first]),
        "calibration": (images[first:second], labels[first:second]),
        "test": (images[second:], labels[second:]),
    }

#!/usr/bin/env python3
"""This program trains the demo network on handwritten digits, in plain numpy, and writes tools/dev/demo/digits.onnx.

    conv 1->16, relu, conv 16->24, relu, max-pool 2, conv 24->32, relu, gemm 512->10       (3x3 convolutions, padding 1)

The result is part of the repository; run this only to change the network. The seed is fixed.
"""

import sys

import numpy as np
import onnx
from numpy.lib.stride_tricks import sliding_window_view
from onnx import TensorProto, helper, numpy_helper

import digits

EPOCHS, BATCH, RATE, DECAY = 40, 32, 2e-3, 1e-4


def patches(x):
    """[n,c,h,w] -> [n*h*w, c*9], the 3x3 surroundings of every pixel."""
    n, c, h, w = x.shape
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return sliding_window_view(padded, (3, 3), axis=(2, 3)).transpose(0, 2, 3, 1, 4, 5).reshape(n * h * w, c * 9)


def conv(x, weight, bias):
    n, _, h, w = x.shape
    columns = patches(x)
    y = columns @ weight.reshape(len(weight), -1).T + bias
    return y.reshape(n, h, w, -1).transpose(0, 3, 1, 2), columns


def conv_backward(dy, columns, weight, need_input=True):
    n, k, h, w = dy.shape
    flat = dy.transpose(0, 2, 3, 1).reshape(-1, k)
    dweight, dbias = (flat.T @ columns).reshape(weight.shape), flat.sum(0)
    if not need_input:
        return dweight, dbias, None
    flipped = weight[:, :, ::-1, ::-1].transpose(1, 0, 2, 3)
    return dweight, dbias, conv(dy, np.ascontiguousarray(flipped), 0)[0]


def forward(p, x):
    a1, c1 = conv(x, p["w1"], p["b1"])
    r1 = np.maximum(a1, 0)
    a2, c2 = conv(r1, p["w2"], p["b2"])
    r2 = np.maximum(a2, 0)
    n, k, h, w = r2.shape
    windows = r2.reshape(n, k, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, k, h // 2, w // 2, 4)
    m = windows.max(-1)
    a3, c3 = conv(m, p["w3"], p["b3"])
    r3 = np.maximum(a3, 0).reshape(n, -1)
    return r3 @ p["w4"].T + p["b4"], (c1, r1, c2, r2, windows, c3, r3, a3.shape)


def gradients(p, x, y):
    logits, (c1, r1, c2, r2, windows, c3, r3, shape3) = forward(p, x)
    e = np.exp(logits - logits.max(1, keepdims=True))
    d = e / e.sum(1, keepdims=True)
    d[np.arange(len(y)), y] -= 1
    d /= len(y)
    g = {"w4": d.T @ r3, "b4": d.sum(0)}
    d = ((d @ p["w4"]) * (r3 > 0)).reshape(shape3)
    g["w3"], g["b3"], d = conv_backward(d, c3, p["w3"])
    chosen = windows.argmax(-1)[..., None] == np.arange(4)
    n, k, h, w, _ = windows.shape
    d = (d[..., None] * chosen).reshape(n, k, h, w, 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(r2.shape) * (r2 > 0)
    g["w2"], g["b2"], d = conv_backward(d, c2, p["w2"])
    g["w1"], g["b1"], _ = conv_backward(d * (r1 > 0), c1, p["w1"], need_input=False)
    return g


def shifted(rng, x):
    """Each image moved by up to one pixel."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    moves = rng.integers(0, 3, (len(x), 2))
    return np.stack([image[:, dy:dy + 8, dx:dx + 8] for image, (dy, dx) in zip(padded, moves)])


def train(images, labels):
    rng = np.random.default_rng(0)
    shapes = {"w1": (16, 1, 3, 3), "w2": (24, 16, 3, 3), "w3": (32, 24, 3, 3), "w4": (10, 512)}
    p = {}
    for name, shape in shapes.items():
        deviation = np.sqrt(2 / np.prod(shape[1:]))
        p[name] = rng.normal(0, deviation, shape).astype(np.float32)
        p["b" + name[1]] = np.zeros(shape[0], np.float32)
    mean = {k: np.zeros_like(v) for k, v in p.items()}
    square = {k: np.zeros_like(v) for k, v in p.items()}
    step, steps = 0, EPOCHS * (len(images) // BATCH)
    for epoch in range(EPOCHS):
        order = rng.permutation(len(images))
        for start in range(0, len(images) - BATCH + 1, BATCH):
            pick = order[start:start + BATCH]
            g = gradients(p, shifted(rng, images[pick]), labels[pick])
            rate = RATE * 0.5 * (1 + np.cos(np.pi * step / steps))
            step += 1
            for k in p:  # Adam, with decoupled weight decay
                mean[k] = 0.9 * mean[k] + 0.1 * g[k]
                square[k] = 0.999 * square[k] + 0.001 * g[k] ** 2
                update = (mean[k] / (1 - 0.9 ** step)) / (np.sqrt(square[k] / (1 - 0.999 ** step)) + 1e-8)
                p[k] = (p[k] - rate * (update + (DECAY * p[k] if k[0] == "w" else 0))).astype(np.float32)
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: {accuracy(p, images, labels):.1f} % of the training images", flush=True)
    return p


def accuracy(p, images, labels):
    return 100 * float((forward(p, images)[0].argmax(1) == labels).mean())


def save(p, path):
    """The network takes pixels as they are (0..16): the 1/16 of training goes into the first weights."""
    p = dict(p, w1=p["w1"] / np.float32(16))
    conv3 = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}
    nodes = [
        helper.make_node("Conv", [digits.INPUT, "w1", "b1"], ["conv1"], "conv1", **conv3),
        helper.make_node("Relu", ["conv1"], ["relu1"], "relu1"),
        helper.make_node("Conv", ["relu1", "w2", "b2"], ["conv2"], "conv2", **conv3),
        helper.make_node("Relu", ["conv2"], ["relu2"], "relu2"),
        helper.make_node("MaxPool", ["relu2"], ["pool"], "pool", kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Conv", ["pool", "w3", "b3"], ["conv3"], "conv3", **conv3),
        helper.make_node("Relu", ["conv3"], ["relu3"], "relu3"),
        helper.make_node("Flatten", ["relu3"], ["flat"], "flatten"),
        helper.make_node("Gemm", ["flat", "w4", "b4"], [digits.OUTPUT], "gemm", transB=1),
    ]
    graph = helper.make_graph(
        nodes, "digits",
        [helper.make_tensor_value_info(digits.INPUT, TensorProto.FLOAT, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info(digits.OUTPUT, TensorProto.FLOAT, ["N", 10])],
        [numpy_helper.from_array(p[k], k) for k in sorted(p)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7,
                              producer_name="quantization-opt demo")
    onnx.checker.check_model(model, full_check=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(path))


def main():
    data = {key: (images / np.float32(16), labels) for key, (images, labels) in digits.split().items()}
    p = train(*data["train"])
    held_out = accuracy(p, *data["test"])
    print(f"held-out accuracy: {held_out:.2f} % (n={digits.TEST})")
    if held_out < 98:
        sys.exit("error: the network is not good enough (98 % wanted); nothing written")
    save(p, digits.MODEL)
    print(f"{digits.MODEL}: {digits.MODEL.stat().st_size} bytes")


if __name__ == "__main__":
    main()

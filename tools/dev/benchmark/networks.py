"""This module holds the networks of the benchmark that have real shapes and random weights.

Variants: AlexNet is torchvision's (ungrouped, without local response normalization), GoogLeNet and VGG-16 likewise (the
first with batch normalization, the second without), ResNet-50 is v1.5 (the stride is in the 3×3 convolution).
A new network is a function with the decorator.
"""

import dataclasses
import hashlib
import json
import pathlib

import numpy as np
import onnx

from . import graph

SEED = 20
CALIBRATION, TEST = 8, 4  # samples; a batch of more needs as many


@dataclasses.dataclass
class Network:
    """What is benchmarked, in files: the float model, samples to calibrate with, samples to compare answers on."""

    name: str
    model: str
    calibration: str
    test: str
    batch: int
    macs: int  # per sample
    real: bool = False  # trained weights


SHAPES = {}  # name: (function, shape of a sample)


def network(*shape):
    def register(function):
        SHAPES[function.__name__] = (function, shape)
        return function

    return register


@network(1, 28, 28)
def lenet5(g, x):
    x = g.max_pool(g.relu(g.conv(x, 6, 5, pad=2)), 2, 2)
    x = g.max_pool(g.relu(g.conv(x, 16, 5)), 2, 2)
    x = g.relu(g.gemm(g.flatten(x), 120, gain=2))
    return g.gemm(g.relu(g.gemm(x, 84, gain=2)), 10)


@network(3, 32, 32)
def cifar10_quick(g, x):
    x = g.relu(g.max_pool(g.conv(x, 32, 5, pad=2), 3, 2, ceil=True))
    for channels in (32, 64):
        x = g.average_pool(g.relu(g.conv(x, channels, 5, pad=2)), 3, 2, ceil=True)
    return g.gemm(g.gemm(g.flatten(x), 64), 10)


@network(784)
def mlp(g, x):
    for _ in range(2):
        x = g.relu(g.gemm(x, 4096, gain=2))
    return g.gemm(x, 10)


@network(64, 56, 56)
def convs64(g, x):
    """Four convolutions for formats of few bits."""
    for _ in range(4):
        x = g.relu(g.conv(x, 64, 3, pad=1))
    return x


@network(4096)
def matrices(g, x):
    """Four matrices that together fit no cache, for formats of few bits."""
    for _ in range(4):
        x = g.relu(g.gemm(x, 4096, gain=2))
    return x


def three_matrices(g, x):
    """The classifier of AlexNet and VGG."""
    x = g.flatten(x)
    for _ in range(2):
        x = g.relu(g.gemm(x, 4096, gain=2))
    return g.gemm(x, 1000)


@network(3, 224, 224)
def alexnet(g, x):
    x = g.max_pool(g.relu(g.conv(x, 64, 11, stride=4, pad=2)), 3, 2)
    x = g.max_pool(g.relu(g.conv(x, 192, 5, pad=2)), 3, 2)
    for channels in (384, 256, 256):
        x = g.relu(g.conv(x, channels, 3, pad=1))
    return three_matrices(g, g.max_pool(x, 3, 2))


@network(3, 224, 224)
def vgg16(g, x):
    for channels, layers in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(layers):
            x = g.relu(g.conv(x, channels, 3, pad=1))
        x = g.max_pool(x, 2, 2)
    return three_matrices(g, x)


def conv_norm(g, x, channels, kernel, stride=1, group=1):
    return g.batch_norm(g.conv(x, channels, kernel, stride, pad=kernel // 2, group=group, bias=False))


def conv_norm_relu(g, x, *shape, **attributes):
    return g.relu(conv_norm(g, x, *shape, **attributes))


@network(3, 224, 224)
def googlenet(g, x):
    def inception(x, one, three_in, three, five_in, five, pooled):
        # torchvision's: the branch that the paper gives 5×5 kernels has 3×3 ones.
        return g.concat(conv_norm_relu(g, x, one, 1),
                        conv_norm_relu(g, conv_norm_relu(g, x, three_in, 1), three, 3),
                        conv_norm_relu(g, conv_norm_relu(g, x, five_in, 1), five, 3),
                        conv_norm_relu(g, g.max_pool(x, 3, 1, pad=1), pooled, 1))

    x = g.max_pool(conv_norm_relu(g, x, 64, 7, stride=2), 3, 2, ceil=True)
    x = conv_norm_relu(g, conv_norm_relu(g, x, 64, 1), 192, 3)
    blocks = [[(64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)],
              [(192, 96, 208, 16, 48, 64), (160, 112, 224, 24, 64, 64), (128, 128, 256, 24, 64, 64),
               (112, 144, 288, 32, 64, 64), (256, 160, 320, 32, 128, 128)],
              [(256, 160, 320, 32, 128, 128), (384, 192, 384, 48, 128, 128)]]
    for stage, sizes in enumerate(blocks):
        x = g.max_pool(x, 2 if stage == 2 else 3, 2, ceil=True)
        for size in sizes:
            x = inception(x, *size)
    return g.gemm(g.global_average(x), 1000)


def residual_network(g, x, block, stages):
    x = g.max_pool(conv_norm_relu(g, x, 64, 7, stride=2), 3, 2, pad=1)
    for stage, blocks in enumerate(stages):
        for i in range(blocks):
            x = block(g, x, 64 << stage, 2 if stage and not i else 1)
    return g.gemm(g.global_average(x), 1000)


def join(g, y, x, stride):
    """The sum with the shortcut, which is a projection where the shape changes."""
    if stride != 1 or x.channels != y.channels:
        x = conv_norm(g, x, y.channels, 1, stride)
    return g.relu(g.add(y, x))


def basic_block(g, x, channels, stride):
    y = conv_norm_relu(g, x, channels, 3, stride)
    return join(g, conv_norm(g, y, channels, 3), x, stride)


def bottleneck(g, x, channels, stride):
    y = conv_norm_relu(g, conv_norm_relu(g, x, channels, 1), channels, 3, stride)
    return join(g, conv_norm(g, y, 4 * channels, 1), x, stride)


@network(3, 224, 224)
def resnet18(g, x):
    return residual_network(g, x, basic_block, (2, 2, 2, 2))


@network(3, 224, 224)
def resnet50(g, x):
    return residual_network(g, x, bottleneck, (3, 4, 6, 3))


@network(3, 224, 224)
def mobilenetv2(g, x):
    def conv_relu6(x, *shape, **attributes):
        return g.relu6(conv_norm(g, x, *shape, **attributes))

    def inverted_residual(x, channels, stride, expansion):
        hidden = x.channels * expansion
        y = conv_relu6(x, hidden, 1) if expansion != 1 else x
        y = conv_norm(g, conv_relu6(y, hidden, 3, stride=stride, group=hidden), channels, 1)
        return g.add(y, x) if stride == 1 and channels == x.channels else y

    x = conv_relu6(x, 32, 3, stride=2)
    for expansion, channels, blocks, stride in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2),
                                                (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)):
        for i in range(blocks):
            x = inverted_residual(x, channels, 1 if i else stride, expansion)
    return g.gemm(g.global_average(conv_relu6(x, 1280, 1)), 1000)


@network(3, 224, 224)
def squeezenet11(g, x):
    def fire(x, squeezed, expanded):
        x = g.relu(g.conv(x, squeezed, 1))
        return g.concat(g.relu(g.conv(x, expanded, 1)), g.relu(g.conv(x, expanded, 3, pad=1)))

    x = g.relu(g.conv(x, 64, 3, stride=2))
    for fires in ([(16, 64), (16, 64)], [(32, 128), (32, 128)], [(48, 192), (48, 192), (64, 256), (64, 256)]):
        x = g.max_pool(x, 3, 2, ceil=True)
        for sizes in fires:
            x = fire(x, *sizes)
    return g.global_average(g.relu(g.conv(x, 1000, 1)))


@network(128, 256)
def encoder(g, x, heads=4, hidden=1024):
    """One layer as in BERT: 128 tokens, 256 features, normalization after each sum."""
    tokens, features = x.probe.shape[1:]
    size = features // heads

    def split(x, *order):
        return g.transpose(g.reshape(x, 0, tokens, heads, size), *order)

    query, value = split(g.linear(x, features), 0, 2, 1, 3), split(g.linear(x, features), 0, 2, 1, 3)
    key = split(g.linear(x, features), 0, 2, 3, 1)
    scores = g.node("Mul", g.matmul(query, key), np.float32(size**-0.5).reshape(()))
    mixed = g.transpose(g.matmul(g.node("Softmax", scores, axis=-1), value), 0, 2, 1, 3)
    x = g.layer_norm(g.add(x, g.linear(g.reshape(mixed, 0, tokens, features), features)))
    return g.layer_norm(g.add(x, g.linear(g.gelu(g.linear(x, hidden, gain=2)), features)))


def samples(shape, count, random):
    """Random inputs of mean 0 and deviation 1. Pictures are smooth, as real ones are: through a deep network, white noise
    would average to the same answer for every sample, and rounding errors would look large beside the differences."""
    if len(shape) != 3:
        return random.standard_normal((count, *shape), dtype=np.float32)
    channels, height, width = shape
    x = np.zeros((count, *shape), np.float32)
    for cells in (4, 8, 16, 32):
        coarse = random.standard_normal((count, channels, cells, cells), dtype=np.float32) / cells
        rows, columns = (np.arange(n) * cells // n for n in (height, width))
        x += coarse[:, :, rows[:, None], columns]
    x += 0.02 * random.standard_normal(x.shape, dtype=np.float32)
    return (x - x.mean(axis=(1, 2, 3), keepdims=True)) / x.std(axis=(1, 2, 3), keepdims=True)


def make(name, folder):
    """Writes a network's files unless they are there; `name` ends in _b16 for a batch of 16."""
    base, _, batch = name.partition("_b")
    batch = int(batch or 1)
    made = Network(name, str(folder / f"{name}.onnx"), str(folder / f"{name}.calibration.npz"),
                   str(folder / f"{name}.test.npz"), batch, 0)
    description, sources = folder / f"{name}.json", digest()
    if description.exists():
        old = json.loads(description.read_text())
        if old.pop("sources", "") == sources:
            return Network(**old)
    function, shape = SHAPES[base]
    random = np.random.default_rng(SEED)
    g = graph.Graph(base, samples(shape, 1, random), SEED)
    onnx.save(g.model(function(g, g.input), batch), made.model)
    made.macs = g.macs
    for path, count in ((made.calibration, CALIBRATION), (made.test, TEST)):
        np.savez(path, **{graph.INPUT: samples(shape, max(batch, count), random)})
    description.write_text(json.dumps(dataclasses.asdict(made) | {"sources": sources}, indent=1))
    return made


def digest():
    """Names the state of the code that makes the files, so that a change of it makes them again."""
    folder = pathlib.Path(__file__).parent
    return hashlib.sha256(b"".join((folder / name).read_bytes() for name in ("graph.py", "networks.py"))).hexdigest()[:16]


def known(name):
    base, separator, batch = name.partition("_b")
    return base in SHAPES and (not separator or batch.isdigit())

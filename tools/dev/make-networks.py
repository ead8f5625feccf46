#!/usr/bin/env python3
"""Writes the networks of the papers on number formats as ONNX: their real shapes, random weights.

    tools/dev/make-networks.py OUT [NAME ...]

The name says the variant: `-caffe` as Caffe's model zoo has it, `-v1` with the stride on a bottleneck's first convolution, `-2x` and
`-3x` with so many times the filters in all layers but the first and the last. Pools round up, as Caffe's do, where the network is from there.
"""

import argparse
import pathlib
import zlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

NETWORKS = {}


def network(name, *shape):
    def register(build):
        NETWORKS[name] = (build, shape)
        return build

    return register


class Network:
    """A graph under construction. Each method adds one node after the value `at` (the last one by default) and returns its name."""

    def __init__(self, name, shape, folder=None):
        self.name, self.folder = name, folder
        self.nodes, self.tensors, self.shapes = [], [], {"data": tuple(shape)}
        self.last, self.external = "data", 0
        self.random = np.random.default_rng(zlib.crc32(name.encode()))

    def node(self, kind, name, inputs, shape, **attributes):
        self.nodes.append(helper.make_node(kind, inputs, [name], name, **attributes))
        self.shapes[name], self.last = tuple(shape), name
        return name

    def small(self, name, values):
        self.tensors.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def weights(self, name, *shape):
        if self.folder is None:
            values = self.random.standard_normal(shape, np.float32) * np.float32(np.sqrt(2 / np.prod(shape[1:])))
            return self.small(name, values)
        # Shapes are all that matters: every tensor is the same zeros of one file without content.
        tensor = TensorProto(name=name, dims=shape, data_type=TensorProto.FLOAT, data_location=TensorProto.EXTERNAL)
        size = 4 * int(np.prod(shape))
        for key, value in {"location": f"{self.name}.bin", "offset": 0, "length": size}.items():
            tensor.external_data.add(key=key, value=str(value))
        self.external = max(self.external, size)
        self.tensors.append(tensor)
        return name

    def bias(self, name, channels):
        return self.small(name, self.random.standard_normal(channels) * 0.05)

    def conv(self, name, channels, kernel, stride=1, pad=0, group=1, at=None, bias=True, relu=""):
        at = at or self.last
        into, *size = self.shapes[at]
        inputs = [at, self.weights(f"{name}.weight", channels, into // group, kernel, kernel)]
        inputs += [self.bias(f"{name}.bias", channels)] if bias else []
        shape = (channels, *((s + 2 * pad - kernel) // stride + 1 for s in size))
        self.node("Conv", name, inputs, shape, strides=[stride] * 2, pads=[pad] * 4, group=group, kernel_shape=[kernel] * 2)
        return self.relu(relu) if relu else name

    def norm(self, name):
        channels = self.shapes[self.last][0]
        values = {"scale": self.random.uniform(0.5, 1.5, channels), "bias": self.random.standard_normal(channels) * 0.1,
                  "mean": self.random.standard_normal(channels) * 0.1, "var": self.random.uniform(0.5, 1.5, channels)}
        inputs = [self.last, *(self.small(f"{name}.{key}", value) for key, value in values.items())]
        return self.node("BatchNormalization", name, inputs, self.shapes[self.last])

    def fc(self, name, outputs):
        shape = self.shapes[self.last]
        if len(shape) > 1:
            self.node("Flatten", f"{name}.flatten", [self.last], (int(np.prod(shape)),))
        inputs = [self.last, self.weights(f"{name}.weight", outputs, int(np.prod(shape))), self.bias(f"{name}.bias", outputs)]
        return self.node("Gemm", name, inputs, (outputs,), transB=1)

    def pool(self, name, kernel, stride, pad=0, mean=False, ceil=True, at=None):
        at = at or self.last
        channels, *size = self.shapes[at]
        spans = [s + 2 * pad - kernel for s in size]
        counts = [(-(-span // stride) if ceil else span // stride) + 1 for span in spans]
        counts = [n - (ceil and (n - 1) * stride >= s + pad) for n, s in zip(counts, size)]  # none that starts behind the input
        return self.node("AveragePool" if mean else "MaxPool", name, [at], (channels, *counts), kernel_shape=[kernel] * 2,
                         strides=[stride] * 2, pads=[pad] * 4, ceil_mode=int(ceil))

    def same(self, kind, name, **attributes):
        return self.node(kind, name, [self.last], self.shapes[self.last], **attributes)

    def relu(self, name):
        return self.same("Relu", name)

    def lrn(self, name, size=5):
        return self.same("LRN", name, size=size, alpha=1e-4, beta=0.75, bias=1.0)

    def drop(self, name):
        return self.same("Dropout", name)

    def add(self, name, other):
        return self.node("Add", name, [self.last, other], self.shapes[self.last])

    def concat(self, name, parts):
        channels = sum(self.shapes[part][0] for part in parts)
        return self.node("Concat", name, parts, (channels, *self.shapes[parts[0]][1:]), axis=1)

    def write(self, path):
        infos = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ("N", *self.shapes[name])) for name in ("data", self.last)]
        graph = helper.make_graph(self.nodes, self.name.replace("-", "_"), infos[:1], infos[1:], self.tensors)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7), path)
        if self.external:
            with open(self.folder / f"{self.name}.bin", "wb") as file:
                file.truncate(self.external)


@network("lenet", 1, 28, 28)
def lenet(n):
    n.conv("conv1", 20, 5)
    n.pool("pool1", 2, 2)
    n.conv("conv2", 50, 5)
    n.pool("pool2", 2, 2)
    n.fc("ip1", 500)
    n.relu("relu1")
    n.fc("ip2", 10)


@network("convnet", 3, 32, 32)
def convnet(n):
    n.conv("conv1", 32, 5, pad=2)
    n.pool("pool1", 3, 2)
    n.relu("relu1")
    n.conv("conv2", 32, 5, pad=2, relu="relu2")
    n.pool("pool2", 3, 2, mean=True)
    n.conv("conv3", 64, 5, pad=2, relu="relu3")
    n.pool("pool3", 3, 2, mean=True)
    n.fc("ip1", 64)
    n.fc("ip2", 10)


@network("cifar10-full", 3, 32, 32)
def cifar10_full(n):
    n.conv("conv1", 32, 5, pad=2)
    n.pool("pool1", 3, 2)
    n.relu("relu1")
    n.lrn("norm1", 3)
    n.conv("conv2", 32, 5, pad=2, relu="relu2")
    n.pool("pool2", 3, 2, mean=True)
    n.lrn("norm2", 3)
    n.conv("conv3", 64, 5, pad=2, relu="relu3")
    n.pool("pool3", 3, 2, mean=True)
    n.fc("ip1", 10)


@network("alexnet-caffe", 3, 227, 227)
def alexnet(n):
    n.conv("conv1", 96, 11, stride=4, relu="relu1")
    n.pool("pool1", 3, 2)
    n.lrn("norm1")
    n.conv("conv2", 256, 5, pad=2, group=2, relu="relu2")
    n.pool("pool2", 3, 2)
    n.lrn("norm2")
    n.conv("conv3", 384, 3, pad=1, relu="relu3")
    n.conv("conv4", 384, 3, pad=1, group=2, relu="relu4")
    n.conv("conv5", 256, 3, pad=1, group=2, relu="relu5")
    n.pool("pool5", 3, 2)
    for i in (6, 7):
        n.fc(f"fc{i}", 4096)
        n.relu(f"relu{i}")
        n.drop(f"drop{i}")
    n.fc("fc8", 1000)


@network("nin", 3, 224, 224)
def nin(n):
    def block(first, channels, kernel, pools, last=None, **attributes):
        n.conv(first, channels, kernel, relu=f"relu_{first}", **attributes)
        for i, name in enumerate(pools):
            n.conv(name, last if last and i else channels, 1, relu=f"relu_{name}")

    block("conv1", 96, 11, ["cccp1", "cccp2"], stride=4)
    n.pool("pool0", 3, 2)
    block("conv2", 256, 5, ["cccp3", "cccp4"], pad=2)
    n.pool("pool2", 3, 2)
    block("conv3", 384, 3, ["cccp5", "cccp6"], pad=1)
    n.pool("pool3", 3, 2)
    n.drop("drop")
    block("conv4-1024", 1024, 3, ["cccp7-1024", "cccp8-1024"], pad=1, last=1000)
    n.pool("pool4", 6, 1, mean=True)


@network("googlenet", 3, 224, 224)
def googlenet(n):
    def inception(name, ones, reduce3, threes, reduce5, fives, pooled):
        at, name = n.last, f"inception_{name}"

        def conv(part, channels, kernel, source=None):
            return n.conv(f"{name}/{part}", channels, kernel, pad=kernel // 2, at=source, relu=f"{name}/relu_{part}")

        parts = [conv("1x1", ones, 1, at)]
        conv("3x3_reduce", reduce3, 1, at)
        parts.append(conv("3x3", threes, 3))
        conv("5x5_reduce", reduce5, 1, at)
        parts.append(conv("5x5", fives, 5))
        n.pool(f"{name}/pool", 3, 1, pad=1, at=at)
        parts.append(conv("pool_proj", pooled, 1))
        n.concat(f"{name}/output", parts)

    n.conv("conv1/7x7_s2", 64, 7, stride=2, pad=3, relu="conv1/relu_7x7")
    n.pool("pool1/3x3_s2", 3, 2)
    n.lrn("pool1/norm1")
    n.conv("conv2/3x3_reduce", 64, 1, relu="conv2/relu_3x3_reduce")
    n.conv("conv2/3x3", 192, 3, pad=1, relu="conv2/relu_3x3")
    n.lrn("conv2/norm2")
    n.pool("pool2/3x3_s2", 3, 2)
    inception("3a", 64, 96, 128, 16, 32, 32)
    inception("3b", 128, 128, 192, 32, 96, 64)
    n.pool("pool3/3x3_s2", 3, 2)
    inception("4a", 192, 96, 208, 16, 48, 64)
    inception("4b", 160, 112, 224, 24, 64, 64)
    inception("4c", 128, 128, 256, 24, 64, 64)
    inception("4d", 112, 144, 288, 32, 64, 64)
    inception("4e", 256, 160, 320, 32, 128, 128)
    n.pool("pool4/3x3_s2", 3, 2)
    inception("5a", 256, 160, 320, 32, 128, 128)
    inception("5b", 384, 192, 384, 48, 128, 128)
    n.pool("pool5/7x7_s1", 7, 1, mean=True)
    n.drop("pool5/drop")
    n.fc("loss3/classifier", 1000)


@network("vgg16", 3, 224, 224)
def vgg16(n):
    for block, (count, channels) in enumerate([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], 1):
        for i in range(1, count + 1):
            n.conv(f"conv{block}_{i}", channels, 3, pad=1, relu=f"relu{block}_{i}")
        n.pool(f"pool{block}", 2, 2)
    for i in (6, 7):
        n.fc(f"fc{i}", 4096)
        n.relu(f"relu{i}")
        n.drop(f"drop{i}")
    n.fc("fc8", 1000)


def resnet(counts, bottleneck=False, wide=1):
    def build(n):
        def conv(name, channels, kernel, stride=1, at=None):
            n.conv(name, channels, kernel, stride=stride, pad=kernel // 2, at=at, bias=False)
            return n.norm(f"{name}.norm")

        def block(name, channels, stride):
            at = n.last
            out = channels * 4 if bottleneck else channels
            if bottleneck:
                steps = [(channels, 1, stride), (channels, 3, 1), (out, 1, 1)]
            else:
                steps = [(channels, 3, stride), (channels, 3, 1)]
            for i, (width, kernel, step) in enumerate(steps, 1):
                if i > 1:
                    n.relu(f"{name}.relu{i - 1}")
                conv(f"{name}.conv{i}", width, kernel, step)
            branch = n.last
            if n.shapes[at] != n.shapes[branch]:
                at = conv(f"{name}.shortcut", out, 1, stride, at)
            n.last = branch
            n.add(f"{name}.add", at)
            n.relu(f"{name}.relu")

        conv("conv1", 64, 7, 2)
        n.relu("relu")
        n.pool("pool", 3, 2, pad=1, ceil=False)
        for stage, count in enumerate(counts):
            for i in range(count):
                block(f"layer{stage + 1}.{i}", 64 * 2**stage * wide, 2 if stage and not i else 1)
        n.pool("mean", n.shapes[n.last][1], 1, mean=True)
        n.fc("fc", 1000)

    return build


network("resnet18", 3, 224, 224)(resnet([2, 2, 2, 2]))
network("resnet34", 3, 224, 224)(resnet([3, 4, 6, 3]))
network("resnet34-2x", 3, 224, 224)(resnet([3, 4, 6, 3], wide=2))
network("resnet34-3x", 3, 224, 224)(resnet([3, 4, 6, 3], wide=3))
network("resnet50-v1", 3, 224, 224)(resnet([3, 4, 6, 3], bottleneck=True))
network("resnet101-v1", 3, 224, 224)(resnet([3, 4, 23, 3], bottleneck=True))


@network("mlp", 784)
def mlp(n):
    n.fc("fc1", 4096)
    n.relu("relu1")
    n.fc("fc2", 4096)
    n.relu("relu2")
    n.fc("fc3", 10)


def make(name, folder, shapes_only=False):
    """Writes the network into the folder; returns the path."""
    build, shape = NETWORKS[name]
    n = Network(name, shape, folder if shapes_only else None)
    build(n)
    path = folder / f"{name}.onnx"
    n.write(path)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path, help="a folder")
    parser.add_argument("names", nargs="*", metavar="name", help=f"default: all of {', '.join(NETWORKS)}")
    parser.add_argument("--shapes-only", action="store_true",
                        help="zeros that take no room on disk instead of random weights, for reports of costs")
    args = parser.parse_args()
    if unknown := [name for name in args.names if name not in NETWORKS]:
        parser.error(f"unknown: {', '.join(unknown)}; known are {', '.join(NETWORKS)}")
    args.out.mkdir(parents=True, exist_ok=True)
    for name in args.names or NETWORKS:
        print(make(name, args.out, args.shapes_only))


if __name__ == "__main__":
    main()

"""This module makes small ONNX models, one per operator and attribute variant, for operators.py.

`cases(family)` lists them; the numbers in a model depend on its name only.
"""

import dataclasses
import zlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FAMILIES = {}


@dataclasses.dataclass
class Case:
    name: str
    model: onnx.ModelProto
    external: bool = False  # store the weights beside the model


def family(function):
    FAMILIES[function.__name__] = function
    return function


def cases(name):
    return list(FAMILIES[name]())


def rng(name):
    return np.random.default_rng(zlib.crc32(name.encode()))


def node(kind, inputs, output, **attributes):
    return helper.make_node(kind, inputs.split(), output.split(), f"{kind.lower()}_{output.split()[0]}", **attributes)


def case(name, nodes, inputs=None, opset=13, ir=7, weights_are_inputs=False, external=False, result=None, **weights):
    """The last node's first output is the network's, of shape `result` where ONNX cannot infer it.

    inputs: {name: shape}; weights: arrays, or shapes of random ones.
    """
    random = rng(name)
    inputs = {"x": ("N", 3, 8, 8)} if inputs is None else inputs
    tensors = []
    for key, value in weights.items():
        if isinstance(value, tuple):
            value = (random.standard_normal(value) / np.sqrt(max(1, np.prod(value[1:])))).astype(np.float32)
        tensors.append(numpy_helper.from_array(np.asarray(value), key))
    values = [helper.make_tensor_value_info(key, TensorProto.FLOAT, shape) for key, shape in inputs.items()]
    if weights_are_inputs:  # as IR version 3 wants it
        values += [helper.make_tensor_value_info(t.name, t.data_type, list(t.dims)) for t in tensors]
    output = helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, result)
    graph = helper.make_graph(nodes, name.replace("-", "_"), values, [output], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)
    return Case(name, onnx.shape_inference.infer_shapes(model, data_prop=True), external)


def integers(*values):
    return np.array(values, np.int64)


def scalar(value):
    return np.array(value, np.float32)


@family
def conv():
    def one(name, weight=(4, 3, 3, 3), bias=True, shape=("N", 3, 8, 8), opset=13, **attributes):
        weights = {"w": weight, **({"b": weight[:1]} if bias else {})}
        return case(f"conv-{name}", [node("Conv", "x w b" if bias else "x w", "y", **attributes)], {"x": shape}, opset,
                    **weights)

    yield one("plain")
    yield one("no-bias", bias=False)
    yield one("padded", pads=[1, 1, 1, 1])
    yield one("asymmetric-pads", pads=[0, 1, 2, 3])
    yield one("strided", strides=[2, 2], pads=[1, 1, 1, 1])
    yield one("uneven-strides", strides=[1, 3])
    yield one("dilated", dilations=[2, 2])
    yield one("dilated-padded", dilations=[2, 1], pads=[2, 1, 2, 1], strides=[2, 1])
    yield one("grouped", (6, 2, 3, 3), shape=("N", 4, 7, 9), group=2)
    yield one("depthwise", (8, 1, 3, 3), shape=("N", 8, 9, 7), group=8, pads=[1, 1, 1, 1])
    yield one("depthwise-strided", (8, 1, 3, 3), shape=("N", 8, 9, 7), group=8, pads=[0, 0, 1, 1], strides=[2, 2])
    yield one("depthwise-multiplier", (8, 1, 3, 3), shape=("N", 4, 8, 8), group=4)
    yield one("depthwise-odd-channels", (5, 1, 5, 5), shape=("N", 5, 9, 9), group=5, pads=[2, 2, 2, 2])
    yield one("pointwise", (16, 3, 1, 1))
    yield one("pointwise-strided", (7, 3, 1, 1), strides=[2, 2])
    yield one("one-by-five", (4, 3, 1, 5), pads=[0, 2, 0, 2])
    yield one("whole-image", (10, 3, 8, 8))
    yield one("many-channels", (33, 37, 3, 3), shape=("N", 37, 5, 5), pads=[1, 1, 1, 1])
    yield one("fixed-batch", shape=(1, 3, 8, 8))
    yield one("same-upper", auto_pad="SAME_UPPER", strides=[2, 2])
    yield one("same-upper-even-kernel", (4, 3, 2, 4), auto_pad="SAME_UPPER")
    yield one("same-lower", (4, 3, 4, 2), auto_pad="SAME_LOWER")
    yield one("same-lower-strided", shape=("N", 3, 9, 8), auto_pad="SAME_LOWER", strides=[2, 3])
    yield one("valid", auto_pad="VALID", strides=[2, 2])
    yield one("notset", auto_pad="NOTSET", pads=[1, 0, 1, 0])
    yield one("kernel-shape-given", kernel_shape=[3, 3])
    for seed in range(8):
        random = rng(f"random-conv-{seed}")
        group = int(random.choice([1, 1, 2, 3]))
        channels, height, width = group * int(random.integers(1, 5)), *map(int, random.integers(9, 15, 2))
        kernel = [int(v) for v in random.integers(1, 5, 2)]
        yield one(f"random-{seed}", (group * int(random.integers(1, 5)), channels // group, *kernel),
                  bool(random.integers(2)), ("N", channels, height, width), int(random.choice([7, 11, 13])),
                  group=group, strides=random.integers(1, 4, 2).tolist(), dilations=random.integers(1, 3, 2).tolist(),
                  pads=[int(random.integers(0, k)) for k in kernel + kernel])


@family
def pool():
    def one(kind, name, shape=("N", 3, 9, 8), opset=13, **attributes):
        return case(f"{kind.lower()}-{name}", [node(kind, "x", "y", **attributes)], {"x": shape}, opset)

    for kind in ("MaxPool", "AveragePool"):
        yield one(kind, "plain", kernel_shape=[2, 2], strides=[2, 2])
        yield one(kind, "default-strides", kernel_shape=[3, 2])
        yield one(kind, "padded", kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[2, 2])
        yield one(kind, "asymmetric-pads", kernel_shape=[3, 3], pads=[0, 1, 2, 1], strides=[2, 2])
        yield one(kind, "ceil", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)
        yield one(kind, "ceil-padded", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)
        yield one(kind, "same-upper", kernel_shape=[3, 2], strides=[2, 2], auto_pad="SAME_UPPER")
        yield one(kind, "same-lower", kernel_shape=[2, 2], strides=[1, 2], auto_pad="SAME_LOWER")
        yield one(kind, "valid", kernel_shape=[3, 3], strides=[2, 2], auto_pad="VALID")
        yield one(kind, "opset-7", opset=7, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        yield one(kind, "whole-image", kernel_shape=[9, 8])
        yield one(kind, "latest", opset=19, kernel_shape=[2, 3], strides=[2, 2])
    yield one("MaxPool", "dilated", kernel_shape=[2, 2], dilations=[2, 3])
    yield one("AveragePool", "include-pad", kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1)
    yield one("AveragePool", "include-pad-asymmetric", kernel_shape=[3, 3], pads=[0, 1, 2, 0], strides=[2, 2],
              count_include_pad=1)
    yield one("GlobalAveragePool", "plain")
    yield one("GlobalMaxPool", "plain")
    yield one("LRN", "size-3", size=3)
    yield one("LRN", "size-5", shape=("N", 7, 4, 4), size=5, alpha=0.5, beta=0.6, bias=2.0)
    yield one("LRN", "even-size", shape=("N", 7, 4, 4), size=4, alpha=0.3, beta=0.75, bias=1.0)


@family
def pointwise():
    x4 = {"x": ("N", 3, 4, 5)}
    yield case("relu", [node("Relu", "x", "y")])
    yield case("clip-attribute", [node("Clip", "x", "y", min=-0.5, max=0.75)], opset=6)
    yield case("clip-attribute-max", [node("Clip", "x", "y", max=0.25)], opset=10)
    yield case("clip-input", [node("Clip", "x lo hi", "y")], opset=11, lo=scalar(0), hi=scalar(6))
    yield case("clip-input-min", [node("Clip", "x lo", "y")], lo=scalar(-0.25))
    yield case("clip-input-max", [helper.make_node("Clip", ["x", "", "hi"], ["y"], "clip_y")], hi=scalar(0.5))
    yield case("clip-constant-node", [
        node("Constant", "", "lo", value=numpy_helper.from_array(scalar(-1))),
        node("Constant", "", "hi", value=numpy_helper.from_array(scalar(1))), node("Clip", "x lo hi", "y")])
    yield case("clip-nothing", [node("Clip", "x", "y")])

    normal = dict(s=np.array([0.5, -1, 2], np.float32), b=(3,), m=(3,), v=np.array([0.1, 1, 4], np.float32))
    for opset in (7, 9, 14, 15):
        yield case(f"batch-normalization-{opset}", [node("BatchNormalization", "x s b m v", "y", epsilon=1e-3)],
                   opset=opset, **normal)
    yield case("conv-batch-normalization", [
        node("Conv", "x w c", "t"), node("BatchNormalization", "t s b m v", "y")], w=(3, 3, 3, 3), c=(3,), **normal)
    yield case("conv-batch-normalization-relu", [
        node("Conv", "x w", "t", pads=[1, 1, 1, 1]), node("BatchNormalization", "t s b m v", "u"),
        node("Relu", "u", "y")],
        w=(3, 3, 3, 3), **normal)
    yield case("batch-normalization-conv", [
        node("BatchNormalization", "x s b m v", "t"), node("Conv", "t w", "y", pads=[1, 1, 1, 1])],
        w=(4, 3, 3, 3), **normal)

    for kind in ("Add", "Sub", "Mul"):
        name = kind.lower()
        yield case(f"{name}-two-inputs", [node(kind, "x z", "y")], {**x4, "z": ("N", 3, 4, 5)})
        yield case(f"{name}-broadcast-input", [node(kind, "x z", "y")], {**x4, "z": ("N", 3, 1, 1)})
        for text, shape in (("scalar", ()), ("one", (1,)), ("channel", (3, 1, 1)), ("channel-rank-4", (1, 3, 1, 1)),
                            ("row", (5,)), ("column", (4, 1)), ("full", (1, 3, 4, 5))):
            weight = rng(f"{name}-{text}").standard_normal(shape).astype(np.float32)
            yield case(f"{name}-constant-{text}", [node(kind, "x c", "y")], x4, c=weight)
        yield case(f"{name}-constant-left", [node(kind, "c x", "y")], x4, opset=7, c=(3, 1, 1))
    yield case("add-itself", [node("Add", "x x", "y")])
    yield case("normalised-input", [node("Sub", "x mean", "a"), node("Mul", "a factor", "b"), node("Conv", "b w", "y")],
               mean=(3, 1, 1), factor=np.array([[[0.5]], [[2]], [[1]]], np.float32), w=(4, 3, 3, 3))

    flat, square = {"x": ("N", 10)}, {"x": ("N", 4, 3, 5)}
    yield case("softmax-11", [node("Softmax", "x", "y")], flat, opset=11)
    yield case("softmax-11-rank-4", [node("Softmax", "x", "y", axis=1)], square, opset=11)
    yield case("softmax-11-axis-2", [node("Softmax", "x", "y", axis=2)], square, opset=11)
    yield case("softmax-13", [node("Softmax", "x", "y")], flat)
    yield case("softmax-13-axis-1", [node("Softmax", "x", "y", axis=1)], square)
    yield case("softmax-13-last", [node("Softmax", "x", "y", axis=-1)], square)
    yield case("softmax-large", [node("Mul", "x c", "t"), node("Softmax", "t", "y")], flat, c=scalar(60))


@family
def matrix():
    flat = {"x": ("N", 12)}
    yield case("gemm-plain", [node("Gemm", "x w b", "y")], flat, w=(12, 7), b=(7,))
    yield case("gemm-trans-b", [node("Gemm", "x w b", "y", transB=1)], flat, w=(7, 12), b=(7,))
    yield case("gemm-alpha-beta", [node("Gemm", "x w b", "y", transB=1, alpha=0.5, beta=2.0)], flat, w=(7, 12), b=(7,))
    yield case("gemm-beta-zero", [node("Gemm", "x w b", "y", beta=0.0)], flat, w=(12, 7), b=(7,))
    yield case("gemm-no-bias", [node("Gemm", "x w", "y", transB=1)], flat, w=(7, 12))
    yield case("gemm-scalar-bias", [node("Gemm", "x w b", "y")], flat, w=(12, 7), b=scalar(0.3))
    yield case("gemm-row-bias", [node("Gemm", "x w b", "y")], flat, opset=9, w=(12, 7), b=(1, 7))
    yield case("gemm-one-bias", [node("Gemm", "x w b", "y")], flat, w=(12, 7), b=(1,))
    yield case("gemm-trans-a", [node("Transpose", "x", "t", perm=[1, 0]), node("Gemm", "t w b", "y", transA=1)],
               {"x": (1, 12)}, w=(12, 7), b=(7,))
    yield case("gemm-wide", [node("Gemm", "x w b", "y", transB=1)], {"x": ("N", 131)}, w=(65, 131), b=(65,))
    yield case("gemm-chain", [node("Gemm", "x w b", "h"), node("Relu", "h", "r"), node("Gemm", "r v c", "y")], flat,
               w=(12, 20), b=(20,), v=(20, 5), c=(5,))
    yield case("matmul-plain", [node("MatMul", "x w", "y")], flat, w=(12, 7))
    yield case("matmul-add", [node("MatMul", "x w", "t"), node("Add", "t b", "y")], flat, w=(12, 7), b=(7,))
    yield case("matmul-add-left", [node("MatMul", "x w", "t"), node("Add", "b t", "y")], flat, w=(12, 7), b=(1, 7))
    yield case("matmul-rank-3", [node("MatMul", "x w", "y")], {"x": ("N", 5, 12)}, w=(12, 7))
    yield case("matmul-rank-3-add", [node("MatMul", "x w", "t"), node("Add", "t b", "y")], {"x": ("N", 5, 12)},
               w=(12, 7), b=(7,))
    yield case("matmul-opset-7", [node("MatMul", "x w", "y")], flat, opset=7, w=(12, 7))


@family
def shape():
    x = {"x": ("N", 3, 4, 6)}
    one = {"x": (1, 3, 4, 6)}
    constant = lambda name, value: node("Constant", "", name, value=numpy_helper.from_array(value))  # noqa: E731
    yield case("flatten", [node("Flatten", "x", "y")], x)
    yield case("flatten-negative-axis", [node("Flatten", "x", "y", axis=-3)], x)
    yield case("reshape-zero", [node("Reshape", "x s", "y")], x, s=integers(0, -1))
    yield case("reshape-minus-one", [node("Reshape", "x s", "y")], x, s=integers(-1, 6, 12))
    yield case("reshape-fixed", [node("Reshape", "x s", "y")], one, s=integers(1, 72))
    yield case("reshape-constant-node", [constant("s", integers(0, 12, -1)), node("Reshape", "x s", "y")], x, opset=9)
    yield case("reshape-from-shape", [
        node("Shape", "x", "s"), constant("i", integers(0)), node("Gather", "s i", "n", axis=0),
        constant("m", integers(-1)),
        node("Concat", "n m", "t", axis=0), node("Reshape", "x t", "y")], x, result=("N", 72))
    yield case("reshape-from-scalar-gather", [
        node("Shape", "x", "s"), constant("i", np.array(0, np.int64)), node("Gather", "s i", "g"),
        node("Unsqueeze", "g", "n", axes=[0]), constant("m", integers(-1)), node("Concat", "n m", "t", axis=0),
        node("Reshape", "x t", "y")], x, opset=11, result=("N", 72))
    yield case("reshape-cast", [
        constant("f", np.array([0, 36, 2], np.float32)), node("Cast", "f", "s", to=TensorProto.INT64),
        node("Reshape", "x s", "y")], x, result=("N", 36, 2))
    yield case("transpose", [node("Transpose", "x", "y", perm=[0, 2, 3, 1])], x)
    yield case("transpose-back", [node("Transpose", "x", "t", perm=[0, 2, 3, 1]), node("Relu", "t", "r"),
                                  node("Transpose", "r", "y", perm=[0, 3, 1, 2])], x)
    yield case("transpose-default", [node("Transpose", "x", "t"), node("Transpose", "t", "y")], one)
    yield case("squeeze-11", [node("GlobalAveragePool", "x", "g"), node("Squeeze", "g", "y", axes=[2, 3])], x, opset=11)
    yield case("squeeze-13", [node("GlobalAveragePool", "x", "g"), node("Squeeze", "g a", "y")], x, a=integers(-1, -2))
    yield case("unsqueeze-11", [node("Unsqueeze", "x", "y", axes=[1])], x, opset=11)
    yield case("unsqueeze-13", [node("Unsqueeze", "x a", "y")], x, a=integers(2, -1))
    for axis in (1, 2, -1):
        yield case(f"concat-{axis}", [node("Relu", "x", "r"), node("Concat", "x r x", "y", axis=axis)], x)
    yield case("concat-convs", [node("Conv", "x v", "a"), node("Conv", "x w", "b", pads=[1, 1, 1, 1]),
                                node("Concat", "a b", "y", axis=1)], x, v=(4, 3, 1, 1), w=(5, 3, 3, 3))
    yield case("slice-9", [node("Slice", "x", "y", axes=[2, 3], starts=[1, -4], ends=[3, 2 ** 31 - 1])], x, opset=9)
    yield case("slice-13", [node("Slice", "x s e a t", "y")], x, s=integers(0, 1), e=integers(2 ** 63 - 1, 6),
               a=integers(2, 3), t=integers(2, 3))
    yield case("slice-backwards", [node("Slice", "x s e a t", "y")], x, s=integers(-1), e=integers(-2 ** 63),
               a=integers(3), t=integers(-1))
    yield case("slice-channels", [node("Slice", "x s e a", "y")], x, s=integers(1), e=integers(3), a=integers(1))
    yield case("slice-pad", [
        node("Slice", "x s e a t", "h"), node("Pad", "h p", "y")], x, s=integers(0, 0), e=integers(100, 100),
        a=integers(2, 3), t=integers(2, 2), p=integers(0, 2, 0, 0, 0, 1, 0, 0))
    yield case("pad-attribute", [node("Pad", "x", "y", pads=[0, 0, 1, 2, 0, 0, 3, 0], value=1.5)], x, opset=10)
    yield case("pad-input", [node("Pad", "x p v", "y", mode="constant")], x, p=integers(0, 1, 0, 0, 0, 0, 0, 2),
               v=scalar(-0.5))
    yield case("pad-conv", [node("Pad", "x p", "t"), node("Conv", "t w", "y")], x, p=integers(0, 0, 1, 1, 0, 0, 1, 1),
               w=(4, 3, 3, 3))
    yield case("identity", [node("Identity", "x", "t"), node("Relu", "t", "y")], x)
    yield case("identity-alone", [node("Identity", "x", "y")], x)
    yield case("dropout-7", [node("Dropout", "x", "t", ratio=0.3), node("Relu", "t", "y")], x, opset=7)
    yield case("dropout-13", [node("Dropout", "x r", "t mask"), node("Relu", "t", "y")], x, r=scalar(0.3))
    yield case("constant-of-shape", [
        node("ConstantOfShape", "s", "z", value=helper.make_tensor("v", TensorProto.FLOAT, [1], [0.5])),
        node("Add", "x z", "y")], x, s=integers(3, 1, 1))


def gelu_nodes(x, y, half_first=False):
    """GELU as exporters write it before opset 20; the constants are `root`, `one` and `half`."""
    inner = [node("Div", f"{x} root", "g.d"), node("Erf", "g.d", "g.e"), node("Add", "g.e one", "g.a")]
    if half_first:
        return inner + [node("Mul", f"half {x}", "g.h"), node("Mul", "g.h g.a", y)]
    return inner + [node("Mul", f"{x} g.a", "g.h"), node("Mul", "g.h half", y)]


def layer_norm_nodes(x, y):
    """Layer normalization as exporters write it before opset 17; the constants are `two` and `epsilon`."""
    return [node("ReduceMean", x, "n.m", axes=[-1]), node("Sub", f"{x} n.m", "n.c"), node("Pow", "n.c two", "n.s"),
            node("ReduceMean", "n.s", "n.v", axes=[-1]), node("Add", "n.v epsilon", "n.w"), node("Sqrt", "n.w", "n.r"),
            node("Div", "n.c n.r", "n.n"), node("Mul", "n.n gain", "n.g"), node("Add", "n.g shift", y)]


@family
def transformer():
    x, wide = {"x": ("N", 5, 12)}, np.float32(4)
    numbers = dict(root=scalar(np.sqrt(2)), one=scalar(1), half=scalar(0.5))
    norm = dict(two=scalar(2), epsilon=scalar(1e-5), gain=(12,), shift=(12,))
    yield case("erf", [node("Mul", "x c", "t"), node("Erf", "t", "y")], x, c=wide)
    yield case("gelu-20", [node("Mul", "x c", "t"), node("Gelu", "t", "y")], x, opset=20, ir=9, c=wide)
    yield case("gelu-20-none", [node("Gelu", "x", "y", approximate="none")], x, opset=20, ir=9)
    yield case("gelu-20-tanh", [node("Mul", "x c", "t"), node("Gelu", "t", "y", approximate="tanh")], x, opset=20, ir=9,
               c=wide)
    for half_first in (False, True):
        yield case(f"gelu-formula{'-half-first' * half_first}", [
            node("MatMul", "x w", "t"), node("Add", "t b", "s"), *gelu_nodes("s", "u", half_first),
            node("MatMul", "u v", "y")], x, w=(12, 16), b=(16,), v=(16, 7), **numbers)
    yield case("gelu-20-between-matrices", [
        node("MatMul", "x w", "t"), node("Add", "t b", "s"), node("Gelu", "s", "u"), node("MatMul", "u v", "y")], x,
        opset=20, ir=9, w=(12, 16), b=(16,), v=(16, 7))
    yield case("pow", [node("Pow", "x a", "t"), node("Pow", "t b", "u"), node("Pow", "x c", "v"), node("Add", "u v", "y")],
               x, a=scalar(2), b=scalar(0.5), c=scalar(3))
    yield case("reciprocal", [node("Exp", "x", "t"), node("Reciprocal", "t", "y")], x)

    plain = lambda **attributes: node("LayerNormalization", "x s b", "y", **attributes)  # noqa: E731
    yield case("layer-norm", [plain()], x, opset=17, s=(12,), b=(12,))
    yield case("layer-norm-no-bias", [node("LayerNormalization", "x s", "y", epsilon=0.1)], x, opset=17, s=(12,))
    yield case("layer-norm-axis-1", [plain(axis=1, stash_type=1)], x, opset=17, s=(5, 12), b=(5, 12))
    yield case("layer-norm-axis-minus-2", [plain(axis=-2)], {"x": ("N", 3, 5, 7)}, opset=18, s=(5, 7), b=(5, 7))
    yield case("layer-norm-matrix", [plain()], {"x": ("N", 33)}, opset=17, s=(33,), b=(33,))
    yield case("layer-norm-far-from-zero", [node("Add", "x c", "t"), node("LayerNormalization", "t s b", "y")], x, opset=17,
               c=np.float32(50), s=(12,), b=(12,))
    yield case("layer-norm-formula", layer_norm_nodes("x", "y"), x, **norm)
    yield case("matmul-layer-norm", [
        node("MatMul", "x w", "t"), node("LayerNormalization", "t s b", "u"), node("MatMul", "u v", "y")], x, opset=17,
        w=(12, 16), s=np.ones(16, np.float32), b=(16,), v=(16, 7))

    yield case("matmul-computed", [node("MatMul", "x w", "a"), node("Transpose", "a", "t", perm=[0, 2, 1]),
                                   node("MatMul", "a t", "y")], x, w=(12, 12))
    yield case("matmul-computed-broadcast", [
        node("MatMul", "x w", "a"), node("Unsqueeze", "a i", "u"), node("Transpose", "a", "t", perm=[0, 2, 1]),
        node("Unsqueeze", "t i", "v"), node("MatMul", "u v", "y")], x, w=(12, 12), i=integers(1))
    heads = dict(n=integers(0, 5, 3, 4), m=integers(0, 5, 12))
    split = lambda source, name, perm: [node("Reshape", f"{source} n", f"{name}.r"),  # noqa: E731
                                        node("Transpose", f"{name}.r", name, perm=perm)]
    yield case("attention", [
        node("MatMul", "x wq", "a"), node("MatMul", "x wk", "b"), node("MatMul", "x wv", "c"),
        *split("a", "q", [0, 2, 1, 3]), *split("b", "k", [0, 2, 3, 1]), *split("c", "v", [0, 2, 1, 3]),
        node("MatMul", "q k", "s"), node("Mul", "s half", "f"), node("Softmax", "f", "p", axis=-1),
        node("MatMul", "p v", "o"), node("Transpose", "o", "t", perm=[0, 2, 1, 3]), node("Reshape", "t m", "z"),
        node("MatMul", "z wo", "y")], x, wq=(12, 12), wk=(12, 12), wv=(12, 12), wo=(12, 12), half=scalar(0.5), **heads)


def small_network(name, opset, **options):
    """Conv, relu, pool, flatten, gemm."""
    return case(name, [
        node("Conv", "x w b", "c", kernel_shape=[3, 3], pads=[1, 1, 1, 1]), node("Relu", "c", "r"),
        node("MaxPool", "r", "p", kernel_shape=[2, 2], strides=[2, 2]), node("Flatten", "p", "f"),
        node("Gemm", "f v d", "y", transB=1)], opset=opset, w=(6, 3, 3, 3), b=(6,), v=(10, 96), d=(10,), **options)


@family
def networks():
    for opset in range(7, onnx.defs.onnx_opset_version() + 1):
        yield small_network(f"small-network-opset-{opset}", opset, ir=7 if opset <= 13 else 8)
    yield small_network("small-network-ir-3", 8, ir=3, weights_are_inputs=True)
    yield small_network("small-network-external", 13, external=True)
    yield case("residual", [
        node("Conv", "x w", "a", pads=[1, 1, 1, 1]), node("Relu", "a", "r"),
        node("Conv", "r v", "b", pads=[1, 1, 1, 1]), node("Add", "b r", "s"), node("Relu", "s", "y")],
        w=(8, 3, 3, 3), v=(8, 8, 3, 3))
    yield case("fire", [
        node("Conv", "x w", "a"), node("Relu", "a", "r"), node("Conv", "r u", "b"), node("Relu", "b", "e"),
        node("Conv", "r v", "c", pads=[1, 1, 1, 1]), node("Relu", "c", "f"), node("Concat", "e f", "g", axis=1),
        node("MaxPool", "g", "y", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)],
        w=(4, 3, 1, 1), u=(8, 4, 1, 1), v=(8, 4, 3, 3))
    yield case("inverted-residual", [
        node("Conv", "x e", "a"), node("Clip", "a lo hi", "b"), node("Conv", "b d", "c", group=12, pads=[1, 1, 1, 1]),
        node("Clip", "c lo hi", "f"), node("Conv", "f p", "g"), node("Add", "g x", "y")],
        e=(12, 3, 1, 1), d=(12, 1, 3, 3), p=(3, 12, 1, 1), lo=scalar(0), hi=scalar(6))
    yield case("option-a-shortcut", [
        node("Conv", "x w", "a", pads=[1, 1, 1, 1], strides=[2, 2]), node("Slice", "x s e i t", "h"),
        node("Pad", "h q", "z"), node("Add", "a z", "b"), node("Relu", "b", "y")],
        w=(6, 3, 3, 3), s=integers(0, 0), e=integers(99, 99), i=integers(2, 3), t=integers(2, 2),
        q=integers(0, 1, 0, 0, 0, 2, 0, 0))
    yield case("classifier", [
        node("Conv", "x w b", "c", strides=[2, 2]), node("Relu", "c", "r"), node("GlobalAveragePool", "r", "g"),
        node("Flatten", "g", "f"), node("Gemm", "f v d", "l", transB=1), node("Softmax", "l", "y", axis=1)],
        w=(8, 3, 3, 3), b=(8,), v=(5, 8), d=(5,))
    yield case("value-used-twice-and-given-out", [
        node("Conv", "x w", "a"), node("Relu", "a", "r"), node("AveragePool", "r", "p", kernel_shape=[2, 2]),
        node("MaxPool", "r", "q", kernel_shape=[2, 2]), node("Sub", "p q", "y")], w=(8, 3, 3, 3))

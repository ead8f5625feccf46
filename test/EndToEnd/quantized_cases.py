"""This module makes small ONNX models that are quantized already, as different exporters write them, for qdq-import.py.

`cases()` lists them; the numbers in a model depend on its name only. Weights keep to 7 bits: ONNX Runtime's kernels for operators on
codes saturate intermediate sums of full 8 bits on x86 processors without VNNI.
"""

import dataclasses

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from operator_cases import rng

CASES = {}
MICROSOFT = "com.microsoft"


@dataclasses.dataclass
class Case:
    name: str
    model: onnx.ModelProto
    floats: tuple = ()  # the layers that stay float


class Graph:
    """A model under construction; tensors are named by the caller."""

    def __init__(self, name, opset=13):
        self.name, self.opset = name, opset
        self.random = rng(name)
        self.nodes, self.tensors = [], []

    def const(self, name, array):
        self.tensors.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, kind, inputs, output, domain="", **attributes):
        self.nodes.append(helper.make_node(kind, inputs.split() if isinstance(inputs, str) else inputs, output.split(),
                                           f"{kind.lower()}_{output.split()[0]}", domain=domain, **attributes))
        return output

    def grid(self, name, scale, zero, dtype=np.uint8):
        """The names of a scale, somewhat off `scale` so that few values lie halfway between codes, and a zero point."""
        off = 1 if scale == 1 / 256 else self.random.uniform(0.99, 1.01)  # ONNX Runtime's QLinearSoftmax has that one only
        return [self.const(f"{name}_s", np.float32(scale * off)), self.const(f"{name}_z", np.asarray(zero, dtype))]

    def quantize(self, value, output, scale, zero, dtype=np.uint8):
        return self.node("QuantizeLinear", [value] + self.grid(output, scale, zero, dtype), output)

    def dequantize(self, codes, output, grid=None, **attributes):
        return self.node("DequantizeLinear", [codes] + (grid or [f"{codes}_s", f"{codes}_z"]), output, **attributes)

    def pair(self, value, output, scale, zero, dtype=np.uint8):
        """QuantizeLinear and DequantizeLinear."""
        return self.dequantize(self.quantize(value, f"{output}_q", scale, zero, dtype), output)

    def weights(self, name, shape, low=-63, high=63, dtype=np.int8):
        return self.const(name, self.random.integers(low, high, shape, endpoint=True).astype(dtype))

    def finish(self, output, floats=(), shape=(1, 3, 8, 8)):
        value = helper.make_tensor_value_info
        graph = helper.make_graph(self.nodes, self.name.replace("-", "_"), [value("x", TensorProto.FLOAT, shape)],
                                  [value(output, TensorProto.FLOAT, None)], self.tensors)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset), helper.make_opsetid(MICROSOFT, 1)],
                                  ir_version=10 if self.opset >= 21 else 8)
        return Case(self.name, model, tuple(floats))


def case(function):
    CASES[function.__name__.replace("_", "-")] = function
    return function


def cases():
    return [function(name) for name, function in CASES.items()]


#
# QuantizeLinear and DequantizeLinear
#

def convolution(g, weights="w", bias=(), scales=None, channels=8, **attributes):
    """x -> codes -> Conv with weights of an own making -> c."""
    g.pair("x", "a", 0.04, 120)
    scales = np.linspace(0.005, 0.02, channels, dtype=np.float32) if scales is None else scales
    zeros = np.zeros(scales.shape, np.int8)
    g.const("w_s", scales), g.const("w_z", zeros)
    g.dequantize(g.weights(weights, (channels, 3, 3, 3)), "dw", ["w_s", "w_z"], **({"axis": 0} if scales.ndim else {}))
    return g.node("Conv", ["a", "dw", *bias], "c", kernel_shape=[3, 3], **attributes)


@case
def conv_relu_pool(name):
    """The quantize stands behind layers that it commutes with."""
    g = Graph(name)
    convolution(g, pads=[1, 1, 1, 1])
    g.node("Relu", "c", "r")
    g.node("MaxPool", "r", "p", kernel_shape=[2, 2], strides=[2, 2])
    g.node("Flatten", "p", "f")
    return g.finish(g.pair("f", "y", 0.03, 0))


@case
def four_bits_by_clip(name):
    """As Brevitas writes 4 bits: a Clip of codes; the bias is a float."""
    g = Graph(name)
    for key, value in (("wl", -7), ("wh", 7), ("al", 0), ("ah", 15)):
        g.const(key, np.asarray(value, np.uint8 if key[0] == "a" else np.int8))
    g.quantize("x", "q", 0.3, 8)
    g.node("Clip", "q al ah", "n")
    g.dequantize("n", "a", ["q_s", "q_z"])
    g.const("w_s", np.linspace(0.02, 0.08, 4, dtype=np.float32)), g.const("w_z", np.zeros(4, np.int8))
    g.node("Clip", [g.weights("w", (4, 3, 3, 3), -20, 20), "wl", "wh"], "nw")
    g.dequantize("nw", "dw", ["w_s", "w_z"], axis=0)
    g.node("Conv", ["a", "dw", g.const("b", g.random.standard_normal(4).astype(np.float32))], "c")
    g.quantize("c", "cq", 0.4, 0)
    g.node("Clip", "cq al ah", "cn")
    return g.finish(g.dequantize("cn", "y", ["cq_s", "cq_z"]))


@case
def weights_off_zero(name):
    """Unsigned weights, one zero point for all, and a bias on another scale than the accumulator's."""
    g = Graph(name)
    g.pair("x", "a", 0.04, 120)
    g.dequantize(g.weights("w", (4, 3, 3, 3), 0, 127, np.uint8), "dw", g.grid("w", 0.01, 61))
    g.dequantize(g.weights("b", (4,), -9000, 9000, np.int32), "db", [g.const("b_s", np.float32(0.0001))])
    g.node("Conv", "a dw db", "c")
    return g.finish(g.pair("c", "y", 0.05, 128))


@case
def zero_point_per_channel(name):
    g = Graph(name)
    g.pair("x", "a", 0.04, 0, np.int8)
    g.const("w_s", np.linspace(0.005, 0.02, 4, dtype=np.float32)), g.const("w_z", np.asarray([128, 3, 200, 128], np.uint8))
    g.dequantize(g.weights("w", (4, 3, 3, 3), 0, 255, np.uint8), "dw", ["w_s", "w_z"], axis=0)
    g.node("Conv", "a dw", "c")
    return g.finish(g.pair("c", "y", 0.2, 0, np.int8))


@case
def weights_quantized_in_the_graph(name):
    """As quantization-aware training leaves them: floats between QuantizeLinear and DequantizeLinear, and turned behind those."""
    g = Graph(name)
    g.node("Flatten", "x", "f")
    g.pair("f", "a", 0.04, 0, np.int8)
    g.const("w", (g.random.standard_normal((5, 192)) / 20).astype(np.float32))
    g.const("w_s", np.linspace(0.001, 0.003, 5, dtype=np.float32)), g.const("w_z", np.zeros(5, np.int8))
    g.node("QuantizeLinear", "w w_s w_z", "q", axis=0)
    g.dequantize("q", "dw", ["w_s", "w_z"], axis=0)
    g.node("Transpose", "dw", "t", perm=[1, 0])
    g.node("MatMul", "a t", "m")
    g.node("Add", ["m", g.const("b", g.random.standard_normal(5).astype(np.float32))], "s")
    return g.finish(g.pair("s", "y", 0.02, 0, np.int8))


@case
def batch_normalization(name):
    """Not folded by the exporter: it goes into the scales of the weights, negative factors included."""
    g = Graph(name)
    convolution(g, scales=np.float32(0.01), pads=[1, 1, 1, 1])
    for key, array in (("s", g.random.uniform(-1, 1, 8)), ("b", g.random.uniform(-1, 1, 8)), ("m", g.random.uniform(-1, 1, 8)),
                       ("v", g.random.uniform(0.5, 2, 8))):
        g.const(key, array.astype(np.float32))
    g.node("BatchNormalization", "c s b m v", "n")
    g.node("Relu", "n", "r")
    return g.finish(g.pair("r", "y", 0.03, 0))


@case
def two_grids(name):
    """One value on two grids, and in f32."""
    g = Graph(name)
    convolution(g)
    g.node("Relu", "c", "r")
    g.pair("r", "u", 0.03, 0)
    g.pair("r", "v", 0.05, 0, np.int8)
    g.node("Add", "u v", "s")
    return g.finish(g.pair("s", "y", 0.06, 0))


@case
def two_grids_joined(name):
    g = Graph(name)
    g.pair("x", "u", 0.03, 100)
    g.pair("x", "v", 0.05, 0, np.int8)
    g.node("Concat", "u v", "j", axis=1)
    return g.finish(g.pair("j", "y", 0.04, 128))


@case
def result_in_float(name):
    """Nothing is quantized behind the product; the ReLU that follows is float."""
    g = Graph(name)
    convolution(g)
    return g.finish(g.node("Relu", "c", "y"), floats=["nn.clamp"])


@case
def four_bit_weights(name):
    g = Graph(name, opset=21)
    g.pair("x", "a", 0.04, 120)
    codes = g.random.integers(-8, 7, (4, 3, 3, 3), endpoint=True)
    g.tensors.append(helper.make_tensor("w", TensorProto.INT4, codes.shape, codes.flatten()))
    g.const("w_s", np.linspace(0.05, 0.1, 4, dtype=np.float32))
    g.tensors.append(helper.make_tensor("w_z", TensorProto.INT4, (4,), [0] * 4))
    g.dequantize("w", "dw", ["w_s", "w_z"], axis=0)
    g.node("Conv", "a dw", "c")
    return g.finish(g.pair("c", "y", 0.05, 128))


@case
def sixteen_bits(name):
    g = Graph(name, opset=21)
    g.pair("x", "a", 0.0002, 30000, np.uint16)
    g.dequantize(g.weights("w", (4, 3, 3, 3)), "dw", g.grid("w", 0.01, 0, np.int8))
    g.node("Conv", "a dw", "c")
    return g.finish(g.pair("c", "y", 0.0003, 0, np.int16))


#
# Operators on codes
#

@case
def codes_moved(name):
    """Between QuantizeLinear and DequantizeLinear; a Pad fills with a code."""
    g = Graph(name)
    grid = g.grid("q", 0.04, 120)
    g.node("QuantizeLinear", ["x", *grid], "q")
    g.node("MaxPool", "q", "p", kernel_shape=[2, 2])
    g.node("Transpose", "p", "t", perm=[0, 2, 3, 1])
    g.const("pads", np.asarray([0, 1, 0, 0, 0, 0, 2, 0])), g.const("fill", np.asarray(7, np.uint8))
    g.node("Pad", "t pads fill", "d")
    g.const("half", np.asarray([4, 4]))
    g.node("Split", "d half", "u v", axis=1)
    g.node("Concat", "v u", "j", axis=1)
    g.node("Flatten", "j", "f")
    return g.finish(g.dequantize("f", "y", grid))


@case
def qlinear_conv_and_sum(name):
    g = Graph(name)
    a, c, s = g.grid("a", 0.04, 120), g.grid("c", 0.03, 128), g.grid("s", 0.05, 0)
    g.node("QuantizeLinear", ["x", *a], "q")
    g.const("w_s", np.linspace(0.005, 0.02, 3, dtype=np.float32)), g.const("w_z", np.zeros(3, np.int8))
    g.weights("b", (3,), -500, 500, np.int32)
    g.node("QLinearConv", ["q", *a, g.weights("w", (3, 3, 3, 3)), "w_s", "w_z", *c, "b"], "cq", pads=[1, 1, 1, 1])
    g.node("QLinearAdd", ["cq", *c, "q", *a, *s], "sq", domain=MICROSOFT)
    return g.finish(g.dequantize("sq", "y", s))


@case
def qlinear_products(name):
    g = Graph(name)
    a, w, p, m = g.grid("a", 0.04, 120), g.grid("w", 0.01, 0, np.int8), g.grid("p", 0.05, 128), g.grid("m", 0.2, 100)
    g.node("Flatten", "x", "f")
    g.node("QuantizeLinear", ["f", *a], "q")
    g.node("QLinearMatMul", ["q", *a, g.weights("w", (192, 6)), *w, *p], "pq")
    g.node("QLinearMul", ["pq", *p, "pq", *p, *m], "mq", domain=MICROSOFT)
    return g.finish(g.dequantize("mq", "y", m))


def gemm(name, result):
    g = Graph(name)
    a, p = g.grid("a", 0.04, 120), g.grid("p", 0.05, 128)
    g.node("Flatten", "x", "f")
    g.node("QuantizeLinear", ["f", *a], "q")
    g.const("w_s", np.linspace(0.005, 0.02, 6, dtype=np.float32)), g.const("w_z", np.zeros(6, np.int8))
    operands = ["q", *a, g.weights("w", (6, 192)), "w_s", "w_z", g.weights("b", (6,), -500, 500, np.int32)]
    g.node("QGemm", operands + (p if result else []), "pq" if result else "y", domain=MICROSOFT, transB=1)
    return g.finish(g.dequantize("pq", "y", p) if result else "y")


@case
def qgemm(name):
    return gemm(name, result=True)


@case
def qgemm_to_float(name):
    return gemm(name, result=False)


@case
def qlinear_pools(name):
    g = Graph(name)
    a, p, m, j = g.grid("a", 0.04, 120), g.grid("p", 0.03, 128), g.grid("m", 0.02, 100), g.grid("j", 0.03, 110)
    g.node("QuantizeLinear", ["x", *a], "q")
    g.node("QLinearAveragePool", ["q", *a, *p], "pq", domain=MICROSOFT, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 0, 0],
           count_include_pad=1)
    g.node("QLinearConcat", [*j, "pq", *p, "pq", *p], "jq", domain=MICROSOFT, axis=1)
    g.node("QLinearGlobalAveragePool", ["jq", *j, *m], "mq", domain=MICROSOFT)
    return g.finish(g.dequantize("mq", "y", m))


@case
def qlinear_functions(name):
    g = Graph(name)
    a, s, r, m = g.grid("a", 0.04, 120), g.grid("s", 1 / 256, 0), g.grid("r", 0.01, 30), g.grid("m", 1 / 256, 0)
    g.node("QuantizeLinear", ["x", *a], "q")
    g.node("QLinearLeakyRelu", ["q", *a, *r], "rq", domain=MICROSOFT, alpha=0.2)
    g.node("QLinearSigmoid", ["rq", *r, *s], "sq", domain=MICROSOFT)
    g.node("QLinearSoftmax", ["sq", *s, *m], "mq", domain=MICROSOFT, axis=1, opset=13)
    return g.finish(g.dequantize("mq", "y", m), floats=["nn.softmax"])


@case
def products_of_integers(name):
    """ConvInteger and MatMulInteger, scaled by a product behind them."""
    g = Graph(name, opset=11)
    a, p = g.grid("a", 0.04, 120), g.grid("p", 0.06, 128)
    wz, vz = g.const("wz", np.asarray(60, np.uint8)), g.const("vz", np.asarray(0, np.int8))
    g.node("QuantizeLinear", ["x", *a], "q")
    g.node("ConvInteger", ["q", g.weights("w", (4, 3, 3, 3), 0, 127, np.uint8), a[1], wz], "ci", pads=[1, 1, 1, 1])
    g.node("Cast", "ci", "cf", to=TensorProto.FLOAT)
    g.node("Mul", ["cf", g.const("cs", np.float32(0.04 * 0.01))], "c")
    g.node("Add", ["c", g.const("b", g.random.standard_normal((4, 1, 1)).astype(np.float32))], "d")
    g.node("Relu", "d", "r")
    g.node("Flatten", "r", "f")
    g.node("QuantizeLinear", ["f", *p], "pq")
    g.node("MatMulInteger", ["pq", g.weights("v", (256, 5)), p[1], vz], "mi")
    g.node("Cast", "mi", "mf", to=TensorProto.FLOAT)
    return g.finish(g.node("Mul", ["mf", g.const("ms", np.float32(0.06 * 0.02))], "y"))

"""This module builds ONNX models with random weights, node by node.

Every node is computed at once on a small probe by ONNX's own reference implementation. So a builder knows the shape of
each value without shape inference, counts the multiplications, and gives batch normalizations the statistics that their
inputs really have: with made-up ones, the values of a network of fifty layers would vanish or overflow.
"""

import dataclasses

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

OPSET = 17  # the first with LayerNormalization
IR_VERSION = 8
INPUT, OUTPUT = "input", "output"
BIAS_SPREAD = 0.05


@dataclasses.dataclass
class Value:
    """A tensor of the network: its name, and what it holds on the probe."""

    name: str
    probe: np.ndarray

    @property
    def channels(self):
        return self.probe.shape[1]


class Graph:
    """A model under construction. The methods return the value that the new node computes."""

    def __init__(self, name, probe, seed):
        self.name = name
        self.random = np.random.default_rng(seed)
        self.nodes, self.initializers = [], []
        self.macs = 0  # multiplications per sample in convolutions and matrix products
        self.input = Value(INPUT, probe.astype(np.float32))

    def node(self, op, *inputs, **attributes):
        """Adds a node; an input is a Value, or an array or number, which becomes an initializer."""
        name = f"{op.lower()}_{len(self.nodes)}"
        arrays = [value.probe if isinstance(value, Value) else np.asarray(value) for value in inputs]
        names = [value.name if isinstance(value, Value) else self._initializer(f"{name}.{i}", value)
                 for i, value in enumerate(inputs)]
        self.nodes.append(helper.make_node(op, names, [name], name=name, **attributes))
        return Value(name, evaluate(op, arrays, attributes))

    def _initializer(self, name, array):
        self.initializers.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def _weights(self, shape, fan_in, gain):
        return self.random.normal(0, np.sqrt(gain / fan_in), shape).astype(np.float32)

    def _bias(self, size):
        return self.random.normal(0, BIAS_SPREAD, size).astype(np.float32)

    def conv(self, x, channels, kernel, stride=1, pad=0, group=1, bias=True, gain=2.0):
        """A convolution with He's weights: a gain of 2 keeps the energy of values through a following Relu."""
        shape = (channels, x.channels // group, kernel, kernel)
        operands = [x, self._weights(shape, int(np.prod(shape[1:])), gain)]
        operands += [self._bias(channels)] if bias else []
        y = self.node("Conv", *operands, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4, group=group)
        self.macs += y.probe[0].size * int(np.prod(shape[1:]))
        return y

    def batch_norm(self, x):
        """A normalization that leaves each channel with the mean 0 and a deviation of the random scale's size."""
        scale = self.random.uniform(0.5, 1.5, x.channels).astype(np.float32)
        shift = self.random.normal(0, 0.1, x.channels).astype(np.float32)
        mean, variance = x.probe.mean(axis=(0, 2, 3)), x.probe.var(axis=(0, 2, 3))
        return self.node("BatchNormalization", x, scale, shift, mean, variance, epsilon=1e-5)

    def relu(self, x):
        return self.node("Relu", x)

    def relu6(self, x):
        return self.node("Clip", x, np.float32(0), np.float32(6))

    def max_pool(self, x, kernel, stride, pad=0, ceil=False):
        return self.node("MaxPool", x, kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4, ceil_mode=int(ceil))

    def average_pool(self, x, kernel, stride, ceil=False):
        """Padding is not counted: engines disagree on windows that hang over the edge where it is."""
        return self.node("AveragePool", x, kernel_shape=[kernel] * 2, strides=[stride] * 2, ceil_mode=int(ceil))

    def global_average(self, x):
        return self.node("Flatten", self.node("GlobalAveragePool", x), axis=1)

    def flatten(self, x):
        return self.node("Flatten", x, axis=1)

    def gemm(self, x, size, gain=1.0):
        """A fully connected layer on a matrix of samples."""
        self.macs += x.channels * size
        weights = self._weights((size, x.channels), x.channels, gain)
        return self.node("Gemm", x, weights, self._bias(size), transB=1)

    def linear(self, x, size, gain=1.0):
        """A fully connected layer on the last axis of a tensor of any rank."""
        features = x.probe.shape[-1]
        product = self.matmul(x, self._weights((features, size), features, gain))
        return self.node("Add", product, self._bias(size))

    def matmul(self, a, b):
        y = self.node("MatMul", a, b)
        self.macs += y.probe[0].size * a.probe.shape[-1]
        return y

    def add(self, a, b):
        return self.node("Add", a, b)

    def concat(self, *values):
        return self.node("Concat", *values, axis=1)

    def reshape(self, x, *shape):
        return self.node("Reshape", x, np.array(shape, np.int64))

    def transpose(self, x, *order):
        return self.node("Transpose", x, perm=list(order))

    def layer_norm(self, x):
        size = x.probe.shape[-1]
        return self.node("LayerNormalization", x, np.ones(size, np.float32), self._bias(size), axis=-1)

    def gelu(self, x):
        """As exporters write it: x · (1 + erf(x / √2)) / 2."""
        one_plus = self.node("Add", self.node("Erf", self.node("Div", x, np.float32(2**0.5))), np.float32(1))
        return self.node("Mul", self.node("Mul", x, one_plus), np.float32(0.5))

    def model(self, output, batch):
        """The finished model for a fixed batch."""
        if not np.isfinite(output.probe).all():
            raise ValueError(f"{self.name}: values overflow")
        self.nodes[-1].output[0] = OUTPUT
        inputs = [_tensor_info(INPUT, batch, self.input.probe)]
        outputs = [_tensor_info(OUTPUT, batch, output.probe)]
        graph = helper.make_graph(self.nodes, self.name, inputs, outputs, self.initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="bench-models")
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model)
        return model


def _tensor_info(name, batch, probe):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, [batch, *probe.shape[1:]])


def evaluate(op, arrays, attributes, opset=OPSET):
    """What one operator computes."""
    names = [f"i{i}" for i in range(len(arrays))]
    inputs = [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape)
              for name, array in zip(names, arrays)]
    outputs = [helper.make_tensor_value_info("o", TensorProto.FLOAT, None)]
    graph = helper.make_graph([helper.make_node(op, names, ["o"], **attributes)], op, inputs, outputs)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    return ReferenceEvaluator(model).run(None, dict(zip(names, arrays)))[0]

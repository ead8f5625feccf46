"""This module computes an ONNX model in torch, for ExecuTorch: torch.export is its only way in.

Adding an operator: a function of the node's inputs and attributes in OPERATORS. Inputs that are constant integers are
lists.
"""

import graph
import onnx
import torch
import torch.nn.functional as F
from onnx import helper, numpy_helper


def padding(attributes):
    if attributes.get("auto_pad", b"NOTSET") != b"NOTSET":
        raise NotImplementedError("auto_pad")
    pads = attributes.get("pads", [0] * 4)
    if pads[:2] != pads[2:]:
        raise NotImplementedError("padding that differs between the sides")
    return pads[:2]


def conv(x, weight, bias=None, **a):
    top, left, bottom, right = a.get("pads", [0] * 4)
    if (top, left) != (bottom, right):
        x, a = F.pad(x, (left, right, top, bottom)), a | {"pads": [0] * 4}
    return F.conv2d(x, weight, bias, a.get("strides", 1), padding(a), a.get("dilations", 1), a.get("group", 1))


def pad(x, pads, value=0.0, mode=b"constant"):
    rank = len(pads) // 2
    pairs = [pads[axis + side] for axis in reversed(range(rank)) for side in (0, rank)]  # torch starts with the last axis
    return F.pad(x, pairs, mode.decode(), value)


def slice_axes(x, starts, ends, axes=None, steps=None):
    for i, axis in enumerate(axes or range(len(starts))):
        index = [slice(None)] * x.dim()
        index[axis] = slice(starts[i], ends[i], steps[i] if steps else 1)
        x = x[tuple(index)]
    return x


def average_pool(x, **a):
    return F.avg_pool2d(x, a["kernel_shape"], a.get("strides", 1), padding(a), bool(a.get("ceil_mode")),
                        bool(a.get("count_include_pad")))


def gemm(x, weight, bias=None, **a):
    if a.get("transA") or a.get("alpha", 1) != 1 or a.get("beta", 1) != 1:
        raise NotImplementedError("Gemm other than x · W + b")
    return F.linear(x, weight if a.get("transB") else weight.T, bias)


OPERATORS = {
    "Add": lambda a, b: a + b,
    "AveragePool": average_pool,
    "BatchNormalization": lambda x, scale, shift, mean, variance, **a: F.batch_norm(
        x, mean, variance, scale, shift, eps=a.get("epsilon", 1e-5)),
    "Clip": lambda x, low, high: F.hardtanh(x, float(low), float(high)),
    "Concat": lambda *values, axis: torch.cat(values, axis),
    "Conv": conv,
    "Flatten": lambda x, axis=1: torch.flatten(x, axis),
    "Gelu": lambda x: F.gelu(x),
    "Gemm": gemm,
    "GlobalAveragePool": lambda x: F.adaptive_avg_pool2d(x, 1),
    "LayerNormalization": lambda x, scale, shift, axis=-1, **a: F.layer_norm(x, x.shape[axis:], scale, shift),
    "MatMul": lambda a, b: a @ b,
    "MaxPool": lambda x, **a: F.max_pool2d(x, a["kernel_shape"], a.get("strides", 1), padding(a), 1, bool(a.get("ceil_mode"))),
    "Mul": lambda a, b: a * b,
    "Pad": pad,
    "Relu": F.relu,
    "Slice": slice_axes,
    "Softmax": lambda x, axis=-1: F.softmax(x, axis),
    "Transpose": lambda x, perm: x.permute(perm),
}


class Network(torch.nn.Module):
    def __init__(self, path):
        super().__init__()
        model = onnx.load(path)
        nodes, arrays = fold_constants(model)
        nodes = join_linear(join_gelu(nodes), {name: array.shape for name, array in arrays.items()})
        self.nodes, self.constants = nodes, {}
        for name in sorted({name for _, inputs, *_ in nodes for name in inputs} & set(arrays)):
            tensor = torch.from_numpy(arrays[name].copy())  # what onnx gives may not be written to
            if tensor.is_floating_point() and tensor.dim():
                self.constants[name] = f"constant_{len(self.constants)}"
                self.register_parameter(self.constants[name], torch.nn.Parameter(tensor, requires_grad=False))
            else:
                self.constants[name] = tensor.tolist()
        self.inputs = [value.name for value in model.graph.input if value.name not in arrays]
        self.outputs = [value.name for value in model.graph.output]
        unknown = {op for op, *_ in self.nodes} - set(OPERATORS) - {"Reshape"}
        if unknown:
            raise NotImplementedError(f"operators without a translation to torch: {', '.join(sorted(unknown))}")

    def forward(self, *arguments):
        values = dict(zip(self.inputs, arguments))

        def value(name):
            if name in values:
                return values[name]
            constant = self.constants[name]
            return getattr(self, constant) if isinstance(constant, str) else constant

        for op, inputs, output, attributes in self.nodes:
            operands = [value(name) for name in inputs]
            if op == "Reshape":
                x, shape = operands
                values[output] = x.reshape([x.shape[i] if size == 0 else size for i, size in enumerate(shape)])
            else:
                values[output] = OPERATORS[op](*operands, **attributes)
        results = tuple(values[name] for name in self.outputs)
        return results if len(results) > 1 else results[0]


def fold_constants(model):
    """The nodes that depend on the inputs, as (operator, inputs, output, attributes), and the values of all others."""
    arrays = {initializer.name: numpy_helper.to_array(initializer) for initializer in model.graph.initializer}
    nodes = []
    for node in model.graph.node:
        inputs = [name for name in node.input if name]
        attributes = {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
        if set(inputs) <= set(arrays):
            operands = [arrays[name] for name in inputs]
            arrays[node.output[0]] = graph.evaluate(node.op_type, operands, attributes, model.opset_import[0].version)
        else:
            nodes.append((node.op_type, inputs, node.output[0], attributes))
    return nodes, arrays


def join_gelu(nodes):
    """x · (1 + erf(x / √2)) / 2 becomes the one operator that ExecuTorch has a kernel for."""
    makers = {node[2]: node for node in nodes}
    users = {name: node for node in nodes for name in node[1]}
    gone, starts = [], {}
    for erf in (node for node in nodes if node[0] == "Erf"):
        divide, add = makers[erf[1][0]], users[erf[2]]
        multiply = users[add[2]]
        half = users[multiply[2]]
        if [divide[0], add[0], multiply[0], half[0]] != ["Div", "Add", "Mul", "Mul"] or divide[1][0] not in multiply[1]:
            raise NotImplementedError("Erf outside of Gelu")
        gone += [divide, erf, add, multiply]
        starts[half[2]] = divide[1][0]
    return [("Gelu", [starts[node[2]]], node[2], {}) if node[2] in starts else node for node in nodes if node not in gone]


def join_linear(nodes, constants):
    """A product with a constant matrix, and the sum with a constant vector that follows, become one Gemm."""
    makers = {node[2]: node for node in nodes}
    joined, result = set(), []
    for node in nodes:
        op, inputs, output, _ = node
        maker = makers.get(inputs[0])
        if op == "Add" and maker and maker[0] == "MatMul" and len(constants.get(inputs[1], ())) == 1 \
                and len(constants.get(maker[1][1], ())) == 2:
            joined.add(maker[2])
            node = ("Gemm", [*maker[1], inputs[1]], output, {})
        result.append(node)
    return [node for node in result if node[2] not in joined]

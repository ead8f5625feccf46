"""Prints an ONNX model as text, one line per fact: print-onnx.py MODEL.onnx. The model is checked first."""

import sys

import onnx
from onnx import helper, numpy_helper

SMALL = 8  # tensors up to this size are printed with their values


def shape(value):
    return "x".join(d.dim_param or str(d.dim_value) for d in value.type.tensor_type.shape.dim) or "scalar"


def tensor(initializer):
    array = numpy_helper.to_array(initializer)
    values = f" = {array.tolist()}" if array.size <= SMALL else ""
    return f"initializer {initializer.name}: {array.dtype}{list(array.shape)}{values}"


def attribute(a):
    value = helper.get_attribute_value(a)
    return f"{a.name}={value:g}" if isinstance(value, float) else f"{a.name}={value}"


def main():
    model = onnx.load(sys.argv[1])
    onnx.checker.check_model(model, full_check=True)
    graph = model.graph
    print(f"ir {model.ir_version}, opset {', '.join(str(o.version) for o in model.opset_import)}, graph {graph.name}")
    for value in graph.input:
        print(f"input {value.name}: {shape(value)}")
    for initializer in graph.initializer:
        print(tensor(initializer))
    for node in graph.node:
        attributes = " {" + ", ".join(map(attribute, node.attribute)) + "}" if node.attribute else ""
        print(f"{node.op_type} {node.name}: ({', '.join(node.input)}) -> {', '.join(node.output)}{attributes}")
    for value in graph.output:
        print(f"output {value.name}: {shape(value)}")


if __name__ == "__main__":
    main()

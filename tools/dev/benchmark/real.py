"""This module feeds the trained networks of $QUANTIZATION_DATA to the benchmark, where there are any."""

import dataclasses
import json
import os
import pathlib
import sys

import numpy as np
import onnx
from onnx import helper, version_converter
from onnx.reference import ReferenceEvaluator

from .networks import Network

ROOT = pathlib.Path(__file__).resolve().parents[3]
DATA = pathlib.Path(os.environ.get("QUANTIZATION_DATA") or ROOT.parent / "shared" / "data")
CALIBRATION, TEST = 32, 16
OLDEST_OPSET = 13  # the first in which weights per channel can be quantized

NAMES = {
    "resnet8": "ic_resnet8_float",
    "resnet20": "resnet20_cifar10",
    "dscnn": "kws_dscnn_float",
    "mobilenetv1_quarter": "vww_mobilenetv1_025_float",
    "ultraface": "ultraface_slim320",
    "squeezenet10": "squeezenet1.0_float",
    "mobilenetv2_trained": "mobilenet_v2_float",
}


def missing(name):
    """Why the network cannot be had, or None."""
    if not (DATA / "zoo.py").exists():
        return f"no real models at {DATA} (QUANTIZATION_DATA names another place)"
    if not (DATA / "models" / f"{NAMES[name]}.onnx").exists():
        return f"{DATA} has no {NAMES[name]}"
    return None


def make(name, folder):
    """Writes a network's files unless they are there: a batch of 1 and an operator set that all engines quantize."""
    made = Network(name, str(folder / f"{name}.onnx"), str(folder / f"{name}.calibration.npz"),
                   str(folder / f"{name}.test.npz"), 1, 0, real=True)
    description = folder / f"{name}.json"
    if description.exists():
        return Network(**json.loads(description.read_text()))
    sys.path.insert(0, str(DATA))
    import zoo

    source = zoo.model_path(NAMES[name])
    model = onnx.load(str(source))
    if model.opset_import[0].version < OLDEST_OPSET:
        model = version_converter.convert_version(model, OLDEST_OPSET)
    weights = {initializer.name for initializer in model.graph.initializer}
    for value in [*model.graph.input, *model.graph.output]:
        if value.name not in weights and value.type.tensor_type.shape.dim:
            value.type.tensor_type.shape.dim[0].Clear()
            value.type.tensor_type.shape.dim[0].dim_value = 1
    onnx.save(model, made.model)
    key, calibration, test, _ = zoo.load(NAMES[name], calib=CALIBRATION, test=TEST)
    np.savez(made.calibration, **{key: calibration})
    np.savez(made.test, **{key: test})
    made.macs = count_macs(model, {key: test[:1]})
    description.write_text(json.dumps(dataclasses.asdict(made), indent=1))
    return made


def count_macs(model, inputs):
    """Multiplications in convolutions and matrix products, from the shapes that values have when the model runs."""
    nodes = [node for node in model.graph.node if node.op_type in ("Conv", "Gemm", "MatMul")]
    shapes = {initializer.name: tuple(initializer.dims) for initializer in model.graph.initializer}
    shapes |= {name: array.shape for name, array in inputs.items()}
    wanted = sorted({name for node in nodes for name in (*node.input[:2], node.output[0])} - set(shapes))
    probed = onnx.ModelProto()
    probed.CopyFrom(model)
    del probed.graph.output[:]
    probed.graph.output.extend(helper.make_tensor_value_info(name, 1, None) for name in wanted)
    shapes |= {name: np.shape(array) for name, array in zip(wanted, ReferenceEvaluator(probed).run(None, inputs))}
    total = 0
    for node in nodes:
        a, b = shapes[node.input[0]], shapes[node.input[1]]
        if node.op_type == "Conv":
            terms = int(np.prod(b[1:]))
        else:
            transposed = any(attribute.name == "transA" and attribute.i for attribute in node.attribute)
            terms = a[0] if transposed else a[-1]
        total += int(np.prod(shapes[node.output[0]])) * terms
    return total

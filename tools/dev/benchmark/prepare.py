"""This program makes what an engine runs from a float ONNX model: prepare.py KIND MODEL SAMPLES BATCH OUTPUT

SAMPLES is the .npz to calibrate with. It runs in the environment that the engines are installed in.
"""

import logging
import os
import sys

import worker


def onnxruntime_qdq(activations):
    def prepare(model, samples, output):
        from onnxruntime import quantization
        from onnxruntime.quantization.shape_inference import quant_pre_process

        class Reader(quantization.CalibrationDataReader):
            def __init__(self):
                self.left = iter(samples)

            def get_next(self):
                return next(self.left, None)

        clean = f"{output}.preprocessed.onnx"
        quant_pre_process(model, clean, skip_symbolic_shape=True)
        quantization.quantize_static(
            clean, output, Reader(), quant_format=quantization.QuantFormat.QDQ, per_channel=True,
            weight_type=quantization.QuantType.QInt8, activation_type=getattr(quantization.QuantType, activations),
            calibrate_method=quantization.CalibrationMethod.MinMax)
        os.remove(clean)

    return prepare


def openvino_nncf(model, samples, output):
    import nncf
    import onnx
    import openvino

    # NNCF has no way to see that a network is a transformer, and quantizes one badly that it does not know to be.
    transformer = any(node.op_type == "LayerNormalization" for node in onnx.load(model).graph.node)
    settings = {"model_type": nncf.ModelType.TRANSFORMER} if transformer else {}
    quantized = nncf.quantize(openvino.Core().read_model(model), nncf.Dataset(samples), subset_size=len(samples), **settings)
    openvino.save_model(quantized, output, compress_to_fp16=False)


def executorch(quantize):
    def prepare(model, samples, output):
        import torch
        from executorch.backends.xnnpack.partition.xnnpack_partitioner import XnnpackPartitioner
        from executorch.exir import to_edge_transform_and_lower

        import torch_network

        network = torch_network.Network(model).eval()
        arguments = [tuple(torch.from_numpy(array) for array in sample.values()) for sample in samples]
        with torch.no_grad():
            if quantize:
                from executorch.backends.xnnpack.quantizer.xnnpack_quantizer import (
                    XNNPACKQuantizer, get_symmetric_quantization_config)
                from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e

                quantizer = XNNPACKQuantizer().set_global(get_symmetric_quantization_config(is_per_channel=True))
                observed = prepare_pt2e(torch.export.export(network, arguments[0]).module(), quantizer)
                for argument in arguments:
                    observed(*argument)
                network = convert_pt2e(observed)
            exported = torch.export.export(network, arguments[0])
        lowered = to_edge_transform_and_lower(exported, partitioner=[XnnpackPartitioner()])
        with open(output, "wb") as file:
            file.write(lowered.to_executorch().buffer)

    return prepare


KINDS = {
    "ort_u8s8": onnxruntime_qdq("QUInt8"),
    "ort_s8s8": onnxruntime_qdq("QInt8"),
    "ov_nncf": openvino_nncf,
    "et_float": executorch(False),
    "et_int8": executorch(True),
}


def main():
    kind, model, samples, batch, output = sys.argv[1:]
    logging.disable(logging.WARNING)
    KINDS[kind](model, worker.load_inputs(samples, int(batch)), output)


if __name__ == "__main__":
    main()

//===- NNDialect.td - the nn dialect -----------------------*- tablegen -*-===//

#ifndef QUANTIZATION_NNDIALECT_TD
#define QUANTIZATION_NNDIALECT_TD

include "mlir/IR/OpBase.td"

def NN_Dialect : Dialect {
  let name = "nn";
  let summary = "a neural network as its author drew it";
  let description = [{
    Layers with the semantics and the NCHW shapes of ONNX. The element types are `f32` up to the simulated form, but
    for the codes between `nn.quantize` and `nn.dequantize` that a quantized file brings; in the integral form the same ops
    work on `!quant.uniform` types, and layers that compute yield their `i32` or `i64` accumulators, which a `fixed.rescale`
    reads. Shapes stay NCHW whatever the order in memory is (`#fixed.layout`).

    Every layer carries its name in the inherent attribute `layer`: that of the ONNX node, else of its first output.

    Discardable attributes of the dialect, all others are errors:
    - on a layer, `nn.exact`: its accumulator becomes f32 without being rounded to few bits (Numerics R26);
    - on a layer, `nn.why_float`: it stays float, for this reason;
    - on the module, `nn.model_file`, `nn.model_hash`: the ONNX file and its SHA-256; `nn.sublayers`: the
      `#nn.sublayer` of each layer of that file, where a report of costs was asked for; `nn.inputs`, `nn.outputs`: what the
      lowered entry takes and gives; `nn.arena_bytes`: the scratch memory that it needs;
    - on arguments and results of the network, `nn.name`, and `nn.layer` where a layer's value is shown.
  }];
  let hasOperationAttrVerify = 1;
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
  let cppNamespace = "::quantization::nn";
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::quant::QuantDialect"];
}

#endif // QUANTIZATION_NNDIALECT_TD

//===- Passes.td - passes of the room Quantize ---*- tablegen -*-===//

#ifndef QUANTIZATION_QUANTIZE_PASSES_TD
#define QUANTIZATION_QUANTIZE_PASSES_TD

include "mlir/Pass/PassBase.td"

def InsertQuantization : Pass<"insert-quantization", "::mlir::ModuleOp"> {
  let summary = "turn precisions into quantize/dequantize pairs";
  let description = [{
    Replaces each `nn.observe` that has a quantized precision by `nn.quantize` (half-even) and `nn.dequantize` with the
    type that the format chooses from the statistics, and drops the others. Observers without statistics are one error
    that lists their layers. See test/Quantize/insert-quantization.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::mlir::quant::QuantDialect"];
  let statistics = [
    Statistic<"numQuantized", "num-values-quantized", "values that got a quantized type">];
}

def QuantizeConstants : Pass<"quantize-constants", "::mlir::ModuleOp"> {
  let summary = "encode weights and biases";
  let description = [{
    Encodes each weight constant with a precision as codes of the type that its format chooses, and each bias of such a
    layer as i32 codes on the scale of its accumulator (Numerics R10); a bias beyond i32 raises the weight scale of its
    channel (R11). An `nn.quantize` of a constant becomes a constant of codes. Weights of a layer whose input is not
    quantized stay float, with a remark. See test/Quantize/quantize-constants.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::mlir::quant::QuantDialect"];
  let statistics = [
    Statistic<"numWeights", "num-weights-quantized", "weight tensors encoded">,
    Statistic<"numBiases", "num-biases-quantized", "bias tensors encoded">];
}

#endif // QUANTIZATION_QUANTIZE_PASSES_TD

//===- Passes.td - passes of the room Quantize ---*- tablegen -*-===//

#ifndef QUANTIZATION_QUANTIZE_PASSES_TD
#define QUANTIZATION_QUANTIZE_PASSES_TD

include "mlir/Pass/PassBase.td"

def InsertQuantization : Pass<"insert-quantization", "::mlir::ModuleOp"> {
  let summary = "turn precisions into quantize/dequantize pairs";
  let description = [{
    Replaces each `nn.observe` that has a quantized precision by `nn.quantize` (half-even) and `nn.dequantize`. The
    precision's method reduces the statistics to a range (Numerics R22 to R25), and its format chooses a type for that (R5,
    R6). Observers with a float precision or none are dropped. Quantized ones without statistics are one error that lists
    their layers. See test/Quantize/insert-quantization.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::mlir::quant::QuantDialect"];
  let options = [
    Option<"exactResults", "exact-results", "bool", "false",
           "leave a layer's value in f32 where only float layers or the caller read it: it comes straight from the accumulator">];
  let statistics = [
    Statistic<"numQuantized", "num-values-quantized", "values that got a quantized type">];
}

def QuantizeConstants : Pass<"quantize-constants", "::mlir::ModuleOp"> {
  let summary = "encode weights and biases";
  let description = [{
    Encodes each weight constant with a quantized precision as codes of the type that its format chooses (Numerics R7), and
    the bias of such a layer as i32 codes on the scale of its accumulator; a bias beyond i32 raises the weight scale of its
    channel (R8). Each becomes an `nn.constant` of codes and an `nn.dequantize`. A half-even `nn.quantize` of a constant
    becomes a constant of codes. Weights stay float, with a remark, where the layer's input is not quantized per tensor or
    its bias is not a constant. See test/Quantize/quantize-constants.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::mlir::quant::QuantDialect"];
  let statistics = [
    Statistic<"numWeights", "num-weights-quantized", "weight tensors encoded">,
    Statistic<"numBiases", "num-biases-quantized", "bias tensors encoded">];
}

#endif // QUANTIZATION_QUANTIZE_PASSES_TD

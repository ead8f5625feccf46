//===- Passes.td - passes of the room Import ---*- tablegen -*-===//

#ifndef QUANTIZATION_IMPORT_PASSES_TD
#define QUANTIZATION_IMPORT_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertONNXToNN : Pass<"convert-onnx-to-nn", "::mlir::ModuleOp"> {
  let summary = "turn every ONNX node into a layer";
  let description = [{
    Turns each `nn.onnx` op into ops of `nn`, folds what can be computed at compile time (shape arithmetic,
    constants), and fixes every shape. All nodes that cannot be converted are reported at once, with their names and
    counts. See test/Import/convert-onnx-to-nn.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::mlir::quant::QuantDialect"];
  let statistics = [
    Statistic<"numConverted", "num-nodes-converted", "nodes that became layers">,
    Statistic<"numFolded", "num-nodes-folded", "nodes computed at compile time">];
}

def SimplifyNetwork : Pass<"simplify-network", "::mlir::ModuleOp"> {
  let summary = "fold what arithmetic on weights can absorb";
  let description = [{
    Folds batch normalizations, constant additions and multiplications, and zero padding into convolutions and
    matrix products; drops layers that do nothing; turns what is left of a batch normalization into a depthwise 1x1
    convolution. See test/Import/simplify-network.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect"];
  let statistics = [
    Statistic<"numFolded", "num-layers-folded", "layers folded into another or dropped">];
}

#endif // QUANTIZATION_IMPORT_PASSES_TD

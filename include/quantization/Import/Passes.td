//===- Passes.td - passes of the room Import ---*- tablegen -*-===//

#ifndef QUANTIZATION_IMPORT_PASSES_TD
#define QUANTIZATION_IMPORT_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertONNXToNN : Pass<"convert-onnx-to-nn", "::mlir::ModuleOp"> {
  let summary = "turn every ONNX node into a layer";
  let description = [{
    Turns each `nn.onnx` op into ops of `nn`, by the definition of its operator that is in force at the model's opset; folds
    what can be computed at compile time (shape arithmetic, constants), drops what no output needs, and fixes every shape.
    Inputs and outputs must be f32, inputs of static shape. All nodes that cannot be converted are reported at once, with
    their names and counts. See test/Import/convert-onnx-to-nn.mlir.

    `record-sublayers` leaves on the module what each layer of the file reads and writes, those included that become nothing
    (Dropout) or are folded later; a report of costs counts them. See test/Import/convert-onnx-to-nn-sublayers.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::mlir::quant::QuantDialect"];
  let options = [
    Option<"recordSublayers", "record-sublayers", "bool", "false", "leave nn.sublayers on the module">];
  let statistics = [
    Statistic<"numConverted", "num-nodes-converted", "nodes that became layers">,
    Statistic<"numFolded", "num-nodes-folded", "nodes computed at compile time">];
}

def SimplifyNetwork : Pass<"simplify-network", "::mlir::ModuleOp"> {
  let summary = "fold what arithmetic on weights can absorb";
  let description = [{
    Folds batch normalizations, constant additions and multiplications, and zero padding into convolutions and
    matrix products whose weights are constant and whose result nothing else reads; drops layers that do nothing; turns what
    is left of a batch normalization into a depthwise convolution with a kernel of 1. Makes one layer of the many in which
    exporters write layer normalization and GELU. See test/Import/simplify-network.mlir and simplify-network-patterns.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect"];
  let statistics = [
    Statistic<"numFolded", "num-layers-folded", "layers folded into another or dropped">];
}

#endif // QUANTIZATION_IMPORT_PASSES_TD

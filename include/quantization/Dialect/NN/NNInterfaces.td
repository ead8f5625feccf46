//===- NNInterfaces.td - what passes ask a layer -----------*- tablegen -*-===//

#ifndef QUANTIZATION_NNINTERFACES_TD
#define QUANTIZATION_NNINTERFACES_TD

include "mlir/IR/OpBase.td"

def QuantizableOpInterface : OpInterface<"QuantizableOpInterface"> {
  let cppNamespace = "::quantization::nn";
  let description = [{
    A layer that can run on integers. Layers without this interface stay in float. Passes ask these questions and never
    list ops.
  }];
  let methods = [
    InterfaceMethod<"the operand that holds trained weights, or -1",
      "int64_t", "getWeightsIndex", (ins), "", "return -1;">,
    InterfaceMethod<"the operand that holds the bias, or -1",
      "int64_t", "getBiasIndex", (ins), "", "return -1;">,
    InterfaceMethod<"the axis of the weights that numbers the output channels",
      "int64_t", "getWeightsChannelAxis", (ins), "", "return 0;">,
    InterfaceMethod<"the axis of the result that numbers the output channels",
      "int64_t", "getResultChannelAxis", (ins), "", "return 1;">,
    InterfaceMethod<"the axis of the first operand that the trained weights sum over, or -1",
      "int64_t", "getInputChannelAxis", (ins), "", "return -1;">,
    InterfaceMethod<"the axis of the weights that numbers those channels; with groups, those of the group that an output channel belongs to",
      "int64_t", "getWeightsInputAxis", (ins), "", "return 1;">,
    InterfaceMethod<[{
        Where a positive factor of an index of `axis` of the first operand is a factor of the result and has no other effect (the layer is
        positively homogeneous and keeps the indexes apart): the axis of the result. Its index i belongs to that of the operand
        with the number i / (size of the one / size of the other).
      }],
      "std::optional<int64_t>", "getHomogeneousAxis", (ins "int64_t":$axis), "", "return std::nullopt;">,
    InterfaceMethod<"`sameFormatAs`: whether operands and result share one number format because the layer only moves or selects values",
      "bool", "keepsFormat", (ins), "", "return false;">,
    InterfaceMethod<"the interval to which the layer clamps its input, when that is all it does (ReLU, Clip)",
      "std::optional<::quantization::nn::ClampRange>", "getClampRange", (ins), "", "return std::nullopt;">,
    InterfaceMethod<"the layer as a function of one value, when that is what it is; on codes it becomes a table",
      "std::optional<double>", "evaluate", (ins "double":$x), "", "return std::nullopt;">,
    InterfaceMethod<[{
        Builds the layer on stored integers `operands` (quantized tensors; the bias as i32 codes, if any) and returns its exact
        integer result before rounding, with the scales that express it. Fails with a reason where integers cannot hold it.
      }],
      "::mlir::FailureOr<::quantization::nn::Accumulator>", "buildAccumulator",
      (ins "::mlir::OpBuilder &":$builder, "::mlir::ValueRange":$operands, "std::string &":$reason), "",
      "reason = \"it has no integer form\"; return ::mlir::failure();">,
  ];
}

#endif // QUANTIZATION_NNINTERFACES_TD

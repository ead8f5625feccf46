//===- FloatLayers.cpp - which layers stay float, and why -------*- C++ -*-===//
//
// This file finds the layers that still compute in f32 and the first fact that kept them there.
//
//===----------------------------------------------------------------------===//

#include "quantization/Fold/FloatLayers.h"
#include "quantization/Dialect/NN/NN.h"
#include "quantization/Format/QuantTypes.h"

using namespace mlir;
using namespace quantization;

static std::string reasonFor(Operation *op) {
  auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
  if (!layer)
    return "it has no integer form";
  if (auto reason = op->getAttrOfType<StringAttr>(kWhyFloat))
    return reason.str();
  for (auto [i, operand] : llvm::enumerate(op->getOperands())) {
    if (auto constant = operand.getDefiningOp<nn::ConstantOp>())
      if (auto precision = constant.getPrecision(); precision && precision->getFormat().starts_with("float"))
        return "the policy keeps it in float";
    if (operand.getDefiningOp<nn::DequantizeOp>())
      continue;
    if (static_cast<int64_t>(i) == layer.getWeightsIndex())
      return "its weights are not quantized";
    if (static_cast<int64_t>(i) == layer.getBiasIndex())
      return "its bias is not quantized";
    return "its input \"" + nn::layerOf(operand) + "\" is not quantized";
  }
  return "its result is not quantized";
}

std::vector<FloatLayer> quantization::findFloatLayers(ModuleOp module) {
  std::vector<FloatLayer> layers;
  module.walk([&](Operation *op) {
    if (!isa_and_nonnull<nn::NNDialect>(op->getDialect()) || op->getNumResults() != 1 || op->getNumOperands() == 0 ||
        !nn::isF32(op->getResult(0)) || !nn::isF32(op->getOperand(0)))
      return;
    if (auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
        layer && layer.keepsFormat() && op->hasTrait<nn::RowMajor>())
      return; // another shape is no computation
    layers.push_back({op, nn::layerOf(op).str(), reasonFor(op)});
  });
  return layers;
}

//===- EncodeLayers.cpp - weights and biases that come as codes -*- C++ -*-===//
//
// This file makes the weights and biases that a file brings those of an integer layer. Codes and scales of weights are kept; a zero
// point is subtracted from them, in 16 bits where 8 do not hold the difference.
//
//   %w = nn.dequantize %0 : !quant.uniform<u8:f32, 0.1:128>     %w = nn.dequantize %1 : !quant.uniform<i8<-127:127>:f32, 0.1>
//   %b = nn.constant {value = dense<0.5>}                  ==>  %b = nn.dequantize %2 : !quant.uniform<i32:f32, 0.005>
//   nn.conv %x, %w, %b
//
//===----------------------------------------------------------------------===//

#include "EncodeLayers.h"
#include "AccumulatorScales.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Dialect/NN/EncodedConstants.h"
#include "quantization/Format/NumberFormat.h"
#include "quantization/Format/QuantTypes.h"
#include "mlir/IR/Remarks.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace quantization;

namespace {

void stayFloat(Operation *layer, const Twine &reason) {
  layer->setAttr("nn.why_float", StringAttr::get(layer->getContext(), reason));
}

} // namespace

void quantization::replaceConstant(Operation *layer, int64_t index, quant::QuantizedType type, ArrayRef<int64_t> codes, UniqueNames &names) {
  Value old = layer->getOperand(index);
  auto dequantize = old.getDefiningOp<nn::DequantizeOp>();
  auto constant = dequantize ? encodedConstant(old) : old.getDefiningOp<nn::ConstantOp>();
  std::string name = constant.getLayer().str();
  if (!old.hasOneUse() || !constant->hasOneUse())
    name = names.fresh(name + "_for_" + nn::layerOf(layer).str());
  OpBuilder builder(layer);
  Value encoded = makeEncoded(builder, constant.getLoc(), nn::shapeOf(old), type, codes, name);
  layer->setOperand(index, encoded);
  if (dequantize && dequantize->use_empty())
    dequantize->erase();
  if (constant->use_empty())
    constant->erase();
}

namespace {

/// Whether a bias on `given` scales needs no new codes on `wanted` ones: they are the product of the same f32 numbers, which some
/// exporters compute in more digits.
bool areSame(ArrayRef<double> given, ArrayRef<double> wanted) {
  for (size_t i = 0, count = std::max(given.size(), wanted.size()); i < count; ++i) {
    double a = given[given.size() == 1 ? 0 : i], b = wanted[wanted.size() == 1 ? 0 : i];
    if (std::abs(a - b) > 4e-7 * b)
      return false;
  }
  return true;
}

} // namespace

/// Weights in f32 of which each output channel has but one, in either sign: they are codes of -64 and 64, with nothing lost, on a
/// grid that is fine enough for a bias. A batch normalization between codes has become such a layer.
static void encodeSingleWeights(nn::QuantizableOpInterface layer, UniqueNames &names) {
  int64_t index = layer.getWeightsIndex(), axis = layer.getWeightsChannelAxis();
  auto weights = layer->getOperand(index).getDefiningOp<nn::ConstantOp>();
  if (!weights || !nn::isF32(weights.getResult()))
    return;
  std::vector<float> values = readFloats(weights.getValue());
  ArrayRef<int64_t> shape = nn::shapeOf(weights.getResult());
  ChannelIndex channelOf(shape, axis);
  SmallVector<double> scales(channelOf.channels, 0);
  std::vector<int64_t> codes;
  for (auto [i, value] : llvm::enumerate(values)) {
    double &scale = scales[channelOf(i)], magnitude = std::abs(value);
    bool isOther = magnitude != 0 && scale != 0 && magnitude != scale;
    if (!std::isfinite(value) || isOther || (magnitude != 0 && magnitude < 64 * std::numeric_limits<float>::min()))
      return;
    scale = std::max(scale, magnitude);
    codes.push_back(value > 0 ? 64 : value < 0 ? -64 : 0);
  }
  for (double &scale : scales)
    scale = scale == 0 ? 1 : scale / 64;
  replaceConstant(layer, index, typeAroundZero(layer->getContext(), codes, scales, axis), codes, names);
}

LogicalResult quantization::encodeLayer(nn::QuantizableOpInterface layer, UniqueNames &names) {
  int64_t weightsIndex = layer.getWeightsIndex(), biasIndex = layer.getBiasIndex();
  quant::QuantizedType input = inputType(layer);
  if (weightsIndex < 0 || !input || channelAxisOf(input) >= 0)
    return success();
  encodeSingleWeights(layer, names);
  auto weights = encodedConstant(layer->getOperand(weightsIndex));
  if (!weights)
    return success();
  auto given = quantizedElement(weights.getResult());
  int64_t axis = channelAxisOf(given);
  if (axis >= 0 && axis != layer.getWeightsChannelAxis()) {
    stayFloat(layer, "its weights have a scale for each index of dimension " + Twine(axis) + ", but integers need one for each output channel");
    return success();
  }
  nn::ConstantOp bias, biasCodes;
  if (biasIndex >= 0) {
    biasCodes = encodedConstant(layer->getOperand(biasIndex));
    bias = layer->getOperand(biasIndex).getDefiningOp<nn::ConstantOp>();
    if (!bias && !biasCodes) {
      stayFloat(layer, "its bias is not a constant");
      return success();
    }
  }

  std::vector<int64_t> codes = readCentered(weights);
  auto type = typeAroundZero(layer->getContext(), codes, scalesOf(given), axis);
  auto inputScale = static_cast<float>(scalesOf(input)[0]);
  std::vector<float> biases;
  if (biasIndex >= 0) {
    biases = biasCodes ? readExpressed(biasCodes) : readFloats(bias.getValue());
    if (failed(expectFinite(layer, "biases", biases)))
      return failure();
  }
  bool keepsBias = biasCodes && areSame(scalesOf(quantizedElement(biasCodes.getResult())), scalesOf(biasType(type, inputScale)));
  auto raised = raiseScales(type, inputScale, keepsBias ? std::vector<float>(biases.size(), 0) : biases);
  if (!raised.empty()) {
    keepsBias = false;
    codes = encode(type, readExpressed(weights), nn::shapeOf(weights.getResult()));
    auto options = remark::RemarkOpts::name(nn::layerOf(layer)).category("complete-quantization");
    remark::passed(layer.getLoc(), options)
        << "weight scales of " + std::to_string(raised.size()) + " channels raised, so that their biases fit 32 bits";
  }
  if (biasIndex >= 0) {
    auto onAccumulator = biasType(type, inputScale);
    std::vector<int64_t> newCodes;
    if (keepsBias)
      newCodes = readCentered(biasCodes);
    else
      for (auto [channel, value] : llvm::enumerate(biases))
        newCodes.push_back(quantizeBias(value, gridOf(onAccumulator, channel).scale));
    replaceConstant(layer, biasIndex, onAccumulator, newCodes, names);
  }
  if (type != given || !raised.empty())
    replaceConstant(layer, weightsIndex, type, codes, names);
  return success();
}

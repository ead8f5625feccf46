//===- ExpressedWeights.cpp - what weights become in a format ---*- C++ -*-===//
//
// This file encodes weights and biases as quantize-constants does, and gives them back as f32.
//
//===----------------------------------------------------------------------===//

#include "quantization/Quantize/ExpressedWeights.h"
#include "AccumulatorScales.h"
#include "quantization/Format/QuantTypes.h"

using namespace mlir;
using namespace quantization;

static std::vector<float> expressed(quant::QuantizedType type, ArrayRef<int64_t> codes, const WeightsView &weights) {
  int64_t axis = channelAxisOf(type), inner = 1;
  if (axis >= 0)
    for (int64_t size : weights.shape.drop_front(axis + 1))
      inner *= size;
  SmallVector<Grid> grids;
  for (size_t channel = 0, count = axis < 0 ? 1 : weights.shape[axis]; channel < count; ++channel)
    grids.push_back(gridOf(type, channel));
  std::vector<float> values(codes.size());
  for (size_t i = 0; i < codes.size(); ++i)
    values[i] = dequantize(codes[i], grids[axis < 0 ? 0 : (i / inner) % grids.size()]);
  return values;
}

EncodedWeights quantization::encodeWeights(const NumberFormat &format, const WeightsView &weights, MLIRContext *context) {
  quant::QuantizedType type = format.chooseType(context, weights);
  return {type, expressed(type, format.encodeWeights(type, weights), weights)};
}

ExpressedWeights quantization::expressWeights(const NumberFormat &format, const WeightsView &weights, ArrayRef<float> biases,
                                              float inputScale, std::shared_ptr<const EncodedWeights> encoded) {
  quant::QuantizedType type = encoded->type;
  bool isRaised = !raiseScales(type, inputScale, biases, format.hasPowerOfTwoScales()).empty();
  if (isRaised && !format.canRaiseScales())
    return {};
  if (isRaised)
    encoded = std::make_shared<EncodedWeights>(EncodedWeights{type, expressed(type, format.encodeWeights(type, weights), weights)});
  ExpressedWeights result{std::move(encoded), {}};
  quant::QuantizedType onAccumulator = biasType(type, inputScale);
  for (auto [channel, bias] : llvm::enumerate(biases)) {
    Grid grid = gridOf(onAccumulator, channel);
    result.biases.push_back(dequantize(quantizeBias(bias, grid.scale), grid));
  }
  return result;
}

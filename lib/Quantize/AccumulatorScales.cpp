//===- AccumulatorScales.cpp - scales of weights and biases -----*- C++ -*-===//
//
// This file puts biases on the scale of the accumulator that they start (Numerics R8).
//
//===----------------------------------------------------------------------===//

#include "AccumulatorScales.h"
#include "quantization/Format/QuantTypes.h"
#include <cmath>

using namespace mlir;
using namespace quantization;

quant::QuantizedType quantization::inputType(nn::QuantizableOpInterface layer) {
  for (OpOperand &operand : layer->getOpOperands()) {
    int64_t number = operand.getOperandNumber();
    if (number == layer.getWeightsIndex() || number == layer.getBiasIndex())
      continue;
    auto dequantize = operand.get().getDefiningOp<nn::DequantizeOp>();
    return dequantize ? quantizedElement(dequantize.getInput()) : quant::QuantizedType();
  }
  return {};
}

quant::QuantizedType quantization::withScales(quant::QuantizedType type, ArrayRef<double> scales) {
  if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type))
    return quant::UniformQuantizedPerAxisType::get(perAxis.getFlags(), perAxis.getStorageType(), perAxis.getExpressedType(), scales,
                                                   perAxis.getZeroPoints(), perAxis.getQuantizedDimension(),
                                                   perAxis.getStorageTypeMin(), perAxis.getStorageTypeMax());
  auto uniform = cast<quant::UniformQuantizedType>(type);
  return quant::UniformQuantizedType::get(uniform.getFlags(), uniform.getStorageType(), uniform.getExpressedType(), scales[0],
                                          uniform.getZeroPoint(), uniform.getStorageTypeMin(), uniform.getStorageTypeMax());
}

SmallVector<int64_t> quantization::raiseScales(quant::QuantizedType &weights, float inputScale, ArrayRef<float> biases,
                                               bool toPowersOfTwo) {
  SmallVector<double> scales = scalesOf(weights);
  SmallVector<int64_t> raised;
  for (auto [channel, bias] : llvm::enumerate(biases)) {
    double &scale = scales[scales.size() == 1 ? 0 : channel];
    double needed = weightScaleForBias(inputScale, static_cast<float>(scale), bias);
    if (needed > scale)
      raised.push_back(channel);
    if (needed > scale && toPowersOfTwo)
      needed = std::exp2(std::min(std::ceil(std::log2(needed)), 127.0));
    scale = std::max(scale, needed);
  }
  if (!raised.empty())
    weights = withScales(weights, scales);
  return raised;
}

quant::QuantizedType quantization::biasType(quant::QuantizedType weights, float inputScale) {
  MLIRContext *context = weights.getContext();
  SmallVector<double> scales;
  for (double scale : scalesOf(weights))
    scales.push_back(inputScale * static_cast<float>(scale)); // the product in f32
  auto storage = IntegerType::get(context, 32);
  auto expressed = Float32Type::get(context);
  if (channelAxisOf(weights) < 0)
    return quant::UniformQuantizedType::get(quant::QuantizationFlags::Signed, storage, expressed, scales[0], 0, INT32_MIN, INT32_MAX);
  SmallVector<int64_t> zeros(scales.size(), 0);
  return quant::UniformQuantizedPerAxisType::get(quant::QuantizationFlags::Signed, storage, expressed, scales, zeros, 0, INT32_MIN,
                                                 INT32_MAX);
}

LogicalResult quantization::expectFinite(nn::QuantizableOpInterface layer, StringRef what, ArrayRef<float> values) {
  const float *bad = llvm::find_if(values, [](float value) { return !std::isfinite(value); });
  if (bad == values.end())
    return success();
  int64_t count = llvm::count_if(values, [](float value) { return !std::isfinite(value); });
  return layer.emitError() << "layer \"" << nn::layerOf(layer) << "\": " << count << " of its " << values.size() << " " << what
                           << " are not finite, the first (index " << bad - values.begin() << ") is "
                           << (std::isnan(*bad) ? "NaN" : *bad < 0 ? "-inf" : "inf")
                           << "; repair the model, or keep the layer in float";
}

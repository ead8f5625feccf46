//===- FormatOptions.cpp - what is written behind a format's name *- C++ -*-===//
//
// This file holds what the parsers of formats, and formats of weights, share.
//
//===----------------------------------------------------------------------===//

#include "FormatOptions.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace quantization;

llvm::Error quantization::readOptions(const FormatSpec &spec, llvm::function_ref<bool(StringRef, StringRef)> take, StringRef known) {
  for (const auto &[key, value] : spec.options)
    if (!take(key, value))
      return llvm::createStringError("format " + spec.name + " has no option \"" + key + (value.empty() ? "" : "=" + value) +
                                     "\"; known are " + known);
  return llvm::Error::success();
}

std::optional<unsigned> quantization::numberBehind(StringRef prefix, StringRef name) {
  unsigned number;
  if (!name.consume_front(prefix) || name.getAsInteger(10, number))
    return std::nullopt;
  return number;
}

llvm::Error quantization::badWidth(const FormatSpec &spec, unsigned least, unsigned most) {
  return llvm::createStringError("format " + spec.str() + " has a width that is not from " + Twine(least) + " to " + Twine(most) + " bits");
}

SmallVector<std::vector<float>> quantization::valuesByChannel(const WeightsView &weights, bool perChannel) {
  if (!perChannel)
    return {weights.values.vec()};
  int64_t inner = 1, channels = weights.shape[weights.channelAxis];
  for (int64_t d : weights.shape.drop_front(weights.channelAxis + 1))
    inner *= d;
  SmallVector<std::vector<float>> byChannel(channels);
  for (auto [i, value] : llvm::enumerate(weights.values))
    byChannel[(i / inner) % channels].push_back(value);
  return byChannel;
}

std::pair<int64_t, int64_t> quantization::placeOf(const WeightsView &weights, int64_t block, size_t i) {
  // [outputs, inputs, kernel...] or, of a matrix product, [inputs, outputs].
  auto alongAxis = [&](int64_t axis) {
    int64_t inner = 1;
    for (int64_t d : weights.shape.drop_front(axis + 1))
      inner *= d;
    return static_cast<int64_t>(i) / inner % weights.shape[axis];
  };
  return {alongAxis(weights.channelAxis), alongAxis(weights.channelAxis == 0 ? 1 : weights.channelAxis - 1) / block};
}

SmallVector<SmallVector<std::vector<float>>> quantization::valuesByBlock(const WeightsView &weights, int64_t block) {
  SmallVector<SmallVector<std::vector<float>>> values(weights.shape[weights.channelAxis]);
  for (auto [i, value] : llvm::enumerate(weights.values)) {
    auto [channel, number] = placeOf(weights, block, i);
    if (static_cast<size_t>(number) >= values[channel].size())
      values[channel].resize(number + 1);
    values[channel][number].push_back(value);
  }
  return values;
}

quant::QuantizedType quantization::weightsType(MLIRContext *context, const WeightsView &weights, bool perChannel, ArrayRef<double> scales,
                                               unsigned width, int64_t lo, int64_t hi) {
  auto storage = IntegerType::get(context, width);
  auto expressed = Float32Type::get(context);
  if (!perChannel)
    return quant::UniformQuantizedType::get(quant::QuantizationFlags::Signed, storage, expressed, scales[0], 0, lo, hi);
  SmallVector<int64_t> zeros(scales.size(), 0);
  return quant::UniformQuantizedPerAxisType::get(quant::QuantizationFlags::Signed, storage, expressed, scales, zeros,
                                                 weights.channelAxis, lo, hi);
}

//===- Work.cpp - costs of layers with weights ------------------*- C++ -*-===//
//
// This file adds up multiplications, weights and results, and what lives at once.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Costs.h"
#include <cmath>

namespace quantization {

std::optional<int64_t> LayerWork::skippable() const {
  if (!zeroShare)
    return std::nullopt;
  return std::llround(*zeroShare * static_cast<double>(multiplications()));
}

std::optional<int64_t> WorkTotal::resultsOutweighWeightsFrom() const {
  if (!resultBytes)
    return std::nullopt;
  return weightBytes / resultBytes + 1;
}

WorkTotal totalOf(llvm::ArrayRef<LayerWork> layers) {
  WorkTotal total;
  for (const LayerWork &layer : layers) {
    total.multiplications += layer.multiplications();
    total.multiplicationsLeft += layer.multiplicationsLeft();
    total.computeCost += layer.computeCost();
    total.weights += layer.weights;
    total.parameters += layer.weights + layer.biases;
    total.weightBytes += layer.weightBytes();
    total.parameterBytes += layer.parameterBytes();
    total.results += layer.results();
    total.resultBytes += layer.resultBytes();
    if (std::optional<int64_t> skippable = layer.skippable())
      total.skippable = total.skippable.value_or(0) + *skippable;
    total.byWidth[{layer.weight.bits, layer.input.bits}] += layer.multiplications();
  }
  return total;
}

std::pair<int64_t, size_t> peakOf(llvm::ArrayRef<LiveValue> values) {
  std::map<size_t, int64_t> changes;
  for (const LiveValue &value : values) {
    changes[value.first] += value.bytes;
    changes[value.last + 1] -= value.bytes;
  }
  std::pair<int64_t, size_t> peak = {0, 0};
  int64_t live = 0;
  for (const auto &[step, change] : changes) {
    live += change;
    if (live > peak.first)
      peak = {live, step};
  }
  return peak;
}

} // namespace quantization

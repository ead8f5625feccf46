//===- RangeEqualization.cpp - factors between layers -----------*- C++ -*-===//
//
// This file finds the factors of cross-layer equalization (1906.04721, section 4.1) in doubles, in a fixed order (Numerics R37).
//
//===----------------------------------------------------------------------===//

#include "RangeEqualization.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace quantization;

namespace {

constexpr int kMostSweeps = 100;
constexpr double kNearlyOne = 1.0 / 1024, kInfinity = std::numeric_limits<double>::infinity();

/// The largest magnitude that the weights of each output channel have with these factors.
std::vector<double> outputRanges(const WeightMagnitudes &layer, const ChannelFactors &factors) {
  std::vector<double> ranges(layer.outputs, 0);
  for (int64_t output = 0; output < layer.outputs; ++output)
    for (int64_t input = 0; input < layer.inputsOfGroup; ++input)
      ranges[output] = std::max(ranges[output], layer.largest[output * layer.inputsOfGroup + input] *
                                                    factors.inputs[layer.inputOf(output, input)] / factors.outputs[output]);
  return ranges;
}

/// The same of each block of input channels.
std::vector<double> inputRanges(const WeightMagnitudes &layer, const ChannelFactors &factors, int64_t block) {
  std::vector<double> ranges(layer.inputs / block, 0);
  for (int64_t output = 0; output < layer.outputs; ++output)
    for (int64_t input = 0; input < layer.inputsOfGroup; ++input) {
      int64_t channel = layer.inputOf(output, input);
      ranges[channel / block] = std::max(ranges[channel / block], layer.largest[output * layer.inputsOfGroup + input] *
                                                                      factors.inputs[channel] / factors.outputs[output]);
    }
  return ranges;
}

/// Returns the farthest that a factor is from 1.
double equalizePair(const std::vector<WeightMagnitudes> &layers, const LayerPair &pair, std::vector<ChannelFactors> &factors) {
  const WeightMagnitudes &first = layers[pair.first];
  ChannelFactors &ofFirst = factors[pair.first], &ofSecond = factors[pair.second];
  std::vector<double> before = outputRanges(first, ofFirst), behind = inputRanges(layers[pair.second], ofSecond, pair.block);
  double farthest = 0;
  float largestBias = first.biases.empty() ? 0 : *std::max_element(first.biases.begin(), first.biases.end());
  for (int64_t channel = 0; channel < first.outputs; ++channel) {
    double bias = first.biases.empty() ? 0 : first.biases[channel] / ofFirst.outputs[channel];
    double factor = std::sqrt(before[channel] / behind[channel]);
    // A channel of tiny weights is mostly its bias, which would dwarf all other values.
    if (largestBias > 0)
      factor = std::max(factor, bias / largestBias);
    if (behind[channel] == 0) { // nobody reads it
      factor = before[channel] == 0 && bias == 0 ? 1 : kInfinity;
      ofFirst.outputs[channel] *= factor;
    } else if (factor == 0) { // it is always 0
      for (int64_t i = 0; i < pair.block; ++i)
        ofSecond.inputs[channel * pair.block + i] = 0;
    } else {
      ofFirst.outputs[channel] *= factor;
      for (int64_t i = 0; i < pair.block; ++i)
        ofSecond.inputs[channel * pair.block + i] *= factor;
    }
    farthest = std::max(farthest, std::abs(factor - 1));
  }
  return farthest;
}

} // namespace

std::vector<ChannelFactors> quantization::equalizeRanges(const std::vector<WeightMagnitudes> &layers,
                                                         const std::vector<LayerPair> &pairs) {
  std::vector<ChannelFactors> factors;
  for (const WeightMagnitudes &layer : layers)
    factors.push_back({std::vector<double>(layer.outputs, 1), std::vector<double>(layer.inputs, 1)});
  double farthest = pairs.empty() ? 0 : 1;
  for (int sweep = 0; sweep < kMostSweeps && farthest > kNearlyOne; ++sweep) {
    farthest = 0;
    for (const LayerPair &pair : pairs)
      farthest = std::max(farthest, equalizePair(layers, pair, factors));
  }
  return factors;
}

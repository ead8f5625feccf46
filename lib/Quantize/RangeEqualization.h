//===- RangeEqualization.h - factors between layers -------------*- C++ -*-===//
//
// This file declares the arithmetic of cross-layer equalization (Numerics R37).
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_QUANTIZE_RANGEEQUALIZATION_H
#define QUANTIZATION_LIB_QUANTIZE_RANGEEQUALIZATION_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace quantization {

/// The weights of a layer as equalization sees them.
struct WeightMagnitudes {
  int64_t outputs, inputs;
  /// Channels of the input that an output channel reads: all, or those of its group.
  int64_t inputsOfGroup;
  /// The largest magnitude of a weight, for each output channel and each input channel that it reads.
  std::vector<float> largest;
  /// Magnitudes of the biases; empty where there are none.
  std::vector<float> biases;

  /// The input channel with the number `input` in the group of an output channel.
  int64_t inputOf(int64_t output, int64_t input) const {
    int64_t groups = inputs / inputsOfGroup;
    return output / (outputs / groups) * inputsOfGroup + input;
  }
};

/// Channel c of the first layer's result is `block` channels of what the second one reads, from c * block on.
struct LayerPair {
  size_t first, second;
  int64_t block;
};

/// A weight becomes w * inputs[its input] / outputs[its output], a bias b / outputs[its output]. Where nobody reads an output the divisor is
/// infinite, and a factor is 0 where the input is always 0: such weights are without effect, and would widen the range of all others.
struct ChannelFactors {
  std::vector<double> outputs, inputs;
};

/// Equalizes the ranges of all pairs, in sweeps over them in this order until no factor changes much.
std::vector<ChannelFactors> equalizeRanges(const std::vector<WeightMagnitudes> &layers, const std::vector<LayerPair> &pairs);

} // namespace quantization

#endif // QUANTIZATION_LIB_QUANTIZE_RANGEEQUALIZATION_H

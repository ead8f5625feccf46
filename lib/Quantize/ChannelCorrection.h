//===- ChannelCorrection.h - moments are brought back -----------*- C++ -*-===//
//
// This file declares the arithmetic of bias correction and of the re-estimation of statistics (Numerics R38, R39).
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_QUANTIZE_CHANNELCORRECTION_H
#define QUANTIZATION_LIB_QUANTIZE_CHANNELCORRECTION_H

#include "quantization/Calibrate/ChannelMoments.h"

namespace quantization {

/// The numbers around the codes of a layer's weights.
struct LayerScales {
  float input;
  /// Of the weights: one, or one per channel.
  std::vector<float> weights;
  /// Codes on f32(input * weights), one per channel.
  std::vector<int64_t> biases;

  float weightScale(size_t channel) const { return weights[weights.size() == 1 ? 0 : channel]; }
  /// The bias in f32.
  float bias(size_t channel) const;
};

/// Whether each channel has a scale that may change, and whether by powers of two only.
enum class ScaleFactors { None, Any, PowersOfTwo };

/// What brings a result that has the moments `seen` without a bias to those of `target`.
LayerScales correctChannels(const LayerScales &scales, ScaleFactors factors, const ChannelMoments &target, const ChannelMoments &seen);

} // namespace quantization

#endif // QUANTIZATION_LIB_QUANTIZE_CHANNELCORRECTION_H

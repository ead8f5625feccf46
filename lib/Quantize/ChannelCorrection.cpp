//===- ChannelCorrection.cpp - moments are brought back ---------*- C++ -*-===//
//
// This file computes, in doubles, the scale and the bias with which a channel has a given mean and deviation (Numerics R38, R39).
//
//===----------------------------------------------------------------------===//

#include "ChannelCorrection.h"
#include "quantization/Format/Grid.h"
#include <algorithm>
#include <cmath>

using namespace quantization;

float LayerScales::bias(size_t channel) const {
  return static_cast<float>(biases[channel]) * (input * weightScale(channel));
}

/// The nearest power of two in the logarithm, as in R33.
static double nearestPowerOfTwo(double factor) {
  int exponent;
  double mantissa = std::frexp(factor, &exponent);
  return std::ldexp(1.0, mantissa >= std::sqrt(0.5) ? exponent : exponent - 1);
}

/// Beyond, the samples say too little of the channel.
static constexpr double kMostFactor = 16;

static double factorOf(ScaleFactors factors, double wanted, double seen) {
  if (factors == ScaleFactors::None || wanted == 0 || seen == 0)
    return 1;
  double factor = std::clamp(wanted / seen, 1 / kMostFactor, kMostFactor);
  return factors == ScaleFactors::PowersOfTwo ? nearestPowerOfTwo(factor) : factor;
}

LayerScales quantization::correctChannels(const LayerScales &scales, ScaleFactors factors, const ChannelMoments &target,
                                          const ChannelMoments &seen) {
  LayerScales corrected = scales;
  for (size_t channel = 0; channel < target.mean.size(); ++channel) {
    float before = scales.weightScale(channel);
    double factor = factorOf(factors, target.deviation[channel], seen.deviation[channel]);
    // A scale that is too fine for the new bias (R8) stays what it was, and so does a bias that fits neither.
    for (float scale : {static_cast<float>(before * factor), before}) {
      double bias = target.mean[channel] - seen.mean[channel] * scale / before;
      if (weightScaleForBias(scales.input, scale, bias) > scale)
        continue;
      if (factors != ScaleFactors::None)
        corrected.weights[channel] = scale;
      corrected.biases[channel] = quantizeBias(bias, scales.input * scale);
      break;
    }
  }
  return corrected;
}

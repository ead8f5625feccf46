//===- Fidelity.cpp - how well a grid holds values --------------*- C++ -*-===//
//
// This file estimates from a histogram, or counts on weights, what a grid loses.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Fidelity.h"

#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace quantization {

static std::optional<double> decibels(double signal, double noise) {
  return signal > 0 && noise > 0 ? std::optional(10 * std::log10(signal / noise)) : std::nullopt;
}

Fidelity fidelityOf(const Statistics &statistics, const Grid &grid, Rounding rounding) {
  // Parts of a bin stand for its values; of a step finer than these, the error is that of any value between two codes.
  constexpr int parts = 8;
  double width = statistics.binWidth(), part = width / parts, step = grid.scale;
  double first = static_cast<double>(grid.lo - grid.zeroPoint) * step, last = static_cast<double>(grid.hi - grid.zeroPoint) * step;
  double signal = 0, noise = 0, saturated = 0, zeros = static_cast<double>(statistics.zeros);
  if (rounding == Rounding::Sign) // which zero has too
    noise = std::exchange(zeros, 0) * step * step;
  for (int32_t bin = 0; bin < Statistics::numBins; ++bin) {
    double count = static_cast<double>(statistics.bins[bin]) - (bin == Statistics::middle ? static_cast<double>(statistics.zeros) : 0);
    if (count <= 0)
      continue;
    for (int i = 0; i < parts; ++i) {
      // The outermost bins are only as full as the values reach.
      double value = std::clamp((bin - Statistics::middle) * width + (i + 0.5) * part, double(statistics.min), double(statistics.max));
      double share = count / parts, held = std::clamp(value, first, last), code = roundTo(held / step, rounding);
      double inside = step < part ? step * step / (rounding == Rounding::Truncate ? 3 : 12) : (held - code * step) * (held - code * step);
      signal += share * value * value;
      noise += share * ((value - held) * (value - held) + inside);
      saturated += value < first - step / 2 || value > last + step / 2 ? share : 0;
      zeros += code == 0 ? share : 0;
    }
  }
  double total = static_cast<double>(std::max<int64_t>(statistics.count, 1));
  return {decibels(signal, noise), std::nullopt, saturated / total, zeros / total};
}

Fidelity fidelityOf(llvm::ArrayRef<float> values, llvm::ArrayRef<float> quantized, llvm::ArrayRef<bool> beyond) {
  double signal = 0, noise = 0, saturated = 0, zeros = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    double value = values[i], error = value - quantized[i];
    signal += value * value;
    noise += error * error;
    saturated += beyond[i];
    zeros += quantized[i] == 0;
  }
  double total = static_cast<double>(std::max<size_t>(values.size(), 1));
  return {decibels(signal, noise), std::nullopt, saturated / total, zeros / total};
}

std::optional<double> channelDecibels(llvm::ArrayRef<double> signals, llvm::ArrayRef<double> noises) {
  std::vector<double> ratios;
  for (auto [signal, noise] : llvm::zip_equal(signals, noises))
    if (signal > 0)
      ratios.push_back(noise > 0 ? signal / noise : std::numeric_limits<double>::infinity());
  if (ratios.empty())
    return std::nullopt;
  auto median = ratios.begin() + ratios.size() / 2;
  std::nth_element(ratios.begin(), median, ratios.end());
  return std::isinf(*median) ? std::nullopt : decibels(*median, 1);
}

std::optional<double> channelDecibels(llvm::ArrayRef<double> deviations, const Grid &grid, Rounding rounding) {
  if (rounding == Rounding::Sign) // no step is uniform
    return std::nullopt;
  double step = grid.scale, uniform = step * step / (rounding == Rounding::Truncate ? 3 : 12);
  std::vector<double> signals, noises;
  for (double deviation : deviations) {
    signals.push_back(deviation * deviation);
    // A channel that is smaller than a step may become a constant: then it loses all it tells, and no more.
    noises.push_back(std::min(uniform, signals.back()));
  }
  return channelDecibels(signals, noises);
}

} // namespace quantization

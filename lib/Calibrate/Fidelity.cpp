//===- Fidelity.cpp - how well a grid holds values --------------*- C++ -*-===//
//
// This file estimates from a histogram, or counts on weights, what a grid loses.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Fidelity.h"

#include <algorithm>
#include <cmath>
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
  return {decibels(signal, noise), saturated / total, zeros / total};
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
  return {decibels(signal, noise), saturated / total, zeros / total};
}

} // namespace quantization

//===- WeightFit.cpp - the grid that fits weights best ----------*- C++ -*-===//
//
// This file implements rule R7 of docs/Numerics.md.
//
//===----------------------------------------------------------------------===//

#include "WeightFit.h"
#include "quantization/Format/Grid.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace quantization {

/// The sum of the rounding errors to the power 2 or 4, where squares weigh the many small ones and fourth powers the few large ones, which
/// a network notices first. Any number from `enough` on stands for all of them.
template <int power>
static double error(llvm::ArrayRef<float> values, double extent, int64_t hi, double enough) {
  float scale = symmetricGrid(extent, -hi, hi).scale;
  // Adding and subtracting 1.5 * 2^23 rounds to the nearest integer, in every lane at once.
  constexpr float magic = 12582912.0f;
  constexpr size_t block = 256, width = 8;
  float inverse = 1 / scale, limit = static_cast<float>(hi);
  double sum = 0, unit = std::pow(scale, power);
  float lanes[width];
  auto add = [&](float value, size_t lane) {
    float code = std::min(std::max(value * inverse, -limit), limit);
    float error = value * inverse - ((code + magic) - magic);
    error *= error;
    lanes[lane] += power == 2 ? error : error * error;
  };
  for (size_t begin = 0; begin < values.size() && sum * unit < enough; begin += block) {
    std::fill(std::begin(lanes), std::end(lanes), 0.0f);
    size_t end = std::min(begin + block, values.size()), i = begin;
    for (; i + width <= end; i += width)
      for (size_t lane = 0; lane < width; ++lane)
        add(values[i + lane], lane);
    for (; i < end; ++i)
      add(values[i], i % width);
    for (float lane : lanes)
      sum += lane;
  }
  return sum * unit;
}

float largestMagnitude(llvm::ArrayRef<float> values) {
  float largest = 0;
  for (float value : values)
    largest = std::max(largest, std::abs(value));
  return largest;
}

double fullExtent(llvm::ArrayRef<float> values, int64_t hi) {
  float largest = largestMagnitude(values);
  constexpr int64_t fine = 127; // with more codes than 8 bits have, the rounding errors no longer matter
  if (largest == 0 || !std::isfinite(largest) || hi > fine)
    return largest;
  double best = largest, least = error<4>(values, largest, hi, std::numeric_limits<double>::infinity());
  for (int64_t code = hi - 1; code > hi / 2 && least > 0; --code) {
    double extent = static_cast<double>(largest) * hi / code, sum = error<4>(values, extent, hi, least);
    if (sum < least) {
      least = sum;
      best = extent;
    }
  }
  return best;
}

double clippedExtent(llvm::ArrayRef<float> values, int64_t hi) {
  constexpr int64_t parts = 64;
  float largest = largestMagnitude(values);
  if (largest == 0 || !std::isfinite(largest))
    return largest;
  double best = fullExtent(values, hi), least = error<2>(values, best, hi, std::numeric_limits<double>::infinity());
  for (int64_t part = parts; part >= parts / 16 && least > 0; --part) {
    double extent = static_cast<double>(largest) * part / parts, sum = error<2>(values, extent, hi, least);
    if (sum < least) {
      least = sum;
      best = extent;
    }
  }
  return best;
}

} // namespace quantization

//===- Grid.cpp - scale, zero point and code range --------------*- C++ -*-===//
//
// This file implements rules R3 to R8 of docs/Numerics.md.
//
//===----------------------------------------------------------------------===//

#include "quantization/Format/Grid.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace quantization {

static constexpr float smallestScale = std::numeric_limits<float>::min();
static constexpr float largestFloat = std::numeric_limits<float>::max();

/// R5: an end of a range as a finite number within f32.
static double cutToFloat(double value) {
  if (std::isnan(value))
    return 0.0;
  return std::clamp(value, -double(largestFloat), double(largestFloat));
}

/// R5: the f32 scale for `width` spread over `steps`.
static float chooseScale(double width, int64_t steps) {
  if (width == 0.0)
    return 1.0f;
  double scale = width / static_cast<double>(steps);
  return static_cast<float>(std::clamp(scale, double(smallestScale), double(largestFloat)));
}

Grid asymmetricGrid(Range range, int64_t lo, int64_t hi) {
  assert(lo < hi && "a grid needs two codes");
  double min = std::min(cutToFloat(range.min), 0.0);
  double max = std::max(cutToFloat(range.max), 0.0);
  Grid grid{chooseScale(max - min, hi - lo), 0, lo, hi};
  // |min| / scale is at most hi - lo, or tiny where the scale was raised: the cast is safe.
  double zeroPoint = roundTo(static_cast<double>(lo) - min / grid.scale, Rounding::HalfEven);
  grid.zeroPoint = saturate(static_cast<int64_t>(zeroPoint), lo, hi);
  return grid;
}

Grid symmetricGrid(double absMax, int64_t lo, int64_t hi, int64_t zeroPoint) {
  assert(lo <= zeroPoint && zeroPoint < hi && "zero must have a code, with one above it");
  return {chooseScale(std::fabs(cutToFloat(absMax)), hi - zeroPoint), zeroPoint, lo, hi};
}

int64_t quantize(float value, const Grid &grid, Rounding rounding) {
  if (std::isnan(value))
    return grid.zeroPoint;
  float steps = value / grid.scale; // in f32: a quotient in double would move ties
  double rounded = roundTo(steps, rounding);
  // Saturate before the cast, since the quotient may be beyond any integer.
  if (rounded <= static_cast<double>(grid.lo - grid.zeroPoint))
    return grid.lo;
  if (rounded >= static_cast<double>(grid.hi - grid.zeroPoint))
    return grid.hi;
  return static_cast<int64_t>(rounded) + grid.zeroPoint;
}

float dequantize(int64_t code, const Grid &grid) { return static_cast<float>(code - grid.zeroPoint) * grid.scale; }

int32_t quantizeBias(double bias, float scale) {
  constexpr double limit = std::numeric_limits<int32_t>::max();
  double rounded = roundTo(bias / scale, Rounding::HalfEven);
  return static_cast<int32_t>(std::clamp(rounded, -limit, limit));
}

/// Half of i32: the other half is for the products that are added to it.
static constexpr double kLargestBias = 1073741824.0;

float weightScaleForBias(float inputScale, float weightScale, double bias) {
  double needed = std::max(std::fabs(bias) / kLargestBias, double(smallestScale));
  auto fits = [&](float scale) { return double(inputScale * scale) >= needed; };
  if (fits(weightScale))
    return weightScale;
  float raised = static_cast<float>(std::min(needed / inputScale, double(largestFloat)));
  while (!fits(raised) && raised < largestFloat)
    raised = std::nextafter(raised, largestFloat);
  return raised;
}

} // namespace quantization

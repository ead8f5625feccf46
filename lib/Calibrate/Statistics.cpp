//===- Statistics.cpp - streaming statistics of a value ---------*- C++ -*-===//
//
// This file implements rule R21 of docs/Numerics.md.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Statistics.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace quantization {

namespace {
struct Extremes {
  float min, max; ///< 0 is +0
  int64_t zeros;
  bool isFinite; ///< else min and max mean nothing
};
} // namespace

/// In as many lanes as vectors have at most: floats may not be reordered otherwise.
static Extremes extremesOf(const float *data, size_t n) {
  constexpr size_t lanes = 8;
  float min[lanes], max[lanes], doubt[lanes] = {};
  int32_t zeros[lanes] = {};
  std::fill_n(min, lanes, data[0]);
  std::fill_n(max, lanes, data[0]);
  auto take = [&](size_t lane, float value) {
    min[lane] = value < min[lane] ? value : min[lane];
    max[lane] = value > max[lane] ? value : max[lane];
    zeros[lane] += value == 0.0f;
    doubt[lane] += value * 0.0f; // NaN and infinity become NaN
  };
  Extremes result{data[0], data[0], 0, true};
  constexpr size_t block = size_t(1) << 30; // of which 32 bits count the zeros of a lane
  for (size_t begin = 0; begin < n; begin += block) {
    size_t end = begin + std::min(block, n - begin), i = begin;
    for (; i + lanes <= end; i += lanes)
      for (size_t lane = 0; lane < lanes; ++lane)
        take(lane, data[i + lane]);
    for (; i < end; ++i)
      take(0, data[i]);
    for (int32_t &count : zeros)
      result.zeros += std::exchange(count, 0);
  }
  for (size_t lane = 0; lane < lanes; ++lane) {
    result.min = std::min(result.min, min[lane]);
    result.max = std::max(result.max, max[lane]);
    result.isFinite &= doubt[lane] == 0.0f;
  }
  result.min += 0.0f; // -0 becomes +0
  result.max += 0.0f;
  return result;
}

/// The smallest exponent with |value| < 2^exponent, within the histogram's limits.
static int32_t exponentFor(float value) {
  int exponent = Statistics::minExponent;
  if (value != 0.0f)
    std::frexp(value, &exponent);
  return std::max(exponent, Statistics::minExponent);
}

double Statistics::binWidth() const { return std::ldexp(1.0 / middle, exponent); }

std::optional<size_t> Statistics::record(const float *data, size_t n) {
  if (n == 0)
    return std::nullopt;

  Extremes seen = extremesOf(data, n);
  if (!seen.isFinite)
    return std::find_if(data, data + n, [](float value) { return !std::isfinite(value); }) - data;

  float newMin = seen.min, newMax = seen.max;
  min = count == 0 ? newMin : std::min(min, newMin);
  max = count == 0 ? newMax : std::max(max, newMax);
  count += n;
  zeros += seen.zeros;
  growTo(std::max(exponentFor(newMin), exponentFor(newMax)));

  // The multiplication by a power of two is exact, or has an integer part of 0 anyway.
  float perBin = std::ldexp(static_cast<float>(middle), -exponent);
  constexpr size_t blockSize = 512;
  int32_t index[blockSize];
  for (size_t begin = 0; begin < n; begin += blockSize) {
    size_t size = std::min(blockSize, n - begin);
    for (size_t i = 0; i < size; ++i) {
      float value = data[begin + i];
      index[i] = middle + static_cast<int32_t>(value * perBin) - (value < 0.0f);
    }
    for (size_t i = 0; i < size; ++i)
      ++bins[index[i]];
  }
  return std::nullopt;
}

void Statistics::growTo(int32_t newExponent) {
  if (newExponent <= exponent)
    return;
  int32_t doublings = std::min(newExponent - exponent, 31);
  exponent = newExponent;
  // Bins move towards the middle, so the walk outwards never reads what it wrote.
  for (int32_t j = 0; j < middle; ++j) {
    int32_t target = j >> doublings;
    if (target == j)
      continue;
    bins[middle + target] += std::exchange(bins[middle + j], 0);
    bins[middle - 1 - target] += std::exchange(bins[middle - 1 - j], 0);
  }
}

void Statistics::merge(const Statistics &other) {
  if (other.count == 0)
    return;
  Statistics grown = other;
  grown.growTo(exponent);
  growTo(other.exponent);
  min = count == 0 ? other.min : std::min(min, other.min);
  max = count == 0 ? other.max : std::max(max, other.max);
  count += other.count;
  zeros += other.zeros;
  for (int32_t i = 0; i < numBins; ++i)
    bins[i] += grown.bins[i];
}

bool Statistics::operator==(const Statistics &other) const {
  return min == other.min && max == other.max && count == other.count && zeros == other.zeros &&
         exponent == other.exponent && bins == other.bins;
}

} // namespace quantization

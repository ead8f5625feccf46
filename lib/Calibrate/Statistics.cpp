//===- Statistics.cpp - streaming statistics of a value ---------*- C++ -*-===//
//
// This file implements rule R21 of docs/Numerics.md.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Statistics.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace quantization {

static constexpr uint32_t signMask = 0x80000000u, infinityBits = 0x7f800000u;

static int32_t bitsOf(float value) {
  int32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

/// A signed integer that is ordered as the float with these bits is; its own inverse.
static int32_t orderOf(int32_t bits) { return bits ^ ((bits >> 31) & 0x7fffffff); }

static float valueOf(int32_t order) {
  int32_t bits = orderOf(order);
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value + 0.0f; // -0 becomes +0
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

  // On the bits, since integer minimum and maximum may be reordered into vectors.
  int32_t least = INT32_MAX, greatest = INT32_MIN;
  uint32_t magnitude = 0;
  size_t newZeros = 0;
  for (size_t i = 0; i < n; ++i) {
    int32_t bits = bitsOf(data[i]);
    least = std::min(least, orderOf(bits));
    greatest = std::max(greatest, orderOf(bits));
    magnitude = std::max(magnitude, static_cast<uint32_t>(bits) & ~signMask);
    newZeros += (static_cast<uint32_t>(bits) & ~signMask) == 0;
  }
  if (magnitude >= infinityBits)
    return std::find_if(data, data + n, [](float value) { return !std::isfinite(value); }) - data;

  float newMin = valueOf(least), newMax = valueOf(greatest);
  min = count == 0 ? newMin : std::min(min, newMin);
  max = count == 0 ? newMax : std::max(max, newMax);
  count += n;
  zeros += newZeros;
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

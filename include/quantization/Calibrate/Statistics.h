//===- Statistics.h - streaming statistics of a value -----------*- C++ -*-===//
//
// This file defines what calibration records of a value: extremes, counts and a
// histogram of fixed size. Rule R21 of docs/Numerics.md.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_CALIBRATE_STATISTICS_H
#define QUANTIZATION_CALIBRATE_STATISTICS_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace quantization {

/// Statistics of a stream of f32 values, in flat memory. They are a function of the multiset of the values: neither the
/// order nor the cutting into calls changes a bit.
struct Statistics {
  static constexpr int32_t numBins = 4096, middle = numBins / 2;
  /// The exponent of an empty histogram; smaller values all fall into the two bins beside zero.
  static constexpr int32_t minExponent = -116, maxExponent = 128;

  float min = 0, max = 0; ///< 0 while count is 0
  int64_t count = 0;      ///< all values, zeros included
  int64_t zeros = 0;      ///< values equal to 0
  /// All values are within (-2^exponent, 2^exponent); the smallest such number, but at least minExponent.
  int32_t exponent = minExponent;
  /// With w = binWidth(), bin middle + j counts [j w, (j+1) w) and bin middle - 1 - j counts (-(j+1) w, -j w] without
  /// 0, which is in bin `middle`. The sum of all bins is `count`.
  std::vector<int64_t> bins = std::vector<int64_t>(numBins);

  /// 2^exponent / middle.
  double binWidth() const;

  /// Adds `n` values; or, when one of them is NaN or infinite, adds none and returns the index of the first such.
  std::optional<size_t> record(const float *data, size_t n);

  /// Adds what `other` has recorded; the same as having recorded its values here.
  void merge(const Statistics &other);

  bool operator==(const Statistics &other) const;

private:
  /// Doubles the histogram's width until it is 2^newExponent, merging pairs of bins.
  void growTo(int32_t newExponent);
};

} // namespace quantization

#endif // QUANTIZATION_CALIBRATE_STATISTICS_H

//===- RangeEstimation.h - from statistics to a range -----------*- C++ -*-===//
//
// This file declares the methods that reduce recorded statistics to the range a
// grid should cover. Rules R22 to R25 of docs/Numerics.md.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_CALIBRATE_RANGEESTIMATION_H
#define QUANTIZATION_CALIBRATE_RANGEESTIMATION_H

#include "quantization/Calibrate/Statistics.h"
#include "quantization/Format/Grid.h"

#include "llvm/ADT/StringRef.h"

namespace quantization {

enum class RangeMethod { MinMax, Percentile, Overflow, KL, MSE };

struct CalibrationMethod {
  RangeMethod method = RangeMethod::MinMax;
  /// Percentile: the share of values to keep, in percent, within (50, 100]. Overflow: the largest share of values that may lie beyond
  /// a power of two, within [0, 1). Otherwise unused.
  double value = 0;

  static constexpr double defaultPercentile = 99.99;
  bool takesValue() const { return method == RangeMethod::Percentile || method == RangeMethod::Overflow; }
  /// What `value` must be, and whether `number` is that.
  static llvm::StringRef expectedValue(RangeMethod method);
  static bool isValue(RangeMethod method, double number);
  bool operator==(const CalibrationMethod &other) const { return method == other.method && value == other.value; }
};

/// `min-max`, `percentile`, `overflow`, `kl` or `mse`; all of them, for messages.
inline constexpr llvm::StringLiteral knownRangeMethods = "min-max, percentile, overflow, kl or mse";
llvm::StringRef nameOf(RangeMethod method);
std::optional<RangeMethod> parseRangeMethod(llvm::StringRef name);

/// The range that a grid of `levels` codes (at least 2) should cover. It holds 0 and is never wider than what was
/// recorded; both ends are finite. With `symmetric` the grid's codes are spread evenly around 0, so the caller takes
/// the larger magnitude of the two ends.
Range estimateRange(const Statistics &statistics, CalibrationMethod method, int64_t levels, bool symmetric);

} // namespace quantization

#endif // QUANTIZATION_CALIBRATE_RANGEESTIMATION_H

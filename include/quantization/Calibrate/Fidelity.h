//===- Fidelity.h - how well a grid holds values ----------------*- C++ -*-===//
//
// This file declares what is lost of values on a grid, as far as their statistics tell.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_CALIBRATE_FIDELITY_H
#define QUANTIZATION_CALIBRATE_FIDELITY_H

#include "quantization/Calibrate/Statistics.h"
#include "quantization/Format/Grid.h"

#include "llvm/ADT/ArrayRef.h"
#include <optional>

namespace quantization {

struct Fidelity {
  /// Of values to the errors of their codes, in dB; none where there is no error, or nothing but zeros.
  std::optional<double> sqnr;
  /// The same of channels, each by itself: the median of those that tell anything, so that a loud one does not hide what the others lose. None
  /// where channels are not known, or where most lose nothing.
  std::optional<double> channels = std::nullopt;
  /// The shares of values that get the first or last code because they lie beyond it, and of those that become zero, zeros included.
  double saturated = 0, zeros = 0;
};

/// From the histogram (R21): a bin's values are taken as evenly spread, so figures are estimates where steps are as fine as bins.
Fidelity fidelityOf(const Statistics &statistics, const Grid &grid, Rounding rounding = Rounding::HalfEven);

/// From the standard deviation of each channel, as of values that lie anywhere between codes. Constant channels tell nothing, and do not count.
std::optional<double> channelDecibels(llvm::ArrayRef<double> deviations, const Grid &grid, Rounding rounding = Rounding::HalfEven);

/// From powers of the numbers of each channel, and of their errors; channels of zeros do not count.
std::optional<double> channelDecibels(llvm::ArrayRef<double> signals, llvm::ArrayRef<double> noises);

/// From the values themselves and what has become of them.
Fidelity fidelityOf(llvm::ArrayRef<float> values, llvm::ArrayRef<float> quantized, llvm::ArrayRef<bool> beyond);

} // namespace quantization

#endif // QUANTIZATION_CALIBRATE_FIDELITY_H

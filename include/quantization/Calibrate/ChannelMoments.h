//===- ChannelMoments.h - mean and deviation by channel ---------*- C++ -*-===//
//
// This file declares what corrections compare of a layer in float and quantized (Numerics R38).
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_CALIBRATE_CHANNELMOMENTS_H
#define QUANTIZATION_CALIBRATE_CHANNELMOMENTS_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace quantization {

/// Of each channel.
struct ChannelMoments {
  std::vector<double> mean, deviation;
};

/// The sums that moments follow from.
class ChannelSums {
public:
  /// Values have this shape, whose dimension `axis` numbers channels, and lie in memory in `order`, the outermost dimension first.
  ChannelSums(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> order, int64_t axis);

  /// Adds the values of channels from `from` to `to`. Each channel's are added in row-major order, whatever their order in memory.
  /// False where one is not finite.
  bool add(llvm::ArrayRef<float> values, size_t from, size_t to);

  size_t channels() const { return sums.size(); }
  ChannelMoments moments() const;

private:
  size_t channelStride = 1;
  std::vector<size_t> places; ///< of a channel's values, from the place of its first
  std::vector<double> sums, squares;
  std::vector<int64_t> times; ///< that a channel has had values
};

} // namespace quantization

#endif // QUANTIZATION_CALIBRATE_CHANNELMOMENTS_H

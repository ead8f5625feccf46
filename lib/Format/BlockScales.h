//===- BlockScales.h - scales for parts of a channel ------------*- C++ -*-===//
//
// This file declares weights whose channels are cut into blocks with a scale each (Numerics R36). It knows no MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_FORMAT_BLOCKSCALES_H
#define QUANTIZATION_LIB_FORMAT_BLOCKSCALES_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace quantization {

/// A channel's blocks are scaled by an integer times the channel's scale: a weight is code * multiplier * scale, and the products of codes,
/// at most `hi`, and multipliers fit a signed byte.
class BlockScales {
public:
  static constexpr int64_t largestProduct = 127;

  explicit BlockScales(int64_t hi) : hi(hi), most(largestProduct / hi) {}

  int64_t largestFactor() const { return most; }
  /// The largest product of a code and a multiplier.
  int64_t reach() const { return hi * most; }

  /// The scale of a channel: with the largest multiplier, the grid that fits the block that reaches farthest (R7).
  float scaleOf(llvm::ArrayRef<std::vector<float>> blocks) const;

  /// The products of code and multiplier for the weights of a block; the multiplier with the least sum of squared errors, of equals the
  /// largest.
  std::vector<int64_t> productsOf(llvm::ArrayRef<float> block, float scale) const;

private:
  int64_t hi, most;
};

} // namespace quantization

#endif // QUANTIZATION_LIB_FORMAT_BLOCKSCALES_H

//===- ErrorFeedback.h - later weights make up for errors -------*- C++ -*-===//
//
// This file declares how weights are rounded one input after the other, each error spread over the inputs that are still to come, so that
// the layer's results change least (Numerics R41). It knows no MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_QUANTIZE_ERRORFEEDBACK_H
#define QUANTIZATION_LIB_QUANTIZE_ERRORFEEDBACK_H

#include "quantization/Format/StepwiseRounding.h"
#include <vector>

namespace quantization {

/// Sums of the products of each two inputs, over many results of a layer. So that memory and time stay within bounds, inputs are cut into
/// blocks of `window`, and those of different blocks count as unrelated.
class InputProducts {
public:
  InputProducts(size_t inputs, size_t window);

  size_t inputs() const { return size; }
  size_t window() const { return block; }
  /// Adds the inputs of `count` results, row by row; a thread of several takes its share of the sums.
  void add(llvm::ArrayRef<float> rows, size_t count, size_t thread = 0, size_t threads = 1);

  /// For the block that begins with input `first`: the upper triangular U with U' U the inverse of its sums, in rows, whose diagonal was raised by
  /// a hundredth of its mean; empty where all sums are 0 or not finite.
  std::vector<double> factorOfInverse(size_t first) const;

private:
  size_t size, block;
  std::vector<std::vector<double>> sums; ///< of each block, in rows; only what is right of the diagonal
};

/// `weights`, [outputs][inputs], rounded. The window of `products` is a multiple of the rounding's groups, or has all inputs.
std::vector<float> feedBackErrors(llvm::ArrayRef<float> weights, size_t outputs, const InputProducts &products, StepwiseRounding &rounding);

} // namespace quantization

#endif // QUANTIZATION_LIB_QUANTIZE_ERRORFEEDBACK_H

//===- WeightArithmetic.h - constants scaled and moved ----------*- C++ -*-===//
//
// This file declares the arithmetic on constants with which a network is simplified.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_IMPORT_WEIGHTARITHMETIC_H
#define QUANTIZATION_LIB_IMPORT_WEIGHTARITHMETIC_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace quantization {

/// value * scale + shift, one pair per channel.
struct Affine {
  std::vector<double> scale, shift;
};

/// (value - mean) / sqrt(variance + epsilon) * gain + bias as one product and one sum, in double; not finite where
/// variance + epsilon is not positive. All arrays have one entry per channel.
Affine affineOfNormalization(llvm::ArrayRef<float> gain, llvm::ArrayRef<float> bias, llvm::ArrayRef<float> mean,
                             llvm::ArrayRef<float> variance, double epsilon);

/// Multiplies row-major `values` of `shape` by scale[i] and adds shift[i] (nothing where `shift` is empty) at index i of
/// `axis`, in double, rounded once. False, with `values` half done, where f32 cannot hold a result.
bool applyAffine(std::vector<float> &values, llvm::ArrayRef<int64_t> shape, int64_t axis, llvm::ArrayRef<double> scale,
                 llvm::ArrayRef<double> shift);

/// Row-major `values` of `shape` with their dimensions in another order: dimension i of the result is dimension
/// permutation[i] of `values`.
std::vector<float> transpose(llvm::ArrayRef<float> values, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> permutation);

} // namespace quantization

#endif // QUANTIZATION_LIB_IMPORT_WEIGHTARITHMETIC_H

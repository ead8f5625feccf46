//===- WeightArithmetic.cpp - constants scaled and moved --------*- C++ -*-===//
//
// This file computes what a channel's arithmetic makes of weights, in double and rounded once.
//
//===----------------------------------------------------------------------===//

#include "WeightArithmetic.h"
#include "llvm/ADT/SmallVector.h"
#include <cmath>

using namespace quantization;

Affine quantization::affineOfNormalization(llvm::ArrayRef<float> gain, llvm::ArrayRef<float> bias, llvm::ArrayRef<float> mean,
                                           llvm::ArrayRef<float> variance, double epsilon) {
  Affine affine;
  for (size_t i = 0; i < gain.size(); ++i) {
    affine.scale.push_back(gain[i] / std::sqrt(variance[i] + epsilon));
    affine.shift.push_back(bias[i] - mean[i] * affine.scale[i]);
  }
  return affine;
}

bool quantization::applyAffine(std::vector<float> &values, llvm::ArrayRef<int64_t> shape, int64_t axis,
                               llvm::ArrayRef<double> scale, llvm::ArrayRef<double> shift) {
  size_t inner = 1;
  for (int64_t size : shape.drop_front(axis + 1))
    inner *= size;
  for (size_t i = 0; i < values.size(); ++i) {
    size_t channel = i / inner % shape[axis];
    values[i] = static_cast<float>(values[i] * scale[channel] + (shift.empty() ? 0.0 : shift[channel]));
    if (!std::isfinite(values[i]))
      return false;
  }
  return true;
}

std::vector<float> quantization::transpose(llvm::ArrayRef<float> values, llvm::ArrayRef<int64_t> shape,
                                           llvm::ArrayRef<int64_t> permutation) {
  llvm::SmallVector<int64_t> inputStrides(shape.size(), 1), sizes, strides;
  for (int64_t d = static_cast<int64_t>(shape.size()) - 2; d >= 0; --d)
    inputStrides[d] = inputStrides[d + 1] * shape[d + 1];
  for (int64_t d : permutation) {
    sizes.push_back(shape[d]);
    strides.push_back(inputStrides[d]);
  }
  std::vector<float> result(values.size());
  llvm::SmallVector<int64_t> index(shape.size(), 0);
  int64_t offset = 0;
  for (float &value : result) {
    value = values[offset];
    for (int64_t d = static_cast<int64_t>(sizes.size()) - 1; d >= 0; --d) { // the next index, row-major
      offset += strides[d];
      if (++index[d] < sizes[d])
        break;
      offset -= strides[d] * sizes[d];
      index[d] = 0;
    }
  }
  return result;
}

//===- WeightFit.h - the grid that fits weights best ------------*- C++ -*-===//
//
// This file declares how far a grid reaches for weights (Numerics R7). It knows no MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_FORMAT_WEIGHTFIT_H
#define QUANTIZATION_LIB_FORMAT_WEIGHTFIT_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>

namespace quantization {

/// The largest |value|; 0 for none.
float largestMagnitude(llvm::ArrayRef<float> values);

/// The extent of a grid of codes [-hi, hi] from which nothing is clipped: the largest weight gets the last code, or an earlier one, down
/// to half of it, if all weights together lie nearer to that grid. Weights on a grid of their own, stored in 8 bits once, are met exactly.
double fullExtent(llvm::ArrayRef<float> values, int64_t hi);

/// The extent of a grid of codes [-hi, hi] with the least sum of squared errors; what lies beyond it is clipped. With few codes a fine
/// grid for many weights is worth more than the few largest.
double clippedExtent(llvm::ArrayRef<float> values, int64_t hi);

} // namespace quantization

#endif // QUANTIZATION_LIB_FORMAT_WEIGHTFIT_H

//===- TernaryClusters.h - weights of -1, 0 and 1 ---------------*- C++ -*-===//
//
// This file declares how clusters of weights become signs and zeros with one scale each (Numerics R40). It knows no MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_FORMAT_TERNARYCLUSTERS_H
#define QUANTIZATION_LIB_FORMAT_TERNARYCLUSTERS_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace quantization {

/// The weights of a cluster are about scale * signs, each of which is -1, 0 or 1. The scale is 0 if all signs are.
struct TernaryCluster {
  double scale = 0;
  std::vector<int8_t> signs;
};

/// By algorithms 1 and 2 of 1701.08978 (3.1): `kernels` are the K x K weights of each input channel of the cluster. One number is both the
/// scale and the threshold, a root of a mean square: of the largest weights of each kernel, then of the kernels with the largest ones. A weight
/// of the threshold's size counts as above it, else a kernel of one weight would be zero.
TernaryCluster fitClusterByPaper(llvm::ArrayRef<std::vector<float>> kernels);

/// The weights of a cluster by magnitude.
class RankedWeights {
public:
  explicit RankedWeights(llvm::ArrayRef<float> weights);

  /// The signs of the largest weights and their mean magnitude, with the least sum of squared errors plus `price` for each sign that is not
  /// 0; of equals the one with more zeros. `weights` are those that were ranked.
  TernaryCluster fit(llvm::ArrayRef<float> weights, double price) const;
  /// How many signs that are not 0 `fit` gives.
  size_t countSigns(double price) const;
  size_t size() const { return magnitudes.size(); }
  float largest() const { return magnitudes.empty() ? 0 : magnitudes.front(); }

private:
  std::vector<float> magnitudes; ///< the largest first
  /// What the n largest weights having a sign takes off the sum of squared errors, (their sum)^2 / n, for n from 1 on, as far as weights are
  /// not 0. Nothing between equal weights, which have equal signs.
  std::vector<double> gains;
};

/// The least price at which `fit` makes at least this share of all weights zero; 0 where that is so for nothing. Accurate to a millionth of
/// the price at which all are zero.
double priceOfZeros(llvm::ArrayRef<RankedWeights> clusters, double share);

} // namespace quantization

#endif // QUANTIZATION_LIB_FORMAT_TERNARYCLUSTERS_H

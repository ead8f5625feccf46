//===- StepwiseRounding.h - weights rounded in an order ---------*- C++ -*-===//
//
// This file declares how a format rounds the weights of an output channel one after the other, where those that come later make up for the
// errors of those before (Numerics R41). It knows no MLIR.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_FORMAT_STEPWISEROUNDING_H
#define QUANTIZATION_FORMAT_STEPWISEROUNDING_H

#include "llvm/ADT/ArrayRef.h"
#include <cstddef>

namespace quantization {

class StepwiseRounding {
public:
  virtual ~StepwiseRounding() = default;
  /// So many weights, in the order of the channel's inputs and kernel positions, share what `begin` decides.
  virtual size_t groupSize() const = 0;
  /// Looks at the weights of the next group, as they are when it begins.
  virtual void begin(llvm::ArrayRef<float> group) = 0;
  /// The number on the grid of the group that takes the place of `weight`.
  virtual double round(double weight) const = 0;
  /// Whether a layer with so many zeros will do; else it begins again, and rounding has changed.
  virtual bool accept(size_t zeros, size_t weights) { return true; }
};

} // namespace quantization

#endif // QUANTIZATION_FORMAT_STEPWISEROUNDING_H

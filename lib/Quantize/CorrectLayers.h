//===- CorrectLayers.h - layers are compared with float ---------*- C++ -*-===//
//
// This file declares what `correct-bias` and `reestimate-statistics` have in common.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_QUANTIZE_CORRECTLAYERS_H
#define QUANTIZATION_LIB_QUANTIZE_CORRECTLAYERS_H

#include "quantization/Calibrate/NetworkRunner.h"

namespace quantization {

struct CorrectionCounts {
  int64_t layers = 0, runs = 0;
};

/// Sets the biases of all layers whose weights are codes, with `scalesToo` also the scales of their weights, so that mean and deviation of
/// each channel are those that `record-moments` has left on the layer. `pass` is the name of the one that asks.
llvm::FailureOr<CorrectionCounts> correctLayers(mlir::ModuleOp network, NetworkRunner *runner, bool scalesToo, llvm::StringRef pass);

} // namespace quantization

#endif // QUANTIZATION_LIB_QUANTIZE_CORRECTLAYERS_H

//===- Passes.h - passes of the room Quantize ---*- C++ -*-===//
//
// This file declares the passes that Passes.td describes.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_QUANTIZE_PASSES_H
#define QUANTIZATION_QUANTIZE_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace quantization {

class NetworkRunner;

#define GEN_PASS_DECL
#include "quantization/Quantize/Passes.h.inc"

/// With the runner and the samples that the driver hands in.
std::unique_ptr<mlir::Pass> createFeedBackErrors(NetworkRunner &runner);
std::unique_ptr<mlir::Pass> createCorrectBias(NetworkRunner &runner);
std::unique_ptr<mlir::Pass> createReestimateStatistics(NetworkRunner &runner);

#define GEN_PASS_REGISTRATION
#include "quantization/Quantize/Passes.h.inc"

} // namespace quantization

#endif // QUANTIZATION_QUANTIZE_PASSES_H

//===- Passes.h - passes of the room Calibrate ---*- C++ -*-===//
//
// This file declares the passes that Passes.td describes.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_CALIBRATE_PASSES_H
#define QUANTIZATION_CALIBRATE_PASSES_H

#include "quantization/Calibrate/NetworkRunner.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace quantization {

#define GEN_PASS_DECL
#include "quantization/Calibrate/Passes.h.inc"

/// `record-statistics` with the runner and the samples that the driver hands in.
std::unique_ptr<mlir::Pass> createRecordStatistics(NetworkRunner &runner, bool recordChannels = false);

/// `record-moments` with the same, for corrections of these names.
std::unique_ptr<mlir::Pass> createRecordMoments(NetworkRunner &runner, llvm::ArrayRef<std::string> corrections);

#define GEN_PASS_REGISTRATION
#include "quantization/Calibrate/Passes.h.inc"

} // namespace quantization

#endif // QUANTIZATION_CALIBRATE_PASSES_H

//===- CodeCosts.h - what a network's code needs ----------------*- C++ -*-===//
//
// This file declares what the tiled form tells of memory and kernels.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_EMIT_CODECOSTS_H
#define QUANTIZATION_LIB_EMIT_CODECOSTS_H

#include "quantization/Target/Steps.h"

namespace quantization {

struct StepCosts {
  fixed::StepAttr step;
  int64_t packedWeightBytes = 0;
  /// Estimated, of the instructions that weights have become; they are no constants then.
  int64_t instructionBytes = 0;
  /// The additions of step.additions() that are left where sums are shared.
  int64_t sharedAdditions = 0;
  /// Of the arena's buffers that hold something while the step runs.
  int64_t liveBytes = 0;
};

struct CodeCosts {
  std::vector<StepCosts> steps;
  int64_t arenaBytes = 0;
  /// All constants, and those of them that are weights; what several layers share counts once.
  int64_t constantBytes = 0, packedWeightBytes = 0;
  int64_t instructionBytes = 0;

  /// The step that computes a layer: that of its contraction, else the first that has a part in it; null where none has.
  const StepCosts *findStep(llvm::StringRef layer) const;
};

CodeCosts costsOf(mlir::ModuleOp tiled);

} // namespace quantization

#endif // QUANTIZATION_LIB_EMIT_CODECOSTS_H

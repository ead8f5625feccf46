//===- Portable.h - the target that needs nothing ---------------*- C++ -*-===//
//
// This file declares the pipeline from the tiled form to LLVM's dialect for any processor.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TARGET_PORTABLE_H
#define QUANTIZATION_TARGET_PORTABLE_H

#include "mlir/Pass/PassManager.h"

namespace quantization {

/// tiled -> lowered: plain loops, which LLVM vectorizes. With `profile` the clock is read between them.
void buildPortablePipeline(mlir::OpPassManager &manager, bool profile = false);

} // namespace quantization

#endif // QUANTIZATION_TARGET_PORTABLE_H

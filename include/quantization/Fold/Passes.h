//===- Passes.h - passes of the room Fold ---*- C++ -*-===//
//
// This file declares the passes that Passes.td describes.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_FOLD_PASSES_H
#define QUANTIZATION_FOLD_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace quantization {

#define GEN_PASS_DECL
#include "quantization/Fold/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "quantization/Fold/Passes.h.inc"

} // namespace quantization

#endif // QUANTIZATION_FOLD_PASSES_H

//===- Passes.h - passes of the room Ternary ---*- C++ -*-===//
//
// This file declares the passes that Passes.td describes.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TERNARY_PASSES_H
#define QUANTIZATION_TERNARY_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace quantization {

#define GEN_PASS_DECL
#include "quantization/Ternary/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "quantization/Ternary/Passes.h.inc"

} // namespace quantization

#endif // QUANTIZATION_TERNARY_PASSES_H

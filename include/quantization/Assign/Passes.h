//===- Passes.h - passes of the room Assign ---*- C++ -*-===//
//
// This file declares the passes that Passes.td describes.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_ASSIGN_PASSES_H
#define QUANTIZATION_ASSIGN_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace quantization {

#define GEN_PASS_DECL
#include "quantization/Assign/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "quantization/Assign/Passes.h.inc"

} // namespace quantization

#endif // QUANTIZATION_ASSIGN_PASSES_H

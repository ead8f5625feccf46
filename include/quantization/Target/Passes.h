//===- Passes.h - passes of the room Target ---*- C++ -*-===//
//
// This file declares the passes that Passes.td describes.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TARGET_PASSES_H
#define QUANTIZATION_TARGET_PASSES_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace quantization {

#define GEN_PASS_DECL
#include "quantization/Target/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "quantization/Target/Passes.h.inc"

} // namespace quantization

#endif // QUANTIZATION_TARGET_PASSES_H

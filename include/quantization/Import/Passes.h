//===- Passes.h - passes of the room Import ---*- C++ -*-===//
//
// This file declares the passes that Passes.td describes.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_IMPORT_PASSES_H
#define QUANTIZATION_IMPORT_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace quantization {

#define GEN_PASS_DECL
#include "quantization/Import/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "quantization/Import/Passes.h.inc"

} // namespace quantization

#endif // QUANTIZATION_IMPORT_PASSES_H

//===- Passes.h - passes of the room Pipeline ---*- C++ -*-===//
//
// This file declares the passes that Passes.td describes.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_PIPELINE_PASSES_H
#define QUANTIZATION_PIPELINE_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace quantization {

#define GEN_PASS_DECL
#include "quantization/Pipeline/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "quantization/Pipeline/Passes.h.inc"

} // namespace quantization

#endif // QUANTIZATION_PIPELINE_PASSES_H

//===- Passes.h - passes of the room Tile ---*- C++ -*-===//
//
// This file declares the passes that Passes.td describes.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TILE_PASSES_H
#define QUANTIZATION_TILE_PASSES_H

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "quantization/Dialect/Fixed/Fixed.h"

namespace quantization {

#define GEN_PASS_DECL
#include "quantization/Tile/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "quantization/Tile/Passes.h.inc"

} // namespace quantization

#endif // QUANTIZATION_TILE_PASSES_H

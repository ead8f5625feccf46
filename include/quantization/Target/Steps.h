//===- Steps.h - what a loop nest computes and moves ------------*- C++ -*-===//
//
// This file declares the description of one step of a tiled network, for profiles and reports.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TARGET_STEPS_H
#define QUANTIZATION_TARGET_STEPS_H

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "quantization/Dialect/Fixed/Fixed.h"

namespace quantization {

/// Whether `op`, of the network's function in the tiled form, is a step: a loop nest, a contraction or a copy between buffers.
bool isStep(mlir::Operation *op);

/// What `step` computes and moves.
fixed::StepAttr describeStep(mlir::Operation *step);

/// The constants that `step` multiplies by, packed as its kernel reads them; biases, multipliers and tables are none.
llvm::SmallVector<mlir::memref::GetGlobalOp> weightsOf(mlir::Operation *step);

/// How often `op` runs inside `step`; 0 where that is not known.
int64_t turnsOf(mlir::Operation *op, mlir::Operation *step);

/// Bytes of a buffer; 0 where its size is not static.
int64_t bytesOf(mlir::MemRefType type);

} // namespace quantization

#endif // QUANTIZATION_TARGET_STEPS_H

//===- Lanes.h - scalar code on vectors -------------------------*- C++ -*-===//
//
// This file declares how the body of a loop over single values becomes one over vectors of them.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TARGET_LANES_H
#define QUANTIZATION_LIB_TARGET_LANES_H

#include "mlir/IR/Builders.h"

namespace quantization {

/// Whether buildOnLanes can do it: every op computes on values one by one, or is a constant.
bool isElementwise(mlir::Block &body);

/// Clones `body` on vectors in place of its arguments, `lanes` values at a time; returns what its terminator yields, or the value of it
/// that is asked for, as a vector.
mlir::Value buildOnLanes(mlir::OpBuilder &builder, mlir::Location loc, mlir::Block &body, mlir::ValueRange arguments, int64_t lanes,
                         mlir::Value wanted = {});

/// A vector of `lanes` values from `indices` on, of which only the first `valid` are touched.
mlir::Value loadLanes(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value buffer, mlir::ValueRange indices, int64_t lanes,
                      int64_t valid);
/// Stores the first `valid` values of `vector`.
void storeLanes(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value vector, mlir::Value buffer, mlir::ValueRange indices,
                int64_t valid);

/// The columns of a square of `rows`, a power of two of vectors with as many values each.
llvm::SmallVector<mlir::Value> transposeSquare(mlir::OpBuilder &builder, mlir::Location loc, llvm::SmallVector<mlir::Value> rows);

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_LANES_H

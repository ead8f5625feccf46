//===- ParallelLoops.h - loops whose turns do not depend on each other -*- C++ -*-===//
//
// This file declares how emitters open loops that share-loops may spread over threads, and take memory that each thread has to itself.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TARGET_PARALLELLOOPS_H
#define QUANTIZATION_LIB_TARGET_PARALLELLOOPS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace quantization {

/// A loop over 0, step, ... below `size` that what follows is built in, and its variable; zero without a loop for one turn. Leave it
/// with an InsertionGuard.
inline mlir::Value enterParallelLoop(mlir::OpBuilder &builder, mlir::Location loc, int64_t size, int64_t step = 1) {
  auto index = [&](int64_t value) -> mlir::Value { return mlir::arith::ConstantIndexOp::create(builder, loc, value); };
  if (size <= step)
    return index(0);
  auto loop = mlir::scf::ParallelOp::create(builder, loc, mlir::ValueRange{index(0)}, mlir::ValueRange{index(size)},
                                            mlir::ValueRange{index(step)});
  builder.setInsertionPointToStart(loop.getBody());
  return loop.getInductionVars().front();
}

/// Memory on the stack of the function that `op` is in. A function's is there once; inside of a loop it would grow.
inline mlir::Value allocateInFunction(mlir::OpBuilder &builder, mlir::Operation *op, mlir::MemRefType type, int64_t alignment) {
  mlir::OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&op->getParentOfType<mlir::FunctionOpInterface>().getFunctionBody().front());
  return mlir::memref::AllocaOp::create(builder, op->getLoc(), type, builder.getI64IntegerAttr(alignment));
}

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_PARALLELLOOPS_H

//===- ParallelLoops.h - loops whose turns do not depend on each other -*- C++ -*-===//
//
// This file declares how emitters open loops that share-loops may spread over threads.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TARGET_PARALLELLOOPS_H
#define QUANTIZATION_LIB_TARGET_PARALLELLOOPS_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

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

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_PARALLELLOOPS_H

//===- SeparateResults.cpp - a buffer for every result ----------*- C++ -*-===//
//
// This file copies what could not be written straight into the caller's buffer: a result that is an input, a constant, or another
// result too.
//
//   return %y, %y        ==>   %c = bufferization.alloc_tensor() copy(%y)
//                              return %y, %c
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "quantization/Tile/Passes.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace quantization {
#define GEN_PASS_DEF_SEPARATERESULTS
#include "quantization/Tile/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct SeparateResultsPass : quantization::impl::SeparateResultsBase<SeparateResultsPass> {
  void runOnOperation() override {
    getOperation().walk([&](func::ReturnOp op) {
      llvm::SmallPtrSet<void *, 8> taken;
      for (OpOperand &operand : op->getOpOperands()) {
        Value root = operand.get();
        // Reshapes are views of what they read.
        while (root.getDefiningOp() && isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(root.getDefiningOp()))
          root = root.getDefiningOp()->getOperand(0);
        bool owned = root.getDefiningOp() && !root.getDefiningOp<arith::ConstantOp>();
        if (taken.insert(root.getAsOpaquePointer()).second && owned)
          continue;
        OpBuilder builder(op);
        auto type = cast<RankedTensorType>(operand.get().getType());
        operand.set(bufferization::AllocTensorOp::create(builder, op.getLoc(), type, ValueRange(), operand.get()));
        ++numCopies;
      }
    });
  }
};

} // namespace

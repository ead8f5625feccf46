//===- PlanMemory.cpp - all buffers in one arena ----------------*- C++ -*-===//
//
// This file replaces allocations by views of an arena that the caller passes:
//
//   func @net(%in: memref<..>, %out: memref<..>)          func @net(%in, %out, %arena: memref<4096xi8>)
//   %a = memref.alloc() : memref<1x7x7x8xi32>       ==>   %a = memref.view %arena[%c0][] : memref<1x7x7x8xi32>
//   %b = memref.alloc() : memref<1x7x7x8xi8>              %b = memref.view %arena[%c1600][] : memref<1x7x7x8xi8>
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "quantization/Tile/MemoryPlan.h"
#include "quantization/Tile/Passes.h"

namespace quantization {
#define GEN_PASS_DEF_PLANMEMORY
#include "quantization/Tile/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct PlanMemoryPass : quantization::impl::PlanMemoryBase<PlanMemoryPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && failed(plan(function)))
        return signalPassFailure();
  }

private:
  LogicalResult plan(func::FuncOp function) {
    Block &body = function.getBody().front();
    SmallVector<memref::AllocOp> allocs;
    WalkResult walk = function.walk([&](memref::AllocOp op) {
      if (!op.getType().hasStaticShape() || !op.getType().getLayout().isIdentity()) {
        op.emitError() << "expected an allocation of static size, since the arena is sized at compile time";
        return WalkResult::interrupt();
      }
      allocs.push_back(op);
      return WalkResult::advance();
    });
    if (walk.wasInterrupted())
      return failure();

    DenseMap<Operation *, int64_t> steps;
    for (auto [i, op] : llvm::enumerate(body))
      steps[&op] = i;
    BufferViewFlowAnalysis aliases(function);
    std::vector<BufferLifetime> lifetimes;
    for (memref::AllocOp op : allocs) {
      MemRefType type = op.getType();
      int64_t bits = type.getElementType().getIntOrFloatBitWidth();
      BufferLifetime lifetime{std::max<int64_t>(type.getNumElements() * ((bits + 7) / 8), 1), INT64_MAX, -1};
      // Whatever happens inside a loop takes the whole loop's step.
      for (Value alias : aliases.resolve(op.getResult()))
        for (Operation *user : alias.getUsers())
          if (Operation *step = body.findAncestorOpInBlock(*user)) {
            lifetime.first = std::min(lifetime.first, steps[step]);
            lifetime.last = std::max(lifetime.last, steps[step]);
          }
      if (lifetime.last < 0)
        lifetime.first = lifetime.last = 0;
      lifetimes.push_back(lifetime);
    }
    MemoryPlan plan = planMemory(lifetimes);
    numBuffers += allocs.size();
    arenaBytes += plan.bytes;

    OpBuilder builder(&getContext());
    auto arenaType = MemRefType::get({plan.bytes}, builder.getI8Type());
    auto index = function.getNumArguments();
    if (failed(function.insertArgument(index, arenaType, {}, function.getLoc())))
      return failure();
    getOperation()->setAttr("nn.arena_bytes", builder.getI64IntegerAttr(plan.bytes));
    builder.setInsertionPointToStart(&body);
    for (auto [op, offset] : llvm::zip(allocs, plan.offsets)) {
      Value at = arith::ConstantIndexOp::create(builder, op.getLoc(), offset);
      op.getResult().replaceAllUsesWith(
          memref::ViewOp::create(builder, op.getLoc(), op.getType(), body.getArgument(index), at, ValueRange()));
    }
    for (memref::AllocOp op : allocs) // only now: the builder may stand at one
      op.erase();
    return success();
  }
};

} // namespace

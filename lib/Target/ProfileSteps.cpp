//===- ProfileSteps.cpp - a clock between the steps of a run ----*- C++ -*-===//
//
// This file has the network's entry read the clock around each step and add up what each takes:
//
//   llvm.call @layer0(%in, %out) {fixed.step = #s}   ==>   %t0 = llvm.call @quantization_artifact_clock()
//                                                          llvm.call @layer0(%in, %out)
//                                                          %t1 = llvm.call @quantization_artifact_clock()
//                                                          @quantization_artifact_ticks[0] += %t1 - %t0
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Target/Passes.h"

namespace quantization {
#define GEN_PASS_DEF_PROFILESTEPS
#include "quantization/Target/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct ProfileStepsPass : quantization::impl::ProfileStepsBase<ProfileStepsPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto network = module.lookupSymbol<LLVM::LLVMFuncOp>("quantization_sample");
    if (!network || network.isExternal()) {
      module.emitError() << "expected the network's entry, quantization_sample";
      return signalPassFailure();
    }
    SmallVector<LLVM::CallOp> calls;
    WalkResult found = module.walk([&](LLVM::CallOp call) {
      if (!call->hasAttr("fixed.step"))
        return WalkResult::advance();
      if (call->getBlock() != &network.getBody().front()) {
        call.emitError() << "expected steps in the first block of quantization_sample alone, where each runs once";
        return WalkResult::interrupt();
      }
      calls.push_back(call);
      return WalkResult::advance();
    });
    if (found.wasInterrupted())
      return signalPassFailure();
    declare(calls.size());
    SmallVector<Attribute> steps;
    Value before;
    for (auto [i, call] : llvm::enumerate(calls)) {
      steps.push_back(call->removeAttr("fixed.step"));
      OpBuilder builder(call);
      if (!before)
        before = readClock(builder, call.getLoc());
      builder.setInsertionPointAfter(call);
      Value now = readClock(builder, call.getLoc());
      addTicks(builder, call.getLoc(), i, LLVM::SubOp::create(builder, call.getLoc(), now, before));
      before = now;
    }
    module->setAttr("fixed.steps", ArrayAttr::get(&getContext(), steps));
    numSteps += calls.size();
  }

private:
  LLVM::LLVMFuncOp clock;
  LLVM::GlobalOp ticks;

  void declare(int64_t count) {
    OpBuilder builder = OpBuilder::atBlockBegin(getOperation().getBody());
    Location loc = getOperation().getLoc();
    Type number = builder.getI64Type();
    clock = LLVM::LLVMFuncOp::create(builder, loc, "quantization_artifact_clock", LLVM::LLVMFunctionType::get(number, {}));
    auto table = LLVM::LLVMArrayType::get(number, count);
    ticks = LLVM::GlobalOp::create(builder, loc, table, /*isConstant=*/false, LLVM::Linkage::Internal, "quantization_artifact_ticks",
                                   Attribute());
    OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(&ticks.getInitializerRegion());
    LLVM::ReturnOp::create(builder, loc, ValueRange{LLVM::ZeroOp::create(builder, loc, table)});
  }

  Value readClock(OpBuilder &builder, Location loc) { return LLVM::CallOp::create(builder, loc, clock, ValueRange{}).getResult(); }

  /// Atomically: two runs at once may count in one table.
  void addTicks(OpBuilder &builder, Location loc, int32_t step, Value count) {
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    Value table = LLVM::AddressOfOp::create(builder, loc, ticks);
    Value slot = LLVM::GEPOp::create(builder, loc, pointer, builder.getI64Type(), table, ArrayRef<LLVM::GEPArg>{step});
    LLVM::AtomicRMWOp::create(builder, loc, LLVM::AtomicBinOp::add, slot, count, LLVM::AtomicOrdering::monotonic);
  }
};

} // namespace

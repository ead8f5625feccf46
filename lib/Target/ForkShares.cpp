//===- ForkShares.cpp - the shares of a layer run side by side --*- C++ -*-===//
//
// This file hands the calls of a layer's shares to the artifact's pool of threads (lib/Emit/Runtime/pool.c):
//
//   llvm.func @quantization_sample(%in, %out, %arena) {     llvm.func @quantization_sample(%in, %out, %arena, %pool) {
//     llvm.call @layer0(%in, %out, 0)                         store %in, %out in %context
//     llvm.call @layer0(%in, %out, 1)                 ==>     llvm.call @quantization_artifact_parallel(%pool, @layer0_share, %context, 2)
//   }                                                       }
//
// where @layer0_share(%context, %share) loads the buffers and calls @layer0.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Matchers.h"
#include "quantization/Target/Passes.h"
#include "quantization/Target/TargetModel.h"

namespace quantization {
#define GEN_PASS_DEF_FORKSHARES
#include "quantization/Target/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct ForkSharesPass : quantization::impl::ForkSharesBase<ForkSharesPass> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (TargetModel::of(module)->threads() == 1)
      return;
    auto network = module.lookupSymbol<LLVM::LLVMFuncOp>("quantization_sample");
    if (!network || network.isExternal()) {
      module.emitError() << "expected the network's entry, quantization_sample";
      return signalPassFailure();
    }
    OpBuilder builder(&getContext());
    pointer = LLVM::LLVMPointerType::get(&getContext());
    number = builder.getI64Type();
    addPool(network);
    for (auto function : module.getOps<LLVM::LLVMFuncOp>())
      if (auto attribute = function->getAttrOfType<IntegerAttr>("fixed.shares"))
        shared.try_emplace(function.getName(), function, attribute.getInt());
    if (shared.empty())
      return;
    builder.setInsertionPointToStart(module.getBody());
    auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(&getContext()), {pointer, pointer, pointer, number});
    fork = LLVM::LLVMFuncOp::create(builder, module.getLoc(), "quantization_artifact_parallel", type);
    if (failed(forkCalls(network)))
      return signalPassFailure();
    for (auto &entry : shared)
      entry.second.first->removeAttr("fixed.shares");
    shared.clear();
    tasks.clear();
  }

private:
  Type pointer, number;
  Value pool;
  LLVM::LLVMFuncOp fork;
  llvm::StringMap<std::pair<LLVM::LLVMFuncOp, int64_t>> shared;
  llvm::StringMap<LLVM::LLVMFuncOp> tasks;

  void addPool(LLVM::LLVMFuncOp network) {
    LLVM::LLVMFunctionType type = network.getFunctionType();
    SmallVector<Type> parameters(type.getParams());
    parameters.push_back(pointer);
    if (auto attributes = network.getArgAttrsAttr()) {
      SmallVector<Attribute> all(attributes.getValue());
      all.push_back(DictionaryAttr::get(&getContext()));
      network.setArgAttrsAttr(ArrayAttr::get(&getContext(), all));
    }
    network.setFunctionType(LLVM::LLVMFunctionType::get(type.getReturnType(), parameters));
    pool = network.getBody().addArgument(pointer, network.getLoc());
  }

  static bool isShare(LLVM::CallOp call, int64_t share) {
    APInt constant;
    return matchPattern(call.getArgOperands().back(), m_ConstantInt(&constant)) && constant == static_cast<uint64_t>(share);
  }

  LogicalResult forkCalls(LLVM::LLVMFuncOp network) {
    int64_t most = 0;
    SmallVector<SmallVector<LLVM::CallOp>> groups;
    for (Block &block : network.getBody())
      for (auto call : block.getOps<LLVM::CallOp>()) {
        auto callee = call.getCallee() ? shared.find(*call.getCallee()) : shared.end();
        if (callee == shared.end())
          continue;
        if (groups.empty() || static_cast<int64_t>(groups.back().size()) == callee->second.second)
          groups.emplace_back();
        SmallVector<LLVM::CallOp> &group = groups.back();
        bool follows = group.empty() || (group.front().getCallee() == call.getCallee() &&
                                         llvm::equal(group.front().getArgOperands().drop_back(), call.getArgOperands().drop_back()));
        if (!follows || !isShare(call, group.size()))
          return call.emitError() << "expected the calls of all shares of a layer, in their order";
        group.push_back(call);
        most = std::max<int64_t>(most, call.getArgOperands().size() - 1);
      }
    // One after the other: all use the same memory.
    OpBuilder builder = OpBuilder::atBlockBegin(&network.getBody().front());
    Location loc = network.getLoc();
    Value size = LLVM::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(most));
    Value context = LLVM::AllocaOp::create(builder, loc, pointer, pointer, size, /*alignment=*/8);
    for (SmallVector<LLVM::CallOp> &group : groups) {
      LLVM::CallOp first = group.front();
      auto [callee, shares] = shared.find(*first.getCallee())->second;
      if (static_cast<int64_t>(group.size()) != shares)
        return first.emitError() << "expected the calls of all " << shares << " shares of a layer";
      builder.setInsertionPoint(first);
      for (auto [i, argument] : llvm::enumerate(first.getArgOperands().drop_back()))
        LLVM::StoreOp::create(builder, first.getLoc(), argument, slot(builder, first.getLoc(), context, i));
      Value task = LLVM::AddressOfOp::create(builder, first.getLoc(), taskOf(callee));
      Value count = LLVM::ConstantOp::create(builder, first.getLoc(), builder.getI64IntegerAttr(shares));
      LLVM::CallOp::create(builder, first.getLoc(), fork, ValueRange{pool, task, context, count});
      for (LLVM::CallOp call : group)
        call.erase();
      ++numForks;
    }
    return success();
  }

  Value slot(OpBuilder &builder, Location loc, Value context, int64_t i) {
    return LLVM::GEPOp::create(builder, loc, pointer, pointer, context, ArrayRef<LLVM::GEPArg>{static_cast<int32_t>(i)});
  }

  /// @layer0_share(context, share).
  LLVM::LLVMFuncOp taskOf(LLVM::LLVMFuncOp layer) {
    LLVM::LLVMFuncOp &task = tasks[layer.getName()];
    if (task)
      return task;
    OpBuilder builder(layer);
    Location loc = layer.getLoc();
    auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(&getContext()), {pointer, number});
    task = LLVM::LLVMFuncOp::create(builder, loc, (layer.getName() + "_share").str(), type, LLVM::Linkage::Internal);
    Block *body = task.addEntryBlock(builder);
    builder.setInsertionPointToStart(body);
    SmallVector<Value> arguments;
    for (int64_t i = 0, n = layer.getNumArguments() - 1; i < n; ++i)
      arguments.push_back(LLVM::LoadOp::create(builder, loc, pointer, slot(builder, loc, body->getArgument(0), i)));
    arguments.push_back(body->getArgument(1));
    LLVM::CallOp::create(builder, loc, layer, arguments);
    LLVM::ReturnOp::create(builder, loc, ValueRange{});
    return task;
  }
};

} // namespace

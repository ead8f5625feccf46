//===- OutlineLayers.cpp - one function per distinct loop nest --*- C++ -*-===//
//
// This file moves each loop nest of the network into a function of its buffers, and lets equal nests share one:
//
//   func @net(...) {                                 func private @layer0(%in {noalias}, %w {noalias}, %out {noalias}) {
//     linalg.generic ins(%in, %w) outs(%out)   ==>     linalg.generic ins(%in, %w) outs(%out)
//   }                                                }
//                                                    func @net(...) { call @layer0(%in, %w, %out) }
//
// LLVM's time grows faster than a function's size, and its vectorizer needs to know that buffers do not overlap. The arguments are
// whole buffers, never views of one another, so that is true: buffers alive together have places of their own in the arena. Weights that
// a kernel turns into instructions are no arguments.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/RegionUtils.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Target/Passes.h"
#include "quantization/Target/Steps.h"
#include "quantization/Target/TargetModel.h"
#include "quantization/Target/WeightsInCode.h"
#include "llvm/ADT/SetVector.h"

namespace quantization {
#define GEN_PASS_DEF_OUTLINELAYERS
#include "quantization/Target/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct OutlineLayersPass : quantization::impl::OutlineLayersBase<OutlineLayersPass> {
  using OutlineLayersBase::OutlineLayersBase;

  void runOnOperation() override {
    byText.clear();
    std::unique_ptr<TargetModel> model = TargetModel::of(getOperation());
    target = model.get();
    SmallVector<func::FuncOp> functions;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal() && !function.isPrivate())
        functions.push_back(function);
    for (func::FuncOp function : functions)
      for (Operation &op : llvm::make_early_inc_range(function.getBody().front()))
        if (profile ? isStep(&op) : op.getNumRegions() && op.getNumResults() == 0)
          outline(function, &op);
  }

private:
  llvm::StringMap<func::FuncOp> byText;
  const TargetModel *target;

  /// A buffer of its own, rather than another view of one or a number.
  static bool isBuffer(Value value) {
    if (isa<BlockArgument>(value))
      return true;
    return isa<MemRefType>(value.getType()) && value.getDefiningOp<memref::ViewOp>();
  }

  /// Weights that become instructions of the layer.
  SmallPtrSet<Value, 1> weightsOfCode(Operation *op) {
    SmallPtrSet<Value, 1> weights;
    op->walk([&](fixed::ContractOp contract) {
      if (memref::GetGlobalOp constant = weightConstant(contract); constant && knowsWeights(contract, *target))
        weights.insert(constant);
    });
    return weights;
  }

  void outline(func::FuncOp network, Operation *op) {
    // What the nest uses from outside: buffers become arguments, everything else is computed again inside.
    SetVector<Value> arguments;
    SetVector<Operation *> inside;
    SmallVector<Value> pending(op->getOperands());
    SetVector<Value> captured;
    getUsedValuesDefinedAbove(op->getRegions(), captured);
    pending.append(captured.begin(), captured.end());
    SmallPtrSet<Value, 1> known = weightsOfCode(op);
    while (!pending.empty()) {
      Value value = pending.pop_back_val();
      Operation *producer = value.getDefiningOp();
      if (isBuffer(value) || (producer && isa<memref::GetGlobalOp>(producer) && !known.contains(value))) {
        arguments.insert(value);
        continue;
      }
      if (inside.insert(producer))
        pending.append(producer->operand_begin(), producer->operand_end());
    }
    SmallVector<Operation *> ordered(inside.begin(), inside.end());
    llvm::sort(ordered, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });

    OpBuilder builder(network);
    SmallVector<Value> buffers(arguments.begin(), arguments.end());
    auto type = builder.getFunctionType(ValueRange(buffers).getTypes(), {});
    auto function = func::FuncOp::create(builder, op->getLoc(), "layer", type);
    function.setPrivate();
    Block *body = function.addEntryBlock();
    builder.setInsertionPointToStart(body);
    IRMapping mapping;
    mapping.map(buffers, body->getArguments());
    for (Operation *producer : ordered)
      builder.clone(*producer, mapping);
    builder.clone(*op, mapping);
    func::ReturnOp::create(builder, op->getLoc());
    for (unsigned i = 0; i < buffers.size(); ++i)
      function.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(), builder.getUnitAttr());

    std::string text;
    llvm::raw_string_ostream stream(text);
    function.print(stream, OpPrintingFlags().useLocalScope());
    auto [entry, isNew] = byText.try_emplace(text, function);
    if (isNew) {
      function.setName("layer" + std::to_string(byText.size() - 1));
      // A function of its own for LLVM too: inlining would undo both gains.
      function->setAttr("passthrough", builder.getStrArrayAttr({"noinline"}));
      ++numFunctions;
    } else {
      function.erase();
      ++numShared;
    }
    builder.setInsertionPoint(op);
    auto call = func::CallOp::create(builder, op->getLoc(), entry->second, buffers);
    if (profile)
      call->setAttr("fixed.step", describeStep(op));
    op->erase();
  }
};

} // namespace

//===- CodeCosts.cpp - what a network's code needs --------------*- C++ -*-===//
//
// This file adds up the memory of a network in the tiled form: what each step has alive in the arena, and what constants take.
//
//===----------------------------------------------------------------------===//

#include "CodeCosts.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Target/WeightsInCode.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace quantization;

/// The ops of `block` in which `buffer`, or a view of it, is used.
static void collectUsers(Value buffer, Block &block, SmallPtrSetImpl<Operation *> &users) {
  for (Operation *user : buffer.getUsers()) {
    users.insert(block.findAncestorOpInBlock(*user));
    if (isa<ViewLikeOpInterface>(user))
      for (Value view : user->getResults())
        collectUsers(view, block, users);
  }
}

static void addLiveBytes(Block &body, ArrayRef<Operation *> steps, CodeCosts &costs) {
  for (auto view : body.getOps<memref::ViewOp>()) {
    SmallPtrSet<Operation *, 8> users;
    collectUsers(view.getResult(), body, users);
    size_t first = steps.size(), last = 0;
    for (auto [i, step] : llvm::enumerate(steps))
      if (users.contains(step))
        first = std::min(first, i), last = i;
    for (size_t i = first; i < steps.size() && i <= last; ++i)
      costs.steps[i].liveBytes += bytesOf(view.getType());
  }
}

/// Of additions for each weight that is not 0.
static int64_t bytesOfInstructions(memref::GlobalOp weights) {
  auto values = dyn_cast_or_null<ElementsAttr>(weights.getConstantInitValue());
  return values ? kBytesOfAddition * llvm::count_if(readIntegers(values), [](int64_t value) { return value != 0; }) : 0;
}

CodeCosts quantization::costsOf(ModuleOp tiled) {
  CodeCosts costs;
  std::unique_ptr<TargetModel> target = TargetModel::of(tiled);
  auto becomesCode = [&](memref::GetGlobalOp weights, Operation *step) {
    bool becomes = false;
    step->walk([&](fixed::ContractOp op) { becomes |= knowsWeights(op, *target) && weightConstant(op) == weights; });
    return becomes;
  };
  if (auto bytes = tiled->getAttrOfType<IntegerAttr>("nn.arena_bytes"))
    costs.arenaBytes = bytes.getInt();
  llvm::StringSet<> counted;
  tiled.walk([&](memref::GlobalOp op) { costs.constantBytes += op.getConstant() ? bytesOf(op.getType()) : 0; });
  for (auto function : tiled.getOps<func::FuncOp>()) {
    if (function.isExternal() || function.isPrivate())
      continue;
    SmallVector<Operation *> steps;
    for (Operation &op : function.getBody().front()) {
      if (!isStep(&op))
        continue;
      steps.push_back(&op);
      StepCosts &step = costs.steps.emplace_back();
      step.step = describeStep(&op);
      op.walk([&](fixed::ContractOp contract) {
        if (knowsWeights(contract, *target))
          step.sharedAdditions += turnsOf(contract, &op) * countSharedAdditions(contract, *target->findKernel(contract.getLowering()));
      });
      for (memref::GetGlobalOp weights : weightsOf(&op)) {
        int64_t bytes = bytesOf(weights.getType());
        if (becomesCode(weights, &op)) {
          step.instructionBytes = bytesOfInstructions(SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(weights, weights.getNameAttr()));
          if (counted.insert(weights.getName()).second) {
            costs.instructionBytes += step.instructionBytes;
            costs.constantBytes -= bytes;
          }
          continue;
        }
        step.packedWeightBytes += bytes;
        costs.packedWeightBytes += counted.insert(weights.getName()).second ? bytes : 0;
      }
    }
    addLiveBytes(function.getBody().front(), steps, costs);
  }
  return costs;
}

const StepCosts *CodeCosts::findStep(StringRef layer) const {
  const StepCosts *found = nullptr;
  for (const StepCosts &step : steps) {
    auto names = step.step.getLayers().getAsValueRange<StringAttr>();
    if (!llvm::is_contained(names, layer))
      continue;
    if (step.step.getMacs() && *names.begin() == layer)
      return &step;
    if (!found)
      found = &step;
  }
  return found;
}

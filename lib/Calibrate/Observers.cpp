//===- Observers.cpp - which value belongs to which layer -------*- C++ -*-===//
//
// This file answers whose result an observer watches.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Observers.h"

using namespace mlir;
using namespace quantization;
using nn::QuantizableOpInterface;

Operation *quantization::followerOf(Operation *op) {
  auto layer = dyn_cast_or_null<QuantizableOpInterface>(op);
  if (!layer || op->getNumResults() != 1 || !op->getResult(0).hasOneUse())
    return nullptr;
  if (layer.keepsFormat() || layer.getClampRange() || layer.evaluate(0))
    return nullptr;
  auto user = dyn_cast<QuantizableOpInterface>(*op->getResult(0).user_begin());
  return user && user.getClampRange() ? user.getOperation() : nullptr;
}

Operation *quantization::anchorOf(Value value) {
  Operation *op = value.getDefiningOp();
  if (op && op->getNumOperands() > 0)
    if (Operation *before = op->getOperand(0).getDefiningOp(); followerOf(before) == op)
      return before;
  return op;
}

bool quantization::isTrainedOperand(OpOperand &use) {
  auto layer = dyn_cast<QuantizableOpInterface>(use.getOwner());
  if (!layer || !use.get().getDefiningOp<nn::ConstantOp>())
    return false;
  int64_t number = use.getOperandNumber();
  return number == layer.getWeightsIndex() || number == layer.getBiasIndex();
}

bool quantization::isLayer(Operation *op) {
  return isa_and_nonnull<nn::NNDialect>(op->getDialect()) &&
         !isa<nn::ConstantOp, nn::NoneOp, nn::ObserveOp, nn::QuantizeOp, nn::DequantizeOp>(op);
}

UniqueNames::UniqueNames(ModuleOp module) {
  module.walk([&](Operation *op) { names.insert(nn::layerOf(op)); });
}

std::string UniqueNames::fresh(StringRef wanted) {
  std::string name = wanted.str();
  for (unsigned number = 2; !names.insert(name).second; ++number)
    name = wanted.str() + "_" + std::to_string(number);
  return name;
}

std::string quantization::quotedList(ArrayRef<std::string> names) {
  constexpr size_t most = 8;
  std::string text;
  size_t shown = names.size() > most + 1 ? most : names.size();
  for (size_t i = 0; i < shown; ++i)
    text += (i ? ", \"" : "\"") + names[i] + "\"";
  if (shown < names.size())
    text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

//===- FormatGroups.cpp - values that share one format ----------*- C++ -*-===//
//
// This file finds the groups: a layer that only moves values joins the observers of its operands and of its result.
//
//===----------------------------------------------------------------------===//

#include "FormatGroups.h"
#include "quantization/Calibrate/Facts.h"
#include "quantization/Calibrate/Observers.h"
#include "llvm/ADT/IntEqClasses.h"

using namespace mlir;
using namespace quantization;

bool quantization::onlyMoves(Operation *op) {
  auto layer = dyn_cast_or_null<nn::QuantizableOpInterface>(op);
  return layer && layer.keepsFormat();
}

nn::ObserveOp quantization::observerOf(Operation *layer) {
  if (Operation *follower = followerOf(layer))
    layer = follower;
  if (layer->getNumResults() == 1)
    for (Operation *user : layer->getResult(0).getUsers())
      if (auto observe = dyn_cast<nn::ObserveOp>(user))
        return observe;
  return {};
}

std::vector<FormatGroup> quantization::findFormatGroups(ModuleOp module) {
  SmallVector<nn::ObserveOp> observers;
  DenseMap<Operation *, unsigned> numbers;
  module.walk([&](nn::ObserveOp observe) {
    numbers[observe] = observers.size();
    observers.push_back(observe);
  });

  llvm::IntEqClasses classes(observers.size());
  module.walk([&](Operation *op) {
    if (!onlyMoves(op))
      return;
    nn::ObserveOp result = observerOf(op);
    if (!result)
      return;
    for (Value operand : op->getOperands())
      if (auto observe = operand.getDefiningOp<nn::ObserveOp>())
        classes.join(numbers[observe], numbers[result]);
  });
  classes.compress();

  std::vector<FormatGroup> groups(classes.getNumClasses());
  for (auto [number, observe] : llvm::enumerate(observers))
    groups[classes[number]].members.push_back(observe);
  for (FormatGroup &group : groups) {
    auto isConstant = [](nn::ObserveOp observe) { return observe.getInput().getDefiningOp<nn::ConstantOp>() != nullptr; };
    for (nn::ObserveOp observe : group.members)
      if (!isConstant(observe) && !onlyMoves(observe.getInput().getDefiningOp()))
        group.sources.push_back(observe);
    llvm::append_range(group.sources, llvm::make_filter_range(group.members, isConstant));
  }
  return groups;
}

std::optional<Statistics> FormatGroup::mergedStatistics() const {
  Statistics merged;
  for (nn::ObserveOp source : sources) {
    std::optional<Statistics> statistics;
    if (nn::StatisticsAttr attribute = source.getStatisticsAttr())
      statistics = fromAttribute(attribute);
    if (!statistics)
      return std::nullopt;
    merged.merge(*statistics);
  }
  for (nn::ObserveOp member : members)
    if (nn::StatisticsAttr attribute = member.getStatisticsAttr())
      if (std::optional<Statistics> statistics = fromAttribute(attribute))
        if (statistics->min < merged.min || statistics->max > merged.max)
          merged.merge(*statistics);
  return merged;
}

//===- InsertObservers.cpp - mark what may get a format ---------*- C++ -*-===//
//
// This file puts an `nn.observe` on each f32 value that a quantizable layer makes or reads. A clamp belongs to the layer
// before it when it alone reads its result, and the observer behind the two carries that layer's name:
//
//   %0 = nn.conv %x, %w {layer = "conv1"}              %x1 = nn.observe %x {layer = "image"}
//   %1 = nn.clamp %0 {layer = "relu1"}          =>     %0 = nn.conv %x1, %w {layer = "conv1"}
//   return %1                                          %1 = nn.clamp %0 {layer = "relu1"}
//                                                      %2 = nn.observe %1 {layer = "conv1"}
//                                                      return %2
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Observers.h"
#include "quantization/Calibrate/Passes.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;

namespace quantization {
#define GEN_PASS_DEF_INSERTOBSERVERS
#include "quantization/Calibrate/Passes.h.inc"

namespace {
struct InsertObservers : impl::InsertObserversBase<InsertObservers> {
  void runOnOperation() override;
  void visit(Value value);

  UniqueNames names;
};
} // namespace

static bool isQuantizable(Operation *op) { return isa_and_nonnull<nn::QuantizableOpInterface>(op); }

/// Whether an observer on the value should feed `use`.
static bool wantsObserver(OpOperand &use, bool isConstant) {
  // The readers of a constant that is also somebody's weights keep it as it is, as do layers that stay float.
  return !isConstant || (isQuantizable(use.getOwner()) && !isTrainedOperand(use));
}

void InsertObservers::visit(Value value) {
  Operation *producer = value.getDefiningOp();
  if (!nn::isF32(value) || isa_and_nonnull<nn::ObserveOp>(producer) ||
      llvm::any_of(value.getUsers(), llvm::IsaPred<nn::ObserveOp>))
    return;
  if (!isQuantizable(producer) && llvm::none_of(value.getUsers(), isQuantizable))
    return;
  if (followerOf(producer))
    return;
  bool isConstant = isa_and_nonnull<nn::ConstantOp>(producer);
  SmallVector<OpOperand *> uses;
  for (OpOperand &use : value.getUses())
    if (wantsObserver(use, isConstant))
      uses.push_back(&use);
  if (uses.empty())
    return;

  Operation *anchor = anchorOf(value);
  std::string name = names.fresh(anchor ? nn::layerOf(anchor).str() : nn::layerOf(value));
  OpBuilder builder(&getContext());
  builder.setInsertionPointAfterValue(value);
  auto observe = nn::ObserveOp::create(builder, producer ? producer->getLoc() : value.getLoc(), value.getType(), value,
                                       builder.getStringAttr(name), nn::StatisticsAttr(), nn::PrecisionAttr());
  for (OpOperand *use : uses)
    use->set(observe.getResult());
  ++numObservers;
}

void InsertObservers::runOnOperation() {
  ModuleOp module = getOperation();
  if (nn::isQuantized(module)) // by the file
    return;
  names = UniqueNames();
  SmallVector<Value> values;
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto observe = dyn_cast<nn::ObserveOp>(op))
      names.insert(observe.getLayer());
    if (auto function = dyn_cast<FunctionOpInterface>(op); function && !function.isExternal())
      for (BlockArgument argument : llvm::reverse(function.getArguments())) // each goes to the front
        values.push_back(argument);
    llvm::append_range(values, op->getResults());
  });
  for (Value value : values)
    visit(value);
}

} // namespace quantization

//===- ChooseLayout.cpp - the memory order of every value -------*- C++ -*-===//
//
// This file stores the values of layers over channels and space with the channels last and lets the layers between follow:
//
//   %0 = nn.conv %x, %w : (tensor<1x3x9x9x!a>, tensor<8x3x3x3x!w>) -> tensor<1x8x7x7xi32>
//     ==>
//   %l = fixed.relayout %x : (tensor<1x3x9x9x!a>) -> tensor<1x3x9x9x!a, #nhwc>
//   %0 = nn.conv %l, %w : (tensor<1x3x9x9x!a, #nhwc>, tensor<8x3x3x3x!w, #hwio>) -> tensor<1x8x7x7xi32, #nhwc>
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Tile/Passes.h"

namespace quantization {
#define GEN_PASS_DEF_CHOOSELAYOUT
#include "quantization/Tile/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

using Order = SmallVector<int64_t>;

Order rowMajor(int64_t rank) { return llvm::to_vector(llvm::seq<int64_t>(0, rank)); }

/// [N, C, spatial...] with C innermost.
Order channelsLast(int64_t rank) {
  Order order = rowMajor(rank);
  if (rank > 2) {
    order.erase(order.begin() + 1);
    order.push_back(1);
  }
  return order;
}

/// [O, I, kernel...] as kernel..., I, O.
Order kernelOrder(int64_t rank) {
  Order order;
  for (int64_t d = 2; d < rank; ++d)
    order.push_back(d);
  order.append({1, 0});
  return order;
}

Order orderOf(Value value) { return fixed::orderOf(cast<RankedTensorType>(value.getType())); }
int64_t rankOf(Value value) { return cast<RankedTensorType>(value.getType()).getRank(); }

struct ChooseLayoutPass : quantization::impl::ChooseLayoutBase<ChooseLayoutPass> {
  void runOnOperation() override {
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      relayouts.clear();
      for (Operation &op : llvm::make_early_inc_range(function.getBody().front()))
        visit(&op);
    }
  }

private:
  DenseMap<std::pair<Value, Attribute>, Value> relayouts;

  void visit(Operation *op) {
    if (isa<func::ReturnOp>(op)) {
      for (OpOperand &operand : op->getOpOperands())
        want(operand, rowMajor(rankOf(operand.get())));
      return;
    }
    if (!isa_and_nonnull<nn::NNDialect, fixed::FixedDialect>(op->getDialect()) || op->getNumResults() != 1 ||
        op->getNumOperands() == 0)
      return;
    Value result = op->getResult(0);
    Order order = rowMajor(rankOf(result));
    if (op->hasTrait<nn::ChannelsLast>()) {
      order = channelsLast(rankOf(result));
      auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
      for (OpOperand &operand : op->getOpOperands()) {
        bool weights = layer && layer.getWeightsIndex() == static_cast<int64_t>(operand.getOperandNumber());
        int64_t rank = rankOf(operand.get());
        want(operand, weights ? kernelOrder(rank) : channelsLast(rank));
      }
    } else if (op->hasTrait<nn::RowMajor>()) {
      for (OpOperand &operand : op->getOpOperands())
        want(operand, rowMajor(rankOf(operand.get())));
    } else if (auto transpose = dyn_cast<nn::TransposeOp>(op)) {
      // The values stay where they are; only their names change.
      for (auto [position, d] : llvm::enumerate(orderOf(transpose.getInput())))
        order[position] = std::distance(transpose.getPermutation().begin(), llvm::find(transpose.getPermutation(), d));
    } else {
      // Follows its first operand that is computed; the others come along.
      auto leads = [&](Value v) { return rankOf(v) == rankOf(result) && !v.getDefiningOp<nn::ConstantOp>(); };
      for (Value operand : op->getOperands())
        if (leads(operand)) {
          order = orderOf(operand);
          break;
        }
      for (OpOperand &operand : op->getOpOperands())
        if (rankOf(operand.get()) == rankOf(result))
          want(operand, order);
    }
    result.setType(fixed::withOrder(cast<RankedTensorType>(result.getType()), order));
  }

  /// Makes the operand come in `order`: constants are stored so, other values moved, once.
  void want(OpOperand &operand, const Order &order) {
    Value value = operand.get();
    auto type = fixed::withOrder(cast<RankedTensorType>(value.getType()), order);
    if (type == value.getType())
      return;
    auto constant = value.getDefiningOp<nn::ConstantOp>();
    if (constant && value.hasOneUse()) {
      value.setType(type);
      return;
    }
    Value &moved = relayouts[{value, type.getEncoding()}];
    if (!moved) {
      OpBuilder builder(operand.getOwner());
      builder.setInsertionPointAfterValue(value);
      if (constant) {
        moved = nn::ConstantOp::create(builder, value.getLoc(), type, constant.getValue(), constant.getLayerAttr(), nullptr);
      } else {
        moved = fixed::RelayoutOp::create(builder, value.getLoc(), type, value, nn::layerOf(value));
        ++numRelayouts;
      }
    }
    operand.set(moved);
  }
};

} // namespace

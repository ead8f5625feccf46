//===- CompleteQuantization.cpp - what files leave implicit -----*- C++ -*-===//
//
// This file completes the quantization that a file brings, so that it is written down as ours is: each value that integers can
// hold is quantized where it is made, weights and biases are codes of an integer layer, and a layer whose result stays f32 says
// so. Nothing that the network computes changes, but for the rounding of biases.
//
//   %x = nn.dequantize %qx : !a8                           %x = nn.dequantize %qx : !a8
//   %0 = nn.conv %x, %w                                    %0 = nn.conv %x, %w
//                                                          %1 = nn.quantize %0 : !b8
//                                                          %2 = nn.dequantize %1
//   %3 = nn.max_pool %0                             ==>    %3 = nn.max_pool %2
//   %q = nn.quantize %3 : !b8                              %q = nn.quantize %3 : !b8
//
//===----------------------------------------------------------------------===//

#include "EncodeLayers.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Dialect/NN/EncodedConstants.h"
#include "quantization/Format/QuantTypes.h"
#include "quantization/Quantize/Passes.h"

using namespace mlir;

namespace quantization {
#define GEN_PASS_DEF_COMPLETEQUANTIZATION
#include "quantization/Quantize/Passes.h.inc"

namespace {
struct CompleteQuantization : impl::CompleteQuantizationBase<CompleteQuantization> {
  void runOnOperation() override;

private:
  void sinkDequantize(nn::QuantizableOpInterface move);
  void hoistQuantize(Value value, quant::QuantizedType type);
  void insertPair(OpOperand &operand, quant::QuantizedType type);
  void mergeQuantizes(nn::QuantizeOp quantize);
  void separateReaders(nn::QuantizableOpInterface layer);
  void expressConstants(Operation *reader);
  void markExact(nn::QuantizableOpInterface layer);
  void nameValues();

  template <typename Op> SmallVector<Op> collect() {
    SmallVector<Op> ops;
    getOperation().walk([&](Op op) { ops.push_back(op); });
    return ops;
  }
  UniqueNames names;
};
} // namespace

/// The type of the codes that `value` stands for; null where it is no dequantized value with one scale.
static quant::QuantizedType typeBehind(Value value) {
  auto dequantize = value.getDefiningOp<nn::DequantizeOp>();
  auto type = dequantize ? quantizedElement(dequantize.getInput()) : quant::QuantizedType();
  return type && channelAxisOf(type) < 0 && type.getStorageTypeIntegralWidth() <= 16 ? type : quant::QuantizedType();
}

static bool feedsOnlyQuantizes(Value value) { return llvm::all_of(value.getUsers(), llvm::IsaPred<nn::QuantizeOp>); }

static std::pair<nn::QuantizeOp, nn::DequantizeOp> makePair(OpBuilder &builder, Value value, quant::QuantizedType type) {
  StringAttr layer = builder.getStringAttr(nn::layerOf(value));
  auto rounding = nn::RoundingModeAttr::get(builder.getContext(), nn::RoundingMode::HalfEven);
  auto quantize = nn::QuantizeOp::create(builder, value.getLoc(), nn::withElementType(value, type), value, rounding, layer);
  return {quantize, nn::DequantizeOp::create(builder, value.getLoc(), value.getType(), quantize, layer)};
}

/// Codes of one grid that a layer moves stay on that grid.
void CompleteQuantization::sinkDequantize(nn::QuantizableOpInterface move) {
  Value result = move->getResult(0);
  auto type = typeBehind(move->getOperand(0));
  if (!type || !llvm::all_of(move->getOperands(), [&](Value v) { return typeBehind(v) == type; }) || feedsOnlyQuantizes(result))
    return;
  if (auto pad = dyn_cast<nn::PadOp>(move.getOperation())) { // what is not moved must lie on the grid
    Grid grid = gridOf(type);
    float value = pad.getValue().convertToFloat();
    if (dequantize(quantize(value, grid), grid) != value)
      return;
  }
  OpBuilder builder(&getContext());
  builder.setInsertionPointAfter(move);
  auto [codes, expressed] = makePair(builder, result, type);
  result.replaceAllUsesExcept(expressed, codes);
  ++numPairs;
}

void CompleteQuantization::insertPair(OpOperand &operand, quant::QuantizedType type) {
  OpBuilder builder(operand.getOwner());
  operand.set(makePair(builder, operand.get(), type).second);
  ++numPairs;
}

/// The layer that makes `value` for one reader only, or null.
static nn::QuantizableOpInterface soleProducer(Value value) {
  return value.hasOneUse() ? value.getDefiningOp<nn::QuantizableOpInterface>() : nn::QuantizableOpInterface();
}

static bool endsInMove(Value value) {
  auto layer = soleProducer(value);
  return layer && (layer.keepsFormat() || (layer.getClampRange() && endsInMove(layer->getOperand(0))));
}

/// Quantizing commutes with moving values, and with clamping them: `value`, which is quantized to `type`, can be moved as codes.
void CompleteQuantization::hoistQuantize(Value value, quant::QuantizedType type) {
  auto layer = soleProducer(value);
  bool clampsMoved = layer && layer.getClampRange() && endsInMove(layer->getOperand(0));
  if (!layer || (!layer.keepsFormat() && !clampsMoved))
    return;
  for (OpOperand &operand : layer->getOpOperands()) {
    if (operand.get().getDefiningOp<nn::DequantizeOp>())
      continue;
    hoistQuantize(operand.get(), type);
    insertPair(operand, type);
  }
}

/// One quantize serves all readers of a grid.
void CompleteQuantization::mergeQuantizes(nn::QuantizeOp quantize) {
  for (Operation *user : quantize.getInput().getUsers()) {
    auto other = dyn_cast<nn::QuantizeOp>(user);
    bool isSame = other && other != quantize && other.getType() == quantize.getType() && other.getRounding() == quantize.getRounding();
    if (!isSame || !other->isBeforeInBlock(quantize))
      continue;
    quantize.getResult().replaceAllUsesWith(other.getResult());
    quantize.erase();
    return;
  }
}

/// A clamp or a function becomes part of the quantize behind it; others that read it get a copy.
void CompleteQuantization::separateReaders(nn::QuantizableOpInterface layer) {
  if (!layer.getClampRange() && !layer.evaluate(0.0))
    return;
  SmallVector<nn::QuantizeOp> readers;
  for (Operation *user : layer->getResult(0).getUsers())
    if (auto quantize = dyn_cast<nn::QuantizeOp>(user))
      readers.push_back(quantize);
  llvm::sort(readers, [](nn::QuantizeOp a, nn::QuantizeOp b) { return a->isBeforeInBlock(b); });
  for (nn::QuantizeOp reader : readers) {
    if (layer->hasOneUse())
      return;
    OpBuilder builder(reader);
    Operation *copy = builder.clone(*layer);
    copy->setAttr("layer", builder.getStringAttr(names.fresh(nn::layerOf(layer))));
    reader->setOperand(0, copy->getResult(0));
  }
}

/// A layer that stays in f32 reads constants in f32.
void CompleteQuantization::expressConstants(Operation *reader) {
  auto layer = dyn_cast<nn::QuantizableOpInterface>(reader);
  auto isCode = [](Value value) { return value.getDefiningOp<nn::DequantizeOp>() != nullptr; };
  bool isIntegral = layer && !reader->hasAttr("nn.why_float") && llvm::all_of(reader->getOperands(), isCode);
  if (isIntegral || isa<nn::QuantizeOp, nn::DequantizeOp>(reader))
    return;
  for (OpOperand &operand : reader->getOpOperands()) {
    auto constant = encodedConstant(operand.get());
    if (!constant)
      continue;
    Operation *dequantize = operand.get().getDefiningOp();
    bool isLast = dequantize->hasOneUse() && constant->hasOneUse(); // then the name is free
    OpBuilder builder(reader);
    auto type = cast<RankedTensorType>(operand.get().getType());
    StringAttr name = builder.getStringAttr(isLast ? constant.getLayer().str() : names.fresh(constant.getLayer().str() + "_f32"));
    operand.set(nn::ConstantOp::create(builder, constant.getLoc(), type, makeConstant(type, ArrayRef<float>(readExpressed(constant))),
                                       name, nullptr));
    if (dequantize->use_empty())
      dequantize->erase();
    if (constant->use_empty())
      constant.erase();
  }
}

/// A layer of codes whose result is not quantized right behind it gives its accumulator (R26).
void CompleteQuantization::markExact(nn::QuantizableOpInterface layer) {
  if (layer.keepsFormat() || layer.getClampRange() || layer.evaluate(0.0) || layer->hasAttr("nn.why_float") || layer->use_empty())
    return;
  for (Value operand : layer->getOperands())
    if (!operand.getDefiningOp<nn::DequantizeOp>())
      return;
  Value value = layer->getResult(0);
  while (value.hasOneUse()) {
    Operation *user = *value.user_begin();
    if (isa<nn::QuantizeOp>(user))
      return;
    auto next = dyn_cast<nn::QuantizableOpInterface>(user);
    if (!next || !next.getClampRange())
      break;
    value = user->getResult(0);
  }
  layer->setAttr("nn.exact", UnitAttr::get(&getContext()));
  ++numExact;
}

/// Codes are called after the layer that makes them.
void CompleteQuantization::nameValues() {
  UniqueNames taken;
  for (nn::QuantizeOp quantize : collect<nn::QuantizeOp>()) {
    Value value = quantize.getInput();
    Operation *anchor = anchorOf(value);
    std::string name = taken.fresh(anchor ? nn::layerOf(anchor).str() : nn::layerOf(value));
    quantize.setLayer(name);
    for (Operation *user : quantize->getUsers())
      if (auto dequantize = dyn_cast<nn::DequantizeOp>(user))
        dequantize.setLayer(name);
  }
}

void CompleteQuantization::runOnOperation() {
  ModuleOp module = getOperation();
  if (!nn::isQuantized(module))
    return;
  names = UniqueNames(module);
  for (auto layer : collect<nn::QuantizableOpInterface>())
    if (layer.keepsFormat())
      sinkDequantize(layer);
  for (nn::QuantizeOp quantize : collect<nn::QuantizeOp>())
    mergeQuantizes(quantize);
  for (nn::QuantizeOp quantize : collect<nn::QuantizeOp>())
    hoistQuantize(quantize.getInput(), quantizedElement(quantize.getResult()));
  for (nn::QuantizeOp quantize : collect<nn::QuantizeOp>()) // those that have met on their way
    mergeQuantizes(quantize);
  bool valid = true;
  for (auto layer : collect<nn::QuantizableOpInterface>()) {
    separateReaders(layer);
    valid &= succeeded(encodeLayer(layer, names));
  }
  if (!valid)
    return signalPassFailure();
  for (Operation *op : collect<Operation *>())
    expressConstants(op);
  for (auto layer : collect<nn::QuantizableOpInterface>())
    markExact(layer);
  nameValues();
}

} // namespace quantization

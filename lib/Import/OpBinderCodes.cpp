//===- OpBinderCodes.cpp - nodes that work on codes -------------*- C++ -*-===//
//
// This file lets the definitions of operators see codes as what they stand for: operands are dequantized, results quantized again.
//
//===----------------------------------------------------------------------===//

#include "OpBinder.h"
#include "quantization/Dialect/NN/EncodedConstants.h"
#include "quantization/Format/QuantTypes.h"

using namespace mlir;
using namespace quantization;

Value OpBinder::rawInput(unsigned i) {
  if (i >= numOperands() || isa<NoneType>(node.getInputs()[i].getType()))
    return {};
  return node.getInputs()[i];
}

Value OpBinder::optionalInput(unsigned i) {
  Value value = rawInput(i);
  auto type = value ? quantizedElement(value) : quant::QuantizedType();
  if (!type)
    return value;
  if (codes && codes != type && !reported)
    (void)fail("its operands are codes of different scales or zero points");
  codes = type;
  Value &expressed = dequantized[i];
  if (!expressed)
    expressed = dequantize(value);
  return expressed;
}

Value OpBinder::quantize(Value value, quant::QuantizedType type) {
  if (!value)
    return {};
  if (auto dequantize = value.getDefiningOp<nn::DequantizeOp>(); dequantize && quantizedElement(dequantize.getInput()) == type)
    return dequantize.getInput();
  if (!nn::isF32(value)) {
    (void)fail("it quantizes what is no float");
    return {};
  }
  auto rounding = nn::RoundingModeAttr::get(builder.getContext(), nn::RoundingMode::HalfEven);
  auto op = nn::QuantizeOp::create(builder, node.getLoc(), nn::withElementType(value, type), value, rounding, node.getLayerAttr());
  made.push_back(op);
  return op.getResult();
}

Value OpBinder::dequantize(Value value) {
  auto op = nn::DequantizeOp::create(builder, node.getLoc(), nn::withElementType(value, builder.getF32Type()), value, node.getLayerAttr());
  return op.getResult();
}

Value OpBinder::encoded(quant::QuantizedType type, Shape shape, ArrayRef<int64_t> values, Value like) {
  StringRef name = like ? nn::layerOf(like.getDefiningOp()) : node.getLayer();
  return makeEncoded(builder, node.getLoc(), shape, type, values, name);
}

/// A result of a node that works on codes.
Value OpBinder::codesAgain(Value value) {
  for (Operation *op : made) {
    auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
    if ((layer && layer.keepsFormat()) || isa<nn::QuantizeOp>(op))
      continue;
    if (!reported)
      (void)fail("it computes on codes between QuantizeLinear and DequantizeLinear, where only layers that move values are supported");
    return {};
  }
  return quantize(value, codes);
}

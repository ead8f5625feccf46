//===- EncodedConstants.cpp - constants on grids ----------------*- C++ -*-===//
//
// This file makes and reads constants of quantized type.
//
//===----------------------------------------------------------------------===//

#include "quantization/Dialect/NN/EncodedConstants.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Format/QuantTypes.h"

using namespace mlir;
using namespace quantization;

ChannelIndex::ChannelIndex(ArrayRef<int64_t> shape, int64_t axis) {
  if (axis < 0)
    return;
  channels = shape[axis];
  for (int64_t d : shape.drop_front(axis + 1))
    inner *= d;
}

nn::ConstantOp quantization::encodedConstant(Value value) {
  auto dequantize = value.getDefiningOp<nn::DequantizeOp>();
  return dequantize ? dequantize.getInput().getDefiningOp<nn::ConstantOp>() : nn::ConstantOp();
}

std::vector<int64_t> quantization::readCentered(nn::ConstantOp constant) {
  auto type = quantizedElement(constant.getResult());
  std::vector<int64_t> codes = readCodes(constant.getValue(), type);
  for (int64_t &code : codes)
    code -= zeroPointOf(type);
  return codes;
}

std::vector<float> quantization::readExpressed(nn::ConstantOp constant) {
  auto type = quantizedElement(constant.getResult());
  std::vector<int64_t> codes = readCodes(constant.getValue(), type);
  ChannelIndex channelOf(nn::shapeOf(constant.getResult()), channelAxisOf(type));
  SmallVector<Grid> grids;
  for (int64_t c = 0; c < channelOf.channels; ++c)
    grids.push_back(gridOf(type, c));
  std::vector<float> values(codes.size());
  for (auto [i, code] : llvm::enumerate(codes))
    values[i] = dequantize(code, grids[channelOf(i)]);
  return values;
}

quant::QuantizedType quantization::typeAroundZero(MLIRContext *context, ArrayRef<int64_t> codes, ArrayRef<double> scales, int64_t axis,
                                                 unsigned width) {
  int64_t least = 0, most = 0;
  for (int64_t code : codes) {
    least = std::min(least, code);
    most = std::max(most, code);
  }
  width = std::max(width, 8u);
  while (width < 32 && (least < -(int64_t(1) << (width - 1)) || most >= int64_t(1) << (width - 1)))
    width *= 2;
  int64_t high = (int64_t(1) << (width - 1)) - 1, low = least < -high || width == 32 ? -high - 1 : -high;
  auto storage = IntegerType::get(context, width);
  auto expressed = Float32Type::get(context);
  if (axis < 0)
    return quant::UniformQuantizedType::get(quant::QuantizationFlags::Signed, storage, expressed, scales[0], 0, low, high);
  SmallVector<int64_t> zeros(scales.size(), 0);
  return quant::UniformQuantizedPerAxisType::get(quant::QuantizationFlags::Signed, storage, expressed, scales, zeros, axis, low, high);
}

Value quantization::makeEncoded(OpBuilder &builder, Location loc, ArrayRef<int64_t> shape, quant::QuantizedType type,
                                ArrayRef<int64_t> codes, StringRef name) {
  auto stored = RankedTensorType::get(shape, storageOf(type));
  StringAttr layer = builder.getStringAttr(name);
  auto constant = nn::ConstantOp::create(builder, loc, RankedTensorType::get(shape, type),
                                         makeConstant(stored, ArrayRef<char>(toStorage(type, codes))), layer, nn::PrecisionAttr());
  return nn::DequantizeOp::create(builder, loc, RankedTensorType::get(shape, builder.getF32Type()), constant.getResult(), layer);
}

//===- OnnxExportFormats.cpp - number formats in ONNX -----------*- C++ -*-===//
//
// This file writes constants, QuantizeLinear and DequantizeLinear, and says which number formats ONNX cannot express.
//
//===----------------------------------------------------------------------===//

#include "OnnxWriter.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Format/QuantTypes.h"
#include <cstring>

using namespace mlir;
using namespace quantization;
using llvm::Error;
using onnx::TensorProto;

namespace {

std::string text(Type type) {
  std::string result;
  llvm::raw_string_ostream(result) << type;
  return result;
}

/// The ONNX type that holds the codes of `type`.
llvm::Expected<int32_t> storageType(OnnxWriter &writer, Operation *op, quant::QuantizedType type) {
  if (!isa<quant::UniformQuantizedType, quant::UniformQuantizedPerAxisType>(type))
    return onnxError(op, "ONNX has no form for values of type " + text(type));
  unsigned width = storageOf(type).getWidth();
  if (width == 32 && (!type.isSigned() || zeroPointOf(type) != 0))
    return onnxError(op, "ONNX has 32-bit codes only signed and with zero point 0, not as " + text(type));
  int64_t lowest = type.isSigned() ? -(int64_t(1) << (width - 1)) : 0;
  int64_t highest = lowest + (int64_t(1) << width) - 1;
  if (zeroPointOf(type) < lowest || zeroPointOf(type) > highest)
    return onnxError(op, "the zero point of " + text(type) + " is no code of its type");
  if (width == 16)
    writer.requireOpset(21);
  if (width == 32)
    return TensorProto::INT32;
  if (width == 16)
    return type.isSigned() ? TensorProto::INT16 : TensorProto::UINT16;
  return type.isSigned() ? TensorProto::INT8 : TensorProto::UINT8;
}

/// QuantizeLinear saturates to all codes of an 8- or 16-bit type and rounds half to even.
Error checkQuantize(nn::QuantizeOp op) {
  auto type = quantizedElement(op.getResult());
  unsigned width = type.getStorageTypeIntegralWidth();
  int64_t lowest = type.isSigned() ? -(int64_t(1) << (width - 1)) : 0;
  bool full = type.getStorageTypeMin() == lowest && type.getStorageTypeMax() == lowest + (int64_t(1) << width) - 1;
  if ((width != 8 && width != 16) || !full)
    return onnxError(op, "QuantizeLinear saturates to all codes of an 8- or 16-bit type, which " + text(type) +
                             " does not; give its activations such a format");
  if (op.getRounding() != nn::RoundingMode::HalfEven)
    return onnxError(op, "QuantizeLinear rounds half_even, not " + nn::stringifyRoundingMode(op.getRounding()) +
                             "; give its activations that rounding");
  return Error::success();
}

/// Writes the scale and zero point of a quantized value. i32 codes have no zero point in ONNX.
Error addParameters(OnnxWriter &writer, Operation *op, Value quantized) {
  auto type = quantizedElement(quantized);
  llvm::Expected<int32_t> storage = storageType(writer, op, type);
  if (!storage)
    return storage.takeError();
  std::vector<float> scales;
  for (double scale : scalesOf(type))
    scales.push_back(static_cast<float>(scale));
  SmallVector<int64_t, 1> shape;
  if (channelAxisOf(type) >= 0)
    shape.push_back(scales.size());
  std::string layer = nn::layerOf(op).str(), zeroPoint;
  std::string scale = writer.addInitializer<float>(layer + "_scale", TensorProto::FLOAT, shape, scales);
  if (*storage != TensorProto::INT32) {
    size_t width = storageOf(type).getWidth() / 8;
    uint64_t code = zeroPointOf(type);
    std::vector<char> bytes(scales.size() * width);
    for (size_t i = 0; i < scales.size(); ++i)
      std::memcpy(&bytes[i * width], &code, width); // little-endian
    zeroPoint = writer.addInitializer<char>(layer + "_zero_point", *storage, shape, bytes);
  }
  writer.parameters[quantized] = {scale, zeroPoint};
  return Error::success();
}

/// The QuantizeLinear or DequantizeLinear between `op`'s operand and result, one of which is `quantized`.
void addLinear(OnnxWriter &writer, Operation *op, Value quantized, const char *type, const char *suffix) {
  const auto &[scale, zeroPoint] = writer.parameters[quantized];
  std::vector<std::string> inputs = {writer.nameOf(op->getOperand(0)), scale};
  if (!zeroPoint.empty())
    inputs.push_back(zeroPoint);
  onnx::NodeProto &node = writer.addNode(type, writer.nodeName(nn::layerOf(op).str() + suffix), inputs,
                                         writer.nameOf(op->getResult(0)));
  if (int64_t axis = channelAxisOf(quantizedElement(quantized)); axis >= 0)
    addAttribute(node, "axis", axis);
}

} // namespace

Error quantization::writeQuantize(OnnxWriter &writer, nn::QuantizeOp op) {
  if (Error error = checkQuantize(op))
    return error;
  if (Error error = addParameters(writer, op, op.getResult()))
    return error;
  addLinear(writer, op, op.getResult(), "QuantizeLinear", "_quantize");
  return Error::success();
}

Error quantization::writeDequantize(OnnxWriter &writer, nn::DequantizeOp op) {
  addLinear(writer, op, op.getInput(), "DequantizeLinear", "_dequantize");
  return Error::success();
}

Error quantization::writeConstant(OnnxWriter &writer, nn::ConstantOp op) {
  int32_t storage = TensorProto::FLOAT;
  if (auto type = quantizedElement(op.getResult())) {
    if (Error error = addParameters(writer, op, op.getResult()))
      return error;
    storage = cantFail(storageType(writer, op, type));
  } else if (!nn::isF32(op.getResult())) {
    return onnxError(op, "a constant of type " + text(nn::elementTypeOf(op.getResult())) + " is neither f32 nor quantized");
  }
  writer.addTensor(writer.nameOf(op.getResult()), storage, nn::shapeOf(op.getResult()), readBytes(op.getValue()));
  return Error::success();
}

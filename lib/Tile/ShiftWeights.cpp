//===- ShiftWeights.cpp - multiplications as shifts -------------*- C++ -*-===//
//
// This file multiplies by a power of two without a multiplication:
//
//   x * w   ==>   (((x << exponent) & mask) ^ sign) - sign      // mask, sign: 0 or -1
//
// Where no weight is 0 there is no mask, and where all are +1 or -1 there is no shift.
//
//===----------------------------------------------------------------------===//

#include "ShiftWeights.h"
#include "Lowering.h"

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

static constexpr int8_t kExponent = 31, kIsNotZero = 64, kNegative = -128;

std::optional<ShiftWeights> ShiftWeights::of(Value weights, std::string &reason) {
  ElementsAttr constant = constantBehind(weights);
  auto quantized = quantizedElement(weights);
  if (!constant || !quantized) {
    reason = constant ? "its weights are no integers" : "its weights are computed";
    return std::nullopt;
  }
  ShiftWeights result;
  result.type = cast<RankedTensorType>(weights.getType());
  std::vector<int64_t> values = readCodes(constant, quantized);
  if (zeroPointOf(quantized) != 0 || llvm::any_of(values, [](int64_t value) { return value && !llvm::isPowerOf2_64(std::abs(value)); })) {
    reason = "its weights are not all powers of two; give it weights such as pow24 or binary";
    return std::nullopt;
  }
  result.isSign = llvm::all_of(values, [](int64_t value) { return std::abs(value) == 1; });
  for (int64_t value : values) {
    int64_t code = value < 0 ? kNegative : 0;
    if (result.isSign)
      code = value < 0 ? -1 : 0;
    else if (value)
      code |= kIsNotZero | llvm::Log2_64(std::abs(value));
    result.hasZeros |= value == 0;
    result.codes.push_back(static_cast<int8_t>(code));
  }
  return result;
}

Value ShiftWeights::tensor(OpBuilder &builder, Location loc) const {
  auto bytes = RankedTensorType::get(type.getShape(), builder.getI8Type(), type.getEncoding());
  ArrayRef<char> plain(reinterpret_cast<const char *>(codes.data()), codes.size());
  return constantTensor(builder, loc, physicalType(bytes), toMemoryOrder(bytes, plain));
}

Value ShiftWeights::multiply(OpBuilder &builder, Location loc, Value value, Value code) const {
  Type type = value.getType();
  auto constant = [&](int64_t number) { return constantInt(builder, loc, type, number); };
  int64_t width = type.getIntOrFloatBitWidth();
  code = arith::ExtSIOp::create(builder, loc, type, code);
  Value sign = code;
  if (!isSign) {
    sign = arith::ShRSIOp::create(builder, loc, code, constant(7));
    value = arith::ShLIOp::create(builder, loc, value, arith::AndIOp::create(builder, loc, code, constant(kExponent)));
  }
  if (hasZeros) {
    Value mask = arith::ShLIOp::create(builder, loc, code, constant(width - 7));
    mask = arith::ShRSIOp::create(builder, loc, mask, constant(width - 1));
    value = arith::AndIOp::create(builder, loc, value, mask);
  }
  value = arith::XOrIOp::create(builder, loc, value, sign);
  return arith::SubIOp::create(builder, loc, value, sign);
}

//===- Narrow.cpp - results packed into bytes -------------------*- C++ -*-===//
//
// This file packs four vectors of i32 into one of bytes by instructions that saturate: one and a quarter a vector, and no clamp, where a
// conversion of each vector alone takes two and one or two more for its clamp.
//
//===----------------------------------------------------------------------===//

#include "Narrow.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "quantization/Dialect/Fixed/Fixed.h"

using namespace mlir;
using namespace quantization;

namespace {
struct Bounds {
  int64_t low, high;
  bool within(int64_t least, int64_t most) const { return low >= least && high <= most; }
};
} // namespace

static Bounds rangeOf(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return {constant.getSExtValue(), constant.getSExtValue()};
  if (auto op = value.getDefiningOp<fixed::RequantizeOp>())
    return {op.getClamp()[0], op.getClamp()[1]};
  if (auto op = value.getDefiningOp<arith::AddIOp>()) {
    Bounds a = rangeOf(op.getLhs()), b = rangeOf(op.getRhs());
    Bounds sum{a.low + b.low, a.high + b.high};
    if (sum.within(INT32_MIN, INT32_MAX))
      return sum;
  }
  if (auto op = value.getDefiningOp<arith::MaxSIOp>()) {
    Bounds a = rangeOf(op.getLhs()), b = rangeOf(op.getRhs());
    return {std::max(a.low, b.low), std::max(a.high, b.high)};
  }
  if (auto op = value.getDefiningOp<arith::MinSIOp>()) {
    Bounds a = rangeOf(op.getLhs()), b = rangeOf(op.getRhs());
    return {std::min(a.low, b.low), std::min(a.high, b.high)};
  }
  return {INT32_MIN, INT32_MAX};
}

std::optional<Narrowing> quantization::narrowingOf(Block &body) {
  auto narrow = body.getTerminator()->getOperand(0).getDefiningOp<arith::TruncIOp>();
  if (!narrow || !narrow.getType().isInteger(8) || !narrow.getIn().getType().isInteger(32))
    return std::nullopt;
  Bounds range = rangeOf(narrow.getIn());
  bool isSigned = !range.within(0, UINT8_MAX);
  if (isSigned && !range.within(INT8_MIN, INT8_MAX))
    return std::nullopt;
  Bounds full = isSigned ? Bounds{INT8_MIN, INT8_MAX} : Bounds{0, UINT8_MAX};
  Value clamped = narrow.getIn();
  APInt zero;
  if (auto sum = clamped.getDefiningOp<arith::AddIOp>(); sum && matchPattern(sum.getRhs(), m_ConstantInt(&zero)))
    clamped = sum.getLhs();
  auto requantize = clamped.getDefiningOp<fixed::RequantizeOp>();
  bool saturates = requantize && range.low == full.low && range.high == full.high && requantize.getLargest() < (1 << 30);
  return Narrowing{narrow.getIn(), isSigned, saturates};
}

void quantization::leaveClampToSaturation(Value vector) {
  if (auto sum = vector.getDefiningOp<arith::AddIOp>())
    vector = sum.getLhs();
  if (auto requantize = vector.getDefiningOp<fixed::RequantizeOp>())
    requantize.setClamp({INT32_MIN, INT32_MAX});
}

static Value callIntrinsic(OpBuilder &builder, Location loc, StringRef name, Type result, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(builder, loc, result, builder.getStringAttr(name), operands).getResult(0);
}

Value quantization::packBytes(OpBuilder &builder, Location loc, ArrayRef<Value> four, bool isSigned) {
  int64_t lanes = cast<VectorType>(four[0].getType()).getNumElements();
  bool wide = lanes == 16;
  auto halves = VectorType::get({2 * lanes}, builder.getI16Type()), bytes = VectorType::get({4 * lanes}, builder.getI8Type());
  StringRef toHalves = wide ? "llvm.x86.avx512.packssdw.512" : "llvm.x86.avx2.packssdw";
  StringRef toBytes = wide ? (isSigned ? "llvm.x86.avx512.packsswb.512" : "llvm.x86.avx512.packuswb.512")
                           : (isSigned ? "llvm.x86.avx2.packsswb" : "llvm.x86.avx2.packuswb");
  Value low = callIntrinsic(builder, loc, toHalves, halves, {four[0], four[1]});
  Value high = callIntrinsic(builder, loc, toHalves, halves, {four[2], four[3]});
  Value packed = callIntrinsic(builder, loc, toBytes, bytes, {low, high});
  // Within each 128 bits lie four bytes of every vector.
  auto words = VectorType::get({lanes}, builder.getI32Type());
  SmallVector<int64_t> order;
  for (int64_t vector = 0; vector < 4; ++vector)
    for (int64_t part = 0; part < lanes / 4; ++part)
      order.push_back(part * 4 + vector);
  Value asWords = vector::BitCastOp::create(builder, loc, words, packed);
  return vector::BitCastOp::create(builder, loc, bytes, vector::ShuffleOp::create(builder, loc, asWords, asWords, order));
}

//===- Dots.cpp - the multiplying instructions of x86-64 --------*- C++ -*-===//
//
// This file emits them as LLVM intrinsics; no pattern of plain vector ops reaches vpdpbusd.
//
//===----------------------------------------------------------------------===//

#include "Dots.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace quantization;

static Value callIntrinsic(OpBuilder &builder, Location loc, StringRef name, Type result, ValueRange operands) {
  return LLVM::CallIntrinsicOp::create(builder, loc, result, builder.getStringAttr(name), operands).getResult(0);
}

/// Every `count` neighbours of `values` added up.
static Value sumOfNeighbours(OpBuilder &builder, Location loc, Value values, int64_t count) {
  Value sum;
  for (int64_t first = 0; first < count; ++first) {
    SmallVector<int64_t> every;
    for (int64_t at = first; at < cast<VectorType>(values.getType()).getNumElements(); at += count)
      every.push_back(at);
    Value part = vector::ShuffleOp::create(builder, loc, values, values, every);
    sum = sum ? Value(arith::AddIOp::create(builder, loc, sum, part)) : part;
  }
  return sum;
}

static Value widened(OpBuilder &builder, Location loc, Value values, bool isSigned) {
  auto wide = cast<VectorType>(values.getType()).clone(builder.getI32Type());
  return isSigned ? Value(arith::ExtSIOp::create(builder, loc, wide, values)) : Value(arith::ExtUIOp::create(builder, loc, wide, values));
}

/// `count` neighbouring products added up: what all these instructions mean.
static Value sumOfProducts(OpBuilder &builder, Location loc, const DotKernel &kernel, Value input, Value weights, int64_t count) {
  Value a = widened(builder, loc, input, /*isSigned=*/kernel.kind == DotKind::MultiplyAddPairs);
  Value products = arith::MulIOp::create(builder, loc, a, widened(builder, loc, weights, /*isSigned=*/true));
  return sumOfNeighbours(builder, loc, products, count);
}

/// vpmaddubsw: pairs of products of bytes, added up with saturation.
static Value sumsOfPairs(OpBuilder &builder, Location loc, const DotKernel &kernel, bool emulated, Value input, Value weights) {
  auto type = VectorType::get({2 * kernel.lanes}, builder.getI16Type());
  if (!emulated)
    return callIntrinsic(builder, loc, kernel.lanes == 16 ? "llvm.x86.avx512.pmaddubs.w.512" : "llvm.x86.avx2.pmadd.ub.sw", type,
                         {input, weights});
  Value sums = sumOfProducts(builder, loc, kernel, input, weights, 2);
  auto limit = [&](int32_t value) {
    return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(cast<ShapedType>(sums.getType()), value));
  };
  sums = arith::MinSIOp::create(builder, loc, sums, limit(INT16_MAX));
  sums = arith::MaxSIOp::create(builder, loc, sums, limit(INT16_MIN));
  return arith::TruncIOp::create(builder, loc, type, sums);
}

VectorType quantization::sumsOfStep(OpBuilder &builder, const DotKernel &kernel) {
  if (kernel.kind == DotKind::Fma)
    return VectorType::get({kernel.lanes}, builder.getF32Type());
  if (kernel.kind == DotKind::CountBits)
    return VectorType::get({4 * kernel.lanes}, builder.getI8Type());
  return kernel.chain > 1 ? VectorType::get({2 * kernel.lanes}, builder.getI16Type())
                          : VectorType::get({kernel.lanes}, builder.getI32Type());
}

/// `accumulator` less twice what each four neighbouring bytes of `counts` count together.
static Value subtractTwice(OpBuilder &builder, Location loc, const DotKernel &kernel, bool emulated, Value accumulator, Value counts) {
  auto splat = [&](VectorType type, int64_t value) -> Value {
    return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, builder.getIntegerAttr(type.getElementType(), value)));
  };
  if (emulated) {
    Value sum = sumOfNeighbours(builder, loc, widened(builder, loc, counts, /*isSigned=*/false), 4);
    return arith::SubIOp::create(builder, loc, accumulator, arith::AddIOp::create(builder, loc, sum, sum));
  }
  bool wide = kernel.lanes == 16;
  auto halves = VectorType::get({2 * kernel.lanes}, builder.getI16Type());
  Value pairs = callIntrinsic(builder, loc, wide ? "llvm.x86.avx512.pmaddubs.w.512" : "llvm.x86.avx2.pmadd.ub.sw", halves,
                              {counts, splat(cast<VectorType>(counts.getType()), -2)});
  Value quads = callIntrinsic(builder, loc, wide ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd", accumulator.getType(),
                              {pairs, splat(halves, 1)});
  return arith::AddIOp::create(builder, loc, accumulator, quads);
}

Value quantization::addSums(OpBuilder &builder, Location loc, const DotKernel &kernel, bool emulated, Value accumulator, Value sums) {
  Value pairs;
  if (kernel.kind == DotKind::CountBits)
    return subtractTwice(builder, loc, kernel, emulated, accumulator, sums);
  if (emulated) {
    pairs = sumOfNeighbours(builder, loc, widened(builder, loc, sums, /*isSigned=*/true), 2);
  } else {
    Value ones = arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(cast<ShapedType>(sums.getType()), int16_t(1)));
    pairs = callIntrinsic(builder, loc, kernel.lanes == 16 ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd",
                          accumulator.getType(), {sums, ones});
  }
  return arith::AddIOp::create(builder, loc, accumulator, pairs);
}

Value quantization::spreadCodes(OpBuilder &builder, Location loc, const DotKernel &kernel, Value buffer, ValueRange at) {
  Type element = cast<MemRefType>(buffer.getType()).getElementType(), word = builder.getI32Type();
  auto type = VectorType::get({kernel.lanes * kernel.codes}, element);
  if (kernel.codes == 1)
    return vector::BroadcastOp::create(builder, loc, type, memref::LoadOp::create(builder, loc, buffer, at));
  Value codes = vector::LoadOp::create(builder, loc, VectorType::get({kernel.codes}, element), buffer, at);
  Value one = vector::BitCastOp::create(builder, loc, VectorType::get({1}, word), codes);
  one = vector::ExtractOp::create(builder, loc, one, ArrayRef<int64_t>{0});
  Value all = vector::BroadcastOp::create(builder, loc, VectorType::get({kernel.lanes}, word), one);
  return vector::BitCastOp::create(builder, loc, type, all);
}

Bits quantization::loadBits(OpBuilder &builder, Location loc, const DotKernel &kernel, Value buffer, SmallVector<Value> at) {
  auto load = [&]() -> Value {
    Value word = memref::LoadOp::create(builder, loc, buffer, at);
    at.back() = arith::AddIOp::create(builder, loc, at.back(), arith::ConstantIndexOp::create(builder, loc, 1));
    return word;
  };
  auto spread = [&](Value word) -> Value {
    return vector::BroadcastOp::create(builder, loc, VectorType::get({kernel.lanes}, word.getType()), word);
  };
  Bits bits;
  bits.notZero = spread(load());
  if (kernel.hasNegativeWords())
    bits.negative = spread(load());
  bits.count = load();
  return bits;
}

Value quantization::countBits(OpBuilder &builder, Location loc, Value counts, const Bits &input, Value weights) {
  if (input.negative)
    weights = arith::XOrIOp::create(builder, loc, weights, input.negative);
  Value minus = arith::AndIOp::create(builder, loc, weights, input.notZero);
  Value bytes = vector::BitCastOp::create(builder, loc, counts.getType(), minus);
  return arith::AddIOp::create(builder, loc, counts, math::CtPopOp::create(builder, loc, bytes));
}

Value quantization::buildDot(OpBuilder &builder, Location loc, const DotKernel &kernel, bool emulated, Value accumulator, Value input,
                             Value weights) {
  bool wide = kernel.lanes == 16;
  if (kernel.kind == DotKind::Fma)
    return math::FmaOp::create(builder, loc, input, weights, accumulator);
  if (kernel.kind == DotKind::MultiplyAddBytes) {
    Value pairs = sumsOfPairs(builder, loc, kernel, emulated, input, weights);
    return kernel.chain > 1 ? Value(arith::AddIOp::create(builder, loc, accumulator, pairs))
                            : addSums(builder, loc, kernel, emulated, accumulator, pairs);
  }
  if (emulated)
    return arith::AddIOp::create(builder, loc, accumulator, sumOfProducts(builder, loc, kernel, input, weights, kernel.codes));
  if (kernel.kind == DotKind::DotBytes)
    return callIntrinsic(builder, loc, wide ? "llvm.x86.avx512.vpdpbusd.512" : "llvm.x86.avx512.vpdpbusd.256", accumulator.getType(),
                         {accumulator, input, weights});
  Value products = callIntrinsic(builder, loc, wide ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd", accumulator.getType(),
                                 {input, weights});
  return arith::AddIOp::create(builder, loc, accumulator, products);
}

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

/// Neighbouring products added up: what all these instructions mean.
static Value sumOfProducts(OpBuilder &builder, Location loc, const DotKernel &kernel, Value input, Value weights) {
  auto wide = VectorType::get({kernel.lanes * kernel.codes}, builder.getI32Type());
  Value a = kernel.kind == DotKind::MultiplyAddPairs ? Value(arith::ExtSIOp::create(builder, loc, wide, input))
                                                     : Value(arith::ExtUIOp::create(builder, loc, wide, input));
  Value products = arith::MulIOp::create(builder, loc, a, arith::ExtSIOp::create(builder, loc, wide, weights));
  Value sum;
  for (int64_t code = 0; code < kernel.codes; ++code) {
    SmallVector<int64_t> every;
    for (int64_t lane = 0; lane < kernel.lanes; ++lane)
      every.push_back(lane * kernel.codes + code);
    Value part = vector::ShuffleOp::create(builder, loc, products, products, every);
    sum = sum ? Value(arith::AddIOp::create(builder, loc, sum, part)) : part;
  }
  return sum;
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

Value quantization::buildDot(OpBuilder &builder, Location loc, const DotKernel &kernel, bool emulated, Value accumulator, Value input,
                             Value weights) {
  bool wide = kernel.lanes == 16;
  if (kernel.kind == DotKind::Fma)
    return math::FmaOp::create(builder, loc, input, weights, accumulator);
  if (emulated)
    return arith::AddIOp::create(builder, loc, accumulator, sumOfProducts(builder, loc, kernel, input, weights));
  if (kernel.kind == DotKind::DotBytes)
    return callIntrinsic(builder, loc, wide ? "llvm.x86.avx512.vpdpbusd.512" : "llvm.x86.avx512.vpdpbusd.256", accumulator.getType(),
                         {accumulator, input, weights});
  Value products = callIntrinsic(builder, loc, wide ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd", accumulator.getType(),
                                 {input, weights});
  return arith::AddIOp::create(builder, loc, accumulator, products);
}

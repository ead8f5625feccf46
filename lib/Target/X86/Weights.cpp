//===- Weights.cpp - weights as a micro-kernel reads them -------*- C++ -*-===//
//
// This file loads the weights of a step. Those that share a byte are taken apart in registers, for as many vectors at once as a byte has
// weights: with two to a byte,
//
//   bytes = load                   // one vector
//   weights of vector 0 = (bytes & 15) - 8
//   weights of vector 1 = (bytes >> 4) - 8
//
// Of signs, eight to a byte, a bit stays where it is in its half of the byte: sums of vector v are 2^(v mod 4) times as large.
//
//===----------------------------------------------------------------------===//

#include "Weights.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace quantization;

static Value splat(OpBuilder &builder, Location loc, Type type, int64_t value) {
  auto vector = cast<ShapedType>(type);
  return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(vector, builder.getIntegerAttr(vector.getElementType(), value)));
}

/// One after the other.
static Value joined(OpBuilder &builder, Location loc, ArrayRef<Value> parts) {
  if (parts.size() == 1)
    return parts.front();
  Value low = joined(builder, loc, parts.take_front(parts.size() / 2)), high = joined(builder, loc, parts.drop_front(parts.size() / 2));
  auto order = llvm::to_vector(llvm::seq<int64_t>(0, 2 * cast<VectorType>(low.getType()).getNumElements()));
  return vector::ShuffleOp::create(builder, loc, low, high, order);
}

/// Bytes whose low bits are weights, without their sign.
static Value signedWeights(OpBuilder &builder, Location loc, const DotKernel &kernel, Value bytes) {
  int64_t bits = kernel.weightBits();
  Value field = arith::AndIOp::create(builder, loc, bytes, splat(builder, loc, bytes.getType(), (1 << bits) - 1));
  return arith::SubIOp::create(builder, loc, field, splat(builder, loc, bytes.getType(), kernel.weightOffset()));
}

void quantization::prefetchWeights(OpBuilder &builder, Location loc, const DotKernel &kernel, Value buffer, Value place, int64_t ofBlock) {
  // Bytes; measured (docs/decisions/0026).
  constexpr int64_t kAhead = 1280, kLine = 64;
  int64_t bytes = cast<MemRefType>(buffer.getType()).getElementTypeBitWidth() / 8;
  int64_t ofStep = ofBlock * kernel.lanes * kernel.codes * bytes / kernel.packing;
  for (int64_t offset = 0; offset < ofStep; offset += kLine) {
    Value at = arith::AddIOp::create(builder, loc, place, arith::ConstantIndexOp::create(builder, loc, (kAhead + offset) / bytes));
    memref::PrefetchOp::create(builder, loc, buffer, at, /*isWrite=*/false, /*localityHint=*/2, /*isDataCache=*/true);
  }
}

SmallVector<Value> quantization::loadWeights(OpBuilder &builder, Location loc, const DotKernel &kernel, Value buffer, Value place,
                                             int64_t vectors, int64_t ofBlock, Type element) {
  int64_t width = kernel.lanes * kernel.codes, shared = kernel.packing, bits = kernel.weightBits();
  Type stored = cast<MemRefType>(buffer.getType()).getElementType();
  auto load = [&](int64_t size, int64_t offset) -> Value {
    Value at = place;
    if (offset)
      at = arith::AddIOp::create(builder, loc, place, arith::ConstantIndexOp::create(builder, loc, offset));
    return vector::LoadOp::create(builder, loc, VectorType::get({size}, stored), buffer, at);
  };
  SmallVector<Value> weights;
  if (shared == 1 || kernel.kind == DotKind::CountBits) {
    width = kernel.kind == DotKind::CountBits ? kernel.lanes : width;
    for (int64_t v = 0; v < vectors; ++v) {
      Value loaded = load(width, v * width);
      weights.push_back(stored == element ? loaded
                                          : Value(arith::ExtSIOp::create(builder, loc, VectorType::get({width}, element), loaded)));
    }
    return weights;
  }
  auto field = [&](Value bytes, int64_t number) -> Value {
    return number == 0 ? bytes
                       : Value(arith::ShRUIOp::create(builder, loc, bytes, splat(builder, loc, bytes.getType(), number * bits)));
  };
  if (kernel.hasSignBits()) {
    Value bytes = load(width, 0), upper = arith::ShRUIOp::create(builder, loc, bytes, splat(builder, loc, bytes.getType(), 4));
    for (int64_t v = 0; v < vectors; ++v)
      weights.push_back(arith::AndIOp::create(builder, loc, v < 4 ? bytes : upper, splat(builder, loc, bytes.getType(), 1 << signShift(v))));
    return weights;
  }
  for (int64_t v = 0; v < vectors;) {
    if (v + shared <= ofBlock) { // a field of one vector of bytes for each
      Value bytes = load(width, v / shared * width);
      for (int64_t number = 0; number < shared && v < vectors; ++number, ++v)
        weights.push_back(signedWeights(builder, loc, kernel, field(bytes, number)));
    } else { // the fields of a part of one
      Value bytes = load(width / shared, v * (width / shared));
      SmallVector<Value> parts;
      for (int64_t number = 0; number < shared; ++number)
        parts.push_back(field(bytes, number));
      weights.push_back(signedWeights(builder, loc, kernel, joined(builder, loc, parts)));
      ++v;
    }
  }
  return weights;
}

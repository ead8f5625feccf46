//===- Lowering.cpp - what the lowerings to linalg share --------*- C++ -*-===//
//
// This file builds loops over logical indices of tensors in memory order, constants, padding and the widening of stored values.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

RankedTensorType tile::physicalType(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape;
  for (int64_t d : fixed::orderOf(tensor))
    shape.push_back(tensor.getDimSize(d));
  Type element = tensor.getElementType();
  if (auto quantized = dyn_cast<quant::QuantizedType>(element))
    element = storageOf(quantized);
  return RankedTensorType::get(shape, element);
}

std::vector<char> tile::toMemoryOrder(RankedTensorType type, ArrayRef<char> bytes) {
  RankedTensorType physical = physicalType(type);
  SmallVector<int64_t> order = fixed::orderOf(type);
  size_t width = (physical.getElementTypeBitWidth() + 7) / 8;
  std::vector<char> moved(bytes.size());
  // Walks the memory order with an odometer; `strides` are those of the row-major original.
  SmallVector<int64_t> strides(order.size(), 1), at(order.size(), 0);
  for (int64_t d = order.size() - 2; d >= 0; --d)
    strides[d] = strides[d + 1] * type.getDimSize(d + 1);
  for (int64_t i = 0; i < physical.getNumElements(); ++i) {
    int64_t from = 0;
    for (auto [d, index] : llvm::zip(order, at))
      from += strides[d] * index;
    std::memcpy(&moved[i * width], &bytes[from * width], width);
    for (int64_t p = order.size() - 1; p >= 0; --p) {
      if (++at[p] < physical.getDimSize(p))
        break;
      at[p] = 0;
    }
  }
  return moved;
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

AffineExpr LoopNest::loop(IteratorType kind) {
  kinds.push_back(kind);
  return builder.getAffineDimExpr(kinds.size() - 1);
}

SmallVector<AffineExpr> LoopNest::loops(size_t count, IteratorType kind) {
  SmallVector<AffineExpr> result;
  for (size_t i = 0; i < count; ++i)
    result.push_back(loop(kind));
  return result;
}

static SmallVector<AffineExpr> inMemoryOrder(Type type, ArrayRef<AffineExpr> at) {
  SmallVector<AffineExpr> result;
  for (int64_t d : fixed::orderOf(cast<RankedTensorType>(type)))
    result.push_back(at[d]);
  return result;
}

void LoopNest::read(Value value, Type type, ArrayRef<AffineExpr> at) { read(value, inMemoryOrder(type, at)); }

void LoopNest::read(Value value, ArrayRef<AffineExpr> at) {
  inputs.push_back(value);
  indices.emplace_back(at);
}

Value LoopNest::write(Value init, Type type, ArrayRef<AffineExpr> at, Body body) {
  return write(init, inMemoryOrder(type, at), body);
}

Value LoopNest::write(Value init, ArrayRef<AffineExpr> at, Body body) {
  indices.emplace_back(at);
  SmallVector<AffineMap> maps;
  for (ArrayRef<AffineExpr> expressions : indices)
    maps.push_back(AffineMap::get(kinds.size(), 0, expressions, builder.getContext()));
  auto generic = linalg::GenericOp::create(builder, loc, TypeRange{init.getType()}, inputs, ValueRange{init}, maps, kinds,
                                           [&](OpBuilder &nested, Location at, ValueRange arguments) {
                                             linalg::YieldOp::create(nested, at, body(nested, at, arguments));
                                           });
  return generic.getResult(0);
}

SmallVector<AffineExpr> tile::loopsInOrderOf(Type type, LoopNest &nest) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<AffineExpr> byDimension(tensor.getRank());
  for (int64_t d : fixed::orderOf(tensor))
    byDimension[d] = nest.loop();
  return byDimension;
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

Value tile::emptyTensor(OpBuilder &builder, Location loc, RankedTensorType type) {
  return tensor::EmptyOp::create(builder, loc, type.getShape(), type.getElementType());
}

Value tile::filledTensor(OpBuilder &builder, Location loc, RankedTensorType type, Value value) {
  return linalg::FillOp::create(builder, loc, value, emptyTensor(builder, loc, type)).getResult(0);
}

Value tile::constantTensor(OpBuilder &builder, Location loc, RankedTensorType type, ArrayRef<char> bytes) {
  // LLVM is quick with flat arrays and slow with nested ones.
  auto flat = RankedTensorType::get({type.getNumElements()}, type.getElementType());
  Value value = arith::ConstantOp::create(builder, loc, flat, cast<TypedAttr>(makeConstant(flat, bytes)));
  if (type.getRank() == 1)
    return value;
  SmallVector<ReassociationIndices> groups;
  if (type.getRank() > 0)
    groups.push_back(llvm::to_vector(llvm::seq<int64_t>(0, type.getRank())));
  if (type.getRank() == 0)
    return tensor::CollapseShapeOp::create(builder, loc, type, value, groups);
  return tensor::ExpandShapeOp::create(builder, loc, type, value, groups);
}

Value tile::constantInt(OpBuilder &builder, Location loc, Type type, int64_t value) {
  return arith::ConstantOp::create(builder, loc, builder.getIntegerAttr(type, value));
}

Value tile::constantFloat(OpBuilder &builder, Location loc, double value) {
  return arith::ConstantOp::create(builder, loc, builder.getF32FloatAttr(static_cast<float>(value)));
}

Value tile::padded(OpBuilder &builder, Location loc, Value value, RankedTensorType &type, ArrayRef<int64_t> low,
                   ArrayRef<int64_t> high, Value with) {
  auto nothing = [](int64_t count) { return count == 0; };
  if (llvm::all_of(low, nothing) && llvm::all_of(high, nothing))
    return value;
  SmallVector<int64_t> shape;
  for (auto [size, before, after] : llvm::zip(type.getShape(), low, high))
    shape.push_back(size + before + after);
  auto order = fixed::orderOf(type);
  type = RankedTensorType::get(shape, type.getElementType(), type.getEncoding());
  SmallVector<OpFoldResult> before, after;
  for (int64_t d : order) {
    before.push_back(builder.getIndexAttr(low[d]));
    after.push_back(builder.getIndexAttr(high[d]));
  }
  return tensor::PadOp::create(builder, loc, physicalType(type), value, before, after, with);
}

Value tile::codeOf(OpBuilder &builder, Location loc, Type element, float value) {
  if (auto type = dyn_cast<quant::QuantizedType>(element))
    return constantInt(builder, loc, storageOf(type), quantize(value, gridOf(type)));
  return constantFloat(builder, loc, value);
}

Value tile::reshaped(OpBuilder &builder, Location loc, Value value, ArrayRef<int64_t> shape) {
  auto from = cast<RankedTensorType>(value.getType());
  auto to = RankedTensorType::get(shape, from.getElementType());
  if (from == to)
    return value;
  auto all = [](int64_t rank) {
    SmallVector<ReassociationIndices> groups;
    if (rank > 0)
      groups.push_back(llvm::to_vector(llvm::seq<int64_t>(0, rank)));
    return groups;
  };
  auto flat = RankedTensorType::get({from.getNumElements()}, from.getElementType());
  if (from.getRank() == 0)
    value = tensor::ExpandShapeOp::create(builder, loc, flat, value, all(0));
  else if (from.getRank() != 1)
    value = tensor::CollapseShapeOp::create(builder, loc, flat, value, all(from.getRank()));
  if (to.getRank() == 0)
    return tensor::CollapseShapeOp::create(builder, loc, to, value, all(0));
  if (to.getRank() != 1)
    return tensor::ExpandShapeOp::create(builder, loc, to, value, all(to.getRank()));
  return value;
}

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

Value tile::widen(OpBuilder &builder, Location loc, Value stored, Type element, Type to) {
  if (stored.getType() == to)
    return stored;
  auto type = dyn_cast<quant::QuantizedType>(element);
  if (type && !type.isSigned())
    return arith::ExtUIOp::create(builder, loc, to, stored);
  return arith::ExtSIOp::create(builder, loc, to, stored);
}

Value tile::widenCentered(OpBuilder &builder, Location loc, Value stored, Type element, Type to) {
  Value wide = widen(builder, loc, stored, element, to);
  auto type = dyn_cast<quant::QuantizedType>(element);
  if (!type || zeroPointOf(type) == 0)
    return wide;
  return arith::SubIOp::create(builder, loc, wide, constantInt(builder, loc, to, zeroPointOf(type)));
}

Value tile::buildMax(OpBuilder &builder, Location loc, Value a, Value b, bool isSigned) {
  if (isa<FloatType>(a.getType()))
    return arith::SelectOp::create(builder, loc, arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, a, b), a, b);
  if (isSigned)
    return arith::MaxSIOp::create(builder, loc, a, b);
  return arith::MaxUIOp::create(builder, loc, a, b);
}

Value tile::buildMin(OpBuilder &builder, Location loc, Value a, Value b, bool isSigned) {
  if (isa<FloatType>(a.getType()))
    return arith::SelectOp::create(builder, loc, arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OLT, a, b), a, b);
  if (isSigned)
    return arith::MinSIOp::create(builder, loc, a, b);
  return arith::MinUIOp::create(builder, loc, a, b);
}

Value tile::buildExp(OpBuilder &builder, Location loc, Value x) {
  auto number = [&](double value) { return constantFloat(builder, loc, value); };
  auto fma = [&](Value a, Value b, Value c) { return Value(math::FmaOp::create(builder, loc, a, b, c)); };
  Value given = x;
  // Beyond these bounds the result is 0 or infinity anyhow, and n fits the two factors below.
  x = buildMin(builder, loc, buildMax(builder, loc, x, number(-110.0)), number(90.0));
  Value n = math::RoundEvenOp::create(builder, loc, arith::MulFOp::create(builder, loc, x, number(1.4426950408889634)));
  // x = n * ln 2 + r, |r| <= ln 2 / 2; ln 2 in two parts so that the first product is exact.
  Value r = fma(n, number(-0.693359375), x);
  r = fma(n, number(2.12194440054690583e-4), r);
  // Taylor's series to r^7: below half an ulp of f32 on this interval.
  Value sum = number(1.0 / 5040);
  for (double coefficient : {1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0})
    sum = fma(sum, r, number(coefficient));
  // 2^n as two normal factors, so that the product overflows to infinity and underflows to 0 as it should.
  Type i32 = builder.getI32Type();
  auto powerOfTwo = [&](Value e) {
    e = arith::AddIOp::create(builder, loc, e, constantInt(builder, loc, i32, 127));
    e = arith::ShLIOp::create(builder, loc, e, constantInt(builder, loc, i32, 23));
    return Value(arith::BitcastOp::create(builder, loc, builder.getF32Type(), e));
  };
  Value exponent = arith::FPToSIOp::create(builder, loc, i32, n);
  Value half = arith::ShRSIOp::create(builder, loc, exponent, constantInt(builder, loc, i32, 1));
  Value rest = arith::SubIOp::create(builder, loc, exponent, half);
  Value result = arith::MulFOp::create(builder, loc, sum, powerOfTwo(half));
  result = arith::MulFOp::create(builder, loc, result, powerOfTwo(rest));
  Value isNumber = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::ORD, given, given);
  return arith::SelectOp::create(builder, loc, isNumber, result, given);
}

Value tile::buildErf(OpBuilder &builder, Location loc, Value x) {
  auto number = [&](double value) { return constantFloat(builder, loc, value); };
  auto mul = [&](Value a, Value b) { return Value(arith::MulFOp::create(builder, loc, a, b)); };
  auto fma = [&](Value a, Value b, Value c) { return Value(math::FmaOp::create(builder, loc, a, b, c)); };
  // erf(x) / x is even: a polynomial in u, which is x^2 from 0 to 3.8^2 stretched to [-1, 1]. Its coefficients interpolate at
  // Chebyshev's nodes.
  constexpr double end = 3.8 * 3.8;
  Value u = fma(buildMin(builder, loc, mul(x, x), number(end)), number(2 / end), number(-1));
  Value sum = number(0.00118622598);
  for (double coefficient : {-0.00279885031, 0.001846335064, -0.00299137724, 0.01059229617, -0.01868470503, 0.02630480285,
                             -0.03874899632, 0.05517497256, -0.07256521544, 0.09081587349, -0.1111800974, 0.1377403883,
                             -0.1856413705, 0.3721076135})
    sum = fma(sum, u, number(coefficient));
  // Beyond 3.8 the last value of the polynomial times x is larger than 1, which erf is there.
  Value result = buildMin(builder, loc, buildMax(builder, loc, mul(x, sum), number(-1)), number(1));
  Value isNumber = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::ORD, x, x);
  return arith::SelectOp::create(builder, loc, isNumber, result, x);
}

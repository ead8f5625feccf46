//===- GatherValues.cpp - values as kernels for signs read them -*- C++ -*-===//
//
// This file brings together the values that a kernel for weights of 1 and -1 takes at once: as bits, as the place of a row in a table, or as
// a table of their sums.
//
//===----------------------------------------------------------------------===//

#include "GatherValues.h"
#include "Lowering.h"

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

static SmallVector<ReassociationIndices> lastTwoAsOne(int64_t rank) {
  SmallVector<ReassociationIndices> dimensions;
  for (int64_t d = 0; d < rank; ++d)
    dimensions.push_back({d});
  dimensions.back().push_back(rank);
  return dimensions;
}

/// `input` with `count` neighbours in a dimension of their own.
static Value inGroups(OpBuilder &builder, Location loc, Value input, int64_t count) {
  auto type = cast<RankedTensorType>(input.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.back() /= count;
  shape.push_back(count);
  return tensor::ExpandShapeOp::create(builder, loc, RankedTensorType::get(shape, type.getElementType()), input, lastTwoAsOne(type.getRank()));
}

/// `type`, logical, with `size` elements in dimension `channel`.
static RankedTensorType resized(RankedTensorType type, size_t channel, int64_t size, Type element) {
  SmallVector<int64_t> shape(type.getShape());
  shape[channel] = size;
  return RankedTensorType::get(shape, element, type.getEncoding());
}

/// For each 32 channels as many words as the kernel has codes.
static Value asBits(OpBuilder &builder, Location loc, Value input, const DotKernel &kernel, RankedTensorType &type, size_t channel) {
  int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
  Type word = builder.getI32Type();
  input = inGroups(builder, loc, input, kernel.valuesTogether());
  SmallVector<int64_t> shape(cast<RankedTensorType>(input.getType()).getShape());
  type = resized(type, channel, shape[rank - 1] * kernel.codes, word);
  shape.back() = kernel.codes;
  auto packed = RankedTensorType::get(shape, word);

  // Two or three loops, which write every second or third word.
  Value result = emptyTensor(builder, loc, packed);
  SmallVector<OpFoldResult> offsets(shape.size(), builder.getIndexAttr(0)), steps(shape.size(), builder.getIndexAttr(1)), sizes;
  for (int64_t size : shape)
    sizes.push_back(builder.getIndexAttr(size));
  sizes.back() = builder.getIndexAttr(1);
  shape.pop_back();
  auto plane = RankedTensorType::get(shape, word);
  enum { NotZero, Negative, Count };
  SmallVector<int> kinds = {NotZero, Count};
  if (kernel.hasNegativeWords())
    kinds = {NotZero, Negative, Count};
  for (auto [number, kind] : llvm::enumerate(kinds)) {
    LoopNest nest(builder, loc);
    SmallVector<AffineExpr> at = nest.loops(rank), from = at;
    from.push_back(nest.loop(IteratorType::reduction));
    nest.read(input, from);
    Value words = nest.write(filledTensor(builder, loc, plane, constantInt(builder, loc, word, 0)), at,
                             [&, kind = kind](OpBuilder &b, Location l, ValueRange v) -> Value {
      // Of -1, 0 and 1 the lowest bit says whether it is 0, the highest whether it is negative.
      Value code = arith::ExtUIOp::create(b, l, word, v[0]);
      Value bit = kind == Negative ? Value(arith::ShRUIOp::create(b, l, code, constantInt(b, l, word, 7)))
                                   : Value(arith::AndIOp::create(b, l, code, constantInt(b, l, word, 1)));
      if (kind == Count)
        return arith::AddIOp::create(b, l, v[1], bit);
      Value place = arith::IndexCastUIOp::create(b, l, word, linalg::IndexOp::create(b, l, rank));
      return arith::OrIOp::create(b, l, v[1], arith::ShLIOp::create(b, l, bit, place));
    });
    offsets.back() = builder.getIndexAttr(number);
    result = tensor::InsertSliceOp::create(builder, loc, words, result, offsets, sizes, steps);
  }
  shape.back() *= kernel.codes;
  return tensor::CollapseShapeOp::create(builder, loc, RankedTensorType::get(shape, word), result, lastTwoAsOne(rank));
}

/// For each 4 channels the place of a row (LookupKernel.cpp).
static Value asRows(OpBuilder &builder, Location loc, Value input, const DotKernel &kernel, RankedTensorType &type, size_t channel) {
  int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
  Type place = builder.getIntegerType(kernel.inputBits);
  input = inGroups(builder, loc, input, kernel.valuesTogether());
  ArrayRef<int64_t> shape = cast<RankedTensorType>(input.getType()).getShape().drop_back();
  auto packed = RankedTensorType::get(shape, place);
  type = resized(type, channel, shape.back(), place);
  LoopNest nest(builder, loc);
  SmallVector<AffineExpr> at = nest.loops(rank), from = at;
  from.push_back(nest.loop(IteratorType::reduction));
  nest.read(input, from);
  return nest.write(filledTensor(builder, loc, packed, constantInt(builder, loc, place, 0)), at, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    // Bit 4 + i says that value i is not 0, bit 8 + i that it is negative: a row has 16 bytes.
    Value code = arith::ExtUIOp::create(b, l, place, v[0]);
    Value bits = arith::ShLIOp::create(b, l, arith::AndIOp::create(b, l, code, constantInt(b, l, place, 1)), constantInt(b, l, place, 4));
    Value negative = arith::ShLIOp::create(b, l, arith::ShRUIOp::create(b, l, code, constantInt(b, l, place, 7)), constantInt(b, l, place, 8));
    Value number = arith::IndexCastUIOp::create(b, l, place, linalg::IndexOp::create(b, l, rank));
    return arith::OrIOp::create(b, l, v[1], arith::ShLIOp::create(b, l, arith::OrIOp::create(b, l, bits, negative), number));
  });
}

/// For each 4 channels two tables of 16 bytes, of their lower and of their upper four bits: byte s is the sum of those whose bit in s is 1
/// (SubsetKernel.cpp). They are written as words.
static Value asSums(OpBuilder &builder, Location loc, Value input, RankedTensorType &type, size_t channel) {
  constexpr int64_t kTogether = 4, kWords = 8;
  int64_t rank = cast<RankedTensorType>(input.getType()).getRank();
  Type word = builder.getI32Type();
  input = inGroups(builder, loc, input, kTogether);
  SmallVector<int64_t> shape(cast<RankedTensorType>(input.getType()).getShape());
  type = resized(type, channel, shape[rank - 1] * kWords, word);
  shape.back() = kWords;
  LoopNest nest(builder, loc);
  SmallVector<AffineExpr> at = nest.loops(rank + 1), from(ArrayRef(at).drop_back());
  for (int64_t i = 0; i < kTogether; ++i) {
    from.push_back(nest.constant(i));
    nest.read(input, from);
    from.pop_back();
  }
  Value tables = nest.write(emptyTensor(builder, loc, RankedTensorType::get(shape, word)), at, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    auto constant = [&](int64_t value) { return constantInt(b, l, word, value); };
    // Word w has bytes 4 w to 4 w + 3: their lowest bits are the same in all words, the next two those of w.
    Value w = arith::IndexCastUIOp::create(b, l, word, linalg::IndexOp::create(b, l, rank));
    Value shift = arith::AndIOp::create(b, l, w, constant(4));
    auto part = [&](int64_t i) -> Value {
      Value code = arith::ExtUIOp::create(b, l, word, v[i]);
      return arith::AndIOp::create(b, l, arith::ShRUIOp::create(b, l, code, shift), constant(15));
    };
    auto inWord = [&](int64_t i, int64_t bit) -> Value {
      Value has = arith::AndIOp::create(b, l, arith::ShRUIOp::create(b, l, w, constant(bit)), constant(1));
      return arith::AndIOp::create(b, l, part(i), arith::SubIOp::create(b, l, constant(0), has));
    };
    Value sum = arith::MulIOp::create(b, l, arith::AddIOp::create(b, l, inWord(2, 0), inWord(3, 1)), constant(0x01010101));
    sum = arith::AddIOp::create(b, l, sum, arith::MulIOp::create(b, l, part(0), constant(0x01000100)));
    return arith::AddIOp::create(b, l, sum, arith::MulIOp::create(b, l, part(1), constant(0x01010000)));
  });
  shape.pop_back();
  shape.back() *= kWords;
  return tensor::CollapseShapeOp::create(builder, loc, RankedTensorType::get(shape, word), tables, lastTwoAsOne(rank));
}

Value tile::gatherValues(OpBuilder &builder, Location loc, Value input, const DotKernel &kernel, RankedTensorType &type, size_t channel) {
  if (kernel.kind == DotKind::SubsetSums)
    return asSums(builder, loc, input, type, channel);
  return (kernel.kind == DotKind::Lookup ? asRows : asBits)(builder, loc, input, kernel, type, channel);
}

Value tile::biasesWithSum(OpBuilder &builder, Location loc, Value vector, Value biases, int64_t channels) {
  Type word = builder.getI32Type();
  auto type = cast<RankedTensorType>(vector.getType());
  auto one = RankedTensorType::get({1}, word), all = RankedTensorType::get({channels}, word);
  vector = reshaped(builder, loc, vector, {1, type.getNumElements()});
  LoopNest sumUp(builder, loc);
  AffineExpr row = sumUp.loop();
  sumUp.read(vector, {row, sumUp.loop(IteratorType::reduction)});
  Value sum = sumUp.write(filledTensor(builder, loc, one, constantInt(builder, loc, word, 0)), {row}, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    return arith::AddIOp::create(b, l, v[1], arith::ExtUIOp::create(b, l, word, v[0]));
  });
  LoopNest spread(builder, loc);
  AffineExpr channel = spread.loop();
  spread.read(sum, {spread.constant(0)});
  if (biases)
    spread.read(biases, {channel});
  return spread.write(emptyTensor(builder, loc, all), {channel}, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    return biases ? Value(arith::AddIOp::create(b, l, v[0], v[1])) : v[0];
  });
}

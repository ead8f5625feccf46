//===- LowerNormalizations.cpp - softmax and normalizations -----*- C++ -*-===//
//
// This file turns the layers that normalize values by their neighbours into loops in f32.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

namespace {

struct LowerSoftmax : OpConversionPattern<nn::SoftmaxOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::SoftmaxOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getInput().getType());
    int64_t axis = op.getAxis();
    // The input's shape without the axis, in the input's memory order.
    SmallVector<int64_t> shape;
    for (int64_t d : fixed::orderOf(type))
      if (d != axis)
        shape.push_back(type.getDimSize(d));
    auto reduced = RankedTensorType::get(shape, rewriter.getF32Type());

    auto reduce = [&](Value value, double start, Body body) {
      LoopNest nest(rewriter, loc);
      SmallVector<AffineExpr> at(type.getRank()), kept;
      for (int64_t d : fixed::orderOf(type)) {
        at[d] = nest.loop(d == axis ? IteratorType::reduction : IteratorType::parallel);
        if (d != axis)
          kept.push_back(at[d]);
      }
      nest.read(value, type, at);
      return nest.write(filledTensor(rewriter, loc, reduced, constantFloat(rewriter, loc, start)), kept, body);
    };
    auto combine = [&](Value value, Value other, Body body) {
      LoopNest nest(rewriter, loc);
      SmallVector<AffineExpr> at = loopsInOrderOf(type, nest), kept;
      for (int64_t d : fixed::orderOf(type))
        if (d != axis)
          kept.push_back(at[d]);
      nest.read(value, type, at);
      nest.read(other, kept);
      return nest.write(emptyTensor(rewriter, loc, physicalType(type)), type, at, body);
    };

    Value largest = reduce(adaptor.getInput(), -std::numeric_limits<float>::infinity(),
                           [](OpBuilder &b, Location l, ValueRange v) { return buildMax(b, l, v[0], v[1]); });
    Value powers = combine(adaptor.getInput(), largest, [](OpBuilder &b, Location l, ValueRange v) {
      return buildExp(b, l, arith::SubFOp::create(b, l, v[0], v[1]));
    });
    Value sum = reduce(powers, 0, [](OpBuilder &b, Location l, ValueRange v) { return Value(arith::AddFOp::create(b, l, v[1], v[0])); });
    rewriter.replaceOp(op, combine(powers, sum, [](OpBuilder &b, Location l, ValueRange v) {
      return Value(arith::DivFOp::create(b, l, v[0], v[1]));
    }));
    return success();
  }
};

struct LowerLrn : OpConversionPattern<nn::LrnOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::LrnOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getInput().getType());
    int64_t size = op.getSize();
    SmallVector<int64_t> low(type.getRank(), 0), high(type.getRank(), 0);
    low[1] = (size - 1) / 2;
    high[1] = size - 1 - low[1];
    auto wide = type;
    Value input = padded(rewriter, loc, adaptor.getInput(), wide, low, high, constantFloat(rewriter, loc, 0));

    LoopNest squares(rewriter, loc);
    SmallVector<AffineExpr> at = loopsInOrderOf(type, squares);
    AffineExpr k = squares.loop(IteratorType::reduction);
    SmallVector<AffineExpr> window = at;
    window[1] = at[1] + k;
    squares.read(input, wide, window);
    squares.read(emptyTensor(rewriter, loc, RankedTensorType::get({size}, rewriter.getI1Type())), {k});
    Value sum = squares.write(filledTensor(rewriter, loc, physicalType(type), constantFloat(rewriter, loc, 0)), type, at,
                              [](OpBuilder &b, Location l, ValueRange v) { return Value(math::FmaOp::create(b, l, v[0], v[0], v[2])); });

    LoopNest scale(rewriter, loc);
    SmallVector<AffineExpr> place = loopsInOrderOf(type, scale);
    scale.read(adaptor.getInput(), type, place);
    scale.read(sum, type, place);
    double perValue = op.getAlpha().convertToFloat() / static_cast<double>(size);
    float beta = op.getBeta().convertToFloat();
    rewriter.replaceOp(op, scale.write(emptyTensor(rewriter, loc, physicalType(type)), type, place,
                                       [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      Value base = math::FmaOp::create(b, l, v[1], constantFloat(b, l, perValue), constantFloat(b, l, op.getBias().convertToFloat()));
      // The usual exponent is a product of square roots, which are the same bits everywhere; others go through libm.
      Value power;
      if (beta == 0.75f) {
        Value root = math::SqrtOp::create(b, l, base);
        power = arith::MulFOp::create(b, l, root, math::SqrtOp::create(b, l, root));
      } else if (beta == 0.5f) {
        power = math::SqrtOp::create(b, l, base);
      } else if (beta == 1.0f) {
        power = base;
      } else {
        power = math::PowFOp::create(b, l, base, constantFloat(b, l, beta));
      }
      return arith::DivFOp::create(b, l, v[0], power);
    }));
    return success();
  }
};

/// Numerics R27: element k of a row belongs to lane k mod 16, where 16 divides the row; lanes are summed up side by side.
struct LowerLayerNorm : OpConversionPattern<nn::LayerNormOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::LayerNormOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getInput().getType());
    int64_t size = 1, lanes = 16;
    for (int64_t d : type.getShape().drop_front(op.getAxis()))
      size *= d;
    int64_t rows = type.getNumElements() / size;
    while (size % lanes)
      lanes /= 2;
    Value input = reshaped(rewriter, loc, adaptor.getInput(), {rows, size});
    Value cut = reshaped(rewriter, loc, input, {rows, size / lanes, lanes});
    auto tensorOf = [&](ArrayRef<int64_t> shape) { return RankedTensorType::get(shape, rewriter.getF32Type()); };
    auto add = [](OpBuilder &b, Location l, ValueRange v) { return Value(arith::AddFOp::create(b, l, v.back(), v.front())); };
    auto zeros = [&](ArrayRef<int64_t> shape) { return filledTensor(rewriter, loc, tensorOf(shape), constantFloat(rewriter, loc, 0)); };

    // The sum over a row of what `body` makes of an element and, where there is one, its row's value.
    auto sum = [&](Value perRow, Body body) {
      LoopNest steps(rewriter, loc);
      AffineExpr row = steps.loop(), step = steps.loop(IteratorType::reduction), lane = steps.loop();
      steps.read(cut, {row, step, lane});
      if (perRow)
        steps.read(perRow, {row});
      Value partial = steps.write(zeros({rows, lanes}), {row, lane}, body);
      LoopNest join(rewriter, loc);
      AffineExpr at = join.loop(), of = join.loop(IteratorType::reduction);
      join.read(partial, {at, of});
      return join.write(zeros({rows}), {at}, add);
    };
    auto forRows = [&](Value value, Body body) {
      LoopNest nest(rewriter, loc);
      AffineExpr row = nest.loop();
      nest.read(value, {row});
      return nest.write(emptyTensor(rewriter, loc, tensorOf({rows})), {row}, body);
    };
    auto mean = [&](OpBuilder &b, Location l, Value total) {
      return Value(arith::DivFOp::create(b, l, total, constantFloat(b, l, static_cast<double>(size))));
    };

    Value means = forRows(sum({}, add), [&](OpBuilder &b, Location l, ValueRange v) { return mean(b, l, v[0]); });
    Value squares = sum(means, [](OpBuilder &b, Location l, ValueRange v) {
      Value centered = arith::SubFOp::create(b, l, v[0], v[1]);
      return Value(math::FmaOp::create(b, l, centered, centered, v[2]));
    });
    Value factors = forRows(squares, [&](OpBuilder &b, Location l, ValueRange v) {
      Value variance = arith::AddFOp::create(b, l, mean(b, l, v[0]), constantFloat(b, l, op.getEpsilon().convertToFloat()));
      return Value(arith::DivFOp::create(b, l, constantFloat(b, l, 1), math::SqrtOp::create(b, l, variance)));
    });

    LoopNest nest(rewriter, loc);
    AffineExpr row = nest.loop(), k = nest.loop();
    nest.read(input, {row, k});
    nest.read(means, {row});
    nest.read(factors, {row});
    nest.read(reshaped(rewriter, loc, adaptor.getScale(), {size}), {k});
    if (adaptor.getBias())
      nest.read(reshaped(rewriter, loc, adaptor.getBias(), {size}), {k});
    Value result = nest.write(emptyTensor(rewriter, loc, tensorOf({rows, size})), {row, k},
                              [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      Value scaled = arith::MulFOp::create(b, l, arith::SubFOp::create(b, l, v[0], v[1]), v[2]);
      if (!adaptor.getBias())
        return arith::MulFOp::create(b, l, scaled, v[3]);
      return math::FmaOp::create(b, l, scaled, v[3], v[4]);
    });
    rewriter.replaceOp(op, reshaped(rewriter, loc, result, type.getShape()));
    return success();
  }
};

} // namespace

void tile::populateNormalizations(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerSoftmax, LowerLrn, LowerLayerNorm>(converter, patterns.getContext());
}

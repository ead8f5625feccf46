//===- LowerPools.cpp - max and average pools -------------------*- C++ -*-===//
//
// This file turns pools into loops over the positions of each window (Numerics R13).
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include <numeric>

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

namespace {

/// Reduces every window of `input`, padded with `filler` where windows reach beyond it.
template <typename Op>
Value reduceWindows(Op op, Value input, Value filler, Value init, RankedTensorType accumulatorType, OpBuilder &builder, Body body) {
  Location loc = op.getLoc();
  auto type = cast<RankedTensorType>(op.getInput().getType());
  size_t spatial = op.getKernel().size();
  SmallVector<int64_t> low(2, 0), high(2, 0);
  for (size_t i = 0; i < spatial; ++i) {
    int64_t reach = (accumulatorType.getDimSize(2 + i) - 1) * op.getStrides()[i] + (op.getKernel()[i] - 1) * op.getDilations()[i] + 1;
    low.push_back(op.getPads()[i]);
    high.push_back(std::max<int64_t>(0, reach - type.getDimSize(2 + i) - op.getPads()[i]));
  }
  input = padded(builder, loc, input, type, low, high, filler);

  LoopNest nest(builder, loc);
  AffineExpr n = nest.loop();
  SmallVector<AffineExpr> o = nest.loops(spatial);
  SmallVector<AffineExpr> k = nest.loops(spatial, IteratorType::reduction);
  AffineExpr c = nest.loop();
  SmallVector<AffineExpr> inputAt = {n, c}, resultAt = {n, c};
  for (size_t i = 0; i < spatial; ++i) {
    inputAt.push_back(o[i] * op.getStrides()[i] + k[i] * op.getDilations()[i]);
    resultAt.push_back(o[i]);
  }
  nest.read(input, type, inputAt);
  // Only its shape matters: it tells the loops how large a window is.
  nest.read(emptyTensor(builder, loc, RankedTensorType::get(op.getKernel(), builder.getI1Type())), k);
  return nest.write(init, accumulatorType, resultAt, body);
}

struct LowerMaxPool : OpConversionPattern<nn::MaxPoolOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::MaxPoolOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getResult().getType());
    auto quantized = quantizedElement(type);
    auto physical = physicalType(type);
    bool isSigned = !quantized || quantized.isSigned();
    Value least = quantized ? constantInt(rewriter, loc, storageOf(quantized), quantized.getStorageTypeMin())
                            : constantFloat(rewriter, loc, -std::numeric_limits<float>::infinity());
    Value init = filledTensor(rewriter, loc, physical, least);
    rewriter.replaceOp(op, reduceWindows(op, adaptor.getInput(), least, init, type, rewriter,
                                         [&](OpBuilder &b, Location l, ValueRange v) {
                                           return buildMax(b, l, v[0], v[2], isSigned);
                                         }));
    return success();
  }
};

struct LowerAveragePool : OpConversionPattern<nn::AveragePoolOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::AveragePoolOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getResult().getType());
    Type from = nn::elementTypeOf(op.getInput()), to = type.getElementType();
    auto physical = physicalType(type);
    bool integral = to.isInteger(32);
    Value zero = integral ? constantInt(rewriter, loc, to, 0) : constantFloat(rewriter, loc, 0);
    Value sum = reduceWindows(op, adaptor.getInput(), codeOf(rewriter, loc, from, 0.0f), filledTensor(rewriter, loc, physical, zero),
                              type, rewriter, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                                if (!integral)
                                  return arith::AddFOp::create(b, l, v[2], v[0]);
                                return arith::AddIOp::create(b, l, v[2], widenCentered(b, l, v[0], from, v[2].getType()));
                              });

    // f32: divided by the count of each window. Integers: multiplied by lcm / count, so that one rescale divides all.
    SmallVector<int64_t> counts = op.getCounts();
    bool uniform = llvm::all_equal(counts);
    if (integral && uniform) {
      rewriter.replaceOp(op, sum);
      return success();
    }
    ArrayRef<int64_t> windows = type.getShape().drop_front(2);
    LoopNest nest(rewriter, loc);
    SmallVector<AffineExpr> at = loopsInOrderOf(type, nest);
    nest.read(sum, type, at);
    if (!uniform) {
      Value factors;
      if (integral) {
        int64_t lcm = 1;
        for (int64_t count : counts)
          lcm = std::lcm(lcm, count);
        std::vector<int32_t> values;
        for (int64_t count : counts)
          values.push_back(static_cast<int32_t>(lcm / count));
        factors = constantTensor<int32_t>(rewriter, loc, to, windows, values);
      } else {
        std::vector<float> values(counts.begin(), counts.end());
        factors = constantTensor<float>(rewriter, loc, to, windows, values);
      }
      nest.read(factors, ArrayRef<AffineExpr>(at).drop_front(2));
    }
    rewriter.replaceOp(op, nest.write(emptyTensor(rewriter, loc, physical), type, at, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      if (integral)
        return arith::MulIOp::create(b, l, v[0], v[1]);
      return arith::DivFOp::create(b, l, v[0], uniform ? constantFloat(b, l, counts.front()) : v[1]);
    }));
    return success();
  }
};

} // namespace

void tile::populatePools(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerMaxPool, LowerAveragePool>(converter, patterns.getContext());
}

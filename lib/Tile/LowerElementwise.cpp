//===- LowerElementwise.cpp - sums, products, clamps, functions -*- C++ -*-===//
//
// This file turns layers that work value by value into loops.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include <cmath>

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

namespace {

/// NumPy's broadcasting: missing leading dimensions and those of extent 1 stand still.
SmallVector<AffineExpr> broadcastIndices(LoopNest &nest, ArrayRef<AffineExpr> at, RankedTensorType from, RankedTensorType to) {
  SmallVector<AffineExpr> result;
  int64_t missing = to.getRank() - from.getRank();
  for (int64_t d = 0; d < from.getRank(); ++d)
    result.push_back(from.getDimSize(d) == 1 && to.getDimSize(d + missing) != 1 ? nest.constant(0) : at[d + missing]);
  return result;
}

template <typename Op, typename FloatOp, typename IntOp>
struct LowerBinary : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    auto lhs = cast<RankedTensorType>(op.getLhs().getType()), rhs = cast<RankedTensorType>(op.getRhs().getType());
    auto type = cast<RankedTensorType>(op.getResult().getType());
    LoopNest nest(rewriter, op.getLoc());
    SmallVector<AffineExpr> at = loopsInOrderOf(type, nest);
    nest.read(adaptor.getLhs(), lhs, broadcastIndices(nest, at, lhs, type));
    nest.read(adaptor.getRhs(), rhs, broadcastIndices(nest, at, rhs, type));
    Value init = emptyTensor(rewriter, op.getLoc(), physicalType(type));
    rewriter.replaceOp(op, nest.write(init, type, at, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      if (isa<FloatType>(v[2].getType()))
        return FloatOp::create(b, l, v[0], v[1]);
      if constexpr (!std::is_void_v<IntOp>) {
        Type wide = v[2].getType();
        return IntOp::create(b, l, widenCentered(b, l, v[0], lhs.getElementType(), wide),
                             widenCentered(b, l, v[1], rhs.getElementType(), wide));
      }
      llvm_unreachable("the verifier admits float only");
    }));
    return success();
  }
};

/// One operand, one result, one shape.
template <typename Op> struct LowerUnary : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;

  virtual Value compute(Op op, OpBuilder &builder, Location loc, Value x) const = 0;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getResult().getType());
    LoopNest nest(rewriter, op.getLoc());
    SmallVector<AffineExpr> at = loopsInOrderOf(type, nest);
    nest.read(adaptor.getInput(), op.getInput().getType(), at);
    Value init = emptyTensor(rewriter, op.getLoc(), physicalType(type));
    rewriter.replaceOp(op, nest.write(init, type, at, [&](OpBuilder &b, Location l, ValueRange v) {
      return compute(op, b, l, v[0]);
    }));
    return success();
  }
};

struct LowerClamp : LowerUnary<nn::ClampOp> {
  using LowerUnary::LowerUnary;
  Value compute(nn::ClampOp op, OpBuilder &b, Location loc, Value x) const override {
    if (!op.getMin().isInfinity())
      x = buildMax(b, loc, x, constantFloat(b, loc, op.getMin().convertToFloat()));
    if (!op.getMax().isInfinity())
      x = buildMin(b, loc, x, constantFloat(b, loc, op.getMax().convertToFloat()));
    return x;
  }
};

struct LowerFunction : LowerUnary<nn::FunctionOp> {
  using LowerUnary::LowerUnary;
  Value compute(nn::FunctionOp op, OpBuilder &b, Location loc, Value x) const override {
    auto number = [&](double value) { return constantFloat(b, loc, value); };
    auto add = [&](Value u, Value v) { return Value(arith::AddFOp::create(b, loc, u, v)); };
    auto mul = [&](Value u, Value v) { return Value(arith::MulFOp::create(b, loc, u, v)); };
    auto div = [&](Value u, Value v) { return Value(arith::DivFOp::create(b, loc, u, v)); };
    auto whereNegative = [&](Value u, Value v) {
      return Value(arith::SelectOp::create(b, loc, arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, x, number(0)), u, v));
    };
    auto hardSigmoid = [&](double alpha, double beta) {
      Value line = math::FmaOp::create(b, loc, x, number(alpha), number(beta));
      return buildMin(b, loc, buildMax(b, loc, line, number(0)), number(1));
    };
    Value negated = arith::NegFOp::create(b, loc, x);
    double alpha = op.getAlpha().convertToFloat(), beta = op.getBeta().convertToFloat();
    switch (op.getKind()) {
    case nn::FunctionKind::Sigmoid:
      return div(number(1), add(number(1), buildExp(b, loc, negated)));
    case nn::FunctionKind::Tanh: {
      // 1 - 2 / (exp(2x) + 1); below 1/16 the difference cancels and the series is exact enough.
      Value large = arith::SubFOp::create(b, loc, number(1), div(number(2), add(buildExp(b, loc, add(x, x)), number(1))));
      Value square = mul(x, x);
      Value series = math::FmaOp::create(b, loc, square, number(2.0 / 15), number(-1.0 / 3));
      Value small = math::FmaOp::create(b, loc, mul(square, series), x, x);
      Value isSmall = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, square, number(1.0 / 256));
      return arith::SelectOp::create(b, loc, isSmall, small, large);
    }
    case nn::FunctionKind::Exp:
      return buildExp(b, loc, x);
    case nn::FunctionKind::LeakyRelu:
      return whereNegative(mul(x, number(alpha)), x);
    case nn::FunctionKind::HardSigmoid:
      return hardSigmoid(alpha, beta);
    case nn::FunctionKind::HardSwish:
      return mul(x, hardSigmoid(1.0 / 6, 0.5));
    case nn::FunctionKind::Sqrt:
      return math::SqrtOp::create(b, loc, x);
    case nn::FunctionKind::Abs:
      return math::AbsFOp::create(b, loc, x);
    case nn::FunctionKind::Neg:
      return negated;
    case nn::FunctionKind::Elu:
      return whereNegative(mul(number(alpha), arith::SubFOp::create(b, loc, buildExp(b, loc, x), number(1))), x);
    case nn::FunctionKind::Softplus: {
      // max(x, 0) + log1p(exp(-|x|)): no overflow.
      Value tail = buildExp(b, loc, arith::NegFOp::create(b, loc, math::AbsFOp::create(b, loc, x)));
      return add(buildMax(b, loc, x, number(0)), math::Log1pOp::create(b, loc, tail));
    }
    case nn::FunctionKind::Erf:
      return buildErf(b, loc, x);
    case nn::FunctionKind::Gelu: {
      Value half = mul(x, number(0.5));
      return math::FmaOp::create(b, loc, half, buildErf(b, loc, mul(x, number(M_SQRT1_2))), half);
    }
    case nn::FunctionKind::GeluTanh: {
      // x (1 + tanh u) / 2 = x / (1 + exp(-2u)); -2u = x (c + 0.044715 c x^2), c = -2 sqrt(2 / pi)
      double c = -2 * std::sqrt(2 / M_PI);
      Value exponent = mul(x, math::FmaOp::create(b, loc, mul(x, x), number(0.044715 * c), number(c)));
      return div(x, add(number(1), buildExp(b, loc, exponent)));
    }
    }
    llvm_unreachable("all kinds are handled");
  }
};

} // namespace

void tile::populateElementwise(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerBinary<nn::AddOp, arith::AddFOp, arith::AddIOp>, LowerBinary<nn::SubOp, arith::SubFOp, arith::SubIOp>,
               LowerBinary<nn::MulOp, arith::MulFOp, arith::MulIOp>, LowerBinary<nn::DivOp, arith::DivFOp, void>,
               LowerClamp, LowerFunction>(converter, patterns.getContext());
}

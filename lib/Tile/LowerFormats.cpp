//===- LowerFormats.cpp - quantize, dequantize, rescale, lookup -*- C++ -*-===//
//
// This file gives the changes of number format their plain meaning in arith (Numerics R3, R4, R15 to R19). It is the oracle of
// every faster lowering.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "quantization/Format/Rounding.h"

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

namespace {

/// An f32 constant per channel beside a loop over `type`, or one number.
struct PerChannel {
  SmallVector<float> values;
  int64_t axis;

  void read(LoopNest &nest, OpBuilder &builder, Location loc, ArrayRef<AffineExpr> at) const {
    if (values.size() > 1)
      nest.read(constantTensor<float>(builder, loc, builder.getF32Type(), {static_cast<int64_t>(values.size())}, values), {at[axis]});
  }
  Value get(OpBuilder &builder, Location loc, ValueRange v) const {
    return values.size() > 1 ? v[1] : constantFloat(builder, loc, values.front());
  }
};

PerChannel scalesPerChannel(quant::QuantizedType type) {
  PerChannel result;
  for (double scale : scalesOf(type))
    result.values.push_back(static_cast<float>(scale));
  result.axis = channelAxisOf(type);
  return result;
}

struct LowerQuantize : OpConversionPattern<nn::QuantizeOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::QuantizeOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getResult().getType());
    auto quantized = quantizedElement(type);
    PerChannel scales = scalesPerChannel(quantized);
    double zero = static_cast<double>(zeroPointOf(quantized));
    LoopNest nest(rewriter, loc);
    SmallVector<AffineExpr> at = loopsInOrderOf(type, nest);
    nest.read(adaptor.getInput(), op.getInput().getType(), at);
    scales.read(nest, rewriter, loc, at);
    rewriter.replaceOp(op, nest.write(emptyTensor(rewriter, loc, physicalType(type)), type, at,
                                      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      Value x = arith::DivFOp::create(b, l, v[0], scales.get(b, l, v));
      switch (op.getRounding()) {
      case nn::RoundingMode::HalfEven:
        x = math::RoundEvenOp::create(b, l, x);
        break;
      case nn::RoundingMode::HalfAway:
        x = math::RoundOp::create(b, l, x);
        break;
      case nn::RoundingMode::Truncate:
        x = math::TruncOp::create(b, l, x);
        break;
      case nn::RoundingMode::Sign: {
        Value isNegative = arith::CmpFOp::create(b, l, arith::CmpFPredicate::OLT, x, constantFloat(b, l, 0));
        Value isPositive = arith::CmpFOp::create(b, l, arith::CmpFPredicate::OGE, x, constantFloat(b, l, 0));
        Value positive = arith::SelectOp::create(b, l, isPositive, constantFloat(b, l, 1), constantFloat(b, l, 0));
        x = arith::SelectOp::create(b, l, isNegative, constantFloat(b, l, -1), positive);
        break;
      }
      case nn::RoundingMode::HalfUp: {
        // x + 1/2 would be rounded itself: 0.49999997 would go up.
        Value below = math::FloorOp::create(b, l, x);
        Value isUp = arith::CmpFOp::create(b, l, arith::CmpFPredicate::OGE, arith::SubFOp::create(b, l, x, below), constantFloat(b, l, 0.5));
        Value above = arith::AddFOp::create(b, l, below, constantFloat(b, l, 1));
        x = arith::SelectOp::create(b, l, isUp, above, below);
        break;
      }
      }
      // No number has the code of zero.
      Value isNumber = arith::CmpFOp::create(b, l, arith::CmpFPredicate::ORD, x, x);
      x = arith::SelectOp::create(b, l, isNumber, x, constantFloat(b, l, 0));
      // Saturated before the conversion, which has no meaning for numbers that do not fit.
      x = buildMax(b, l, x, constantFloat(b, l, quantized.getStorageTypeMin() - zero));
      x = buildMin(b, l, x, constantFloat(b, l, quantized.getStorageTypeMax() - zero));
      Value code = arith::FPToSIOp::create(b, l, b.getI32Type(), x);
      code = arith::AddIOp::create(b, l, code, constantInt(b, l, b.getI32Type(), zeroPointOf(quantized)));
      Type storage = storageOf(quantized);
      return storage.isInteger(32) ? code : Value(arith::TruncIOp::create(b, l, storage, code));
    }));
    return success();
  }
};

struct LowerDequantize : OpConversionPattern<nn::DequantizeOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::DequantizeOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getResult().getType());
    auto quantized = quantizedElement(op.getInput());
    PerChannel scales = scalesPerChannel(quantized);
    LoopNest nest(rewriter, loc);
    SmallVector<AffineExpr> at = loopsInOrderOf(type, nest);
    nest.read(adaptor.getInput(), op.getInput().getType(), at);
    scales.read(nest, rewriter, loc, at);
    rewriter.replaceOp(op, nest.write(emptyTensor(rewriter, loc, physicalType(type)), type, at,
                                      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      Value code = widenCentered(b, l, v[0], quantized, b.getI32Type());
      Value real = arith::SIToFPOp::create(b, l, b.getF32Type(), code);
      return arith::MulFOp::create(b, l, real, scales.get(b, l, v));
    }));
    return success();
  }
};

/// A proved bound of the magnitude of what a rescale gives before its clamp.
int64_t largestResult(fixed::RescaleOp op) {
  double largest = 0;
  for (auto [multiplier, shift] : llvm::zip(*op.getMultipliers(), *op.getShifts()))
    largest = std::max(largest, std::ldexp(static_cast<double>(op.getBound()) * multiplier, -shift));
  return static_cast<int64_t>(largest) + 1;
}

struct LowerRescale : OpConversionPattern<fixed::RescaleOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(fixed::RescaleOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    if (!op.getMultipliers())
      return op.emitError() << "layer \"" << op.getLayer() << "\" has a rescale without multipliers; run materialize-rescale first";
    auto type = cast<RankedTensorType>(op.getResult().getType());
    Type from = nn::elementTypeOf(op.getInput());
    auto to = quantizedElement(type);
    ArrayRef<int32_t> multipliers = *op.getMultipliers(), shifts = *op.getShifts();
    bool perChannel = multipliers.size() > 1;
    bool shifted = llvm::any_of(shifts, [](int32_t shift) { return shift != 0; });
    int64_t largest = *llvm::max_element(multipliers);
    // 32 bits where the product and its rounding bias stay within them.
    bool narrow = static_cast<double>(op.getBound()) * largest < 1073741824.0 && !shifted && !from.isInteger(64);
    Type i32 = rewriter.getI32Type(), wide = narrow || !from.isInteger(64) ? i32 : rewriter.getI64Type();

    LoopNest nest(rewriter, loc);
    SmallVector<AffineExpr> at = loopsInOrderOf(type, nest);
    nest.read(adaptor.getInput(), op.getInput().getType(), at);
    if (perChannel) {
      AffineExpr channel = at[op.getAxis()];
      int64_t count = multipliers.size();
      nest.read(constantTensor<int32_t>(rewriter, loc, rewriter.getI32Type(), {count}, multipliers), {channel});
      nest.read(constantTensor<int32_t>(rewriter, loc, rewriter.getI32Type(), {count}, shifts), {channel});
    }
    rewriter.replaceOp(op, nest.write(emptyTensor(rewriter, loc, physicalType(type)), type, at,
                                      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      auto factor = [&](ArrayRef<int32_t> values, size_t operand) -> Value {
        return perChannel ? v[operand] : constantInt(b, l, i32, values.front());
      };
      // Clamped before the zero point is added: no sum leaves the type, however large the product.
      int64_t zero = to ? zeroPointOf(to) : 0, low = op.getClamp()[0] - zero, high = op.getClamp()[1] - zero;
      Value x = widenCentered(b, l, v[0], from, wide);
      if (op.getRounding() == nn::RoundingMode::Sign) { // R35; a clamp may leave one of the two
        Value isNegative = arith::CmpIOp::create(b, l, arith::CmpIPredicate::slt, x, constantInt(b, l, wide, 0));
        x = arith::SelectOp::create(b, l, isNegative, constantInt(b, l, i32, std::clamp<int64_t>(-1, low, high)),
                                    constantInt(b, l, i32, std::clamp<int64_t>(1, low, high)));
      } else if (narrow) {
        if (largest != 1 || perChannel)
          x = arith::MulIOp::create(b, l, x, factor(multipliers, 1));
        if (to || low != INT32_MIN || high != INT32_MAX) {
          x = arith::MaxSIOp::create(b, l, x, constantInt(b, l, i32, low));
          x = arith::MinSIOp::create(b, l, x, constantInt(b, l, i32, high));
        }
      } else {
        x = fixed::RequantizeOp::create(b, l, i32, x, factor(multipliers, 1), factor(shifts, 2), op.getRounding(),
                                        ArrayRef<int64_t>{low, high}, largestResult(op), *llvm::min_element(shifts));
      }
      if (zero != 0)
        x = arith::AddIOp::create(b, l, x, constantInt(b, l, i32, zero));
      Type storage = v.back().getType();
      return storage == i32 ? x : Value(arith::TruncIOp::create(b, l, storage, x));
    }));
    return success();
  }
};

struct LowerLookup : OpConversionPattern<fixed::LookupOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(fixed::LookupOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getResult().getType());
    auto from = quantizedElement(op.getInput());
    int64_t axis = static_cast<int64_t>(op.getAxis());
    LoopNest nest(rewriter, loc);
    SmallVector<AffineExpr> at = loopsInOrderOf(type, nest);
    nest.read(adaptor.getInput(), op.getInput().getType(), at);
    SmallVector<int64_t> order = fixed::orderOf(type);
    int64_t channelLoop = axis < 0 ? 0 : std::distance(order.begin(), llvm::find(order, axis));
    rewriter.replaceOp(op, nest.write(emptyTensor(rewriter, loc, physicalType(type)), type, at,
                                      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      Value code = widen(b, l, v[0], from, b.getI32Type());
      if (from.isSigned()) {
        int64_t least = int64_t(1) << (from.getStorageTypeIntegralWidth() - 1);
        code = arith::AddIOp::create(b, l, code, constantInt(b, l, b.getI32Type(), least));
      }
      SmallVector<Value> place;
      if (axis >= 0)
        place.push_back(linalg::IndexOp::create(b, l, channelLoop));
      place.push_back(arith::IndexCastUIOp::create(b, l, b.getIndexType(), code));
      return tensor::ExtractOp::create(b, l, adaptor.getTable(), place);
    }));
    return success();
  }
};

} // namespace

void tile::populateFormats(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerQuantize, LowerDequantize, LowerRescale, LowerLookup>(converter, patterns.getContext());
}

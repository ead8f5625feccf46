//===- ExpandRequantize.cpp - multiply, round, shift, clamp -----*- C++ -*-===//
//
// This file writes fixed.requantize out in arith (Numerics R1, R15 to R17): plainly on scalars, and on vectors of i32 with the products
// of even and odd lanes apart, as processors multiply them.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Target/Passes.h"
#include "quantization/Target/TargetModel.h"

namespace quantization {
#define GEN_PASS_DEF_EXPANDREQUANTIZE
#include "quantization/Target/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

/// Arithmetic on one type, scalar or vector.
struct Arithmetic {
  OpBuilder &b;
  Location l;
  Type type;

  Value number(int64_t value) const {
    TypedAttr attr = b.getIntegerAttr(getElementTypeOrSelf(type), value);
    if (auto vector = dyn_cast<VectorType>(type))
      attr = DenseElementsAttr::get(vector, attr);
    return arith::ConstantOp::create(b, l, attr);
  }
  Value add(Value x, Value y) const { return arith::AddIOp::create(b, l, x, y); }
  Value sub(Value x, Value y) const { return arith::SubIOp::create(b, l, x, y); }
  Value mul(Value x, Value y) const { return arith::MulIOp::create(b, l, x, y); }
  Value both(Value x, Value y) const { return arith::AndIOp::create(b, l, x, y); }
  Value left(Value x, Value y) const { return arith::ShLIOp::create(b, l, x, y); }
  Value right(Value x, Value y) const { return arith::ShRSIOp::create(b, l, x, y); }
  Value logicalRight(Value x, Value y) const { return arith::ShRUIOp::create(b, l, x, y); }
  Value clamped(Value x, ArrayRef<int64_t> range) const {
    bool narrow = getElementTypeOrSelf(type).isInteger(32);
    if (!narrow || range[0] != INT32_MIN)
      x = arith::MaxSIOp::create(b, l, x, number(range[0]));
    return narrow && range[1] == INT32_MAX ? x : Value(arith::MinSIOp::create(b, l, x, number(range[1])));
  }

  /// What is added to `v` before it is shifted right by `shift`, so that it is rounded; `shift` may be 0.
  Value roundingBias(Value v, Value shift, nn::RoundingMode rounding) const {
    Value one = number(1);
    // 2^(shift - 1), or 0 for no shift.
    Value half = logicalRight(left(one, shift), one);
    if (rounding == nn::RoundingMode::HalfUp)
      return half;
    // 1, or 0 for no shift: then nothing is added.
    Value any = sub(one, logicalRight(one, shift));
    if (rounding == nn::RoundingMode::HalfEven) // a tie moves up only to an even neighbour: half - 1 + (least bit kept)
      return add(sub(half, any), both(logicalRight(v, shift), any));
    if (rounding == nn::RoundingMode::Truncate) // all of a negative rest moves up
      return both(right(v, number(63)), sub(left(one, shift), one));
    // A tie below zero moves down: one less is added to negative numbers.
    return sub(half, both(logicalRight(v, number(63)), any));
  }
};

struct Expand : OpRewritePattern<fixed::RequantizeOp> {
  bool wideShifts;

  Expand(MLIRContext *context, bool wideShifts) : OpRewritePattern(context), wideShifts(wideShifts) {}

  LogicalResult matchAndRewrite(fixed::RequantizeOp op, PatternRewriter &rewriter) const override {
    auto vector = dyn_cast<VectorType>(op.getValue().getType());
    bool byHalves = vector && vector.getElementType().isInteger(32) && vector.getRank() == 1 && vector.getNumElements() % 2 == 0 &&
                    op.getLargest() < INT32_MAX;
    bool byHighWords = byHalves && op.getRounding() == nn::RoundingMode::HalfUp && op.getLeastShift() >= 33;
    rewriter.replaceOp(op, byHighWords ? expandByHighWords(op, vector, rewriter)
                           : byHalves  ? expandByHalves(op, vector, rewriter)
                                       : expandPlainly(op, rewriter));
    return success();
  }

  /// Even or odd lanes in the low words of pairs. A shuffle, not a shift: LLVM then sees a product of 32-bit factors in any block.
  static Value wordsOf(Value v, bool odd, const Arithmetic &half) {
    int64_t lanes = cast<VectorType>(v.getType()).getNumElements();
    SmallVector<int64_t> order;
    for (int64_t lane = 0; lane < lanes; ++lane)
      order.push_back(lane | 1);
    Value words = odd ? Value(vector::ShuffleOp::create(half.b, half.l, v, v, order)) : v;
    return vector::BitCastOp::create(half.b, half.l, half.type, words);
  }
  static Value signedWordsOf(Value v, bool odd, const Arithmetic &half) {
    Value by32 = half.number(32);
    return half.right(half.left(wordsOf(v, odd, half), by32), by32);
  }

  /// floor((p + 2^(s - 1)) / 2^s) = floor((floor(p / 2^32) + 2^(s - 33)) / 2^(s - 32)): all behind the product is on 32 bits.
  static Value expandByHighWords(fixed::RequantizeOp op, VectorType vector, PatternRewriter &rewriter) {
    Location loc = op.getLoc();
    int64_t lanes = vector.getNumElements();
    Arithmetic half{rewriter, loc, VectorType::get({lanes / 2}, rewriter.getI64Type())}, full{rewriter, loc, vector};
    Value products[2];
    for (bool odd : {false, true})
      products[odd] = vector::BitCastOp::create(rewriter, loc, vector,
                                                half.mul(signedWordsOf(op.getValue(), odd, half), signedWordsOf(op.getMultiplier(), odd, half)));
    SmallVector<int64_t> highWords;
    for (int64_t i = 0; i < lanes; i += 2)
      highWords.append({i + 1, lanes + i + 1});
    Value high = vector::ShuffleOp::create(rewriter, loc, products[0], products[1], highWords);
    Value shift = full.sub(op.getShift(), full.number(32));
    return full.clamped(full.right(full.add(high, full.roundingBias(high, shift, nn::RoundingMode::HalfUp)), shift), op.getClamp());
  }

  static Value expandPlainly(fixed::RequantizeOp op, PatternRewriter &rewriter) {
    Location loc = op.getLoc();
    auto withElement = [&](Type element) -> Type {
      auto vector = dyn_cast<VectorType>(op.getValue().getType());
      return vector ? Type(vector.clone(element)) : element;
    };
    Arithmetic wide{rewriter, loc, withElement(rewriter.getI64Type())};
    auto extended = [&](Value v) -> Value {
      return v.getType() == wide.type ? v : Value(arith::ExtSIOp::create(rewriter, loc, wide.type, v));
    };
    Value shift = extended(op.getShift());
    Value product = wide.mul(extended(op.getValue()), extended(op.getMultiplier()));
    Value rounded = wide.right(wide.add(product, wide.roundingBias(product, shift, op.getRounding())), shift);
    return arith::TruncIOp::create(rewriter, loc, op.getType(), wide.clamped(rounded, op.getClamp()));
  }

  Value expandByHalves(fixed::RequantizeOp op, VectorType vector, PatternRewriter &rewriter) const {
    Location loc = op.getLoc();
    int64_t lanes = vector.getNumElements();
    auto halfType = VectorType::get({lanes / 2}, rewriter.getI64Type());
    Arithmetic half{rewriter, loc, halfType}, full{rewriter, loc, vector};
    constexpr int64_t offset = int64_t(1) << 62; // larger than any product
    Value results[2];
    for (bool odd : {false, true}) {
      Value shift = half.both(wordsOf(op.getShift(), odd, half), half.number(0xffffffff));
      Value product = half.mul(signedWordsOf(op.getValue(), odd, half), signedWordsOf(op.getMultiplier(), odd, half));
      Value bias = half.roundingBias(product, shift, op.getRounding());
      // Where shifts know no sign, products are made positive first.
      Value shifted = wideShifts ? half.right(half.add(product, bias), shift)
                                 : half.logicalRight(half.add(product, half.add(bias, half.number(offset))), shift);
      results[odd] = vector::BitCastOp::create(rewriter, loc, vector, shifted);
    }
    SmallVector<int64_t> interleaved;
    for (int64_t i = 0; i < lanes; i += 2)
      interleaved.append({i, lanes + i});
    Value result = vector::ShuffleOp::create(rewriter, loc, results[0], results[1], interleaved);
    if (!wideShifts) {
      // What the offset has become: 2^(62 - shift), of which 32 bits count.
      Value left = full.sub(full.number(62), op.getShift());
      Value inWord = arith::CmpIOp::create(rewriter, loc, arith::CmpIPredicate::slt, left, full.number(32));
      Value power = full.left(full.number(1), full.both(left, full.number(31)));
      result = full.sub(result, arith::SelectOp::create(rewriter, loc, inWord, power, full.number(0)));
    }
    return full.clamped(result, op.getClamp());
  }
};

struct ExpandRequantizePass : quantization::impl::ExpandRequantizeBase<ExpandRequantizePass> {
  void runOnOperation() override {
    bool wideShifts = TargetModel::of(getOperation())->lanes() >= 16;
    RewritePatternSet patterns(&getContext());
    patterns.add<Expand>(&getContext(), wideShifts);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace

//===- LowerObservers.cpp - values that calibration watches -----*- C++ -*-===//
//
// This file lowers numbered observers, which only networks have in this room that the compiler itself runs. One that nobody reads, of
// calibration, becomes a call of whoever watches:
//
//   nn.observe %0 {layer = "conv1", nn.observer = 3}   ==>   call @calibration_observe_3(%0) : (tensor<1x8x8x16xf32>) -> ()
//
// The call stands where the value has been written, in whatever order of dimensions; the function's `nn.order` tells which. One that is
// read, of a search, quantizes its value by that row of a table, the last argument of the function:
//
//   %1 = nn.observe %0 {layer = "conv1", nn.observer = 3}   ==>   %1 = linalg.generic ins(%0, %table[3, 0], %table[3, 1] ...)
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "quantization/Tile/FormatTable.h"

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

namespace {

struct LowerObserve : OpConversionPattern<nn::ObserveOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::ObserveOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    auto number = op->getAttrOfType<IntegerAttr>("nn.observer");
    if (!number || !op.getResult().use_empty())
      return failure();
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(adaptor.getInput().getType());
    std::string name = "calibration_observe_" + std::to_string(number.getInt());
    {
      OpBuilder::InsertionGuard guard(rewriter);
      rewriter.setInsertionPoint(op->getParentOfType<func::FuncOp>());
      auto watcher = func::FuncOp::create(rewriter, loc, name, rewriter.getFunctionType({type}, {}));
      watcher.setPrivate();
      watcher.setArgAttr(0, bufferization::BufferizationDialect::kBufferAccessAttrName, rewriter.getStringAttr("read"));
      watcher->setAttr("nn.order", rewriter.getDenseI64ArrayAttr(fixed::orderOf(cast<RankedTensorType>(op.getInput().getType()))));
    }
    func::CallOp::create(rewriter, loc, name, TypeRange(), adaptor.getInput());
    rewriter.eraseOp(op);
    return success();
  }
};

/// Numerics R3 and R4 with the numbers of a row: what a quantize and a dequantize behind it give, bit for bit.
struct LowerToTable : OpConversionPattern<nn::ObserveOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::ObserveOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    auto number = op->getAttrOfType<IntegerAttr>("nn.observer");
    if (!number || op.getResult().use_empty())
      return failure();
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getResult().getType());
    Value table = rewriter.getRemappedValue(op->getParentOfType<func::FuncOp>().getArguments().back());
    LoopNest nest(rewriter, loc);
    SmallVector<AffineExpr> at = loopsInOrderOf(type, nest);
    nest.read(adaptor.getInput(), op.getInput().getType(), at);
    for (int column = 0; column < FormatTable::kColumns; ++column) // the same numbers for every value
      nest.read(table, {nest.constant(number.getInt()), nest.constant(column)});
    rewriter.replaceOp(op, nest.write(emptyTensor(rewriter, loc, physicalType(type)), type, at,
                                      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      auto column = [&](FormatTable::Column column) { return v[1 + column]; };
      auto isOne = [&](FormatTable::Column flag) -> Value {
        return arith::CmpFOp::create(b, l, arith::CmpFPredicate::OEQ, column(flag), constantFloat(b, l, 1));
      };
      Value scale = column(FormatTable::kScale);
      Value x = arith::DivFOp::create(b, l, v[0], scale);
      Value even = math::RoundEvenOp::create(b, l, x);
      Value inner = math::TruncOp::create(b, l, x), rest = math::AbsFOp::create(b, l, arith::SubFOp::create(b, l, x, inner));
      Value outer = arith::AddFOp::create(b, l, inner, math::CopySignOp::create(b, l, constantFloat(b, l, 1), x));
      Value isOuter = arith::CmpFOp::create(b, l, arith::CmpFPredicate::OGE, rest, column(FormatTable::kAwayFrom));
      Value other = arith::SelectOp::create(b, l, isOuter, outer, inner);
      Value isNumber = arith::CmpFOp::create(b, l, arith::CmpFPredicate::ORD, x, x);
      x = arith::SelectOp::create(b, l, isOne(FormatTable::kIsEven), even, other);
      x = arith::SelectOp::create(b, l, isNumber, x, constantFloat(b, l, 0));
      x = buildMax(b, l, x, column(FormatTable::kLow));
      x = buildMin(b, l, x, column(FormatTable::kHigh));
      x = arith::AddFOp::create(b, l, x, constantFloat(b, l, 0)); // codes have no -0
      x = arith::MulFOp::create(b, l, x, scale);
      return arith::SelectOp::create(b, l, isOne(FormatTable::kIsFloat), v[0], x);
    }));
    return success();
  }
};

} // namespace

void tile::populateObservers(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerObserve, LowerToTable>(converter, patterns.getContext());
}

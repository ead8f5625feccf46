//===- LowerObservers.cpp - values that calibration watches -----*- C++ -*-===//
//
// This file turns numbered observers, which only the networks that calibration runs have in this room, into calls of whoever watches:
//
//   nn.observe %0 {layer = "conv1", nn.observer = 3}   ==>   call @calibration_observe_3(%0) : (tensor<1x8x8x16xf32>) -> ()
//
// The call stands where the value has been written, in whatever order of dimensions; the function's `nn.order` tells which.
//
//===----------------------------------------------------------------------===//

#include "Lowering.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

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

} // namespace

void tile::populateObservers(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerObserve>(converter, patterns.getContext());
}

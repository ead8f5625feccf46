//===- LowerMoves.cpp - layers that only move values ------------*- C++ -*-===//
//
// This file turns constants, reshapes, concatenations, slices, pads, transposes and changes of layout into tensor ops and copies.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "Lowering.h"

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

namespace {

/// Micro-kernels pack weights and biases from the constant itself.
bool isOnlyPacked(nn::ConstantOp op) {
  return llvm::all_of(op->getUses(), [](OpOperand &use) {
    std::optional<Contraction> contraction = contractionOf(use.getOwner());
    return contraction && isKernel(use.getOwner()->getAttrOfType<StringAttr>("lowering")) && use.get() != contraction->input &&
           !contraction->packsAtRunTime();
  });
}

struct LowerConstant : OpConversionPattern<nn::ConstantOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::ConstantOp op, OpAdaptor, ConversionPatternRewriter &rewriter) const override {
    if (isOnlyPacked(op)) {
      rewriter.replaceOp(op, emptyTensor(rewriter, op.getLoc(), physicalType(op.getResult().getType())));
      return success();
    }
    auto type = cast<RankedTensorType>(op.getResult().getType());
    rewriter.replaceOp(op, constantTensor(rewriter, op.getLoc(), physicalType(type), toMemoryOrder(type, readBytes(op.getValue()))));
    return success();
  }
};

/// Copies `value` of logical type `from` into a new tensor of logical type `to`; `index` gives the place to read for a place of `to`.
Value copy(OpBuilder &builder, Location loc, Value value, Type from, RankedTensorType to,
           llvm::function_ref<SmallVector<AffineExpr>(ArrayRef<AffineExpr>)> index) {
  LoopNest nest(builder, loc);
  SmallVector<AffineExpr> at = loopsInOrderOf(to, nest);
  nest.read(value, from, index(at));
  return nest.write(emptyTensor(builder, loc, physicalType(to)), to, at, [](OpBuilder &, Location, ValueRange v) { return v[0]; });
}

struct LowerReshape : OpConversionPattern<nn::ReshapeOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::ReshapeOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    if (cast<RankedTensorType>(op.getInput().getType()).getEncoding() || cast<RankedTensorType>(op.getResult().getType()).getEncoding())
      return op.emitError() << "layer \"" << op.getLayer() << "\" reshapes a tensor that is not row-major; run choose-layout first";
    rewriter.replaceOp(op, reshaped(rewriter, op.getLoc(), adaptor.getInput(), nn::shapeOf(op.getResult())));
    return success();
  }
};

struct LowerTranspose : OpConversionPattern<nn::TransposeOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::TransposeOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    auto from = cast<RankedTensorType>(op.getInput().getType()), to = cast<RankedTensorType>(op.getResult().getType());
    ArrayRef<int64_t> permutation = op.getPermutation();
    // Where both memory orders name the same dimensions in turn there is nothing to move.
    SmallVector<int64_t> seen;
    for (int64_t d : fixed::orderOf(to))
      seen.push_back(permutation[d]);
    if (ArrayRef<int64_t>(seen) == ArrayRef<int64_t>(fixed::orderOf(from))) {
      rewriter.replaceOp(op, adaptor.getInput());
      return success();
    }
    rewriter.replaceOp(op, copy(rewriter, op.getLoc(), adaptor.getInput(), from, to, [&](ArrayRef<AffineExpr> at) {
      SmallVector<AffineExpr> source(at.size());
      for (auto [i, d] : llvm::enumerate(permutation))
        source[d] = at[i];
      return source;
    }));
    return success();
  }
};

struct LowerRelayout : OpConversionPattern<fixed::RelayoutOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(fixed::RelayoutOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    auto from = cast<RankedTensorType>(op.getInput().getType()), to = cast<RankedTensorType>(op.getResult().getType());
    // Dimensions of extent 1 may stand anywhere: where the others keep their order, nothing moves.
    auto moving = [&](ArrayRef<int64_t> order) {
      SmallVector<int64_t> result;
      llvm::copy_if(order, std::back_inserter(result), [&](int64_t d) { return from.getDimSize(d) != 1; });
      return result;
    };
    if (moving(fixed::orderOf(from)) == moving(fixed::orderOf(to))) {
      auto flat = RankedTensorType::get({from.getNumElements()}, physicalType(to).getElementType());
      SmallVector<ReassociationIndices> all = {llvm::to_vector(llvm::seq<int64_t>(0, from.getRank()))};
      Value value = tensor::CollapseShapeOp::create(rewriter, op.getLoc(), flat, adaptor.getInput(), all);
      rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(op, physicalType(to), value, all);
      return success();
    }
    rewriter.replaceOp(op, copy(rewriter, op.getLoc(), adaptor.getInput(), from, to,
                                [](ArrayRef<AffineExpr> at) { return SmallVector<AffineExpr>(at); }));
    return success();
  }
};

struct LowerSlice : OpConversionPattern<nn::SliceOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::SliceOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    auto from = cast<RankedTensorType>(op.getInput().getType()), to = cast<RankedTensorType>(op.getResult().getType());
    if (llvm::all_of(op.getSteps(), [](int64_t step) { return step > 0; })) {
      // In the order of the input first; a loop's extent would not tell a shorter slice from the whole.
      auto part = RankedTensorType::get(to.getShape(), from.getElementType(), from.getEncoding());
      SmallVector<OpFoldResult> offsets, sizes, strides;
      for (int64_t d : fixed::orderOf(from)) {
        offsets.push_back(rewriter.getIndexAttr(op.getStarts()[d]));
        sizes.push_back(rewriter.getIndexAttr(to.getDimSize(d)));
        strides.push_back(rewriter.getIndexAttr(op.getSteps()[d]));
      }
      Value slice = tensor::ExtractSliceOp::create(rewriter, op.getLoc(), physicalType(part), adaptor.getInput(), offsets, sizes, strides);
      rewriter.replaceOp(op, copy(rewriter, op.getLoc(), slice, part, to,
                                  [](ArrayRef<AffineExpr> at) { return SmallVector<AffineExpr>(at); }));
      return success();
    }
    // A backward step is no affine map that linalg takes: the body looks the value up.
    LoopNest nest(rewriter, op.getLoc());
    SmallVector<AffineExpr> at = loopsInOrderOf(to, nest);
    SmallVector<int64_t> order = fixed::orderOf(from), loopOf(order.size());
    for (auto [position, d] : llvm::enumerate(fixed::orderOf(to)))
      loopOf[d] = position;
    rewriter.replaceOp(op, nest.write(emptyTensor(rewriter, op.getLoc(), physicalType(to)), to, at,
                                      [&](OpBuilder &b, Location l, ValueRange) -> Value {
      SmallVector<Value> source;
      for (int64_t d : order) {
        Value i = linalg::IndexOp::create(b, l, loopOf[d]);
        Value step = arith::ConstantIndexOp::create(b, l, op.getSteps()[d]), start = arith::ConstantIndexOp::create(b, l, op.getStarts()[d]);
        source.push_back(arith::AddIOp::create(b, l, arith::MulIOp::create(b, l, i, step), start));
      }
      return tensor::ExtractOp::create(b, l, adaptor.getInput(), source);
    }));
    return success();
  }
};

struct LowerPad : OpConversionPattern<nn::PadOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::PadOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getInput().getType());
    Value with = codeOf(rewriter, op.getLoc(), type.getElementType(), op.getValue().convertToFloat());
    rewriter.replaceOp(op, padded(rewriter, op.getLoc(), adaptor.getInput(), type, op.getLow(), op.getHigh(), with));
    return success();
  }
};

struct LowerConcat : OpConversionPattern<nn::ConcatOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::ConcatOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(op.getResult().getType());
    Value result = emptyTensor(rewriter, op.getLoc(), physicalType(type));
    SmallVector<int64_t> order = fixed::orderOf(type);
    int64_t offset = 0;
    for (Value input : adaptor.getInputs()) {
      auto part = cast<RankedTensorType>(input.getType());
      SmallVector<OpFoldResult> offsets, sizes, strides(order.size(), rewriter.getIndexAttr(1));
      int64_t along = 0;
      for (auto [position, d] : llvm::enumerate(order)) {
        bool isAxis = d == static_cast<int64_t>(op.getAxis());
        if (isAxis)
          along = part.getDimSize(position);
        offsets.push_back(rewriter.getIndexAttr(isAxis ? offset : 0));
        sizes.push_back(rewriter.getIndexAttr(part.getDimSize(position)));
      }
      result = tensor::InsertSliceOp::create(rewriter, op.getLoc(), input, result, offsets, sizes, strides);
      offset += along;
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// Values stay packed until what reads and makes them is settled (fuse-packing).
template <typename Op> struct KeepPacking : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<Op>(op, physicalType(op.getResult().getType()), adaptor.getInput(), op.getBitsAttr(), op.getLeastAttr(),
                                    op.getLayerAttr());
    return success();
  }
};

} // namespace

void tile::populateMoves(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerConstant, LowerReshape, LowerTranspose, LowerRelayout, LowerSlice, LowerPad, LowerConcat,
               KeepPacking<fixed::PackValuesOp>, KeepPacking<fixed::UnpackValuesOp>>(converter, patterns.getContext());
}

//===- ExpandPadding.cpp - borders around values ----------------*- C++ -*-===//
//
// This file writes padding as strips around the place where the value itself is made:
//
//   %p = tensor.pad %x low[0, 1, 1, 0] high[0, 1, 1, 0]     %e = tensor.empty
//        { yield %zero }                               ==>  %1 = fill the first row of %e with %zero, and so on for each side
//                                                           %p = tensor.insert_slice %x into %4[0, 1, 1, 0]
//
// Bufferization then lets the producer of %x write into the middle of %p, and nothing is copied. This is done last, because equal
// paddings made one by CSE would need copies again.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "quantization/Tile/Passes.h"

namespace quantization {
#define GEN_PASS_DEF_EXPANDPADDING
#include "quantization/Tile/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct ExpandPaddingPass : quantization::impl::ExpandPaddingBase<ExpandPaddingPass> {
  void runOnOperation() override {
    SmallVector<tensor::PadOp> pads;
    getOperation().walk([&](tensor::PadOp op) { pads.push_back(op); });
    for (tensor::PadOp op : pads) {
      Value with = op.getConstantPaddingValue();
      if (!with || !op.getResultType().hasStaticShape()) {
        op.emitError() << "expected a static tensor.pad with one value";
        return signalPassFailure();
      }
      expand(op, with);
      ++numPaddings;
    }
  }

private:
  static void expand(tensor::PadOp op, Value with) {
    OpBuilder b(op);
    Location loc = op.getLoc();
    ArrayRef<int64_t> inner = op.getSourceType().getShape(), outer = op.getResultType().getShape();
    ArrayRef<int64_t> low = op.getStaticLow(), high = op.getStaticHigh();
    int64_t rank = outer.size();
    SmallVector<OpFoldResult> ones(rank, b.getIndexAttr(1));
    Value result = tensor::EmptyOp::create(b, loc, outer, op.getResultType().getElementType());
    // A strip before and behind along each dimension, within the value's own extent along those before it: strips do not overlap.
    SmallVector<int64_t> offsets(rank, 0), sizes(outer);
    auto strip = [&](int64_t dimension, int64_t offset, int64_t size) {
      if (size == 0)
        return;
      SmallVector<int64_t> at(offsets), extent(sizes);
      at[dimension] = offset, extent[dimension] = size;
      SmallVector<OpFoldResult> places = getAsIndexOpFoldResult(b.getContext(), at), extents = getAsIndexOpFoldResult(b.getContext(), extent);
      Value part = tensor::ExtractSliceOp::create(b, loc, result, places, extents, ones);
      part = linalg::FillOp::create(b, loc, with, part).getResult(0);
      result = tensor::InsertSliceOp::create(b, loc, part, result, places, extents, ones);
    };
    for (int64_t d = 0; d < rank; ++d) {
      strip(d, 0, low[d]);
      strip(d, outer[d] - high[d], high[d]);
      offsets[d] = low[d], sizes[d] = inner[d];
    }
    Value padded = tensor::InsertSliceOp::create(b, loc, op.getSource(), result, getAsIndexOpFoldResult(b.getContext(), offsets),
                                                 getAsIndexOpFoldResult(b.getContext(), sizes), ones);
    op.replaceAllUsesWith(padded);
    op.erase();
  }
};

} // namespace

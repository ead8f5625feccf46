//===- TileAndFuse.cpp - rows of a contraction with its reader --*- C++ -*-===//
//
// This file computes an accumulator one row at a time inside the loop that rescales it:
//
//   %acc = linalg.generic conv -> tensor<1x56x56x64xi32>      scf.for %n, %h {
//   %y   = linalg.generic rescale ins(%acc)             ==>     %acc = conv -> tensor<1x1x56x64xi32>
//                                                               %y = rescale ins(%acc)  }
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "quantization/Tile/Passes.h"

namespace quantization {
#define GEN_PASS_DEF_TILEANDFUSE
#include "quantization/Tile/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct TileAndFusePass : quantization::impl::TileAndFuseBase<TileAndFusePass> {
  void runOnOperation() override {
    SmallVector<linalg::GenericOp> readers;
    getOperation().walk([&](linalg::GenericOp op) {
      if (op.getNumReductionLoops() == 0 && reductionOf(op))
        readers.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::GenericOp op : readers)
      if (failed(fuse(op, rewriter)))
        return signalPassFailure();
  }

private:
  /// The reduction whose only reader is `op`, over rows worth a loop of their own.
  static linalg::GenericOp reductionOf(linalg::GenericOp op) {
    for (OpOperand *input : op.getDpsInputOperands()) {
      auto producer = input->get().getDefiningOp<linalg::GenericOp>();
      if (!producer || producer.getNumReductionLoops() == 0 || !producer->hasOneUse() || !op.getMatchingIndexingMap(input).isIdentity())
        continue;
      ArrayRef<int64_t> shape = cast<RankedTensorType>(input->get().getType()).getShape();
      if (shape.size() >= 3 && shape[1] > 1)
        return producer;
    }
    return {};
  }

  LogicalResult fuse(linalg::GenericOp op, IRRewriter &rewriter) {
    linalg::GenericOp reduction = reductionOf(op);
    if (!reduction)
      return success();
    Value init = reduction.getDpsInits().front();
    scf::SCFTileAndFuseOptions options;
    SmallVector<OpFoldResult> sizes(op.getNumLoops(), rewriter.getIndexAttr(0));
    sizes[0] = sizes[1] = rewriter.getIndexAttr(1);
    options.tilingOptions.setTileSizes(sizes);
    options.setFusionControlFn([&](tensor::ExtractSliceOp, OpResult producer, bool)
                                   -> std::optional<scf::SCFTileAndFuseOptions::ControlFnResult> {
      // Only the reduction and what starts its accumulator; never the layer before, whose rows overlap.
      if (producer.getOwner() == reduction || producer == init)
        return scf::SCFTileAndFuseOptions::ControlFnResult{};
      return std::nullopt;
    });
    rewriter.setInsertionPoint(op);
    auto result = scf::tileConsumerAndFuseProducersUsingSCF(rewriter, cast<TilingInterface>(op.getOperation()), options);
    if (failed(result))
      return op.emitError() << "cannot be tiled by rows";
    for (auto [from, to] : result->replacements)
      rewriter.replaceAllUsesWith(from, to);
    ++numFused;
    return success();
  }
};

} // namespace

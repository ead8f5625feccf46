//===- FuseElementwise.cpp - one loop for a chain of values -----*- C++ -*-===//
//
// This file computes value by value what is elementwise and read elementwise:
//
//   %q = linalg.generic quantize ins(%x)                ==>   %l = linalg.generic {quantize; yield} ins(%x)
//   %l = linalg.generic relayout ins(%q)
//
// A producer never moves into a reduction, which would compute each of its values many times.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "quantization/Tile/Passes.h"

namespace quantization {
#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "quantization/Tile/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct FuseElementwisePass : quantization::impl::FuseElementwiseBase<FuseElementwisePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, [&](OpOperand *operand) {
      auto reader = dyn_cast<linalg::GenericOp>(operand->getOwner());
      bool fuses = reader && reader.getNumReductionLoops() == 0 && operand->get().hasOneUse();
      numFused += fuses;
      return fuses;
    });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

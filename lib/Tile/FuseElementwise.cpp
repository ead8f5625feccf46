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
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Tile/Passes.h"

namespace quantization {
#define GEN_PASS_DEF_FUSEELEMENTWISE
#include "quantization/Tile/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

/// What reads a contraction moves into it, not on.
bool followsContraction(linalg::GenericOp op) {
  return op && llvm::any_of(op.getDpsInputs(), [](Value input) { return input.getDefiningOp<fixed::ContractOp>() != nullptr; });
}

struct FuseElementwisePass : quantization::impl::FuseElementwiseBase<FuseElementwisePass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, [&](OpOperand *operand) {
      auto reader = dyn_cast<linalg::GenericOp>(operand->getOwner());
      auto producer = operand->get().getDefiningOp<linalg::GenericOp>();
      bool fuses = reader && reader.getNumReductionLoops() == 0 && operand->get().hasOneUse() && !followsContraction(producer);
      numFused += fuses;
      return fuses;
    });
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};

} // namespace

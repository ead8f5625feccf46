//===- FoldScales.cpp - drop rescales that change nothing -------*- C++ -*-===//
//
// This file removes rescales by 1 between equal types that clamp nothing, and folds equal factors per channel into one:
//
//   %b = fixed.rescale %a {scales = [1.0]} : !a8 -> !a8           ==>  uses of %b read %a
//   %c = fixed.rescale %x {scales = [0.5, 0.5], axis = 1}         ==>  fixed.rescale %x {scales = [0.5]}
//
//===----------------------------------------------------------------------===//

#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Fold/Passes.h"
#include "quantization/Format/QuantTypes.h"

namespace quantization {
#define GEN_PASS_DEF_FOLDSCALES
#include "quantization/Fold/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct FoldScalesPass : quantization::impl::FoldScalesBase<FoldScalesPass> {
  void runOnOperation() override {
    getOperation().walk([&](fixed::RescaleOp op) {
      std::optional<ArrayRef<double>> given = op.getScales();
      if (!given || !llvm::all_equal(*given))
        return;
      double scale = given->front();
      if (given->size() > 1) {
        numFolded += given->size() - 1;
        op.setScales(ArrayRef<double>(scale));
        op.setAxis(0);
      }
      auto type = quantizedElement(op.getResult());
      bool keepsAll = type && op.getClamp()[0] <= type.getStorageTypeMin() && op.getClamp()[1] >= type.getStorageTypeMax();
      if (op.getInput().getType() == op.getResult().getType() && keepsAll && scale == 1.0) {
        if (nn::asksForPacking(op) && op.getInput().getDefiningOp())
          nn::askForPacking(op.getInput().getDefiningOp());
        op.getResult().replaceAllUsesWith(op.getInput());
        op.erase();
        ++numFolded;
      }
    });
  }
};

} // namespace

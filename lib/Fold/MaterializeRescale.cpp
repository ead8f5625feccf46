//===- MaterializeRescale.cpp - scales become integers ----------*- C++ -*-===//
//
// This file gives each rescale its fixed-point multipliers (Numerics R11) and the cheapest rounding that is exact:
//
//   fixed.rescale %acc {scales = [0.0123], bound = 4000, rounding = half_even}
//     ==>  fixed.rescale %acc {multipliers = [1690499127], shifts = [37], bound = 4000, rounding = half_up}
//
//===----------------------------------------------------------------------===//

#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Fold/Passes.h"
#include "quantization/Format/Rounding.h"

namespace quantization {
#define GEN_PASS_DEF_MATERIALIZERESCALE
#include "quantization/Fold/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct MaterializeRescalePass : quantization::impl::MaterializeRescaleBase<MaterializeRescalePass> {
  void runOnOperation() override {
    getOperation().walk([&](fixed::RescaleOp op) {
      std::optional<ArrayRef<double>> scales = op.getScales();
      if (!scales)
        return;
      SmallVector<int32_t> multipliers, shifts;
      bool isSign = op.getRounding() == nn::RoundingMode::Sign;
      bool halfUp = op.getRounding() != nn::RoundingMode::Truncate && !isSign;
      for (double scale : *scales) {
        // A sign is the same on every scale (R35).
        std::optional<Multiplier> multiplier = isSign ? Multiplier{1, 0} : chooseMultiplier(scale, op.getBound());
        if (!multiplier) {
          op.emitError() << "layer \"" << op.getLayer() << "\" needs a scaling factor of " << scale
                         << ", which no 31-bit multiplier and shift expresses for sums of up to " << op.getBound()
                         << "; its calibration data may be degenerate, its formats too wide, or keep the layer in float";
          return signalPassFailure();
        }
        multipliers.push_back(multiplier->mantissa);
        shifts.push_back(multiplier->shift);
        halfUp = halfUp && tiesAreImpossible(*multiplier, op.getBound());
      }
      op.setMultipliers(multipliers);
      op.setShifts(shifts);
      op.removeScalesAttr();
      ++numRescales;
      if (halfUp) {
        op.setRounding(nn::RoundingMode::HalfUp);
        ++numHalfUp;
      }
    });
  }
};

} // namespace

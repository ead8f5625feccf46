//===- LowerActivations.cpp - functions become tables -----------*- C++ -*-===//
//
// This file computes a function of one variable ahead for every code of its input:
//
//   %x = nn.dequantize %qx : !a8
//   %y = nn.function %x {kind = sigmoid}      ==>   %t = nn.constant {256 codes}
//   %q = nn.quantize %y : !b8                       %q = fixed.lookup %qx, %t : !b8
//
//===----------------------------------------------------------------------===//

#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Fold/FloatLayers.h"
#include "quantization/Fold/Passes.h"
#include "quantization/Format/NumberFormat.h"
#include "quantization/Format/QuantTypes.h"

namespace quantization {
#define GEN_PASS_DEF_LOWERACTIVATIONS
#include "quantization/Fold/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct LowerActivationsPass : quantization::impl::LowerActivationsBase<LowerActivationsPass> {
  void runOnOperation() override {
    getOperation().walk([&](nn::QuantizeOp quantize) {
      auto layer = quantize.getInput().getDefiningOp<nn::QuantizableOpInterface>();
      if (!layer || isKeptFloat(layer) || !layer.evaluate(0.0) || !layer->hasOneUse())
        return;
      auto dequantize = layer->getOperand(0).getDefiningOp<nn::DequantizeOp>();
      if (!dequantize)
        return;
      auto from = quantizedElement(dequantize.getInput()), to = quantizedElement(quantize.getResult());
      unsigned width = from.getStorageTypeIntegralWidth();
      if (width > 8 || channelAxisOf(from) >= 0) {
        layer->setAttr(kWhyFloat, StringAttr::get(&getContext(), "its input has " + Twine(width) + " bits, and tables take 8 at most"));
        return;
      }

      Grid in = gridOf(from), out = gridOf(to);
      SmallVector<int64_t> codes;
      for (int64_t i = 0; i < (int64_t(1) << width); ++i) {
        // The table is indexed by the distance from the least storable code; codes outside the range never occur.
        int64_t least = from.isSigned() ? -(int64_t(1) << (width - 1)) : 0;
        float x = quantization::dequantize(std::clamp(least + i, in.lo, in.hi), in);
        codes.push_back(quantization::quantize(static_cast<float>(*layer.evaluate(x)), out, nn::roundingOf(quantize.getRounding())));
      }
      OpBuilder builder(quantize);
      auto tableType = RankedTensorType::get({int64_t(1) << width}, to);
      auto stored = RankedTensorType::get(tableType.getShape(), storageOf(to));
      auto table = nn::ConstantOp::create(builder, layer.getLoc(), tableType, makeConstant(stored, ArrayRef(toStorage(to, codes))),
                                          builder.getStringAttr(nn::layerOf(layer) + "_table"), nullptr);
      auto lookup = fixed::LookupOp::create(builder, layer.getLoc(), quantize.getResult().getType(), dequantize.getInput(), table,
                                            -1, quantize.getLayer());
      if (nn::asksForPacking(quantize))
        nn::askForPacking(lookup);
      quantize.getResult().replaceAllUsesWith(lookup.getResult());
      quantize.erase();
      layer->erase();
      ++numLookups;
    });
  }
};

} // namespace

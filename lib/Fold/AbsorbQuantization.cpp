//===- AbsorbQuantization.cpp - put layers on integers ----------*- C++ -*-===//
//
// This file turns simulated layers into integer ones:
//
//   %x = nn.dequantize %qx                      %acc = nn.conv %qx, %qw, %qb : (!a8, !w8, i32) -> i32
//   %w = nn.dequantize %qw                      %q = fixed.rescale %acc {scales = [s_x * s_w / s_y],
//   %b = nn.dequantize %qb               ==>                            clamp = [code of 0, 255]} : i32 -> !b8
//   %y = nn.conv %x, %w, %b
//   %r = nn.clamp %y {min = 0}
//   %q = nn.quantize %r : f32 -> !b8
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/RegionUtils.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Fold/FloatLayers.h"
#include "quantization/Fold/Passes.h"
#include "quantization/Format/QuantTypes.h"

namespace quantization {
#define GEN_PASS_DEF_ABSORBQUANTIZATION
#include "quantization/Fold/Passes.h.inc"
} // namespace quantization

#define DEBUG_TYPE "absorb-quantization"

using namespace mlir;
using namespace quantization;

namespace {

/// What a policy said about the code of `layer` holds for the op on codes in its place.
void keepLowering(Operation *layer, Operation *integral) {
  if (Attribute lowering = layer->getAttr("lowering"))
    integral->setAttr("lowering", lowering);
}

struct AbsorbQuantizationPass : quantization::impl::AbsorbQuantizationBase<AbsorbQuantizationPass> {
  void runOnOperation() override {
    // First, so that a quantize finds the codes of an accumulator that others read as well.
    SmallVector<nn::QuantizableOpInterface> exact;
    getOperation().walk([&](nn::QuantizableOpInterface op) {
      if (op->hasAttr("nn.exact"))
        exact.push_back(op);
    });
    for (nn::QuantizableOpInterface op : exact)
      absorbExact(op);
    SmallVector<nn::QuantizeOp> quantizes;
    getOperation().walk([&](nn::QuantizeOp op) { quantizes.push_back(op); });
    for (nn::QuantizeOp op : quantizes)
      absorb(op);
    eraseDead();
    reportFloat();
  }

  /// The stored tensors behind the layer's operands; a constant bias keeps its i32 codes as plain integers.
  FailureOr<SmallVector<Value>> storedOperands(nn::QuantizableOpInterface layer, OpBuilder &builder) {
    SmallVector<Value> stored;
    for (auto [i, operand] : llvm::enumerate(layer->getOperands())) {
      auto dequantize = operand.getDefiningOp<nn::DequantizeOp>();
      if (!dequantize)
        return failure();
      Value value = dequantize.getInput();
      if (static_cast<int64_t>(i) == layer.getBiasIndex()) {
        auto constant = value.getDefiningOp<nn::ConstantOp>();
        if (!constant || !constant.getValue().getElementType().isSignlessInteger(32))
          return failure();
        value = nn::ConstantOp::create(builder, constant.getLoc(), nn::withElementType(value, builder.getI32Type()),
                                       constant.getValue(), constant.getLayerAttr(), nullptr);
      }
      stored.push_back(value);
    }
    return stored;
  }

  void absorb(nn::QuantizeOp quantize) {
    OpBuilder builder(quantize);
    auto type = quantizedElement(quantize.getResult());
    nn::ClampRange range{-std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity()};
    Value value = quantize.getInput();
    Location loc = value.getLoc();

    // A clamp that only feeds this quantize becomes bounds on its codes: quantization is monotonic (R14).
    while (auto layer = value.getDefiningOp<nn::QuantizableOpInterface>()) {
      auto clamp = layer.getClampRange();
      if (!clamp || !value.hasOneUse() || isKeptFloat(layer))
        break;
      range = {std::clamp(clamp->min, range.min, range.max), std::clamp(clamp->max, range.min, range.max)};
      value = layer->getOperand(0);
    }

    nn::Accumulator accumulator;
    if (auto dequantize = value.getDefiningOp<nn::DequantizeOp>()) { // nothing but a change of format
      auto from = quantizedElement(dequantize.getInput());
      accumulator = {dequantize.getInput(), scalesOf(from), std::max<int64_t>(channelAxisOf(from), 0), magnitudeOf(from)};
    } else {
      auto layer = value.getDefiningOp<nn::QuantizableOpInterface>();
      if (!layer || !value.hasOneUse() || isKeptFloat(layer))
        return;
      auto stored = storedOperands(layer, builder);
      if (failed(stored))
        return;
      if (layer.keepsFormat()) {
        accumulator = move(layer, *stored, quantize, builder);
      } else {
        std::string reason;
        auto built = layer.buildAccumulator(builder, *stored, reason);
        if (failed(built)) {
          layer->setAttr(kWhyFloat, builder.getStringAttr(reason));
          return;
        }
        built->value.getDefiningOp()->setLoc(layer.getLoc());
        keepLowering(layer, built->value.getDefiningOp());
        accumulator = *built;
      }
      ++numIntegral;
    }

    Grid grid = gridOf(type);
    Rounding rounding = nn::roundingOf(quantize.getRounding());
    int64_t low = std::isinf(range.min) ? grid.lo : quantization::quantize(static_cast<float>(range.min), grid, rounding);
    int64_t high = std::isinf(range.max) ? grid.hi : quantization::quantize(static_cast<float>(range.max), grid, rounding);
    Value result = accumulator.value;
    if (result.getType() != quantize.getResult().getType() || low != grid.lo || high != grid.hi) {
      SmallVector<double> scales;
      for (double scale : accumulator.scales)
        scales.push_back(scale / static_cast<double>(grid.scale));
      result = fixed::RescaleOp::create(builder, loc, quantize.getResult().getType(), accumulator.value,
                                        builder.getDenseF64ArrayAttr(scales), DenseI32ArrayAttr(), DenseI32ArrayAttr(),
                                        accumulator.axis, ArrayRef<int64_t>{low, high}, accumulator.bound,
                                        quantize.getRounding(), quantize.getLayer());
    }
    if (nn::asksForPacking(quantize) && result.getDefiningOp())
      nn::askForPacking(result.getDefiningOp());
    quantize.getResult().replaceAllUsesWith(result);
  }

  /// A layer whose result is read in f32, or on several grids: its accumulator becomes f32 without being rounded to few bits.
  void absorbExact(nn::QuantizableOpInterface layer) {
    layer->removeAttr("nn.exact");
    if (isKeptFloat(layer))
      return;
    OpBuilder builder(layer);
    auto stored = storedOperands(layer, builder);
    std::string reason;
    if (failed(stored))
      return;
    auto built = layer.buildAccumulator(builder, *stored, reason);
    if (failed(built)) {
      layer->setAttr(kWhyFloat, builder.getStringAttr(reason));
      return;
    }
    keepLowering(layer, built->value.getDefiningOp());
    ++numIntegral;
    // i32 codes on the accumulator's own scales; a wider accumulator loses bits that f32 does not have.
    int32_t shift = 0;
    while ((built->bound >> shift) > INT32_MAX)
      ++shift;
    SmallVector<double> scales;
    for (double scale : built->scales)
      scales.push_back(std::ldexp(scale, shift));
    if (*llvm::min_element(scales) < std::numeric_limits<float>::min()) {
      layer->setAttr(kWhyFloat, builder.getStringAttr("the scale of its accumulator is below the smallest normal f32"));
      return;
    }
    auto i32 = builder.getI32Type();
    auto f32 = builder.getF32Type();
    auto flags = quant::QuantizationFlags::Signed;
    quant::QuantizedType type;
    if (scales.size() == 1)
      type = quant::UniformQuantizedType::get(flags, i32, f32, scales[0], 0, INT32_MIN, INT32_MAX);
    else
      type = quant::UniformQuantizedPerAxisType::get(flags, i32, f32, scales, SmallVector<int64_t>(scales.size(), 0), built->axis,
                                                     INT32_MIN, INT32_MAX);
    Value codes = fixed::RescaleOp::create(builder, layer.getLoc(), nn::withElementType(built->value, type), built->value,
                                           DenseF64ArrayAttr(), builder.getDenseI32ArrayAttr({1}), builder.getDenseI32ArrayAttr({shift}),
                                           0, ArrayRef<int64_t>{INT32_MIN, INT32_MAX}, built->bound, nn::RoundingMode::HalfEven,
                                           nn::layerOf(layer));
    auto dequantize = nn::DequantizeOp::create(builder, layer.getLoc(), layer->getResult(0).getType(), codes, nn::layerOf(layer));
    layer->getResult(0).replaceAllUsesWith(dequantize.getResult());
  }

  /// A layer that only moves values works on codes, once all of them are in the format of the result.
  nn::Accumulator move(nn::QuantizableOpInterface layer, ArrayRef<Value> stored, nn::QuantizeOp quantize, OpBuilder &builder) {
    auto type = quantizedElement(quantize.getResult());
    Grid grid = gridOf(type);
    SmallVector<Value> operands;
    for (Value value : stored) {
      auto from = quantizedElement(value);
      if (from != type) {
        SmallVector<double> scales;
        for (double scale : scalesOf(from))
          scales.push_back(scale / static_cast<double>(grid.scale));
        value = fixed::RescaleOp::create(builder, layer.getLoc(), nn::withElementType(value, type), value,
                                         builder.getDenseF64ArrayAttr(scales), DenseI32ArrayAttr(), DenseI32ArrayAttr(),
                                         std::max<int64_t>(channelAxisOf(from), 0), ArrayRef<int64_t>{grid.lo, grid.hi},
                                         magnitudeOf(from), quantize.getRounding(), quantize.getLayer());
      }
      operands.push_back(value);
    }
    OperationState state(layer.getLoc(), layer->getName(), operands, {nn::withElementType(layer->getResult(0), type)},
                         layer->getAttrs());
    Operation *moved = builder.create(state);
    if (auto pad = dyn_cast<nn::PadOp>(moved)) { // what it adds is rounded as all values are (R18)
      int64_t code = quantization::quantize(pad.getValue().convertToFloat(), grid, nn::roundingOf(quantize.getRounding()));
      pad.setValue(APFloat(dequantize(code, grid)));
    }
    return {moved->getResult(0), scalesOf(type), 0, magnitudeOf(type)};
  }

  /// What the integer layers replaced has no reader any more.
  void eraseDead() {
    IRRewriter rewriter(&getContext());
    (void)mlir::runRegionDCE(rewriter, getOperation()->getRegions());
  }

  /// One remark for each layer that still computes in float.
  void reportFloat() {
    for (const FloatLayer &layer : findFloatLayers(getOperation())) {
      ++numFloat;
      remark::missed(layer.op->getLoc(), remark::RemarkOpts::name("StaysFloat").category(DEBUG_TYPE).function(layer.layer))
          << remark::reason("layer {0} ({1}) stays float: {2}", layer.layer, layer.op->getName().getStringRef().str(), layer.reason);
    }
  }
};

} // namespace

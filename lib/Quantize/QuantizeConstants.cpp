//===- QuantizeConstants.cpp - encode weights and biases --------*- C++ -*-===//
//
// This file encodes what is known at compile time: weights in the type that their format chooses, biases on the scale of the
// accumulator (Numerics R8), and other constants in the type of their quantize.
//
//   %w = nn.constant {value = dense<[0.5, -1.27]>, layer = "w", precision = #nn.precision<"int8{per=tensor}", "min-max">}
//   %0 = nn.conv %x, %w {layer = "conv1"}              // %x = nn.dequantize ...
// becomes
//   %w = nn.constant {value = dense<[50, -127]> : i8, layer = "w"} : tensor<..x!quant.uniform<i8<-127:127>:f32, 0.01>>
//   %1 = nn.dequantize %w {layer = "w"}
//   %0 = nn.conv %x, %1 {layer = "conv1"}
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Observers.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Format/NumberFormat.h"
#include "quantization/Format/QuantTypes.h"
#include "quantization/Quantize/Passes.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;

namespace quantization {
#define GEN_PASS_DEF_QUANTIZECONSTANTS
#include "quantization/Quantize/Passes.h.inc"

namespace {
struct QuantizeConstants : impl::QuantizeConstantsBase<QuantizeConstants> {
  void runOnOperation() override;

private:
  LogicalResult quantizeLayer(nn::QuantizableOpInterface layer);
  void foldQuantize(nn::QuantizeOp quantize);
  Value encoded(nn::ConstantOp constant, quant::QuantizedType type, ArrayRef<int64_t> codes, StringRef reader);

  UniqueNames names;
};
} // namespace

static remark::RemarkOpts remarkOn(Operation *layer) {
  return remark::RemarkOpts::name(nn::layerOf(layer)).category("quantize-constants");
}

/// The type behind the dequantize that feeds the layer's first operand other than weights and bias; null when there is none.
static quant::QuantizedType inputType(nn::QuantizableOpInterface layer) {
  for (OpOperand &operand : layer->getOpOperands()) {
    int64_t number = operand.getOperandNumber();
    if (number == layer.getWeightsIndex() || number == layer.getBiasIndex())
      continue;
    auto dequantize = operand.get().getDefiningOp<nn::DequantizeOp>();
    return dequantize ? quantizedElement(dequantize.getInput()) : quant::QuantizedType();
  }
  return {};
}

/// `type` with other scales, as many as it had.
static quant::QuantizedType withScales(quant::QuantizedType type, ArrayRef<double> scales) {
  if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type))
    return quant::UniformQuantizedPerAxisType::get(perAxis.getFlags(), perAxis.getStorageType(), perAxis.getExpressedType(), scales,
                                                   perAxis.getZeroPoints(), perAxis.getQuantizedDimension(),
                                                   perAxis.getStorageTypeMin(), perAxis.getStorageTypeMax());
  auto uniform = cast<quant::UniformQuantizedType>(type);
  return quant::UniformQuantizedType::get(uniform.getFlags(), uniform.getStorageType(), uniform.getExpressedType(), scales[0],
                                          uniform.getZeroPoint(), uniform.getStorageTypeMin(), uniform.getStorageTypeMax());
}

/// R8: raises the scales of `weights` at which a bias would leave i32. Returns the channels that were raised.
static SmallVector<int64_t> raiseScales(quant::QuantizedType &weights, float inputScale, ArrayRef<float> biases) {
  SmallVector<double> scales = scalesOf(weights);
  SmallVector<int64_t> raised;
  for (auto [channel, bias] : llvm::enumerate(biases)) {
    double &scale = scales[scales.size() == 1 ? 0 : channel];
    double needed = weightScaleForBias(inputScale, static_cast<float>(scale), bias);
    if (needed > scale)
      raised.push_back(channel);
    scale = std::max(scale, needed);
  }
  if (!raised.empty())
    weights = withScales(weights, scales);
  return raised;
}

/// R8: the type of the bias of a layer with these weights.
static quant::QuantizedType biasType(quant::QuantizedType weights, float inputScale) {
  MLIRContext *context = weights.getContext();
  SmallVector<double> scales;
  for (double scale : scalesOf(weights))
    scales.push_back(inputScale * static_cast<float>(scale)); // the product in f32
  auto storage = IntegerType::get(context, 32);
  auto expressed = Float32Type::get(context);
  if (channelAxisOf(weights) < 0)
    return quant::UniformQuantizedType::get(quant::QuantizationFlags::Signed, storage, expressed, scales[0], 0, INT32_MIN, INT32_MAX);
  SmallVector<int64_t> zeros(scales.size(), 0);
  return quant::UniformQuantizedPerAxisType::get(quant::QuantizationFlags::Signed, storage, expressed, scales, zeros, 0, INT32_MIN,
                                                 INT32_MAX);
}

/// A constant of `codes`, which takes the name of `constant` where nobody but `reader` uses that.
Value QuantizeConstants::encoded(nn::ConstantOp constant, quant::QuantizedType type, ArrayRef<int64_t> codes, StringRef reader) {
  std::string name = constant.getLayer().str();
  if (!constant.getResult().hasOneUse())
    name = names.fresh(name == reader ? name : name + "_for_" + reader.str());
  OpBuilder builder(constant);
  builder.setInsertionPointAfter(constant);
  auto stored = RankedTensorType::get(nn::shapeOf(constant.getResult()), storageOf(type));
  return nn::ConstantOp::create(builder, constant.getLoc(), nn::withElementType(constant.getResult(), type),
                                makeConstant(stored, toStorage(type, codes)), builder.getStringAttr(name), nn::PrecisionAttr());
}

/// Codes exist for finite numbers only. Says where the first other one is.
static LogicalResult expectFinite(nn::QuantizableOpInterface layer, StringRef what, ArrayRef<float> values) {
  const float *bad = llvm::find_if(values, [](float value) { return !std::isfinite(value); });
  if (bad == values.end())
    return success();
  int64_t count = llvm::count_if(values, [](float value) { return !std::isfinite(value); });
  return layer.emitError() << "layer \"" << nn::layerOf(layer) << "\": " << count << " of its " << values.size() << " " << what
                           << " are not finite, the first (index " << bad - values.begin() << ") is "
                           << (std::isnan(*bad) ? "NaN" : *bad < 0 ? "-inf" : "inf")
                           << "; repair the model, or keep the layer in float";
}

LogicalResult QuantizeConstants::quantizeLayer(nn::QuantizableOpInterface layer) {
  int64_t weightsIndex = layer.getWeightsIndex(), biasIndex = layer.getBiasIndex();
  if (weightsIndex < 0)
    return success();
  auto weights = layer->getOperand(weightsIndex).getDefiningOp<nn::ConstantOp>();
  if (!weights || !nn::isF32(weights.getResult()) || !weights.getPrecisionAttr())
    return success();
  llvm::Expected<std::unique_ptr<NumberFormat>> format = parseFormat(weights.getPrecisionAttr().getFormat());
  if (!format)
    return weights.emitOpError() << "(layer \"" << weights.getLayer() << "\") has a bad precision: "
                                 << llvm::toString(format.takeError());
  if ((*format)->isFloat())
    return success();
  auto missed = [&](const Twine &reason) {
    remark::missed(layer.getLoc(), remarkOn(layer)) << "weights stay float: " + reason.str();
    return success();
  };
  quant::QuantizedType input = inputType(layer);
  if (!input)
    return missed("the input is not quantized");
  if (channelAxisOf(input) >= 0)
    return missed("the input has a scale per channel, which integers cannot add up");
  nn::ConstantOp bias;
  if (biasIndex >= 0 && !(bias = layer->getOperand(biasIndex).getDefiningOp<nn::ConstantOp>()))
    return missed("the bias is not a constant");

  float inputScale = static_cast<float>(scalesOf(input)[0]);
  std::vector<float> values = readFloats(weights.getValue());
  std::vector<float> biases;
  if (bias && nn::isF32(bias.getResult()))
    biases = readFloats(bias.getValue());
  bool weightsAreFinite = succeeded(expectFinite(layer, "weights", values));
  bool biasesAreFinite = succeeded(expectFinite(layer, "biases", biases));
  if (!weightsAreFinite || !biasesAreFinite)
    return failure();
  ArrayRef<int64_t> shape = nn::shapeOf(weights.getResult());
  quant::QuantizedType type = (*format)->chooseType(&getContext(), WeightsView{values, shape, layer.getWeightsChannelAxis()});
  if (SmallVector<int64_t> raised = raiseScales(type, inputScale, biases); !raised.empty())
    remark::passed(layer.getLoc(), remarkOn(layer))
        << "weight scales of " + std::to_string(raised.size()) + " channels raised, so that their biases fit 32 bits";

  OpBuilder builder(layer);
  auto replace = [&](int64_t index, nn::ConstantOp constant, quant::QuantizedType type, ArrayRef<int64_t> codes) {
    Value code = encoded(constant, type, codes, nn::layerOf(layer));
    auto name = code.getDefiningOp<nn::ConstantOp>().getLayerAttr();
    layer->setOperand(index, nn::DequantizeOp::create(builder, constant.getLoc(), constant.getType(), code, name));
    if (constant->use_empty())
      constant.erase();
  };
  if (!biases.empty()) {
    quant::QuantizedType onAccumulator = biasType(type, inputScale);
    std::vector<int64_t> codes;
    for (auto [channel, value] : llvm::enumerate(biases))
      codes.push_back(quantizeBias(value, gridOf(onAccumulator, channel).scale));
    replace(biasIndex, bias, onAccumulator, codes);
    ++numBiases;
  }
  replace(weightsIndex, weights, type, encode(type, values, shape));
  ++numWeights;
  return success();
}

/// Does at compile time what a quantize of a constant would do at each run.
void QuantizeConstants::foldQuantize(nn::QuantizeOp quantize) {
  auto constant = quantize.getInput().getDefiningOp<nn::ConstantOp>();
  if (!constant || !nn::isF32(constant.getResult()) || quantize.getRounding() != nn::RoundingMode::HalfEven)
    return;
  quant::QuantizedType type = quantizedElement(quantize.getResult());
  std::vector<int64_t> codes = encode(type, readFloats(constant.getValue()), nn::shapeOf(constant.getResult()));
  quantize.getResult().replaceAllUsesWith(encoded(constant, type, codes, quantize.getLayer()));
  quantize.erase();
  if (constant->use_empty())
    constant.erase();
}

void QuantizeConstants::runOnOperation() {
  ModuleOp module = getOperation();
  names = UniqueNames(module);
  bool valid = true;
  SmallVector<nn::QuantizableOpInterface> layers;
  SmallVector<nn::QuantizeOp> quantizes;
  module.walk([&](Operation *op) {
    if (auto layer = dyn_cast<nn::QuantizableOpInterface>(op))
      layers.push_back(layer);
    if (auto quantize = dyn_cast<nn::QuantizeOp>(op))
      quantizes.push_back(quantize);
  });
  for (nn::QuantizableOpInterface layer : layers)
    valid &= succeeded(quantizeLayer(layer));
  for (nn::QuantizeOp quantize : quantizes)
    foldQuantize(quantize);
  if (!valid)
    signalPassFailure();
}

} // namespace quantization

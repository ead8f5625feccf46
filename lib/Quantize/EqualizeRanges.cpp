//===- EqualizeRanges.cpp - ranges of channels are evened out ---*- C++ -*-===//
//
// This file evens out the ranges that the channels between two layers have in the weights of either (1906.04721, Numerics R37). What the
// network computes stays the same, up to rounding:
//
//   %w1 = nn.constant {value = dense<[[8.0], [0.5]]>}           %w1 = nn.constant {value = dense<[[2.0], [1.0]]>}
//   %w2 = nn.constant {value = dense<[[0.5, 2.0]]>}             %w2 = nn.constant {value = dense<[[2.0, 1.0]]>}
//   %0 = nn.conv %x, %w1 {layer = "conv1"}               ==>    %0 = nn.conv %x, %w1 {layer = "conv1"}
//   %1 = nn.clamp %0 {min = 0.0, max = 0x7F800000}              %1 = nn.clamp %0 {min = 0.0, max = 0x7F800000}
//   %2 = nn.conv %1, %w2 {layer = "conv2"}                      %2 = nn.conv %1, %w2 {layer = "conv2"}
//
//===----------------------------------------------------------------------===//

#include "RangeEqualization.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Dialect/NN/EncodedConstants.h"
#include "quantization/Quantize/Passes.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <limits>

using namespace mlir;

namespace quantization {
#define GEN_PASS_DEF_EQUALIZERANGES
#include "quantization/Quantize/Passes.h.inc"

namespace {
struct EqualizeRanges : impl::EqualizeRangesBase<EqualizeRanges> {
  using EqualizeRangesBase::EqualizeRangesBase;
  void runOnOperation() override;

private:
  struct Layer {
    nn::QuantizableOpInterface op;
    nn::ConstantOp weights, bias;
    std::vector<float> values, biases;
    bool isPaired = false;
  };

  void addLayer(nn::QuantizableOpInterface op);
  void findPair(size_t first);
  void openClip(Operation *clip);
  WeightMagnitudes magnitudesOf(Layer &layer) const;
  void apply(Layer &layer, const ChannelFactors &factors);
  void replace(Layer &layer, nn::ConstantOp constant, int64_t index, ArrayRef<float> values);

  std::vector<Layer> layers;
  llvm::DenseMap<Operation *, size_t> numbers;
  std::vector<LayerPair> pairs;
  UniqueNames names;
};
} // namespace

static remark::RemarkOpts remarkOn(Operation *layer) {
  return remark::RemarkOpts::name(nn::layerOf(layer)).category("equalize-ranges");
}

static std::string quoted(Operation *layer) { return ("\"" + nn::layerOf(layer) + "\"").str(); }

static std::string shortest(double number) { return llvm::formatv("{0}", llvm::format("%.4g", number)).str(); }

static bool areFinite(ArrayRef<float> values) {
  return llvm::all_of(values, [](float value) { return std::isfinite(value); });
}

/// Layers whose weights are theirs alone.
void EqualizeRanges::addLayer(nn::QuantizableOpInterface op) {
  int64_t bias = op.getBiasIndex();
  if (op.getWeightsIndex() < 0 || op.getInputChannelAxis() < 0)
    return;
  Layer layer{op, op->getOperand(op.getWeightsIndex()).getDefiningOp<nn::ConstantOp>(), {}, {}, {}};
  if (bias >= 0)
    layer.bias = op->getOperand(bias).getDefiningOp<nn::ConstantOp>();
  if (!layer.weights || !nn::isF32(layer.weights.getResult()) || (bias >= 0 && !layer.bias))
    return;
  if (!layer.weights->hasOneUse()) {
    remark::missed(op.getLoc(), remarkOn(op)) << "not equalized: other layers have the same weights";
    return;
  }
  layer.values = readFloats(layer.weights.getValue());
  if (layer.bias)
    layer.biases = readFloats(layer.bias.getValue());
  if (!areFinite(layer.values) || !areFinite(layer.biases))
    return; // quantize-constants says so
  numbers[op] = layers.size();
  layers.push_back(std::move(layer));
}

void EqualizeRanges::openClip(Operation *clip) {
  auto clamp = cast<nn::ClampOp>(clip);
  remark::passed(clip->getLoc(), remarkOn(clip))
      << "its upper end, " + shortest(clamp.getMax().convertToFloat()) + ", is gone: values beyond are what they are";
  clamp.setMaxAttr(Builder(clip).getF32FloatAttr(std::numeric_limits<float>::infinity()));
  ++numOpened;
}

/// Follows the layer's result to the next layer with weights, as long as there is one reader and factors of channels pass.
void EqualizeRanges::findPair(size_t first) {
  nn::QuantizableOpInterface from = layers[first].op;
  Value value = from->getResult(0);
  int64_t axis = from.getResultChannelAxis(), channels = nn::shapeOf(value)[axis];
  auto missed = [&](const Twine &reason) { remark::missed(from.getLoc(), remarkOn(from)) << "not equalized: " + reason.str(); };
  SmallVector<Operation *> clips;
  while (true) {
    if (!value.hasOneUse())
      return missed("several layers read " + (value == from->getResult(0) ? "its result" : "the result of " + quoted(value.getDefiningOp())));
    Operation *user = *value.user_begin();
    if (auto observe = dyn_cast<nn::ObserveOp>(user)) {
      value = observe.getResult();
      continue;
    }
    auto layer = dyn_cast<nn::QuantizableOpInterface>(user);
    if (!layer)
      return;
    if (auto second = numbers.find(user); second != numbers.end() && user->getOperand(0) == value) {
      if (axis != layer.getInputChannelAxis())
        return missed(quoted(user) + " sums over other channels");
      llvm::for_each(clips, [&](Operation *clip) { openClip(clip); });
      layers[first].isPaired = layers[second->second].isPaired = true;
      pairs.push_back({first, second->second, nn::shapeOf(value)[axis] / channels});
      return;
    }
    std::optional<int64_t> behind = user->getOperand(0) == value ? layer.getHomogeneousAxis(axis) : std::nullopt;
    if (std::optional<nn::ClampRange> clip = layer.getClampRange(); !behind && clip && clip->min == 0 && std::isfinite(clip->max)) {
      if (!openClips)
        return missed(quoted(user) + " clips at " + shortest(clip->max) + ", which would be another number for each channel");
      clips.push_back(user);
      behind = axis;
    }
    if (!behind)
      return missed("factors do not pass through " + quoted(user));
    axis = *behind, value = user->getResult(0);
  }
}

WeightMagnitudes EqualizeRanges::magnitudesOf(Layer &layer) const {
  ArrayRef<int64_t> shape = nn::shapeOf(layer.weights.getResult());
  ChannelIndex output(shape, layer.op.getWeightsChannelAxis()), input(shape, layer.op.getWeightsInputAxis());
  WeightMagnitudes magnitudes;
  magnitudes.outputs = output.channels, magnitudes.inputsOfGroup = input.channels;
  magnitudes.inputs = nn::shapeOf(layer.op->getOperand(0))[layer.op.getInputChannelAxis()];
  magnitudes.largest.resize(output.channels * input.channels);
  for (auto [i, value] : llvm::enumerate(layer.values)) {
    float &largest = magnitudes.largest[output(i) * input.channels + input(i)];
    largest = std::max(largest, std::abs(value));
  }
  for (float bias : layer.biases)
    magnitudes.biases.push_back(std::abs(bias));
  return magnitudes;
}

/// Gives the layer other values; others that read the constant keep it.
void EqualizeRanges::replace(Layer &layer, nn::ConstantOp constant, int64_t index, ArrayRef<float> values) {
  auto type = cast<RankedTensorType>(constant.getResult().getType());
  ElementsAttr value = makeConstant(type, values);
  if (constant->hasOneUse())
    return constant.setValueAttr(value);
  OpBuilder builder(constant);
  std::string name = names.fresh((constant.getLayer() + "_for_" + nn::layerOf(layer.op)).str());
  auto own = nn::ConstantOp::create(builder, constant.getLoc(), type, value, builder.getStringAttr(name), nn::PrecisionAttr());
  layer.op->setOperand(index, own.getResult());
}

void EqualizeRanges::apply(Layer &layer, const ChannelFactors &factors) {
  ArrayRef<int64_t> shape = nn::shapeOf(layer.weights.getResult());
  ChannelIndex output(shape, layer.op.getWeightsChannelAxis()), input(shape, layer.op.getWeightsInputAxis());
  int64_t groups = static_cast<int64_t>(factors.inputs.size()) / input.channels;
  for (auto [i, value] : llvm::enumerate(layer.values)) {
    int64_t channel = output(i) / (output.channels / groups) * input.channels + input(i);
    value = static_cast<float>(value * factors.inputs[channel] / factors.outputs[output(i)]);
  }
  for (auto [channel, bias] : llvm::enumerate(layer.biases))
    bias = static_cast<float>(bias / factors.outputs[channel]);
  replace(layer, layer.weights, layer.op.getWeightsIndex(), layer.values);
  if (layer.bias)
    replace(layer, layer.bias, layer.op.getBiasIndex(), layer.biases);
}

void EqualizeRanges::runOnOperation() {
  ModuleOp module = getOperation();
  if (nn::isQuantized(module)) // by the file
    return;
  layers.clear(), numbers.clear(), pairs.clear();
  names = UniqueNames(module);
  module.walk([&](nn::QuantizableOpInterface op) { addLayer(op); });
  for (size_t layer = 0; layer < layers.size(); ++layer)
    findPair(layer);

  std::vector<WeightMagnitudes> magnitudes;
  for (Layer &layer : layers)
    magnitudes.push_back(layer.isPaired ? magnitudesOf(layer) : WeightMagnitudes{0, 0, 1, {}, {}});
  std::vector<ChannelFactors> factors = equalizeRanges(magnitudes, pairs);
  for (auto [layer, ofLayer] : llvm::zip_equal(layers, factors))
    if (layer.isPaired)
      apply(layer, ofLayer);
  for (const LayerPair &pair : pairs) {
    nn::QuantizableOpInterface first = layers[pair.first].op;
    double least = std::numeric_limits<double>::infinity(), most = 0;
    size_t dropped = 0;
    for (double factor : factors[pair.first].outputs) {
      if (std::isinf(factor) && ++dropped)
        continue;
      least = std::min(least, factor), most = std::max(most, factor);
    }
    std::string text = "ranges of its " + std::to_string(factors[pair.first].outputs.size()) + " channels are those in " +
                       quoted(layers[pair.second].op);
    if (most > 0)
      text += ": weights divided by " + shortest(least) + " to " + shortest(most);
    if (dropped)
      text += "; " + std::to_string(dropped) + " that nobody reads are 0";
    remark::passed(first.getLoc(), remarkOn(first)) << text;
  }
  numPairs += pairs.size();
}

} // namespace quantization

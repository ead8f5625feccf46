//===- CorrectLayers.cpp - layers are compared with float -------*- C++ -*-===//
//
// This file runs the simulated network on samples and corrects its layers in order. The network is compiled once: what a layer's scales and
// biases do comes as parameters, and the observer sees what is before them.
//
//   %0 = nn.conv %x, %w, %b {layer = "conv1"}           %0 = nn.conv %x, %w {layer = "conv1"}
//                                                ==>    nn.observe %0
//                                                       %1 = nn.mul %0, %factors
//                                                       %2 = nn.add %1, %shifts
//
// Layers that do not read each other are corrected in one run.
//
//===----------------------------------------------------------------------===//

#include "CorrectLayers.h"
#include "AccumulatorScales.h"
#include "ChannelCorrection.h"
#include "EncodeLayers.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Dialect/NN/EncodedConstants.h"
#include "quantization/Format/QuantTypes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace quantization;

namespace {

struct Layer {
  nn::QuantizableOpInterface op;
  quant::QuantizedType weights;
  ScaleFactors factors;
  ChannelMoments target;
  LayerScales before, now;
  /// How many corrected layers lie before it.
  size_t depth;
};

class Corrector {
public:
  Corrector(ModuleOp network, bool scalesToo, StringRef pass) : network(network), scalesToo(scalesToo), pass(pass) {}

  LogicalResult collect();
  bool isEmpty() const { return layers.empty(); }
  llvm::Error run(NetworkRunner &runner, CorrectionCounts &counts);
  void apply(CorrectionCounts &counts);

private:
  ModuleOp network;
  bool scalesToo;
  StringRef pass;
  std::vector<Layer> layers;
  size_t depths = 0;

  ScaleFactors factorsOf(nn::QuantizableOpInterface op, quant::QuantizedType weights);
  void report(Layer &layer);
};

remark::RemarkOpts remarkOn(Operation *layer, StringRef pass) { return remark::RemarkOpts::name(nn::layerOf(layer)).category(pass); }

/// Whether `op` has weights that are codes, and reads codes.
bool isEncoded(nn::QuantizableOpInterface op) {
  int64_t weights = op.getWeightsIndex(), bias = op.getBiasIndex();
  return weights >= 0 && encodedConstant(op->getOperand(weights)) && inputType(op) && channelAxisOf(inputType(op)) < 0 &&
         (bias < 0 || encodedConstant(op->getOperand(bias)));
}

} // namespace

ScaleFactors Corrector::factorsOf(nn::QuantizableOpInterface op, quant::QuantizedType weights) {
  if (!scalesToo)
    return ScaleFactors::None;
  if (channelAxisOf(weights) < 0) {
    remark::missed(op.getLoc(), remarkOn(op, pass)) << "no scale re-estimated: its weights have one for all channels";
    return ScaleFactors::None;
  }
  // A format whose scales are powers of two has no others.
  auto isPowerOfTwo = [](double scale) {
    int exponent;
    return std::frexp(scale, &exponent) == 0.5;
  };
  return llvm::all_of(scalesOf(weights), isPowerOfTwo) ? ScaleFactors::PowersOfTwo : ScaleFactors::Any;
}

LogicalResult Corrector::collect() {
  llvm::DenseMap<Value, size_t> depthOf;
  std::vector<std::string> missing;
  network.walk([&](Operation *op) {
    size_t depth = 0;
    for (Value operand : op->getOperands())
      depth = std::max(depth, depthOf.lookup(operand));
    auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
    bool isCorrected = layer && isEncoded(layer);
    for (Value result : op->getResults())
      depthOf[result] = depth + isCorrected;
    if (!isCorrected)
      return;
    auto mean = op->getAttrOfType<DenseF64ArrayAttr>("nn.mean"), deviation = op->getAttrOfType<DenseF64ArrayAttr>("nn.deviation");
    size_t channels = nn::shapeOf(op->getResult(0))[layer.getResultChannelAxis()];
    if (!mean || !deviation || mean.size() != static_cast<int64_t>(channels) || deviation.size() != mean.size()) {
      missing.push_back(nn::layerOf(op).str());
      return;
    }
    quant::QuantizedType weights = quantizedElement(encodedConstant(op->getOperand(layer.getWeightsIndex())).getResult());
    LayerScales scales{static_cast<float>(scalesOf(inputType(layer))[0]), {}, std::vector<int64_t>(channels, 0)};
    for (double scale : scalesOf(weights))
      scales.weights.push_back(static_cast<float>(scale));
    if (layer.getBiasIndex() >= 0)
      scales.biases = readCentered(encodedConstant(op->getOperand(layer.getBiasIndex())));
    layers.push_back({layer, weights, factorsOf(layer, weights), {mean.asArrayRef().vec(), deviation.asArrayRef().vec()}, scales, scales, depth});
    depths = std::max(depths, depth + 1);
  });
  if (missing.empty())
    return success();
  return emitError(network.getLoc()) << pass << " does not know what " << missing.size() << (missing.size() == 1 ? " layer is" : " layers are")
                                     << " like in float: " << quotedList(missing) << "; run record-moments before values are quantized";
}

/// The network with two parameters for each of `count` layers.
static llvm::Expected<OwningOpRef<ModuleOp>> parametrize(ModuleOp network, size_t count) {
  OwningOpRef<ModuleOp> copy = network.clone();
  UniqueNames names(*copy);
  SmallVector<nn::QuantizableOpInterface> layers;
  SmallVector<nn::DequantizeOp> constants;
  copy->walk([&](nn::QuantizableOpInterface layer) {
    if (isEncoded(layer))
      layers.push_back(layer);
  });
  copy->walk([&](nn::DequantizeOp dequantize) {
    if (encodedConstant(dequantize.getResult()))
      constants.push_back(dequantize);
  });
  for (nn::QuantizableOpInterface layer : layers) {
    auto function = layer->getParentOfType<func::FuncOp>();
    if (layer.getBiasIndex() >= 0)
      layer->eraseOperand(layer.getBiasIndex());
    Value result = layer->getResult(0);
    auto type = cast<RankedTensorType>(result.getType());
    SmallVector<int64_t> shape(type.getRank(), 1);
    shape[layer.getResultChannelAxis()] = type.getDimSize(layer.getResultChannelAxis());
    OpBuilder builder(layer);
    builder.setInsertionPointAfter(layer);
    Location loc = layer.getLoc();
    auto parameter = [&](StringRef what) -> Value {
      auto name = builder.getStringAttr(names.fresh((nn::layerOf(layer) + what).str()));
      unsigned number = function.getNumArguments();
      if (failed(function.insertArgument(number, RankedTensorType::get(shape, type.getElementType()),
                                         builder.getDictionaryAttr(builder.getNamedAttr("nn.name", name)), loc)))
        return nullptr;
      return function.getArgument(number);
    };
    Value factors = parameter("_factors"), shifts = parameter("_shifts");
    if (!factors || !shifts)
      return llvm::createStringError("layer \"" + nn::layerOf(layer) + "\" could not be given parameters");
    auto name = [&](StringRef what) { return builder.getStringAttr(names.fresh((nn::layerOf(layer) + what).str())); };
    auto observe = nn::ObserveOp::create(builder, loc, type, result, name("_seen"), nn::StatisticsAttr(), nn::PrecisionAttr());
    auto scaled = nn::MulOp::create(builder, loc, type, result, factors, name("_scaled"));
    auto shifted = nn::AddOp::create(builder, loc, type, scaled, shifts, name("_shifted"));
    result.replaceUsesWithIf(shifted.getResult(), [&](OpOperand &use) { return use.getOwner() != observe && use.getOwner() != scaled; });
  }
  for (nn::DequantizeOp dequantize : constants) {
    auto constant = encodedConstant(dequantize.getResult());
    if (!dequantize->use_empty()) {
      OpBuilder builder(dequantize);
      auto type = cast<RankedTensorType>(dequantize.getResult().getType());
      auto expressed = nn::ConstantOp::create(builder, constant.getLoc(), type, makeConstant(type, ArrayRef<float>(readExpressed(constant))),
                                              builder.getStringAttr(names.fresh(constant.getLayer().str())), nn::PrecisionAttr());
      dequantize.getResult().replaceAllUsesWith(expressed.getResult());
    }
    dequantize.erase();
    if (constant->use_empty())
      constant.erase();
  }
  if (layers.size() != count)
    return llvm::createStringError("the network has %zu layers to correct, and its copy %zu", count, layers.size());
  return copy;
}

llvm::Error Corrector::run(NetworkRunner &runner, CorrectionCounts &counts) {
  auto copy = parametrize(network, layers.size());
  if (!copy)
    return copy.takeError();
  auto prepared = runner.prepare(**copy, 2 * layers.size());
  if (!prepared)
    return prepared.takeError();
  std::vector<std::vector<float>> parameters(2 * layers.size());
  auto setParameters = [&](size_t number) {
    const Layer &layer = layers[number];
    std::vector<float> &factors = parameters[2 * number], &shifts = parameters[2 * number + 1];
    factors.clear(), shifts.clear();
    for (size_t channel = 0; channel < layer.now.biases.size(); ++channel) {
      factors.push_back(static_cast<float>(double(layer.now.weightScale(channel)) / layer.before.weightScale(channel)));
      shifts.push_back(layer.now.bias(channel));
    }
  };
  for (size_t number = 0; number < layers.size(); ++number)
    setParameters(number);
  for (size_t depth = 0; depth < depths; ++depth) {
    std::vector<std::optional<ChannelSums>> sums(layers.size());
    auto observe = [&](size_t number, const ObservedValue &value) -> llvm::Error {
      Layer &layer = layers[number];
      if (layer.depth != depth)
        return llvm::Error::success();
      if (!sums[number])
        sums[number].emplace(value.shape, value.order, layer.op.getResultChannelAxis());
      if (addOnAllThreads(*sums[number], value))
        return llvm::Error::success();
      return llvm::createStringError("layer \"" + nn::layerOf(layer.op) + "\" has values that are not finite; check the model in float");
    };
    llvm::Expected<int64_t> samples = (*prepared)->run(parameters, observe);
    if (!samples)
      return samples.takeError();
    if (*samples == 0)
      return llvm::createStringError(pass + ": there is no sample to run the network on");
    for (auto [number, sum] : llvm::enumerate(sums))
      if (sum) {
        Layer &layer = layers[number];
        layer.now = correctChannels(layer.before, layer.factors, layer.target, sum->moments());
        setParameters(number);
      }
    ++counts.runs;
  }
  return llvm::Error::success();
}

void Corrector::report(Layer &layer) {
  double total = 0, most = 0, leastFactor = std::numeric_limits<double>::infinity(), mostFactor = 0;
  size_t varying = 0;
  for (size_t channel = 0; channel < layer.now.biases.size(); ++channel) {
    double factor = double(layer.now.weightScale(channel)) / layer.before.weightScale(channel);
    leastFactor = std::min(leastFactor, factor), mostFactor = std::max(mostFactor, factor);
    if (layer.target.deviation[channel] == 0)
      continue;
    double moved = std::abs(double(layer.now.bias(channel)) - layer.before.bias(channel)) / layer.target.deviation[channel];
    total += moved, most = std::max(most, moved), ++varying;
  }
  std::string text = llvm::formatv("biases moved by {0:f3} deviations of their channel on average, {1:f3} at most", varying ? total / varying : 0, most).str();
  if (layer.factors != ScaleFactors::None)
    text += llvm::formatv("; scales times {0:f3} to {1:f3}", leastFactor, mostFactor).str();
  remark::passed(layer.op.getLoc(), remarkOn(layer.op, pass)) << text;
}

void Corrector::apply(CorrectionCounts &counts) {
  UniqueNames names(network);
  for (Layer &layer : layers) {
    report(layer);
    bool scalesDiffer = layer.now.weights != layer.before.weights;
    if (!scalesDiffer && layer.now.biases == layer.before.biases)
      continue;
    ++counts.layers;
    SmallVector<double> scales(layer.now.weights.begin(), layer.now.weights.end());
    quant::QuantizedType weights = withScales(layer.weights, scales), biases = biasType(weights, layer.now.input);
    int64_t index = layer.op.getWeightsIndex(), bias = layer.op.getBiasIndex();
    if (scalesDiffer)
      replaceConstant(layer.op, index, weights, readCentered(encodedConstant(layer.op->getOperand(index))), names);
    if (bias >= 0) {
      replaceConstant(layer.op, bias, biases, layer.now.biases, names);
      continue;
    }
    OpBuilder builder(layer.op);
    Value added = makeEncoded(builder, layer.op.getLoc(), {static_cast<int64_t>(layer.now.biases.size())}, biases, layer.now.biases,
                              names.fresh((nn::layerOf(layer.op) + "_bias").str()));
    layer.op->insertOperands(layer.op->getNumOperands(), added); // where a layer with weights has its bias
  }
}

FailureOr<CorrectionCounts> quantization::correctLayers(ModuleOp network, NetworkRunner *runner, bool scalesToo, StringRef pass) {
  Corrector corrector(network, scalesToo, pass);
  if (failed(corrector.collect()))
    return failure();
  CorrectionCounts counts;
  if (!runner && !corrector.isEmpty())
    return emitError(network.getLoc()) << pass << " needs samples: give --calibrate-with";
  if (!corrector.isEmpty()) {
    if (llvm::Error error = corrector.run(*runner, counts))
      return emitError(network.getLoc()) << llvm::toString(std::move(error));
    corrector.apply(counts);
  }
  network.walk([](Operation *op) { op->removeAttr("nn.mean"), op->removeAttr("nn.deviation"); });
  network->removeAttr("nn.corrections");
  return counts;
}

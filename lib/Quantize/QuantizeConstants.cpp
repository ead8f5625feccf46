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

#include "AccumulatorScales.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Format/NumberFormat.h"
#include "quantization/Format/QuantTypes.h"
#include "quantization/Quantize/Passes.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/Threading.h"

using namespace mlir;

namespace quantization {
#define GEN_PASS_DEF_QUANTIZECONSTANTS
#include "quantization/Quantize/Passes.h.inc"

namespace {
struct QuantizeConstants : impl::QuantizeConstantsBase<QuantizeConstants> {
  void runOnOperation() override;

private:
  /// The weights of one layer, before and after.
  struct Job {
    nn::QuantizableOpInterface layer;
    nn::ConstantOp weights, bias;
    std::unique_ptr<NumberFormat> format;
    float inputScale;
    std::vector<float> values, biases;
    quant::QuantizedType type;
    size_t raised; ///< channels whose scale was raised for their bias, or would have to be
    bool staysFloat = false; ///< because the format has no other scale
    std::vector<int64_t> codes;
  };

  LogicalResult prepare(nn::QuantizableOpInterface layer, std::vector<Job> &jobs);
  static void encodeWeights(Job &job);
  void replaceConstants(Job &job);
  void foldQuantize(nn::QuantizeOp quantize);
  Value encoded(nn::ConstantOp constant, quant::QuantizedType type, ArrayRef<int64_t> codes, StringRef reader);

  UniqueNames names;
};
} // namespace

static remark::RemarkOpts remarkOn(Operation *layer) {
  return remark::RemarkOpts::name(nn::layerOf(layer)).category("quantize-constants");
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

/// A job for a layer whose weights are to be quantized and can be.
LogicalResult QuantizeConstants::prepare(nn::QuantizableOpInterface layer, std::vector<Job> &jobs) {
  int64_t weightsIndex = layer.getWeightsIndex(), biasIndex = layer.getBiasIndex();
  if (weightsIndex < 0)
    return success();
  Job job;
  job.layer = layer;
  job.weights = layer->getOperand(weightsIndex).getDefiningOp<nn::ConstantOp>();
  if (!job.weights || !nn::isF32(job.weights.getResult()) || !job.weights.getPrecisionAttr())
    return success();
  llvm::Expected<std::unique_ptr<NumberFormat>> format = parseFormat(job.weights.getPrecisionAttr().getFormat());
  if (!format)
    return job.weights.emitOpError() << "(layer \"" << job.weights.getLayer() << "\") has a bad precision: "
                                     << llvm::toString(format.takeError());
  if ((*format)->isFloat())
    return success();
  job.format = std::move(*format);
  auto missed = [&](const Twine &reason) {
    remark::missed(layer.getLoc(), remarkOn(layer)) << "weights stay float: " + reason.str();
    return success();
  };
  quant::QuantizedType input = inputType(layer);
  if (!input)
    return missed("the input is not quantized");
  if (channelAxisOf(input) >= 0)
    return missed("the input has a scale per channel, which integers cannot add up");
  if (biasIndex >= 0 && !(job.bias = layer->getOperand(biasIndex).getDefiningOp<nn::ConstantOp>()))
    return missed("the bias is not a constant");

  job.inputScale = static_cast<float>(scalesOf(input)[0]);
  job.values = readFloats(job.weights.getValue());
  if (job.bias && nn::isF32(job.bias.getResult()))
    job.biases = readFloats(job.bias.getValue());
  bool weightsAreFinite = succeeded(expectFinite(layer, "weights", job.values));
  bool biasesAreFinite = succeeded(expectFinite(layer, "biases", job.biases));
  if (!weightsAreFinite || !biasesAreFinite)
    return failure();
  jobs.push_back(std::move(job));
  return success();
}

void QuantizeConstants::encodeWeights(Job &job) {
  ArrayRef<int64_t> shape = nn::shapeOf(job.weights.getResult());
  WeightsView view{job.values, shape, job.layer.getWeightsChannelAxis()};
  job.type = job.format->chooseType(job.layer->getContext(), view);
  job.raised = raiseScales(job.type, job.inputScale, job.biases, job.format->hasPowerOfTwoScales()).size();
  job.staysFloat = job.raised && !job.format->canRaiseScales();
  if (!job.staysFloat)
    job.codes = job.format->encodeWeights(job.type, view);
}

void QuantizeConstants::replaceConstants(Job &job) {
  nn::QuantizableOpInterface layer = job.layer;
  if (job.staysFloat) {
    remark::missed(layer.getLoc(), remarkOn(layer))
        << "weights stay float: on the scale of their products the biases of " + std::to_string(job.raised) +
               " channels do not fit 32 bits, and the format has no other scale";
    return;
  }
  if (job.raised)
    remark::passed(layer.getLoc(), remarkOn(layer))
        << "weight scales of " + std::to_string(job.raised) + " channels raised, so that their biases fit 32 bits";
  OpBuilder builder(layer);
  auto replace = [&](int64_t index, quant::QuantizedType type, ArrayRef<int64_t> codes) {
    // Read anew: another layer may have taken the constant's place.
    auto constant = layer->getOperand(index).getDefiningOp<nn::ConstantOp>();
    Value code = encoded(constant, type, codes, nn::layerOf(layer));
    auto name = code.getDefiningOp<nn::ConstantOp>().getLayerAttr();
    layer->setOperand(index, nn::DequantizeOp::create(builder, constant.getLoc(), constant.getType(), code, name));
    if (constant->use_empty())
      constant.erase();
  };
  if (!job.biases.empty()) {
    quant::QuantizedType onAccumulator = biasType(job.type, job.inputScale);
    std::vector<int64_t> codes;
    for (auto [channel, value] : llvm::enumerate(job.biases))
      codes.push_back(quantizeBias(value, gridOf(onAccumulator, channel).scale));
    replace(layer.getBiasIndex(), onAccumulator, codes);
    ++numBiases;
  }
  replace(layer.getWeightsIndex(), job.type, job.codes);
  ++numWeights;
}

/// Does at compile time what a quantize of a constant would do at each run.
void QuantizeConstants::foldQuantize(nn::QuantizeOp quantize) {
  auto constant = quantize.getInput().getDefiningOp<nn::ConstantOp>();
  if (!constant || !nn::isF32(constant.getResult()))
    return;
  quant::QuantizedType type = quantizedElement(quantize.getResult());
  std::vector<int64_t> codes = encode(type, readFloats(constant.getValue()), nn::shapeOf(constant.getResult()),
                                      nn::roundingOf(quantize.getRounding()));
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
  std::vector<Job> jobs;
  for (nn::QuantizableOpInterface layer : layers)
    valid &= succeeded(prepare(layer, jobs));
  // Fitting grids to millions of weights takes longest.
  parallelForEach(&getContext(), jobs, encodeWeights);
  for (Job &job : jobs)
    replaceConstants(job);
  for (nn::QuantizeOp quantize : quantizes)
    foldQuantize(quantize);
  if (!valid)
    signalPassFailure();
}

} // namespace quantization

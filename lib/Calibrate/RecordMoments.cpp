//===- RecordMoments.cpp - what channels are like in float ------*- C++ -*-===//
//
// This file runs the float network on every sample and keeps, on each layer with weights, mean and deviation of the channels of its result
// (Numerics R38):
//
//   %0 = nn.conv %x, %w {layer = "conv1"}
// becomes
//   %0 = nn.conv %x, %w {layer = "conv1", nn.mean = array<f64: 0.5, -1.25>, nn.deviation = array<f64: 1.0, 0.75>}
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/ChannelMoments.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Calibrate/Passes.h"

using namespace mlir;

namespace quantization {
#define GEN_PASS_DEF_RECORDMOMENTS
#include "quantization/Calibrate/Passes.h.inc"

namespace {
struct RecordMoments : impl::RecordMomentsBase<RecordMoments> {
  using RecordMomentsBase::RecordMomentsBase;
  RecordMoments(NetworkRunner &runner, ArrayRef<std::string> names) : runner(&runner) { corrections = names; }
  void runOnOperation() override;

  NetworkRunner *runner = nullptr;
};
} // namespace

static bool hasConstantWeights(nn::QuantizableOpInterface layer) {
  int64_t index = layer.getWeightsIndex();
  return index >= 0 && layer->getOperand(index).getDefiningOp<nn::ConstantOp>() && nn::isF32(layer->getResult(0));
}

bool addOnAllThreads(ChannelSums &sums, const ObservedValue &value) {
  constexpr size_t worthThreads = 1 << 15;
  size_t channels = sums.channels(), threads = value.threads;
  if (threads == 1 || value.values.size() < worthThreads)
    return sums.add(value.values, 0, channels);
  std::vector<char> isFinite(threads);
  value.onEach([&](size_t thread) {
    isFinite[thread] = sums.add(value.values, channels * thread / threads, channels * (thread + 1) / threads);
  });
  return llvm::all_of(isFinite, [](char finite) { return finite; });
}

void RecordMoments::runOnOperation() {
  ModuleOp module = getOperation();
  if (nn::isQuantized(module)) // by the file
    return;
  SmallVector<nn::QuantizableOpInterface> layers;
  module.walk([&](nn::QuantizableOpInterface layer) {
    if (hasConstantWeights(layer))
      layers.push_back(layer);
  });
  if (layers.empty())
    return;
  if (!runner) {
    emitError(module.getLoc()) << "record-moments needs samples: give --calibrate-with";
    return signalPassFailure();
  }

  OwningOpRef<ModuleOp> observed = module.clone();
  observed->walk([](nn::ObserveOp observe) {
    observe.getResult().replaceAllUsesWith(observe.getInput());
    observe.erase();
  });
  observed->walk([](nn::QuantizableOpInterface layer) {
    if (!hasConstantWeights(layer))
      return;
    OpBuilder builder(layer);
    builder.setInsertionPointAfter(layer);
    nn::ObserveOp::create(builder, layer.getLoc(), layer->getResult(0).getType(), layer->getResult(0),
                          builder.getStringAttr(nn::layerOf(layer)), nn::StatisticsAttr(), nn::PrecisionAttr());
  });
  std::vector<std::optional<ChannelSums>> sums(layers.size());
  auto observe = [&](size_t number, const ObservedValue &value) -> llvm::Error {
    std::optional<ChannelSums> &sum = sums[number];
    if (!sum)
      sum.emplace(value.shape, value.order, layers[number].getResultChannelAxis());
    if (addOnAllThreads(*sum, value))
      return llvm::Error::success();
    return llvm::createStringError("layer \"" + nn::layerOf(layers[number]) +
                                   "\" has values that are not finite; check the model in float");
  };
  llvm::Expected<int64_t> samples = runner->run(*observed, observe);
  if (!samples) {
    emitError(module.getLoc()) << llvm::toString(samples.takeError());
    return signalPassFailure();
  }
  if (*samples == 0) {
    emitError(module.getLoc()) << "record-moments: there is no sample to run the network on";
    return signalPassFailure();
  }
  Builder builder(&getContext());
  for (auto [layer, sum] : llvm::zip_equal(layers, sums)) {
    ChannelMoments moments = sum->moments();
    layer->setAttr("nn.mean", builder.getDenseF64ArrayAttr(moments.mean));
    layer->setAttr("nn.deviation", builder.getDenseF64ArrayAttr(moments.deviation));
  }
  SmallVector<Attribute> names;
  for (const std::string &name : corrections)
    names.push_back(builder.getStringAttr(name));
  if (!names.empty())
    module->setAttr("nn.corrections", builder.getArrayAttr(names));
  numLayers += layers.size();
}

std::unique_ptr<Pass> createRecordMoments(NetworkRunner &runner, ArrayRef<std::string> corrections) {
  return std::make_unique<RecordMoments>(runner, corrections);
}

} // namespace quantization

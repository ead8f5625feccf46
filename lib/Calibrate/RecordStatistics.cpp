//===- RecordStatistics.cpp - run the network on samples --------*- C++ -*-===//
//
// This file runs the float network on every sample and stores on each observer what it saw:
//
//   %1 = nn.observe %0 {layer = "conv1"}
// becomes
//   %1 = nn.observe %0 {layer = "conv1", statistics = #nn.statistics<min = ..., max = ..., ...>}
//
// For reports the standard deviation of each channel is added: channel_deviations = array<f64: 1.0, 0.75>.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/ChannelMoments.h"
#include "quantization/Calibrate/Facts.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Calibrate/Passes.h"
#include <cmath>

using namespace mlir;

namespace quantization {
#define GEN_PASS_DEF_RECORDSTATISTICS
#include "quantization/Calibrate/Passes.h.inc"

namespace {
struct RecordStatistics : impl::RecordStatisticsBase<RecordStatistics> {
  RecordStatistics() = default;
  RecordStatistics(NetworkRunner &runner, bool channels) : runner(&runner), recordChannels(channels) {}
  void runOnOperation() override;

  NetworkRunner *runner = nullptr;
  bool recordChannels = false;
};
} // namespace

/// The dimension that numbers the channels of a value: that of the layer with weights that it comes from, past layers that keep its shape.
/// None where there is no more than one dimension.
static std::optional<int64_t> channelAxisOf(Value value) {
  ArrayRef<int64_t> shape = nn::shapeOf(value);
  if (shape.size() < 2)
    return std::nullopt;
  while (Operation *op = value.getDefiningOp()) {
    if (auto layer = dyn_cast<nn::QuantizableOpInterface>(op); layer && layer.getWeightsIndex() >= 0)
      return layer.getResultChannelAxis();
    if (op->getNumOperands() == 0 || !nn::isF32(op->getOperand(0)) || nn::shapeOf(op->getOperand(0)) != shape)
      break;
    value = op->getOperand(0);
  }
  return 1;
}

/// Adds the values to `statistics`; false where one is not finite.
static bool record(Statistics &statistics, const ObservedValue &value) {
  auto recordPart = [](Statistics &part, ArrayRef<float> values) {
    constexpr size_t inCache = 8192; // values are read twice
    for (; !values.empty(); values = values.drop_front(std::min(inCache, values.size())))
      if (part.record(values.data(), std::min(inCache, values.size())))
        return false;
    return true;
  };
  constexpr size_t worthThreads = 1 << 15;
  size_t size = value.values.size(), threads = value.threads;
  if (threads == 1 || size < worthThreads)
    return recordPart(statistics, value.values);
  std::vector<Statistics> parts(threads);
  std::vector<char> isFinite(threads);
  value.onEach([&](size_t thread) {
    size_t from = size * thread / threads, to = size * (thread + 1) / threads;
    isFinite[thread] = recordPart(parts[thread], value.values.slice(from, to - from));
  });
  for (const Statistics &part : parts)
    statistics.merge(part);
  return llvm::all_of(isFinite, [](char finite) { return finite; });
}

void RecordStatistics::runOnOperation() {
  ModuleOp module = getOperation();
  SmallVector<nn::ObserveOp> observers;
  module.walk([&](nn::ObserveOp observe) { observers.push_back(observe); });
  if (observers.empty())
    return;
  if (!runner) {
    emitError(module.getLoc()) << "record-statistics needs samples: give --calibrate-with";
    return signalPassFailure();
  }

  std::vector<Statistics> statistics(observers.size());
  std::vector<int64_t> samples(observers.size());
  std::vector<char> isBad(observers.size());
  std::vector<std::optional<ChannelSums>> channels(observers.size());
  auto observe = [&](size_t index, const ObservedValue &value) -> llvm::Error {
    if (index >= observers.size())
      return llvm::createStringError("the network has %zu observers, but number %zu was reported", observers.size(), index);
    int64_t sample = samples[index]++;
    if (record(statistics[index], value)) {
      std::optional<int64_t> axis = recordChannels ? channelAxisOf(observers[index].getInput()) : std::nullopt;
      if (axis && !channels[index])
        channels[index].emplace(value.shape, value.order, *axis);
      if (axis)
        addOnAllThreads(*channels[index], value);
      return llvm::Error::success();
    }
    isBad[index] = true;
    size_t first = SIZE_MAX, at = 0;
    for (auto [i, number] : llvm::enumerate(value.values))
      if (!std::isfinite(number) && value.rowMajor(i) < first)
        first = value.rowMajor(i), at = i;
    return llvm::createStringError("layer \"" + observers[index].getLayer() + "\": value " + Twine(first) + " is " +
                                   (std::isnan(value.values[at]) ? "NaN" : "infinite") + " on sample " + Twine(sample) +
                                   "; leave that sample out, or check the model in float");
  };
  llvm::Expected<int64_t> count = runner->run(module, observe);
  if (!count) {
    auto first = llvm::find(isBad, true);
    emitError(first == isBad.end() ? module.getLoc() : observers[first - isBad.begin()].getLoc()) << llvm::toString(count.takeError());
    return signalPassFailure();
  }
  if (*count == 0) {
    emitError(module.getLoc()) << "record-statistics: there is no sample to calibrate with";
    return signalPassFailure();
  }
  for (auto [observer, seen, sums] : llvm::zip_equal(observers, statistics, channels)) {
    observer.setStatisticsAttr(toAttribute(&getContext(), seen));
    if (sums)
      observer->setAttr("channel_deviations", DenseF64ArrayAttr::get(&getContext(), sums->moments().deviation));
  }
  numSamples += *count;
}

std::unique_ptr<Pass> createRecordStatistics(NetworkRunner &runner, bool recordChannels) {
  return std::make_unique<RecordStatistics>(runner, recordChannels);
}

} // namespace quantization

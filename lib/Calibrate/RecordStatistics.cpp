//===- RecordStatistics.cpp - run the network on samples --------*- C++ -*-===//
//
// This file runs the float network on every sample and stores on each observer what it saw:
//
//   %1 = nn.observe %0 {layer = "conv1"}
// becomes
//   %1 = nn.observe %0 {layer = "conv1", statistics = #nn.statistics<min = ..., max = ..., ...>}
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Facts.h"
#include "quantization/Calibrate/Passes.h"
#include <cmath>

using namespace mlir;

namespace quantization {
#define GEN_PASS_DEF_RECORDSTATISTICS
#include "quantization/Calibrate/Passes.h.inc"

namespace {
struct RecordStatistics : impl::RecordStatisticsBase<RecordStatistics> {
  RecordStatistics() = default;
  explicit RecordStatistics(NetworkRunner &runner) : runner(&runner) {}
  void runOnOperation() override;

  NetworkRunner *runner = nullptr;
};
} // namespace

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
  auto observe = [&](size_t index, const ObservedValue &value) -> llvm::Error {
    if (index >= observers.size())
      return llvm::createStringError("the network has %zu observers, but number %zu was reported", observers.size(), index);
    int64_t sample = samples[index]++;
    if (record(statistics[index], value))
      return llvm::Error::success();
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
  for (auto [observer, seen] : llvm::zip_equal(observers, statistics))
    observer.setStatisticsAttr(toAttribute(&getContext(), seen));
  numSamples += *count;
}

std::unique_ptr<Pass> createRecordStatistics(NetworkRunner &runner) { return std::make_unique<RecordStatistics>(runner); }

} // namespace quantization

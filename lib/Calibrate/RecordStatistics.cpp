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
  auto observe = [&](size_t index, ArrayRef<float> values) -> llvm::Error {
    if (index >= observers.size())
      return llvm::createStringError("the network has %zu observers, but number %zu was reported", observers.size(), index);
    int64_t sample = samples[index]++;
    if (std::optional<size_t> bad = statistics[index].record(values.data(), values.size())) {
      isBad[index] = true;
      return llvm::createStringError("layer \"" + observers[index].getLayer() + "\": value " + Twine(*bad) + " is " +
                                     (std::isnan(values[*bad]) ? "NaN" : "infinite") + " on sample " + Twine(sample) +
                                     "; leave that sample out, or check the model in float");
    }
    return llvm::Error::success();
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

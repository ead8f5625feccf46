//===- SaveStatistics.cpp - statistics to a file ----------------*- C++ -*-===//
//
// This file writes the statistics of all observers as JSON; the IR stays as it is:
//
//   %1 = nn.observe %0 {layer = "conv1", statistics = #nn.statistics<min = -1.0, ...>}
// gives
//   {"schema": 1, "model": "...", "samples": 100, "values": {"conv1": {"min": -1, ...}}}
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Facts.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Calibrate/Passes.h"
#include "quantization/Calibrate/StatisticsFile.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace quantization {
#define GEN_PASS_DEF_SAVESTATISTICS
#include "quantization/Calibrate/Passes.h.inc"

namespace {
struct SaveStatistics : impl::SaveStatisticsBase<SaveStatistics> {
  using SaveStatisticsBase::SaveStatisticsBase;
  void runOnOperation() override;
  llvm::Error save(ModuleOp module);
};
} // namespace

llvm::Error SaveStatistics::save(ModuleOp module) {
  if (file.empty())
    return llvm::createStringError("save-statistics needs a file: give --save-statistics=file=FILE");
  StatisticsFile contents;
  contents.file = file;
  if (auto hash = module->getAttrOfType<StringAttr>("nn.model_hash"))
    contents.model = hash.str();
  std::vector<std::string> missing;
  module.walk([&](nn::ObserveOp observe) {
    nn::StatisticsAttr attribute = observe.getStatisticsAttr();
    std::optional<Statistics> statistics = attribute ? fromAttribute(attribute) : std::nullopt;
    if (!statistics) {
      missing.push_back(observe.getLayer().str());
      return;
    }
    int64_t elements = std::max<int64_t>(cast<ShapedType>(observe.getType()).getNumElements(), 1);
    if (contents.values.empty()) // each sample is seen once by each observer
      contents.samples = statistics->count / elements;
    contents.values.emplace(observe.getLayer().str(), std::move(*statistics));
  });
  if (!missing.empty())
    return llvm::createStringError("no valid statistics for " + Twine(missing.size()) +
                                   (missing.size() == 1 ? " layer: " : " layers: ") + quotedList(missing) +
                                   "; give --calibrate-with");
  numSaved += contents.values.size();
  llvm::Error error = llvm::writeToOutput(file, [&](raw_ostream &os) {
    contents.write(os);
    return llvm::Error::success();
  });
  if (error)
    return llvm::createStringError("cannot write " + llvm::toString(std::move(error)));
  return llvm::Error::success();
}

void SaveStatistics::runOnOperation() {
  if (llvm::Error error = save(getOperation())) {
    emitError(getOperation().getLoc()) << llvm::toString(std::move(error));
    signalPassFailure();
  }
}

} // namespace quantization

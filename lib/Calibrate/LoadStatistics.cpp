//===- LoadStatistics.cpp - statistics from a file --------------*- C++ -*-===//
//
// This file puts the statistics of a JSON file on the observers of the same layers:
//
//   %1 = nn.observe %0 {layer = "conv1"}     with     {"schema": 1, ..., "values": {"conv1": {"min": -1, ...}}}
// becomes
//   %1 = nn.observe %0 {layer = "conv1", statistics = #nn.statistics<min = -1.0, ...>}
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Facts.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Calibrate/Passes.h"
#include "quantization/Calibrate/StatisticsFile.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;

namespace quantization {
#define GEN_PASS_DEF_LOADSTATISTICS
#include "quantization/Calibrate/Passes.h.inc"

namespace {
struct LoadStatistics : impl::LoadStatisticsBase<LoadStatistics> {
  using LoadStatisticsBase::LoadStatisticsBase;
  void runOnOperation() override;
  llvm::Error load(ModuleOp module);
};
} // namespace

llvm::Error LoadStatistics::load(ModuleOp module) {
  if (file.empty())
    return llvm::createStringError("load-statistics needs a file: give --load-statistics=file=FILE");
  auto buffer = llvm::MemoryBuffer::getFile(file);
  if (!buffer)
    return llvm::createStringError("cannot read " + file + ": " + buffer.getError().message());
  llvm::Expected<StatisticsFile> statistics = StatisticsFile::parse((*buffer)->getBuffer(), file);
  if (!statistics)
    return statistics.takeError();
  auto hash = module->getAttrOfType<StringAttr>("nn.model_hash");
  if (!hash && !statistics->model.empty())
    return llvm::createStringError(file + ": cannot tell whether these statistics belong to this network, which has no "
                                          "nn.model_hash; start from the .onnx, or calibrate again");
  if (llvm::Error error = statistics->checkModel(hash ? hash.getValue() : ""))
    return error;

  std::vector<std::string> missing;
  SmallVector<std::pair<nn::ObserveOp, const Statistics *>> found;
  module.walk([&](nn::ObserveOp observe) {
    auto entry = statistics->values.find(observe.getLayer().str());
    if (entry == statistics->values.end())
      missing.push_back(observe.getLayer().str());
    else
      found.push_back({observe, &entry->second});
  });
  if (!missing.empty())
    return llvm::createStringError(file + ": no statistics for " + Twine(missing.size()) +
                                   (missing.size() == 1 ? " layer: " : " layers: ") + quotedList(missing) +
                                   "; calibrate again");
  for (auto [observe, seen] : found)
    observe.setStatisticsAttr(toAttribute(&getContext(), *seen));
  numLoaded += found.size();
  return llvm::Error::success();
}

void LoadStatistics::runOnOperation() {
  if (llvm::Error error = load(getOperation())) {
    emitError(getOperation().getLoc()) << llvm::toString(std::move(error));
    signalPassFailure();
  }
}

} // namespace quantization

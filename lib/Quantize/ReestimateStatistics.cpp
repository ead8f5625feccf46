//===- ReestimateStatistics.cpp - mean and deviation as in float *- C++ -*-===//
//
// This file sets the scales of weights and the biases of quantized layers so that each channel has the mean and the deviation that it has in
// float (1701.08978, Numerics R39); codes of weights stay:
//
//   %w = nn.dequantize %0 : !quant.uniform<i2<-1:1>:f32:0, {0.5}>         %w = nn.dequantize %0 : !quant.uniform<i2<-1:1>:f32:0, {1.0}>
//   %1 = nn.conv %x, %w, %b                                       ==>     %1 = nn.conv %x, %w, %b1
//
// where the deviation of the channel was half of what it is in float.
//
//===----------------------------------------------------------------------===//

#include "CorrectLayers.h"
#include "quantization/Dialect/NN/NN.h"
#include "quantization/Quantize/Passes.h"

using namespace mlir;

namespace quantization {
#define GEN_PASS_DEF_REESTIMATESTATISTICS
#include "quantization/Quantize/Passes.h.inc"

namespace {
struct ReestimateStatistics : impl::ReestimateStatisticsBase<ReestimateStatistics> {
  ReestimateStatistics() = default;
  explicit ReestimateStatistics(NetworkRunner &runner) : runner(&runner) {}

  void runOnOperation() override {
    FailureOr<CorrectionCounts> counts = correctLayers(getOperation(), runner, /*scalesToo=*/true, getArgument());
    if (failed(counts))
      return signalPassFailure();
    numLayers += counts->layers, numRuns += counts->runs;
  }

  NetworkRunner *runner = nullptr;
};
} // namespace

std::unique_ptr<Pass> createReestimateStatistics(NetworkRunner &runner) { return std::make_unique<ReestimateStatistics>(runner); }

} // namespace quantization

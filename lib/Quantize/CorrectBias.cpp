//===- CorrectBias.cpp - means are those of the float network ---*- C++ -*-===//
//
// This file sets the biases of quantized layers so that each channel has the mean that it has in float (1906.04721, Numerics R38):
//
//   %b = nn.dequantize %0      // 3, on the scale 0.5                     %b = nn.dequantize %0      // 2
//   %1 = nn.conv %x, %w, %b {nn.mean = array<f64: 4.0>, ...}      ==>     %1 = nn.conv %x, %w, %b
//
// where the mean of the channel was 4.5.
//
//===----------------------------------------------------------------------===//

#include "CorrectLayers.h"
#include "quantization/Dialect/NN/NN.h"
#include "quantization/Quantize/Passes.h"

using namespace mlir;

namespace quantization {
#define GEN_PASS_DEF_CORRECTBIAS
#include "quantization/Quantize/Passes.h.inc"

namespace {
struct CorrectBias : impl::CorrectBiasBase<CorrectBias> {
  CorrectBias() = default;
  explicit CorrectBias(NetworkRunner &runner) : runner(&runner) {}

  void runOnOperation() override {
    FailureOr<CorrectionCounts> counts = correctLayers(getOperation(), runner, /*scalesToo=*/false, getArgument());
    if (failed(counts))
      return signalPassFailure();
    numLayers += counts->layers, numRuns += counts->runs;
  }

  NetworkRunner *runner = nullptr;
};
} // namespace

std::unique_ptr<Pass> createCorrectBias(NetworkRunner &runner) { return std::make_unique<CorrectBias>(runner); }

} // namespace quantization

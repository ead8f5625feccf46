//===- TargetModel.cpp - what passes ask of the machine ---------*- C++ -*-===//
//
// This file finds the model of the module's target.
//
//===----------------------------------------------------------------------===//

#include "quantization/Target/TargetModel.h"
#include "Models.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace quantization;

namespace {

/// Plain loops, whatever the machine.
struct PortableModel : TargetModel {
  const DotKernel *chooseKernel(const ContractionShape &) const override { return nullptr; }
  const DotKernel *findKernel(llvm::StringRef) const override { return nullptr; }
  std::vector<llvm::StringRef> kernelsFor(const ContractionShape &) const override { return {}; }
  int64_t lanes() const override { return 4; }
  bool isEmulated() const override { return false; }
};

} // namespace

bool quantization::computes(const DotKernel &kernel, const ContractionShape &shape) {
  if (shape.isFloat != (kernel.kind == DotKind::Fma) || shape.isDepthwise != kernel.depthwise)
    return false;
  if (shape.accumulatorBits != 32 || (!shape.isDepthwise && kernel.kind != DotKind::SubsetSums && shape.run < kernel.codes))
    return false;
  if (shape.isFloat)
    return true;
  if (kernel.kind == DotKind::Additions)
    return shape.sumChunks > 0 && shape.inputBits <= kernel.inputBits && shape.weightBits <= kernel.weightBits();
  if (kernel.kind == DotKind::SubsetSums)
    return shape.hasSignWeights && shape.inputBits <= 8 && shape.isVector;
  if (kernel.valuesTogether() > 1) {
    // Channels that fill up words, and groups that begin with one, are zeros; so zero is the code 0.
    bool fits = shape.hasSignWeights && shape.inputBits <= 8 && shape.zeroPoint == 0 && shape.largestCode <= 1 &&
                shape.leastCode >= (kernel.kind == DotKind::CountBits && !kernel.hasNegativeWords() ? 0 : -1) &&
                (shape.groups == 1 || shape.inputs % kernel.valuesTogether() == 0);
    // Sums of 4 values by 4 signs are up to 8 with what they are raised by, and all together have 16 bits.
    int64_t steps = shape.runs * (shape.run / shape.inputs) * ((shape.inputs + 3) / 4);
    return fits && (kernel.kind != DotKind::Lookup || 8 * steps <= UINT16_MAX);
  }
  // Bits know no 0 for what a last step has in common with the one before. Their sums are up to 8 times as large.
  if (kernel.hasSignBits() && (!shape.hasSignWeights || shape.run % (kernel.codes * kernel.storedSteps()) || shape.groups > 1 ||
                               shape.run * shape.runs > INT32_MAX / (8 * shape.largestInput)))
    return false;
  // In 16 bits nothing may saturate, whatever the codes.
  int64_t largestFactor = kernel.hasSignBits() ? 8 : shape.largestWeight;
  if (kernel.kind == DotKind::MultiplyAddBytes && shape.largestInput * largestFactor > INT16_MAX / (2 * kernel.chain))
    return false;
  if (kernel.hasSignBits())
    return shape.inputBits <= kernel.inputBits;
  return shape.inputBits <= kernel.inputBits && shape.weightBits <= kernel.weightBits();
}

static int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

int64_t quantization::depthOf(const DotKernel &kernel, int64_t run) {
  if (kernel.kind != DotKind::TileBytes)
    return kernel.codes;
  // All of one depth, for a function has one configuration of its tile registers; and no deeper than the run, before which may be nothing.
  int64_t depth = ceilDiv(run, ceilDiv(run, kTileBytes) * kernel.codes) * kernel.codes;
  return depth <= run ? depth : run / kernel.codes * kernel.codes;
}

int64_t quantization::stepsOf(const DotKernel &kernel, int64_t run) {
  int64_t depth = depthOf(kernel, run);
  return ceilDiv(run, depth) * (depth / kernel.codes);
}

std::unique_ptr<TargetModel> TargetModel::of(ModuleOp module) {
  auto target = module->getAttrOfType<fixed::TargetAttr>("fixed.target");
  std::unique_ptr<TargetModel> model;
  if (target && llvm::Triple(target.getTriple()).getArch() == llvm::Triple::x86_64)
    model = createX86Model(target.getCpu(), target.getFeatures(), target.getEmulated());
  if (!model)
    model = std::make_unique<PortableModel>();
  if (target)
    model->numThreads = target.getThreads();
  return model;
}

std::vector<llvm::StringRef> TargetModel::allKernels() { return allX86Kernels(); }

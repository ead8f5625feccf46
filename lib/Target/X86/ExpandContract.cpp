//===- ExpandContract.cpp - micro-kernels -----------------------*- C++ -*-===//
//
// This file checks that each fixed.contract on buffers suits the micro-kernel that its `lowering` names, and has it written out:
//
//   fixed.contract %x, %w, %y {lowering = "vnni512"}   ==>   scf.for block, tile { scf.for step { vpdpbusd ... }; vector.store %y }
//
//===----------------------------------------------------------------------===//

#include "MicroKernel.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "quantization/Target/Passes.h"
#include "quantization/Target/WeightsInCode.h"

namespace quantization {
#define GEN_PASS_DEF_EXPANDCONTRACT
#include "quantization/Target/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

/// Why `kernel` cannot compute what stands in the IR, which anybody may have written; empty if it can.
std::string whyUnfit(fixed::ContractOp op, const DotKernel &kernel) {
  auto input = dyn_cast<MemRefType>(op.getInput().getType()), weights = dyn_cast<MemRefType>(op.getWeights().getType());
  if (!input || !weights)
    return "it is on tensors; bufferize first";
  if (kernel.depthwise != op.isDepthwise())
    return "one is depthwise, the other is not";
  if (static_cast<int64_t>(op.getPacking().value_or(1)) != kernel.packing || weights.getDimSize(5) != kernel.storedCodes() || weights.getDimSize(4) % (kernel.lanes * (kernel.depthwise ? kernel.codes : kernel.kind == DotKind::Lookup || kernel.kind == DotKind::SubsetSums ? 4 : 1)))
    return "its weights are packed for another";
  if (!kernel.depthwise) {
    bool sideBySide = op.getGroups() == 1 && (op.getKernel().empty() || op.getDilations().back() == 1);
    int64_t columns = op.getKernel().empty() ? 1 : op.getKernel().back(), inputs = input.getShape().back() / op.getPackedGroups();
    int64_t steps = stepsOf(kernel, (sideBySide ? columns : 1) * inputs) * (sideBySide ? 1 : columns);
    // As many tiles of channels as chooseRegisterTile takes at most; the sums of more have no room.
    if (weights.getDimSize(3) * kernel.storedSteps() != steps || (kernel.kind == DotKind::TileBytes && weights.getDimSize(4) > 2 * kernel.lanes))
      return "its weights are packed for another";
  }
  auto result = cast<MemRefType>(op.getInit().getType());
  if (kernel.kind == DotKind::SubsetSums && (!op.getKernel().empty() || op.isBatched() || result.getNumElements() != result.getShape().back()))
    return "it is no product of one vector by a matrix";
  if ((kernel.kind == DotKind::TileBytes || kernel.packing > 1) && !op->getParentOfType<FunctionOpInterface>())
    return "it is in no function";
  bool isFloat = kernel.kind == DotKind::Fma;
  Type element = input.getElementType(), accumulator = op.getBody().getArgument(0).getType();
  if (element.getIntOrFloatBitWidth() != kernel.inputBits || isa<FloatType>(element) != isFloat ||
      accumulator.getIntOrFloatBitWidth() != 32 || isa<FloatType>(accumulator) != isFloat ||
      isa<FloatType>(weights.getElementType()) != isFloat ||
      weights.getElementTypeBitWidth() > kernel.weightBits() * (kernel.valuesTogether() > 1 ? 1 : kernel.packing))
    return "its values are of other types";
  SmallVector<int64_t> strides;
  int64_t offset;
  bool oneRun = !op.getKernel().empty() && op.getKernel().back() > 1 && op.getGroups() == 1 && op.getDilations().back() == 1;
  if (failed(input.getStridesAndOffset(strides, offset)) || (oneRun && strides[strides.size() - 2] != input.getShape().back()))
    return "the columns of its input do not lie side by side";
  if (kernel.kind == DotKind::TileBytes && (ShapedType::isDynamic(offset) || ShapedType::isDynamicShape(strides) || strides.back() != 1))
    return "the places of its input's values are not known";
  if (!kernel.knowsWeights())
    return "";
  return op->getParentOfType<FunctionOpInterface>() ? whyNoAdditions(op) : "it is in no function";
}

struct ExpandContractPass : quantization::impl::ExpandContractBase<ExpandContractPass> {
  void runOnOperation() override {
    std::unique_ptr<TargetModel> target = TargetModel::of(getOperation());
    SmallVector<fixed::ContractOp> contracts;
    getOperation().walk([&](fixed::ContractOp op) { contracts.push_back(op); });
    for (fixed::ContractOp op : contracts) {
      const DotKernel *kernel = target->findKernel(op.getLowering());
      if (!kernel) {
        op.emitError() << "layer \"" << op.getLayer() << "\" needs the kernel \"" << op.getLowering() << "\", which the target lacks";
        return signalPassFailure();
      }
      if (std::string why = whyUnfit(op, *kernel); !why.empty()) {
        op.emitError() << "layer \"" << op.getLayer() << "\" does not suit the kernel \"" << kernel->name << "\": " << why;
        return signalPassFailure();
      }
      if (kernel->knowsWeights())
        expandAdditions(op, *kernel, target->isEmulated(), target->threads());
      else
        expandMicroKernel(op, *kernel, target->isEmulated());
      ++numExpanded;
    }
  }
};

} // namespace

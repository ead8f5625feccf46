//===- WeightsInCode.cpp - weights that become instructions -----*- C++ -*-===//
//
// This file reads the weights of a contraction back from the constant that they were packed into.
//
//===----------------------------------------------------------------------===//

#include "quantization/Target/WeightsInCode.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "quantization/Dialect/NN/Constants.h"

using namespace mlir;
using namespace quantization;

/// Sums have room for it.
static constexpr int64_t kLargestInput = UINT8_MAX;

memref::GetGlobalOp quantization::weightConstant(fixed::ContractOp op) {
  Value source = op.getWeights();
  while (auto view = source.getDefiningOp<ViewLikeOpInterface>())
    source = view.getViewSource();
  return source.getDefiningOp<memref::GetGlobalOp>();
}

bool quantization::knowsWeights(fixed::ContractOp op, const TargetModel &target) {
  const DotKernel *kernel = target.findKernel(op.getLowering());
  return kernel && kernel->knowsWeights();
}

static int64_t outputsOf(fixed::ContractOp op) { return cast<MemRefType>(op.getInit().getType()).getShape().back(); }

/// Its elements, in the order in which `op` has them; null where a view changes that.
static ElementsAttr constantWeights(fixed::ContractOp op) {
  Value source = op.getWeights();
  while (isa_and_nonnull<memref::ExpandShapeOp, memref::CollapseShapeOp>(source.getDefiningOp()))
    source = source.getDefiningOp()->getOperand(0);
  auto read = source.getDefiningOp<memref::GetGlobalOp>();
  auto global = read ? SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(op, read.getNameAttr()) : memref::GlobalOp();
  return global ? dyn_cast_or_null<ElementsAttr>(global.getConstantInitValue()) : ElementsAttr();
}

std::string quantization::whyNoAdditions(fixed::ContractOp op) {
  auto weights = dyn_cast<MemRefType>(op.getWeights().getType());
  if (op.getKernel().size() != 2 || op.getGroups() != 1 || !weights || weights.getDimSize(1) != 1)
    return "it is no convolution of two dimensions with one block of channels";
  std::vector<int32_t> values = additionWeights(op);
  if (values.empty())
    return "its weights are no constant of its function";
  return additionSums(op, values) ? "" : "its weights are not ternary";
}

std::vector<int32_t> quantization::additionWeights(fixed::ContractOp op) {
  ElementsAttr values = constantWeights(op);
  if (!values)
    return {};
  std::vector<int64_t> packed = readIntegers(values);
  int64_t rows = op.getKernel()[0], columns = op.getKernel()[1], lanes = cast<MemRefType>(op.getWeights().getType()).getDimSize(4);
  int64_t channels = cast<MemRefType>(op.getInput().getType()).getShape().back();
  std::vector<int32_t> weights;
  for (int64_t o = 0; o < outputsOf(op); ++o)
    for (int64_t i = 0; i < channels; ++i)
      for (int64_t y = 0; y < rows; ++y)
        for (int64_t x = 0; x < columns; ++x)
          weights.push_back(static_cast<int32_t>(packed[((y * columns + x) * channels + i) * lanes + o]));
  return weights;
}

std::optional<SignedSums> quantization::additionSums(fixed::ContractOp op, const std::vector<int32_t> &weights) {
  if (weights.empty())
    return std::nullopt;
  int64_t area = op.getKernel()[0] * op.getKernel()[1];
  return SignedSums::of(weights, outputsOf(op), static_cast<int64_t>(weights.size()) / outputsOf(op) / area, area, kLargestInput);
}

std::optional<SumOperations> quantization::operationsOfSums(fixed::ContractOp op) {
  if (!whyNoAdditions(op).empty())
    return std::nullopt;
  SignedSums sums = *additionSums(op, additionWeights(op));
  int64_t results = cast<MemRefType>(op.getInit().getType()).getNumElements();
  return SumOperations{results / sums.outputs * sums.nonzeros, results * static_cast<int64_t>(sums.chunks.size())};
}

int64_t quantization::countSharedAdditions(fixed::ContractOp op, const DotKernel &kernel) {
  if (!whyNoAdditions(op).empty())
    return 0;
  std::vector<int32_t> weights = additionWeights(op);
  SignedSums sums = *additionSums(op, weights);
  int64_t outputs = sums.outputs, columns = static_cast<int64_t>(weights.size()) / outputs, most = kernel.sumsAtOnce();
  int64_t parts = (outputs + most - 1) / most, additions = 0;
  for (const SumChunk &chunk : sums.chunks)
    for (int64_t part = 0; part < parts; ++part) {
      int64_t first = part * outputs / parts, end = (part + 1) * outputs / parts;
      additions += countAdditions(shareSums(weights, columns, chunk, first, end - first));
    }
  return cast<MemRefType>(op.getInit().getType()).getNumElements() / outputs * additions;
}

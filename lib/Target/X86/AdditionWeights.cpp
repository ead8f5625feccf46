//===- AdditionWeights.cpp - weights that become instructions ---*- C++ -*-===//
//
// This file reads the weights of a contraction back from the constant that they were packed into.
//
//===----------------------------------------------------------------------===//

#include "AdditionWeights.h"
#include "MicroKernel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "quantization/Dialect/NN/Constants.h"

using namespace mlir;
using namespace quantization;

/// Sums have room for it.
static constexpr int64_t kLargestInput = UINT8_MAX;

/// The constant that is read inside of the function; null for an argument.
static ElementsAttr constantWeights(fixed::ContractOp op) {
  Value source = op.getWeights();
  while (isa_and_nonnull<memref::ExpandShapeOp, memref::CollapseShapeOp>(source.getDefiningOp()))
    source = source.getDefiningOp()->getOperand(0);
  auto read = source.getDefiningOp<memref::GetGlobalOp>();
  auto global = read ? SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(op, read.getNameAttr()) : memref::GlobalOp();
  return global ? dyn_cast_or_null<ElementsAttr>(global.getConstantInitValue()) : ElementsAttr();
}

std::vector<int32_t> quantization::additionWeights(fixed::ContractOp op) {
  std::vector<int64_t> packed = readIntegers(constantWeights(op));
  int64_t rows = op.getKernel()[0], columns = op.getKernel()[1], lanes = cast<MemRefType>(op.getWeights().getType()).getDimSize(4);
  int64_t channels = cast<MemRefType>(op.getInput().getType()).getShape().back();
  int64_t outputs = cast<MemRefType>(op.getInit().getType()).getShape().back();
  std::vector<int32_t> weights;
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t i = 0; i < channels; ++i)
      for (int64_t y = 0; y < rows; ++y)
        for (int64_t x = 0; x < columns; ++x)
          weights.push_back(static_cast<int32_t>(packed[((y * columns + x) * channels + i) * lanes + o]));
  return weights;
}

std::optional<SignedSums> quantization::additionSums(fixed::ContractOp op, const std::vector<int32_t> &weights) {
  int64_t outputs = cast<MemRefType>(op.getInit().getType()).getShape().back(), area = op.getKernel()[0] * op.getKernel()[1];
  return SignedSums::of(weights, outputs, static_cast<int64_t>(weights.size()) / outputs / area, area, kLargestInput);
}

std::string quantization::whyNoAdditions(fixed::ContractOp op) {
  if (op.getKernel().size() != 2 || op.getGroups() != 1 || cast<MemRefType>(op.getWeights().getType()).getDimSize(1) != 1)
    return "it is no convolution of two dimensions with one block of channels";
  if (!op->getParentOfType<func::FuncOp>() || !constantWeights(op))
    return "its weights are no constant of its function";
  if (!additionSums(op, additionWeights(op)))
    return "its weights are not ternary";
  return "";
}

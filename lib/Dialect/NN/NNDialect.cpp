//===- NNDialect.cpp - the nn dialect ---------------------------*- C++ -*-===//
//
// This file registers the layers and answers what every layer is asked: its name.
//
//===----------------------------------------------------------------------===//

#include "quantization/Dialect/NN/NN.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace quantization;

#include "quantization/Dialect/NN/NNDialect.cpp.inc"
#include "quantization/Dialect/NN/NNEnums.cpp.inc"
#include "quantization/Dialect/NN/NNInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "quantization/Dialect/NN/NNAttributes.cpp.inc"

void nn::NNDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "quantization/Dialect/NN/NNAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "quantization/Dialect/NN/NNOps.cpp.inc"
      >();
}

StringRef nn::layerOf(Operation *op) {
  if (auto layer = op->getAttrOfType<StringAttr>("layer"))
    return layer.getValue();
  return "";
}

std::string nn::layerOf(Value value) {
  if (Operation *op = value.getDefiningOp())
    return layerOf(op).str();
  auto argument = cast<BlockArgument>(value);
  if (auto function = dyn_cast<FunctionOpInterface>(argument.getOwner()->getParentOp()))
    if (auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "nn.name"))
      return name.str();
  return "input" + std::to_string(argument.getArgNumber());
}

int64_t nn::windowCount(int64_t size, int64_t kernel, int64_t stride, int64_t padLow, int64_t padHigh, int64_t dilation,
                        bool ceil) {
  int64_t span = size + padLow + padHigh - (dilation * (kernel - 1) + 1);
  if (span < 0)
    return 0;
  int64_t count = (ceil ? (span + stride - 1) / stride : span / stride) + 1;
  // ONNX: the last window must start inside the input or its left padding.
  if (ceil && (count - 1) * stride >= size + padLow)
    --count;
  return count;
}

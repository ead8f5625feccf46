//===- NNFactors.cpp - factors that pass through layers ---------*- C++ -*-===//
//
// This file answers which channels trained weights sum over, and through which layers positive factors of channels pass unchanged:
// relu(s x) = s relu(x).
//
//===----------------------------------------------------------------------===//

#include "quantization/Dialect/NN/NN.h"
#include <cmath>

using namespace mlir;
using namespace quantization::nn;

int64_t ConvOp::getInputChannelAxis() { return 1; }
int64_t MatmulOp::getInputChannelAxis() { return shapeOf(getInput()).size() - 1; }
int64_t MatmulOp::getWeightsInputAxis() { return shapeOf(getWeights()).size() - 2; }

std::optional<int64_t> ClampOp::getHomogeneousAxis(int64_t axis) {
  auto isEnd = [](double end) { return end == 0 || std::isinf(end); };
  return isEnd(getMin().convertToFloat()) && isEnd(getMax().convertToFloat()) ? std::optional(axis) : std::nullopt;
}

std::optional<int64_t> FunctionOp::getHomogeneousAxis(int64_t axis) {
  switch (getKind()) {
  case FunctionKind::LeakyRelu:
  case FunctionKind::Abs:
  case FunctionKind::Neg:
    return axis;
  default:
    return std::nullopt;
  }
}

/// Windows lie in one channel.
static std::optional<int64_t> unlessSpatial(int64_t axis) { return axis < 2 ? std::optional(axis) : std::nullopt; }
std::optional<int64_t> MaxPoolOp::getHomogeneousAxis(int64_t axis) { return unlessSpatial(axis); }
std::optional<int64_t> AveragePoolOp::getHomogeneousAxis(int64_t axis) { return unlessSpatial(axis); }

/// The axis stays the same, alone or joined with those behind it.
std::optional<int64_t> ReshapeOp::getHomogeneousAxis(int64_t axis) {
  ArrayRef<int64_t> from = shapeOf(getInput()), to = shapeOf(getResult());
  if (static_cast<int64_t>(to.size()) <= axis || from.take_front(axis) != to.take_front(axis))
    return std::nullopt;
  bool isLast = static_cast<int64_t>(to.size()) == axis + 1;
  return isLast || from[axis] == to[axis] ? std::optional(axis) : std::nullopt;
}

std::optional<int64_t> TransposeOp::getHomogeneousAxis(int64_t axis) {
  return std::distance(getPermutation().begin(), llvm::find(getPermutation(), axis));
}

std::optional<int64_t> PadOp::getHomogeneousAxis(int64_t axis) {
  bool isApart = getValue().isZero() && getLow()[axis] == 0 && getHigh()[axis] == 0;
  return isApart ? std::optional(axis) : std::nullopt;
}

//===- NNIntegral.cpp - layers on integers ----------------------*- C++ -*-===//
//
// This file answers the questions of QuantizableOpInterface: which operands are weights, what only moves values, and what a
// layer's exact integer result is (Numerics R9 to R13).
//
//===----------------------------------------------------------------------===//

#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Dialect/NN/NN.h"
#include "quantization/Format/QuantTypes.h"
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace quantization;
using namespace quantization::nn;

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

int64_t ConvOp::getWeightsIndex() { return 1; }
int64_t ConvOp::getBiasIndex() { return getBias() ? 2 : -1; }
int64_t MatmulOp::getWeightsIndex() { return 1; }
int64_t MatmulOp::getBiasIndex() { return getBias() ? 2 : -1; }
int64_t MatmulOp::getWeightsChannelAxis() { return shapeOf(getWeights()).size() - 1; }
int64_t MatmulOp::getResultChannelAxis() { return shapeOf(getResult()).size() - 1; }

/// R10: a bound of every accumulator's magnitude. `channelAxis` is that of the weights, `terms` the products of one result.
static double boundOf(ValueRange operands, int64_t terms, int64_t channelAxis) {
  auto input = quantizedElement(operands[0]), weights = quantizedElement(operands[1]);
  ArrayRef<int64_t> shape = nn::shapeOf(operands[1]);
  std::vector<double> bounds(shape[channelAxis], static_cast<double>(terms) * magnitudeOf(weights));
  if (ElementsAttr codes = constantBehind(operands[1])) {
    int64_t inner = 1;
    for (int64_t d : shape.drop_front(channelAxis + 1))
      inner *= d;
    bounds.assign(bounds.size(), 0);
    for (auto [i, code] : llvm::enumerate(readCodes(codes, weights)))
      bounds[i / inner % bounds.size()] += std::abs(static_cast<double>(code - zeroPointOf(weights)));
  }
  for (double &bound : bounds)
    bound *= static_cast<double>(magnitudeOf(input));
  if (operands.size() > 2) {
    ElementsAttr biases = constantBehind(operands[2]);
    std::vector<int64_t> codes = biases ? readIntegers(biases) : std::vector<int64_t>(bounds.size(), int64_t(1) << 31);
    for (auto [bound, code] : llvm::zip(bounds, codes))
      bound += std::abs(static_cast<double>(code));
  }
  return *llvm::max_element(bounds);
}

/// `op` on stored `operands`, accumulating `terms` products each; in i64 where products and bias together may leave i32 (R10).
static FailureOr<Accumulator> buildContraction(QuantizableOpInterface op, OpBuilder &builder, ValueRange operands, int64_t terms,
                                               int64_t axis, std::string &reason) {
  auto input = quantizedElement(operands[0]), weights = quantizedElement(operands[1]);
  if (!input || !weights) {
    reason = input ? "its weights are not quantized" : "its input is not quantized";
    return failure();
  }
  if (channelAxisOf(input) >= 0) {
    reason = "its input has a scale per channel, which integers cannot add up";
    return failure();
  }
  double bound = boundOf(operands, terms, op.getWeightsChannelAxis());
  if (bound >= std::ldexp(1.0, 62)) {
    reason = "its accumulator can exceed 62 bits";
    return failure();
  }
  // The folded zero point may pass through i32 wrapped: only the true sum has to fit.
  bool narrow = bound < std::ldexp(1.0, 31);
  Type element = builder.getIntegerType(narrow ? 32 : 64);
  OperationState state(op->getLoc(), op->getName(), operands, {withElementType(op->getResult(0), element)}, op->getAttrs());
  Accumulator result;
  result.value = builder.create(state)->getResult(0);
  for (double scale : scalesOf(weights))
    result.scales.push_back(scale * scalesOf(input)[0]);
  result.axis = axis;
  result.bound = static_cast<int64_t>(bound);
  return result;
}

FailureOr<Accumulator> ConvOp::buildAccumulator(OpBuilder &builder, ValueRange operands, std::string &reason) {
  int64_t terms = 1;
  for (int64_t d : shapeOf(getWeights()).drop_front())
    terms *= d;
  return buildContraction(*this, builder, operands, terms, 1, reason);
}
FailureOr<Accumulator> MatmulOp::buildAccumulator(OpBuilder &builder, ValueRange operands, std::string &reason) {
  return buildContraction(*this, builder, operands, shapeOf(getInput()).back(), getResultChannelAxis(), reason);
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

/// A sum or difference: both operands move without rounding onto a common finer scale (Numerics R12).
static FailureOr<Accumulator> buildSum(Operation *op, OpBuilder &builder, ValueRange operands, std::string &reason) {
  double scales[2], magnitudes[2];
  for (int i : {0, 1}) {
    auto type = quantizedElement(operands[i]);
    if (!type || channelAxisOf(type) >= 0) {
      reason = "an operand is not quantized with one scale";
      return failure();
    }
    scales[i] = scalesOf(type)[0];
    magnitudes[i] = static_cast<double>(magnitudeOf(type));
  }
  // The sum stays below 2^30: the largest shift for which both multipliers keep it there.
  double largest = std::max(scales[0] * magnitudes[0], scales[1] * magnitudes[1]);
  int exponent;
  if (std::frexp(largest, &exponent) == 0.5) // a power of two is its own bound
    --exponent;
  double common = std::ldexp(1.0, exponent - 29);
  SmallVector<Value> moved;
  int64_t bound = 0;
  StringRef layer = layerOf(op);
  Type i32 = builder.getI32Type();
  for (int i : {0, 1}) {
    int64_t multiplier = std::llround(scales[i] / common);
    multiplier = std::max<int64_t>(multiplier, 1);
    int64_t magnitude = static_cast<int64_t>(magnitudes[i]) * multiplier;
    bound += magnitude;
    moved.push_back(fixed::RescaleOp::create(
        builder, op->getLoc(), withElementType(operands[i], i32), operands[i], DenseF64ArrayAttr(),
        builder.getDenseI32ArrayAttr({static_cast<int32_t>(multiplier)}), builder.getDenseI32ArrayAttr({0}), 0,
        ArrayRef<int64_t>{INT32_MIN, INT32_MAX}, static_cast<int64_t>(magnitudes[i]), RoundingMode::HalfEven, layer));
  }
  OperationState state(op->getLoc(), op->getName(), moved, {withElementType(op->getResult(0), i32)}, op->getAttrs());
  Accumulator result;
  result.value = builder.create(state)->getResult(0);
  result.scales = {common};
  result.bound = bound;
  return result;
}
FailureOr<Accumulator> AddOp::buildAccumulator(OpBuilder &builder, ValueRange operands, std::string &reason) {
  return buildSum(*this, builder, operands, reason);
}
FailureOr<Accumulator> SubOp::buildAccumulator(OpBuilder &builder, ValueRange operands, std::string &reason) {
  return buildSum(*this, builder, operands, reason);
}

FailureOr<Accumulator> MulOp::buildAccumulator(OpBuilder &builder, ValueRange operands, std::string &reason) {
  auto lhs = quantizedElement(operands[0]), rhs = quantizedElement(operands[1]);
  if (!lhs || !rhs || channelAxisOf(lhs) >= 0 || channelAxisOf(rhs) >= 0) {
    reason = "an operand is not quantized with one scale";
    return failure();
  }
  if (magnitudeOf(lhs) > (int64_t(1) << 30) / magnitudeOf(rhs)) {
    reason = "its products can exceed 32 bits";
    return failure();
  }
  OperationState state(getLoc(), getOperationName(), operands, {withElementType(getResult(), builder.getI32Type())},
                       (*this)->getAttrs());
  Accumulator result;
  result.value = builder.create(state)->getResult(0);
  result.scales = {scalesOf(lhs)[0] * scalesOf(rhs)[0]};
  result.bound = magnitudeOf(lhs) * magnitudeOf(rhs);
  return result;
}

std::optional<ClampRange> ClampOp::getClampRange() { return ClampRange{getMin().convertToFloat(), getMax().convertToFloat()}; }

std::optional<double> FunctionOp::evaluate(double x) {
  double alpha = getAlpha().convertToFloat(), beta = getBeta().convertToFloat();
  switch (getKind()) {
  case FunctionKind::Sigmoid:
    return 1 / (1 + std::exp(-x));
  case FunctionKind::Tanh:
    return std::tanh(x);
  case FunctionKind::Exp:
    return std::exp(x);
  case FunctionKind::LeakyRelu:
    return x < 0 ? alpha * x : x;
  case FunctionKind::HardSigmoid:
    return std::clamp(alpha * x + beta, 0.0, 1.0);
  case FunctionKind::HardSwish:
    return x * std::clamp(x / 6 + 0.5, 0.0, 1.0);
  case FunctionKind::Sqrt:
    return x < 0 ? 0 : std::sqrt(x);
  case FunctionKind::Abs:
    return std::abs(x);
  case FunctionKind::Neg:
    return -x;
  case FunctionKind::Elu:
    return x < 0 ? alpha * std::expm1(x) : x;
  case FunctionKind::Softplus:
    return x > 30 ? x : std::log1p(std::exp(x));
  case FunctionKind::Erf:
    return std::erf(x);
  case FunctionKind::Gelu: // x * (1 + erf(x / sqrt 2)) / 2, where nothing cancels
    return x * std::erfc(-x * std::sqrt(0.5)) / 2;
  case FunctionKind::GeluTanh: // x * (1 + tanh(u)) / 2 = x / (1 + exp(-2u))
    return x / (1 + std::exp(-2 * std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
  }
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Pools and moves
//===----------------------------------------------------------------------===//

bool MaxPoolOp::keepsFormat() { return true; }
bool ConcatOp::keepsFormat() { return true; }
bool ReshapeOp::keepsFormat() { return true; }
bool TransposeOp::keepsFormat() { return true; }
bool SliceOp::keepsFormat() { return true; }
bool PadOp::keepsFormat() { return true; }

SmallVector<int64_t> AveragePoolOp::getCounts() {
  ArrayRef<int64_t> input = shapeOf(getInput()), result = shapeOf(getResult());
  size_t spatial = getKernel().size();
  SmallVector<int64_t> counts = {1};
  for (size_t d = 0; d < spatial; ++d) {
    SmallVector<int64_t> next;
    int64_t low = getCountIncludePad() ? -getPads()[d] : 0;
    int64_t high = input[2 + d] + (getCountIncludePad() ? getPads()[spatial + d] : 0);
    for (int64_t outer : counts)
      for (int64_t o = 0; o < result[2 + d]; ++o) {
        int64_t along = 0;
        for (int64_t k = 0; k < getKernel()[d]; ++k) {
          int64_t at = o * getStrides()[d] - getPads()[d] + k * getDilations()[d];
          along += at >= low && at < high;
        }
        next.push_back(outer * std::max<int64_t>(along, 1));
      }
    counts = std::move(next);
  }
  return counts;
}

FailureOr<Accumulator> AveragePoolOp::buildAccumulator(OpBuilder &builder, ValueRange operands, std::string &reason) {
  auto type = quantizedElement(operands[0]);
  if (!type || channelAxisOf(type) >= 0) {
    reason = "its input is not quantized with one scale";
    return failure();
  }
  int64_t lcm = 1;
  for (int64_t count : getCounts()) {
    lcm = std::lcm(lcm, count);
    // The sum of `count` values times lcm/count is at most magnitude * lcm.
    if (lcm > (int64_t(1) << 30) / magnitudeOf(type)) {
      reason = "the window sizes at its edges have no common multiple within 32 bits";
      return failure();
    }
  }
  OperationState state(getLoc(), getOperationName(), operands, {withElementType(getResult(), builder.getI32Type())},
                       (*this)->getAttrs());
  Accumulator result;
  result.value = builder.create(state)->getResult(0);
  result.scales = {scalesOf(type)[0] / static_cast<double>(lcm)};
  result.bound = magnitudeOf(type) * lcm;
  return result;
}

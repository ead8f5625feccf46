//===- Elementwise.cpp - operators on single values -------------*- C++ -*-===//
//
// This file defines the ONNX operators that work value by value.
//
//===----------------------------------------------------------------------===//

#include "../OpBinder.h"
#include "quantization/Format/QuantTypes.h"
#include "llvm/Support/FormatVariadic.h"
#include <cfloat>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace quantization;
using folding::Arithmetic;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

static Value clamp(OpBinder &b, Value input, float low, float high) {
  return b.layer<nn::ClampOp>(nn::shapeOf(input), input, APFloat(low), APFloat(high));
}

static LogicalResult buildRelu(OpBinder &b) {
  Value input = b.input(0, "X");
  return input ? b.yield(clamp(b, input, 0, kInfinity)) : failure();
}

static LogicalResult buildClip(OpBinder &b, std::optional<float> low, std::optional<float> high) {
  Value input = b.input(0, "input");
  if (!input || !low || !high)
    return failure();
  // Before opset 11 the largest float stands for "no limit".
  return b.yield(clamp(b, input, *low <= -FLT_MAX ? -kInfinity : *low, *high >= FLT_MAX ? kInfinity : *high));
}
static LogicalResult buildClipByAttributes(OpBinder &b) {
  return buildClip(b, b.real("min", -kInfinity), b.real("max", kInfinity));
}
/// Clip of codes, with which exporters narrow a grid to fewer bits than its storage has.
static LogicalResult buildClipOfCodes(OpBinder &b, quant::QuantizedType type) {
  Value input = b.input(0, "input");
  auto low = b.scalarInput(1, "min", -kInfinity), high = b.scalarInput(2, "max", kInfinity);
  if (!input || !low || !high)
    return failure();
  Grid grid = gridOf(type);
  auto least = static_cast<int64_t>(std::max(*low, static_cast<float>(grid.lo)));
  auto most = static_cast<int64_t>(std::min(*high, static_cast<float>(grid.hi)));
  if (least >= most)
    return b.fail("its ends leave fewer than two codes");
  grid.lo = least;
  grid.hi = most;
  // What is quantized and clipped is quantized to fewer codes.
  auto quantize = b.rawInput(0).getDefiningOp<nn::QuantizeOp>();
  auto narrow = typeOf(type.getContext(), grid, type.getStorageTypeIntegralWidth(), type.isSigned());
  return b.yield(b.quantize(quantize ? Value(quantize.getInput()) : input, narrow));
}

static LogicalResult buildClipByInputs(OpBinder &b) {
  if (auto type = b.rawInput(0) ? quantizedElement(b.rawInput(0)) : quant::QuantizedType())
    return buildClipOfCodes(b, type);
  auto low = b.scalarInput(1, "min", -kInfinity);
  auto high = b.scalarInput(2, "max", kInfinity);
  if (auto known = b.rawInput(0) ? b.known(b.rawInput(0)) : std::nullopt; known && low && high && known->kind != folding::Kind::F32) {
    std::vector<int64_t> values = folding::integersOf(*known);
    for (int64_t &value : values)
      value = static_cast<int64_t>(std::clamp(static_cast<float>(value), *low, std::max(*low, *high)));
    return b.yield(b.constant(folding::fromIntegers(known->kind, known->shape, values), b.rawInput(0)));
  }
  return buildClip(b, low, high);
}

//===----------------------------------------------------------------------===//
// Functions of one value
//===----------------------------------------------------------------------===//

/// The function `kind` with attributes alpha and beta, whose defaults are given; one without default is not an attribute.
static BuildFunction function(nn::FunctionKind kind, std::optional<float> alpha = {}, std::optional<float> beta = {}) {
  return [=](OpBinder &b) -> LogicalResult {
    Value input = b.input(0, "X");
    if (!input)
      return failure();
    APFloat first(alpha ? b.real("alpha", *alpha) : 0.0f), second(beta ? b.real("beta", *beta) : 0.0f);
    return b.yield(b.layer<nn::FunctionOp>(nn::shapeOf(input), input, kind, first, second));
  };
}

static LogicalResult buildGelu(OpBinder &b) {
  Value input = b.input(0, "X");
  std::string approximate = b.string("approximate", "none");
  if (!input)
    return failure();
  if (approximate != "none" && approximate != "tanh")
    return b.unsupported("approximate", "\"" + approximate + "\"", "\"none\" and \"tanh\"");
  auto kind = approximate == "tanh" ? nn::FunctionKind::GeluTanh : nn::FunctionKind::Gelu;
  return b.yield(b.layer<nn::FunctionOp>(nn::shapeOf(input), input, kind, APFloat(0.0f), APFloat(0.0f)));
}

static LogicalResult buildPRelu(OpBinder &b) {
  Value input = b.input(0, "X");
  auto slope = b.constantInput(1, "slope");
  if (!input || !slope)
    return failure();
  std::vector<float> slopes = folding::floatsOf(*slope);
  if (slopes.empty() || !llvm::all_equal(slopes))
    return b.fail("a slope per channel is not supported; one slope for all values is");
  return b.yield(
      b.layer<nn::FunctionOp>(nn::shapeOf(input), input, nn::FunctionKind::LeakyRelu, APFloat(slopes[0]), APFloat(0.0f)));
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

/// One operation on two values, computed where both are known.
template <typename OpT> static Value combine(OpBinder &b, Arithmetic operation, Value lhs, Value rhs) {
  if (!lhs || !rhs)
    return {};
  auto left = b.known(lhs), right = b.known(rhs);
  if (left && right && left->kind == right->kind)
    return b.constant(folding::compute(operation, *left, *right));
  auto shape = folding::broadcast(nn::shapeOf(lhs), nn::shapeOf(rhs));
  if (!shape) {
    (void)b.fail("cannot broadcast " + textOf(nn::shapeOf(lhs)) + " and " + textOf(nn::shapeOf(rhs)));
    return {};
  }
  return b.layer<OpT>(*shape, lhs, rhs);
}

template <typename OpT> static BuildFunction arithmetic(Arithmetic operation) {
  return [=](OpBinder &b) -> LogicalResult {
    Value lhs = b.input(0, "A"), rhs = b.input(1, "B");
    return b.yield(combine<OpT>(b, operation, lhs, rhs));
  };
}

static LogicalResult buildSum(OpBinder &b) {
  Value sum = b.input(0, "data_0");
  for (unsigned i = 1; i < b.numOperands(); ++i)
    sum = combine<nn::AddOp>(b, Arithmetic::Add, sum, b.input(i, "data_" + std::to_string(i)));
  return b.yield(sum);
}

/// A power is a few products, or a root.
static LogicalResult buildPow(OpBinder &b) {
  Value base = b.input(0, "X");
  auto power = b.constantInput(1, "Y");
  if (!base || !power)
    return failure();
  std::vector<float> exponents = folding::floatsOf(*power);
  if (exponents.empty() || !llvm::all_equal(exponents))
    return b.fail("an exponent per value is not supported; one exponent for all values is");
  float exponent = exponents[0];
  auto shape = folding::broadcast(nn::shapeOf(base), power->shape);
  if (!shape)
    return b.fail("cannot broadcast " + textOf(nn::shapeOf(base)) + " and " + textOf(power->shape));
  base = b.expand(base, *shape);
  if (!base)
    return failure();
  if (auto tensor = b.known(base)) {
    if (tensor->kind != folding::Kind::F32)
      return b.fail("powers of integers are not supported");
    std::vector<float> values = folding::floatsOf(*tensor);
    for (float &value : values)
      value = std::pow(value, exponent);
    return b.yield(b.constant(folding::fromFloats(tensor->shape, values)));
  }
  if (exponent == 1)
    return b.yield(base);
  if (exponent == 0.5f)
    return b.yield(b.layer<nn::FunctionOp>(*shape, base, nn::FunctionKind::Sqrt, APFloat(0.0f), APFloat(0.0f)));
  if (exponent == 2)
    return b.yield(b.layer<nn::MulOp>(*shape, base, base));
  if (exponent == 3) {
    Value square = b.helper<nn::MulOp>(*shape, base, base);
    return square ? b.yield(b.layer<nn::MulOp>(*shape, square, base)) : failure();
  }
  return b.fail("the exponent " + llvm::formatv("{0}", exponent).str() + " is not supported; 0.5, 1, 2 and 3 are");
}

static LogicalResult buildReciprocal(OpBinder &b) {
  Value input = b.input(0, "X");
  return input ? b.yield(combine<nn::DivOp>(b, Arithmetic::Div, b.constant(folding::fromFloats({}, 1.0f)), input)) : failure();
}

void quantization::registerElementwise(OpRegistry &registry) {
  using nn::FunctionKind;
  registry.onOp("Relu", 6, buildRelu);
  registry.onOp("Clip", 6, buildClipByAttributes);
  registry.onOp("Clip", 11, buildClipByInputs);
  registry.onOp("LeakyRelu", 6, function(FunctionKind::LeakyRelu, 0.01f));
  registry.onOp("PRelu", 7, buildPRelu);
  registry.onOp("Elu", 6, function(FunctionKind::Elu, 1.0f));
  registry.onOp("Sigmoid", 6, function(FunctionKind::Sigmoid));
  registry.onOp("Tanh", 6, function(FunctionKind::Tanh));
  registry.onOp("HardSigmoid", 6, function(FunctionKind::HardSigmoid, 0.2f, 0.5f));
  registry.onOp("HardSwish", 14, function(FunctionKind::HardSwish));
  registry.onOp("Softplus", 1, function(FunctionKind::Softplus));
  registry.onOp("Erf", 9, function(FunctionKind::Erf));
  registry.onOp("Gelu", 20, buildGelu);
  registry.onOp("Exp", 6, function(FunctionKind::Exp));
  registry.onOp("Sqrt", 6, function(FunctionKind::Sqrt));
  registry.onOp("Abs", 6, function(FunctionKind::Abs));
  registry.onOp("Neg", 6, function(FunctionKind::Neg));
  registry.onOp("Add", 7, arithmetic<nn::AddOp>(Arithmetic::Add));
  registry.onOp("Sub", 7, arithmetic<nn::SubOp>(Arithmetic::Sub));
  registry.onOp("Mul", 7, arithmetic<nn::MulOp>(Arithmetic::Mul));
  registry.onOp("Div", 7, arithmetic<nn::DivOp>(Arithmetic::Div));
  registry.onOp("Sum", 6, buildSum);
  registry.onOp("Pow", 7, buildPow);
  registry.onOp("Reciprocal", 6, buildReciprocal);
}

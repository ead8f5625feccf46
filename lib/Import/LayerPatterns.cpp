//===- LayerPatterns.cpp - one layer of many -------------------*- C++ -*-===//
//
// This file recognizes the layers that exporters write as a formula where their opset has no operator for them:
//
//   %0 = nn.div %x, 1.41421354                        %y = nn.function %x {kind = gelu}
//   %1 = nn.function %0 {kind = erf}
//   %2 = nn.add %1, 1.0                        ->
//   %3 = nn.mul %x, %2
//   %y = nn.mul %3, 0.5
//
// and layer normalization, (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon) * scale + bias.
//
//===----------------------------------------------------------------------===//

#include "Simplification.h"
#include <cmath>

using namespace mlir;
using namespace quantization;
using nn::shapeOf;

namespace {

/// The number that all elements of a constant are.
std::optional<float> numberOf(Value value) {
  if (!isFloatConstant(value))
    return std::nullopt;
  std::vector<float> values = readFloats(constantBehind(value));
  if (values.empty() || !llvm::all_equal(values))
    return std::nullopt;
  return values[0];
}

/// Whether `value` is the constant `number`, as f32 or a few units beside it.
bool isNumber(Value value, double number) {
  auto found = numberOf(value);
  return found && std::abs(*found - number) <= 1e-6 * std::abs(number);
}

/// A sum or product with a constant number as (the other operand, the number).
template <typename Op> std::optional<std::pair<Value, float>> readNumber(Value value) {
  if (auto op = value.getDefiningOp<Op>())
    for (auto [other, constant] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())})
      if (auto number = numberOf(constant))
        return std::pair(Value(other), *number);
  return std::nullopt;
}

/// The factors of a product of products; an inner one that others read as well is a factor itself.
void collectFactors(Value value, SmallVectorImpl<Value> &factors, int depth = 0) {
  auto product = value.getDefiningOp<nn::MulOp>();
  if (!product || (depth > 0 && !value.hasOneUse()) || depth == 3) { // no formula here is deeper
    factors.push_back(value);
    return;
  }
  collectFactors(product.getLhs(), factors, depth + 1);
  collectFactors(product.getRhs(), factors, depth + 1);
}

Value inputOf(Value value, nn::FunctionKind kind) {
  auto function = value.getDefiningOp<nn::FunctionOp>();
  return function && function.getKind() == kind ? Value(function.getInput()) : Value();
}

//===----------------------------------------------------------------------===//
// GELU
//===----------------------------------------------------------------------===//

/// Whether `value` is x / sqrt 2.
bool isOverRootOfTwo(Value value, Value x) {
  if (auto quotient = value.getDefiningOp<nn::DivOp>())
    return quotient.getLhs() == x && isNumber(quotient.getRhs(), std::sqrt(2.0));
  auto product = readNumber<nn::MulOp>(value);
  return product && product->first == x && std::abs(product->second - std::sqrt(0.5)) <= 1e-6;
}

/// Whether `value` is sqrt(2 / pi) (x + 0.044715 x^3).
bool isArgumentOfTanh(Value value, Value x) {
  auto product = readNumber<nn::MulOp>(value);
  auto sum = product ? product->first.getDefiningOp<nn::AddOp>() : nn::AddOp();
  if (!sum || std::abs(product->second - std::sqrt(2 / M_PI)) > 1e-6)
    return false;
  SmallVector<Value> factors;
  collectFactors(sum.getLhs() == x ? sum.getRhs() : sum.getLhs(), factors);
  auto isFactor = [](Value factor) { return isNumber(factor, 0.044715); };
  return (sum.getLhs() == x || sum.getRhs() == x) && factors.size() == 4 && llvm::count(factors, x) == 3 &&
         llvm::any_of(factors, isFactor);
}

/// x * 0.5 * (1 + erf(x / sqrt 2)), or with tanh, in any order.
LogicalResult recognizeGelu(nn::MulOp op, PatternRewriter &rewriter, Network &) {
  SmallVector<Value> factors;
  collectFactors(op, factors);
  auto isHalf = [](Value factor) { return isNumber(factor, 0.5); };
  if (factors.size() != 3 || llvm::count_if(factors, isHalf) != 1)
    return failure();
  llvm::erase_if(factors, isHalf);
  for (auto [x, sum] : {std::pair(factors[0], factors[1]), std::pair(factors[1], factors[0])}) {
    auto inner = readNumber<nn::AddOp>(sum);
    if (!inner || inner->second != 1 || x.getType() != op.getType())
      continue;
    nn::FunctionKind kind;
    if (Value argument = inputOf(inner->first, nn::FunctionKind::Erf); argument && isOverRootOfTwo(argument, x))
      kind = nn::FunctionKind::Gelu;
    else if (Value argument = inputOf(inner->first, nn::FunctionKind::Tanh); argument && isArgumentOfTanh(argument, x))
      kind = nn::FunctionKind::GeluTanh;
    else
      continue;
    rewriter.replaceOpWithNewOp<nn::FunctionOp>(op, op.getType(), x, kind, APFloat(0.0f), APFloat(0.0f), op.getLayer());
    return success();
  }
  return failure();
}

//===----------------------------------------------------------------------===//
// Layer normalization
//===----------------------------------------------------------------------===//

/// The first of the last dimensions over which `value` is the mean of a value that `isSource` accepts; they stay as ones.
/// The import writes a mean as a pool between reshapes.
std::optional<int64_t> readMean(Value value, llvm::function_ref<bool(Value)> isSource) {
  Value mean = value;
  while (auto reshape = mean.getDefiningOp<nn::ReshapeOp>())
    mean = reshape.getInput();
  auto pool = mean.getDefiningOp<nn::AveragePoolOp>();
  if (!pool || llvm::any_of(pool.getPads(), [](int64_t pad) { return pad != 0; }))
    return std::nullopt;
  int64_t size = 1;
  for (auto [i, kernel] : llvm::enumerate(pool.getKernel())) {
    int64_t given = shapeOf(pool.getInput())[2 + i], left = shapeOf(mean)[2 + i];
    if (kernel == given && left == 1)
      size *= given;
    else if (size != 1 || kernel != 1 || left != given) // not over the last dimensions
      return std::nullopt;
  }
  Value source = pool.getInput();
  while (!isSource(source)) {
    auto reshape = source.getDefiningOp<nn::ReshapeOp>();
    if (!reshape)
      return std::nullopt;
    source = reshape.getInput();
  }
  SmallVector<int64_t> shape(shapeOf(source));
  int64_t axis = shape.size();
  for (int64_t count = 1; axis > 0 && count < size; shape[axis] = 1)
    count *= shape[--axis];
  if (size == 1 || shapeOf(value) != ArrayRef<int64_t>(shape) ||
      cast<RankedTensorType>(source.getType()).getNumElements() / size != cast<RankedTensorType>(mean.getType()).getNumElements())
    return std::nullopt;
  return axis;
}

/// Replaces `op` by the normalization of x, where `centered` is x - mean(x) and `deviation` sqrt(variance + epsilon).
LogicalResult replaceByNorm(Operation *op, Value centered, Value deviation, PatternRewriter &rewriter, Network &network) {
  auto difference = centered.getDefiningOp<nn::SubOp>();
  Value square = inputOf(deviation, nn::FunctionKind::Sqrt);
  auto variance = square ? readNumber<nn::AddOp>(square) : std::nullopt;
  if (!difference || !variance || difference.getLhs().getType() != op->getResult(0).getType())
    return failure();
  Value x = difference.getLhs();
  auto axis = readMean(difference.getRhs(), [&](Value source) { return source == x; });
  // Some exporters write the difference twice.
  auto isCentered = [&](Value value) {
    auto other = value.getDefiningOp<nn::SubOp>();
    return other && other.getLhs() == x &&
           (other.getRhs() == difference.getRhs() || readMean(other.getRhs(), [&](Value source) { return source == x; }) == axis);
  };
  auto again = readMean(variance->first, [&](Value source) {
    auto product = source.getDefiningOp<nn::MulOp>();
    return product && isCentered(product.getLhs()) && isCentered(product.getRhs());
  });
  if (!axis || axis != again)
    return failure();
  ArrayRef<int64_t> part = shapeOf(x).drop_front(*axis);
  std::string name = nn::layerOf(op).str();
  std::vector<float> ones(ShapedType::getNumElements(part), 1);
  Value scale = network.addConstant(rewriter, op->getLoc(), part, ones, name + "_scale");
  rewriter.replaceOpWithNewOp<nn::LayerNormOp>(op, op->getResult(0).getType(), x, scale, Value(), *axis,
                                               APFloat(variance->second), name);
  return success();
}

LogicalResult recognizeLayerNorm(nn::DivOp op, PatternRewriter &rewriter, Network &network) {
  return replaceByNorm(op, op.getLhs(), op.getRhs(), rewriter, network);
}
/// With the reciprocal of the deviation.
LogicalResult recognizeLayerNormByProduct(nn::MulOp op, PatternRewriter &rewriter, Network &network) {
  for (auto [centered, factor] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())})
    if (auto inverse = factor.getDefiningOp<nn::DivOp>(); inverse && isNumber(inverse.getLhs(), 1))
      if (succeeded(replaceByNorm(op, centered, inverse.getRhs(), rewriter, network)))
        return success();
  return failure();
}

/// A product with or a sum of a constant behind a normalization becomes its scale or bias.
template <typename Op> LogicalResult foldIntoLayerNorm(Op op, PatternRewriter &rewriter, Network &network) {
  constexpr bool isProduct = std::is_same_v<Op, nn::MulOp>;
  for (auto [value, constant] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
    auto norm = value.template getDefiningOp<nn::LayerNormOp>();
    if (!norm || !value.hasOneUse() || !isFloatConstant(constant) || op.getType() != value.getType() ||
        !isFloatConstant(norm.getScale()) || (norm.getBias() && (isProduct || !isFloatConstant(norm.getBias()))))
      continue;
    ArrayRef<int64_t> part = shapeOf(value).drop_front(norm.getAxis()), shape = shapeOf(constant);
    while (shape.size() > part.size() && shape.front() == 1)
      shape = shape.drop_front();
    std::vector<float> operand = readFloats(constantBehind(constant));
    size_t size = ShapedType::getNumElements(part);
    if (operand.size() == 1)
      operand.assign(size, operand[0]);
    else if (shape != part)
      continue;
    std::vector<float> values = operand;
    Value old = isProduct ? norm.getScale() : norm.getBias();
    if (old)
      for (auto [given, more] : llvm::zip(values, readFloats(constantBehind(old))))
        given = isProduct ? given * more : given + more;
    // The model's own constant, where it is what is wanted.
    Value parameter = constant;
    if (shapeOf(constant) != part || values != operand)
      parameter = network.addConstant(rewriter, op.getLoc(), part, values,
                                      norm.getLayer().str() + (isProduct ? "_scale" : "_bias"));
    Value scale = isProduct ? parameter : Value(norm.getScale()), bias = isProduct ? Value() : parameter;
    // The last name of a location is that of the node whose value the layer computes.
    Location loc = rewriter.getFusedLoc({norm.getLoc(), op.getLoc()});
    auto folded = nn::LayerNormOp::create(rewriter, loc, norm.getType(), norm.getInput(), scale, bias, norm.getAxis(),
                                          norm.getEpsilon(), norm.getLayer());
    rewriter.replaceOp(op, folded.getResult());
    rewriter.eraseOp(norm);
    return success();
  }
  return failure();
}

} // namespace

void quantization::addLayerPatterns(RewritePatternSet &patterns, Network &network) {
  patterns.add<Simplification<nn::MulOp, recognizeGelu>, Simplification<nn::DivOp, recognizeLayerNorm>,
               Simplification<nn::MulOp, recognizeLayerNormByProduct>,
               Simplification<nn::MulOp, foldIntoLayerNorm<nn::MulOp>>, Simplification<nn::AddOp, foldIntoLayerNorm<nn::AddOp>>>(
      patterns.getContext(), network);
}

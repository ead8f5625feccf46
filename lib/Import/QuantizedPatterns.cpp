//===- QuantizedPatterns.cpp - constants that are codes ---------*- C++ -*-===//
//
// This file simplifies around constants that a file brings as codes. Movements of them are computed, factors go into their scales
// and never into their codes, and what is added behind a contraction becomes its bias:
//
//   %w = nn.dequantize %codes : !quant.uniform<i8:f32, 0.5>
//   %t = nn.transpose %w                               ->    %t = nn.dequantize %turned : !quant.uniform<i8:f32, 0.5>
//
//===----------------------------------------------------------------------===//

#include "ConstantFolding.h"
#include "Simplification.h"
#include "quantization/Dialect/NN/EncodedConstants.h"
#include "quantization/Format/QuantTypes.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace quantization;
using nn::shapeOf;

namespace {

/// `type`, with its scale per channel on another axis.
quant::QuantizedType withAxis(quant::QuantizedType type, int64_t axis) {
  auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type);
  if (!perAxis)
    return type;
  return quant::UniformQuantizedPerAxisType::get(perAxis.getFlags(), perAxis.getStorageType(), perAxis.getExpressedType(),
                                                 perAxis.getScales(), perAxis.getZeroPoints(), axis, perAxis.getStorageTypeMin(),
                                                 perAxis.getStorageTypeMax());
}

/// A name for what takes the place of the constant behind `value`: its own, unless others read that, too.
std::string nameFor(Value value, Network &network) {
  auto constant = encodedConstant(value);
  return value.hasOneUse() && constant->hasOneUse() ? constant.getLayer().str() : network.names.unique(constant.getLayer());
}

/// The same numbers as `constant`, in another order or shape.
LogicalResult replaceEncoded(Operation *op, nn::ConstantOp constant, quant::QuantizedType type, ArrayRef<int64_t> codes,
                             PatternRewriter &rewriter, Network &network) {
  std::string name = nameFor(op->getOperand(0), network);
  rewriter.replaceOp(op, makeEncoded(rewriter, op->getLoc(), shapeOf(op->getResult(0)), type, codes, name));
  return success();
}

LogicalResult evaluateTranspose(nn::TransposeOp op, PatternRewriter &rewriter, Network &network) {
  auto constant = encodedConstant(op.getInput());
  if (!constant)
    return failure();
  auto type = quantizedElement(constant.getResult());
  auto codes = folding::fromIntegers(folding::Kind::I64, shapeOf(op.getInput()).vec(), readCodes(constant.getValue(), type));
  int64_t axis = channelAxisOf(type);
  if (axis >= 0)
    axis = std::distance(op.getPermutation().begin(), llvm::find(op.getPermutation(), axis));
  return replaceEncoded(op, constant, withAxis(type, axis), folding::integersOf(folding::transpose(codes, op.getPermutation())),
                        rewriter, network);
}

/// The dimension of `to` that numbers the same channels as `axis` of `from`, if any does.
std::optional<int64_t> movedAxis(ArrayRef<int64_t> from, ArrayRef<int64_t> to, int64_t axis) {
  int64_t before = 1, passed = 1;
  for (int64_t d : from.take_front(axis))
    before *= d;
  for (auto [i, d] : llvm::enumerate(to)) {
    if (passed == before && d == from[axis])
      return i;
    passed *= d;
  }
  return std::nullopt;
}

LogicalResult evaluateReshape(nn::ReshapeOp op, PatternRewriter &rewriter, Network &network) {
  auto constant = encodedConstant(op.getInput());
  if (!constant)
    return failure();
  auto type = quantizedElement(constant.getResult());
  int64_t axis = channelAxisOf(type);
  auto moved = axis < 0 ? std::optional(axis) : movedAxis(shapeOf(op.getInput()), shapeOf(op), axis);
  if (!moved)
    return failure();
  return replaceEncoded(op, constant, withAxis(type, *moved), readCodes(constant.getValue(), type), rewriter, network);
}

/// Codes that are expressed and put on the same grid again are those codes.
LogicalResult dropRoundTrip(nn::QuantizeOp op, PatternRewriter &rewriter, Network &) {
  auto dequantize = op.getInput().getDefiningOp<nn::DequantizeOp>();
  if (!dequantize || dequantize.getInput().getType() != op.getType())
    return failure();
  rewriter.replaceOp(op, dequantize.getInput());
  return success();
}

/// A sum of a contraction without bias and codes per channel: they are its bias.
LogicalResult adoptBias(nn::AddOp op, PatternRewriter &rewriter, Network &network) {
  for (auto [value, summand] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
    auto layer = value.getDefiningOp<nn::QuantizableOpInterface>();
    auto constant = encodedConstant(summand);
    if (!layer || !constant || layer.getWeightsIndex() < 0 || layer.getBiasIndex() >= 0 || !value.hasOneUse() ||
        op.getType() != value.getType())
      continue;
    ArrayRef<int64_t> shape = shapeOf(value), dims = shapeOf(constant.getResult());
    auto type = quantizedElement(constant.getResult());
    int64_t axis = layer.getResultChannelAxis(), place = axis - static_cast<int64_t>(shape.size() - dims.size());
    if (dims.size() > shape.size() || place < 0 || dims[place] != shape[axis] ||
        cast<RankedTensorType>(constant.getType()).getNumElements() != shape[axis] || (channelAxisOf(type) >= 0 && channelAxisOf(type) != place))
      continue;
    rewriter.setInsertionPoint(layer);
    std::string name = nameFor(summand, network);
    Value bias = makeEncoded(rewriter, constant.getLoc(), shape[axis], withAxis(type, 0), readCodes(constant.getValue(), type), name);
    rewriter.modifyOpInPlace(layer, [&] { layer->insertOperands(layer->getNumOperands(), bias); });
    layer->setLoc(rewriter.getFusedLoc({layer->getLoc(), op.getLoc()}));
    rewriter.replaceOp(op, value);
    return success();
  }
  return failure();
}

} // namespace

std::vector<float> quantization::readConstant(Value value) {
  if (auto constant = encodedConstant(value))
    return readExpressed(constant);
  return readFloats(constantBehind(value));
}

Value quantization::scaleEncoded(Value weights, int64_t axis, ArrayRef<double> factors, PatternRewriter &rewriter, Network &network) {
  auto constant = encodedConstant(weights);
  ArrayRef<int64_t> shape = shapeOf(weights);
  auto type = quantizedElement(constant.getResult());
  if (channelAxisOf(type) >= 0 && channelAxisOf(type) != axis)
    return {};
  SmallVector<double> given = scalesOf(type), scales;
  for (auto [channel, factor] : llvm::enumerate(factors)) {
    double scale = given[given.size() == 1 ? 0 : channel] * std::abs(factor);
    scales.push_back(factor == 0 ? 1 : static_cast<float>(scale));
    if (!std::isfinite(scales.back()) || scales.back() < std::numeric_limits<float>::min())
      return {};
  }
  std::vector<int64_t> codes = readCentered(constant);
  ChannelIndex channelOf(shape, axis);
  for (auto [i, code] : llvm::enumerate(codes)) {
    double factor = factors[channelOf(i)];
    code *= factor < 0 ? -1 : factor > 0 ? 1 : 0;
  }
  // One factor for all leaves one scale for all.
  bool perTensor = given.size() == 1 && llvm::all_equal(factors);
  auto scaled = typeAroundZero(rewriter.getContext(), codes, scales, perTensor ? -1 : axis);
  return makeEncoded(rewriter, constant.getLoc(), shape, scaled, codes, nameFor(weights, network));
}

void quantization::expressConstants(Operation *module, Network &network) {
  module->walk([&](nn::DequantizeOp op) {
    auto constant = encodedConstant(op);
    if (!constant)
      return;
    OpBuilder builder(op);
    bool isLast = constant->hasOneUse(); // then the name is free
    auto type = cast<RankedTensorType>(op.getType());
    StringAttr name = builder.getStringAttr(isLast ? constant.getLayer().str() : network.names.unique(constant.getLayer()));
    auto expressed = nn::ConstantOp::create(builder, constant.getLoc(), type, makeConstant(type, ArrayRef<float>(readExpressed(constant))),
                                            name, nullptr);
    op.getResult().replaceAllUsesWith(expressed);
    op.erase();
    if (isLast)
      constant.erase();
  });
}

void quantization::addQuantizedPatterns(RewritePatternSet &patterns, Network &network) {
  patterns.add<Simplification<nn::TransposeOp, evaluateTranspose>, Simplification<nn::ReshapeOp, evaluateReshape>,
               Simplification<nn::QuantizeOp, dropRoundTrip, false>>(patterns.getContext(), network);
  // Before the sum is folded as any other, which would round it to f32 on the way.
  patterns.add<Simplification<nn::AddOp, adoptBias>>(patterns.getContext(), network, /*benefit=*/2);
}

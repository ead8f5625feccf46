//===- LowerContractions.cpp - convolutions, matrix products ----*- C++ -*-===//
//
// This file turns contractions into loops that accumulate in a fixed order: bias first, then kernel positions, then input
// channels (Numerics R9, R20). The innermost loop runs over output channels, which lie side by side in memory.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "Lowering.h"
#include "ShiftWeights.h"

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

namespace {

/// Whether the zero point of the input is subtracted in the bias rather than from every value: constant weights around 0, of one matrix.
bool foldsZeroPoint(Value weights, Value bias, int64_t channelAxis) {
  auto type = quantizedElement(weights);
  return (channelAxis == 0 || nn::shapeOf(weights).size() == 2) && constantBehind(weights) && type && zeroPointOf(type) == 0 && (!bias || constantBehind(bias));
}

/// The bias of integers as i32 or i64 per output channel: bias - zero point * sum of the channel's weights.
std::vector<int64_t> foldedBias(Value bias, Value weights, int64_t zeroPoint, int64_t channelAxis) {
  ArrayRef<int64_t> shape = nn::shapeOf(weights);
  int64_t inner = 1, channels = shape[channelAxis];
  for (int64_t d : shape.drop_front(channelAxis + 1))
    inner *= d;
  std::vector<int64_t> result = bias ? readIntegers(constantBehind(bias)) : std::vector<int64_t>(channels, 0);
  if (zeroPoint != 0)
    for (auto [i, code] : llvm::enumerate(readCodes(constantBehind(weights), quantizedElement(weights))))
      result[(i / inner) % channels] -= zeroPoint * code;
  return result;
}

/// The accumulator's start: a tensor of logical type `type` that holds the bias of each index of `axis`.
Value initialAccumulator(OpBuilder &builder, Location loc, RankedTensorType type, int64_t axis, Value bias) {
  auto physical = physicalType(type);
  if (!bias) {
    Type element = type.getElementType();
    Value zero = element.isF32() ? constantFloat(builder, loc, 0) : constantInt(builder, loc, element, 0);
    return filledTensor(builder, loc, physical, zero);
  }
  LoopNest nest(builder, loc);
  SmallVector<AffineExpr> at = loopsInOrderOf(type, nest);
  nest.read(bias, {at[axis]});
  return nest.write(emptyTensor(builder, loc, physical), type, at,
                    [](OpBuilder &, Location, ValueRange v) { return v[0]; });
}

/// The bias as a tensor of the accumulator's element type, or null.
Value biasTensor(OpBuilder &builder, Location loc, Value original, Value converted, Value input, Value weights, Type element,
                 int64_t channelAxis) {
  auto type = quantizedElement(input);
  if (!type)
    return converted;
  if (!foldsZeroPoint(weights, original, channelAxis)) {
    if (!converted || element.isInteger(32))
      return converted;
    LoopNest nest(builder, loc);
    AffineExpr at = nest.loop();
    nest.read(converted, {at});
    return nest.write(emptyTensor(builder, loc, RankedTensorType::get(nn::shapeOf(original), element)), {at},
                      [&](OpBuilder &b, Location l, ValueRange v) { return Value(arith::ExtSIOp::create(b, l, element, v[0])); });
  }
  if (!original && zeroPointOf(type) == 0)
    return {};
  std::vector<int64_t> bias = foldedBias(original, weights, zeroPointOf(type), channelAxis);
  int64_t channels = bias.size();
  if (element.isInteger(64))
    return constantTensor<int64_t>(builder, loc, element, {channels}, bias);
  // Wraps where only the true sum fits; the accumulator wraps back.
  std::vector<int32_t> narrow(bias.begin(), bias.end());
  return constantTensor<int32_t>(builder, loc, element, {channels}, narrow);
}

/// The weights as shifts where the layer's lowering says so; select-lowering has checked them.
std::optional<ShiftWeights> shiftsOf(Operation *op, Value weights) {
  auto lowering = op->getAttrOfType<StringAttr>("lowering");
  std::string reason;
  return lowering && lowering == kShift ? ShiftWeights::of(weights, reason) : std::nullopt;
}

/// accumulator + input * weights
Value multiplyAdd(OpBuilder &builder, Location loc, ValueRange v, Type input, Type weights, bool centered,
                  const std::optional<ShiftWeights> &shifts) {
  Type element = v[2].getType();
  if (isa<FloatType>(element))
    return math::FmaOp::create(builder, loc, v[0], v[1], v[2]);
  Value x = centered ? widenCentered(builder, loc, v[0], input, element) : widen(builder, loc, v[0], input, element);
  if (shifts)
    return arith::AddIOp::create(builder, loc, v[2], shifts->multiply(builder, loc, x, v[1]));
  Value w = centered ? widenCentered(builder, loc, v[1], weights, element) : widen(builder, loc, v[1], weights, element);
  return arith::AddIOp::create(builder, loc, v[2], arith::MulIOp::create(builder, loc, x, w));
}

/// A tensor seen with physical dimension `position` split into [groups, size / groups].
Value splitDimension(OpBuilder &builder, Location loc, Value value, int64_t position, int64_t groups) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape;
  SmallVector<ReassociationIndices> reassociation;
  for (int64_t d = 0; d < type.getRank(); ++d) {
    ReassociationIndices group = {static_cast<int64_t>(shape.size())};
    if (d == position) {
      shape.push_back(groups);
      group.push_back(shape.size());
      shape.push_back(type.getDimSize(d) / groups);
    } else {
      shape.push_back(type.getDimSize(d));
    }
    reassociation.push_back(group);
  }
  return tensor::ExpandShapeOp::create(builder, loc, RankedTensorType::get(shape, type.getElementType()), value, reassociation);
}

Value joinDimension(OpBuilder &builder, Location loc, Value value, RankedTensorType type, int64_t position) {
  SmallVector<ReassociationIndices> reassociation;
  int64_t next = 0;
  for (int64_t d = 0; d < type.getRank(); ++d) {
    ReassociationIndices group = {next++};
    if (d == position)
      group.push_back(next++);
    reassociation.push_back(group);
  }
  return tensor::CollapseShapeOp::create(builder, loc, type, value, reassociation);
}

struct LowerConv : OpConversionPattern<nn::ConvOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::ConvOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto inputType = cast<RankedTensorType>(op.getInput().getType());
    auto weightsType = cast<RankedTensorType>(op.getWeights().getType());
    auto resultType = cast<RankedTensorType>(op.getResult().getType());
    size_t spatial = inputType.getRank() - 2;
    bool centered = !foldsZeroPoint(op.getWeights(), op.getBias(), 0);

    SmallVector<int64_t> low(2, 0), high(2, 0);
    low.append(op.getPads().begin(), op.getPads().begin() + spatial);
    high.append(op.getPads().begin() + spatial, op.getPads().end());
    Value input = padded(rewriter, loc, adaptor.getInput(), inputType, low, high,
                         codeOf(rewriter, loc, inputType.getElementType(), 0.0f));
    Value bias = biasTensor(rewriter, loc, op.getBias(), adaptor.getBias(), op.getInput(), op.getWeights(),
                            resultType.getElementType(), 0);
    Value accumulator = initialAccumulator(rewriter, loc, resultType, 1, bias);
    std::optional<ShiftWeights> shifts = shiftsOf(op, op.getWeights());
    Value weights = shifts ? shifts->tensor(rewriter, loc) : adaptor.getWeights();

    int64_t groups = op.getGroups();
    bool depthwise = groups > 1 && weightsType.getDimSize(1) == 1 && weightsType.getDimSize(0) == groups;
    bool grouped = groups > 1 && !depthwise;

    LoopNest nest(rewriter, loc);
    AffineExpr n = nest.loop();
    SmallVector<AffineExpr> o = nest.loops(spatial);
    AffineExpr g = grouped ? nest.loop() : nest.constant(0);
    SmallVector<AffineExpr> k = nest.loops(spatial, IteratorType::reduction);
    AffineExpr ic = depthwise ? nest.constant(0) : nest.loop(IteratorType::reduction);
    AffineExpr oc = nest.loop();

    // The indices of a tensor in memory order, where the channel may be split into (group, channel).
    auto place = [&](RankedTensorType type, int64_t channelDimension, ArrayRef<AffineExpr> at) {
      SmallVector<AffineExpr> result;
      for (int64_t d : fixed::orderOf(type)) {
        if (grouped && d == channelDimension)
          result.push_back(g);
        result.push_back(at[d]);
      }
      return result;
    };
    auto position = [](RankedTensorType type, int64_t dimension) -> int64_t {
      auto order = fixed::orderOf(type);
      return std::distance(order.begin(), llvm::find(order, dimension));
    };

    SmallVector<AffineExpr> inputAt = {n, depthwise ? oc : ic}, weightsAt = {oc, ic}, resultAt = {n, oc};
    for (size_t i = 0; i < spatial; ++i) {
      inputAt.push_back(o[i] * op.getStrides()[i] + k[i] * op.getDilations()[i]);
      weightsAt.push_back(k[i]);
      resultAt.push_back(o[i]);
    }
    if (grouped) {
      input = splitDimension(rewriter, loc, input, position(inputType, 1), groups);
      weights = splitDimension(rewriter, loc, weights, position(weightsType, 0), groups);
      accumulator = splitDimension(rewriter, loc, accumulator, position(resultType, 1), groups);
    }
    nest.read(input, place(inputType, 1, inputAt));
    nest.read(weights, place(weightsType, 0, weightsAt));
    Value result = nest.write(accumulator, place(resultType, 1, resultAt), [&](OpBuilder &b, Location l, ValueRange v) {
      return multiplyAdd(b, l, v, inputType.getElementType(), weightsType.getElementType(), centered, shifts);
    });
    if (grouped)
      result = joinDimension(rewriter, loc, result, physicalType(resultType), position(resultType, 1));
    rewriter.replaceOp(op, result);
    return success();
  }
};

struct LowerMatmul : OpConversionPattern<nn::MatmulOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult matchAndRewrite(nn::MatmulOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto inputType = cast<RankedTensorType>(op.getInput().getType());
    auto weightsType = cast<RankedTensorType>(op.getWeights().getType());
    auto resultType = cast<RankedTensorType>(op.getResult().getType());
    int64_t rank = inputType.getRank(), weightsRank = weightsType.getRank();
    bool centered = !foldsZeroPoint(op.getWeights(), op.getBias(), weightsRank - 1);

    Value bias = biasTensor(rewriter, loc, op.getBias(), adaptor.getBias(), op.getInput(), op.getWeights(),
                            resultType.getElementType(), weightsRank - 1);
    Value accumulator = initialAccumulator(rewriter, loc, resultType, rank - 1, bias);

    LoopNest nest(rewriter, loc);
    SmallVector<AffineExpr> rows = nest.loops(rank - 1);
    AffineExpr k = nest.loop(IteratorType::reduction);
    AffineExpr column = nest.loop();
    SmallVector<AffineExpr> inputAt = rows, resultAt = rows, weightsAt;
    inputAt.push_back(k);
    resultAt.push_back(column);
    if (weightsRank > 2)
      weightsAt.append(rows.begin(), rows.begin() + weightsRank - 2);
    weightsAt.append({k, column});
    nest.read(adaptor.getInput(), inputType, inputAt);
    std::optional<ShiftWeights> shifts = shiftsOf(op, op.getWeights());
    nest.read(shifts ? shifts->tensor(rewriter, loc) : adaptor.getWeights(), weightsType, weightsAt);
    rewriter.replaceOp(op, nest.write(accumulator, resultType, resultAt, [&](OpBuilder &b, Location l, ValueRange v) {
      return multiplyAdd(b, l, v, inputType.getElementType(), weightsType.getElementType(), centered, shifts);
    }));
    return success();
  }
};

} // namespace

void tile::populateContractions(const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<LowerConv, LowerMatmul>(converter, patterns.getContext());
}

//===- SimplifyNetwork.cpp - fold what weights can absorb -------*- C++ -*-===//
//
// This file folds per-channel arithmetic and zero padding into contractions and drops layers that do nothing.
//
//   %c = nn.conv(%x, %w) {layer = "conv"}                        %c = nn.conv(%x, %w', %b') {layer = "conv"}
//   %n = nn.batch_norm(%c, ...) {layer = "norm"}           ->    %r = nn.clamp(%c) {layer = "relu"}
//   %i = nn.reshape(%n) {layer = "identity"}
//   %r = nn.clamp(%i) {layer = "relu"}
//
//===----------------------------------------------------------------------===//

#include "Simplification.h"
#include "WeightArithmetic.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "quantization/Import/Passes.h"
#include <cmath>

#define DEBUG_TYPE "simplify-network"

namespace quantization {
#define GEN_PASS_DEF_SIMPLIFYNETWORK
#include "quantization/Import/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;
using nn::isF32;
using nn::shapeOf;

namespace {

//===----------------------------------------------------------------------===//
// Arithmetic per channel, into weights and bias
//===----------------------------------------------------------------------===//

/// The values of a constant that broadcasts along `axis` of `shape` only, one per index of it.
std::optional<std::vector<double>> readPerChannel(Value constant, ArrayRef<int64_t> shape, int64_t axis) {
  if (!isKnown(constant))
    return std::nullopt;
  ArrayRef<int64_t> dims = shapeOf(constant);
  if (dims.size() > shape.size())
    return std::nullopt;
  for (auto [i, dim] : llvm::enumerate(dims))
    if (dim != 1 && static_cast<int64_t>(i + shape.size() - dims.size()) != axis)
      return std::nullopt;
  std::vector<float> values = readConstant(constant);
  if (values.size() == 1)
    return std::vector<double>(shape[axis], values[0]);
  if (static_cast<int64_t>(values.size()) != shape[axis])
    return std::nullopt;
  return std::vector<double>(values.begin(), values.end());
}

/// Gives operand `index` of `layer` new values; a constant that others use as well stays as it is for them, as do codes.
void setConstantOperand(Operation *layer, int64_t index, ArrayRef<float> values, PatternRewriter &rewriter, Network &network) {
  auto constant = layer->getOperand(index).getDefiningOp<nn::ConstantOp>();
  if (auto codes = encodedConstant(layer->getOperand(index))) {
    rewriter.setInsertionPoint(layer);
    Value expressed = network.addConstant(rewriter, codes.getLoc(), shapeOf(codes.getResult()), values, codes.getLayer());
    return rewriter.modifyOpInPlace(layer, [&] { layer->setOperand(index, expressed); });
  }
  if (!constant->hasOneUse()) {
    rewriter.setInsertionPoint(layer);
    constant = cast<nn::ConstantOp>(rewriter.clone(*constant));
    constant.setLayer(network.names.unique((nn::layerOf(layer) + "_" + constant.getLayer()).str()));
    rewriter.modifyOpInPlace(layer, [&] { layer->setOperand(index, constant); });
  }
  auto type = cast<RankedTensorType>(constant.getType());
  rewriter.modifyOpInPlace(constant, [&] { constant.setValueAttr(makeConstant(type, values)); });
}

/// Replaces `op`, which computes `affine` of `value` per index of `axis`, by the contraction that makes `value`.
LogicalResult foldIntoContraction(Operation *op, Value value, int64_t axis, const Affine &affine, PatternRewriter &rewriter,
                                  Network &network) {
  auto layer = value.getDefiningOp<nn::QuantizableOpInterface>();
  if (!layer || layer.getWeightsIndex() < 0 || layer.getResultChannelAxis() != axis || !value.hasOneUse() ||
      op->getResult(0).getType() != value.getType())
    return failure();
  int64_t weightsIndex = layer.getWeightsIndex(), biasIndex = layer.getBiasIndex();
  Value weights = layer->getOperand(weightsIndex);
  if (!isKnown(weights) || (biasIndex >= 0 && !isKnown(layer->getOperand(biasIndex))))
    return failure();

  int64_t channels = shapeOf(value)[axis];
  std::vector<float> newWeights, newBias(channels);
  bool scales = llvm::any_of(affine.scale, [](double factor) { return factor != 1; }), areCodes = !isFloatConstant(weights);
  if (scales && !areCodes) {
    newWeights = readFloats(constantBehind(weights));
    if (!applyAffine(newWeights, shapeOf(weights), layer.getWeightsChannelAxis(), affine.scale, {}))
      return failure();
  }
  if (biasIndex >= 0)
    newBias = readConstant(layer->getOperand(biasIndex));
  if (!applyAffine(newBias, {channels}, 0, affine.scale, affine.shift))
    return failure();

  if (scales && areCodes) {
    rewriter.setInsertionPoint(layer);
    Value scaled = scaleEncoded(weights, layer.getWeightsChannelAxis(), affine.scale, rewriter, network);
    if (!scaled)
      return failure();
    rewriter.modifyOpInPlace(layer, [&] { layer->setOperand(weightsIndex, scaled); });
  } else if (scales)
    setConstantOperand(layer, weightsIndex, newWeights, rewriter, network);
  if (biasIndex >= 0) {
    setConstantOperand(layer, biasIndex, newBias, rewriter, network);
  } else if (llvm::any_of(newBias, [](float shift) { return shift != 0; })) {
    rewriter.setInsertionPoint(layer);
    Value bias = network.addConstant(rewriter, layer->getLoc(), {channels}, newBias, nn::layerOf(layer).str() + "_bias");
    rewriter.modifyOpInPlace(layer, [&] { layer->insertOperands(layer->getNumOperands(), bias); });
  }
  // The last name of a location is that of the node whose value the layer computes.
  layer->setLoc(rewriter.getFusedLoc({layer->getLoc(), op->getLoc()}));
  rewriter.replaceOp(op, value);
  return success();
}

/// One channel of an elementwise layer with constant `c`: its factor and summand. A factor that is not finite never folds.
using ChannelAffine = std::pair<double, double> (*)(double c, bool constantFirst);
std::pair<double, double> affineOfAdd(double c, bool) { return {1, c}; }
std::pair<double, double> affineOfSub(double c, bool constantFirst) {
  return constantFirst ? std::pair(-1.0, c) : std::pair(1.0, -c);
}
std::pair<double, double> affineOfMul(double c, bool) { return {c, 0}; }
std::pair<double, double> affineOfDiv(double c, bool constantFirst) { return {constantFirst ? NAN : 1 / c, 0}; }

template <typename Op, ChannelAffine affineOf>
LogicalResult foldElementwise(Op op, PatternRewriter &rewriter, Network &network) {
  for (bool constantFirst : {false, true}) {
    Value value = constantFirst ? op.getRhs() : op.getLhs(), constant = constantFirst ? op.getLhs() : op.getRhs();
    auto layer = value.template getDefiningOp<nn::QuantizableOpInterface>();
    if (!layer || layer.getWeightsIndex() < 0)
      continue;
    int64_t axis = layer.getResultChannelAxis();
    auto values = readPerChannel(constant, shapeOf(value), axis);
    if (!values)
      continue;
    Affine affine;
    for (double c : *values) {
      auto [scale, shift] = affineOf(c, constantFirst);
      affine.scale.push_back(scale);
      affine.shift.push_back(shift);
    }
    if (succeeded(foldIntoContraction(op, value, axis, affine, rewriter, network)))
      return success();
  }
  return failure();
}

/// The factors and summands of a batch normalization; none where a parameter is no constant.
std::optional<Affine> affineOf(nn::BatchNormOp op) {
  if (!isKnown(op.getScale()) || !isKnown(op.getBias()) || !isKnown(op.getMean()) || !isKnown(op.getVariance()))
    return std::nullopt;
  return affineOfNormalization(readConstant(op.getScale()), readConstant(op.getBias()), readConstant(op.getMean()),
                               readConstant(op.getVariance()), op.getEpsilon().convertToFloat());
}

LogicalResult foldBatchNorm(nn::BatchNormOp op, PatternRewriter &rewriter, Network &network) {
  auto affine = affineOf(op);
  return affine ? foldIntoContraction(op, op.getInput(), 1, *affine, rewriter, network) : failure();
}

/// A batch normalization with nothing to fold into: a depthwise 1x1 convolution, or a product and a sum without spatial
/// dimensions (or with more than convolutions have).
LogicalResult expandBatchNorm(nn::BatchNormOp op, PatternRewriter &rewriter, Network &network) {
  auto affine = affineOf(op);
  if (!affine)
    return failure();
  std::vector<float> scale(affine->scale.size(), 1), shift(affine->scale.size());
  int64_t channels = scale.size();
  if (!applyAffine(scale, {channels}, 0, affine->scale, {}) || !applyAffine(shift, {channels}, 0, affine->scale, affine->shift))
    return failure();

  size_t spatial = shapeOf(op.getInput()).size() - 2;
  std::string name = op.getLayer().str();
  auto constant = [&](ArrayRef<int64_t> shape, ArrayRef<float> values, const char *suffix) {
    return network.addConstant(rewriter, op.getLoc(), shape, values, name + suffix);
  };
  SmallVector<int64_t> ones(spatial, 1), zeros(2 * spatial, 0);
  if (spatial >= 1 && spatial <= 3) {
    SmallVector<int64_t> shape(spatial + 2, 1);
    shape[0] = channels;
    Value weights = constant(shape, scale, "_weights"), bias = constant({channels}, shift, "_bias");
    rewriter.replaceOpWithNewOp<nn::ConvOp>(op, op.getType(), op.getInput(), weights, bias, ones, zeros, ones, channels, name);
    return success();
  }
  SmallVector<int64_t> shape(spatial + 1, 1); // broadcasts along dimension 1
  shape[0] = channels;
  Value factor = constant(shape, scale, "_scale"), summand = constant(shape, shift, "_shift");
  std::string productName = network.names.unique(name + "_product");
  Value product = nn::MulOp::create(rewriter, op.getLoc(), op.getType(), op.getInput(), factor, productName);
  rewriter.replaceOpWithNewOp<nn::AddOp>(op, op.getType(), product, summand, name);
  return success();
}

//===----------------------------------------------------------------------===//
// Padding
//===----------------------------------------------------------------------===//

LogicalResult foldPad(nn::ConvOp op, PatternRewriter &rewriter, Network &) {
  auto pad = op.getInput().getDefiningOp<nn::PadOp>();
  if (!pad || !pad->hasOneUse() || !isF32(pad.getInput()) || !pad.getValue().isZero())
    return failure();
  ArrayRef<int64_t> low = pad.getLow(), high = pad.getHigh();
  if (low[0] || low[1] || high[0] || high[1])
    return failure();
  SmallVector<int64_t> pads(op.getPads());
  size_t spatial = pads.size() / 2;
  for (size_t i = 0; i < spatial; ++i) {
    pads[i] += low[2 + i];
    pads[spatial + i] += high[2 + i];
  }
  rewriter.modifyOpInPlace(op, [&] {
    op.setPads(pads);
    op.getInputMutable().assign(pad.getInput());
  });
  return success();
}

//===----------------------------------------------------------------------===//
// Layers that do nothing
//===----------------------------------------------------------------------===//

bool all(ArrayRef<int64_t> values, int64_t expected) { return llvm::all_of(values, [=](int64_t v) { return v == expected; }); }

/// With operand and result of one type, which `dropIdentity` checks.
bool isIdentity(nn::PadOp) { return true; }
bool isIdentity(nn::ReshapeOp) { return true; }
bool isIdentity(nn::ConcatOp op) { return op.getInputs().size() == 1; }
bool isIdentity(nn::TransposeOp op) { return isIdentityPermutation(op.getPermutation()); }
bool isIdentity(nn::SliceOp op) {
  return llvm::all_of(llvm::zip(op.getSteps(), shapeOf(op.getInput())),
                      [](auto stepAndSize) { return std::get<0>(stepAndSize) == 1 || std::get<1>(stepAndSize) == 1; });
}
bool isIdentity(nn::ClampOp op) {
  return op.getMin().isInfinity() && op.getMin().isNegative() && op.getMax().isInfinity() && !op.getMax().isNegative();
}
template <typename Pool> bool isIdentityPool(Pool op) {
  return all(op.getKernel(), 1) && all(op.getStrides(), 1) && all(op.getPads(), 0);
}
bool isIdentity(nn::MaxPoolOp op) { return isIdentityPool(op); }
bool isIdentity(nn::AveragePoolOp op) { return isIdentityPool(op); }

template <typename Op> LogicalResult dropIdentity(Op op, PatternRewriter &rewriter, Network &) {
  if (op->getOperand(0).getType() != op->getResult(0).getType() || !isIdentity(op))
    return failure();
  rewriter.replaceOp(op, op->getOperand(0));
  return success();
}

//===----------------------------------------------------------------------===//
// Chains of one kind
//===----------------------------------------------------------------------===//

/// Only where the inner clamp has no other use: it belongs to its producer then.
LogicalResult mergeClamps(nn::ClampOp op, PatternRewriter &rewriter, Network &) {
  auto inner = op.getInput().getDefiningOp<nn::ClampOp>();
  if (!inner || !inner->hasOneUse())
    return failure();
  float min = op.getMin().convertToFloat(), max = op.getMax().convertToFloat();
  auto clamped = [&](const APFloat &end) { return rewriter.getF32FloatAttr(std::clamp(end.convertToFloat(), min, max)); };
  rewriter.modifyOpInPlace(op, [&] {
    op.setMinAttr(clamped(inner.getMin()));
    op.setMaxAttr(clamped(inner.getMax()));
    op.getInputMutable().assign(inner.getInput());
  });
  return success();
}

LogicalResult mergeReshapes(nn::ReshapeOp op, PatternRewriter &rewriter, Network &) {
  auto inner = op.getInput().getDefiningOp<nn::ReshapeOp>();
  if (!inner || !inner->hasOneUse())
    return failure();
  rewriter.modifyOpInPlace(op, [&] { op.getInputMutable().assign(inner.getInput()); });
  return success();
}

LogicalResult mergeTransposes(nn::TransposeOp op, PatternRewriter &rewriter, Network &) {
  auto inner = op.getInput().getDefiningOp<nn::TransposeOp>();
  if (!inner || !inner->hasOneUse())
    return failure();
  SmallVector<int64_t> permutation(applyPermutation(inner.getPermutation(), op.getPermutation()));
  rewriter.modifyOpInPlace(op, [&] {
    op.setPermutation(permutation);
    op.getInputMutable().assign(inner.getInput());
  });
  return success();
}

//===----------------------------------------------------------------------===//
// Moves of constants
//===----------------------------------------------------------------------===//

LogicalResult evaluateReshape(nn::ReshapeOp op, PatternRewriter &rewriter, Network &) {
  if (!isFloatConstant(op.getInput()))
    return failure();
  auto value = makeConstant(cast<RankedTensorType>(op.getType()), readBytes(constantBehind(op.getInput())));
  rewriter.replaceOpWithNewOp<nn::ConstantOp>(op, op.getType(), value, op.getLayerAttr(), nullptr);
  return success();
}

LogicalResult evaluateTranspose(nn::TransposeOp op, PatternRewriter &rewriter, Network &) {
  if (!isFloatConstant(op.getInput()))
    return failure();
  std::vector<float> values = readFloats(constantBehind(op.getInput()));
  values = transpose(values, shapeOf(op.getInput()), op.getPermutation());
  auto value = makeConstant(cast<RankedTensorType>(op.getType()), ArrayRef<float>(values));
  rewriter.replaceOpWithNewOp<nn::ConstantOp>(op, op.getType(), value, op.getLayerAttr(), nullptr);
  return success();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

void addFolds(RewritePatternSet &patterns, Network &network) {
  patterns.add<Simplification<nn::BatchNormOp, foldBatchNorm>, Simplification<nn::ConvOp, foldPad>,
               Simplification<nn::AddOp, foldElementwise<nn::AddOp, affineOfAdd>>,
               Simplification<nn::SubOp, foldElementwise<nn::SubOp, affineOfSub>>,
               Simplification<nn::MulOp, foldElementwise<nn::MulOp, affineOfMul>>,
               Simplification<nn::DivOp, foldElementwise<nn::DivOp, affineOfDiv>>,
               Simplification<nn::PadOp, dropIdentity>, Simplification<nn::ReshapeOp, dropIdentity>,
               Simplification<nn::ConcatOp, dropIdentity>, Simplification<nn::TransposeOp, dropIdentity>,
               Simplification<nn::SliceOp, dropIdentity>, Simplification<nn::ClampOp, dropIdentity>,
               Simplification<nn::MaxPoolOp, dropIdentity>, Simplification<nn::AveragePoolOp, dropIdentity>,
               Simplification<nn::ClampOp, mergeClamps>, Simplification<nn::ReshapeOp, mergeReshapes>,
               Simplification<nn::TransposeOp, mergeTransposes>, Simplification<nn::ReshapeOp, evaluateReshape>,
               Simplification<nn::TransposeOp, evaluateTranspose>>(patterns.getContext(), network);
}

struct SimplifyNetworkPass : quantization::impl::SimplifyNetworkBase<SimplifyNetworkPass> {
  void runOnOperation() override {
    Network network;
    getOperation()->walk([&](Operation *op) { network.names.take(nn::layerOf(op)); });
    if (!nn::isQuantized(getOperation()))
      expressConstants(getOperation(), network);

    GreedyRewriteConfig config;
    config.setMaxIterations(GreedyRewriteConfig::kNoLimit)
        .setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled)
        .enableConstantCSE(false);
    // Only what no contraction absorbs is expanded; that may absorb what follows it.
    for (bool expand : {false, true}) {
      RewritePatternSet patterns(&getContext());
      addFolds(patterns, network);
      addLayerPatterns(patterns, network);
      addQuantizedPatterns(patterns, network);
      if (expand)
        patterns.add<Simplification<nn::BatchNormOp, expandBatchNorm, false>>(&getContext(), network);
      (void)applyPatternsGreedily(getOperation(), std::move(patterns), config);
    }
    numFolded += network.numFolded;

    getOperation()->walk([&](nn::BatchNormOp op) {
      InFlightDiagnostic error = op.emitOpError() << "(layer \"" << op.getLayer() << "\") ";
      if (affineOf(op))
        error << "has a channel whose scale / sqrt(variance + epsilon) is no finite f32 number; "
                 "correct its variance in the model";
      else
        error << "has parameters that are computed at run time; make them initializers of the model";
      signalPassFailure();
    });
  }
};

} // namespace

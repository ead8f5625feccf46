//===- LowerToKernels.cpp - contractions for micro-kernels ------*- C++ -*-===//
//
// This file turns contractions with a `lowering` into fixed.contract: it packs weights and biases as the kernel reads them and
// brings the input to its width and padding. Zero points fold into the biases (Numerics R9).
//
//===----------------------------------------------------------------------===//

#include "GatherValues.h"
#include "Kernels.h"
#include "Lowering.h"
#include "WeightPacking.h"
#include "quantization/Target/RegisterTile.h"

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

static int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

namespace {

/// `input` in the width and sign that the kernel reads. `shift` is what was added to every code.
Value widened(OpBuilder &builder, Location loc, Value input, RankedTensorType &type, const DotKernel &kernel, int64_t &shift) {
  auto quantized = quantizedElement(type);
  shift = 0;
  if (!quantized)
    return input;
  Type from = storageOf(quantized), to = builder.getIntegerType(kernel.bitsOfValue());
  auto plain = RankedTensorType::get(type.getShape(), to, type.getEncoding());
  bool flip = kernel.readsUnsignedBytes() && quantized.isSigned();
  if (from == to && !flip) {
    type = plain;
    return input;
  }
  shift = flip ? 128 : 0;
  LoopNest nest(builder, loc);
  SmallVector<AffineExpr> at = loopsInOrderOf(type, nest);
  nest.read(input, type, at);
  Value result = nest.write(emptyTensor(builder, loc, physicalType(plain)), plain, at, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    if (flip)
      return arith::XOrIOp::create(b, l, v[0], constantInt(b, l, to, -128));
    return widen(b, l, v[0], quantized, to);
  });
  type = plain;
  return result;
}

/// `value`, a matrix or several, with its zero points taken off and as wide as the kernel reads it: [matrices, rows, columns], of which
/// the last two are padded with zeros to multiples of `rows` and `columns`.
Value centeredMatrices(OpBuilder &builder, Location loc, Value value, Type type, Type element, int64_t rows, int64_t columns) {
  auto logical = cast<RankedTensorType>(type);
  auto plain = RankedTensorType::get(logical.getShape(), element);
  LoopNest nest(builder, loc);
  SmallVector<AffineExpr> at = nest.loops(plain.getRank());
  nest.read(value, logical, at);
  value = nest.write(emptyTensor(builder, loc, plain), at, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    return isa<FloatType>(element) ? v[0] : widenCentered(b, l, v[0], logical.getElementType(), element);
  });
  SmallVector<int64_t> none(plain.getRank(), 0), high(plain.getRank(), 0);
  size_t last = plain.getRank() - 1;
  high[last - 1] = llvm::alignTo(plain.getDimSize(last - 1), rows) - plain.getDimSize(last - 1);
  high[last] = llvm::alignTo(plain.getDimSize(last), columns) - plain.getDimSize(last);
  Value zero = isa<FloatType>(element) ? constantFloat(builder, loc, 0) : constantInt(builder, loc, element, 0);
  value = padded(builder, loc, value, plain, none, high, zero);
  ArrayRef<int64_t> shape = plain.getShape();
  return reshaped(builder, loc, value, {ShapedType::getNumElements(shape.drop_back(2)), shape[last - 1], shape[last]});
}

struct LowerToKernel {
  const TargetModel &target;

  LogicalResult lower(Operation *op, ValueRange operands, ConversionPatternRewriter &rewriter) const {
    std::optional<Contraction> contraction = contractionOf(op);
    FailureOr<const DotKernel *> kernel = kernelOf(*contraction, target);
    if (failed(kernel) || !*kernel)
      return failure();
    if (contraction->packsAtRunTime())
      buildPacking(*contraction, **kernel, operands, rewriter);
    else
      build(*contraction, **kernel, operands, rewriter);
    return success();
  }

  /// Both operands are computed: the second is packed before it is used.
  void buildPacking(const Contraction &c, const DotKernel &kernel, ValueRange operands, ConversionPatternRewriter &rewriter) const {
    Location loc = c.op->getLoc();
    auto resultType = physicalType(c.result.getType());
    ArrayRef<int64_t> shape = resultType.getShape();
    bool batched = nn::shapeOf(c.weights).size() > 2;
    int64_t positions = ShapedType::getNumElements(batched ? shape.take_back(2).drop_back() : shape.drop_back());
    Type element = nn::isF32(c.input) ? Type(rewriter.getF32Type()) : rewriter.getIntegerType(kernel.inputBits);
    int64_t lanes = chooseRegisterTile(kernel, 1, positions, c.outputs).vectors * kernel.lanes;

    Value input = centeredMatrices(rewriter, loc, operands[0], c.input.getType(), element, 1, kernel.codes);
    SmallVector<int64_t> inputShape(nn::shapeOf(c.input));
    inputShape.back() = llvm::alignTo(inputShape.back(), kernel.codes);
    input = reshaped(rewriter, loc, input, inputShape);
    Value matrices = centeredMatrices(rewriter, loc, operands[1], c.weights.getType(), element, kernel.codes, lanes);
    ArrayRef<int64_t> sizes = cast<RankedTensorType>(matrices.getType()).getShape();
    auto packedType = RankedTensorType::get({sizes[0], sizes[2] / lanes, 1, sizes[1] / kernel.codes, lanes, kernel.codes}, element);
    LoopNest nest(rewriter, loc);
    SmallVector<AffineExpr> at = nest.loops(6); // matrix, block, kernel row, step, lane, code
    nest.read(matrices, {at[0], at[3] * kernel.codes + at[5], at[1] * lanes + at[4]});
    Value weights = nest.write(emptyTensor(rewriter, loc, packedType), at, [](OpBuilder &, Location, ValueRange v) { return v[0]; });
    create(c, kernel, input, weights, /*bias=*/{}, /*kernelShape=*/{}, /*ownColumns=*/{}, rewriter);
  }

  void build(const Contraction &c, const DotKernel &kernel, ValueRange operands, ConversionPatternRewriter &rewriter) const {
    Location loc = c.op->getLoc();
    auto inputType = cast<RankedTensorType>(c.input.getType());
    auto resultType = physicalType(c.result.getType());
    size_t spatial = c.kernel.size();
    bool together = kernel.valuesTogether() > 1, isExact = kernel.depthwise || (together && spatial);
    int64_t columns = isExact ? c.kernel.back() : c.columnsFor(kernel.codes);
    // Channels of a depthwise layer are the outputs of one group with an input each.
    int64_t groups = kernel.depthwise ? 1 : c.groups, outputs = c.groups * c.outputs / groups;

    int64_t shift = 0;
    auto quantized = quantizedElement(inputType);
    size_t channel = spatial ? 1 : inputType.getRank() - 1;
    // A border around packed values is packed with them (fuse-packing), so that comes first.
    bool isPacked = spatial && c.input.getDefiningOp<fixed::UnpackValuesOp>();
    Value input = operands[0];
    if (!isPacked)
      input = widened(rewriter, loc, input, inputType, kernel, shift);
    if (spatial || together) {
      SmallVector<int64_t> low(inputType.getRank(), 0), high(inputType.getRank(), 0);
      for (size_t d = 0; d < spatial; ++d)
        low[2 + d] = c.pads[d], high[2 + d] = c.pads[spatial + d];
      if (spatial)
        high.back() += columns - c.kernel.back();
      high[channel] = llvm::alignTo(inputType.getDimSize(channel), kernel.valuesTogether()) - inputType.getDimSize(channel);
      // What fills up the values of a step counts nothing, whatever is zero.
      int64_t zeroPoint = quantized && !kernel.addsSumOfInput() ? zeroPointOf(quantized) + shift : 0;
      Type stored = isPacked ? Type(storageOf(quantized)) : inputType.getElementType();
      Value zero = quantized ? constantInt(rewriter, loc, stored, zeroPoint) : constantFloat(rewriter, loc, 0);
      input = padded(rewriter, loc, input, inputType, low, high, zero);
    }
    if (isPacked)
      input = widened(rewriter, loc, input, inputType, kernel, shift);
    Value bytes = input;
    if (together)
      input = gatherValues(rewriter, loc, input, kernel, inputType, channel);
    int64_t inputs = together ? ceilDiv(c.inputs, kernel.valuesTogether()) * kernel.codes : c.inputs; // codes of a position

    Packing packing;
    packing.groups = groups;
    packing.codes = kernel.codes;
    int64_t kernelRows = spatial == 2 ? c.kernel[0] : 1, kernelColumns = spatial ? c.kernel.back() : 1;
    bool sideBySide = spatial == 0 || (c.dilations.back() == 1 && c.groups == 1);
    packing.run = sideBySide ? columns * inputs : inputs;
    packing.rows = kernel.depthwise ? ceilDiv(kernelRows, kernel.codes) : kernelRows;
    packing.depth = depthOf(kernel, packing.run);
    packing.steps = kernel.depthwise ? columns : stepsOf(kernel, packing.run) * (sideBySide ? 1 : columns);
    ArrayRef<int64_t> shape = resultType.getShape();
    int64_t rows = spatial == 2 ? shape[1] : 1, positions = 1;
    for (int64_t d : shape.drop_front(spatial == 2 ? 2 : spatial == 1 ? 1 : 0).drop_back())
      positions *= d;
    packing.lanes = chooseRegisterTile(kernel, rows, positions, outputs).vectors * kernel.lanes;
    packing.blocks = ceilDiv(outputs, packing.lanes);

    auto constant = [&](auto values, Type element) {
      using T = typename decltype(values)::value_type;
      int64_t shape[] = {packing.groups, packing.blocks, packing.rows, packing.steps / kernel.storedSteps(), packing.lanes, kernel.storedCodes()};
      return constantTensor<T>(rewriter, loc, element, shape, values);
    };
    auto perChannel = [&](auto values, Type element) {
      using T = typename decltype(values)::value_type;
      std::vector<T> placed(packing.channels(), 0);
      for (int64_t g = 0; g < groups; ++g)
        for (int64_t o = 0; o < outputs; ++o)
          placed[packing.channel(g, o)] = values[g * outputs + o];
      return constantTensor<T>(rewriter, loc, element, {packing.channels()}, placed);
    };
    Value weights, bias;
    if (quantized) {
      auto weightType = quantizedElement(c.weights);
      Weights<int16_t> plain{{}, outputs, c.inputs, kernelRows, kernelColumns, spatial == 0};
      for (int64_t code : readCodes(constantBehind(c.weights), weightType))
        plain.values.push_back(static_cast<int16_t>(code));
      // R9: bias - (zero point) * (sum of the channel's weights); wraps where only the true sum fits, and the accumulator wraps back.
      std::vector<int64_t> given = c.bias ? readIntegers(constantBehind(c.bias)) : std::vector<int64_t>(groups * outputs, 0);
      int64_t zero = zeroPointOf(quantized) + shift;
      for (int64_t g = 0; g < groups; ++g)
        for (int64_t o = 0; o < outputs; ++o)
          for (int64_t y = 0; y < kernelRows; ++y)
            for (int64_t x = 0; x < kernelColumns; ++x)
              for (int64_t i = 0; i < c.inputs; ++i)
                given[g * outputs + o] -= zero * plain.at(g, o, y, x, i);
      if (c.bias || zero != 0)
        bias = perChannel(std::vector<int32_t>(given.begin(), given.end()), rewriter.getI32Type());
      if (together) {
        Packing ofSigns = packing; // one number for all codes of a step
        ofSigns.codes = ofSigns.depth = 1, ofSigns.run /= kernel.codes;
        std::vector<int32_t> signs = pack(ofSigns, signsTogether(kernel, plain, groups), columns);
        weights = kernel.kind == DotKind::CountBits ? constant(signs, rewriter.getI32Type())
                                                    : constant(interleaved(kernel, signs), rewriter.getI8Type());
        if (kernel.addsSumOfInput())
          bias = biasesWithSum(rewriter, loc, bytes, bias, packing.channels());
        return create(c, kernel, input, weights, bias, c.kernel, {}, rewriter);
      }
      std::vector<int16_t> packed = kernel.depthwise ? packDepthwise<int16_t>(packing, plain) : pack(packing, plain, columns);
      // Those of a depthwise layer are few enough to be stored as they are multiplied.
      bool wide = storageOf(weightType).getWidth() > 8 || (kernel.depthwise && kernel.kind == DotKind::MultiplyAddPairs);
      if (kernel.packing > 1)
        weights = constant(shareBytes(kernel, packing, packed), rewriter.getI8Type());
      else if (wide)
        weights = constant(packed, rewriter.getI16Type());
      else
        weights = constant(std::vector<int8_t>(packed.begin(), packed.end()), rewriter.getI8Type());
    } else {
      Weights<float> plain{readFloats(constantBehind(c.weights)), outputs, c.inputs, kernelRows, kernelColumns, spatial == 0};
      weights = constant(kernel.depthwise ? packDepthwise<float>(packing, plain) : pack(packing, plain, columns), rewriter.getF32Type());
      if (c.bias)
        bias = perChannel(readFloats(constantBehind(c.bias)), rewriter.getF32Type());
    }

    SmallVector<int64_t> kernelShape(c.kernel);
    IntegerAttr ownColumns;
    if (spatial && std::exchange(kernelShape.back(), columns) != columns)
      ownColumns = rewriter.getI64IntegerAttr(kernelColumns);
    create(c, kernel, input, weights, bias, kernelShape, ownColumns, rewriter);
  }

  static void create(const Contraction &c, const DotKernel &kernel, Value input, Value weights, Value bias, ArrayRef<int64_t> kernelShape,
                     IntegerAttr ownColumns, ConversionPatternRewriter &rewriter) {
    Location loc = c.op->getLoc();
    auto resultType = physicalType(c.result.getType());
    auto number = [&](int64_t value) { return rewriter.getI64IntegerAttr(value); };
    auto contract = fixed::ContractOp::create(
        rewriter, loc, TypeRange{resultType}, input, weights, bias, ValueRange{}, emptyTensor(rewriter, loc, resultType),
        rewriter.getDenseI64ArrayAttr(kernelShape), rewriter.getDenseI64ArrayAttr(c.strides), rewriter.getDenseI64ArrayAttr(c.dilations),
        number(c.groups), ownColumns, kernel.valuesTogether() > 1 ? number(c.inputs) : nullptr,
        kernel.packing > 1 ? number(kernel.packing) : nullptr, rewriter.getStringAttr(kernel.name), rewriter.getStringAttr(nn::layerOf(c.op)));
    OpBuilder::InsertionGuard guard(rewriter);
    Block *body = rewriter.createBlock(&contract.getBody(), {}, {resultType.getElementType()}, {loc});
    fixed::YieldOp::create(rewriter, loc, body->getArgument(0));
    rewriter.replaceOp(c.op, contract.getResults());
  }
};

template <typename Op> struct LowerToKernelPattern : OpConversionPattern<Op> {
  LowerToKernel lowering;

  LowerToKernelPattern(const TypeConverter &converter, MLIRContext *context, const TargetModel &target)
      : OpConversionPattern<Op>(converter, context, /*benefit=*/2), lowering{target} {}

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    return lowering.lower(op, adaptor.getOperands(), rewriter);
  }
};

} // namespace

void tile::populateKernels(const TypeConverter &converter, RewritePatternSet &patterns, const TargetModel &target) {
  patterns.add<LowerToKernelPattern<nn::ConvOp>, LowerToKernelPattern<nn::MatmulOp>>(converter, patterns.getContext(), target);
}

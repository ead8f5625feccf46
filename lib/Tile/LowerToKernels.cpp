//===- LowerToKernels.cpp - contractions for micro-kernels ------*- C++ -*-===//
//
// This file turns contractions with a `lowering` into fixed.contract: it packs weights and biases as the kernel reads them and
// brings the input to its width and padding. Zero points fold into the biases (Numerics R9).
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "Lowering.h"
#include "quantization/Target/RegisterTile.h"

using namespace mlir;
using namespace quantization;
using namespace quantization::tile;

namespace {

int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// The weights of group g, output o, kernel row y, column x, input channel i; the order that all layouts are packed from.
template <typename T> struct Weights {
  std::vector<T> values;
  int64_t outputs, inputs, rows, columns;
  bool matrix;

  T at(int64_t group, int64_t o, int64_t y, int64_t x, int64_t i) const {
    if (x >= columns)
      return 0;
    if (matrix)
      return values[i * outputs + o];
    return values[(((group * outputs + o) * inputs + i) * rows + y) * columns + x];
  }
};

/// How a contraction is cut into blocks and steps.
struct Packing {
  int64_t groups, blocks, rows, steps, lanes, codes;
  int64_t run;   ///< values of a kernel row
  int64_t depth; ///< values that a multiplication takes, in one or more steps

  int64_t channels() const { return groups * blocks * lanes; }
  /// The place of output channel `o` of `group` in a vector per channel.
  int64_t channel(int64_t group, int64_t o) const { return group * blocks * lanes + o; }
};

template <typename T> std::vector<T> pack(const Packing &packing, const Weights<T> &weights, int64_t columns) {
  std::vector<T> packed;
  packed.reserve(packing.channels() * packing.rows * packing.steps * packing.codes);
  // Where values of a row do not lie side by side each column has steps of its own.
  bool split = packing.run != columns * weights.inputs;
  int64_t stepsOfRun = split ? packing.steps / columns : packing.steps;
  for (int64_t g = 0; g < packing.groups; ++g)
    for (int64_t block = 0; block < packing.blocks; ++block)
      for (int64_t y = 0; y < packing.rows; ++y)
        for (int64_t step = 0; step < packing.steps; ++step)
          for (int64_t lane = 0; lane < packing.lanes; ++lane)
            for (int64_t code = 0; code < packing.codes; ++code) {
              int64_t o = block * packing.lanes + lane;
              int64_t within = step % stepsOfRun * packing.codes, length = split ? weights.inputs : packing.run;
              // The last multiplication ends with the run; what the one before it has had is zero in it.
              int64_t due = within / packing.depth * packing.depth, start = std::min(due, length - packing.depth);
              int64_t k = start + within % packing.depth + code;
              bool fresh = k >= due;
              int64_t x = split ? step / stepsOfRun : k / weights.inputs, i = split ? k : k % weights.inputs;
              packed.push_back(o < weights.outputs && fresh ? weights.at(g, o, y, x, i) : T(0));
            }
  return packed;
}

/// The weights of a depthwise convolution: for each group of as many kernel rows as a step has codes, column and vector, the rows of
/// every lane's channel. Interleaving rows leaves the lanes of 256 bits in the order of their 128-bit halves.
template <typename T, typename From> std::vector<T> packDepthwise(const Packing &packing, const Weights<From> &weights) {
  std::vector<T> packed;
  int64_t lanes = packing.lanes / packing.codes;
  for (int64_t block = 0; block < packing.blocks; ++block)
    for (int64_t group = 0; group < packing.rows; ++group)
      for (int64_t x = 0; x < packing.steps; ++x)
        for (int64_t part = 0; part < packing.codes; ++part)
          for (int64_t lane = 0; lane < lanes; ++lane)
            for (int64_t code = 0; code < packing.codes; ++code) {
              int64_t within = packing.codes == 1 ? lane : lane / 4 * (packing.lanes / 2) + part * 4 + lane % 4;
              int64_t channel = block * packing.lanes + within, y = group * packing.codes + code;
              packed.push_back(channel < weights.outputs && y < weights.rows ? T(weights.at(0, channel, y, x, 0)) : T(0));
            }
  return packed;
}

/// `weights`, as they are packed, several to a byte (DotKernel::packing).
std::vector<int8_t> shareBytes(const DotKernel &kernel, const Packing &packing, ArrayRef<int16_t> weights) {
  std::vector<int8_t> bytes;
  int64_t width = kernel.lanes * kernel.codes, vectors = packing.lanes / kernel.lanes, shared = kernel.packing;
  for (; !weights.empty(); weights = weights.drop_front(vectors * width)) // a step
    for (int64_t v = 0; v < vectors;) {
      bool together = v + shared <= vectors;
      int64_t size = together ? width : width / shared;
      for (int64_t at = 0; at < size; ++at) {
        int64_t byte = 0;
        for (int64_t number = 0; number < shared; ++number)
          byte |= kernel.hasSignBits() ? int64_t(weights[v * width + number * size + at] > 0) << number
                                       : (weights[v * width + number * size + at] + kernel.weightOffset()) << (number * kernel.weightBits());
        bytes.push_back(static_cast<int8_t>(byte));
      }
      v += together ? shared : 1;
    }
  return bytes;
}

/// Values of -1 to 1 as words, for each 32 channels as many as the kernel has codes. `type` is that of the values before and of the words
/// after it.
Value packBits(OpBuilder &builder, Location loc, Value input, const DotKernel &kernel, RankedTensorType &type, size_t channel) {
  auto bytes = cast<RankedTensorType>(input.getType());
  Type word = builder.getI32Type();
  SmallVector<int64_t> shape(bytes.getShape()), logical(type.getShape());
  shape.back() /= kernel.valuesTogether(), logical[channel] = shape.back() * kernel.codes;
  SmallVector<ReassociationIndices> apart;
  for (int64_t d = 0; d < bytes.getRank(); ++d)
    apart.push_back({d});
  apart.back().push_back(bytes.getRank());
  type = RankedTensorType::get(logical, word, type.getEncoding());
  shape.push_back(kernel.valuesTogether());
  input = tensor::ExpandShapeOp::create(builder, loc, RankedTensorType::get(shape, bytes.getElementType()), input, apart);
  shape.back() = kernel.codes;
  auto packed = RankedTensorType::get(shape, word);

  // Three loops, which write every second or third word.
  Value result = emptyTensor(builder, loc, packed);
  SmallVector<OpFoldResult> offsets(shape.size(), builder.getIndexAttr(0)), steps(shape.size(), builder.getIndexAttr(1)), sizes;
  for (int64_t size : shape)
    sizes.push_back(builder.getIndexAttr(size));
  sizes.back() = builder.getIndexAttr(1);
  shape.pop_back();
  auto plane = RankedTensorType::get(shape, word);
  enum { NotZero, Negative, Count };
  SmallVector<int> kinds = {NotZero, Count};
  if (kernel.hasNegativeWords())
    kinds = {NotZero, Negative, Count};
  for (auto [number, kind] : llvm::enumerate(kinds)) {
    LoopNest nest(builder, loc);
    SmallVector<AffineExpr> at = nest.loops(bytes.getRank()), from = at;
    from.push_back(nest.loop(IteratorType::reduction));
    nest.read(input, from);
    Value words = nest.write(filledTensor(builder, loc, plane, constantInt(builder, loc, word, 0)), at,
                             [&, kind = kind](OpBuilder &b, Location l, ValueRange v) -> Value {
      // Of -1, 0 and 1 the lowest bit says whether it is 0, the highest whether it is negative.
      Value code = arith::ExtUIOp::create(b, l, word, v[0]);
      Value bit = kind == Negative ? Value(arith::ShRUIOp::create(b, l, code, constantInt(b, l, word, 7)))
                                   : Value(arith::AndIOp::create(b, l, code, constantInt(b, l, word, 1)));
      if (kind == Count)
        return arith::AddIOp::create(b, l, v[1], bit);
      Value place = arith::IndexCastUIOp::create(b, l, word, linalg::IndexOp::create(b, l, bytes.getRank()));
      return arith::OrIOp::create(b, l, v[1], arith::ShLIOp::create(b, l, bit, place));
    });
    offsets.back() = builder.getIndexAttr(number);
    result = tensor::InsertSliceOp::create(builder, loc, words, result, offsets, sizes, steps);
  }
  shape.back() *= kernel.codes;
  return tensor::CollapseShapeOp::create(builder, loc, RankedTensorType::get(shape, word), result, apart);
}

/// Values of -1 to 1 as places of rows, for each 4 channels one (LookupKernel.cpp).
Value packRows(OpBuilder &builder, Location loc, Value input, const DotKernel &kernel, RankedTensorType &type, size_t channel) {
  auto bytes = cast<RankedTensorType>(input.getType());
  Type place = builder.getIntegerType(kernel.inputBits);
  SmallVector<int64_t> shape(bytes.getShape()), logical(type.getShape());
  shape.back() /= kernel.valuesTogether(), logical[channel] = shape.back();
  auto packed = RankedTensorType::get(shape, place);
  type = RankedTensorType::get(logical, place, type.getEncoding());
  shape.push_back(kernel.valuesTogether());
  SmallVector<ReassociationIndices> apart;
  for (int64_t d = 0; d < bytes.getRank(); ++d)
    apart.push_back({d});
  apart.back().push_back(bytes.getRank());
  input = tensor::ExpandShapeOp::create(builder, loc, RankedTensorType::get(shape, bytes.getElementType()), input, apart);
  LoopNest nest(builder, loc);
  SmallVector<AffineExpr> at = nest.loops(bytes.getRank()), from = at;
  from.push_back(nest.loop(IteratorType::reduction));
  nest.read(input, from);
  return nest.write(filledTensor(builder, loc, packed, constantInt(builder, loc, place, 0)), at, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
    // Bit 4 + i says that value i is not 0, bit 8 + i that it is negative: a row has 16 bytes.
    Value code = arith::ExtUIOp::create(b, l, place, v[0]);
    Value bits = arith::ShLIOp::create(b, l, arith::AndIOp::create(b, l, code, constantInt(b, l, place, 1)), constantInt(b, l, place, 4));
    Value negative = arith::ShLIOp::create(b, l, arith::ShRUIOp::create(b, l, code, constantInt(b, l, place, 7)), constantInt(b, l, place, 8));
    Value number = arith::IndexCastUIOp::create(b, l, place, linalg::IndexOp::create(b, l, bytes.getRank()));
    return arith::OrIOp::create(b, l, v[1], arith::ShLIOp::create(b, l, arith::OrIOp::create(b, l, bits, negative), number));
  });
}

/// The signs of `weights`, as many input channels in each number as values are together, those of channels that do not exist positive.
Weights<int32_t> signsTogether(const DotKernel &kernel, const Weights<int16_t> &weights, int64_t groups) {
  int64_t together = kernel.valuesTogether();
  Weights<int32_t> signs{{}, weights.outputs, ceilDiv(weights.inputs, together), weights.rows, weights.columns, weights.matrix};
  auto push = [&](int64_t o, int64_t y, int64_t x, int64_t number) {
    uint32_t bits = 0;
    for (int64_t i = number * together; i < std::min((number + 1) * together, weights.inputs); ++i)
      bits |= static_cast<uint32_t>(weights.at(0, o, y, x, i) < 0) << (i % together);
    signs.values.push_back(static_cast<int32_t>(bits));
  };
  if (weights.matrix)
    for (int64_t number = 0; number < signs.inputs; ++number)
      for (int64_t o = 0; o < weights.outputs; ++o)
        push(o, 0, 0, number);
  else
    for (int64_t o = 0; o < groups * weights.outputs; ++o)
      for (int64_t number = 0; number < signs.inputs; ++number)
        for (int64_t y = 0; y < weights.rows; ++y)
          for (int64_t x = 0; x < weights.columns; ++x)
            push(o, y, x, number);
  return signs;
}

/// Lane l of vector q, of four that follow each other, in byte 4 l + q.
std::vector<int8_t> interleaved(const DotKernel &kernel, ArrayRef<int32_t> lanes) {
  std::vector<int8_t> bytes;
  for (; !lanes.empty(); lanes = lanes.drop_front(4 * kernel.lanes))
    for (int64_t lane = 0; lane < kernel.lanes; ++lane)
      for (int64_t vector = 0; vector < 4; ++vector)
        bytes.push_back(static_cast<int8_t>(lanes[vector * kernel.lanes + lane]));
  return bytes;
}

/// `input` in the width and sign that the kernel reads. `shift` is what was added to every code.
Value widened(OpBuilder &builder, Location loc, Value input, RankedTensorType &type, const DotKernel &kernel, int64_t &shift) {
  auto quantized = quantizedElement(type);
  shift = 0;
  if (!quantized)
    return input;
  Type from = storageOf(quantized), to = kernel.valuesTogether() > 1 ? from : builder.getIntegerType(kernel.inputBits);
  auto plain = RankedTensorType::get(type.getShape(), to, type.getEncoding());
  bool flip = kernel.inputBits == 8 && quantized.isSigned();
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
    bool isPacked = c.input.getDefiningOp<fixed::UnpackValuesOp>() != nullptr;
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
      Value zero = isPacked    ? constantInt(rewriter, loc, storageOf(quantized), zeroPointOf(quantized))
                   : quantized ? constantInt(rewriter, loc, inputType.getElementType(), zeroPointOf(quantized) + shift)
                               : constantFloat(rewriter, loc, 0);
      input = padded(rewriter, loc, input, inputType, low, high, zero);
    }
    if (isPacked)
      input = widened(rewriter, loc, input, inputType, kernel, shift);
    if (together)
      input = (kernel.kind == DotKind::Lookup ? packRows : packBits)(rewriter, loc, input, kernel, inputType, channel);
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
        weights = kernel.kind == DotKind::Lookup ? constant(interleaved(kernel, signs), rewriter.getI8Type())
                                                 : constant(signs, rewriter.getI32Type());
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
    auto contract = fixed::ContractOp::create(
        rewriter, loc, TypeRange{resultType}, input, weights, bias, ValueRange{}, emptyTensor(rewriter, loc, resultType),
        rewriter.getDenseI64ArrayAttr(kernelShape), rewriter.getDenseI64ArrayAttr(c.strides), rewriter.getDenseI64ArrayAttr(c.dilations),
        rewriter.getI64IntegerAttr(c.groups), ownColumns, rewriter.getStringAttr(kernel.name), rewriter.getStringAttr(nn::layerOf(c.op)));
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

//===- Quantization.cpp - operators between values and codes ----*- C++ -*-===//
//
// This file defines QuantizeLinear and DequantizeLinear, which become `nn.quantize` and `nn.dequantize`, and the products of
// integers. Scales and zero points have to be known, since they become types.
//
//===----------------------------------------------------------------------===//

#include "Contractions.h"
#include "quantization/Dialect/NN/EncodedConstants.h"
#include "quantization/Format/NumberFormat.h"
#include "quantization/Format/QuantTypes.h"
#include "llvm/Support/Format.h"
#include <limits>

using namespace mlir;
using namespace quantization;
using folding::Kind;
using folding::Tensor;

namespace {

/// What a node says of its codes: one scale, or one per index of `axis`.
struct Grids {
  SmallVector<double> scales;
  SmallVector<int64_t> zeros; ///< as many
  int64_t axis = -1;
  unsigned width = 8;
  bool isSigned = false;

  Grid at(int64_t channel) const {
    int64_t lo = isSigned ? -(int64_t(1) << (width - 1)) : 0, i = scales.size() == 1 ? 0 : channel;
    return {static_cast<float>(scales[i]), zeros[i], lo, lo + (int64_t(1) << width) - 1};
  }
};

std::string numberText(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.9g", value);
  return text;
}

/// Codes have 4, 8, 16 or, where they are constant, 32 bits.
bool setStorage(Grids &grids, Type element) {
  auto integer = dyn_cast<IntegerType>(element);
  if (!integer || integer.getWidth() < 4 || integer.getWidth() > 32)
    return false;
  grids.width = integer.getWidth();
  grids.isSigned = !integer.isUnsigned();
  return true;
}

/// Operands 1 and 2: scale and zero point of a tensor of `shape`.
std::optional<Grids> readGrids(OpBinder &b, Shape shape, bool isConstant) {
  Grids grids;
  auto fail = [&](const Twine &why) {
    (void)b.fail(why);
    return std::nullopt;
  };
  b.ignore({"saturate"}); // of 8-bit floats
  if (b.integer("block_size", 0) != 0)
    return fail("a scale per block is not supported; one per tensor or per channel is");
  int64_t given = b.integer("axis", 1);
  auto scale = b.constantInput(1, "scale");
  if (!scale)
    return std::nullopt;
  if (scale->kind != Kind::F32)
    return fail("its scale must be a float");
  for (float value : folding::floatsOf(*scale))
    grids.scales.push_back(value);
  grids.zeros.assign(grids.scales.size(), 0);
  if (b.optionalInput(2)) {
    auto zero = b.constantInput(2, "zero point");
    if (!zero)
      return std::nullopt;
    if (zero->size() != 1 && zero->size() != scale->size())
      return fail("its scale of shape " + textOf(scale->shape) + " and its zero point of shape " + textOf(zero->shape) + " do not agree");
    std::vector<int64_t> zeros = folding::integersOf(*zero);
    for (auto [i, value] : llvm::enumerate(grids.zeros))
      value = zeros[zeros.size() == 1 ? 0 : i];
  }
  for (double value : grids.scales) {
    bool unused = isConstant && value == 0; // a channel of zeros
    if (!unused && (!std::isfinite(value) || value < std::numeric_limits<float>::min()))
      return fail("its scale " + numberText(value) + " is no normal positive number");
  }
  if (grids.scales.size() == 1)
    return grids;
  auto axis = b.axis(given, shape.size());
  if (failed(axis))
    return std::nullopt;
  if (scale->shape.size() != 1 || scale->size() != shape[*axis])
    return fail("its scale of shape " + textOf(scale->shape) + " does not fit dimension " + llvm::Twine(*axis) + " of " + textOf(shape));
  if (!isConstant)
    return fail("a scale per channel of a computed value is not supported, since integers of different scales cannot be added; one "
                "per tensor is");
  grids.axis = *axis;
  return grids;
}

quant::QuantizedType typePerTensor(MLIRContext *context, const Grids &grids) {
  return typeOf(context, grids.at(0), grids.width, grids.isSigned);
}

/// The codes of a constant behind their dequantize. A zero point per channel, which no type has, is subtracted.
Value encodedConstantOf(OpBinder &b, const Tensor &tensor, Grids grids, Value like) {
  std::vector<int64_t> codes = folding::integersOf(tensor);
  ChannelIndex channelOf(tensor.shape, grids.axis);
  bool recenter = grids.axis >= 0 || grids.width == 32 || llvm::is_contained(grids.scales, 0.0);
  for (auto [i, code] : llvm::enumerate(codes)) {
    int64_t channel = channelOf(i);
    if (recenter)
      code = grids.scales[channel] == 0 ? 0 : code - grids.zeros[channel];
  }
  for (double &scale : grids.scales)
    scale = scale == 0 ? 1 : scale;
  MLIRContext *context = like.getContext();
  auto type = recenter ? typeAroundZero(context, codes, grids.scales, grids.axis, grids.width) : typePerTensor(context, grids);
  return b.encoded(type, tensor.shape, codes, like);
}

//===----------------------------------------------------------------------===//
// QuantizeLinear, DequantizeLinear
//===----------------------------------------------------------------------===//

/// The kind that holds codes of some storage.
Kind kindOf(const Grids &grids) {
  if (grids.width <= 8)
    return grids.isSigned ? Kind::I8 : Kind::U8;
  return grids.isSigned ? Kind::I16 : Kind::U16;
}

/// ONNX's numbers of the element types that codes can have.
bool setStorage(Grids &grids, int64_t onnxType) {
  struct Row {
    int64_t type;
    unsigned width;
    bool isSigned;
  };
  static constexpr Row rows[] = {{2, 8, false}, {3, 8, true}, {4, 16, false}, {5, 16, true}, {21, 4, false}, {22, 4, true}};
  for (const Row &row : rows)
    if (row.type == onnxType) {
      grids.width = row.width;
      grids.isSigned = row.isSigned;
      return true;
    }
  return false;
}

LogicalResult buildQuantize(OpBinder &b) {
  Value input = b.rawInput(0), zero = b.rawInput(2);
  if (!input)
    return b.fail("operand x is missing");
  if (!nn::isF32(input))
    return b.fail("operand x must be a float");
  int64_t output = b.integer("output_dtype", 0), precision = b.integer("precision", 0);
  if (precision != 0 && precision != 1)
    return b.unsupported("precision", llvm::Twine(precision), "float");
  auto tensor = b.known(input);
  auto constant = encodedConstant(input);
  if (constant)
    tensor = folding::fromFloats(nn::shapeOf(input).vec(), readExpressed(constant));
  auto grids = readGrids(b, nn::shapeOf(input), tensor.has_value());
  if (!grids)
    return failure();
  if (zero ? !setStorage(*grids, nn::elementTypeOf(zero)) || grids->width > 16 : output && !setStorage(*grids, output))
    return b.fail("its codes must be (u)int4, (u)int8 or (u)int16");
  if (!tensor)
    return b.yield(b.quantize(input, typePerTensor(input.getContext(), *grids)));

  std::vector<float> values = folding::floatsOf(*tensor);
  std::vector<int64_t> codes(values.size());
  ChannelIndex channelOf(tensor->shape, grids->axis);
  for (auto [i, value] : llvm::enumerate(values)) {
    Grid grid = grids->at(channelOf(i));
    codes[i] = grid.scale == 0 ? grid.zeroPoint : quantize(value, grid);
  }
  return b.yield(b.constant(folding::fromIntegers(kindOf(*grids), tensor->shape, codes), constant ? Value(constant.getResult()) : input));
}

LogicalResult buildDequantize(OpBinder &b) {
  Value input = b.rawInput(0);
  if (!input)
    return b.fail("operand x is missing");
  if (int64_t output = b.integer("output_dtype", 0); output != 0 && output != 1)
    return b.unsupported("output_dtype", llvm::Twine(output), "float");
  auto type = quantizedElement(input);
  auto tensor = type ? std::nullopt : b.known(input);
  auto grids = readGrids(b, nn::shapeOf(input), tensor.has_value());
  if (!grids)
    return failure();
  if (type) {
    if (scalesOf(type)[0] != grids->scales[0] || zeroPointOf(type) != grids->zeros[0])
      return b.fail("its scale " + numberText(grids->scales[0]) + " and zero point " + Twine(grids->zeros[0]) + " differ from the scale " +
                    numberText(scalesOf(type)[0]) + " and zero point " + Twine(zeroPointOf(type)) + " with which its operand was quantized");
    return b.yield(b.dequantize(input));
  }
  if (!tensor || !setStorage(*grids, nn::elementTypeOf(input)))
    return b.fail("operand x must be the result of a QuantizeLinear, or integers known at compile time");
  return b.yield(encodedConstantOf(b, *tensor, *grids, input));
}

//===----------------------------------------------------------------------===//
// Products of integers
//===----------------------------------------------------------------------===//

/// The operands of ConvInteger or MatMulInteger as (what the input's codes stand for, weights): their product is that of the
/// integers. The input stands for scale * (code - zero point), so the weights stand for (code - zero point) / scale.
std::optional<std::pair<Value, Value>> readIntegerOperands(OpBinder &b, int64_t columnAxis) {
  auto fail = [&](const Twine &why) {
    (void)b.fail(why);
    return std::nullopt;
  };
  Value codes = b.rawInput(0), weights = b.rawInput(1);
  auto type = codes ? quantizedElement(codes) : quant::QuantizedType();
  if (!type)
    return fail("its first operand must be the result of a QuantizeLinear");
  auto tensor = weights ? b.known(weights) : std::nullopt;
  Grids grids;
  if (!tensor || static_cast<int64_t>(tensor->shape.size()) <= columnAxis || !setStorage(grids, nn::elementTypeOf(weights)))
    return fail("its weights must be a tensor of integers known at compile time");
  auto readZeros = [&](unsigned i, StringRef name) -> std::optional<std::vector<int64_t>> {
    if (!b.rawInput(i))
      return std::vector<int64_t>{0};
    auto zeros = b.constantInput(i, name);
    return zeros ? std::optional(folding::integersOf(*zeros)) : std::nullopt;
  };
  auto inputZeros = readZeros(2, "zero point of the input"), weightZeros = readZeros(3, "zero point of the weights");
  if (!inputZeros || !weightZeros)
    return std::nullopt;
  if (inputZeros->size() != 1 || inputZeros->front() != zeroPointOf(type))
    return fail("the zero point of its input differs from the one with which that was quantized, " + llvm::Twine(zeroPointOf(type)));
  int64_t columns = tensor->shape[columnAxis];
  if (weightZeros->size() != 1 && static_cast<int64_t>(weightZeros->size()) != columns)
    return fail("its weights have " + llvm::Twine(weightZeros->size()) + " zero points for " + llvm::Twine(columns) + " channels");
  double scale = 1.0f / static_cast<float>(scalesOf(type)[0]);
  grids.axis = weightZeros->size() > 1 ? columnAxis : -1;
  grids.scales.assign(weightZeros->size(), scale);
  grids.zeros.assign(weightZeros->begin(), weightZeros->end());
  return std::pair(b.dequantize(codes), encodedConstantOf(b, *tensor, grids, weights));
}

LogicalResult buildConvInteger(OpBinder &b) {
  auto operands = readIntegerOperands(b, 0);
  return operands ? convolve(b, operands->first, operands->second, Value()) : failure();
}

LogicalResult buildMatMulInteger(OpBinder &b) {
  Value weights = b.rawInput(1);
  int64_t rank = weights ? static_cast<int64_t>(nn::shapeOf(weights).size()) : 0;
  if (rank < 2)
    return b.fail("its weights must be a matrix");
  auto operands = readIntegerOperands(b, rank - 1);
  return operands ? multiplyMatrices(b, operands->first, operands->second) : failure();
}

} // namespace

void quantization::registerQuantization(OpRegistry &registry) {
  registry.onOp("QuantizeLinear", 10, buildQuantize);
  registry.onOp("DequantizeLinear", 10, buildDequantize);
  registry.onOp("ConvInteger", 10, buildConvInteger);
  registry.onOp("MatMulInteger", 10, buildMatMulInteger);
}

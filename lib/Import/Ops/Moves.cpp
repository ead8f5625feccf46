//===- Moves.cpp - operators that only move values --------------*- C++ -*-===//
//
// This file defines the ONNX operators that reshape, permute, cut, join and pad. On constants they are shape arithmetic.
//
//===----------------------------------------------------------------------===//

#include "../OpBinder.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "quantization/Format/QuantTypes.h"

using namespace mlir;
using namespace quantization;

static LogicalResult buildIdentity(OpBinder &b) { return b.yield(b.input(0, "input")); }

static LogicalResult buildDropout(OpBinder &b) {
  b.ignore({"ratio", "seed"});
  auto training = b.scalarInput(2, "training_mode", 0);
  if (!training)
    return failure();
  if (*training != 0)
    return b.fail("operand training_mode = true is not supported; false is");
  if (b.isUsed(1))
    return b.fail("its output mask is used, which is not supported");
  b.countAsLayer();
  return b.yield(b.input(0, "data"));
}

//===----------------------------------------------------------------------===//
// Shapes
//===----------------------------------------------------------------------===//

static LogicalResult buildReshape(OpBinder &b) {
  Value input = b.input(0, "data");
  auto wanted = b.integersInput(1, "shape");
  if (!input || !wanted)
    return failure();
  Shape from = nn::shapeOf(input);
  bool allowZero = b.integer("allowzero", 0) != 0;
  SmallVector<int64_t> shape;
  int64_t total = 1, rest = 1, open = -1;
  for (int64_t d : from)
    total *= d;
  for (auto [i, d] : llvm::enumerate(*wanted)) {
    if (d == 0 && !allowZero) {
      if (i >= from.size())
        return b.fail("shape " + textOf(*wanted) + " keeps dimension " + llvm::Twine(i) + ", which " + textOf(from) +
                      " does not have");
      d = from[i];
    }
    if (d < -1 || (d == -1 && open >= 0) || d > INT32_MAX)
      return b.fail("shape " + textOf(*wanted) + " is not valid");
    if (d == -1)
      open = i;
    else if (llvm::MulOverflow(rest, d, rest))
      return b.fail("shape " + textOf(*wanted) + " is too large");
    shape.push_back(d);
  }
  if (open >= 0 && (rest == 0 || total % rest))
    return b.fail("cannot reshape " + textOf(from) + " to " + textOf(*wanted));
  if (open >= 0)
    shape[open] = total / rest;
  else if (rest != total)
    return b.fail("cannot reshape " + textOf(from) + " to " + textOf(*wanted));
  return b.yield(b.reshape(input, shape));
}

static LogicalResult buildFlatten(OpBinder &b) {
  Value input = b.input(0, "input");
  if (!input)
    return failure();
  Shape shape = nn::shapeOf(input);
  auto axis = b.axis(b.integer("axis", 1), shape.size(), /*end=*/true);
  if (failed(axis))
    return failure();
  SmallVector<int64_t> matrix = {1, 1};
  for (auto [d, size] : llvm::enumerate(shape))
    matrix[static_cast<int64_t>(d) >= *axis] *= size;
  return b.yield(b.reshape(input, matrix));
}

/// The axes of Squeeze and its kin: operand 1 since opset 13, before that an attribute.
static std::optional<std::vector<int64_t>> readAxes(OpBinder &b, bool byInput) {
  if (!byInput)
    return b.integers("axes");
  return b.optionalInput(1) ? b.integersInput(1, "axes") : std::vector<int64_t>();
}

static LogicalResult buildSqueeze(OpBinder &b, bool byInput) {
  Value input = b.input(0, "data");
  auto axes = readAxes(b, byInput);
  if (!input || !axes)
    return failure();
  Shape from = nn::shapeOf(input);
  SmallVector<bool> dropped(from.size(), false);
  for (int64_t value : *axes) {
    auto axis = b.axis(value, from.size());
    if (failed(axis))
      return failure();
    if (from[*axis] != 1)
      return b.fail("cannot drop dimension " + llvm::Twine(*axis) + " of " + textOf(from) + ", which is not 1");
    dropped[*axis] = true;
  }
  SmallVector<int64_t> shape;
  for (auto [d, size] : llvm::enumerate(from))
    if (axes->empty() ? size != 1 : !dropped[d])
      shape.push_back(size);
  return b.yield(b.reshape(input, shape));
}

static LogicalResult buildUnsqueeze(OpBinder &b, bool byInput) {
  Value input = b.input(0, "data");
  auto axes = readAxes(b, byInput);
  if (!input || !axes)
    return failure();
  Shape from = nn::shapeOf(input);
  SmallVector<int64_t> shape(from.size() + axes->size(), 0);
  for (int64_t value : *axes) {
    auto axis = b.axis(value, shape.size());
    if (failed(axis))
      return failure();
    if (shape[*axis])
      return b.fail("axes " + textOf(*axes) + " name a dimension twice");
    shape[*axis] = 1;
  }
  for (int64_t &d : shape)
    if (!d) {
      d = from.front();
      from = from.drop_front();
    }
  return b.yield(b.reshape(input, shape));
}

static LogicalResult buildTranspose(OpBinder &b) {
  Value input = b.input(0, "data");
  if (!input)
    return failure();
  std::vector<int64_t> permutation = b.integers("perm");
  size_t rank = nn::shapeOf(input).size();
  if (!b.hasAttribute("perm"))
    for (size_t d = rank; d-- > 0;)
      permutation.push_back(d);
  if (permutation.size() != rank || !isPermutationVector(permutation))
    return b.fail("attribute perm = " + textOf(permutation) + " is not a permutation of " + llvm::Twine(rank) + " dimensions");
  return b.yield(b.transpose(input, permutation));
}

//===----------------------------------------------------------------------===//
// Cutting and joining
//===----------------------------------------------------------------------===//

static LogicalResult buildSlice(OpBinder &b, std::optional<std::vector<int64_t>> starts, std::optional<std::vector<int64_t>> ends,
                                std::optional<std::vector<int64_t>> axes, std::optional<std::vector<int64_t>> steps) {
  Value input = b.input(0, "data");
  if (!input || !starts || !ends || !axes || !steps)
    return failure();
  Shape from = nn::shapeOf(input);
  if (axes->empty())
    llvm::append_range(*axes, llvm::seq<int64_t>(0, starts->size()));
  if (steps->empty())
    steps->assign(starts->size(), 1);
  if (ends->size() != starts->size() || axes->size() != starts->size() || steps->size() != starts->size())
    return b.fail("starts, ends, axes and steps must have one length");
  SmallVector<int64_t> first(from.size(), 0), distance(from.size(), 1), counts(from);
  for (auto [start, end, value, step] : llvm::zip(*starts, *ends, *axes, *steps)) {
    auto axis = b.axis(value, from.size());
    if (failed(axis))
      return failure();
    if (step == 0)
      return b.fail("a step is 0");
    step = std::clamp<int64_t>(step, -INT32_MAX, INT32_MAX);
    // From the end where negative, then clipped to what a walk in this direction can reach.
    int64_t size = from[*axis];
    auto fromFront = [&](int64_t at) { return at < 0 ? std::max(at, -size - 1) + size : std::min(at, size); };
    int64_t begin = std::clamp<int64_t>(fromFront(start), 0, std::max<int64_t>(step > 0 ? size : size - 1, 0));
    if (step < 0 && (end == INT64_MAX || end == INT32_MAX)) // "to the last one", which ONNX Runtime reads in either direction
      end = INT64_MIN;
    int64_t stop = step > 0 ? std::max<int64_t>(fromFront(end), 0) : std::min(fromFront(end), size - 1);
    int64_t span = step > 0 ? stop - begin : begin - stop;
    span = std::min(span, size);
    int64_t stride = std::abs(step);
    counts[*axis] = span > 0 ? (span + stride - 1) / stride : 0;
    first[*axis] = counts[*axis] ? begin : 0;
    distance[*axis] = step;
  }
  return b.yield(b.slice(input, first, distance, counts));
}

static LogicalResult buildSliceByAttributes(OpBinder &b) {
  return buildSlice(b, b.integers("starts"), b.integers("ends"), b.integers("axes"), std::vector<int64_t>());
}
static LogicalResult buildSliceByInputs(OpBinder &b) {
  std::optional<std::vector<int64_t>> axes = std::vector<int64_t>(), steps = axes;
  if (b.optionalInput(3))
    axes = b.integersInput(3, "axes");
  if (b.optionalInput(4))
    steps = b.integersInput(4, "steps");
  auto starts = b.integersInput(1, "starts"), ends = b.integersInput(2, "ends");
  return buildSlice(b, starts, ends, axes, steps);
}

static LogicalResult buildSplit(OpBinder &b, std::optional<std::vector<int64_t>> sizes) {
  Value input = b.input(0, "input");
  if (!input || !sizes)
    return failure();
  Shape from = nn::shapeOf(input);
  auto axis = b.axis(b.integer("axis", 0), from.size());
  int64_t parts = b.integer("num_outputs", b.numResults()), total = 0;
  if (failed(axis))
    return failure();
  if (parts != b.numResults())
    return b.fail("num_outputs = " + llvm::Twine(parts) + " differs from its " + llvm::Twine(b.numResults()) + " results");
  int64_t size = from[*axis], part = (size + parts - 1) / parts;
  if (sizes->empty()) // equal parts, the last one may be smaller
    for (int64_t i = 0; i < parts; ++i)
      sizes->push_back(std::min(part, std::max<int64_t>(size - i * part, 0)));
  for (int64_t s : *sizes)
    total = s < 0 || s > size || total < 0 ? -1 : total + s;
  if (static_cast<int64_t>(sizes->size()) != parts || total != size)
    return b.fail("cannot split dimension " + llvm::Twine(*axis) + " of " + textOf(from) + " into " + textOf(*sizes));
  SmallVector<int64_t> starts(from.size(), 0), steps(from.size(), 1), counts(from);
  for (auto [i, s] : llvm::enumerate(*sizes)) {
    counts[*axis] = s;
    if (b.isUsed(i) && failed(b.yield(b.slice(input, starts, steps, counts), i)))
      return failure();
    starts[*axis] += s;
  }
  return success();
}

static LogicalResult buildConcat(OpBinder &b) {
  SmallVector<Value> values;
  for (unsigned i = 0; i < b.numOperands(); ++i) {
    Value value = b.input(i, "inputs");
    if (!value)
      return failure();
    values.push_back(value);
  }
  if (values.empty())
    return b.fail("it has no operand");
  if (!b.hasAttribute("axis"))
    return b.fail("attribute axis is missing");
  Shape shape = nn::shapeOf(values[0]);
  auto axis = b.axis(b.integer("axis", 0), shape.size());
  if (failed(axis))
    return failure();
  for (Value value : values) {
    Shape other = nn::shapeOf(value);
    bool agree = other.size() == shape.size() && nn::elementTypeOf(value) == nn::elementTypeOf(values[0]);
    for (size_t d = 0; agree && d < shape.size(); ++d)
      agree = static_cast<int64_t>(d) == *axis || other[d] == shape[d];
    if (!agree)
      return b.fail("cannot join " + textOf(shape) + " and " + textOf(other) + " along axis " + llvm::Twine(*axis));
  }
  if (values.size() > 1) // what holds nothing adds nothing
    llvm::erase_if(values, [&](Value value) { return value != values.back() && nn::shapeOf(value)[*axis] == 0; });
  if (values.size() > 1 && nn::shapeOf(values.back())[*axis] == 0)
    values.pop_back();
  return b.yield(b.concat(values, *axis));
}

//===----------------------------------------------------------------------===//
// Padding
//===----------------------------------------------------------------------===//

static LogicalResult buildPad(OpBinder &b, std::optional<std::vector<int64_t>> pads, std::optional<float> value,
                              std::optional<std::vector<int64_t>> axes) {
  Value input = b.input(0, "data");
  if (!input || !pads || !value || !axes)
    return failure();
  if (std::string mode = b.string("mode", "constant"); mode != "constant")
    return b.unsupported("mode", "\"" + mode + "\"", "\"constant\"");
  Shape from = nn::shapeOf(input);
  if (axes->empty())
    llvm::append_range(*axes, llvm::seq<int64_t>(0, from.size()));
  if (pads->size() != 2 * axes->size())
    return b.fail("pads " + textOf(*pads) + " must have two entries for each of " + llvm::Twine(axes->size()) + " axes");
  SmallVector<int64_t> low(from.size(), 0), high(from.size(), 0), first(from.size(), 0), ones(from.size(), 1), counts(from);
  for (auto [i, value] : llvm::enumerate(*axes)) {
    auto axis = b.axis(value, from.size());
    if (failed(axis))
      return failure();
    int64_t before = (*pads)[i], after = (*pads)[axes->size() + i];
    if (std::max(before, after) > INT32_MAX || std::min(before, after) < -INT32_MAX)
      return b.fail("pads " + textOf(*pads) + " must stay below 2^31");
    // Negative padding cuts.
    first[*axis] = std::max<int64_t>(-before, 0);
    counts[*axis] -= first[*axis] + std::max<int64_t>(-after, 0);
    low[*axis] = std::max<int64_t>(before, 0);
    high[*axis] = std::max<int64_t>(after, 0);
    if (counts[*axis] < 0 || counts[*axis] + low[*axis] + high[*axis] > INT32_MAX)
      return b.fail("pads " + textOf(*pads) + " do not go with shape " + textOf(from));
  }
  return b.yield(b.pad(b.slice(input, first, ones, counts), low, high, folding::fromFloats({}, *value)));
}

static LogicalResult buildPadByAttributes(OpBinder &b) {
  return buildPad(b, b.integers("pads"), b.real("value", 0), std::vector<int64_t>());
}
static LogicalResult buildPadByInputs(OpBinder &b) {
  auto pads = b.integersInput(1, "pads");
  auto value = b.scalarInput(2, "constant_value", 0);
  if (auto type = b.rawInput(0) ? quantizedElement(b.rawInput(0)) : quant::QuantizedType(); type && value)
    value = dequantize(static_cast<int64_t>(*value), gridOf(type)); // a code
  std::optional<std::vector<int64_t>> axes = std::vector<int64_t>();
  if (b.optionalInput(3))
    axes = b.integersInput(3, "axes");
  return buildPad(b, pads, value, axes);
}

void quantization::registerMoves(OpRegistry &registry) {
  registry.onOp("Identity", 1, buildIdentity);
  registry.onOp("Dropout", 7, buildDropout);
  registry.onOp("Reshape", 5, buildReshape);
  registry.onOp("Flatten", 1, buildFlatten);
  registry.onOp("Squeeze", 1, [](OpBinder &b) { return buildSqueeze(b, /*byInput=*/false); });
  registry.onOp("Squeeze", 13, [](OpBinder &b) { return buildSqueeze(b, /*byInput=*/true); });
  registry.onOp("Unsqueeze", 1, [](OpBinder &b) { return buildUnsqueeze(b, /*byInput=*/false); });
  registry.onOp("Unsqueeze", 13, [](OpBinder &b) { return buildUnsqueeze(b, /*byInput=*/true); });
  registry.onOp("Transpose", 1, buildTranspose);
  registry.onOp("Slice", 1, buildSliceByAttributes);
  registry.onOp("Slice", 10, buildSliceByInputs);
  registry.onOp("Split", 2, [](OpBinder &b) { return buildSplit(b, b.integers("split")); });
  registry.onOp("Split", 13, [](OpBinder &b) {
    return buildSplit(b, b.optionalInput(1) ? b.integersInput(1, "split") : std::vector<int64_t>());
  });
  registry.onOp("Concat", 4, buildConcat);
  registry.onOp("Pad", 2, buildPadByAttributes);
  registry.onOp("Pad", 11, buildPadByInputs);
}

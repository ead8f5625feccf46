//===- ShapeArithmetic.cpp - operators computed at compile time -*- C++ -*-===//
//
// This file defines the ONNX operators with which exporters compute shapes and constants. They leave no layer.
//
//===----------------------------------------------------------------------===//

#include "../OpBinder.h"

using namespace mlir;
using namespace quantization;
using folding::Kind;
using folding::Tensor;

static LogicalResult buildConstant(OpBinder &b) {
  auto count = [](auto &values) { return static_cast<int64_t>(values.size()); };
  std::optional<Tensor> value;
  if (b.hasAttribute("value"))
    value = b.tensor("value");
  else if (b.hasAttribute("value_float"))
    value = folding::fromFloats({}, b.real("value_float", 0));
  else if (b.hasAttribute("value_int"))
    value = folding::fromIntegers(Kind::I64, {}, b.integer("value_int", 0));
  else if (auto reals = b.reals("value_floats"); b.hasAttribute("value_floats"))
    value = folding::fromFloats({count(reals)}, reals);
  else if (auto integers = b.integers("value_ints"); b.hasAttribute("value_ints"))
    value = folding::fromIntegers(Kind::I64, {count(integers)}, integers);
  if (!value)
    return b.fail("its value is missing or neither a tensor nor numbers");
  return b.yield(b.constant(*value));
}

static LogicalResult buildConstantOfShape(OpBinder &b) {
  auto shape = b.integersInput(0, "input");
  Tensor value = folding::fromFloats({}, 0.0f);
  if (b.hasAttribute("value")) {
    auto given = b.tensor("value");
    if (!given || given->size() != 1)
      return b.fail("attribute value must be one number");
    value = {given->kind, {}, given->bytes};
  }
  if (!shape)
    return failure();
  if (!folding::countOf(*shape))
    return b.fail("shape " + textOf(*shape) + " is not valid or too large to be a constant");
  return b.yield(b.constant(folding::expand(value, *shape)));
}

/// The shape is known even where the values are not.
static LogicalResult buildShape(OpBinder &b) {
  Value input = b.input(0, "data");
  if (!input)
    return failure();
  Shape shape = nn::shapeOf(input);
  auto rank = static_cast<int64_t>(shape.size());
  auto clip = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? std::max(at, -rank) + rank : at, 0, rank); };
  int64_t start = clip(b.integer("start", 0)), end = clip(b.integer("end", rank));
  shape = shape.slice(start, std::max<int64_t>(end - start, 0));
  return b.yield(b.constant(folding::fromIntegers(Kind::I64, {static_cast<int64_t>(shape.size())}, shape)));
}

static LogicalResult buildSize(OpBinder &b) {
  Value input = b.input(0, "data");
  if (!input)
    return failure();
  int64_t size = cast<RankedTensorType>(input.getType()).getNumElements();
  return b.yield(b.constant(folding::fromIntegers(Kind::I64, {}, size)));
}

static LogicalResult buildGather(OpBinder &b) {
  Value data = b.input(0, "data");
  auto indices = b.constantInput(1, "indices");
  if (!data || !indices)
    return failure();
  Shape from = nn::shapeOf(data);
  auto axis = b.axis(b.integer("axis", 0), from.size());
  if (failed(axis))
    return failure();
  if (indices->kind == Kind::F32)
    return b.fail("operand indices must be integers");
  if (auto tensor = b.known(data))
    return b.yield(b.constant(folding::gather(*tensor, *indices, *axis)));
  // One index cuts a slice.
  if (indices->size() != 1)
    return b.fail("several indices into a value of the network are not supported; one index is");
  int64_t index = folding::integersOf(*indices)[0];
  if (index < -from[*axis] || index >= from[*axis])
    return b.fail("index " + llvm::Twine(index) + " is outside a dimension of " + llvm::Twine(from[*axis]));
  SmallVector<int64_t> starts(from.size(), 0), steps(from.size(), 1), counts(from), shape(from.take_front(*axis));
  starts[*axis] = index < 0 ? index + from[*axis] : index;
  counts[*axis] = 1;
  llvm::append_range(shape, indices->shape);
  llvm::append_range(shape, from.drop_front(*axis + 1));
  return b.yield(b.reshape(b.slice(data, starts, steps, counts), shape));
}

static LogicalResult buildExpand(OpBinder &b) {
  Value input = b.input(0, "input");
  auto wanted = b.integersInput(1, "shape");
  if (!input || !wanted)
    return failure();
  auto shape = folding::broadcast(nn::shapeOf(input), *wanted);
  if (!shape || llvm::any_of(*shape, [](int64_t d) { return d < 0; }))
    return b.fail("cannot broadcast " + textOf(nn::shapeOf(input)) + " and " + textOf(*wanted));
  return b.yield(b.expand(input, *shape));
}

/// ONNX's numbers for element types (TensorProto.DataType).
static std::optional<Kind> kindOfOnnx(int64_t type) {
  switch (type) {
  case 1:  // FLOAT
  case 10: // FLOAT16
  case 11: // DOUBLE
  case 16: // BFLOAT16
    return Kind::F32;
  case 2:
    return Kind::U8;
  case 3:
    return Kind::I8;
  case 4:
    return Kind::U16;
  case 5:
    return Kind::I16;
  case 6:
    return Kind::I32;
  case 7:
    return Kind::I64;
  case 9:
    return Kind::Bool;
  }
  return std::nullopt;
}

static LogicalResult buildCast(OpBinder &b) {
  Value input = b.input(0, "input");
  if (!input)
    return failure();
  b.ignore({"saturate", "round_mode"}); // of 8-bit floats
  int64_t to = b.integer("to", 0);
  auto kind = kindOfOnnx(to);
  if (!kind)
    return b.unsupported("to", llvm::Twine(to), "float, double, float16, bfloat16, bool, and (u)int8, (u)int16, int32, int64");
  if (nn::isF32(input) && *kind == Kind::F32)
    return b.yield(input);
  auto tensor = b.known(input);
  if (!tensor)
    return b.fail("a value of the network can be cast from float to float only");
  return b.yield(b.constant(folding::cast(*tensor, *kind)));
}

//===----------------------------------------------------------------------===//
// On constants only
//===----------------------------------------------------------------------===//

static LogicalResult buildEqual(OpBinder &b) {
  auto lhs = b.constantInput(0, "A"), rhs = b.constantInput(1, "B");
  if (!lhs || !rhs)
    return failure();
  if (lhs->kind != rhs->kind)
    return b.fail("its operands have different element types");
  return b.yield(b.constant(folding::equal(*lhs, *rhs)));
}

static LogicalResult buildWhere(OpBinder &b) {
  auto condition = b.constantInput(0, "condition"), lhs = b.constantInput(1, "X"), rhs = b.constantInput(2, "Y");
  if (!condition || !lhs || !rhs)
    return failure();
  if (condition->kind != Kind::Bool || lhs->kind != rhs->kind)
    return b.fail("it needs a condition of booleans and two operands of one element type");
  return b.yield(b.constant(folding::where(*condition, *lhs, *rhs)));
}

static LogicalResult buildRange(OpBinder &b) {
  auto start = b.constantInput(0, "start"), limit = b.constantInput(1, "limit"), delta = b.constantInput(2, "delta");
  if (!start || !limit || !delta)
    return failure();
  if (start->size() != 1 || limit->size() != 1 || delta->size() != 1 || start->kind != limit->kind || start->kind != delta->kind)
    return b.fail("its operands must be scalars of one element type");
  return b.yield(b.constant(folding::range(*start, *limit, *delta)));
}

void quantization::registerShapeArithmetic(OpRegistry &registry) {
  registry.onOp("Constant", 1, buildConstant);
  registry.onOp("ConstantOfShape", 9, buildConstantOfShape);
  registry.onOp("Shape", 1, buildShape);
  registry.onOp("Size", 1, buildSize);
  registry.onOp("Gather", 1, buildGather);
  registry.onOp("Expand", 8, buildExpand);
  registry.onOp("Cast", 6, buildCast);
  registry.onOp("Equal", 7, buildEqual);
  registry.onOp("Where", 9, buildWhere);
  registry.onOp("Range", 11, buildRange);
}

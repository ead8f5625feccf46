//===- NNOps.cpp - verifiers of the layers ----------------------*- C++ -*-===//
//
// This file checks that the shapes and element types of every layer agree.
//
//===----------------------------------------------------------------------===//

#include "quantization/Dialect/NN/NN.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/OpImplementation.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Format/QuantTypes.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace quantization;
using namespace quantization::nn;

#define GET_OP_CLASSES
#include "quantization/Dialect/NN/NNOps.cpp.inc"

//===----------------------------------------------------------------------===//
// Shared checks
//===----------------------------------------------------------------------===//

static std::string text(ArrayRef<int64_t> shape) {
  std::string s = "[";
  for (auto [i, d] : llvm::enumerate(shape))
    s += (i ? ", " : "") + std::to_string(d);
  return s + "]";
}

static InFlightDiagnostic fail(Operation *op) { return op->emitOpError() << "(layer \"" << layerOf(op) << "\") "; }

static LogicalResult expectShape(Operation *op, Value value, ArrayRef<int64_t> expected) {
  if (shapeOf(value) == expected)
    return success();
  return fail(op) << "expected result shape " << text(expected) << " but found " << text(shapeOf(value));
}

static LogicalResult expectSameElements(Operation *op, Value a, Value b) {
  if (elementTypeOf(a) == elementTypeOf(b))
    return success();
  return fail(op) << "expected one element type but found " << elementTypeOf(a) << " and " << elementTypeOf(b);
}

/// f32 stays f32; quantized operands give an i32 or i64 accumulator.
static LogicalResult expectContraction(Operation *op, Value input, Value weights, Value result) {
  bool integral = quantizedElement(input) != nullptr;
  if (integral != (quantizedElement(weights) != nullptr))
    return fail(op) << "expected input and weights both quantized or both f32 but found " << elementTypeOf(input) << " and "
                    << elementTypeOf(weights);
  Type element = elementTypeOf(result);
  if (integral ? !element.isSignlessInteger(32) && !element.isSignlessInteger(64) : !element.isF32())
    return fail(op) << "expected " << (integral ? "an i32 or i64 accumulator" : "an f32 result") << " but found " << element;
  return success();
}

static LogicalResult expectBroadcast(Operation *op, Value lhs, Value rhs, Value result) {
  SmallVector<int64_t> shape;
  ArrayRef<int64_t> a = shapeOf(lhs), b = shapeOf(rhs);
  size_t rank = std::max(a.size(), b.size());
  for (size_t i = 0; i < rank; ++i) {
    int64_t da = i + a.size() >= rank ? a[i + a.size() - rank] : 1;
    int64_t db = i + b.size() >= rank ? b[i + b.size() - rank] : 1;
    if (da != db && da != 1 && db != 1)
      return fail(op) << "cannot broadcast " << text(a) << " and " << text(b);
    shape.push_back(da == 1 ? db : da);
  }
  return expectShape(op, result, shape);
}

static LogicalResult expectWindows(Operation *op, Value input, Value result, ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
                                   ArrayRef<int64_t> pads, ArrayRef<int64_t> dilations) {
  size_t rank = shapeOf(input).size();
  if (rank < 3 || shapeOf(result).size() != rank)
    return fail(op) << "expected input and result of one rank, at least 3";
  size_t spatial = rank - 2;
  if (kernel.size() != spatial || strides.size() != spatial || dilations.size() != spatial || pads.size() != 2 * spatial)
    return fail(op) << "expected kernel, strides and dilations of " << spatial << " entries and pads of " << 2 * spatial;
  for (size_t i = 0; i < spatial; ++i) {
    if (kernel[i] < 1 || strides[i] < 1 || dilations[i] < 1 || pads[i] < 0 || pads[spatial + i] < 0)
      return fail(op) << "expected positive kernel, strides and dilations and non-negative pads";
    int64_t size = shapeOf(input)[2 + i], found = shapeOf(result)[2 + i];
    int64_t floor = windowCount(size, kernel[i], strides[i], pads[i], pads[spatial + i], dilations[i], false);
    int64_t ceil = windowCount(size, kernel[i], strides[i], pads[i], pads[spatial + i], dilations[i], true);
    if (found != floor && found != ceil)
      return fail(op) << "expected " << floor << " windows along spatial dimension " << i << " but found " << found;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

LogicalResult ConstantOp::verify() {
  auto type = cast<RankedTensorType>(getResult().getType());
  if (type.getShape() != getValue().getShapedType().getShape())
    return fail(*this) << "expected a value of shape " << text(type.getShape());
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(getValue())) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    size_t expected = type.getNumElements() * byteWidth(resource.getElementType());
    if (!blob || blob->getData().size() < expected)
      return fail(*this) << "expected " << expected << " bytes of values but the resource \"" << resource.getRawHandle().getKey()
                         << "\" has " << (blob ? blob->getData().size() : 0)
                         << "; print the IR without eliding its resources";
  } else if (!isa<DenseElementsAttr>(getValue())) {
    return fail(*this) << "expected dense or dense_resource values";
  }
  Type stored = getValue().getElementType();
  if (auto quantized = quantizedElement(type)) {
    if (stored != storageOf(quantized))
      return fail(*this) << "expected stored values of type " << storageOf(quantized) << " but found " << stored;
    return success();
  }
  if (stored != type.getElementType())
    return fail(*this) << "expected values of type " << type.getElementType() << " but found " << stored;
  return success();
}

LogicalResult ConvOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput()), weights = shapeOf(getWeights()), result = shapeOf(getResult());
  if (input.size() < 3 || weights.size() != input.size() || result.size() != input.size())
    return fail(*this) << "expected input, weights and result of one rank, at least 3";
  if (getGroups() < 1 || weights[0] % getGroups() || input[1] != weights[1] * static_cast<int64_t>(getGroups()))
    return fail(*this) << "expected " << input[1] << " input channels = groups * weights' second dimension, and groups to divide "
                       << weights[0] << " output channels, but found groups " << getGroups() << " and weights " << text(weights);
  if (result[0] != input[0] || result[1] != weights[0])
    return fail(*this) << "expected batch " << input[0] << " and " << weights[0] << " channels but found " << text(result);
  if (getBias() && shapeOf(getBias()) != ArrayRef<int64_t>{weights[0]})
    return fail(*this) << "expected a bias of shape [" << weights[0] << "] but found " << text(shapeOf(getBias()));
  if (failed(expectContraction(*this, getInput(), getWeights(), getResult())))
    return failure();
  return expectWindows(*this, getInput(), getResult(), weights.drop_front(2), getStrides(), getPads(), getDilations());
}

LogicalResult MatmulOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput()), weights = shapeOf(getWeights());
  if (input.empty() || weights.size() < 2 || (weights.size() != 2 && weights.size() != input.size()))
    return fail(*this) << "expected weights of rank 2 or of the input's rank but found " << text(weights);
  if (input.back() != weights[weights.size() - 2])
    return fail(*this) << "cannot multiply " << text(input) << " by " << text(weights);
  if (weights.size() > 2 && input.drop_back(2) != weights.drop_back(2))
    return fail(*this) << "expected equal batch dimensions but found " << text(input) << " and " << text(weights);
  SmallVector<int64_t> expected(input.drop_back());
  expected.push_back(weights.back());
  if (getBias() && shapeOf(getBias()) != ArrayRef<int64_t>{weights.back()})
    return fail(*this) << "expected a bias of shape [" << weights.back() << "] but found " << text(shapeOf(getBias()));
  if (failed(expectContraction(*this, getInput(), getWeights(), getResult())))
    return failure();
  return expectShape(*this, getResult(), expected);
}

LogicalResult AddOp::verify() {
  if (failed(expectSameElements(*this, getLhs(), getResult())) || failed(expectSameElements(*this, getRhs(), getResult())))
    return failure();
  return expectBroadcast(*this, getLhs(), getRhs(), getResult());
}
LogicalResult SubOp::verify() {
  if (failed(expectSameElements(*this, getLhs(), getResult())) || failed(expectSameElements(*this, getRhs(), getResult())))
    return failure();
  return expectBroadcast(*this, getLhs(), getRhs(), getResult());
}
LogicalResult MulOp::verify() {
  if (failed(expectContraction(*this, getLhs(), getRhs(), getResult())))
    return failure();
  return expectBroadcast(*this, getLhs(), getRhs(), getResult());
}
LogicalResult DivOp::verify() {
  if (!isF32(getLhs()) || !isF32(getRhs()) || !isF32(getResult()))
    return fail(*this) << "is float only";
  return expectBroadcast(*this, getLhs(), getRhs(), getResult());
}

/// One operand and result of one shape and element type.
static LogicalResult expectUnary(Operation *op) {
  if (failed(expectSameElements(op, op->getOperand(0), op->getResult(0))))
    return failure();
  return expectShape(op, op->getResult(0), shapeOf(op->getOperand(0)));
}
static LogicalResult expectFloatUnary(Operation *op) {
  if (!isF32(op->getOperand(0)))
    return fail(op) << "is float only but found " << elementTypeOf(op->getOperand(0));
  return expectUnary(op);
}
static LogicalResult expectAxis(Operation *op, int64_t axis, Value value) {
  if (axis < 0 || axis >= static_cast<int64_t>(shapeOf(value).size()))
    return fail(op) << "axis " << axis << " is outside a tensor of rank " << shapeOf(value).size();
  return success();
}

LogicalResult ClampOp::verify() {
  if (!(getMin().convertToFloat() <= getMax().convertToFloat()))
    return fail(*this) << "expected min <= max";
  return expectFloatUnary(*this);
}
LogicalResult FunctionOp::verify() { return expectFloatUnary(*this); }
LogicalResult LrnOp::verify() {
  if (failed(expectAxis(*this, 1, getInput())))
    return failure();
  if (static_cast<int64_t>(getSize()) < 1)
    return fail(*this) << "expected a positive size but found " << static_cast<int64_t>(getSize());
  return expectFloatUnary(*this);
}
LogicalResult SoftmaxOp::verify() {
  if (failed(expectAxis(*this, getAxis(), getInput())))
    return failure();
  return expectFloatUnary(*this);
}
LogicalResult LayerNormOp::verify() {
  if (failed(expectAxis(*this, getAxis(), getInput())))
    return failure();
  ArrayRef<int64_t> part = shapeOf(getInput()).drop_front(getAxis());
  for (Value v : {getScale(), getBias()}) {
    if (v && shapeOf(v) != part)
      return fail(*this) << "expected parameters of shape " << text(part) << " but found " << text(shapeOf(v));
    if (v && !isF32(v))
      return fail(*this) << "expected f32 parameters but found " << elementTypeOf(v);
  }
  return expectFloatUnary(*this);
}
LogicalResult BatchNormOp::verify() {
  if (failed(expectAxis(*this, 1, getInput())))
    return failure();
  for (Value v : {getScale(), getBias(), getMean(), getVariance()})
    if (shapeOf(v) != ArrayRef<int64_t>{shapeOf(getInput())[1]})
      return fail(*this) << "expected parameters of shape [" << shapeOf(getInput())[1] << "] but found " << text(shapeOf(v));
  return expectFloatUnary(*this);
}
LogicalResult ObserveOp::verify() { return expectFloatUnary(*this); }

template <typename Op> static LogicalResult expectPool(Op op) {
  Value input = op.getInput(), result = op.getResult();
  if (failed(expectWindows(op, input, result, op.getKernel(), op.getStrides(), op.getPads(), op.getDilations())))
    return failure();
  if (shapeOf(result).take_front(2) != shapeOf(input).take_front(2))
    return fail(op) << "expected batch " << shapeOf(input)[0] << " and " << shapeOf(input)[1] << " channels but found "
                    << text(shapeOf(result));
  return success();
}

LogicalResult MaxPoolOp::verify() {
  if (failed(expectSameElements(*this, getInput(), getResult())))
    return failure();
  return expectPool(*this);
}
LogicalResult AveragePoolOp::verify() {
  bool integral = quantizedElement(getInput()) != nullptr;
  Type element = elementTypeOf(getResult());
  if (integral ? !element.isSignlessInteger(32) : !element.isF32())
    return fail(*this) << "expected " << (integral ? "an i32 accumulator" : "f32") << " but found " << element;
  return expectPool(*this);
}

LogicalResult ConcatOp::verify() {
  if (getInputs().empty())
    return fail(*this) << "expected at least one input";
  if (failed(expectAxis(*this, getAxis(), getResult())))
    return failure();
  SmallVector<int64_t> expected(shapeOf(getInputs().front()));
  if (static_cast<int64_t>(expected.size()) <= static_cast<int64_t>(getAxis()))
    return fail(*this) << "axis " << getAxis() << " is outside its inputs";
  expected[getAxis()] = 0;
  for (Value v : getInputs()) {
    if (failed(expectSameElements(*this, v, getResult())))
      return failure();
    SmallVector<int64_t> other(shapeOf(v));
    if (other.size() != expected.size())
      return fail(*this) << "expected inputs of one rank";
    expected[getAxis()] += std::exchange(other[getAxis()], expected[getAxis()]);
    other[getAxis()] = expected[getAxis()];
    if (other != expected)
      return fail(*this) << "expected inputs that differ along axis " << getAxis() << " only but found " << text(shapeOf(v));
  }
  return expectShape(*this, getResult(), expected);
}

LogicalResult ReshapeOp::verify() {
  auto from = cast<RankedTensorType>(getInput().getType()), to = cast<RankedTensorType>(getResult().getType());
  if (from.getNumElements() != to.getNumElements())
    return fail(*this) << "cannot reshape " << text(from.getShape()) << " to " << text(to.getShape());
  return expectSameElements(*this, getInput(), getResult());
}

LogicalResult TransposeOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput());
  if (!isPermutationVector(getPermutation()) || getPermutation().size() != input.size())
    return fail(*this) << "expected a permutation of " << input.size() << " dimensions but found " << text(getPermutation());
  SmallVector<int64_t> expected;
  for (int64_t d : getPermutation())
    expected.push_back(input[d]);
  if (failed(expectSameElements(*this, getInput(), getResult())))
    return failure();
  return expectShape(*this, getResult(), expected);
}

LogicalResult SliceOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput()), result = shapeOf(getResult());
  if (getStarts().size() != input.size() || getSteps().size() != input.size() || result.size() != input.size())
    return fail(*this) << "expected starts and steps for " << input.size() << " dimensions";
  for (size_t i = 0; i < input.size(); ++i) {
    int64_t last = getStarts()[i] + (result[i] - 1) * getSteps()[i];
    if (getSteps()[i] == 0 || getStarts()[i] < 0 || (result[i] > 0 && (last < 0 || last >= input[i] || getStarts()[i] >= input[i])))
      return fail(*this) << "dimension " << i << " reads outside " << text(input);
  }
  return expectSameElements(*this, getInput(), getResult());
}

LogicalResult PadOp::verify() {
  ArrayRef<int64_t> input = shapeOf(getInput());
  if (getLow().size() != input.size() || getHigh().size() != input.size())
    return fail(*this) << "expected low and high for " << input.size() << " dimensions";
  SmallVector<int64_t> expected;
  for (size_t i = 0; i < input.size(); ++i) {
    if (getLow()[i] < 0 || getHigh()[i] < 0)
      return fail(*this) << "expected non-negative padding";
    expected.push_back(input[i] + getLow()[i] + getHigh()[i]);
  }
  if (failed(expectSameElements(*this, getInput(), getResult())))
    return failure();
  return expectShape(*this, getResult(), expected);
}

LogicalResult QuantizeOp::verify() {
  if (!isF32(getInput()) || !quantizedElement(getResult()))
    return fail(*this) << "expected f32 to a quantized type";
  return expectShape(*this, getResult(), shapeOf(getInput()));
}
LogicalResult DequantizeOp::verify() {
  if (!isF32(getResult()) || !quantizedElement(getInput()))
    return fail(*this) << "expected a quantized type to f32";
  return expectShape(*this, getResult(), shapeOf(getInput()));
}

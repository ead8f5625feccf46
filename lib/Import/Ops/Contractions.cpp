//===- Contractions.cpp - Conv, Gemm, MatMul --------------------*- C++ -*-===//
//
// This file defines the ONNX operators that multiply by weights.
//
//===----------------------------------------------------------------------===//

#include "Contractions.h"
#include "Windows.h"

using namespace mlir;
using namespace quantization;
using folding::Arithmetic;

LogicalResult quantization::convolve(OpBinder &b, Value input, Value weights, Value bias) {
  if (!input || !weights)
    return failure();
  Shape shape = nn::shapeOf(input), kernel = nn::shapeOf(weights);
  if (kernel.size() != shape.size() || kernel.size() < 3)
    return b.fail("weights of shape " + textOf(kernel) + " do not go with an input of shape " + textOf(shape));
  auto windows = readWindows(b, shape, kernel.drop_front(2), /*ceil=*/false);
  if (failed(windows))
    return failure();
  int64_t groups = b.integer("group", 1);
  if (groups < 1)
    return b.fail("group = " + llvm::Twine(groups) + " must be positive");
  SmallVector<int64_t> result = {shape[0], kernel[0]};
  llvm::append_range(result, windows->counts);
  return b.yield(b.layer<nn::ConvOp>(result, input, weights, bias, windows->strides, windows->pads, windows->dilations, groups));
}

static LogicalResult buildConv(OpBinder &b) {
  Value input = b.input(0, "X"), weights = b.input(1, "W");
  return convolve(b, input, weights, b.optionalInput(2));
}

//===----------------------------------------------------------------------===//
// Gemm
//===----------------------------------------------------------------------===//

/// `factor` * value: in the constant, else by a layer.
static Value scaled(OpBinder &b, Value value, float factor) {
  if (!value || factor == 1)
    return value;
  folding::Tensor scalar = folding::fromFloats({}, factor);
  auto tensor = b.known(value);
  if (!tensor || tensor->kind != folding::Kind::F32)
    return b.helper<nn::MulOp>(nn::shapeOf(value), value, b.constant(scalar));
  return b.constant(llvm::cantFail(folding::compute(Arithmetic::Mul, *tensor, scalar)), value);
}

/// Whether `shape` gives every row of a matrix of `columns` the same vector.
static bool isRowVector(Shape shape, int64_t columns) {
  return llvm::all_of(shape.drop_back(shape.empty() ? 0 : 1), [](int64_t d) { return d == 1; }) && shape.size() <= 2 &&
         (shape.empty() || shape.back() == 1 || shape.back() == columns);
}

static LogicalResult buildGemm(OpBinder &b) {
  Value a = b.input(0, "A"), weights = b.input(1, "B"), c = b.optionalInput(2);
  if (!a || !weights)
    return failure();
  if (nn::shapeOf(a).size() != 2 || nn::shapeOf(weights).size() != 2)
    return b.fail("operands A " + textOf(nn::shapeOf(a)) + " and B " + textOf(nn::shapeOf(weights)) + " must be matrices");
  if (b.integer("transA", 0))
    a = b.transposeMatrix(a);
  if (b.integer("transB", 0))
    weights = b.transposeMatrix(weights);
  float alpha = b.real("alpha", 1), beta = b.real("beta", 1);
  if (!a || !weights)
    return failure();
  bool early = b.known(weights).has_value();
  if (early)
    weights = scaled(b, weights, alpha);
  if (!weights)
    return failure();
  int64_t columns = nn::shapeOf(weights)[1];
  SmallVector<int64_t> shape = {nn::shapeOf(a)[0], columns};
  if (c && beta == 0)
    c = {};

  // A constant row becomes the bias, unless alpha would scale it as well.
  Value bias;
  if (c && b.known(c) && isRowVector(nn::shapeOf(c), columns) && (early || alpha == 1)) {
    Value row = b.reshape(c, nn::shapeOf(c).take_back(1));
    bias = scaled(b, b.expand(row, columns), beta);
    if (!bias)
      return failure();
    c = {};
  }
  Value result = b.layer<nn::MatmulOp>(shape, a, weights, bias);
  if (!early)
    result = scaled(b, result, alpha);
  if (!result || !c)
    return b.yield(result);
  auto common = folding::broadcast(shape, nn::shapeOf(c));
  if (!common || Shape(*common) != Shape(shape))
    return b.fail("operand C of shape " + textOf(nn::shapeOf(c)) + " does not broadcast to " + textOf(shape));
  Value addend = scaled(b, c, beta);
  return addend ? b.yield(b.helper<nn::AddOp>(shape, result, addend)) : failure();
}

//===----------------------------------------------------------------------===//
// MatMul
//===----------------------------------------------------------------------===//

LogicalResult quantization::multiplyMatrices(OpBinder &b, Value a, Value weights) {
  if (!a || !weights)
    return failure();
  Shape left = nn::shapeOf(a), right = nn::shapeOf(weights);
  if (left.empty() || right.empty())
    return b.fail("its operands must not be scalars");

  // As matrices: a vector on the left is a row, one on the right a column. ONNX drops that dimension from the result.
  SmallVector<int64_t> leftMatrix(left), rightMatrix(right);
  if (left.size() == 1)
    leftMatrix.insert(leftMatrix.begin(), 1);
  if (right.size() == 1)
    rightMatrix.push_back(1);
  Shape leftBatch = Shape(leftMatrix).drop_back(2), rightBatch = Shape(rightMatrix).drop_back(2);
  auto common = folding::broadcast(leftBatch, rightBatch);
  int64_t rows = leftMatrix[leftMatrix.size() - 2], depth = leftMatrix.back(), columns = rightMatrix.back();
  if (!common || depth != rightMatrix[rightMatrix.size() - 2])
    return b.fail("cannot multiply " + textOf(left) + " by " + textOf(right));
  Shape batch(*common);
  SmallVector<int64_t> result(batch);
  if (left.size() > 1)
    result.push_back(rows);
  if (right.size() > 1)
    result.push_back(columns);
  SmallVector<int64_t> product(batch);
  product.append({rows, columns});
  a = b.reshape(a, leftMatrix);
  weights = b.reshape(weights, rightMatrix);
  if (!a || !weights)
    return failure();

  auto isOne = [](int64_t d) { return d == 1; };
  if (b.known(a) && !b.known(weights) && llvm::all_of(leftBatch, isOne)) {
    // A constant on the left holds the weights: A B = (Bt At)t.
    a = b.transposeMatrix(b.reshape(a, {rows, depth}));
    SmallVector<int64_t> padded(batch.size() - rightBatch.size(), 1);
    llvm::append_range(padded, rightMatrix);
    Value turned = b.transposeMatrix(b.reshape(weights, padded));
    SmallVector<int64_t> swapped(batch);
    swapped.append({columns, rows});
    if (!a || !turned)
      return failure();
    return b.yield(b.reshape(b.transposeMatrix(b.layer<nn::MatmulOp>(swapped, turned, a, Value())), result));
  }
  if (llvm::all_of(rightBatch, isOne)) {
    weights = b.reshape(weights, {depth, columns});
    SmallVector<int64_t> padded(batch.size() - leftBatch.size(), 1);
    llvm::append_range(padded, leftMatrix);
    a = b.reshape(a, padded);
  } else {
    SmallVector<int64_t> wanted(batch);
    wanted.append({rows, depth});
    a = b.expand(a, wanted);
    wanted.assign(batch.begin(), batch.end());
    wanted.append({depth, columns});
    weights = b.expand(weights, wanted);
  }
  if (!a || !weights)
    return failure();
  return b.yield(b.reshape(b.layer<nn::MatmulOp>(product, a, weights, Value()), result));
}

static LogicalResult buildMatMul(OpBinder &b) {
  Value a = b.input(0, "A");
  return multiplyMatrices(b, a, b.input(1, "B"));
}

void quantization::registerContractions(OpRegistry &registry) {
  registry.onOp("Conv", 1, buildConv);
  registry.onOp("Gemm", 7, buildGemm);
  registry.onOp("MatMul", 1, buildMatMul);
}

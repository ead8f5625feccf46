//===- Normalizations.cpp - BatchNormalization, LRN, Softmax ----*- C++ -*-===//
//
// This file defines the ONNX operators that relate values to their neighbours.
//
//===----------------------------------------------------------------------===//

#include "../OpBinder.h"

using namespace mlir;
using namespace quantization;

static LogicalResult buildBatchNormalization(OpBinder &b) {
  Value input = b.input(0, "X"), scale = b.input(1, "scale"), bias = b.input(2, "B"), mean = b.input(3, "mean"),
        variance = b.input(4, "var");
  if (!input || !scale || !bias || !mean || !variance)
    return failure();
  if (int64_t training = b.integer("training_mode", 0))
    return b.unsupported("training_mode", llvm::Twine(training), "0");
  if (int64_t spatial = b.integer("spatial", 1); spatial != 1)
    return b.unsupported("spatial", llvm::Twine(spatial), "1");
  b.ignore({"momentum"});
  APFloat epsilon(b.real("epsilon", 1e-5f));
  return b.yield(b.layer<nn::BatchNormOp>(nn::shapeOf(input), input, scale, bias, mean, variance, epsilon));
}

static LogicalResult buildLrn(OpBinder &b) {
  Value input = b.input(0, "X");
  int64_t size = b.integer("size", 0);
  if (!input)
    return failure();
  if (size < 1)
    return b.fail("attribute size = " + llvm::Twine(size) + " must be positive");
  APFloat alpha(b.real("alpha", 1e-4f)), beta(b.real("beta", 0.75f)), bias(b.real("bias", 1.0f));
  return b.yield(b.layer<nn::LrnOp>(nn::shapeOf(input), input, size, alpha, beta, bias));
}

static LogicalResult buildSoftmax(OpBinder &b) {
  Value input = b.input(0, "input");
  if (!input)
    return failure();
  auto axis = b.axis(b.integer("axis", -1), nn::shapeOf(input).size());
  return failed(axis) ? failure() : b.yield(b.layer<nn::SoftmaxOp>(nn::shapeOf(input), input, *axis));
}

/// Before opset 13 the input is a matrix: the dimensions before `axis` by those from `axis` on.
static LogicalResult buildFlatSoftmax(OpBinder &b) {
  Value input = b.input(0, "input");
  if (!input)
    return failure();
  Shape shape = nn::shapeOf(input);
  auto axis = b.axis(b.integer("axis", 1), shape.size(), /*end=*/true);
  if (failed(axis))
    return failure();
  SmallVector<int64_t> matrix = {1, 1}, wide;
  for (auto [d, size] : llvm::enumerate(shape)) {
    matrix[static_cast<int64_t>(d) >= *axis] *= size;
    if (static_cast<int64_t>(d) >= *axis && size != 1)
      wide.push_back(d);
  }
  if (wide.size() == 1) // one axis does it
    return b.yield(b.layer<nn::SoftmaxOp>(shape, input, wide[0]));
  Value flat = b.reshape(input, matrix);
  return flat ? b.yield(b.reshape(b.layer<nn::SoftmaxOp>(matrix, flat, 1), shape)) : failure();
}

void quantization::registerNormalizations(OpRegistry &registry) {
  registry.onOp("BatchNormalization", 7, buildBatchNormalization);
  registry.onOp("LRN", 1, buildLrn);
  registry.onOp("Softmax", 1, buildFlatSoftmax);
  registry.onOp("Softmax", 13, buildSoftmax);
}

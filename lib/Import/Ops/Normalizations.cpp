//===- Normalizations.cpp - BatchNormalization, Softmax and others *- C++ -*-===//
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

static LogicalResult buildLayerNormalization(OpBinder &b) {
  Value input = b.input(0, "X"), scale = b.input(1, "Scale"), bias = b.optionalInput(2);
  if (!input || !scale)
    return failure();
  Shape shape = nn::shapeOf(input);
  auto axis = b.axis(b.integer("axis", -1), shape.size());
  APFloat epsilon(b.real("epsilon", 1e-5f));
  if (failed(axis))
    return failure();
  if (int64_t type = b.integer("stash_type", 1); type != 1)
    return b.unsupported("stash_type", llvm::Twine(type), "1");
  for (auto [result, name] : {std::pair(1, "Mean"), {2, "InvStdDev"}})
    if (b.isUsed(result))
      return b.fail("its output " + llvm::Twine(name) + " is used, which is not supported");

  Shape part = shape.drop_front(*axis);
  auto parameter = [&](Value value, llvm::StringRef name) -> Value {
    Shape own = nn::shapeOf(value);
    while (own.size() > part.size() && own.front() == 1)
      own = own.drop_front();
    auto common = folding::broadcast(own, part);
    if (common && Shape(*common) == part)
      return b.expand(b.reshape(value, own), part);
    (void)b.fail("operand " + name + " of shape " + textOf(nn::shapeOf(value)) + " does not broadcast to the normalized " +
                 textOf(part));
    return {};
  };
  scale = parameter(scale, "Scale");
  if (bias && !(bias = parameter(bias, "B")))
    return failure();
  return scale ? b.yield(b.layer<nn::LayerNormOp>(shape, input, scale, bias, *axis, epsilon)) : failure();
}

void quantization::registerNormalizations(OpRegistry &registry) {
  registry.onOp("BatchNormalization", 7, buildBatchNormalization);
  registry.onOp("LRN", 1, buildLrn);
  registry.onOp("LayerNormalization", 17, buildLayerNormalization);
  registry.onOp("Softmax", 1, buildFlatSoftmax);
  registry.onOp("Softmax", 13, buildSoftmax);
}

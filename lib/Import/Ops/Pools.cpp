//===- Pools.cpp - maxima and means over windows ----------------*- C++ -*-===//
//
// This file defines the ONNX pooling operators and ReduceMean.
//
//===----------------------------------------------------------------------===//

#include "Windows.h"

using namespace mlir;
using namespace quantization;

static SmallVector<int64_t> pooledShape(Shape input, const Windows &windows) {
  SmallVector<int64_t> shape(input.take_front(2));
  llvm::append_range(shape, windows.counts);
  return shape;
}

static LogicalResult buildMaxPool(OpBinder &b) {
  Value input = b.input(0, "X");
  if (!input)
    return failure();
  auto windows = readWindows(b, nn::shapeOf(input), {}, b.integer("ceil_mode", 0));
  if (failed(windows))
    return failure();
  if (b.isUsed(1))
    return b.fail("its output Indices is used, which is not supported");
  b.ignore({"storage_order"}); // of Indices
  return b.yield(b.layer<nn::MaxPoolOp>(pooledShape(nn::shapeOf(input), *windows), input, windows->kernel, windows->strides,
                                        windows->pads, windows->dilations));
}

static LogicalResult buildAveragePool(OpBinder &b) {
  Value input = b.input(0, "X");
  if (!input)
    return failure();
  auto windows = readWindows(b, nn::shapeOf(input), {}, b.integer("ceil_mode", 0));
  if (failed(windows))
    return failure();
  return b.yield(b.layer<nn::AveragePoolOp>(pooledShape(nn::shapeOf(input), *windows), input, windows->kernel, windows->strides,
                                            windows->pads, windows->dilations, b.integer("count_include_pad", 0) != 0));
}

/// One window that is as large as `kernel` says, from the start of each spatial dimension.
static Windows wholeWindows(Shape input, Shape kernel) {
  Windows w;
  w.kernel = kernel.vec();
  w.strides.assign(kernel.size(), 1);
  w.dilations = w.strides;
  w.pads.assign(2 * kernel.size(), 0);
  for (auto [size, extent] : llvm::zip(input.drop_front(2), kernel))
    w.counts.push_back(size - extent + 1);
  return w;
}

static Value averageOf(OpBinder &b, Value input, Shape kernel) {
  Windows w = wholeWindows(nn::shapeOf(input), kernel);
  return b.layer<nn::AveragePoolOp>(pooledShape(nn::shapeOf(input), w), input, w.kernel, w.strides, w.pads, w.dilations, false);
}

static LogicalResult buildGlobalPool(OpBinder &b, bool mean) {
  Value input = b.input(0, "X");
  if (!input)
    return failure();
  Shape shape = nn::shapeOf(input);
  if (shape.size() < 3)
    return b.fail("operand X of shape " + textOf(shape) + " has no spatial dimension");
  if (mean)
    return b.yield(averageOf(b, input, shape.drop_front(2)));
  Windows w = wholeWindows(shape, shape.drop_front(2));
  return b.yield(b.layer<nn::MaxPoolOp>(pooledShape(shape, w), input, w.kernel, w.strides, w.pads, w.dilations));
}

/// The mean over any axes is an average pool. Spatial axes are pooled where they are; others are first moved behind the rest.
static LogicalResult buildReduceMean(OpBinder &b, std::vector<int64_t> axes) {
  Value input = b.input(0, "data");
  bool keep = b.integer("keepdims", 1) != 0, nothing = b.integer("noop_with_empty_axes", 0) != 0;
  if (!input || (axes.empty() && nothing))
    return b.yield(input);
  SmallVector<int64_t> shape(nn::shapeOf(input));
  SmallVector<bool> reduced(shape.size(), axes.empty());
  for (int64_t axis : axes) {
    auto position = b.axis(axis, shape.size());
    if (failed(position))
      return failure();
    reduced[*position] = true;
  }
  SmallVector<int64_t> result, kernel, permutation, kept, last;
  int64_t outer = 1, inner = 1;
  for (auto [d, size] : llvm::enumerate(shape)) {
    if (!reduced[d] || keep)
      result.push_back(reduced[d] ? 1 : size);
    (reduced[d] ? last : kept).push_back(d);
    (reduced[d] ? inner : outer) *= size;
    kernel.push_back(reduced[d] ? size : 1);
  }
  if (shape.size() >= 3 && shape.size() <= 5 && !reduced[0] && !reduced[1])
    return b.yield(b.reshape(averageOf(b, input, Shape(kernel).drop_front(2)), result));
  permutation = kept;
  llvm::append_range(permutation, last);
  Value moved = b.reshape(b.transpose(input, permutation), {1, outer, inner});
  return moved ? b.yield(b.reshape(averageOf(b, moved, {inner}), result)) : failure();
}

void quantization::registerPools(OpRegistry &registry) {
  registry.onOp("MaxPool", 1, buildMaxPool);
  registry.onOp("AveragePool", 7, buildAveragePool);
  registry.onOp("GlobalAveragePool", 1, [](OpBinder &b) { return buildGlobalPool(b, /*mean=*/true); });
  registry.onOp("GlobalMaxPool", 1, [](OpBinder &b) { return buildGlobalPool(b, /*mean=*/false); });
  registry.onOp("ReduceMean", 1, [](OpBinder &b) { return buildReduceMean(b, b.integers("axes")); });
  registry.onOp("ReduceMean", 18, [](OpBinder &b) -> LogicalResult {
    std::optional<std::vector<int64_t>> axes = std::vector<int64_t>();
    if (b.optionalInput(1))
      axes = b.integersInput(1, "axes");
    return axes ? buildReduceMean(b, *axes) : failure();
  });
}

//===- Windows.cpp - attributes of sliding windows --------------*- C++ -*-===//
//
// This file reads kernels, strides, pads and dilations, and resolves `auto_pad`.
//
//===----------------------------------------------------------------------===//

#include "Windows.h"

using namespace mlir;
using namespace quantization;

FailureOr<Windows> quantization::readWindows(OpBinder &b, Shape input, Shape kernel, bool ceil) {
  if (input.size() < 3 || input.size() > 5)
    return b.fail("operand X of shape " + textOf(input) + " must have one to three spatial dimensions behind batch and channels");
  size_t spatial = input.size() - 2;
  Windows w;
  w.kernel = b.integers("kernel_shape");
  if (!kernel.empty()) {
    if (!w.kernel.empty() && Shape(w.kernel) != kernel)
      return b.fail("kernel_shape " + textOf(w.kernel) + " differs from that of the weights, " + textOf(kernel));
    w.kernel = kernel.vec();
  }
  w.strides = b.integers("strides");
  w.dilations = b.integers("dilations");
  w.pads = b.integers("pads");
  if (w.strides.empty())
    w.strides.assign(spatial, 1);
  if (w.dilations.empty())
    w.dilations.assign(spatial, 1);
  std::string automatic = b.string("auto_pad", "NOTSET");
  if (w.pads.empty() || automatic != "NOTSET")
    w.pads.assign(2 * spatial, 0);

  // Beyond 2^31 nothing fits; below, no product of two overflows.
  auto check = [&](const char *name, Shape values, size_t size, int64_t least) -> LogicalResult {
    if (values.size() != size)
      return b.fail(llvm::Twine(name) + " " + textOf(values) + " must have " + llvm::Twine(size) + " entries");
    for (int64_t value : values)
      if (value < least || value > INT32_MAX)
        return b.fail(llvm::Twine(name) + " " + textOf(values) + " must be at least " + llvm::Twine(least) + " and below 2^31");
    return success();
  };
  if (failed(check("kernel_shape", w.kernel, spatial, 1)) || failed(check("strides", w.strides, spatial, 1)) ||
      failed(check("dilations", w.dilations, spatial, 1)) || failed(check("pads", w.pads, 2 * spatial, 0)))
    return failure();

  if (automatic != "NOTSET" && automatic != "VALID" && automatic != "SAME_UPPER" && automatic != "SAME_LOWER")
    return b.unsupported("auto_pad", "\"" + automatic + "\"", "NOTSET, VALID, SAME_UPPER and SAME_LOWER");
  for (size_t d = 0; d < spatial; ++d) {
    int64_t size = input[2 + d], span = w.dilations[d] * (w.kernel[d] - 1) + 1;
    if (StringRef(automatic).starts_with("SAME")) {
      int64_t count = (size + w.strides[d] - 1) / w.strides[d];
      int64_t total = std::max<int64_t>((count - 1) * w.strides[d] + span - size, 0);
      int64_t less = total / 2, more = total - less;
      w.pads[d] = automatic == "SAME_UPPER" ? less : more;
      w.pads[spatial + d] = automatic == "SAME_UPPER" ? more : less;
    }
    w.counts.push_back(nn::windowCount(size, w.kernel[d], w.strides[d], w.pads[d], w.pads[spatial + d], w.dilations[d], ceil));
    if (w.counts.back() < 1)
      return b.fail("its window of " + llvm::Twine(span) + " does not fit into spatial dimension " + llvm::Twine(d) +
                    ", which has " + llvm::Twine(size + w.pads[d] + w.pads[spatial + d]) + " with padding");
  }
  return w;
}

//===- Windows.h - attributes of sliding windows ----------------*- C++ -*-===//
//
// This file declares the reading of kernels, strides, pads and dilations, which convolutions and pools share.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_IMPORT_OPS_WINDOWS_H
#define QUANTIZATION_LIB_IMPORT_OPS_WINDOWS_H

#include "../OpBinder.h"

namespace quantization {

struct Windows {
  std::vector<int64_t> kernel, strides, dilations;
  /// All begins, then all ends; `auto_pad` is resolved.
  std::vector<int64_t> pads;
  /// Windows along each spatial dimension.
  std::vector<int64_t> counts;
};

/// The windows over `input` [N, C, spatial...]. `kernel` is that of the weights; a pool, which has none, gives {} and reads
/// `kernel_shape`.
llvm::FailureOr<Windows> readWindows(OpBinder &b, Shape input, Shape kernel, bool ceil);

} // namespace quantization

#endif // QUANTIZATION_LIB_IMPORT_OPS_WINDOWS_H

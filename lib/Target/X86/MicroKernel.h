//===- MicroKernel.h - tiles of accumulators in registers -------*- C++ -*-===//
//
// This file declares how a contraction on buffers is written out.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TARGET_X86_MICROKERNEL_H
#define QUANTIZATION_LIB_TARGET_X86_MICROKERNEL_H

#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Target/TargetModel.h"

namespace quantization {

/// Replaces `op`, which suits `kernel`, by loops; `emulated` spells the kernel's instruction out.
void expandMicroKernel(fixed::ContractOp op, const DotKernel &kernel, bool emulated);

/// Replaces `op`, for which whyNoAdditions is empty, by loops with work for as many threads.
void expandAdditions(fixed::ContractOp op, const DotKernel &kernel, bool emulated, int64_t threads);

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_X86_MICROKERNEL_H

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

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_X86_MICROKERNEL_H

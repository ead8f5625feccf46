//===- Dots.h - the multiplying instructions of x86-64 ----------*- C++ -*-===//
//
// This file declares how a step of a micro-kernel multiplies and adds.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TARGET_X86_DOTS_H
#define QUANTIZATION_LIB_TARGET_X86_DOTS_H

#include "mlir/IR/Builders.h"
#include "quantization/Target/TargetModel.h"

namespace quantization {

/// The `codes` values of a step from `at` on, again in every lane.
mlir::Value spreadCodes(mlir::OpBuilder &builder, mlir::Location loc, const DotKernel &kernel, mlir::Value buffer, mlir::ValueRange at);

/// A word of the input in every lane: which values are not 0, and which are negative (null where none can be); and how many are not 0.
struct Bits {
  mlir::Value notZero, negative, count;
};
Bits loadBits(mlir::OpBuilder &builder, mlir::Location loc, const DotKernel &kernel, mlir::Value buffer,
              llvm::SmallVector<mlir::Value> at);
/// counts + the bits of `input` times `weights` that are -1, byte by byte. A sum of products is the values that are not 0 less twice those.
mlir::Value countBits(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value counts, const Bits &input, mlir::Value weights);

/// Sums of products of a step: of 32 bits, or of fewer where the kernel adds several steps up in those.
mlir::VectorType sumsOfStep(mlir::OpBuilder &builder, const DotKernel &kernel);

/// accumulator + the sums of products of `input` and `weights`, by the kernel's instruction, or spelt out in plain ones. `accumulator` is
/// of the type sumsOfStep.
mlir::Value buildDot(mlir::OpBuilder &builder, mlir::Location loc, const DotKernel &kernel, bool emulated, mlir::Value accumulator,
                     mlir::Value input, mlir::Value weights);

/// accumulator + the two sums of 16 bits of every lane; or less twice its four counts of 8 bits.
mlir::Value addSums(mlir::OpBuilder &builder, mlir::Location loc, const DotKernel &kernel, bool emulated, mlir::Value accumulator,
                    mlir::Value sums);

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_X86_DOTS_H

//===- Narrow.h - results packed into bytes ---------------------*- C++ -*-===//
//
// This file declares how accumulators that end as bytes are packed four vectors at a time.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TARGET_X86_NARROW_H
#define QUANTIZATION_LIB_TARGET_X86_NARROW_H

#include "mlir/IR/Builders.h"
#include <optional>

namespace quantization {

/// An i32 that a body yields as a byte, and that fits: saturating at a byte's bounds leaves it alone.
struct Narrowing {
  mlir::Value wide;
  bool isSigned;
  /// Its own clamp is the saturation, and may be left to it.
  bool saturates;
};

/// What `body` yields, if it ends in a narrowing to bytes whose range is known.
std::optional<Narrowing> narrowingOf(mlir::Block &body);

/// Removes the clamp of the vector that was built for a narrowing that saturates.
void leaveClampToSaturation(mlir::Value vector);

/// The bytes of four vectors of 8 or 16 i32, one after the other, saturated.
mlir::Value packBytes(mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<mlir::Value> four, bool isSigned);

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_X86_NARROW_H

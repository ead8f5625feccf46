//===- Kernels.h - contractions that a micro-kernel takes -------*- C++ -*-===//
//
// This file declares the one view of convolutions and matrix products that choosing and building a micro-kernel share.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TILE_KERNELS_H
#define QUANTIZATION_LIB_TILE_KERNELS_H

#include "quantization/Dialect/NN/NN.h"
#include "quantization/Target/TargetModel.h"

namespace quantization::tile {

/// A convolution or matrix product; a matrix product has no kernel dimensions.
struct Contraction {
  mlir::Operation *op;
  mlir::Value input, weights, bias, result;
  llvm::SmallVector<int64_t> kernel, strides, pads, dilations;
  int64_t groups;
  int64_t inputs, outputs; ///< channels of a group

  /// A matrix product whose second operand is packed while the network runs: it is computed, or each batch has one of its own.
  bool packsAtRunTime() const;
  /// Columns of the kernel, widened by columns without weights until `codes` values of a row lie side by side; 1 without a kernel.
  int64_t columnsFor(int64_t codes) const;
  /// What the target has to know; null for what no micro-kernel computes, with the reason.
  std::optional<ContractionShape> shape(std::string &reason) const;
  /// Whether `lowering = "shift"` is possible; else `reason` says why not.
  bool canShift(std::string &reason) const;
};

/// `op` as one; empty for other layers.
std::optional<Contraction> contractionOf(mlir::Operation *op);

/// Lowerings that every target has: plain loops that multiply, and plain loops in which each weight is a shift and a sign.
constexpr llvm::StringLiteral kLoops = "loops", kShift = "shift";

/// Whether `lowering` names a micro-kernel.
inline bool isKernel(mlir::StringAttr lowering) { return lowering && lowering != kLoops && lowering != kShift; }

/// The kernel that the layer's `lowering` names; an error where the target lacks it or it cannot compute the layer. Null without one, and
/// for loops.
mlir::FailureOr<const DotKernel *> kernelOf(const Contraction &contraction, const TargetModel &target);

} // namespace quantization::tile

#endif // QUANTIZATION_LIB_TILE_KERNELS_H

//===- GatherValues.h - values as kernels for signs read them ---*- C++ -*-===//
//
// This file declares what happens to the input of a kernel that takes several values at once.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TILE_GATHERVALUES_H
#define QUANTIZATION_LIB_TILE_GATHERVALUES_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "quantization/Target/TargetModel.h"

namespace quantization::tile {

/// `input`, bytes whose last dimension is a multiple of kernel.valuesTogether(), as `kernel` reads it. `type` is its logical type, with
/// the channels in dimension `channel`, before and after that.
mlir::Value gatherValues(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value input, const DotKernel &kernel, mlir::RankedTensorType &type,
                         size_t channel);

/// `biases`, of 32 bits, one for each of `channels`, or null for zeros; plus the sum of `vector`, bytes without sign.
mlir::Value biasesWithSum(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value vector, mlir::Value biases, int64_t channels);

} // namespace quantization::tile

#endif // QUANTIZATION_LIB_TILE_GATHERVALUES_H

//===- Weights.h - weights as a micro-kernel reads them ---------*- C++ -*-===//
//
// This file declares how the weights of a step are loaded, and taken apart where several share a byte.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TARGET_X86_WEIGHTS_H
#define QUANTIZATION_LIB_TARGET_X86_WEIGHTS_H

#include "mlir/IR/Builders.h"
#include "quantization/Target/TargetModel.h"

namespace quantization {

/// Weights of more than that come from beyond the caches near a core.
constexpr int64_t kNearCacheBytes = 512 * 1024;

/// The first `vectors` vectors of a step whose weights, for all `ofBlock` vectors of the block, lie in the flat `buffer` from byte `place`
/// on; as elements of type `element`.
llvm::SmallVector<mlir::Value> loadWeights(mlir::OpBuilder &builder, mlir::Location loc, const DotKernel &kernel, mlir::Value buffer,
                                           mlir::Value place, int64_t vectors, int64_t ofBlock, mlir::Type element);

/// Asks for the weights of later steps. A matrix that one vector is multiplied by comes from memory, and without VNNI a line of it takes so
/// many instructions that too few are under way by themselves.
void prefetchWeights(mlir::OpBuilder &builder, mlir::Location loc, const DotKernel &kernel, mlir::Value buffer, mlir::Value place,
                     int64_t ofBlock);

/// The sums of vector `v` of weights that are bits are 2^signShift(v) times those of the bits.
inline int64_t signShift(int64_t v) { return v % 4; }

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_X86_WEIGHTS_H

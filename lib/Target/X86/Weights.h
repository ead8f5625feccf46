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

/// The first `vectors` vectors of a step whose weights, for all `ofBlock` vectors of the block, lie in the flat `buffer` from byte `place`
/// on; as elements of type `element`.
llvm::SmallVector<mlir::Value> loadWeights(mlir::OpBuilder &builder, mlir::Location loc, const DotKernel &kernel, mlir::Value buffer,
                                           mlir::Value place, int64_t vectors, int64_t ofBlock, mlir::Type element);

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_X86_WEIGHTS_H

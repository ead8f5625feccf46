//===- Contractions.h - Conv and MatMul -------------------------*- C++ -*-===//
//
// This file declares what Conv and MatMul share with the operators that do the same on integers.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_IMPORT_OPS_CONTRACTIONS_H
#define QUANTIZATION_LIB_IMPORT_OPS_CONTRACTIONS_H

#include "../OpBinder.h"

namespace quantization {

/// Makes the layers of a Conv node, whose attributes are read here; `bias` may be null.
llvm::LogicalResult convolve(OpBinder &b, mlir::Value input, mlir::Value weights, mlir::Value bias);

/// Makes the layers of a MatMul node.
llvm::LogicalResult multiplyMatrices(OpBinder &b, mlir::Value a, mlir::Value weights);

} // namespace quantization

#endif // QUANTIZATION_LIB_IMPORT_OPS_CONTRACTIONS_H

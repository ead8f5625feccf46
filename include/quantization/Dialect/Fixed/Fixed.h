//===- Fixed.h - the fixed dialect ------------------------------*- C++ -*-===//
//
// This file declares the integer ops that upstream lacks.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_DIALECT_FIXED_FIXED_H
#define QUANTIZATION_DIALECT_FIXED_FIXED_H

#include "mlir/Interfaces/DestinationStyleOpInterface.h"
#include "quantization/Dialect/NN/NN.h"

#include "quantization/Dialect/Fixed/FixedDialect.h.inc"
#define GET_ATTRDEF_CLASSES
#include "quantization/Dialect/Fixed/FixedAttributes.h.inc"
#define GET_OP_CLASSES
#include "quantization/Dialect/Fixed/FixedOps.h.inc"

namespace quantization::fixed {

/// The memory order of a tensor type: its layout's, or row-major.
llvm::SmallVector<int64_t> orderOf(mlir::RankedTensorType type);
/// `type` stored in `order`; row-major is written as no encoding.
mlir::RankedTensorType withOrder(mlir::RankedTensorType type, llvm::ArrayRef<int64_t> order);

} // namespace quantization::fixed

#endif // QUANTIZATION_DIALECT_FIXED_FIXED_H

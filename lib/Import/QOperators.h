//===- QOperators.h - operators on codes ------------------------*- C++ -*-===//
//
// This file declares the rewrite of ONNX operators that take and give codes.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_IMPORT_QOPERATORS_H
#define QUANTIZATION_LIB_IMPORT_QOPERATORS_H

#include "mlir/IR/Block.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/LogicalResult.h"

namespace quantization {

/// Replaces every QLinearConv, QGemm and so on by DequantizeLinear nodes, the operator on floats, and a QuantizeLinear. What is
/// wrong with such a node is reported, after `file`.
llvm::LogicalResult expandQOperators(mlir::Block &body, llvm::StringRef file);

} // namespace quantization

#endif // QUANTIZATION_LIB_IMPORT_QOPERATORS_H

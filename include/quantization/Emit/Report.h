//===- Report.h - what became of each layer ---------------------*- C++ -*-===//
//
// This file declares the report of a compilation.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_EMIT_REPORT_H
#define QUANTIZATION_EMIT_REPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"

namespace quantization {

/// Writes JSON: for each layer of an integral network its op, result shape, formats of weights and result, bytes of weights and result,
/// multiplications, and why it stays float if it does; then totals.
///
/// `tiled`, the same network on its way to code, adds kernels, the arena as planned and constants as packed; null where the network
/// cannot become code, and then `whyNoCode` is told instead.
void writeReport(mlir::ModuleOp integral, mlir::ModuleOp tiled, llvm::StringRef whyNoCode, llvm::raw_ostream &os);

} // namespace quantization

#endif // QUANTIZATION_EMIT_REPORT_H

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
void writeReport(mlir::ModuleOp integral, llvm::raw_ostream &os);

} // namespace quantization

#endif // QUANTIZATION_EMIT_REPORT_H

//===- Report.h - what became of each layer ---------------------*- C++ -*-===//
//
// This file declares the report of a compilation.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_EMIT_REPORT_H
#define QUANTIZATION_EMIT_REPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "quantization/Emit/NetworkCosts.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace quantization {

/// For each layer of an integral network its op, result shape, formats of weights and result, bytes of weights and result,
/// multiplications, and why it stays float if it does; then totals.
llvm::json::Object reportOnLayers(mlir::ModuleOp integral);

/// Adds to a report of the same network what its code needs: kernels, the arena as planned and constants as packed.
void reportOnCode(mlir::ModuleOp tiled, llvm::json::Object &report);

/// What the formats cost, under the key `costs`, and from where: docs/Costs.md.
void reportOnCosts(const NetworkCosts &network, llvm::ArrayRef<StageRule> stages, const Accelerator &accelerator, llvm::json::Object &report);

/// The costs of a report as tables for a terminal.
void writeCostTables(const llvm::json::Object &report, llvm::raw_ostream &os);

} // namespace quantization

#endif // QUANTIZATION_EMIT_REPORT_H

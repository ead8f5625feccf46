//===- FormatGroups.h - values that share one format ------------*- C++ -*-===//
//
// This file declares the groups of observed values that must agree on one number format, because layers between them only
// move or select values (max-pool, concat, reshape, ...).
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_ASSIGN_FORMATGROUPS_H
#define QUANTIZATION_LIB_ASSIGN_FORMATGROUPS_H

#include "mlir/IR/BuiltinOps.h"
#include "quantization/Calibrate/Statistics.h"
#include "quantization/Dialect/NN/NN.h"

namespace quantization {

struct FormatGroup {
  llvm::SmallVector<nn::ObserveOp, 1> members; ///< in the order of the function
  llvm::SmallVector<nn::ObserveOp, 1> sources; ///< those whose values no layer of the group moved there; constants come last

  /// What was seen at all sources, and at members that go beyond them (padding). None when a source lacks statistics.
  std::optional<Statistics> mergedStatistics() const;
};

/// All observers of the module, each in exactly one group.
std::vector<FormatGroup> findFormatGroups(mlir::ModuleOp module);

/// The observer of a layer's result, behind its follower if it has one; null when there is none.
nn::ObserveOp observerOf(mlir::Operation *layer);

/// Whether `op` only moves or selects values.
bool onlyMoves(mlir::Operation *op);

/// Whether `op` is a convolution or a matrix product, be its weights trained or computed.
inline bool hasWeights(mlir::Operation *op) {
  auto layer = llvm::dyn_cast<nn::QuantizableOpInterface>(op);
  return layer && layer.getWeightsIndex() >= 0;
}

} // namespace quantization

#endif // QUANTIZATION_LIB_ASSIGN_FORMATGROUPS_H

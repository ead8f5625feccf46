//===- CutNetwork.h - a network in parts ------------------------*- C++ -*-===//
//
// This file declares where a search cuts a network, so that a candidate can start at the first part that it changes.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_PIPELINE_SEARCH_CUTNETWORK_H
#define QUANTIZATION_LIB_PIPELINE_SEARCH_CUTNETWORK_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"

namespace quantization {

/// Parts run one after the other; values between them have numbers, of which the network's inputs have the first.
struct CutNetwork {
  struct Part {
    mlir::OwningOpRef<mlir::ModuleOp> module;
    std::vector<size_t> inputs, outputs; ///< numbers of values; the part's function has the table of formats as one more input
    std::vector<size_t> rows;            ///< observers in it
    llvm::StringSet<> layers;            ///< in it
  };
  std::vector<Part> parts;
  std::vector<int64_t> elements; ///< of each value
  std::vector<size_t> results;   ///< numbers of the values that the network returns
};

/// Cuts where restarts save most, such that the values at all cuts take `mostBytes` at most for so many passes. `network` has numbered
/// observers, and no table yet.
llvm::Expected<CutNetwork> cutNetwork(mlir::ModuleOp network, int64_t tableRows, int64_t passes, int64_t mostBytes);

} // namespace quantization

#endif // QUANTIZATION_LIB_PIPELINE_SEARCH_CUTNETWORK_H

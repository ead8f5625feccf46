//===- LatencyModel.h - what formats cost in time ---------------*- C++ -*-===//
//
// This file declares measurements of networks of integers on this machine, from which the time of any candidate is estimated.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_PIPELINE_SEARCH_LATENCYMODEL_H
#define QUANTIZATION_LIB_PIPELINE_SEARCH_LATENCYMODEL_H

#include "NativeNetwork.h"
#include "SearchPlan.h"

namespace quantization {

/// The network in integers, for this process and one thread.
llvm::Expected<std::unique_ptr<NativeNetwork>> compileIntegers(mlir::ModuleOp observed, const Policy &policy, bool profile);

/// Milliseconds of the fastest of several runs on these inputs, per sample.
llvm::Expected<double> measureLatency(const NativeNetwork &network, llvm::ArrayRef<const void *> inputs);

/// Compiles uniform candidates, one for each pair of widths that the kernels treat differently, and measures their steps.
llvm::Expected<LatencyTable> measureLatencies(mlir::ModuleOp observed, const SearchPlan &plan, const CandidateCostModel &costs,
                                              const SearchSpace &space, llvm::ArrayRef<const void *> inputs);

} // namespace quantization

#endif // QUANTIZATION_LIB_PIPELINE_SEARCH_LATENCYMODEL_H

//===- ParetoTable.h - what could be had instead ----------------*- C++ -*-===//
//
// This file declares the tables that a search writes beside its policy.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_PIPELINE_SEARCH_PARETOTABLE_H
#define QUANTIZATION_LIB_PIPELINE_SEARCH_PARETOTABLE_H

#include "quantization/Pipeline/NativeEvaluator.h"

namespace quantization {

/// For which the best candidate is marked.
constexpr double kTolerances[] = {0.01, 0.02, 0.05, 0.10};
constexpr double kLargestTolerance = 0.10;

/// The points that no other beats, from the cheapest on, and those that are the best for a tolerance, as CSV or JSON. Tolerances beyond `largest`
/// have not been searched, and are not marked.
void writePareto(const Search &search, const SearchSpace &space, const SearchGoal &goal, double largest, ScoreKind score, bool asJson,
                 llvm::raw_ostream &os);

/// `1977 of 2000 samples right (99.25 % of float)`, with a bound `(99.25 % of float, at least 98.87 %)`, or `31.2 dB above the noise`.
std::string describe(const Score &score, const Score &floats, ScoreKind kind, std::optional<double> bound = std::nullopt);
/// `traffic 0.0798, 376688 bytes of weights, 4670 of activations`
std::string describe(const CandidateCosts &costs);

} // namespace quantization

#endif // QUANTIZATION_LIB_PIPELINE_SEARCH_PARETOTABLE_H

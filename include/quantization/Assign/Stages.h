//===- Stages.h - layers that share one configuration -----------*- C++ -*-===//
//
// This file declares the stages of a network: a layer with weights and what follows it, or what a policy puts together.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_ASSIGN_STAGES_H
#define QUANTIZATION_ASSIGN_STAGES_H

#include "quantization/Assign/Policy.h"
#include "llvm/ADT/ArrayRef.h"

namespace quantization {

/// A layer as the network's author drew it, those included that a compiler folds away.
struct Sublayer {
  std::string name, type;
  std::vector<std::string> inputs;        ///< sublayers or inputs of the network whose values it reads
  int64_t in = 0, out = 0, weights = 0; ///< elements; constants are not counted in `in`
};

struct Stage {
  std::string name;
  std::vector<size_t> sublayers; ///< in the order of the network
  /// For each of `sublayers` the one with weights whose formats it has: itself, the one of this stage that it follows, or else the first
  /// of this stage. The sublayer itself where the stage has none.
  std::vector<size_t> leaders;
  bool counted = true;
};

/// Every sublayer is in one stage: that of the first of `rules` that matches it; else, with weights, in one of its own; else in that of
/// the last sublayer that it reads, or, where it reads only inputs of the network, of the first that reads it. In order of their first
/// sublayer with weights.
std::vector<Stage> groupIntoStages(llvm::ArrayRef<Sublayer> sublayers, llvm::ArrayRef<StageRule> rules);

} // namespace quantization

#endif // QUANTIZATION_ASSIGN_STAGES_H

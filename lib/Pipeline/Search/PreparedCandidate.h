//===- PreparedCandidate.h - a candidate as data ----------------*- C++ -*-===//
//
// This file declares what a candidate is to the code: a table of formats, and weights in them.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_PIPELINE_SEARCH_PREPAREDCANDIDATE_H
#define QUANTIZATION_LIB_PIPELINE_SEARCH_PREPAREDCANDIDATE_H

#include "SearchPlan.h"
#include "quantization/Format/Grid.h"
#include "quantization/Quantize/ExpressedWeights.h"
#include "quantization/Tile/FormatTable.h"
#include <map>

namespace quantization {

/// Null weights and no biases are as in the float network.
struct PreparedCandidate {
  FormatTable table;
  std::vector<ExpressedWeights> layers; ///< as in the plan

  bool hasSameLayer(size_t layer, const PreparedCandidate &other) const {
    return layers[layer].weights == other.layers[layer].weights && layers[layer].biases == other.layers[layer].biases;
  }
};

class CandidatePreparer {
public:
  CandidatePreparer(const SearchPlan &plan, const SearchSpace &space, mlir::MLIRContext *context, int64_t mostBytes)
      : plan(plan), space(space), context(context), mostBytes(mostBytes) {}

  PreparedCandidate floats() const { return {FormatTable(plan.values.size()), std::vector<ExpressedWeights>(plan.weights.size())}; }
  llvm::Expected<PreparedCandidate> prepare(const Candidate &candidate);

private:
  struct Encoded {
    std::shared_ptr<NumberFormat> format;
    std::shared_ptr<const EncodedWeights> weights;
    uint64_t lastUse = 0;
  };
  const SearchPlan &plan;
  const SearchSpace &space;
  mlir::MLIRContext *context;
  int64_t mostBytes, bytes = 0; ///< of encoded weights
  uint64_t uses = 0;
  std::map<std::pair<size_t, std::string>, std::pair<Grid, Rounding>> grids;
  std::map<std::pair<size_t, std::string>, Encoded> encoded;

  llvm::Expected<Encoded> encode(size_t layer, const FormatSpec &spec);
};

} // namespace quantization

#endif // QUANTIZATION_LIB_PIPELINE_SEARCH_PREPAREDCANDIDATE_H

//===- SearchPlan.h - which stage decides what ------------------*- C++ -*-===//
//
// This file declares what a candidate means to a network: which values and weights have the formats of which stage.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_PIPELINE_SEARCH_SEARCHPLAN_H
#define QUANTIZATION_LIB_PIPELINE_SEARCH_SEARCHPLAN_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "quantization/Assign/Search.h"
#include "quantization/Calibrate/Statistics.h"
#include "quantization/Dialect/NN/NN.h"

namespace quantization {

class SearchPlan {
public:
  /// An observed value; none of the stages where it stays f32.
  struct Value {
    std::string layer;
    std::optional<size_t> stage;
    Statistics statistics;
  };
  /// A layer with weights in a format, and the value that it reads.
  struct Weights {
    std::string layer;
    size_t stage, value;
    std::vector<int64_t> shape;
    int64_t channelAxis;
    std::vector<float> values, biases;
  };

  /// `observed` has statistics. Of `base` the method of calibration, the stages and the layers that are float are kept.
  static llvm::Expected<SearchPlan> make(mlir::ModuleOp observed, const CandidateCostModel &costs, Policy base);

  /// What gives a network the formats of a candidate.
  Policy policyOf(const SearchSpace &space, const Candidate &candidate) const;

  Policy base;
  std::vector<Value> values; ///< by number of the observer
  std::vector<Weights> weights;
  /// The network in the assigned form, with an observer for each of `values`.
  mlir::OwningOpRef<mlir::ModuleOp> assigned;

private:
  struct Layer {
    std::string name;
    std::optional<size_t> stage;
    bool hasWeights;
  };
  std::vector<Layer> layers; ///< that choose a format

  Policy policyOf(llvm::function_ref<std::pair<FormatSpec, FormatSpec>(size_t stage)> formatsOf) const;
  void findLayers(mlir::ModuleOp observed, const CandidateCostModel &costs);
  llvm::Error assign(mlir::ModuleOp observed);
  llvm::Error readAssigned();
};

/// `policy` as a file, as long as this lives.
class PolicyFile {
public:
  static llvm::Expected<PolicyFile> write(const Policy &policy);
  PolicyFile(PolicyFile &&other) : path(std::move(other.path)) { other.path.clear(); }
  ~PolicyFile();
  llvm::StringRef name() const { return path; }

private:
  explicit PolicyFile(std::string path) : path(std::move(path)) {}
  std::string path;
};

} // namespace quantization

#endif // QUANTIZATION_LIB_PIPELINE_SEARCH_SEARCHPLAN_H

//===- NativeParts.h - the parts of a network as code -----------*- C++ -*-===//
//
// This file declares the float network of a search as code in parts, each compiled once, and what a thread needs to run candidates on it.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_PIPELINE_SEARCH_NATIVEPARTS_H
#define QUANTIZATION_LIB_PIPELINE_SEARCH_NATIVEPARTS_H

#include "NativeNetwork.h"
#include "PreparedCandidate.h"

namespace quantization {

class NativeParts {
public:
  /// Cuts and compiles the plan's network. Values between parts take `mostBytes` at most for so many passes.
  static llvm::Expected<std::unique_ptr<NativeParts>> compile(const SearchPlan &plan, int64_t passes, int64_t mostBytes);

  /// A thread's instances of the parts, and what they hold at the moment.
  struct Worker {
    std::vector<std::unique_ptr<NativeNetwork::Instance>> parts;
    std::vector<std::shared_ptr<const EncodedWeights>> weights;
    std::vector<std::vector<float>> biases;
    std::vector<const float *> values; ///< of the last pass, by number
  };
  llvm::Expected<Worker> makeWorker() const;
  void load(Worker &worker, const PreparedCandidate &candidate) const;

  /// Values of all passes one after the other, by number; empty where they are not kept.
  using Values = std::vector<std::vector<float>>;
  /// Memory for the values between parts.
  Values makeValues(int64_t passes) const;
  /// Runs a pass from the part `first` on: values from before it are among `known`. Others go to `keep`, if there is one.
  llvm::Error run(Worker &worker, const PreparedCandidate &candidate, int64_t pass, llvm::ArrayRef<std::vector<float>> inputs,
                  const Values &known, size_t first = 0, Values *keep = nullptr) const;
  /// What the last pass gave.
  llvm::SmallVector<llvm::ArrayRef<float>> resultsOf(const Worker &worker) const;

  size_t size() const { return parts.size(); }
  /// The first part that computes something else; `size()` where none does.
  size_t firstChange(const PreparedCandidate &from, const PreparedCandidate &to) const;

private:
  /// Code of a part, and what it computes from what.
  struct Part {
    std::unique_ptr<NativeNetwork> network;
    std::vector<size_t> inputs, outputs; ///< numbers of values
    std::vector<size_t> rows, layers;    ///< that it depends on
  };
  /// The numbers of a layer's constants, and the part that they are in.
  struct LayerConstants {
    size_t part, weights;
    std::optional<size_t> bias;
  };
  const SearchPlan &plan;
  std::vector<Part> parts;
  std::vector<int64_t> elements; ///< of values, of which the network's inputs are the first
  size_t numInputs = 0;
  std::vector<size_t> results;   ///< of the network: numbers of values
  std::vector<LayerConstants> constants;

  explicit NativeParts(const SearchPlan &plan) : plan(plan) {}
};

} // namespace quantization

#endif // QUANTIZATION_LIB_PIPELINE_SEARCH_NATIVEPARTS_H

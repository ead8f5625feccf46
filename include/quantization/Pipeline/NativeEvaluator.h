//===- NativeEvaluator.h - candidates run in this process -------*- C++ -*-===//
//
// This file declares the evaluator of the compiler: the float network compiled once, with formats as data.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_PIPELINE_NATIVEEVALUATOR_H
#define QUANTIZATION_PIPELINE_NATIVEEVALUATOR_H

#include "mlir/IR/BuiltinOps.h"
#include "quantization/Assign/Search.h"
#include <atomic>
#include <memory>

namespace quantization {

struct NativeEvaluatorOptions {
  std::string samples;  ///< see Samples.h
  std::string labels;   ///< .npy of class numbers; without it a sample is right where the float network gives the same class
  Policy base;          ///< its method of calibration, stages and float layers hold
  int64_t threads = 0;  ///< 0: as many as this machine has
  ScoreKind score = ScoreKind::Classes;
  int64_t mostBytes = 1000000000;    ///< of values and encoded weights, kept so that they need not be computed again
  bool holdOut = false;              ///< half of the samples, for finalists; of classes only
  std::atomic<bool> *stop = nullptr; ///< ends an evaluation with an error when it becomes true
};

/// A candidate is a table of grids and pointers to encoded weights. Candidates run side by side, each on one thread, from the first part of
/// the network that differs from `startFrom`. What it computes is, bit for bit, the simulated form of the policy that `policyOf` gives.
class NativeEvaluator : public Evaluator {
public:
  /// `observed` is a network in the observed form, with statistics.
  static llvm::Expected<std::unique_ptr<NativeEvaluator>> create(mlir::ModuleOp observed, const CandidateCostModel &costs, SearchSpace space,
                                                                 const NativeEvaluatorOptions &options);
  ~NativeEvaluator() override;

  /// All samples, or those that are not held out.
  llvm::Expected<Score> baseline() override;
  llvm::Expected<std::vector<std::optional<Score>>> evaluate(llvm::ArrayRef<Candidate> candidates, int64_t needed) override;
  void startFrom(const Candidate &candidate) override;
  Policy policyOf(const Candidate &candidate) const;
  /// The float network's on the samples that are held out.
  llvm::Expected<Score> baselineHeldOut();
  /// The score of the integers that the policy makes of the network, on all samples or those that are held out.
  llvm::Expected<Score> scoreAsIntegers(const Candidate &candidate);
  /// The same of what candidates are evaluated by.
  llvm::Expected<Score> scoreHeldOut(const Candidate &candidate);
  /// Measures integers of different widths on this machine, on one thread, for `CandidateCostModel::setLatencies`.
  llvm::Expected<LatencyTable> measureLatencies(const CandidateCostModel &costs);
  /// Milliseconds per sample that the policy's integers take.
  llvm::Expected<double> measureLatency(const Candidate &candidate);
  /// Into how many parts the network is cut: 1 where nothing can be kept.
  size_t numParts() const;
  /// What the network gives for a sample, in its first output.
  llvm::Expected<std::vector<float>> outputOf(const Candidate &candidate, int64_t sample);

private:
  struct Implementation;
  explicit NativeEvaluator(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation;
};

} // namespace quantization

#endif // QUANTIZATION_PIPELINE_NATIVEEVALUATOR_H

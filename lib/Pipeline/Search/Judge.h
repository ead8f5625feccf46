//===- Judge.h - how good a candidate's results are -------------*- C++ -*-===//
//
// This file declares what a search compares results by: classes, or the noise beside the float network's results.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_PIPELINE_SEARCH_JUDGE_H
#define QUANTIZATION_LIB_PIPELINE_SEARCH_JUDGE_H

#include "quantization/Assign/Search.h"
#include "quantization/Pipeline/NativeEvaluator.h"

namespace quantization {

/// Errors of a pass are numbers that are never negative and add up; the score falls as their sums grow.
class Judge {
public:
  using Results = llvm::ArrayRef<llvm::ArrayRef<float>>; ///< of each output, for one pass

  struct Output {
    std::string name;
    int64_t elements; ///< for one pass
  };
  /// `outputs` are those of the network, `passes` run `batch` samples each.
  static llvm::Expected<Judge> make(ScoreKind kind, llvm::StringRef labels, llvm::ArrayRef<Output> outputs, int64_t passes, int64_t batch);

  /// Hands in what the float network gives; passes may be learned side by side.
  void learn(int64_t pass, Results results);
  /// When all is learned.
  llvm::Error finish();

  /// Kinds of errors, which are added up apart.
  size_t numErrors() const { return kind == ScoreKind::Sqnr ? numOutputs : 2; }
  void errorsOf(int64_t pass, Results results, llvm::MutableArrayRef<double> errors) const;
  /// Of sums over `passes`; noise is judged over all of them.
  Score scoreOf(llvm::ArrayRef<double> sums, int64_t passes) const;

private:
  ScoreKind kind = ScoreKind::Classes;
  int64_t passes = 0, batch = 1;
  size_t numOutputs = 1;
  bool hasLabels = false;
  std::vector<int64_t> classes;                        ///< that count as right
  std::vector<char> floatIsRight;                      ///< by sample
  std::vector<std::vector<std::vector<float>>> floats; ///< by output and pass, to compare with
  llvm::SmallVector<std::string> names; ///< of outputs
  std::vector<double> signals;

  llvm::Error readLabels(llvm::StringRef path);
  int64_t classOf(llvm::ArrayRef<float> results, int64_t sample) const;
};

} // namespace quantization

#endif // QUANTIZATION_LIB_PIPELINE_SEARCH_JUDGE_H

//===- CoarseWeights.h - whether few bits leave the network -----*- C++ -*-===//
//
// This file declares a warning for networks that weights of very few bits have ruined.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_PIPELINE_COARSEWEIGHTS_H
#define QUANTIZATION_LIB_PIPELINE_COARSEWEIGHTS_H

#include "quantization/Calibrate/NetworkRunner.h"
#include "quantization/Emit/FormatFidelity.h"

namespace quantization {

/// Compares a network whose weights have two bits or fewer with itself in float, on the samples of calibration: one run of each. Networks with
/// one vector as result are judged by the class that it names, others by noise.
class CoarseWeights {
public:
  explicit CoarseWeights(NetworkRunner &runner) : runner(runner) {}

  /// Runs the float network, in the assigned form, if there are such weights.
  void learn(mlir::ModuleOp assigned);
  /// Runs what has become of it, in the simulated form, if there are, and warns where that is far from float.
  void judge(mlir::ModuleOp simulated);

  /// Why one of the runs came to nothing; empty if none did.
  const std::string &failure() const { return whyNot; }

private:
  /// Of an output: the values that are kept of the float network, and sums over them.
  struct Output {
    std::vector<float> floats;
    size_t next = 0;
    double signal = 0, noise = 0;
  };

  NetworkRunner &runner;
  std::vector<FormatFidelity> weights;
  bool namesClasses = false;
  std::vector<int64_t> classes; ///< of each sample, in float
  size_t nextClass = 0, kept = 0;
  std::vector<Output> outputs;
  std::string whyNot;

  bool run(mlir::ModuleOp network, NetworkObserver observe);
  void warn(mlir::ModuleOp network, const std::string &fact) const;
};

} // namespace quantization

#endif // QUANTIZATION_LIB_PIPELINE_COARSEWEIGHTS_H

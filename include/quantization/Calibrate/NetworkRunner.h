//===- NetworkRunner.h - running a network inside the compiler --*- C++ -*-===//
//
// This file declares what passes that must run the network ask for; the driver hands in an implementation, so that no room
// depends on the pipeline.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_CALIBRATE_NETWORKRUNNER_H
#define QUANTIZATION_CALIBRATE_NETWORKRUNNER_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <vector>

namespace quantization {

/// What an observer saw on one sample.
struct ObservedValue {
  /// As they lie in memory.
  llvm::ArrayRef<float> values;
  llvm::ArrayRef<int64_t> shape;
  /// The dimensions of `shape`, outermost in memory first.
  llvm::ArrayRef<int64_t> order;
  /// How many threads there are, and a way to call something on each: it gets a number below `threads`.
  size_t threads;
  llvm::function_ref<void(llvm::function_ref<void(size_t)>)> onEach;

  /// The place that the value at `index` has in row-major order.
  size_t rowMajor(size_t index) const {
    size_t place = 0;
    llvm::SmallVector<size_t, 6> at(shape.size());
    for (int64_t dimension : llvm::reverse(order)) {
      at[dimension] = index % shape[dimension];
      index /= shape[dimension];
    }
    for (auto [size, i] : llvm::zip_equal(shape, at))
      place = place * size + i;
    return place;
  }
};

class ChannelSums;

/// Adds an observed value to its sums, each thread some of the channels. False where a number is not finite.
bool addOnAllThreads(ChannelSums &sums, const ObservedValue &value);

/// Called once per sample and observed value, with the observer's index in the order of the function body.
using NetworkObserver = llvm::function_ref<llvm::Error(size_t observer, const ObservedValue &value)>;

/// A network that can be run again with other numbers. Large constants that the context gets while it lives are gone with it.
class PreparedNetwork {
public:
  virtual ~PreparedNetwork() = default;

  /// Runs it on every sample, with the values of its parameters. Returns the number of samples. Memory does not grow with it.
  virtual llvm::Expected<int64_t> run(llvm::ArrayRef<std::vector<float>> parameters, NetworkObserver observe) = 0;
};

class NetworkRunner {
public:
  virtual ~NetworkRunner() = default;

  /// Prepares the network (observed form; it is not changed) for the samples of the runner, which do not bring the last `parameters` of its
  /// arguments.
  virtual llvm::Expected<std::unique_ptr<PreparedNetwork>> prepare(mlir::ModuleOp network, size_t parameters) = 0;

  llvm::Expected<int64_t> run(mlir::ModuleOp network, NetworkObserver observe) {
    auto prepared = prepare(network, 0);
    return prepared ? (*prepared)->run({}, observe) : llvm::Expected<int64_t>(prepared.takeError());
  }
};

} // namespace quantization

#endif // QUANTIZATION_CALIBRATE_NETWORKRUNNER_H

//===- NetworkRunner.h - running a network inside the compiler --*- C++ -*-===//
//
// This file declares what passes that must run the network ask for; the driver hands in an implementation, so that no room
// depends on the pipeline.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_CALIBRATE_NETWORKRUNNER_H
#define QUANTIZATION_CALIBRATE_NETWORKRUNNER_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

namespace quantization {

class NetworkRunner {
public:
  virtual ~NetworkRunner() = default;

  /// Called once per sample and observed value: the observer's index in the order of the function body, and the f32 values it saw. Calls
  /// of one sample for different observers may come from several threads at once.
  using Observer = llvm::function_ref<llvm::Error(size_t observer, llvm::ArrayRef<float> values)>;

  /// Runs the network (observed form; it is not changed) on every sample of the runner. Returns the number of samples. Memory
  /// does not grow with it.
  virtual llvm::Expected<int64_t> run(mlir::ModuleOp network, Observer observe) = 0;
};

} // namespace quantization

#endif // QUANTIZATION_CALIBRATE_NETWORKRUNNER_H

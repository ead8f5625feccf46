//===- Observers.h - which value belongs to which layer ---------*- C++ -*-===//
//
// This file declares what the passes around `nn.observe` agree on: which clamp belongs to the layer before it, whose result
// an observer watches, and how new names stay unique.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_CALIBRATE_OBSERVERS_H
#define QUANTIZATION_CALIBRATE_OBSERVERS_H

#include "mlir/IR/BuiltinOps.h"
#include "quantization/Dialect/NN/NN.h"
#include "llvm/ADT/StringSet.h"

namespace quantization {

/// The clamp that takes the result of `op` and alone does so: one rounding serves both, so no format is chosen between
/// them. Null when there is none. A layer that moves values, a function of one value and another clamp round (or are looked
/// up) on their own.
mlir::Operation *followerOf(mlir::Operation *op);

/// The layer whose result `value` is: the op that makes it, or for a follower the op before it. Null for arguments.
mlir::Operation *anchorOf(mlir::Value value);

/// Whether `use` gives a layer its weights or bias as a constant; such constants are not observed.
bool isTrainedOperand(mlir::OpOperand &use);

/// Whether `op` is a layer: not a constant, nor one of the ops that only carry number formats.
bool isLayer(mlir::Operation *op);

/// The names of layers in use, so that a new one differs.
class UniqueNames {
public:
  UniqueNames() = default;
  /// All names in `module`.
  explicit UniqueNames(mlir::ModuleOp module);

  void insert(llvm::StringRef name) { names.insert(name); }
  /// `wanted`, with a number behind it if that is taken; taken from now on.
  std::string fresh(llvm::StringRef wanted);

private:
  llvm::StringSet<> names;
};

/// `"a", "b" and 3 more`, for messages; shows at most eight.
std::string quotedList(llvm::ArrayRef<std::string> names);

} // namespace quantization

#endif // QUANTIZATION_CALIBRATE_OBSERVERS_H

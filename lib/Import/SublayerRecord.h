//===- SublayerRecord.h - the layers that the file has ----------*- C++ -*-===//
//
// This file declares the record of a network's layers as its author drew them, kept while their nodes are converted.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_IMPORT_SUBLAYERRECORD_H
#define QUANTIZATION_LIB_IMPORT_SUBLAYERRECORD_H

#include "OpBinder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace quantization {

/// A node is a sublayer unless it is computed at compile time, only changes a shape, or only carries a number format.
class SublayerRecord {
public:
  explicit SublayerRecord(mlir::func::FuncOp function);

  /// Notes what the node reads, before it is converted, and what has become of it, after.
  void begin(nn::OnnxOp node);
  void end(nn::OnnxOp node, const OpBinder &binder);

  /// Adds the sublayers to those that the module carries.
  void leaveOn(mlir::ModuleOp module) const;

private:
  bool isKnown(mlir::Value value) const;
  int64_t weightsOf(llvm::ArrayRef<mlir::Operation *> layers) const;

  llvm::DenseMap<mlir::Value, mlir::StringAttr> makers; ///< the sublayer, or the network's input, that made a value
  llvm::SmallVector<mlir::Attribute> sublayers;
  // Of the node at hand.
  llvm::SmallVector<mlir::Attribute> inputs;
  llvm::SmallVector<bool> used;
  int64_t in = 0;
};

} // namespace quantization

#endif // QUANTIZATION_LIB_IMPORT_SUBLAYERRECORD_H

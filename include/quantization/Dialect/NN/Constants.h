//===- Constants.h - tensors known at compile time --------------*- C++ -*-===//
//
// This file declares how constants are made and read: small ones as readable dense attributes, large ones as resources.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_DIALECT_NN_CONSTANTS_H
#define QUANTIZATION_DIALECT_NN_CONSTANTS_H

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringSet.h"

namespace quantization {

/// A constant of `type` (f32 or a whole-byte integer) from its row-major little-endian bytes.
mlir::ElementsAttr makeConstant(mlir::RankedTensorType type, llvm::ArrayRef<char> bytes);

template <typename T> mlir::ElementsAttr makeConstant(mlir::RankedTensorType type, llvm::ArrayRef<T> values) {
  return makeConstant(type, llvm::ArrayRef<char>(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)));
}

/// Bytes that one stored value of an f32 or integer `type` takes.
unsigned byteWidth(mlir::Type type);

/// The values of an f32 constant, splats expanded.
std::vector<float> readFloats(mlir::ElementsAttr attr);
/// The values of an integer constant of any whole-byte width, sign-extended unless the type is unsigned or i1.
std::vector<int64_t> readIntegers(mlir::ElementsAttr attr);
/// The stored values of a constant of quantized type `type`, which says whether they are signed.
std::vector<int64_t> readCodes(mlir::ElementsAttr attr, mlir::quant::QuantizedType type);
/// The bytes of a constant, splats expanded.
std::vector<char> readBytes(mlir::ElementsAttr attr);

/// Gives back the memory of large constants that nobody needs any more: attributes live as long as their context, and their data with
/// them.
class ConstantSweep {
public:
  /// Constants that are there already belong to others, and stay.
  explicit ConstantSweep(mlir::MLIRContext *context);

  /// Frees the data of constants that have been made since and that `module` does not use; all of them, if it is null.
  void sweep(mlir::ModuleOp module);

private:
  mlir::MLIRContext *context;
  llvm::StringSet<> others;
};

/// The constant behind `value`, or null.
mlir::ElementsAttr constantBehind(mlir::Value value);

} // namespace quantization

#endif // QUANTIZATION_DIALECT_NN_CONSTANTS_H

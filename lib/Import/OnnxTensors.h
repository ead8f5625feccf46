//===- OnnxTensors.h - tensors of an ONNX file ------------------*- C++ -*-===//
//
// This file declares the reader of TensorProto, with its data inside the file or beside it.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_IMPORT_ONNXTENSORS_H
#define QUANTIZATION_LIB_IMPORT_ONNXTENSORS_H

#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/SHA256.h"

namespace onnx {
class TensorProto;
} // namespace onnx

namespace quantization {

/// A tensor of this many elements or more is refused.
inline constexpr int64_t kMaxElements = int64_t(1) << 31;

/// The number of elements of `shape`, or none where a dimension is negative or the product exceeds `kMaxElements`.
std::optional<int64_t> countElements(llvm::ArrayRef<int64_t> shape);

/// The element type that stands for ONNX's `dataType` in the IR (f64 and f16 become f32), or null where it has none.
mlir::Type elementTypeOfOnnx(int dataType, mlir::MLIRContext *context);

/// ONNX's own name of `dataType`, for messages.
std::string onnxTypeName(int dataType);

class OnnxTensorReader {
public:
  /// External data lies relative to `folder`; what is read of it is added to `hash`.
  OnnxTensorReader(mlir::MLIRContext *context, llvm::StringRef folder, llvm::SHA256 &hash)
      : context(context), folder(folder), hash(hash) {}

  /// The values of `tensor`. `what` names it in messages, such as `tensor "w"`.
  llvm::Expected<mlir::ElementsAttr> read(const onnx::TensorProto &tensor, const std::string &what);

private:
  llvm::Expected<std::vector<char>> readExternal(const onnx::TensorProto &tensor, uint64_t bytes, const std::string &what);

  mlir::MLIRContext *context;
  std::string folder;
  llvm::SHA256 &hash;
};

} // namespace quantization

#endif // QUANTIZATION_LIB_IMPORT_ONNXTENSORS_H

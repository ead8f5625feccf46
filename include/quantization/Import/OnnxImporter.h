//===- OnnxImporter.h - ONNX files become IR --------------------*- C++ -*-===//
//
// This file declares the reader of ONNX files. It knows no operator: each node becomes one `nn.onnx`.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_IMPORT_ONNXIMPORTER_H
#define QUANTIZATION_IMPORT_ONNXIMPORTER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <map>
#include <string>
#include <vector>

namespace quantization {

struct ImportOptions {
  /// Shapes of network inputs by name (`--shape=x=1x3x224x224`). They fill dimensions that the file leaves open. An open
  /// leading dimension without an entry is compiled as 1.
  std::map<std::string, std::vector<int64_t>> shapes;
};

/// The raw network in the ONNX file at `path`: a module with one `func.func` of `nn.onnx` and `nn.constant` ops in topological
/// order. Arguments and results carry their ONNX names in `nn.name`; the module carries `nn.model_file` and, in
/// `nn.model_hash`, the SHA-256 of the file followed by the external tensor data that it uses. Inputs and tensors of f64 and
/// f16 become f32. Errors read `path: fact` and cover every malformed file.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> importOnnx(llvm::StringRef path, const ImportOptions &options,
                                                             mlir::MLIRContext &context);

/// The same from memory. The buffer's identifier names the model in messages, and external data is relative to its folder.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>> importOnnx(llvm::MemoryBufferRef model, const ImportOptions &options,
                                                             mlir::MLIRContext &context);

/// Whether a network, raw or not, brings its quantization: some node or op of it quantizes values.
bool bringsQuantization(mlir::ModuleOp network);

} // namespace quantization

#endif // QUANTIZATION_IMPORT_ONNXIMPORTER_H

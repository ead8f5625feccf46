//===- Diagnostics.h - what the compiler says -------------------*- C++ -*-===//
//
// This file declares how diagnostics of a compilation are printed.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TOOLS_DIAGNOSTICS_H
#define QUANTIZATION_TOOLS_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"
#include <set>
#include <string>

/// Prints diagnostics as the user of a model reads them: `quantization-opt: error: model.onnx: layer "conv1": ...`, or with
/// file, line and text where they come from a file of lines. A compilation has one error: what else is wrong follows as notes.
class CompilerDiagnostics : public mlir::SourceMgrDiagnosticHandler {
public:
  /// `model` is the file that locations without a file belong to.
  CompilerDiagnostics(llvm::SourceMgr &sources, mlir::MLIRContext &context, llvm::StringRef model);

private:
  void print(mlir::Location location, const llvm::Twine &message, mlir::DiagnosticSeverity severity);
  std::string withOrigin(mlir::Location location, std::string message) const;

  std::string model;
  bool failed = false;
  std::set<std::string> said;
};

#endif // QUANTIZATION_TOOLS_DIAGNOSTICS_H

//===- Diagnostics.h - LLVM's diagnostics as errors -------------*- C++ -*-===//
//
// This file declares a scope in which LLVM's linker, passes and code generators report errors to us; by default they
// print and end the process.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_EMIT_DIAGNOSTICS_H
#define QUANTIZATION_LIB_EMIT_DIAGNOSTICS_H

#include "llvm/IR/DiagnosticHandler.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/DiagnosticPrinter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <memory>
#include <string>

namespace quantization {

/// Collects the errors of `context` while it lives; everything else goes where it went before.
class DiagnosticScope {
public:
  explicit DiagnosticScope(llvm::LLVMContext &context) : context(context), previous(context.getDiagnosticHandler()) {
    context.setDiagnosticHandler(std::make_unique<Handler>(*this));
  }
  ~DiagnosticScope() { context.setDiagnosticHandler(std::move(previous)); }
  DiagnosticScope(const DiagnosticScope &) = delete;
  DiagnosticScope &operator=(const DiagnosticScope &) = delete;

  /// "`doing`: all messages so far", or success when there were none.
  llvm::Error takeError(const llvm::Twine &doing) {
    if (messages.empty())
      return llvm::Error::success();
    return llvm::createStringError(doing + ": " + std::exchange(messages, {}));
  }

private:
  struct Handler : llvm::DiagnosticHandler {
    explicit Handler(DiagnosticScope &scope) : scope(scope) {}
    bool handleDiagnostics(const llvm::DiagnosticInfo &info) override {
      if (info.getSeverity() != llvm::DS_Error)
        return scope.previous && scope.previous->handleDiagnostics(info);
      llvm::raw_string_ostream stream(scope.messages);
      if (!scope.messages.empty())
        stream << "; ";
      llvm::DiagnosticPrinterRawOStream printer(stream);
      info.print(printer);
      return true;
    }
    DiagnosticScope &scope;
  };

  llvm::LLVMContext &context;
  std::unique_ptr<llvm::DiagnosticHandler> previous;
  std::string messages;
};

} // namespace quantization

#endif // QUANTIZATION_LIB_EMIT_DIAGNOSTICS_H

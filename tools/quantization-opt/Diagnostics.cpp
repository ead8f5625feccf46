//===- Diagnostics.cpp - what the compiler says -----------------*- C++ -*-===//
//
// This file prints the diagnostics of a compilation.
//
//===----------------------------------------------------------------------===//

#include "Diagnostics.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Location.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;

CompilerDiagnostics::CompilerDiagnostics(llvm::SourceMgr &sources, MLIRContext &context, llvm::StringRef model)
    : SourceMgrDiagnosticHandler(sources, &context), model(model) {
  setHandler([this](Diagnostic &diagnostic) {
    DiagnosticSeverity severity = diagnostic.getSeverity();
    // Several places may find the same fault.
    std::string whole;
    llvm::raw_string_ostream(whole) << diagnostic.getLocation() << static_cast<int>(severity) << diagnostic;
    for (Diagnostic &note : diagnostic.getNotes())
      llvm::raw_string_ostream(whole) << note.getLocation() << note;
    if (!said.insert(whole).second)
      return;
    if (severity == DiagnosticSeverity::Error && std::exchange(failed, true))
      severity = DiagnosticSeverity::Note;
    print(diagnostic.getLocation(), diagnostic.str(), severity);
    for (Diagnostic &note : diagnostic.getNotes())
      print(note.getLocation(), note.str(), note.getSeverity());
  });
}

void CompilerDiagnostics::print(Location location, const Twine &message, DiagnosticSeverity severity) {
  if (location->findInstanceOf<FileLineColLoc>())
    return emitDiagnostic(location, message, severity);
  static constexpr StringLiteral program = "quantization-opt";
  llvm::raw_ostream &os = severity == DiagnosticSeverity::Error     ? llvm::WithColor::error(llvm::errs(), program)
                          : severity == DiagnosticSeverity::Warning ? llvm::WithColor::warning(llvm::errs(), program)
                          : severity == DiagnosticSeverity::Remark  ? llvm::WithColor::remark(llvm::errs(), program)
                                                                    : llvm::WithColor::note(llvm::errs(), program);
  os << withOrigin(location, message.str()) << "\n";
}

/// Adds what the message does not say itself of the file and the layer that it is about.
std::string CompilerDiagnostics::withOrigin(Location location, std::string message) const {
  auto name = location->findInstanceOf<NameLoc>();
  if (!name)
    return message;
  bool hasFile = StringRef(message).starts_with(model);
  std::string layer = "\"" + name.getName().str() + "\"";
  if (StringRef text = message; !text.contains(layer) && !text.contains("layer \""))
    message = "layer " + layer + ": " + message;
  return hasFile ? message : model + ": " + message;
}

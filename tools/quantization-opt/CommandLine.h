//===- CommandLine.h - the driver's own flags -------------------*- C++ -*-===//
//
// This file declares how the driver's flags become options of the compiler.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TOOLS_COMMANDLINE_H
#define QUANTIZATION_TOOLS_COMMANDLINE_H

#include "quantization/Pipeline/Compiler.h"
#include <optional>

/// Leaves the driver's own flags for --help; those of mlir-opt and LLVM move to --help-hidden.
void preferOwnFlags();

/// Whether a flag or the input asks for the compiler rather than for mlir-opt. Valid once the command line is parsed.
bool wantsCompiler(llvm::StringRef input);

/// The compiler's options, copied out of the command line (linking resets every flag of the process). An error names the flag.
llvm::Expected<quantization::CompileOptions> readCommandLine(llvm::StringRef input, llvm::StringRef output);

#endif // QUANTIZATION_TOOLS_COMMANDLINE_H

//===- Symbols.h - which library has a symbol -------------------*- C++ -*-===//
//
// This file declares the question that linking asks about the symbols of AllowedSymbols.inc.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_EMIT_SYMBOLS_H
#define QUANTIZATION_LIB_EMIT_SYMBOLS_H

#include "llvm/ADT/StringRef.h"

namespace quantization {

enum class SymbolOwner { None, LibC, LibM };

/// The library that AllowedSymbols.inc names for `symbol`.
SymbolOwner symbolOwner(llvm::StringRef symbol);

} // namespace quantization

#endif // QUANTIZATION_LIB_EMIT_SYMBOLS_H

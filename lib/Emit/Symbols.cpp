//===- Symbols.cpp - what an object leaves undefined ------------*- C++ -*-===//
//
// This file reads the undefined symbols of an object and holds them against AllowedSymbols.inc.
//
//===----------------------------------------------------------------------===//

#include "Symbols.h"
#include "quantization/Emit/Artifact.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Object/ObjectFile.h"

using namespace llvm;

namespace quantization {

SymbolOwner symbolOwner(StringRef symbol) {
  return StringSwitch<SymbolOwner>(symbol)
#define LIBC(name) .Case(#name, SymbolOwner::LibC)
#define LIBM(name) .Case(#name, SymbolOwner::LibM)
#include "AllowedSymbols.inc"
#undef LIBC
#undef LIBM
      .Default(SymbolOwner::None);
}

Expected<std::vector<std::string>> undefinedSymbols(MemoryBufferRef object) {
  Expected<std::unique_ptr<object::ObjectFile>> file = object::ObjectFile::createObjectFile(object);
  if (!file)
    return file.takeError();
  std::vector<std::string> names;
  for (const object::SymbolRef &symbol : (*file)->symbols()) {
    Expected<uint32_t> flags = symbol.getFlags();
    if (!flags)
      return flags.takeError();
    if (!(*flags & object::SymbolRef::SF_Undefined))
      continue;
    Expected<StringRef> name = symbol.getName();
    if (!name)
      return name.takeError();
    // The linker itself defines the global offset table.
    if (*name != "_GLOBAL_OFFSET_TABLE_")
      names.push_back(name->str());
  }
  llvm::sort(names);
  return names;
}

Error checkUndefinedSymbols(MemoryBufferRef object, ArrayRef<std::string> provided) {
  Expected<std::vector<std::string>> names = undefinedSymbols(object);
  if (!names)
    return names.takeError();
  erase_if(*names, [&](const std::string &name) { return symbolOwner(name) != SymbolOwner::None || is_contained(provided, name); });
  if (names->empty())
    return Error::success();
  return createStringError("the code needs symbols that are in neither the C library nor libm: " + join(*names, ", ") +
                           "; choose another --mcpu or --mattr, or report this as a bug");
}

} // namespace quantization

//===- LayerNames.h - unique names of layers --------------------*- C++ -*-===//
//
// This file keeps the names of layers apart, so that a user finds each by its own.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_IMPORT_LAYERNAMES_H
#define QUANTIZATION_LIB_IMPORT_LAYERNAMES_H

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <string>

namespace quantization {

class LayerNames {
public:
  /// Takes `name` as it is; false where another layer already has it.
  bool take(llvm::StringRef name) { return taken.insert(name).second; }

  /// Takes the first free name of `name`, `name_1`, `name_2`, ...
  std::string unique(llvm::StringRef name) {
    if (take(name))
      return name.str();
    for (unsigned &count = counts[name];;) {
      std::string numbered = name.str() + "_" + std::to_string(++count);
      if (take(numbered))
        return numbered;
    }
  }

private:
  llvm::StringSet<> taken;
  llvm::StringMap<unsigned> counts;
};

} // namespace quantization

#endif // QUANTIZATION_LIB_IMPORT_LAYERNAMES_H

//===- Lowerings.h - the names a lowering may have --------------*- C++ -*-===//
//
// This file tells misspelt names of lowerings before a network is read.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TILE_LOWERINGS_H
#define QUANTIZATION_TILE_LOWERINGS_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace quantization {

/// Why no layer on any target can have the lowering `name`, with the name that was probably meant; empty for "loops", "shift" and the
/// micro-kernels of all targets.
std::string whyNoLowering(llvm::StringRef name);

} // namespace quantization

#endif // QUANTIZATION_TILE_LOWERINGS_H

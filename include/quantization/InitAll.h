//===- InitAll.h - dialects and passes --------------------------*- C++ -*-===//
//
// This file declares the registration of everything that the project defines.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_INITALL_H
#define QUANTIZATION_INITALL_H

#include "mlir/IR/DialectRegistry.h"

namespace quantization {

/// Our dialects, upstream's that the pipeline uses, and their external interfaces.
void registerAllDialects(mlir::DialectRegistry &registry);
void registerAllPasses();

} // namespace quantization

#endif // QUANTIZATION_INITALL_H

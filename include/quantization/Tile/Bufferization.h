//===- Bufferization.h - our ops on buffers ---------------------*- C++ -*-===//
//
// This file declares how the bufferization of fixed ops is made known.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TILE_BUFFERIZATION_H
#define QUANTIZATION_TILE_BUFFERIZATION_H

#include "mlir/IR/DialectRegistry.h"

namespace quantization {

void registerBufferization(mlir::DialectRegistry &registry);

} // namespace quantization

#endif // QUANTIZATION_TILE_BUFFERIZATION_H

//===- EncodeLayers.h - weights and biases that come as codes ---*- C++ -*-===//
//
// This file declares how the constants of a layer that a file has quantized become those of an integer layer.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_QUANTIZE_ENCODELAYERS_H
#define QUANTIZATION_LIB_QUANTIZE_ENCODELAYERS_H

#include "quantization/Calibrate/Observers.h"
#include "quantization/Dialect/NN/NN.h"

namespace quantization {

/// Where both the input and the weights of `layer` are quantized: puts the weights' codes around zero and the bias on the
/// accumulator's scale (Numerics R8, R29). What keeps the layer in float is left on it. Fails on numbers that no code has, reported.
llvm::LogicalResult encodeLayer(nn::QuantizableOpInterface layer, UniqueNames &names);

/// Gives the layer another constant as operand `index`, of the name of the one that goes. A name that others use gets company.
void replaceConstant(mlir::Operation *layer, int64_t index, mlir::quant::QuantizedType type, llvm::ArrayRef<int64_t> codes,
                     UniqueNames &names);

} // namespace quantization

#endif // QUANTIZATION_LIB_QUANTIZE_ENCODELAYERS_H

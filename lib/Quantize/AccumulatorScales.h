//===- AccumulatorScales.h - scales of weights and biases -------*- C++ -*-===//
//
// This file declares what encoding weights and biases has in common, whoever chose the weights' scales.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_QUANTIZE_ACCUMULATORSCALES_H
#define QUANTIZATION_LIB_QUANTIZE_ACCUMULATORSCALES_H

#include "quantization/Dialect/NN/NN.h"

namespace quantization {

/// The type behind the dequantize that feeds the layer's first operand other than weights and bias; null when there is none.
mlir::quant::QuantizedType inputType(nn::QuantizableOpInterface layer);

/// `type` with other scales, as many as it had.
mlir::quant::QuantizedType withScales(mlir::quant::QuantizedType type, llvm::ArrayRef<double> scales);

/// R8: raises the scales of `weights` at which a bias would leave i32, where asked for to powers of two. Returns the channels that were
/// raised.
llvm::SmallVector<int64_t> raiseScales(mlir::quant::QuantizedType &weights, float inputScale, llvm::ArrayRef<float> biases,
                                       bool toPowersOfTwo = false);

/// R8: the type of the bias of a layer with these weights.
mlir::quant::QuantizedType biasType(mlir::quant::QuantizedType weights, float inputScale);

/// Codes exist for finite numbers only. Says where the first other one is.
llvm::LogicalResult expectFinite(nn::QuantizableOpInterface layer, llvm::StringRef what, llvm::ArrayRef<float> values);

} // namespace quantization

#endif // QUANTIZATION_LIB_QUANTIZE_ACCUMULATORSCALES_H

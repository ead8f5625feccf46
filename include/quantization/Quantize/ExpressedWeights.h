//===- ExpressedWeights.h - what weights become in a format -----*- C++ -*-===//
//
// This file declares the f32 values that a layer's weights and biases have once they are encoded.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_QUANTIZE_EXPRESSEDWEIGHTS_H
#define QUANTIZATION_QUANTIZE_EXPRESSEDWEIGHTS_H

#include "quantization/Format/NumberFormat.h"

namespace quantization {

/// Weights in a format, before it is known what the layer reads.
struct EncodedWeights {
  mlir::quant::QuantizedType type;
  std::vector<float> values;
};
EncodedWeights encodeWeights(const NumberFormat &format, const WeightsView &weights, mlir::MLIRContext *context);

/// What quantize-constants and a dequantize make of a layer's constants.
struct ExpressedWeights {
  std::shared_ptr<const EncodedWeights> weights; ///< null: they stay as they are, as do biases
  std::vector<float> biases;
};

/// `encoded` is encodeWeights' result; it is shared unless scales must be raised for a bias (R8).
ExpressedWeights expressWeights(const NumberFormat &format, const WeightsView &weights, llvm::ArrayRef<float> biases, float inputScale,
                                std::shared_ptr<const EncodedWeights> encoded);

} // namespace quantization

#endif // QUANTIZATION_QUANTIZE_EXPRESSEDWEIGHTS_H

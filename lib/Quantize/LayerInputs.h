//===- LayerInputs.h - what a result of a layer reads -----------*- C++ -*-===//
//
// This file declares how the inputs of single results are picked out of a layer's input.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_QUANTIZE_LAYERINPUTS_H
#define QUANTIZATION_LIB_QUANTIZE_LAYERINPUTS_H

#include "quantization/Calibrate/NetworkRunner.h"
#include "quantization/Dialect/NN/NN.h"

namespace quantization {

/// A convolution, or a product by a matrix of constants.
class LayerInputs {
public:
  /// Empty for other layers.
  static std::optional<LayerInputs> of(mlir::Operation *layer);

  size_t groups() const { return groupCount; }
  /// Values that a result reads, in the order of its weights: channels of its group, then kernel positions.
  size_t inputs() const { return channels * kernelSize; }
  /// The weights of `group` as [outputs][inputs], and back.
  std::vector<float> weightsOf(size_t group, llvm::ArrayRef<float> weights) const;
  void setWeights(size_t group, llvm::ArrayRef<float> rows, llvm::MutableArrayRef<float> weights) const;
  size_t outputs() const { return outputCount; }
  /// The inputs of about `count` results of one sample, evenly spread and beginning elsewhere for each `sample`, appended to `rows`.
  void pick(const ObservedValue &value, size_t group, size_t sample, size_t count, std::vector<float> &rows) const;

private:
  bool isMatrix = false;
  size_t groupCount = 1, channels = 0, kernelSize = 1, outputCount = 0; ///< of a group
  llvm::SmallVector<int64_t> kernel, strides, dilations, pads, results;
};

} // namespace quantization

#endif // QUANTIZATION_LIB_QUANTIZE_LAYERINPUTS_H

//===- LayerInputs.cpp - what a result of a layer reads ---------*- C++ -*-===//
//
// This file picks the inputs of single results out of a layer's input.
//
//===----------------------------------------------------------------------===//

#include "LayerInputs.h"

using namespace mlir;
using namespace quantization;

std::optional<LayerInputs> LayerInputs::of(Operation *layer) {
  LayerInputs inputs;
  if (auto conv = dyn_cast<nn::ConvOp>(layer)) {
    ArrayRef<int64_t> shape = nn::shapeOf(conv.getWeights());
    inputs.groupCount = conv.getGroups();
    inputs.channels = shape[1];
    inputs.kernel.assign(shape.begin() + 2, shape.end());
    inputs.kernelSize = llvm::product_of(inputs.kernel);
    inputs.outputCount = shape[0] / conv.getGroups();
    inputs.strides = llvm::to_vector(conv.getStrides()), inputs.dilations = llvm::to_vector(conv.getDilations());
    inputs.pads = llvm::to_vector(conv.getPads());
    inputs.results = llvm::to_vector(nn::shapeOf(conv.getResult()));
    inputs.results.erase(inputs.results.begin() + 1);
    return inputs;
  }
  auto matmul = dyn_cast<nn::MatmulOp>(layer);
  if (!matmul || nn::shapeOf(matmul.getWeights()).size() != 2)
    return std::nullopt;
  inputs.isMatrix = true;
  inputs.channels = nn::shapeOf(matmul.getWeights())[0];
  inputs.outputCount = nn::shapeOf(matmul.getWeights())[1];
  inputs.results = llvm::to_vector(nn::shapeOf(matmul.getResult()).drop_back());
  return inputs;
}

std::vector<float> LayerInputs::weightsOf(size_t group, ArrayRef<float> weights) const {
  std::vector<float> rows(outputCount * inputs());
  if (!isMatrix)
    return weights.slice(group * rows.size(), rows.size());
  for (size_t o = 0; o < outputCount; ++o)
    for (size_t i = 0; i < channels; ++i)
      rows[o * channels + i] = weights[i * outputCount + o];
  return rows;
}

void LayerInputs::setWeights(size_t group, ArrayRef<float> rows, MutableArrayRef<float> weights) const {
  if (!isMatrix) {
    llvm::copy(rows, weights.begin() + group * rows.size());
    return;
  }
  for (size_t o = 0; o < outputCount; ++o)
    for (size_t i = 0; i < channels; ++i)
      weights[i * outputCount + o] = rows[o * channels + i];
}

void LayerInputs::pick(const ObservedValue &value, size_t group, size_t sample, size_t count, std::vector<float> &rows) const {
  SmallVector<int64_t> steps(value.shape.size());
  int64_t step = 1;
  for (int64_t dimension : llvm::reverse(value.order)) {
    steps[dimension] = step;
    step *= value.shape[dimension];
  }
  auto total = static_cast<size_t>(llvm::product_of(results));
  count = std::min(count, total);
  for (size_t number = 0; number < count; ++number) {
    size_t rest = (number * total / count + sample * 2654435761u) % total;
    SmallVector<int64_t> at(results.size());
    for (size_t d = results.size(); d-- > 0;) {
      at[d] = rest % results[d];
      rest /= results[d];
    }
    int64_t start = 0; // of the image, or the row
    if (isMatrix) {
      for (auto [d, index] : llvm::enumerate(at))
        start += index * steps[d];
      for (size_t i = 0; i < channels; ++i)
        rows.push_back(value.values[start + i * steps.back()]);
      continue;
    }
    start = at[0] * steps[0] + static_cast<int64_t>(group * channels) * steps[1];
    for (size_t i = 0; i < channels; ++i)
      for (size_t k = 0; k < kernelSize; ++k) {
        int64_t place = start + static_cast<int64_t>(i) * steps[1];
        bool isInside = true;
        size_t left = k;
        for (size_t d = kernel.size(); d-- > 0;) {
          int64_t x = at[1 + d] * strides[d] - pads[d] + static_cast<int64_t>(left % kernel[d]) * dilations[d];
          left /= kernel[d];
          isInside &= x >= 0 && x < value.shape[2 + d];
          place += x * steps[2 + d];
        }
        rows.push_back(isInside ? value.values[place] : 0);
      }
  }
}

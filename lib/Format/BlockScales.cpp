//===- BlockScales.cpp - scales for parts of a channel ----------*- C++ -*-===//
//
// This file fits the scales of blocks of weights (Numerics R36).
//
//===----------------------------------------------------------------------===//

#include "BlockScales.h"
#include "WeightFit.h"
#include "quantization/Format/Grid.h"
#include <algorithm>

namespace quantization {

float BlockScales::scaleOf(llvm::ArrayRef<std::vector<float>> blocks) const {
  double extent = 0;
  for (const std::vector<float> &block : blocks)
    extent = std::max(extent, clippedExtent(block, hi));
  return symmetricGrid(extent, -reach(), reach()).scale;
}

std::vector<int64_t> BlockScales::productsOf(llvm::ArrayRef<float> block, float scale) const {
  std::vector<int64_t> best;
  double least = 0;
  for (int64_t multiplier = most; multiplier >= 1; --multiplier) {
    Grid grid;
    grid.scale = scale * static_cast<float>(multiplier);
    grid.lo = -hi, grid.hi = hi;
    std::vector<int64_t> products;
    double sum = 0;
    for (float value : block) {
      products.push_back(quantize(value, grid) * multiplier);
      double error = double(value) - static_cast<double>(products.back()) * double(scale);
      sum += error * error;
    }
    if (best.empty() || sum < least) {
      least = sum;
      best = std::move(products);
    }
    if (least == 0)
      break;
  }
  return best;
}

} // namespace quantization

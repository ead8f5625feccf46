//===- WeightPacking.cpp - several weights in a byte ------------*- C++ -*-===//
//
// This file brings weights together that share bytes: of few bits, or signs.
//
//===----------------------------------------------------------------------===//

#include "WeightPacking.h"

using namespace quantization;
using namespace quantization::tile;
using llvm::ArrayRef;

std::vector<int8_t> tile::shareBytes(const DotKernel &kernel, const Packing &packing, ArrayRef<int16_t> weights) {
  std::vector<int8_t> bytes;
  int64_t width = kernel.lanes * kernel.codes, vectors = packing.lanes / kernel.lanes, shared = kernel.packing;
  for (; !weights.empty(); weights = weights.drop_front(vectors * width)) // a step
    for (int64_t v = 0; v < vectors;) {
      bool together = v + shared <= vectors;
      int64_t size = together ? width : width / shared;
      for (int64_t at = 0; at < size; ++at) {
        int64_t byte = 0;
        for (int64_t number = 0; number < shared; ++number)
          byte |= kernel.hasSignBits() ? int64_t(weights[v * width + number * size + at] > 0) << number
                                       : (weights[v * width + number * size + at] + kernel.weightOffset()) << (number * kernel.weightBits());
        bytes.push_back(static_cast<int8_t>(byte));
      }
      v += together ? shared : 1;
    }
  return bytes;
}

Weights<int32_t> tile::signsTogether(const DotKernel &kernel, const Weights<int16_t> &weights, int64_t groups) {
  int64_t together = kernel.valuesTogether();
  Weights<int32_t> signs{{}, weights.outputs, (weights.inputs + together - 1) / together, weights.rows, weights.columns, weights.matrix};
  auto push = [&](int64_t o, int64_t y, int64_t x, int64_t number) {
    uint32_t bits = 0;
    for (int64_t i = number * together; i < std::min((number + 1) * together, weights.inputs); ++i)
      bits |= static_cast<uint32_t>(weights.at(0, o, y, x, i) < 0) << (i % together);
    signs.values.push_back(static_cast<int32_t>(bits));
  };
  if (weights.matrix)
    for (int64_t number = 0; number < signs.inputs; ++number)
      for (int64_t o = 0; o < weights.outputs; ++o)
        push(o, 0, 0, number);
  else
    for (int64_t o = 0; o < groups * weights.outputs; ++o)
      for (int64_t number = 0; number < signs.inputs; ++number)
        for (int64_t y = 0; y < weights.rows; ++y)
          for (int64_t x = 0; x < weights.columns; ++x)
            push(o, y, x, number);
  return signs;
}

std::vector<int8_t> tile::interleaved(const DotKernel &kernel, ArrayRef<int32_t> lanes) {
  std::vector<int8_t> bytes;
  for (; !lanes.empty(); lanes = lanes.drop_front(4 * kernel.lanes))
    for (int64_t lane = 0; lane < kernel.lanes; ++lane)
      for (int64_t vector = 0; vector < 4; ++vector)
        bytes.push_back(static_cast<int8_t>(lanes[vector * kernel.lanes + lane]));
  return bytes;
}

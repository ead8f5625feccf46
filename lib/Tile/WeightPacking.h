//===- WeightPacking.h - weights in the order of a kernel -------*- C++ -*-===//
//
// This file declares how the weights of a contraction are ordered and brought together for a micro-kernel. It knows nothing of IR.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TILE_WEIGHTPACKING_H
#define QUANTIZATION_LIB_TILE_WEIGHTPACKING_H

#include "quantization/Target/TargetModel.h"
#include <algorithm>

namespace quantization::tile {

/// The weights of group g, output o, kernel row y, column x, input channel i; the order that all layouts are packed from.
template <typename T> struct Weights {
  std::vector<T> values;
  int64_t outputs, inputs, rows, columns;
  bool matrix;

  T at(int64_t group, int64_t o, int64_t y, int64_t x, int64_t i) const {
    if (x >= columns)
      return 0;
    if (matrix)
      return values[i * outputs + o];
    return values[(((group * outputs + o) * inputs + i) * rows + y) * columns + x];
  }
};

/// How a contraction is cut into blocks and steps.
struct Packing {
  int64_t groups, blocks, rows, steps, lanes, codes;
  int64_t run;   ///< values of a kernel row
  int64_t depth; ///< values that a multiplication takes, in one or more steps

  int64_t channels() const { return groups * blocks * lanes; }
  /// The place of output channel `o` of `group` in a vector per channel.
  int64_t channel(int64_t group, int64_t o) const { return group * blocks * lanes + o; }
};

template <typename T> std::vector<T> pack(const Packing &packing, const Weights<T> &weights, int64_t columns) {
  std::vector<T> packed;
  packed.reserve(packing.channels() * packing.rows * packing.steps * packing.codes);
  // Where values of a row do not lie side by side each column has steps of its own.
  bool split = packing.run != columns * weights.inputs;
  int64_t stepsOfRun = split ? packing.steps / columns : packing.steps;
  for (int64_t g = 0; g < packing.groups; ++g)
    for (int64_t block = 0; block < packing.blocks; ++block)
      for (int64_t y = 0; y < packing.rows; ++y)
        for (int64_t step = 0; step < packing.steps; ++step)
          for (int64_t lane = 0; lane < packing.lanes; ++lane)
            for (int64_t code = 0; code < packing.codes; ++code) {
              int64_t o = block * packing.lanes + lane;
              int64_t within = step % stepsOfRun * packing.codes, length = split ? weights.inputs : packing.run;
              // The last multiplication ends with the run; what the one before it has had is zero in it.
              int64_t due = within / packing.depth * packing.depth, start = std::min(due, length - packing.depth);
              int64_t k = start + within % packing.depth + code;
              bool fresh = k >= due;
              int64_t x = split ? step / stepsOfRun : k / weights.inputs, i = split ? k : k % weights.inputs;
              packed.push_back(o < weights.outputs && fresh ? weights.at(g, o, y, x, i) : T(0));
            }
  return packed;
}

/// The weights of a depthwise convolution: for each group of as many kernel rows as a step has codes, column and vector, the rows of
/// every lane's channel. Interleaving rows leaves the lanes of 256 bits in the order of their 128-bit halves.
template <typename T, typename From> std::vector<T> packDepthwise(const Packing &packing, const Weights<From> &weights) {
  std::vector<T> packed;
  int64_t lanes = packing.lanes / packing.codes;
  for (int64_t block = 0; block < packing.blocks; ++block)
    for (int64_t group = 0; group < packing.rows; ++group)
      for (int64_t x = 0; x < packing.steps; ++x)
        for (int64_t part = 0; part < packing.codes; ++part)
          for (int64_t lane = 0; lane < lanes; ++lane)
            for (int64_t code = 0; code < packing.codes; ++code) {
              int64_t within = packing.codes == 1 ? lane : lane / 4 * (packing.lanes / 2) + part * 4 + lane % 4;
              int64_t channel = block * packing.lanes + within, y = group * packing.codes + code;
              packed.push_back(channel < weights.outputs && y < weights.rows ? T(weights.at(0, channel, y, x, 0)) : T(0));
            }
  return packed;
}

/// `weights`, as they are packed, several to a byte (DotKernel::packing).
std::vector<int8_t> shareBytes(const DotKernel &kernel, const Packing &packing, llvm::ArrayRef<int16_t> weights);

/// The signs of `weights`, as many input channels in each number as values are together, the first in the lowest bit: 1 for a negative one.
/// Those of channels that do not exist are positive.
Weights<int32_t> signsTogether(const DotKernel &kernel, const Weights<int16_t> &weights, int64_t groups);

/// Lane l of vector q, of four that follow each other, in byte 4 l + q.
std::vector<int8_t> interleaved(const DotKernel &kernel, llvm::ArrayRef<int32_t> lanes);

} // namespace quantization::tile

#endif // QUANTIZATION_LIB_TILE_WEIGHTPACKING_H

//===- SignedSums.h - ternary weights as additions --------------*- C++ -*-===//
//
// This file declares how a matrix of ternary weights becomes sums and differences of inputs, some of which several outputs share. It knows
// nothing of IR.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TERNARY_SIGNEDSUMS_H
#define QUANTIZATION_TERNARY_SIGNEDSUMS_H

#include <cstdint>
#include <optional>
#include <vector>

namespace quantization {

/// One or two inputs, and what the outputs of a group do with them. Bit o of a mask is output `first + o` of the group. Where several outputs
/// take both inputs alike, their sum or difference is computed once.
struct SharedTerm {
  enum Operand { First, Second, Sum, Difference };
  int64_t inputs[2] = {-1, -1};              ///< columns of the matrix; the second is -1 for one input
  uint32_t added[4] = {}, subtracted[4] = {}; ///< by operand; Difference is the first input less the second
};

/// A stretch of inputs in which all weights of an output are -a, 0 or a for an `a` of its own, and no sum of codes leaves 16 bits.
struct SumChunk {
  int64_t begin, end;           ///< columns of the matrix
  std::vector<int64_t> factors; ///< a of each output; 1 where all weights are 0
};

struct SignedSums {
  std::vector<SumChunk> chunks;
  int64_t outputs;

  /// How many weights are not 0.
  int64_t nonzeros = 0;

  /// `weights`, [outputs][channels * area], in chunks of whole channels; nothing where weights of a channel have different magnitudes, or
  /// where a sum of one channel has no room for inputs of up to `largestInput`.
  static std::optional<SignedSums> of(const std::vector<int32_t> &weights, int64_t outputs, int64_t channels, int64_t area, int64_t largestInput);
};

/// The terms of outputs `first` to `first + count - 1`, 32 at most, in `chunk`: the inputs are paired off so that as many additions as
/// possible are shared, greedily, for temporaries cost registers (full elimination of common subexpressions spills, and is slower).
std::vector<SharedTerm> shareSums(const std::vector<int32_t> &weights, int64_t columns, const SumChunk &chunk, int64_t first, int64_t count);

/// The additions and subtractions that `terms` take; the first of an output in a chunk is none if it is an addition.
int64_t countAdditions(const std::vector<SharedTerm> &terms);

} // namespace quantization

#endif // QUANTIZATION_TERNARY_SIGNEDSUMS_H

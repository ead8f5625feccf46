//===- AdditionCode.h - additions as instructions ---------------*- C++ -*-===//
//
// This file declares the text of straight-line code for signed sums, with registers assigned. It knows nothing of IR.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TARGET_X86_ADDITIONCODE_H
#define QUANTIZATION_LIB_TARGET_X86_ADDITIONCODE_H

#include "quantization/Ternary/SignedSums.h"
#include <functional>
#include <string>

namespace quantization {

/// A loop over positions, of as many at a time as a register has lanes of 16 bits, in the syntax of AT&T. It takes pointers: $0 to inputs, 16 bits
/// each; $1 to results, 32 bits each; $2 to pairs of factors of 16 bits; and $3 to room for a register of each output.
class AdditionCode {
public:
  /// Registers hold inputs, their sum and their difference besides sums.
  static constexpr int64_t kOtherRegisters = 4;

  AdditionCode(int64_t lanes, int64_t registers) : lanes(lanes), registers(registers) {}

  /// The sums of `count` outputs over one or two chunks, multiplied by a pair of factors each and added to the results. The first addition
  /// overwrites those, and the last one puts positions in order. `place` says where a column lies, `result` where the results of an output are, as elements from the position on; the pair of
  /// the first output is that of number `pair`, and others follow it.
  void add(const std::vector<SharedTerm> &even, const std::vector<SharedTerm> *odd, int64_t count, bool isFirst, bool isLast, int64_t pair,
           const std::function<int64_t(int64_t)> &place, const std::function<int64_t(int64_t)> &result);
  /// Instructions so far.
  int64_t size() const { return instructions; }

  std::string loop(int64_t positions) const;
  /// Of the inline assembly: its operands and what it overwrites.
  std::string constraints() const;

private:
  int64_t lanes, registers, instructions = 0;
  std::string body;

  std::string name(int64_t number) const { return (lanes == 32 ? "%zmm" : "%ymm") + std::to_string(number); }
  std::string wide(const char *narrow, const char *other) const { return lanes == 32 ? other : narrow; }
  void emit(const std::string &instruction, const std::string &operands);
  /// The first half of the positions to `first`, the second to `low`.
  void putInOrder(const std::string &low, const std::string &high, const std::string &first);
  /// Leaves the sums of a chunk in the first registers.
  void addUp(const std::vector<SharedTerm> &terms, int64_t count, const std::function<int64_t(int64_t)> &place);
};

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_X86_ADDITIONCODE_H

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

/// A loop over positions, of as many at a time as a register has lanes of 16 bits, in the syntax of AT&T. It adds up what lies from operand $0
/// on and stores sums from operand $1 on: pointers, which it leaves as they are.
class AdditionCode {
public:
  /// Registers hold inputs, their sum and their difference besides sums.
  static constexpr int64_t kOtherRegisters = 4;

  AdditionCode(int64_t lanes, int64_t registers) : lanes(lanes), registers(registers) {}

  /// The sums of `count` outputs; `place` says where a column lies, `target` where an output goes: elements of 16 bits from the position on.
  void add(const std::vector<SharedTerm> &terms, int64_t count, const std::function<int64_t(int64_t)> &place,
           const std::function<int64_t(int64_t)> &target);
  /// Instructions so far.
  int64_t size() const { return instructions; }

  std::string loop(int64_t positions) const;
  /// Of the inline assembly: its operands and what it overwrites.
  std::string constraints() const;

private:
  int64_t lanes, registers, instructions = 0;
  std::string body;

  std::string name(int64_t number) const { return (lanes == 32 ? "%zmm" : "%ymm") + std::to_string(number); }
  void emit(const std::string &instruction, const std::string &operands);
};

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_X86_ADDITIONCODE_H

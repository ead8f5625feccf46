//===- AdditionCode.cpp - additions as instructions -------------*- C++ -*-===//
//
// This file writes signed sums as code that needs neither an optimizer nor a register allocator: both are made for other code, and take ten
// times as long for it. For y0 = a + b - c and y1 = a + b, with sums in the first registers and the last four for inputs:
//
//   vmovdqu 0(%rax), %ymm12
//   vpaddw 640(%rax), %ymm12, %ymm14
//   vmovdqa %ymm14, %ymm0
//   vmovdqa %ymm14, %ymm1
//   vpsubw 1280(%rax), %ymm0, %ymm0
//
// Sums of two chunks lie side by side when they are multiplied by their factors, added and widened (vpmaddwd).
//
//===----------------------------------------------------------------------===//

#include "AdditionCode.h"
#include <bitset>
#include <utility>

namespace quantization {

constexpr int64_t kElementBytes = 2;

void AdditionCode::emit(const std::string &instruction, const std::string &operands) {
  body += instruction + " " + operands + "\n";
  ++instructions;
}

static std::string three(const std::string &a, const std::string &b, const std::string &c) { return a + ", " + b + ", " + c; }
static std::string at(int64_t byte, const char *base) { return std::to_string(byte) + "(" + base + ")"; }

void AdditionCode::add(const std::vector<SharedTerm> &even, const std::vector<SharedTerm> *odd, int64_t count, bool isFirst, bool isLast, int64_t pair,
                       const std::function<int64_t(int64_t)> &place, const std::function<int64_t(int64_t)> &result) {
  const std::string move = wide("vmovdqu", "vmovdqu64");
  int64_t bytes = kElementBytes * lanes;
  addUp(even, count, place);
  if (odd) {
    for (int64_t o = 0; o < count; ++o)
      emit(move, name(o) + ", " + at(bytes * o, "%r8"));
    addUp(*odd, count, place);
  }
  for (int64_t o = 0; o < count; ++o) {
    std::string low = name(registers - 1), high = name(registers - 2), factors = name(registers - 3);
    // Without a second chunk the second factors are 0.
    std::string first = odd ? at(bytes * o, "%r8") : name(o);
    emit(move, first + ", " + high);
    emit("vpunpcklwd", three(name(o), high, low));
    emit("vpunpckhwd", three(name(o), high, high));
    emit("vpbroadcastd", at(2 * kElementBytes * (pair + o), "$2") + ", " + factors);
    emit("vpmaddwd", three(factors, low, low));
    emit("vpmaddwd", three(factors, high, high));
    int64_t to = 2 * kElementBytes * result(o);
    if (!isFirst) {
      emit("vpaddd", three(at(to, "%rdx"), low, low));
      emit("vpaddd", three(at(to + bytes, "%rdx"), high, high));
    }
    if (isLast) { // the upper half of each 128 bits of sums is in `high`
      putInOrder(low, high, factors);
      std::swap(low, factors);
      std::swap(high, factors);
    }
    emit(move, low + ", " + at(to, "%rdx"));
    emit(move, high + ", " + at(to + bytes, "%rdx"));
  }
}

void AdditionCode::putInOrder(const std::string &low, const std::string &high, const std::string &first) {
  if (lanes == 16) {
    emit("vperm2i128", "$$0x20, " + three(high, low, first));
    emit("vperm2i128", "$$0x31, " + three(high, low, low));
    return;
  }
  emit("vshufi64x2", "$$0x44, " + three(high, low, first));
  emit("vshufi64x2", "$$0xd8, " + three(first, first, first));
  emit("vshufi64x2", "$$0xee, " + three(high, low, low));
  emit("vshufi64x2", "$$0xd8, " + three(low, low, low));
}

void AdditionCode::addUp(const std::vector<SharedTerm> &terms, int64_t count, const std::function<int64_t(int64_t)> &place) {
  const std::string load = wide("vmovdqu", "vmovdqu64"), copy = wide("vmovdqa", "vmovdqa64"), clear = wide("vpxor", "vpxord");
  uint32_t begun = 0;
  auto accumulate = [&](uint32_t added, uint32_t subtracted, const std::string &value) {
    for (int64_t o = 0; o < count; ++o) {
      bool isSum = added >> o & 1;
      if (!isSum && !(subtracted >> o & 1))
        continue;
      std::string sum = name(o);
      if (begun >> o & 1) {
        emit(isSum ? "vpaddw" : "vpsubw", three(value, sum, sum));
      } else if (isSum) {
        emit(value[0] == '%' ? copy : load, value + ", " + sum);
      } else {
        emit(clear, three(sum, sum, sum));
        emit("vpsubw", three(value, sum, sum));
      }
      begun |= 1u << o;
    }
  };
  for (const SharedTerm &term : terms) {
    auto uses = [&](int operand) { return std::bitset<32>(term.added[operand] | term.subtracted[operand]).count(); };
    size_t shared = (uses(SharedTerm::Sum) ? 1 : 0) + (uses(SharedTerm::Difference) ? 1 : 0);
    // What is needed once is read where it is needed; the first of two that are brought together has to be in a register.
    auto operand = [&](int number, bool needsRegister) {
      std::string memory = at(kElementBytes * place(term.inputs[number]), "%rax"), own = name(registers - kOtherRegisters + number);
      if (!needsRegister && uses(number) + shared <= 1)
        return memory;
      emit(load, memory + ", " + own);
      return own;
    };
    std::string first = operand(SharedTerm::First, shared > 0), second = term.inputs[1] < 0 ? "" : operand(SharedTerm::Second, false);
    for (auto [kind, instruction, number] : {std::tuple(SharedTerm::Sum, "vpaddw", 2), std::tuple(SharedTerm::Difference, "vpsubw", 1)})
      if (uses(kind)) {
        std::string both = name(registers - number);
        emit(instruction, three(second, first, both));
        accumulate(term.added[kind], term.subtracted[kind], both);
      }
    accumulate(term.added[SharedTerm::First], term.subtracted[SharedTerm::First], first);
    accumulate(term.added[SharedTerm::Second], term.subtracted[SharedTerm::Second], second);
  }
  for (int64_t o = 0; o < count; ++o)
    if (!(begun >> o & 1))
      emit(clear, three(name(o), name(o), name(o)));
}

std::string AdditionCode::loop(int64_t positions) const {
  std::string step = std::to_string(kElementBytes * lanes), twice = std::to_string(2 * kElementBytes * lanes);
  return "movq $0, %rax\nmovq $1, %rdx\nmovq $3, %r8\nleaq " + std::to_string(kElementBytes * positions) + "(%rax), %rcx\n1:\n" + body +
         "addq $$" + step + ", %rax\naddq $$" + twice + ", %rdx\ncmpq %rcx, %rax\njb 1b";
}

std::string AdditionCode::constraints() const {
  std::string text = "r,r,r,r,~{rax},~{rcx},~{rdx},~{r8},~{memory},~{dirflag},~{fpsr},~{flags}";
  for (int64_t number = 0; number < registers; ++number)
    text += ",~{" + name(number).substr(1) + "}";
  return text;
}

} // namespace quantization

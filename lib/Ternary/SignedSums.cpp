//===- SignedSums.cpp - ternary weights as additions ------------*- C++ -*-===//
//
// This file cuts ternary weights into chunks with one factor an output, and pairs inputs whose sums or differences several outputs share:
//
//   y0 = a + b - c        s = a + b
//   y1 = a + b       ==>  y0 = s - c
//   y2 = -a - b + c       y1 = s
//                         y2 = c - s
//
//===----------------------------------------------------------------------===//

#include "quantization/Ternary/SignedSums.h"
#include <algorithm>
#include <bitset>
#include <cstdlib>

namespace quantization {

static int bitsIn(uint32_t mask) { return static_cast<int>(std::bitset<32>(mask).count()); }

std::optional<SignedSums> SignedSums::of(const std::vector<int32_t> &weights, int64_t outputs, int64_t channels, int64_t area,
                                         int64_t largestInput) {
  constexpr int64_t kLargestSum = INT16_MAX;
  struct State {
    int64_t factor = 0, added = 0, subtracted = 0;
  };
  SignedSums sums;
  sums.outputs = outputs;
  std::vector<State> states(outputs);
  int64_t columns = channels * area, begin = 0;
  auto close = [&](int64_t end) {
    SumChunk chunk{begin, end, {}};
    for (const State &state : states)
      chunk.factors.push_back(state.factor ? state.factor : 1);
    sums.chunks.push_back(std::move(chunk));
    begin = end;
  };
  for (int64_t channel = 0; channel < channels; ++channel) {
    std::vector<State> alone(outputs);
    bool fits = true;
    for (int64_t o = 0; o < outputs; ++o) {
      State &own = alone[o], &all = states[o];
      for (int64_t k = channel * area; k < (channel + 1) * area; ++k) {
        int64_t weight = weights[o * columns + k], magnitude = std::abs(weight);
        if (weight == 0)
          continue;
        if (own.factor != 0 && own.factor != magnitude)
          return std::nullopt;
        own.factor = magnitude;
        ++(weight > 0 ? own.added : own.subtracted);
        ++sums.nonzeros;
      }
      if (std::max(own.added, own.subtracted) * largestInput > kLargestSum)
        return std::nullopt;
      bool isOther = own.factor != 0 && all.factor != 0 && own.factor != all.factor;
      fits &= !isOther && std::max(own.added + all.added, own.subtracted + all.subtracted) * largestInput <= kLargestSum;
    }
    if (!fits) {
      close(channel * area);
      states = alone;
      continue;
    }
    for (int64_t o = 0; o < outputs; ++o) {
      states[o].factor = std::max(states[o].factor, alone[o].factor);
      states[o].added += alone[o].added, states[o].subtracted += alone[o].subtracted;
    }
  }
  close(columns);
  return sums;
}

namespace {
/// Which outputs add an input, and which subtract it.
struct Column {
  int64_t number;
  uint32_t added = 0, subtracted = 0;
};
} // namespace

std::vector<SharedTerm> shareSums(const std::vector<int32_t> &weights, int64_t columns, const SumChunk &chunk, int64_t first, int64_t count) {
  std::vector<Column> used;
  for (int64_t k = chunk.begin; k < chunk.end; ++k) {
    Column column{k};
    for (int64_t o = 0; o < count; ++o) {
      int32_t weight = weights[(first + o) * columns + k];
      (weight > 0 ? column.added : column.subtracted) |= weight ? 1u << o : 0u;
    }
    if (column.added | column.subtracted)
      used.push_back(column);
  }
  // What a pair saves: of n outputs that take both inputs alike n additions, less the one that brings them together.
  auto alike = [](const Column &a, const Column &b) { return (a.added & b.added) | (a.subtracted & b.subtracted); };
  auto unlike = [](const Column &a, const Column &b) { return (a.added & b.subtracted) | (a.subtracted & b.added); };
  auto saving = [](uint32_t outputs) { return static_cast<size_t>(std::max(0, bitsIn(outputs) - 1)); };
  using Pair = std::pair<size_t, size_t>;
  std::vector<std::vector<Pair>> bySaving;
  for (size_t a = 0; a < used.size(); ++a)
    for (size_t b = a + 1; b < used.size(); ++b)
      if (size_t saved = saving(alike(used[a], used[b])) + saving(unlike(used[a], used[b]))) {
        bySaving.resize(std::max(bySaving.size(), saved + 1));
        bySaving[saved].push_back({a, b});
      }
  std::vector<int64_t> partner(used.size(), -1);
  for (auto pairs = bySaving.rbegin(); pairs != bySaving.rend(); ++pairs)
    for (auto [a, b] : *pairs)
      if (partner[a] < 0 && partner[b] < 0)
        partner[a] = static_cast<int64_t>(b), partner[b] = static_cast<int64_t>(a);
  std::vector<SharedTerm> terms;
  for (size_t a = 0; a < used.size(); ++a) {
    if (partner[a] >= 0 && partner[a] < static_cast<int64_t>(a))
      continue; // with the one it belongs to
    SharedTerm term;
    term.inputs[0] = used[a].number;
    Column one = used[a];
    if (partner[a] >= 0) {
      Column other = used[partner[a]];
      term.inputs[1] = other.number;
      auto share = [&](SharedTerm::Operand operand, uint32_t outputs) {
        if (!saving(outputs))
          return;
        term.added[operand] = outputs & one.added, term.subtracted[operand] = outputs & one.subtracted;
        one.added &= ~outputs, one.subtracted &= ~outputs;
        other.added &= ~outputs, other.subtracted &= ~outputs;
      };
      share(SharedTerm::Sum, alike(one, other));
      share(SharedTerm::Difference, unlike(one, other));
      term.added[SharedTerm::Second] = other.added, term.subtracted[SharedTerm::Second] = other.subtracted;
    }
    term.added[SharedTerm::First] = one.added, term.subtracted[SharedTerm::First] = one.subtracted;
    terms.push_back(term);
  }
  return terms;
}

int64_t countAdditions(const std::vector<SharedTerm> &terms) {
  int64_t count = 0;
  uint32_t begun = 0;
  for (const SharedTerm &term : terms)
    for (int operand = 0; operand < 4; ++operand) {
      uint32_t all = term.added[operand] | term.subtracted[operand];
      bool isShared = operand == SharedTerm::Sum || operand == SharedTerm::Difference;
      count += bitsIn(all) + (isShared && all ? 1 : 0) - bitsIn(term.added[operand] & ~begun);
      begun |= all;
    }
  return count;
}

} // namespace quantization

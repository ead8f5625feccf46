//===- MemoryPlan.cpp - where buffers lie in one arena ----------*- C++ -*-===//
//
// This file places buffers greedily by size: the order that wastes least in practice, and the same result for the same input.
//
//===----------------------------------------------------------------------===//

#include "quantization/Tile/MemoryPlan.h"
#include <algorithm>
#include <numeric>

using namespace quantization;

MemoryPlan quantization::planMemory(const std::vector<BufferLifetime> &buffers, int64_t alignment) {
  MemoryPlan plan;
  plan.offsets.resize(buffers.size());
  std::vector<size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(-buffers[a].bytes, a) < std::pair(-buffers[b].bytes, b);
  });

  auto aligned = [&](int64_t bytes) { return (bytes + alignment - 1) / alignment * alignment; };
  std::vector<size_t> placed; // by offset
  for (size_t index : order) {
    const BufferLifetime &buffer = buffers[index];
    int64_t offset = 0;
    for (size_t other : placed) {
      bool together = buffers[other].first <= buffer.last && buffer.first <= buffers[other].last;
      if (!together)
        continue;
      if (plan.offsets[other] >= offset + buffer.bytes)
        break; // the gap before it is large enough
      offset = std::max(offset, aligned(plan.offsets[other] + buffers[other].bytes));
    }
    plan.offsets[index] = offset;
    plan.bytes = std::max(plan.bytes, aligned(offset + buffer.bytes));
    auto after = std::upper_bound(placed.begin(), placed.end(), offset,
                                  [&](int64_t value, size_t other) { return value < plan.offsets[other]; });
    placed.insert(after, index);
  }
  return plan;
}

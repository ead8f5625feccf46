//===- MemoryPlanTest.cpp - where buffers lie in one arena ------*- C++ -*-===//
//
// This file checks that buffers alive together never overlap, and that others share memory.
//
//===----------------------------------------------------------------------===//

#include "quantization/Tile/MemoryPlan.h"
#include "gtest/gtest.h"
#include <random>

using namespace quantization;

TEST(MemoryPlan, ReusesWhatIsDead) {
  MemoryPlan plan = planMemory({{100, 0, 1}, {100, 1, 2}, {100, 2, 3}});
  EXPECT_EQ(plan.bytes, 256);
  EXPECT_EQ(plan.offsets, (std::vector<int64_t>{0, 128, 0}));
}

TEST(MemoryPlan, FillsGaps) {
  // The small buffer fits between the two large ones that outlive it.
  MemoryPlan plan = planMemory({{640, 0, 9}, {640, 5, 9}, {64, 0, 4}});
  EXPECT_EQ(plan.offsets[2], 640);
  EXPECT_EQ(plan.bytes, 1280);
}

TEST(MemoryPlan, NeverOverlaps) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<BufferLifetime> buffers;
    int64_t sum = 0;
    for (int i = 0; i < 30; ++i) {
      int64_t first = random() % 20;
      buffers.push_back({static_cast<int64_t>(random() % 1000 + 1), first, first + static_cast<int64_t>(random() % 6)});
      sum += (buffers.back().bytes + 63) / 64 * 64;
    }
    MemoryPlan plan = planMemory(buffers);
    EXPECT_LE(plan.bytes, sum);
    for (size_t a = 0; a < buffers.size(); ++a) {
      EXPECT_EQ(plan.offsets[a] % 64, 0);
      EXPECT_LE(plan.offsets[a] + buffers[a].bytes, plan.bytes);
      for (size_t b = 0; b < a; ++b) {
        bool together = buffers[a].first <= buffers[b].last && buffers[b].first <= buffers[a].last;
        bool apart = plan.offsets[a] + buffers[a].bytes <= plan.offsets[b] || plan.offsets[b] + buffers[b].bytes <= plan.offsets[a];
        EXPECT_TRUE(!together || apart);
      }
    }
  }
}

//===- SignedSumsTest.cpp - ternary weights as additions --------*- C++ -*-===//
//
// This file computes products of ternary matrices from their signed sums, and compares them with the products themselves.
//
//===----------------------------------------------------------------------===//

#include "quantization/Ternary/SignedSums.h"
#include "gtest/gtest.h"
#include <random>

using namespace quantization;

namespace {

std::vector<int64_t> product(const std::vector<int32_t> &weights, const std::vector<int64_t> &input, int64_t outputs) {
  std::vector<int64_t> result(outputs, 0);
  for (int64_t o = 0; o < outputs; ++o)
    for (size_t k = 0; k < input.size(); ++k)
      result[o] += weights[o * input.size() + k] * input[k];
  return result;
}

/// The same by additions, `together` outputs at a time, in numbers of 16 bits that wrap.
std::vector<int64_t> additions(const SignedSums &sums, const std::vector<int32_t> &weights, const std::vector<int64_t> &input, int64_t together) {
  std::vector<int64_t> result(sums.outputs, 0);
  for (const SumChunk &chunk : sums.chunks)
    for (int64_t first = 0; first < sums.outputs; first += together) {
      int64_t count = std::min(together, sums.outputs - first);
      std::vector<uint16_t> partial(count, 0);
      for (const SharedTerm &term : shareSums(weights, input.size(), chunk, first, count)) {
        int64_t a = input[term.inputs[0]], b = term.inputs[1] < 0 ? 0 : input[term.inputs[1]];
        int64_t operands[] = {a, b, a + b, a - b};
        for (int64_t o = 0; o < count; ++o)
          for (int operand = 0; operand < 4; ++operand) {
            if (term.added[operand] >> o & 1)
              partial[o] += operands[operand];
            if (term.subtracted[operand] >> o & 1)
              partial[o] -= operands[operand];
          }
      }
      for (int64_t o = 0; o < count; ++o)
        result[first + o] += chunk.factors[first + o] * static_cast<int16_t>(partial[o]);
    }
  return result;
}

TEST(SignedSums, ComputeTheProduct) {
  std::mt19937 random(1);
  for (int64_t outputs : {1, 5, 40})
    for (int64_t cluster : {1, 3, 16}) {
      int64_t channels = 16, area = 9, columns = channels * area;
      std::vector<int32_t> weights;
      for (int64_t o = 0; o < outputs; ++o)
        for (int64_t i = 0; i < channels; ++i)
          for (int64_t k = 0; k < area; ++k)
            weights.push_back(static_cast<int32_t>((1 + (o + i / cluster) % 100) * (static_cast<int64_t>(random() % 3) - 1)));
      std::vector<int64_t> input;
      for (int64_t k = 0; k < columns; ++k)
        input.push_back(random() % 256);
      std::optional<SignedSums> sums = SignedSums::of(weights, outputs, channels, area, 255);
      ASSERT_TRUE(sums);
      EXPECT_EQ(sums->chunks.size(), static_cast<size_t>((channels + cluster - 1) / cluster));
      EXPECT_EQ(additions(*sums, weights, input, 12), product(weights, input, outputs));
    }
}

TEST(SignedSums, ChunksStayIn16Bits) {
  // 300 times 255 is more than 32767 twice over: three chunks of 128, 128 and 44.
  std::vector<int32_t> weights(300, 1);
  std::optional<SignedSums> sums = SignedSums::of(weights, 1, 300, 1, 255);
  ASSERT_TRUE(sums);
  ASSERT_EQ(sums->chunks.size(), 3u);
  EXPECT_EQ(sums->chunks[1].end, 256);
  // As many that are subtracted have room beside them.
  for (size_t k = 0; k < weights.size(); k += 2)
    weights[k] = -1;
  EXPECT_EQ(SignedSums::of(weights, 1, 300, 1, 255)->chunks.size(), 2u);
  EXPECT_EQ(additions(*sums, std::vector<int32_t>(300, 1), std::vector<int64_t>(300, 255), 12).front(), 300 * 255);
}

TEST(SignedSums, OtherWeightsHaveNone) {
  EXPECT_FALSE(SignedSums::of({1, 2}, 1, 1, 2, 255)) << "two magnitudes in a channel";
  EXPECT_FALSE(SignedSums::of(std::vector<int32_t>(129, 1), 1, 1, 129, 255)) << "a channel beyond 16 bits";
  EXPECT_TRUE(SignedSums::of({1, 2}, 1, 2, 1, 255)) << "one in each";
}

TEST(SignedSums, PairsAreShared) {
  // Outputs a + b - c, a + b, c - a - b: one addition for a + b, and one each for the first and the last.
  std::vector<int32_t> weights = {1, 1, -1, 1, 1, 0, -1, -1, 1};
  SumChunk chunk{0, 3, {1, 1, 1}};
  std::vector<SharedTerm> terms = shareSums(weights, 3, chunk, 0, 3);
  ASSERT_EQ(terms.size(), 2u);
  EXPECT_EQ(terms[0].inputs[1], 1);
  EXPECT_EQ(terms[0].added[SharedTerm::Sum], 3u);
  EXPECT_EQ(terms[0].subtracted[SharedTerm::Sum], 4u);
  EXPECT_EQ(countAdditions(terms), 1 + 1 + 2);
}

} // namespace

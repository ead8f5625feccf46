//===- CorrectionsTest.cpp - equalization, moments, correction --*- C++ -*-===//
//
// This file checks the arithmetic of corrections (Numerics R37 to R39).
//
//===----------------------------------------------------------------------===//

#include "../../lib/Quantize/ChannelCorrection.h"
#include "../../lib/Quantize/ErrorFeedback.h"
#include "../../lib/Quantize/RangeEqualization.h"
#include "quantization/Format/Grid.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace quantization;

namespace {

/// A layer with random weights, over many octaves.
WeightMagnitudes layerOf(int64_t outputs, int64_t inputs, int64_t groups, std::mt19937 &random, bool withBiases) {
  std::normal_distribution<double> octave(0, 3);
  WeightMagnitudes layer{outputs, inputs, inputs / groups, {}, {}};
  for (int64_t i = 0; i < outputs * layer.inputsOfGroup; ++i)
    layer.largest.push_back(static_cast<float>(std::exp2(octave(random))));
  for (int64_t i = 0; withBiases && i < outputs; ++i)
    layer.biases.push_back(static_cast<float>(std::exp2(octave(random))));
  return layer;
}

double outputRange(const WeightMagnitudes &layer, const ChannelFactors &factors, int64_t output) {
  double range = 0;
  for (int64_t i = 0; i < layer.inputsOfGroup; ++i)
    range = std::max(range, layer.largest[output * layer.inputsOfGroup + i] * factors.inputs[layer.inputOf(output, i)] / factors.outputs[output]);
  return range;
}

double inputRange(const WeightMagnitudes &layer, const ChannelFactors &factors, int64_t input) {
  double range = 0;
  for (int64_t output = 0; output < layer.outputs; ++output)
    for (int64_t i = 0; i < layer.inputsOfGroup; ++i)
      if (layer.inputOf(output, i) == input)
        range = std::max(range, layer.largest[output * layer.inputsOfGroup + i] * factors.inputs[input] / factors.outputs[output]);
  return range;
}

TEST(EqualizedRanges, AreEqualOnBothSides) {
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    // An expansion, a filter for each channel, groups, a projection, and a matrix that reads three columns of each channel.
    std::vector<WeightMagnitudes> layers = {layerOf(12, 3, 1, random, false), layerOf(12, 12, 12, random, false),
                                            layerOf(8, 12, 4, random, false), layerOf(5, 8, 1, random, false),
                                            layerOf(4, 15, 1, random, false)};
    std::vector<LayerPair> pairs = {{0, 1, 1}, {1, 2, 1}, {2, 3, 1}, {3, 4, 3}};
    auto factors = equalizeRanges(layers, pairs);
    for (const LayerPair &pair : pairs)
      for (int64_t channel = 0; channel < layers[pair.first].outputs; ++channel) {
        double behind = 0;
        for (int64_t i = 0; i < pair.block; ++i) {
          EXPECT_EQ(factors[pair.first].outputs[channel], factors[pair.second].inputs[channel * pair.block + i]);
          behind = std::max(behind, inputRange(layers[pair.second], factors[pair.second], channel * pair.block + i));
        }
        EXPECT_NEAR(outputRange(layers[pair.first], factors[pair.first], channel) / behind, 1, 0.01);
      }
    for (double factor : factors[0].inputs)
      EXPECT_EQ(factor, 1);
    for (double factor : factors[4].outputs)
      EXPECT_EQ(factor, 1);
  }
}

TEST(EqualizedRanges, NoBiasBecomesTheLargest) {
  std::mt19937 random(8);
  std::vector<WeightMagnitudes> layers = {layerOf(16, 4, 1, random, true), layerOf(4, 16, 1, random, true)};
  layers[0].largest[0] = layers[0].largest[1] = layers[0].largest[2] = layers[0].largest[3] = 1e-30f; // nothing but its bias
  layers[0].largest[4] = layers[0].largest[5] = layers[0].largest[6] = layers[0].largest[7] = 0;
  auto factors = equalizeRanges(layers, {{0, 1, 1}});
  double largest = 0, before = 0;
  for (size_t channel = 0; channel < 16; ++channel) {
    largest = std::max(largest, layers[0].biases[channel] / factors[0].outputs[channel]);
    before = std::max<double>(before, layers[0].biases[channel]);
  }
  EXPECT_LE(largest, before);
  EXPECT_GT(factors[0].outputs[0], 1e-6);
  EXPECT_EQ(factors[0].outputs[1], layers[0].biases[1] / before);
}

TEST(EqualizedRanges, WeightsWithoutEffectGo) {
  std::mt19937 random(10);
  std::vector<WeightMagnitudes> layers = {layerOf(3, 2, 1, random, false), layerOf(3, 3, 3, random, false), layerOf(2, 3, 1, random, false)};
  layers[2].largest[0] = layers[2].largest[3] = 0; // nobody reads channel 0 of the second layer, so nobody needs that of the first
  layers[0].largest[4] = layers[0].largest[5] = 0; // channel 2 of the first layer is always 0
  auto factors = equalizeRanges(layers, {{0, 1, 1}, {1, 2, 1}});
  EXPECT_TRUE(std::isinf(factors[0].outputs[0]) && std::isinf(factors[1].outputs[0]));
  EXPECT_EQ(factors[1].inputs[2], 0);
  EXPECT_EQ(factors[2].inputs[2], 0);
  EXPECT_NEAR(outputRange(layers[0], factors[0], 1) / inputRange(layers[2], factors[2], 1), 1, 0.01);
}

TEST(ChannelSums, DoNotDependOnMemory) {
  std::mt19937 random(9);
  std::uniform_real_distribution<float> uniform(-3, 3);
  constexpr int64_t channels = 5, height = 3, width = 4;
  std::vector<float> outer(channels * height * width), inner(outer.size());
  for (int64_t c = 0; c < channels; ++c)
    for (int64_t p = 0; p < height * width; ++p)
      inner[p * channels + c] = outer[c * height * width + p] = uniform(random);
  ChannelSums a({1, channels, height, width}, {0, 1, 2, 3}, 1), b({1, channels, height, width}, {0, 2, 3, 1}, 1);
  for (int times = 0; times < 2; ++times) {
    EXPECT_TRUE(a.add(outer, 0, channels));
    EXPECT_TRUE(b.add(inner, 0, 2) && b.add(inner, 2, channels));
  }
  EXPECT_EQ(a.moments().mean, b.moments().mean);
  EXPECT_EQ(a.moments().deviation, b.moments().deviation);
  double sum = 0, squares = 0;
  for (int64_t p = 0; p < height * width; ++p)
    sum += outer[p], squares += double(outer[p]) * outer[p];
  double mean = sum / 12;
  EXPECT_NEAR(a.moments().mean[0], mean, 1e-12);
  EXPECT_NEAR(a.moments().deviation[0], std::sqrt(squares / 12 - mean * mean), 1e-12);
  inner[7] = INFINITY;
  EXPECT_TRUE(b.add(inner, 0, 2));
  EXPECT_FALSE(b.add(inner, 2, channels));
}

/// A result with the moments `seen` gets those of `target`.
void expectCorrected(const LayerScales &before, ScaleFactors factors, const ChannelMoments &target, const ChannelMoments &seen) {
  LayerScales now = correctChannels(before, factors, target, seen);
  for (size_t channel = 0; channel < target.mean.size(); ++channel) {
    double factor = double(now.weightScale(channel)) / before.weightScale(channel);
    EXPECT_NEAR(seen.mean[channel] * factor + now.bias(channel), target.mean[channel], now.input * now.weightScale(channel));
    if (factors == ScaleFactors::Any) {
      EXPECT_NEAR(seen.deviation[channel] * factor, target.deviation[channel], 1e-6 * target.deviation[channel]);
    }
  }
}

TEST(CorrectedChannels, HaveTheMomentsOfFloat) {
  LayerScales scales{0.01f, {0.5f, 0.25f, 2.0f}, {7, -9, 100}};
  ChannelMoments target{{1, -2, 0.5}, {1, 3, 0.25}}, seen{{1.5, 2, 0}, {2, 2, 0.5}};
  expectCorrected(scales, ScaleFactors::None, target, seen);
  expectCorrected(scales, ScaleFactors::Any, target, seen);
  expectCorrected(scales, ScaleFactors::PowersOfTwo, target, seen);
  EXPECT_EQ(correctChannels(scales, ScaleFactors::None, target, seen).weights, scales.weights);
  EXPECT_EQ(correctChannels(scales, ScaleFactors::PowersOfTwo, target, seen).weights, (std::vector<float>{0.25f, 0.5f, 1.0f}));
  expectCorrected({0.01f, {0.5f}, {7, -9, 100}}, ScaleFactors::None, target, seen);
}

TEST(CorrectedChannels, KeepWhatFits) {
  LayerScales scales{1e-5f, {1e-5f, 1e-5f, 1.0f}, {7, -9, 3}};
  // A mean far beyond 2^30 steps; no deviation in float; one that is a thousandth.
  ChannelMoments target{{1e6, 0, 0}, {1, 0, 1e-3}}, seen{{0, 0, 0}, {1, 1, 1}};
  LayerScales now = correctChannels(scales, ScaleFactors::Any, target, seen);
  EXPECT_EQ(now.biases[0], 7);
  EXPECT_EQ(now.weights[0], 1e-5f);
  EXPECT_EQ(now.weights[1], 1e-5f);
  EXPECT_EQ(now.biases[1], 0);
  EXPECT_EQ(now.weights[2], 1.0f / 16);
}

/// Rounds to integers.
class Integers : public StepwiseRounding {
public:
  size_t groupSize() const override { return 1; }
  void begin(llvm::ArrayRef<float>) override {}
  double round(double weight) const override { return std::nearbyint(weight); }
};

/// Inputs that are mixtures of a few numbers.
std::vector<float> relatedInputs(size_t inputs, size_t count, std::mt19937 &random) {
  std::normal_distribution<float> normal;
  std::vector<float> mixture(3 * inputs), rows;
  for (float &number : mixture)
    number = normal(random);
  for (size_t r = 0; r < count; ++r) {
    float sources[] = {normal(random), normal(random), normal(random)};
    for (size_t i = 0; i < inputs; ++i)
      rows.push_back(sources[0] * mixture[3 * i] + sources[1] * mixture[3 * i + 1] + sources[2] * mixture[3 * i + 2] + 0.1f * normal(random));
  }
  return rows;
}

TEST(ErrorFeedback, FactorOfInverse) {
  std::mt19937 random(1);
  constexpr size_t n = 7, count = 50;
  std::vector<float> rows = relatedInputs(n, count, random);
  InputProducts products(n, n), byThreads(n, n);
  products.add(rows, count);
  for (size_t thread = 0; thread < 3; ++thread)
    byThreads.add(rows, count, thread, 3);
  std::vector<double> sums(n * n);
  double trace = 0;
  for (size_t r = 0; r < count; ++r)
    for (size_t i = 0; i < n; ++i)
      for (size_t j = 0; j < n; ++j)
        sums[i * n + j] += double(rows[r * n + i]) * rows[r * n + j];
  for (size_t i = 0; i < n; ++i)
    trace += sums[i * n + i];
  for (size_t i = 0; i < n; ++i)
    sums[i * n + i] += trace / n / 100;
  std::vector<double> u = products.factorOfInverse(0);
  EXPECT_EQ(u, byThreads.factorOfInverse(0));
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < n; ++j) {
      double entry = 0; // of U' U H
      for (size_t k = 0; k < n; ++k)
        for (size_t l = 0; l < n; ++l)
          entry += u[l * n + i] * u[l * n + k] * sums[k * n + j];
      EXPECT_NEAR(entry, i == j, 1e-8);
      if (j < i)
        EXPECT_EQ(u[i * n + j], 0);
    }
  EXPECT_TRUE(InputProducts(n, n).factorOfInverse(0).empty());
}

TEST(ErrorFeedback, ResultsChangeLess) {
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  constexpr size_t inputs = 24, outputs = 10, count = 200;
  std::vector<float> rows = relatedInputs(inputs, count, random), weights(outputs * inputs);
  for (float &weight : weights)
    weight = normal(random);
  auto errorOf = [&](llvm::ArrayRef<float> rounded) {
    double sum = 0;
    for (size_t r = 0; r < count; ++r)
      for (size_t o = 0; o < outputs; ++o) {
        double error = 0;
        for (size_t i = 0; i < inputs; ++i)
          error += (double(weights[o * inputs + i]) - rounded[o * inputs + i]) * rows[r * inputs + i];
        sum += error * error;
      }
    return sum;
  };
  std::vector<float> alone;
  for (float weight : weights)
    alone.push_back(std::nearbyint(weight));
  Integers integers;
  double before = errorOf(alone), least = before;
  for (size_t window : {1, 8, 24}) { // the wider, the better
    InputProducts products(inputs, window);
    products.add(rows, count);
    std::vector<float> rounded = feedBackErrors(weights, outputs, products, integers);
    EXPECT_EQ(rounded == alone, window == 1);
    EXPECT_LE(errorOf(rounded), least);
    least = errorOf(rounded);
  }
  EXPECT_LT(least, before / 4);
  // Inputs that are never there leave the weights to themselves.
  EXPECT_EQ(feedBackErrors(weights, outputs, InputProducts(inputs, inputs), integers), alone);
}

} // namespace

//===- RangeEstimationTest.cpp - from statistics to a range -----*- C++ -*-===//
//
// This file checks rules R22 to R25 of docs/Numerics.md.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/RangeEstimation.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cmath>
#include <random>

using namespace quantization;

namespace {

constexpr CalibrationMethod allMethods[] = {{RangeMethod::MinMax, 0},
                                            {RangeMethod::Percentile, 99.99},
                                            {RangeMethod::Percentile, 60},
                                            {RangeMethod::KL, 0},
                                            {RangeMethod::MSE, 0}};

Statistics statisticsOf(const std::vector<float> &values) {
  Statistics statistics;
  EXPECT_EQ(statistics.record(values.data(), values.size()), std::nullopt);
  return statistics;
}

std::vector<float> normalValues(size_t n, unsigned seed, bool relu = false) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(n);
  for (float &value : values)
    value = relu ? std::max(0.0f, normal(random)) : normal(random);
  return values;
}

/// Mean squared error of the values on the grid that the range gives.
double errorOf(const std::vector<float> &values, Range range, int64_t levels, bool symmetric) {
  int64_t half = (levels + 1) / 2 - 1;
  Grid grid = symmetric ? symmetricGrid(std::max(-range.min, range.max), -half, half)
                        : asymmetricGrid(range, 0, levels - 1);
  double sum = 0;
  for (float value : values) {
    double difference = double(value) - dequantize(quantize(value, grid), grid);
    sum += difference * difference;
  }
  return sum / static_cast<double>(values.size());
}

TEST(RangeEstimation, Names) {
  for (CalibrationMethod method : allMethods)
    EXPECT_EQ(parseRangeMethod(nameOf(method.method)), method.method);
  EXPECT_EQ(parseRangeMethod("minmax"), std::nullopt);
}

TEST(RangeEstimation, NeverWiderAlwaysWithZero) {
  std::vector<std::vector<float>> inputs = {
      {},  {0.0f},           {0.0f, 0.0f},      {3.0f},
      {-3.0f}, {2.0f, 5.0f}, {-5.0f, -2.0f},    {1e-30f, -1e30f},
      {1e-44f}, {-3e38f, 3e38f}, normalValues(5000, 1), normalValues(5000, 2, true)};
  for (const std::vector<float> &values : inputs)
    for (CalibrationMethod method : allMethods)
      for (int64_t levels : {2, 3, 15, 16, 255, 256, 65536})
        for (bool symmetric : {false, true}) {
          Statistics statistics = statisticsOf(values);
          Range range = estimateRange(statistics, method, levels, symmetric);
          EXPECT_LE(range.min, 0.0);
          EXPECT_GE(range.max, 0.0);
          EXPECT_GE(range.min, std::min(double(statistics.min), 0.0));
          EXPECT_LE(range.max, std::max(double(statistics.max), 0.0));
          EXPECT_EQ(range.min == 0 && range.max == 0, statistics.zeros == statistics.count)
              << nameOf(method.method).str() << " " << levels;
        }
}

TEST(RangeEstimation, MinMax) {
  Range range = estimateRange(statisticsOf({-1.5f, 2.5f}), {}, 256, false);
  EXPECT_EQ(range.min, -1.5);
  EXPECT_EQ(range.max, 2.5);
  EXPECT_EQ(estimateRange(statisticsOf({1.5f, 2.5f}), {}, 256, false).min, 0.0);
}

TEST(RangeEstimation, PercentileAgainstSorting) {
  std::vector<float> values = normalValues(100000, 3);
  for (float &value : values)
    value = value > 0 ? value * 3 : value; // skewed
  Statistics statistics = statisticsOf(values);
  std::vector<float> sorted = values, magnitudes = values;
  std::sort(sorted.begin(), sorted.end());
  for (float &value : magnitudes)
    value = std::fabs(value);
  std::sort(magnitudes.begin(), magnitudes.end());
  for (double percent : {90.0, 99.0, 99.9, 99.99}) {
    auto at = [&](const std::vector<float> &list, double share) {
      return list[static_cast<size_t>(share / 100 * static_cast<double>(list.size() - 1))];
    };
    // Rank error within the histogram is below one bin.
    double tolerance = 1.5 * statistics.binWidth() + 0.02 * (100 - percent);
    if (percent > 99.95)
      tolerance = 0.3; // few values out there
    Range range = estimateRange(statistics, {RangeMethod::Percentile, percent}, 256, false);
    EXPECT_NEAR(range.max, at(sorted, 100 - (100 - percent) / 2), tolerance) << percent;
    EXPECT_NEAR(range.min, at(sorted, (100 - percent) / 2), tolerance) << percent;
    Range symmetric = estimateRange(statistics, {RangeMethod::Percentile, percent}, 255, true);
    EXPECT_NEAR(std::max(symmetric.max, -symmetric.min), at(magnitudes, percent), tolerance) << percent;
  }
  Range all = estimateRange(statistics, {RangeMethod::Percentile, 100}, 256, false);
  EXPECT_EQ(all.min, statistics.min);
  EXPECT_EQ(all.max, statistics.max);
}

TEST(RangeEstimation, PercentileCountsZeros) {
  std::vector<float> values(1000, 0.0f);
  values[0] = 100.0f;
  Range range = estimateRange(statisticsOf(values), {RangeMethod::Percentile, 99}, 256, false);
  EXPECT_LT(range.max, 1.0);
  EXPECT_GT(range.max, 0.0);
}

TEST(RangeEstimation, OutlierIsCut) {
  std::vector<float> values = normalValues(200000, 4);
  values[10] = 25.0f;
  for (RangeMethod method : {RangeMethod::Percentile, RangeMethod::KL, RangeMethod::MSE}) {
    for (bool symmetric : {false, true}) {
      Range range = estimateRange(statisticsOf(values), {method, 99.99}, symmetric ? 255 : 256, symmetric);
      EXPECT_LT(range.max, method == RangeMethod::MSE ? 22.0 : 15.0) << nameOf(method).str();
      EXPECT_GT(range.max, 2.0) << nameOf(method).str();
      EXPECT_LT(range.min, -2.0) << nameOf(method).str();
    }
  }
}

/// The least error of any range, by trying them on the values themselves.
double bestError(const std::vector<float> &values, int64_t levels, bool symmetric, bool relu) {
  double best = HUGE_VAL;
  for (double above = 0.4; above <= 12.0; above *= 1.05) {
    if (symmetric || relu) {
      best = std::min(best, errorOf(values, {symmetric ? -above : 0.0, above}, levels, symmetric));
      continue;
    }
    for (double below = 0.4; below <= 6.0; below *= 1.05)
      best = std::min(best, errorOf(values, {-below, above}, levels, symmetric));
  }
  return best;
}

TEST(RangeEstimation, SquaredErrorIsNearTheBest) {
  for (bool relu : {false, true})
    for (bool symmetric : {false, true})
      for (int64_t levels : {3, 15, 255}) {
        std::vector<float> values = normalValues(2000, 5, relu);
        values[7] = 12.0f;
        Range range = estimateRange(statisticsOf(values), {RangeMethod::MSE, 0}, levels, symmetric);
        EXPECT_LE(errorOf(values, range, levels, symmetric), 1.05 * bestError(values, levels, symmetric, relu))
            << "relu " << relu << ", symmetric " << symmetric << ", levels " << levels;
      }
}

TEST(RangeEstimation, FineGridsKeepEverything) {
  Statistics statistics = statisticsOf(normalValues(10000, 6));
  Range range = estimateRange(statistics, {RangeMethod::KL, 0}, 65536, false);
  EXPECT_EQ(range.min, statistics.min);
  EXPECT_EQ(range.max, statistics.max);
}

TEST(RangeEstimation, ScalesWithTheData) {
  // A power of two moves every bin, so the range moves exactly.
  std::vector<float> values = normalValues(20000, 7), scaled = values;
  for (float &value : scaled)
    value *= 1024.0f;
  for (CalibrationMethod method : allMethods)
    for (bool symmetric : {false, true}) {
      Range range = estimateRange(statisticsOf(values), method, 255, symmetric);
      Range larger = estimateRange(statisticsOf(scaled), method, 255, symmetric);
      EXPECT_EQ(larger.min, range.min * 1024) << nameOf(method.method).str();
      EXPECT_EQ(larger.max, range.max * 1024) << nameOf(method.method).str();
    }
}

} // namespace

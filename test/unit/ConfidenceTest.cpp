//===- ConfidenceTest.cpp - what samples can show ---------------*- C++ -*-===//
//
// This file checks bounds of accuracies against published ones and against values computed by hand.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Confidence.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace quantization;

namespace {

TEST(Confidence, HasTheQuantilesOfTheNormalDistribution) {
  EXPECT_EQ(normalQuantile(0.5), 0);
  EXPECT_NEAR(normalQuantile(0.95), 1.644854, 1e-6);
  EXPECT_NEAR(normalQuantile(0.975), 1.959964, 1e-6);
}

TEST(Confidence, IsTheScoreIntervalOfPairs) {
  // Airway reactivity of 21 children before and after a transplantation, a usual example for such intervals: 0.065 to 0.907 at 95 %.
  EXPECT_NEAR(lowerRelativeAccuracy({1, 7, 1}, 0.975), 0.065, 5e-4);
  EXPECT_NEAR(1 / lowerRelativeAccuracy({1, 1, 7}, 0.975), 0.907, 5e-4);
}

TEST(Confidence, IsWilsonsBoundWhereTheFirstIsAlwaysRight) {
  // 5 of 1000 are wrong: (p + z²/2n + z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
  double z = 1.644854, n = 1000, p = 0.005;
  double most = (p + z * z / (2 * n) + z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n))) / (1 + z * z / n);
  EXPECT_NEAR(most, 0.010235, 1e-6);
  EXPECT_NEAR(lowerRelativeAccuracy({995, 5, 0}, 0.95), 1 - most, 1e-6);
}

TEST(Confidence, IsMcNemarsTestAtEqualAccuracy) {
  // (c - b) / sqrt(b + c) is 1.73 for three that only the second has right, and 1.41 for two.
  EXPECT_GT(lowerRelativeAccuracy({100, 0, 3}, 0.95), 1);
  EXPECT_LT(lowerRelativeAccuracy({100, 0, 2}, 0.95), 1);
}

TEST(Confidence, IsNotSureWhereNothingDiffers) {
  // The statistic is sqrt(right * drop / (1 - drop)): 1 % takes 2.7055 * 99 right samples.
  EXPECT_NEAR(rightToShow(0.01, 0.95), 267.85, 0.01);
  EXPECT_GE(lowerRelativeAccuracy({268, 0, 0}, 0.95), 0.99);
  EXPECT_LT(lowerRelativeAccuracy({267, 0, 0}, 0.95), 0.99);
  EXPECT_NEAR(1 - leastDropShown(268, 0.95), lowerRelativeAccuracy({268, 0, 0}, 0.95), 1e-9);
  EXPECT_TRUE(std::isinf(rightToShow(0, 0.95)));
  EXPECT_EQ(rightToShow(0, 0.5), 0);
}

TEST(Confidence, IsWhatWasCountedAtAHalf) { EXPECT_EQ(lowerRelativeAccuracy({90, 8, 2}, 0.5), 92.0 / 98); }

/// The fewer samples differ, the more they show: a search gives candidates up by that.
TEST(Confidence, FallsWithDisagreement) {
  for (double both : {5, 50, 500})
    for (double lost = 0; lost < 12; ++lost)
      for (double won = 0; won < 12; ++won) {
        double bound = lowerRelativeAccuracy({both, lost, won}, 0.95);
        EXPECT_GE(bound + 1e-12, lowerRelativeAccuracy({both - 1, lost + 1, won + 1}, 0.95)) << both << " " << lost << " " << won;
        EXPECT_GE(bound + 1e-12, lowerRelativeAccuracy({both - 1, lost + 1, won}, 0.95)) << both << " " << lost << " " << won;
        EXPECT_LT(bound, (both + won) / (both + lost));
      }
}

} // namespace

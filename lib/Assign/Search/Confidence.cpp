//===- Confidence.cpp - what samples can show -------------------*- C++ -*-===//
//
// This file bounds the accuracy of a network on samples that nobody has tried by the samples on which two networks differ.
//
//   J. Nam, W. Blackwelder: Analysis of the ratio of marginal probabilities in a matched-pair setting. Statistics in Medicine 21 (2002)
//   N.-S. Tang, M.-L. Tang, I. Chan: On tests of equivalence via non-unity relative risk for matched-pair design. Statistics in Medicine 22 (2003)
//
// A ratio is believed in unless its statistic is too large; the variance in it is the one that would be most likely if the ratio were true, so it
// is not 0 where no sample differs.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Confidence.h"
#include <algorithm>
#include <cmath>

namespace quantization {

double normalQuantile(double probability) {
  double low = 0, high = 40;
  for (int step = 0; step < 100; ++step) {
    double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::sqrt(2.0)) < probability ? low : high) = middle;
  }
  return probability <= 0.5 ? 0 : (low + high) / 2;
}

/// Whether the second network's accuracy is more than `ratio` of the first's, `quantile` standard errors beyond doubt.
static bool isAbove(const PairedCounts &counts, double ratio, double quantile) {
  const double both = counts.both, first = counts.onlyFirst, second = counts.onlySecond, right = both + first + second;
  double excess = (both + second) - ratio * (both + first);
  // The likeliest share of `first` among those that any is right on, if the ratio were true: the larger root of a quadratic equation.
  double square = right * (1 + ratio), linear = (both + first) * (1 - ratio * ratio) + first + second, constant = first * (1 - ratio);
  double share = (linear + std::sqrt(std::max(0.0, linear * linear - 4 * square * constant))) / (2 * square);
  double variance = std::max(0.0, right * ((1 + ratio) * share - (1 - ratio)));
  return excess > 0 && excess >= quantile * std::sqrt(variance);
}

double lowerRelativeAccuracy(const PairedCounts &counts, double confidence) {
  double counted = (counts.both + counts.onlySecond) / (counts.both + counts.onlyFirst), quantile = normalQuantile(confidence);
  if (quantile == 0)
    return counted;
  double low = 0, high = counted;
  for (int step = 0; step < 60; ++step) {
    double middle = (low + high) / 2;
    (isAbove(counts, middle, quantile) ? low : high) = middle;
  }
  return low;
}

// Without any disagreement the statistic is sqrt(right * drop / (1 - drop)).
double rightToShow(double drop, double confidence) {
  double quantile = normalQuantile(confidence);
  return quantile == 0 ? 0 : quantile * quantile * (1 - drop) / drop;
}

double leastDropShown(int64_t right, double confidence) {
  double square = std::pow(normalQuantile(confidence), 2);
  return square / (square + right);
}

} // namespace quantization

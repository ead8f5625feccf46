//===- TernaryClusters.cpp - weights of -1, 0 and 1 -------------*- C++ -*-===//
//
// This file fits scales and signs to clusters of weights (Numerics R40).
//
//===----------------------------------------------------------------------===//

#include "TernaryClusters.h"
#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <optional>

using llvm::ArrayRef;

namespace quantization {

/// Magnitudes, the largest first.
static std::vector<double> sortedMagnitudes(ArrayRef<float> weights) {
  std::vector<double> magnitudes;
  for (float weight : weights)
    magnitudes.push_back(std::abs(double(weight)));
  std::sort(magnitudes.begin(), magnitudes.end(), std::greater<>());
  return magnitudes;
}

/// The roots of the mean squares of the first, the first two, ... numbers. That of equal numbers is one of them, exactly.
static std::vector<double> rootsOfMeans(ArrayRef<double> numbers) {
  std::vector<double> roots;
  double squares = 0;
  for (size_t i = 0; i < numbers.size(); ++i) {
    squares += numbers[i] * numbers[i];
    double root = std::sqrt(squares / static_cast<double>(i + 1));
    roots.push_back(numbers[i] == numbers[0] ? numbers[0] : root);
  }
  return roots;
}

/// |w - scale * sign|^2 of weights with these magnitudes, where signs are those of weights of at least the scale.
static double errorOfThreshold(ArrayRef<double> magnitudes, double scale) {
  double sum = 0;
  for (double magnitude : magnitudes) {
    double error = scale > 0 && magnitude >= scale ? magnitude - scale : magnitude;
    sum += error * error;
  }
  return sum;
}

/// Of `scales` the one with the least error, of equals the first.
static double bestThreshold(ArrayRef<double> scales, llvm::function_ref<double(double)> errorOf) {
  double best = 0;
  std::optional<double> least;
  for (double scale : scales)
    if (double error = errorOf(scale); !least || error < *least) {
      least = error;
      best = scale;
    }
  return best;
}

static int8_t signOf(float weight) { return weight < 0 ? -1 : weight > 0 ? 1 : 0; }

TernaryCluster fitClusterByPaper(ArrayRef<std::vector<float>> kernels) {
  std::vector<std::vector<double>> magnitudes;
  std::vector<double> ofKernels;
  for (const std::vector<float> &kernel : kernels) {
    magnitudes.push_back(sortedMagnitudes(kernel));
    ofKernels.push_back(bestThreshold(rootsOfMeans(magnitudes.back()), [&](double scale) { return errorOfThreshold(magnitudes.back(), scale); }));
  }
  std::sort(ofKernels.begin(), ofKernels.end(), std::greater<>());
  TernaryCluster cluster;
  cluster.scale = bestThreshold(rootsOfMeans(ofKernels), [&](double scale) {
    double sum = 0;
    for (const std::vector<double> &kernel : magnitudes)
      sum += errorOfThreshold(kernel, scale);
    return sum;
  });
  bool isEmpty = true;
  for (const std::vector<float> &kernel : kernels)
    for (float weight : kernel) {
      cluster.signs.push_back(cluster.scale > 0 && std::abs(double(weight)) >= cluster.scale ? signOf(weight) : 0);
      isEmpty &= cluster.signs.back() == 0;
    }
  if (isEmpty)
    cluster.scale = 0;
  return cluster;
}

RankedWeights::RankedWeights(ArrayRef<float> weights) {
  for (float weight : weights)
    magnitudes.push_back(std::abs(weight));
  std::sort(magnitudes.begin(), magnitudes.end(), std::greater<>());
  double sum = 0;
  for (size_t i = 0; i < magnitudes.size() && magnitudes[i] > 0; ++i) {
    sum += magnitudes[i];
    bool ends = i + 1 == magnitudes.size() || magnitudes[i + 1] != magnitudes[i];
    gains.push_back(ends ? sum * sum / static_cast<double>(i + 1) : 0);
  }
}

size_t RankedWeights::countSigns(double price) const {
  size_t best = 0;
  double least = 0;
  for (size_t i = 0; i < gains.size(); ++i)
    if (double change = price * static_cast<double>(i + 1) - gains[i]; change < least) {
      least = change;
      best = i + 1;
    }
  return best;
}

TernaryCluster RankedWeights::fit(ArrayRef<float> weights, double price) const {
  size_t count = countSigns(price);
  TernaryCluster cluster;
  float least = count ? magnitudes[count - 1] : 0;
  if (count)
    cluster.scale = least == magnitudes[0] ? least : std::accumulate(magnitudes.begin(), magnitudes.begin() + count, 0.0) / static_cast<double>(count);
  for (float weight : weights)
    cluster.signs.push_back(count && std::abs(weight) >= least ? signOf(weight) : 0);
  return cluster;
}

double priceOfZeros(ArrayRef<RankedWeights> clusters, double share) {
  size_t total = 0;
  double high = 0; // a sign gains no more
  for (const RankedWeights &cluster : clusters) {
    total += cluster.size();
    high = std::max(high, double(cluster.largest()) * cluster.largest());
  }
  auto holds = [&](double price) {
    size_t signs = 0;
    for (const RankedWeights &cluster : clusters)
      signs += cluster.countSigns(price);
    return static_cast<double>(total - signs) >= share * static_cast<double>(total);
  };
  if (holds(0))
    return 0;
  double low = 0;
  for (int step = 0; step < 20; ++step) {
    double middle = (low + high) / 2;
    (holds(middle) ? high : low) = middle;
  }
  return high;
}

} // namespace quantization

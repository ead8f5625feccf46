//===- TernaryTest.cpp - clusters of ternary weights ------------*- C++ -*-===//
//
// This file compares the fits of clusters (Numerics R40) with all that could have been chosen.
//
//===----------------------------------------------------------------------===//

#include "../../lib/Format/TernaryClusters.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace quantization;

namespace {

std::vector<float> weightsOf(std::mt19937 &random, size_t count) {
  std::normal_distribution<float> normal;
  std::vector<float> weights(count);
  for (float &weight : weights)
    weight = normal(random);
  return weights;
}

double errorOf(llvm::ArrayRef<float> weights, const TernaryCluster &cluster) {
  double sum = 0;
  for (size_t i = 0; i < weights.size(); ++i)
    sum += std::pow(double(weights[i]) - cluster.scale * cluster.signs[i], 2);
  return sum;
}

size_t signsOf(const TernaryCluster &cluster) {
  size_t count = 0;
  for (int8_t sign : cluster.signs)
    count += sign != 0;
  return count;
}

TernaryCluster fitCluster(llvm::ArrayRef<float> weights, double price) { return RankedWeights(weights).fit(weights, price); }

TEST(TernaryClusters, BestOfAllSubsets) {
  std::mt19937 random(1);
  for (double price : {0.0, 0.1, 0.5, 2.0})
    for (size_t count = 1; count <= 10; ++count) {
      std::vector<float> weights = weightsOf(random, count);
      TernaryCluster cluster = fitCluster(weights, price);
      double least = std::numeric_limits<double>::infinity();
      for (unsigned subset = 0; subset < 1u << count; ++subset) {
        TernaryCluster other;
        size_t chosen = 0;
        for (size_t i = 0; i < count; ++i) {
          bool isChosen = subset >> i & 1;
          other.signs.push_back(isChosen ? (weights[i] < 0 ? -1 : 1) : 0);
          other.scale += isChosen ? std::abs(weights[i]) : 0;
          chosen += isChosen;
        }
        if (chosen)
          other.scale /= static_cast<double>(chosen);
        least = std::min(least, errorOf(weights, other) + price * static_cast<double>(chosen));
      }
      EXPECT_NEAR(errorOf(weights, cluster) + price * static_cast<double>(signsOf(cluster)), least, 1e-9);
    }
}

// 1701.08978, 3.1, once more: the scales of kernels are roots of mean squares of their largest weights, and so is that of the cluster.
TEST(TernaryClusters, PapersRule) {
  std::mt19937 random(2);
  for (size_t kernels = 1; kernels <= 4; ++kernels)
    for (size_t size : {1, 2, 3, 9}) {
      auto withThreshold = [](llvm::ArrayRef<std::vector<float>> all, double scale) {
        TernaryCluster cluster;
        cluster.scale = scale;
        for (const std::vector<float> &kernel : all)
          for (float weight : kernel)
            cluster.signs.push_back(std::abs(double(weight)) >= scale ? (weight < 0 ? -1 : 1) : 0);
        return cluster;
      };
      auto best = [&](llvm::ArrayRef<std::vector<float>> all, std::vector<double> numbers) {
        std::vector<float> flat;
        for (const std::vector<float> &kernel : all)
          flat.insert(flat.end(), kernel.begin(), kernel.end());
        std::sort(numbers.rbegin(), numbers.rend());
        TernaryCluster least;
        for (size_t t = 1; t <= numbers.size(); ++t) {
          double squares = 0;
          for (size_t i = 0; i < t; ++i)
            squares += numbers[i] * numbers[i];
          TernaryCluster one = withThreshold(all, t == 1 ? numbers[0] : std::sqrt(squares / static_cast<double>(t)));
          if (t == 1 || errorOf(flat, one) < errorOf(flat, least))
            least = one;
        }
        return least;
      };
      std::vector<std::vector<float>> all;
      std::vector<double> scales;
      for (size_t k = 0; k < kernels; ++k) {
        all.push_back(weightsOf(random, size));
        std::vector<double> magnitudes;
        for (float weight : all.back())
          magnitudes.push_back(std::abs(double(weight)));
        scales.push_back(best({all.back()}, magnitudes).scale);
      }
      TernaryCluster expected = best(all, scales), cluster = fitClusterByPaper(all);
      EXPECT_EQ(cluster.signs, expected.signs);
      EXPECT_EQ(cluster.scale, expected.scale);
      EXPECT_GT(signsOf(cluster), 0u); // a kernel of one weight keeps it
    }
}

TEST(TernaryClusters, SmallerClustersAreNoWorse) {
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    std::vector<float> weights = weightsOf(random, 72);
    llvm::ArrayRef<float> all = weights;
    double whole = errorOf(all, fitCluster(all, 0));
    for (size_t size : {36, 18, 9}) {
      double sum = 0;
      for (size_t first = 0; first < all.size(); first += size)
        sum += errorOf(all.slice(first, size), fitCluster(all.slice(first, size), 0));
      EXPECT_LE(sum, whole);
      whole = sum;
    }
  }
}

TEST(TernaryClusters, ShareOfZeros) {
  std::mt19937 random(4);
  std::vector<std::vector<float>> clusters;
  for (int i = 0; i < 200; ++i)
    clusters.push_back(weightsOf(random, 36));
  auto shareAt = [&](double price) {
    size_t signs = 0;
    for (const std::vector<float> &cluster : clusters)
      signs += signsOf(fitCluster(cluster, price));
    return 1 - static_cast<double>(signs) / (200 * 36);
  };
  std::vector<RankedWeights> ranks;
  for (const std::vector<float> &cluster : clusters)
    ranks.emplace_back(cluster);
  EXPECT_EQ(priceOfZeros(ranks, 0.1), 0); // there are more anyway
  for (double share : {0.5, 0.6, 0.75, 0.9}) {
    EXPECT_GE(shareAt(priceOfZeros(ranks, share)), share);
    EXPECT_LT(shareAt(priceOfZeros(ranks, share)), share + 0.01);
  }
}

// What is ternary stays as it is.
TEST(TernaryClusters, KeepsWhatIsTernary) {
  std::vector<float> weights = {0.3f, 0, -0.3f, 0.3f, 0, 0, 0, -0.3f, 0};
  for (const TernaryCluster &cluster : {fitCluster(weights, 0), fitClusterByPaper({weights})}) {
    EXPECT_EQ(cluster.scale, double(0.3f));
    EXPECT_EQ(cluster.signs, (std::vector<int8_t>{1, 0, -1, 1, 0, 0, 0, -1, 0}));
  }
  for (const TernaryCluster &cluster : {fitCluster({0.f, -0.f}, 0), fitClusterByPaper({{0.f}, {0.f}})}) {
    EXPECT_EQ(cluster.scale, 0);
    EXPECT_EQ(cluster.signs, (std::vector<int8_t>{0, 0}));
  }
}

} // namespace

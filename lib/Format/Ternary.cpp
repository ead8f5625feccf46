//===- Ternary.cpp - weights of -1, 0 and 1 ---------------------*- C++ -*-===//
//
// This file defines ternary weights (Numerics R40), for weights only:
//
//   ternary              codes -1, 0 and 1 with a scale for each output channel
//   cluster=4            codes -a, 0 and a, where a, from 1 to 127, is that of so many input channels of each output channel
//   zeros=0.6            at least this share of a layer's weights is zero
//   rule=least-squares   (default) signs and scales with the least sum of squared errors, or rule=paper, that of 1701.08978
//
//===----------------------------------------------------------------------===//

#include "FormatOptions.h"
#include "TernaryClusters.h"
#include "quantization/Format/QuantTypes.h"
#include <limits>

using namespace mlir;
using namespace quantization;

namespace {
/// Of 8 bits, as in 1701.08978.
constexpr int64_t kLargestFactor = 127;

/// With the price of the layer, which rises until there are zeros enough.
class TernaryRounding : public StepwiseRounding {
public:
  TernaryRounding(size_t group, double share, double price, double priceStep) : group(group), share(share), price(price), priceStep(priceStep) {}

  size_t groupSize() const override { return group; }
  void begin(ArrayRef<float> weights) override {
    scale = RankedWeights(weights).fit(weights, price).scale;
    threshold = scale > 0 ? (scale + price / scale) / 2 : std::numeric_limits<double>::infinity();
  }
  double round(double weight) const override { return std::abs(weight) < threshold ? 0 : weight < 0 ? -scale : scale; }
  bool accept(size_t zeros, size_t weights) override {
    if (static_cast<double>(zeros) >= share * static_cast<double>(weights) || priceStep == 0)
      return true;
    price += priceStep;
    return false;
  }

private:
  size_t group;
  double share, price, priceStep, scale = 0, threshold = 0;
};

class Ternary : public NumberFormat {
public:
  int64_t inputsOfCluster = 0; ///< input channels; 0: all of them
  double zeros = 0;
  bool byPaper = false;

  unsigned bits() const override { return 2; }
  int64_t levels() const override { return 3; }
  bool isSymmetric() const override { return true; }
  bool canRaiseScales() const override { return false; }
  int64_t cluster() const override { return inputsOfCluster; }
  int64_t factorBits() const override { return inputsOfCluster ? 8 : 0; }
  bool isAdditive() const override { return true; }
  std::string whyNotForValues() const override { return "ternary is for weights: write uint8, dfp8 or, for signs, binary"; }
  quant::QuantizedType chooseType(MLIRContext *, Range) const override { return {}; }

  quant::QuantizedType chooseType(MLIRContext *context, const WeightsView &weights) const override {
    SmallVector<double> scales;
    for (const SmallVector<TernaryCluster> &channel : fit(weights)) {
      double largest = 0;
      for (const TernaryCluster &one : channel)
        largest = std::max(largest, one.scale);
      auto scale = static_cast<float>(hasFactors(weights) ? largest / kLargestFactor : largest);
      scales.push_back(largest == 0 ? 1 : std::max(scale, std::numeric_limits<float>::min()));
    }
    if (hasFactors(weights))
      return weightsType(context, weights, /*perChannel=*/true, scales, 8, -kLargestFactor, kLargestFactor);
    return weightsType(context, weights, /*perChannel=*/true, scales, 2, -1, 1);
  }

  std::vector<int64_t> encodeWeights(quant::QuantizedType type, const WeightsView &weights) const override {
    std::vector<SmallVector<TernaryCluster>> channels = fit(weights);
    std::vector<SmallVector<size_t>> next(channels.size());
    std::vector<int64_t> codes;
    for (size_t i = 0; i < weights.values.size(); ++i) {
      auto [channel, number] = placeOf(weights, clusterIn(weights), i);
      next[channel].resize(channels[channel].size());
      const TernaryCluster &one = channels[channel][number];
      int64_t factor = 1;
      if (hasFactors(weights))
        factor = std::clamp<int64_t>(std::llround(one.scale / gridOf(type, channel).scale), 1, kLargestFactor);
      codes.push_back(one.signs[next[channel][number]++] * factor);
    }
    return codes;
  }

  std::unique_ptr<StepwiseRounding> stepwise(const WeightsView &weights) const override {
    if (byPaper)
      return nullptr;
    double squares = 0;
    for (float value : weights.values)
      squares += double(value) * value;
    double step = weights.values.empty() ? 0 : squares / static_cast<double>(weights.values.size()) / 50;
    return std::make_unique<TernaryRounding>(clusterIn(weights) * kernelOf(weights), zeros,
                                             zeros == 0 ? 0 : priceIn(rank(valuesByBlock(weights, clusterIn(weights)))), step);
  }

private:
  static size_t kernelOf(const WeightsView &weights) {
    return weights.channelAxis == 0 ? llvm::product_of(weights.shape.drop_front(2)) : 1;
  }
  static int64_t inputsOf(const WeightsView &weights) {
    return weights.shape[weights.channelAxis == 0 ? 1 : weights.channelAxis - 1];
  }
  /// Scales of clusters are multiples of the channel's, unless it has only one.
  bool hasFactors(const WeightsView &weights) const { return inputsOfCluster && inputsOfCluster < inputsOf(weights); }
  int64_t clusterIn(const WeightsView &weights) const { return hasFactors(weights) ? inputsOfCluster : std::max<int64_t>(1, inputsOf(weights)); }

  using Ranks = std::vector<RankedWeights>;
  double priceIn(const Ranks &clusters) const { return zeros == 0 ? 0 : priceOfZeros(clusters, zeros); }

  /// The clusters of each output channel.
  std::vector<SmallVector<TernaryCluster>> fit(const WeightsView &weights) const {
    SmallVector<SmallVector<std::vector<float>>> values = valuesByBlock(weights, clusterIn(weights));
    return byPaper ? fitByPaper(values, kernelOf(weights)) : fitLeastSquares(values);
  }

  std::vector<SmallVector<TernaryCluster>> fitLeastSquares(const SmallVector<SmallVector<std::vector<float>>> &values) const {
    Ranks ranks = rank(values);
    double price = priceIn(ranks);
    auto next = ranks.begin();
    std::vector<SmallVector<TernaryCluster>> channels;
    for (const SmallVector<std::vector<float>> &channel : values) {
      channels.emplace_back();
      for (const std::vector<float> &one : channel)
        channels.back().push_back((next++)->fit(one, price));
    }
    return channels;
  }

  static std::vector<SmallVector<TernaryCluster>> fitByPaper(const SmallVector<SmallVector<std::vector<float>>> &values, size_t kernel) {
    std::vector<SmallVector<TernaryCluster>> channels;
    for (const SmallVector<std::vector<float>> &channel : values) {
      channels.emplace_back();
      for (const std::vector<float> &one : channel) {
        std::vector<std::vector<float>> kernels;
        for (size_t first = 0; first < one.size(); first += kernel)
          kernels.emplace_back(one.begin() + first, one.begin() + first + kernel);
        channels.back().push_back(fitClusterByPaper(kernels));
      }
    }
    return channels;
  }

  static Ranks rank(const SmallVector<SmallVector<std::vector<float>>> &values) {
    Ranks ranks;
    for (const SmallVector<std::vector<float>> &channel : values)
      for (const std::vector<float> &one : channel)
        ranks.emplace_back(one);
    return ranks;
  }
};
} // namespace

namespace quantization::formats {
llvm::Expected<std::unique_ptr<NumberFormat>> parseTernary(const FormatSpec &spec) {
  if (spec.name != "ternary")
    return nullptr;
  auto format = std::make_unique<Ternary>();
  auto take = [&](StringRef key, StringRef value) {
    if (key == "cluster")
      return !value.getAsInteger(10, format->inputsOfCluster) && format->inputsOfCluster > 0;
    if (key == "zeros")
      return !value.getAsDouble(format->zeros) && format->zeros >= 0 && format->zeros < 1;
    format->byPaper = value == "paper";
    return key == "rule" && (value == "least-squares" || value == "paper");
  };
  if (llvm::Error error = readOptions(spec, take, "cluster=NUMBER, zeros=SHARE below 1, rule=least-squares and rule=paper"))
    return error;
  if (format->byPaper && format->zeros > 0)
    return llvm::createStringError("format " + spec.str() + ": the paper's rule decides how many are zero; leave zeros or rule=paper out");
  return format;
}
} // namespace quantization::formats

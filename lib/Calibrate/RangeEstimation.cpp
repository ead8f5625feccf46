//===- RangeEstimation.cpp - from statistics to a range ---------*- C++ -*-===//
//
// This file implements rules R22 to R25 and R30 of docs/Numerics.md on the histogram of
// a value.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/RangeEstimation.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace quantization {

static constexpr llvm::StringLiteral methodNames[] = {"min-max", "percentile", "overflow", "kl", "mse"};

llvm::StringRef nameOf(RangeMethod method) { return methodNames[static_cast<int>(method)]; }

std::optional<RangeMethod> parseRangeMethod(llvm::StringRef name) {
  for (RangeMethod method : {RangeMethod::MinMax, RangeMethod::Percentile, RangeMethod::Overflow, RangeMethod::KL, RangeMethod::MSE})
    if (nameOf(method) == name)
      return method;
  return std::nullopt;
}

llvm::StringRef CalibrationMethod::expectedValue(RangeMethod method) {
  return method == RangeMethod::Overflow ? "a share from 0 to below 1" : "a percentage above 50 and at most 100";
}

bool CalibrationMethod::isValue(RangeMethod method, double number) {
  return method == RangeMethod::Overflow ? number >= 0 && number < 1 : number > 50 && number <= 100;
}

namespace {

/// The part of a histogram that a grid of `levels` codes has to cover: bin i begins at edge(i) and ends at edge(i + 1).
/// For a symmetric grid the negative side is folded onto the positive one, and half of the levels cover it.
/// Zeros are left out: they are exact on every grid.
struct Histogram {
  std::vector<double> bins;
  int64_t zero; ///< index of the bin that begins at 0
  double width;
  int64_t levels;

  int64_t size() const { return static_cast<int64_t>(bins.size()); }
  double edge(int64_t index) const { return static_cast<double>(index - zero) * width; }
};

/// Thresholds, both not negative: the range is [-below, above]; `below` is 0 in a folded histogram.
struct Clip {
  double below, above;
};

/// Numbers of bins to try, from `most` down to `least`, about `maxCandidates` at most.
std::vector<int64_t> candidates(int64_t least, int64_t most, int64_t maxCandidates = 256) {
  std::vector<int64_t> counts;
  int64_t stride = std::max<int64_t>(1, (most - least + maxCandidates - 1) / maxCandidates);
  for (int64_t count = most; count >= std::max<int64_t>(least, 1); count -= stride)
    counts.push_back(count);
  return counts;
}

} // namespace

static Histogram histogramOf(const Statistics &statistics, int64_t levels, bool symmetric) {
  constexpr int64_t middle = Statistics::middle;
  const std::vector<int64_t> &bins = statistics.bins;
  int64_t below = 0, above = 0; // bins in use on each side of 0
  for (int64_t j = 0; j < middle; ++j) {
    if (bins[middle - 1 - j] != 0)
      below = j + 1;
    if (bins[middle + j] != 0)
      above = j + 1;
  }
  Histogram histogram{{}, symmetric ? 0 : below, statistics.binWidth(), symmetric ? (levels + 1) / 2 : levels};
  histogram.bins.resize(symmetric ? std::max(below, above) : below + above);
  for (int64_t j = 0; j < below; ++j)
    histogram.bins[symmetric ? j : below - 1 - j] += static_cast<double>(bins[middle - 1 - j]);
  for (int64_t j = 0; j < above; ++j)
    histogram.bins[histogram.zero + j] += static_cast<double>(bins[middle + j]);
  if (above > 0)
    histogram.bins[histogram.zero] -= static_cast<double>(statistics.zeros);
  return histogram;
}

/// How far from bin 0 on lies the point with `share` of `total` at or below it, in bins; linear within a bin.
static double positionOf(llvm::ArrayRef<double> bins, double share, double total) {
  double wanted = share * total, seen = 0;
  for (size_t i = 0; i < bins.size(); ++i) {
    if (bins[i] > 0 && seen + bins[i] >= wanted)
      return static_cast<double>(i) + std::max(0.0, wanted - seen) / bins[i];
    seen += bins[i];
  }
  return static_cast<double>(bins.size());
}

/// R23. Unlike the others it counts the zeros: they are values as any.
static Clip clipPercentile(const Statistics &statistics, double percent, int64_t levels, bool symmetric) {
  Histogram histogram = histogramOf(statistics, levels, symmetric);
  double total = static_cast<double>(statistics.count);
  if (statistics.zeros > 0)
    histogram.bins[histogram.zero] += static_cast<double>(statistics.zeros);
  if (symmetric)
    return {0, positionOf(histogram.bins, percent / 100.0, total) * histogram.width};
  double share = 1.0 - (100.0 - percent) / 200.0;
  double above = positionOf(histogram.bins, share, total);
  std::reverse(histogram.bins.begin(), histogram.bins.end());
  double below = static_cast<double>(histogram.size()) - positionOf(histogram.bins, share, total);
  double zero = static_cast<double>(histogram.zero);
  return {std::max(0.0, zero - below) * histogram.width, std::max(0.0, above - zero) * histogram.width};
}

/// R30: the least power of two beyond which at most `share` of the values lie.
static Clip clipOverflow(const Statistics &statistics, double share) {
  double largest = std::max(std::abs(double(statistics.min)), std::abs(double(statistics.max)));
  int exponent;
  double mantissa = std::frexp(largest, &exponent);
  exponent -= mantissa == 0.5; // 2^exponent >= largest
  // Edges of bins are the powers of two from the width of a bin on.
  int64_t beyond = 0, j = Statistics::middle - 1;
  double allowed = share * static_cast<double>(statistics.count);
  for (int next = exponent - 1; std::ldexp(1.0, next) >= statistics.binWidth(); --next) {
    for (; j >= 0 && static_cast<double>(j) * statistics.binWidth() >= std::ldexp(1.0, next); --j)
      beyond += statistics.bins[Statistics::middle + j] + statistics.bins[Statistics::middle - 1 - j];
    if (static_cast<double>(beyond) > allowed)
      break;
    exponent = next;
  }
  double limit = std::ldexp(1.0, exponent);
  return {limit, limit};
}

/// Kullback-Leibler divergence between the values clipped to bins [begin, end) and the same bins told apart only by
/// `levels` groups.
static double divergence(llvm::ArrayRef<double> bins, int64_t begin, int64_t end, int64_t levels, double total) {
  double outliersBelow = 0, outliersAbove = 0;
  for (double count : bins.take_front(begin))
    outliersBelow += count;
  for (double count : bins.drop_front(end))
    outliersAbove += count;
  double inside = total - outliersBelow - outliersAbove;
  if (inside <= 0)
    return HUGE_VAL;

  // Where outliers land in a bin without values of its own, the groups say 0; a small count keeps the logarithm finite.
  constexpr double leastCount = 1e-4;
  double sum = 0;
  int64_t size = end - begin, first = begin;
  for (int64_t level = 0; level < levels; ++level) {
    int64_t last = begin + size * (level + 1) / levels;
    double group = 0, used = 0;
    for (int64_t i = first; i < last; ++i) {
      group += bins[i];
      used += bins[i] > 0;
    }
    for (int64_t i = first; i < last; ++i) {
      double count = bins[i];
      if (i == begin)
        count += outliersBelow;
      if (i == end - 1)
        count += outliersAbove;
      if (count <= 0)
        continue;
      double p = count / total;
      double q = bins[i] > 0 ? group / used / inside : leastCount / inside;
      sum += p * std::log(p / q);
    }
    first = last;
  }
  return sum;
}

/// R24: the threshold whose clipped values the grid tells best apart.
static std::optional<Clip> clipDivergence(const Histogram &histogram) {
  int64_t below = histogram.zero, above = histogram.size() - histogram.zero;
  double total = 0;
  for (double count : histogram.bins)
    total += count;
  double best = HUGE_VAL;
  std::optional<Clip> clip;
  for (int64_t count : candidates(1, std::max(below, above))) {
    int64_t begin = histogram.zero - std::min(count, below), end = histogram.zero + std::min(count, above);
    // The bins cannot show what a grid as fine as they are would lose.
    if (end - begin < histogram.levels)
      break;
    double value = divergence(histogram.bins, begin, end, histogram.levels, total);
    if (value < best) {
      best = value;
      clip = Clip{-histogram.edge(begin), histogram.edge(end)};
    }
  }
  return clip;
}

/// Sum of squared errors on the grid over [-below, above]: clipping outside, rounding inside.
static double squaredError(const Histogram &histogram, Clip clip) {
  double span = clip.below + clip.above, width = histogram.width;
  double scale = span / static_cast<double>(histogram.levels - 1), perScale = 1.0 / scale;
  // Steps finer than a bin: values are spread evenly over the step. Coarser: the bin's middle is rounded.
  bool fine = scale <= width;
  double error = 0;
  for (int64_t i = 0; i < histogram.size(); ++i) {
    if (histogram.bins[i] <= 0)
      continue;
    double value = histogram.edge(i) + 0.5 * width, distance;
    if (value > clip.above)
      distance = value - clip.above;
    else if (value < -clip.below)
      distance = -clip.below - value;
    else if (fine) {
      error += histogram.bins[i] * scale * scale / 12.0;
      continue;
    } else
      distance = value - scale * std::nearbyint(value * perScale);
    error += histogram.bins[i] * (distance * distance + width * width / 12.0);
  }
  return error;
}

/// R25: the ends with the least squared error, one end at a time until neither moves.
static Clip clipSquaredError(const Histogram &histogram) {
  int64_t below = histogram.zero, above = histogram.size() - histogram.zero;
  auto clipAt = [&](int64_t binsBelow, int64_t binsAbove) {
    return Clip{static_cast<double>(binsBelow) * histogram.width, static_cast<double>(binsAbove) * histogram.width};
  };
  std::vector<int64_t> candidatesBelow = candidates(1, below), candidatesAbove = candidates(1, above);
  double best = squaredError(histogram, clipAt(below, above));
  for (int round = 0; round < 4; ++round) {
    double before = best;
    auto improve = [&](const std::vector<int64_t> &counts, int64_t &end) {
      int64_t kept = end;
      for (int64_t count : counts) {
        end = count;
        double error = squaredError(histogram, clipAt(below, above));
        if (error < best) {
          best = error;
          kept = count;
        }
      }
      end = kept;
    };
    improve(candidatesAbove, above);
    improve(candidatesBelow, below);
    if (best == before)
      break;
  }
  return clipAt(below, above);
}

Range estimateRange(const Statistics &statistics, CalibrationMethod method, int64_t levels, bool symmetric) {
  assert(levels >= 2 && "a grid needs two codes");
  Range all{std::min(double(statistics.min), 0.0), std::max(double(statistics.max), 0.0)};
  if (statistics.zeros == statistics.count)
    return all;
  Clip clip{HUGE_VAL, HUGE_VAL};
  switch (method.method) {
  case RangeMethod::MinMax:
    break;
  case RangeMethod::Percentile:
    clip = clipPercentile(statistics, method.value, levels, symmetric);
    break;
  case RangeMethod::Overflow:
    clip = clipOverflow(statistics, method.value);
    break;
  case RangeMethod::KL:
    clip = clipDivergence(histogramOf(statistics, levels, symmetric)).value_or(clip);
    break;
  case RangeMethod::MSE:
    clip = clipSquaredError(histogramOf(statistics, levels, symmetric));
    break;
  }
  if (symmetric)
    clip.below = clip.above;
  return {std::max(all.min, -clip.below), std::min(all.max, clip.above)};
}

} // namespace quantization

//===- FixedPoint.cpp - q<I>.<F> and dfp<k> ---------------------*- C++ -*-===//
//
// This file defines the formats whose scale is a power of two (Numerics R31):
//
//   q3.5    3 integer bits, the sign's among them, and 5 fraction bits: codes [-128, 127] of 1/32; either may be negative
//   dfp8    dynamic fixed point: 8 bits, with as many behind the point as the range of the tensor leaves
//
//   round=half-even (default), half-away, truncate or, for weights, stochastic (with seed=NUMBER)
//   saturate=twos-complement (default) or symmetric, which gives up the lowest code
//   unsigned        dfp for values that are not negative, such as those behind a ReLU
//   per=tensor (default) or per=channel: how many scales weights in dfp have
//
// The papers differ: activations in 1511.05236 are q{round=half-away}, its weights q{round=truncate}; 1711.04713 has q{round=half-away,
// saturate=symmetric}, and its range tool is dfp16{saturate=symmetric} with the calibration method `overflow`; 1701.08978 has dfp8.
//
//===----------------------------------------------------------------------===//

#include "FormatOptions.h"
#include "WeightFit.h"
#include "quantization/Format/QuantTypes.h"
#include <cmath>

using namespace mlir;
using namespace quantization;

namespace {
class FixedPoint : public NumberFormat {
public:
  unsigned width = 8;
  std::optional<int> fraction; ///< fraction bits, of q
  bool isSigned = true, symmetricEnds = false, perChannel = false, saysPerChannel = false, stochastic = false;
  Rounding mode = Rounding::HalfEven;
  uint64_t seed = 0;

  int64_t hi() const { return (int64_t(1) << (isSigned ? width - 1 : width)) - 1; }
  int64_t lo() const { return !isSigned ? 0 : symmetricEnds ? -hi() : -hi() - 1; }

  unsigned bits() const override { return width; }
  bool hasPowerOfTwoScales() const override { return true; }
  bool canRaiseScales() const override { return !fraction; }
  int64_t levels() const override { return hi() - lo() + 1; }
  bool isSymmetric() const override { return isSigned; }
  bool needsRange() const override { return !fraction; }
  Rounding rounding() const override { return mode; }
  std::string whyNotForWeights() const override { return isSigned ? "" : "weights have a sign: leave unsigned out"; }
  std::string whyNotForValues() const override {
    if (stochastic)
      return "values are rounded at each run, where chance has no place: write round=half-even, half-away or truncate";
    return saysPerChannel ? "values between layers have one scale, only weights have one per channel: leave per=channel out" : "";
  }

  /// The power of two that is the last bit's weight: of dfp the least with which 2^m, the power of two at or above `extent`, is the end
  /// of the codes.
  double scaleFor(double extent) const {
    if (fraction)
      return std::ldexp(1.0, -*fraction);
    if (!(extent > 0))
      return 1;
    int exponent;
    if (std::frexp(extent, &exponent) == 0.5)
      --exponent;
    int magnitudeBits = isSigned ? width - 1 : width;
    return std::ldexp(1.0, std::min(std::max(exponent - magnitudeBits, -126), 127));
  }

  quant::QuantizedType chooseType(MLIRContext *context, Range range) const override {
    double extent = isSigned ? std::max(std::abs(range.min), std::abs(range.max)) : std::max(range.max, 0.0);
    return typeOf(context, {static_cast<float>(scaleFor(extent)), 0, lo(), hi()}, width, isSigned);
  }

  quant::QuantizedType chooseType(MLIRContext *context, const WeightsView &weights) const override {
    SmallVector<double> scales;
    for (const std::vector<float> &values : valuesByChannel(weights, perChannel))
      scales.push_back(scaleFor(largestMagnitude(values)));
    return weightsType(context, weights, perChannel, scales, width, lo(), hi());
  }

  std::vector<int64_t> encodeWeights(quant::QuantizedType type, const WeightsView &weights) const override {
    if (!stochastic)
      return encode(type, weights.values, weights.shape, mode);
    // A value between two codes goes up with the probability of its distance from the lower one. Each weight has its own throw, so
    // that neither order nor threads matter.
    std::vector<int64_t> codes = encode(type, weights.values, weights.shape, Rounding::Floor);
    ElementGrids grids(type, weights.shape);
    for (size_t i = 0; i < codes.size(); ++i) {
      const Grid &grid = grids[i];
      double steps = weights.values[i] / grid.scale, rest = steps - std::floor(steps);
      if (steps > grid.lo && codes[i] < grid.hi && uniform(i) < rest)
        ++codes[i];
    }
    return codes;
  }

private:
  /// A number in [0, 1) for each index: the finalizer of SplitMix64 (Steele, Lea and Flood 2014) on its sequence.
  double uniform(uint64_t index) const {
    uint64_t z = (seed + index + 1) * 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return std::ldexp(static_cast<double>((z ^ (z >> 31)) >> 11), -53);
  }
};

/// The bits before and behind the point of `q3.5`.
std::optional<std::pair<int, int>> bitsAroundPoint(StringRef name) {
  auto [before, behind] = name.split('.');
  int integer, fraction;
  if (!before.consume_front("q") || before.getAsInteger(10, integer) || behind.getAsInteger(10, fraction))
    return std::nullopt;
  return std::pair(integer, fraction);
}
} // namespace

namespace quantization::formats {
llvm::Expected<std::unique_ptr<NumberFormat>> parseFixedPoint(const FormatSpec &spec) {
  auto point = bitsAroundPoint(spec.name);
  std::optional<unsigned> dynamic = numberBehind("dfp", spec.name);
  if (!point && !dynamic)
    return nullptr;
  auto format = std::make_unique<FixedPoint>();
  int64_t width = point ? int64_t(point->first) + point->second : *dynamic;
  if (width < 1 || width > 16 || (point && std::abs(point->second) > 126))
    return badWidth(spec, 1, 16);
  format->width = width;
  if (point)
    format->fraction = point->second;
  bool saysSeed = false;
  auto take = [&](StringRef key, StringRef value) {
    if (key == "round" && (value == "half-even" || value == "half-away" || value == "truncate" || value == "stochastic")) {
      format->mode = value == "half-away" ? Rounding::HalfAway : value == "truncate" ? Rounding::Truncate : Rounding::HalfEven;
      format->stochastic = value == "stochastic";
    } else if (key == "saturate" && (value == "symmetric" || value == "twos-complement")) {
      format->symmetricEnds = value == "symmetric";
    } else if (key == "seed" && !value.getAsInteger(10, format->seed)) {
      saysSeed = true;
    } else if (dynamic && key == "unsigned" && value.empty()) {
      format->isSigned = false;
    } else if (dynamic && key == "per" && (value == "channel" || value == "tensor")) {
      format->perChannel = format->saysPerChannel = value == "channel";
    } else {
      return false;
    }
    return true;
  };
  if (llvm::Error error = readOptions(spec, take,
                                      std::string("round=half-even, half-away, truncate or stochastic, seed=NUMBER, saturate=symmetric or "
                                                  "twos-complement") +
                                          (dynamic ? ", unsigned, per=channel and per=tensor" : "")))
    return error;
  if (saysSeed && !format->stochastic)
    return llvm::createStringError("format " + spec.str() + " throws no dice: seed is for round=stochastic");
  if (!format->isSigned && format->symmetricEnds)
    return llvm::createStringError("format " + spec.str() + " has no codes below zero: leave unsigned or saturate=symmetric out");
  if (dynamic && format->isSigned && width < 2)
    return llvm::createStringError("format " + spec.str() + " has one bit, which is the sign: give it more, or write unsigned");
  if (format->levels() < 2)
    return llvm::createStringError("format " + spec.str() + " has no code besides zero: give it more bits, or leave saturate=symmetric out");
  return format;
}
} // namespace quantization::formats

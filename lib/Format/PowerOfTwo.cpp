//===- PowerOfTwo.cpp - weights of which each is a power of two -*- C++ -*-===//
//
// This file defines the power-of-two weights of 1612.03940 (Numerics R33): a sign and an exponent of k - 1 bits, of which one code is zero.
//
//   pow2{bits=4}, also pow24    0, ±1, ±2, ±4, ... ±64 times one scale, itself a power of two: 2^(k-1) - 1 = 7 exponents
//   per=tensor (default) or per=channel: how many scales weights have
//
// To the passes behind it these are integers; that each is a power of two, and so a shift, is seen in the codes.
//
//===----------------------------------------------------------------------===//

#include "FormatOptions.h"
#include "WeightFit.h"
#include "quantization/Format/QuantTypes.h"
#include <cmath>

using namespace mlir;
using namespace quantization;

namespace {
/// The exponent of the power of two that is nearest to |value| in the logarithm; value is not 0.
int nearestExponent(double value) {
  int exponent;
  double mantissa = std::frexp(std::abs(value), &exponent); // in [1/2, 1)
  return mantissa >= std::sqrt(0.5) ? exponent : exponent - 1;
}

class PowerOfTwo : public NumberFormat {
public:
  unsigned width = 4;
  bool perChannel = false;

  int largestExponent() const { return (1 << (width - 1)) - 2; } ///< of the codes; the smallest is 0

  unsigned bits() const override { return width; }
  bool hasPowerOfTwoScales() const override { return true; }
  int64_t levels() const override { return 2 * (largestExponent() + 1) + 1; }
  bool isSymmetric() const override { return true; }
  std::string whyNotForValues() const override {
    return "a sum of products is no power of two: this format is for weights; write dfp16 or uint8 for values";
  }
  quant::QuantizedType chooseType(MLIRContext *, Range) const override { return {}; }

  quant::QuantizedType chooseType(MLIRContext *context, const WeightsView &weights) const override {
    SmallVector<double> scales;
    for (const std::vector<float> &values : valuesByChannel(weights, perChannel)) {
      double extent = largestMagnitude(values);
      int exponent = extent > 0 ? nearestExponent(extent) - largestExponent() : 0;
      scales.push_back(std::ldexp(1.0, std::max(exponent, -126)));
    }
    int64_t hi = int64_t(1) << largestExponent();
    return weightsType(context, weights, perChannel, scales, std::max<unsigned>(width, largestExponent() + 2), -hi, hi);
  }

  /// Beyond the largest power the largest, below half of the smallest zero.
  std::vector<int64_t> encodeWeights(quant::QuantizedType type, const WeightsView &weights) const override {
    std::vector<int64_t> codes(weights.values.size());
    ElementGrids grids(type, weights.shape);
    for (size_t i = 0; i < codes.size(); ++i) {
      double steps = double(weights.values[i]) / grids[i].scale;
      if (std::abs(steps) < 0.5)
        continue;
      int64_t power = int64_t(1) << std::min(std::max(nearestExponent(steps), 0), largestExponent());
      codes[i] = steps < 0 ? -power : power;
    }
    return codes;
  }
};
} // namespace

namespace quantization::formats {
llvm::Expected<std::unique_ptr<NumberFormat>> parsePowerOfTwo(const FormatSpec &spec) {
  std::optional<unsigned> width = numberBehind("pow2", spec.name);
  if (!width && spec.name != "pow2")
    return nullptr;
  auto format = std::make_unique<PowerOfTwo>();
  bool saysWidth = width.has_value();
  format->width = width.value_or(format->width);
  auto take = [&](StringRef key, StringRef value) {
    if (unsigned bits; key == "bits" && !value.getAsInteger(10, bits)) {
      format->width = width.value_or(bits);
      saysWidth = true;
    } else if (key == "per" && (value == "channel" || value == "tensor")) {
      format->perChannel = value == "channel";
    } else {
      return false;
    }
    return true;
  };
  if (llvm::Error error = readOptions(spec, take, "bits=NUMBER, per=channel and per=tensor"))
    return error;
  if (width && llvm::is_contained(llvm::make_first_range(spec.options), "bits"))
    return llvm::createStringError("format " + spec.str() + " says how wide it is twice: leave bits out");
  if (!saysWidth)
    return llvm::createStringError("format pow2 does not say how wide it is: write pow2{bits=4}");
  if (format->width < 2 || format->width > 6)
    return badWidth(spec, 2, 6);
  return format;
}
} // namespace quantization::formats

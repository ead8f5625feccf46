//===- UniformInteger.cpp - int<k> and uint<k> ------------------*- C++ -*-===//
//
// This file defines the uniform integer formats (Numerics R5 to R7):
//
//   int2 ... int16    codes [-2^(k-1), 2^(k-1) - 1], weights without the lowest one; symmetric unless `asymmetric` is given
//   uint1 ... uint16  codes [0, 2^k - 1]; asymmetric unless `symmetric` is given, which fixes the zero point at 2^(k-1); not for weights
//   per=channel (default for weights) or per=tensor says how many scales weights have; block=32: one for so many input channels of each
//   output channel, with all kernel positions, of 2 to 6 bits (R36)
//
//===----------------------------------------------------------------------===//

#include "BlockScales.h"
#include "FormatOptions.h"
#include "WeightFit.h"
#include "quantization/Format/QuantTypes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace quantization;

namespace {
class UniformInteger : public NumberFormat {
public:
  unsigned width = 8;
  bool isSigned = true, symmetric = true, perChannel = true;
  bool saysPerChannel = false;
  int64_t block = 0; ///< input channels with a scale of their own in each output channel; 0: all share one

  unsigned bits() const override { return width; }
  int64_t levels() const override { return int64_t(1) << width; }
  bool isSymmetric() const override { return symmetric; }
  int64_t cluster() const override { return block; }
  int64_t factorBits() const override { return block ? llvm::Log2_64(BlockScales((int64_t(1) << (width - 1)) - 1).largestFactor()) + 1 : 0; }
  std::string whyNotForWeights() const override {
    if (isSigned && symmetric)
      return "";
    return "weights are symmetric: write int" + std::to_string(std::max(width, 2u)) + (perChannel ? "" : "{per=tensor}");
  }
  std::string whyNotForValues() const override {
    if (block)
      return "values between layers have one scale, only weights have one per block: leave block out";
    return saysPerChannel ? "values between layers have one scale, only weights have one per channel: leave per=channel out" : "";
  }

  quant::QuantizedType chooseType(MLIRContext *context, Range range) const override {
    int64_t lo = isSigned ? -(int64_t(1) << (width - 1)) : 0, hi = lo + levels() - 1;
    Grid grid;
    if (symmetric) {
      double extent = std::max(std::abs(range.min), std::abs(range.max));
      int64_t zero = isSigned ? 0 : int64_t(1) << (width - 1);
      grid = symmetricGrid(extent, lo, hi, zero);
    } else {
      grid = asymmetricGrid(range, lo, hi);
    }
    return typeOf(context, grid, width, isSigned);
  }

  quant::QuantizedType chooseType(MLIRContext *context, const WeightsView &weights) const override {
    // Weights are symmetric on [-(2^(k-1) - 1), 2^(k-1) - 1], so that sums of products have a simple bound (R7).
    int64_t hi = (int64_t(1) << (width - 1)) - 1;
    SmallVector<double> scales;
    if (block) {
      BlockScales blocks(hi);
      for (const SmallVector<std::vector<float>> &channel : valuesByBlock(weights, block))
        scales.push_back(blocks.scaleOf(channel));
      return weightsType(context, weights, /*perChannel=*/true, scales, 8, -blocks.reach(), blocks.reach());
    }
    for (const std::vector<float> &values : valuesByChannel(weights, perChannel))
      scales.push_back(symmetricGrid(width < 8 ? clippedExtent(values, hi) : fullExtent(values, hi), -hi, hi).scale);
    return weightsType(context, weights, perChannel, scales, width, -hi, hi);
  }

  std::vector<int64_t> encodeWeights(quant::QuantizedType type, const WeightsView &weights) const override {
    if (!block)
      return NumberFormat::encodeWeights(type, weights);
    BlockScales blocks((int64_t(1) << (width - 1)) - 1);
    SmallVector<SmallVector<std::vector<int64_t>>> products;
    for (auto [number, channel] : llvm::enumerate(valuesByBlock(weights, block))) {
      products.emplace_back();
      for (const std::vector<float> &values : channel)
        products.back().push_back(blocks.productsOf(values, gridOf(type, number).scale));
    }
    std::vector<int64_t> codes;
    SmallVector<SmallVector<size_t>> next(products.size());
    for (size_t i = 0; i < weights.values.size(); ++i) {
      auto [channel, number] = placeOf(weights, block, i);
      next[channel].resize(products[channel].size());
      codes.push_back(products[channel][number][next[channel][number]++]);
    }
    return codes;
  }
};
} // namespace

namespace quantization::formats {
llvm::Expected<std::unique_ptr<NumberFormat>> parseUniformInteger(const FormatSpec &spec) {
  std::optional<unsigned> withSign = numberBehind("int", spec.name), without = numberBehind("uint", spec.name);
  if (!withSign && !without)
    return nullptr;
  auto format = std::make_unique<UniformInteger>();
  format->width = withSign.value_or(without.value_or(0));
  format->isSigned = format->symmetric = withSign.has_value();
  if (format->width < (format->isSigned ? 2 : 1) || format->width > 16)
    return badWidth(spec, format->isSigned ? 2 : 1, 16);
  bool saysSymmetric = false, saysAsymmetric = false;
  auto take = [&](StringRef key, StringRef value) {
    if ((key == "symmetric" || key == "asymmetric") && value.empty()) {
      format->symmetric = key == "symmetric";
      (format->symmetric ? saysSymmetric : saysAsymmetric) = true;
    }
    else if (key == "per" && (value == "channel" || value == "tensor"))
      format->perChannel = format->saysPerChannel = value == "channel";
    else if (key == "block" && !value.getAsInteger(10, format->block) && format->block > 0)
      return true;
    else
      return false;
    return true;
  };
  if (llvm::Error error = readOptions(spec, take, "symmetric, asymmetric, per=channel, per=tensor and block=NUMBER"))
    return error;
  if (saysSymmetric && saysAsymmetric)
    return llvm::createStringError("format " + spec.str() + " is both symmetric and asymmetric; leave one of them out");
  if (format->block && (format->width < 2 || format->width > 6 || !format->isSigned))
    return llvm::createStringError("format " + spec.str() + ": blocks are for weights of int2 to int6; leave block out");
  if (format->block && !format->perChannel)
    return llvm::createStringError("format " + spec.str() + " has a scale for each block and one for all; leave one of them out");
  if (format->width == 1 && format->symmetric)
    return llvm::createStringError("format uint1{symmetric} has no code above its zero point; leave symmetric out");
  return format;
}
} // namespace quantization::formats

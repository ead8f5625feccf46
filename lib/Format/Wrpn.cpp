//===- Wrpn.cpp - wrpn<k> ---------------------------------------*- C++ -*-===//
//
// This file defines the quantizers of wide reduced-precision networks (1704.03079; formulas as in 1709.01134, Numerics R32):
//
//   wrpn4 of weights   clipped to [-1, 1], in steps of 1 / (2^(k-1) - 1), from 2 bits on; with 1 bit they are those of `binary`
//   wrpn4 of values    clipped to [0, 1], in steps of 1 / (2^k - 1)
//
// Networks are trained for these ranges, which know no calibration.
//
//===----------------------------------------------------------------------===//

#include "FormatOptions.h"
#include "quantization/Format/QuantTypes.h"
#include <algorithm>

using namespace mlir;
using namespace quantization;

namespace {
class Wrpn : public NumberFormat {
public:
  unsigned width = 4;

  unsigned bits() const override { return width; }
  int64_t levels() const override { return int64_t(1) << width; }
  bool isSymmetric() const override { return false; }
  bool needsRange() const override { return false; }
  bool canRaiseScales() const override { return false; }
  std::string whyNotForWeights() const override { return width > 1 ? "" : "of one bit, weights are binary: write binary"; }

  quant::QuantizedType chooseType(MLIRContext *context, Range) const override {
    int64_t hi = levels() - 1;
    return typeOf(context, asymmetricGrid({0, 1}, 0, hi), width, /*isSigned=*/false);
  }
  quant::QuantizedType chooseType(MLIRContext *context, const WeightsView &weights) const override {
    int64_t hi = (int64_t(1) << (width - 1)) - 1;
    return weightsType(context, weights, /*perChannel=*/false, {symmetricGrid(1, -hi, hi).scale}, width, -hi, hi);
  }
  /// The paper multiplies: 1/2 lies between two codes of 1/7, which dividing by f32(1/7) would not see.
  std::vector<int64_t> encodeWeights(quant::QuantizedType type, const WeightsView &weights) const override {
    std::vector<int64_t> codes;
    auto hi = static_cast<double>(type.getStorageTypeMax());
    for (float value : weights.values)
      codes.push_back(static_cast<int64_t>(roundTo(std::clamp(value * hi, -hi, hi), Rounding::HalfEven)));
    return codes;
  }
};
} // namespace

namespace quantization::formats {
llvm::Expected<std::unique_ptr<NumberFormat>> parseWrpn(const FormatSpec &spec) {
  std::optional<unsigned> width = numberBehind("wrpn", spec.name);
  if (!width)
    return nullptr;
  if (*width < 1 || *width > 16)
    return badWidth(spec, 1, 16);
  if (!spec.options.empty())
    return llvm::createStringError("format " + spec.name + " has no options");
  auto format = std::make_unique<Wrpn>();
  format->width = *width;
  return format;
}
} // namespace quantization::formats

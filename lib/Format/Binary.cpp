//===- Binary.cpp - numbers of which only the sign is kept ------*- C++ -*-===//
//
// This file defines binary weights and values (1612.03940 and 1704.03079, Numerics R34, R35): each is +a or -a.
//
//   binary of weights   a is the mean of the magnitudes, of each output channel; per=tensor: of all
//   binary of values    a is the end of the range; a network that is trained so knows no other values
//
// To the passes behind it these are the integers 1 and -1 in two bits; that zero is not among them is seen in the codes.
//
//===----------------------------------------------------------------------===//

#include "FormatOptions.h"
#include "quantization/Format/QuantTypes.h"
#include <limits>

using namespace mlir;
using namespace quantization;

namespace {
class Binary : public NumberFormat {
public:
  bool perChannel = true;

  unsigned bits() const override { return 1; }
  int64_t levels() const override { return 2; }
  bool isSymmetric() const override { return true; }
  bool canRaiseScales() const override { return false; }
  bool isAdditive() const override { return true; }
  Rounding rounding() const override { return Rounding::Sign; }

  /// Zero is a code of the type, though only padding has it.
  quant::QuantizedType chooseType(MLIRContext *context, Range range) const override {
    Grid grid = symmetricGrid(std::max(-range.min, range.max), -1, 1);
    return typeOf(context, grid, 2, /*isSigned=*/true);
  }

  quant::QuantizedType chooseType(MLIRContext *context, const WeightsView &weights) const override {
    SmallVector<double> scales;
    for (const std::vector<float> &values : valuesByChannel(weights, perChannel)) {
      double sum = 0;
      for (float value : values)
        sum += std::abs(double(value));
      double mean = values.empty() ? 0 : sum / static_cast<double>(values.size());
      scales.push_back(mean == 0 ? 1 : std::max(static_cast<float>(mean), std::numeric_limits<float>::min()));
    }
    return weightsType(context, weights, perChannel, scales, 2, -1, 1);
  }

  /// Zero counts as positive, but a channel of nothing else stays zero.
  std::vector<int64_t> encodeWeights(quant::QuantizedType type, const WeightsView &weights) const override {
    SmallVector<std::vector<float>> byChannel = valuesByChannel(weights, perChannel);
    SmallVector<bool> isZero;
    for (const std::vector<float> &values : byChannel)
      isZero.push_back(llvm::all_of(values, [](float value) { return value == 0; }));
    int64_t inner = 1;
    for (int64_t d : weights.shape.drop_front(weights.channelAxis + 1))
      inner *= d;
    std::vector<int64_t> codes;
    for (auto [i, value] : llvm::enumerate(weights.values))
      codes.push_back(isZero[perChannel ? (i / inner) % weights.shape[weights.channelAxis] : 0] ? 0 : value >= 0 ? 1 : -1);
    return codes;
  }
};
} // namespace

namespace quantization::formats {
llvm::Expected<std::unique_ptr<NumberFormat>> parseBinary(const FormatSpec &spec) {
  if (spec.name != "binary")
    return nullptr;
  auto format = std::make_unique<Binary>();
  auto take = [&](StringRef key, StringRef value) {
    format->perChannel = value == "channel";
    return key == "per" && (value == "channel" || value == "tensor");
  };
  if (llvm::Error error = readOptions(spec, take, "per=channel and per=tensor"))
    return error;
  return format;
}
} // namespace quantization::formats

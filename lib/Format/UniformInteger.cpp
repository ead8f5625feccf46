//===- UniformInteger.cpp - int8 and uint8 ----------------------*- C++ -*-===//
//
// This file defines the uniform 8-bit integer formats (Numerics R5 to R7):
//
//   int8    codes [-128, 127], weights [-127, 127]; symmetric unless `asymmetric` is given
//   uint8   codes [0, 255]; asymmetric unless `symmetric` is given, which fixes the zero point at 128; not for weights
//   per=channel (default for weights) or per=tensor says how many scales weights have
//
//===----------------------------------------------------------------------===//

#include "quantization/Format/NumberFormat.h"
#include "quantization/Format/QuantTypes.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace quantization;

namespace {
class UniformInteger : public NumberFormat {
public:
  unsigned width = 8;
  bool isSigned = true, symmetric = true, perChannel = true;
  bool saysPerChannel = false;

  int64_t levels() const override { return int64_t(1) << width; }
  bool isSymmetric() const override { return symmetric; }
  std::string whyNotForWeights() const override {
    if (isSigned && symmetric)
      return "";
    return std::string("weights are symmetric: write int8") + (perChannel ? "" : "{per=tensor}");
  }
  std::string whyNotForValues() const override {
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

  /// The extent whose grid fits the weights best: the largest weight gets the last code, or an earlier one if all weights together lie
  /// nearer to that grid (R7). Weights that lie on a grid of their own, stored in 8 bits once, are met exactly. Nothing is clipped.
  static double bestExtent(ArrayRef<float> values, int64_t hi) {
    float largest = 0;
    for (float value : values)
      largest = std::max(largest, std::abs(value));
    if (largest == 0 || !std::isfinite(largest))
      return largest;
    double best = largest, least = error(values, largest, hi, std::numeric_limits<double>::infinity());
    for (int64_t code = hi - 1; code > hi / 2 && least > 0; --code) {
      double extent = static_cast<double>(largest) * hi / code, sum = error(values, extent, hi, least);
      if (sum < least) {
        least = sum;
        best = extent;
      }
    }
    return best;
  }

  /// The sum of the fourth powers of the rounding errors: the large ones are what a network notices. Any number from `enough` on stands
  /// for all of them.
  static double error(ArrayRef<float> values, double extent, int64_t hi, double enough) {
    float scale = symmetricGrid(extent, -hi, hi).scale;
    // Adding and subtracting 1.5 * 2^23 rounds to the nearest integer, in every lane at once.
    constexpr float magic = 12582912.0f;
    constexpr size_t block = 256, width = 8;
    float inverse = 1 / scale, limit = static_cast<float>(hi);
    double sum = 0, unit = std::pow(scale, 4);
    float lanes[width];
    auto add = [&](float value, size_t lane) {
      float code = std::min(std::max(value * inverse, -limit), limit);
      float error = value * inverse - ((code + magic) - magic);
      error *= error;
      lanes[lane] += error * error;
    };
    for (size_t begin = 0; begin < values.size() && sum * unit < enough; begin += block) {
      std::fill(std::begin(lanes), std::end(lanes), 0.0f);
      size_t end = std::min(begin + block, values.size()), i = begin;
      for (; i + width <= end; i += width)
        for (size_t lane = 0; lane < width; ++lane)
          add(values[i + lane], lane);
      for (; i < end; ++i)
        add(values[i], i % width);
      for (float lane : lanes)
        sum += lane;
    }
    return sum * unit;
  }

  quant::QuantizedType chooseType(MLIRContext *context, const WeightsView &weights) const override {
    // Weights are symmetric on [-(2^(k-1) - 1), 2^(k-1) - 1], so that sums of products have a simple bound (R7).
    int64_t hi = (int64_t(1) << (width - 1)) - 1;
    int64_t axis = perChannel ? weights.channelAxis : 0, inner = 1;
    int64_t channels = perChannel ? weights.shape[axis] : 1;
    for (int64_t d : weights.shape.drop_front(axis + 1))
      inner *= d;
    SmallVector<std::vector<float>> byChannel(channels);
    for (auto [i, value] : llvm::enumerate(weights.values))
      byChannel[perChannel ? (i / inner) % channels : 0].push_back(value);
    SmallVector<double> scales;
    for (const std::vector<float> &values : byChannel)
      scales.push_back(symmetricGrid(bestExtent(values, hi), -hi, hi).scale);
    auto storage = IntegerType::get(context, width);
    auto expressed = Float32Type::get(context);
    if (!perChannel)
      return quant::UniformQuantizedType::get(quant::QuantizationFlags::Signed, storage, expressed, scales[0], 0, -hi, hi);
    SmallVector<int64_t> zeros(channels, 0);
    return quant::UniformQuantizedPerAxisType::get(quant::QuantizationFlags::Signed, storage, expressed, scales, zeros, axis, -hi, hi);
  }
};
} // namespace

namespace quantization::formats {
llvm::Expected<std::unique_ptr<NumberFormat>> parseUniformInteger(const FormatSpec &spec) {
  if (spec.name != "int8" && spec.name != "uint8")
    return nullptr;
  auto format = std::make_unique<UniformInteger>();
  format->isSigned = spec.name == "int8";
  format->symmetric = format->isSigned;
  for (const auto &[key, value] : spec.options) {
    if ((key == "symmetric" || key == "asymmetric") && value.empty())
      format->symmetric = key == "symmetric";
    else if (key == "per" && (value == "channel" || value == "tensor"))
      format->perChannel = format->saysPerChannel = value == "channel";
    else
      return llvm::createStringError("format " + spec.name + " has no option \"" + key + (value.empty() ? "" : "=" + value) +
                                     "\"; known are symmetric, asymmetric, per=channel and per=tensor");
  }
  return format;
}
} // namespace quantization::formats

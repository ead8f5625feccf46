//===- UniformInteger.cpp - int8 and uint8 ----------------------*- C++ -*-===//
//
// This file defines the uniform 8-bit integer formats (Numerics R5 to R7):
//
//   int8    codes [-128, 127], weights [-127, 127]; symmetric unless `asymmetric` is given
//   uint8   codes [0, 255]; asymmetric unless `symmetric` is given, which fixes the zero point at 128
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

  int64_t levels() const override { return int64_t(1) << width; }
  bool isSymmetric() const override { return symmetric; }

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
    int64_t axis = perChannel ? weights.channelAxis : 0, inner = 1;
    int64_t channels = perChannel ? weights.shape[axis] : 1;
    for (int64_t d : weights.shape.drop_front(axis + 1))
      inner *= d;
    SmallVector<double> extents(channels, 0.0);
    for (auto [i, value] : llvm::enumerate(weights.values)) {
      double &extent = extents[perChannel ? (i / inner) % channels : 0];
      extent = std::max(extent, static_cast<double>(std::abs(value)));
    }
    SmallVector<double> scales;
    for (double extent : extents)
      scales.push_back(symmetricGrid(extent, -hi, hi).scale);
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
      format->perChannel = value == "channel";
    else
      return llvm::createStringError("format " + spec.name + " has no option \"" + key + (value.empty() ? "" : "=" + value) +
                                     "\"; known are symmetric, asymmetric, per=channel and per=tensor");
  }
  return format;
}
} // namespace quantization::formats

//===- NumberFormat.cpp - finding and applying formats ----------*- C++ -*-===//
//
// This file finds the format that a policy names and encodes values on the grids of a chosen type.
//
//===----------------------------------------------------------------------===//

#include "quantization/Format/NumberFormat.h"
#include "quantization/Format/QuantTypes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace quantization;

// One line per file of lib/Format that defines a format, written by CMake.
#define FORMAT(name) llvm::Expected<std::unique_ptr<quantization::NumberFormat>> parse##name(const quantization::FormatSpec &);
namespace quantization::formats {
#include "quantization/Format/Formats.inc"
#undef FORMAT
#define FORMAT(name) parse##name,
static const FormatParser all[] = {
#include "quantization/Format/Formats.inc"
};
#undef FORMAT
} // namespace quantization::formats

llvm::Expected<std::unique_ptr<NumberFormat>> quantization::parseFormat(const FormatSpec &spec) {
  for (const FormatParser &parser : formats::all) {
    llvm::Expected<std::unique_ptr<NumberFormat>> format = parser(spec);
    if (!format || *format)
      return format;
  }
  return llvm::createStringError("unknown number format \"" + spec.name + "\"; known are float, int2 to int16, uint1 to uint16, q<I>.<F> such as q3.5, dfp8, " +
                                 "wrpn4, pow2{bits=4}, ternary{cluster=4} and binary");
}

llvm::Expected<std::unique_ptr<NumberFormat>> quantization::parseFormat(llvm::StringRef text) {
  llvm::Expected<FormatSpec> spec = FormatSpec::parse(text);
  if (!spec)
    return spec.takeError();
  return parseFormat(*spec);
}

std::vector<int64_t> NumberFormat::encodeWeights(quant::QuantizedType type, const WeightsView &weights) const {
  return encode(type, weights.values, weights.shape);
}

std::vector<int64_t> quantization::encode(quant::QuantizedType type, ArrayRef<float> values, ArrayRef<int64_t> shape, Rounding rounding) {
  std::vector<int64_t> codes(values.size());
  ElementGrids grids(type, shape);
  for (size_t i = 0; i < values.size(); ++i)
    codes[i] = quantize(values[i], grids[i], rounding);
  return codes;
}

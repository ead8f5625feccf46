//===- Float.cpp - nothing is quantized -------------------------*- C++ -*-===//
//
// This file defines the format `float`: values stay f32.
//
//===----------------------------------------------------------------------===//

#include "quantization/Format/NumberFormat.h"

using namespace quantization;

namespace {
class Float : public NumberFormat {
public:
  bool isFloat() const override { return true; }
  unsigned bits() const override { return 32; }
  int64_t levels() const override { return 0; }
  bool isSymmetric() const override { return false; }
  mlir::quant::QuantizedType chooseType(mlir::MLIRContext *, Range) const override { return {}; }
  mlir::quant::QuantizedType chooseType(mlir::MLIRContext *, const WeightsView &) const override { return {}; }
};
} // namespace

namespace quantization::formats {
llvm::Expected<std::unique_ptr<NumberFormat>> parseFloat(const FormatSpec &spec) {
  if (spec.name != "float")
    return nullptr;
  if (!spec.options.empty())
    return llvm::createStringError("format float has no options");
  return std::make_unique<Float>();
}
} // namespace quantization::formats

//===- NumberFormat.h - a rule that chooses a type --------------*- C++ -*-===//
//
// This file declares what a number format is: a rule that chooses a quantized type for a range or for weights. After that
// choice no pass knows the format's name. A format is one file of lib/Format; docs/AddAFormat.md shows how.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_FORMAT_NUMBERFORMAT_H
#define QUANTIZATION_FORMAT_NUMBERFORMAT_H

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "quantization/Assign/Policy.h"
#include "quantization/Format/Grid.h"
#include "llvm/Support/Error.h"
#include <functional>
#include <memory>

namespace quantization {

/// Weights in row-major order, and the axis that numbers their output channels.
struct WeightsView {
  llvm::ArrayRef<float> values;
  llvm::ArrayRef<int64_t> shape;
  int64_t channelAxis;
};

class NumberFormat {
public:
  virtual ~NumberFormat() = default;
  /// Nothing is quantized.
  virtual bool isFloat() const { return false; }
  /// Number of codes, and whether the range around zero is symmetric: what range estimation needs to know.
  virtual int64_t levels() const = 0;
  virtual bool isSymmetric() const = 0;
  /// What of this format trained weights, or values between layers, cannot have, and what to write instead; empty if nothing.
  virtual std::string whyNotForWeights() const { return ""; }
  virtual std::string whyNotForValues() const { return ""; }
  /// The type of a value with this range, one scale for the tensor.
  virtual mlir::quant::QuantizedType chooseType(mlir::MLIRContext *context, Range range) const = 0;
  /// The type of trained weights.
  virtual mlir::quant::QuantizedType chooseType(mlir::MLIRContext *context, const WeightsView &weights) const = 0;
};

/// Makes a format from its options; returns null when the name is not this format's.
using FormatParser = std::function<llvm::Expected<std::unique_ptr<NumberFormat>>(const FormatSpec &)>;

/// The format that `spec` names. Errors: unknown name (lists the known ones), unknown or contradicting option.
llvm::Expected<std::unique_ptr<NumberFormat>> parseFormat(const FormatSpec &spec);
llvm::Expected<std::unique_ptr<NumberFormat>> parseFormat(llvm::StringRef text);

/// Bits of a code; 32 for float.
int64_t bitsOf(const NumberFormat &format);

/// The codes of `values` in row-major order, of a tensor with `shape`: quantized by the grid of each channel.
std::vector<int64_t> encode(mlir::quant::QuantizedType type, llvm::ArrayRef<float> values, llvm::ArrayRef<int64_t> shape);

} // namespace quantization

#endif // QUANTIZATION_FORMAT_NUMBERFORMAT_H

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
#include "quantization/Format/StepwiseRounding.h"
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
  /// Bits of a code, which costs are counted in; 32 for float.
  virtual unsigned bits() const = 0;
  /// Number of codes, and whether the range around zero is symmetric: what range estimation needs to know.
  virtual int64_t levels() const = 0;
  virtual bool isSymmetric() const = 0;
  /// What of this format trained weights, or values between layers, cannot have, and what to write instead; empty if nothing.
  virtual std::string whyNotForWeights() const { return ""; }
  virtual std::string whyNotForValues() const { return ""; }
  /// Whether the type depends on the values' range; formats with a grid of their own need no calibration.
  virtual bool needsRange() const { return true; }
  /// How values between layers are rounded, at each run.
  virtual Rounding rounding() const { return Rounding::HalfEven; }
  /// The type of a value with this range, one scale for the tensor.
  virtual mlir::quant::QuantizedType chooseType(mlir::MLIRContext *context, Range range) const = 0;
  /// The type of trained weights.
  virtual mlir::quant::QuantizedType chooseType(mlir::MLIRContext *context, const WeightsView &weights) const = 0;
  /// The codes of weights in the type that was chosen for them, whose scales may have been raised since (R8).
  virtual std::vector<int64_t> encodeWeights(mlir::quant::QuantizedType type, const WeightsView &weights) const;
  /// How its weights are rounded one after the other; null where each is rounded by itself.
  virtual std::unique_ptr<StepwiseRounding> stepwise(const WeightsView &weights) const { return nullptr; }
  /// Weights of so many input channels of an output channel share a factor of factorBits() besides their codes; 0: they have none.
  virtual int64_t cluster() const { return 0; }
  virtual int64_t factorBits() const { return 0; }
  /// Whether weights are -1, 0 or 1 times their factor and scale, so that products are only added and subtracted.
  virtual bool isAdditive() const { return false; }
  /// Whether weights mean the same with a larger scale and other codes.
  virtual bool canRaiseScales() const { return true; }
  virtual bool hasPowerOfTwoScales() const { return false; }
};

/// Makes a format from its options; returns null when the name is not this format's.
using FormatParser = std::function<llvm::Expected<std::unique_ptr<NumberFormat>>(const FormatSpec &)>;

/// The format that `spec` names. Errors: unknown name (lists the known ones), unknown or contradicting option.
llvm::Expected<std::unique_ptr<NumberFormat>> parseFormat(const FormatSpec &spec);
llvm::Expected<std::unique_ptr<NumberFormat>> parseFormat(llvm::StringRef text);

/// The codes of `values` in row-major order, of a tensor with `shape`: quantized by the grid of each channel.
std::vector<int64_t> encode(mlir::quant::QuantizedType type, llvm::ArrayRef<float> values, llvm::ArrayRef<int64_t> shape,
                            Rounding rounding = Rounding::HalfEven);

} // namespace quantization

#endif // QUANTIZATION_FORMAT_NUMBERFORMAT_H

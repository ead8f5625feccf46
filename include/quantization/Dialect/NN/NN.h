//===- NN.h - the nn dialect ------------------------------------*- C++ -*-===//
//
// This file declares the layers, the facts they carry and the questions that passes ask them.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_DIALECT_NN_NN_H
#define QUANTIZATION_DIALECT_NN_NN_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/TensorEncoding.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "quantization/Format/Rounding.h"
#include <optional>
#include <string>

namespace quantization::nn {

/// A closed interval of expressed values; an end may be infinite.
struct ClampRange {
  double min, max;
};

/// The exact integer result of a layer: expressed value = value * scale. `scales` has one entry, or one per index of `axis`.
struct Accumulator {
  mlir::Value value;
  llvm::SmallVector<double> scales;
  int64_t axis = 1;
  /// |value| never exceeds this (Numerics R10).
  int64_t bound = 0;
};

/// See NNOps.td.
template <typename Op> class ChannelsLast : public mlir::OpTrait::TraitBase<Op, ChannelsLast> {};
template <typename Op> class RowMajor : public mlir::OpTrait::TraitBase<Op, RowMajor> {};

} // namespace quantization::nn

#include "quantization/Dialect/NN/NNDialect.h.inc"
#include "quantization/Dialect/NN/NNEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "quantization/Dialect/NN/NNAttributes.h.inc"
#include "quantization/Dialect/NN/NNInterfaces.h.inc"
#define GET_OP_CLASSES
#include "quantization/Dialect/NN/NNOps.h.inc"

namespace quantization::nn {

/// The name of the layer that `op` is, or that the value belongs to; "" for ops of other dialects.
llvm::StringRef layerOf(mlir::Operation *op);
/// The layer that made `value`; the name of the input for an argument of the network.
std::string layerOf(mlir::Value value);

/// Whether a policy asks for the values that `op` gives to share bytes, by the attribute `storage`; and asking so.
bool asksForPacking(mlir::Operation *op);
void askForPacking(mlir::Operation *op);

/// Whether the network brings its quantization: some value of it is quantized already.
bool isQuantized(mlir::Operation *network);

/// How an op rounds (R1), and the attribute that says so; no op rounds down.
Rounding roundingOf(RoundingMode mode);
RoundingMode modeOf(Rounding rounding);

/// The static shape of a tensor value.
inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value v) {
  return llvm::cast<mlir::RankedTensorType>(v.getType()).getShape();
}
inline mlir::Type elementTypeOf(mlir::Value v) {
  return llvm::cast<mlir::RankedTensorType>(v.getType()).getElementType();
}
/// `v`'s tensor type with another element type.
inline mlir::RankedTensorType withElementType(mlir::Value v, mlir::Type element) {
  auto t = llvm::cast<mlir::RankedTensorType>(v.getType());
  return mlir::RankedTensorType::get(t.getShape(), element, t.getEncoding());
}
inline bool isF32(mlir::Value v) {
  auto t = llvm::dyn_cast<mlir::RankedTensorType>(v.getType());
  return t && t.getElementType().isF32();
}

/// Number of output positions of one pooled or convolved dimension; `ceil` as in ONNX's ceil_mode.
int64_t windowCount(int64_t size, int64_t kernel, int64_t stride, int64_t padLow, int64_t padHigh, int64_t dilation, bool ceil);

} // namespace quantization::nn

#endif // QUANTIZATION_DIALECT_NN_NN_H

//===- Lowering.h - what the lowerings to linalg share ----------*- C++ -*-===//
//
// This file declares how a value of a network becomes a plain tensor in memory order, and the helpers to write loops over
// logical (NCHW) indices whatever that order is.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TILE_LOWERING_H
#define QUANTIZATION_LIB_TILE_LOWERING_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/DialectConversion.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Format/QuantTypes.h"

namespace quantization {
class TargetModel;
}

namespace quantization::tile {

using IteratorType = mlir::utils::IteratorType;
using Body = llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location, mlir::ValueRange)>;

/// The plain type in memory: dimensions in the order of the layout, stored values in whole bytes.
mlir::RankedTensorType physicalType(mlir::Type type);
/// Row-major values of a tensor of logical type `type`, moved to its memory order.
std::vector<char> toMemoryOrder(mlir::RankedTensorType type, llvm::ArrayRef<char> bytes);

/// Writes one lowering: loops are named by their position, operands by logical indices into them.
class LoopNest {
public:
  LoopNest(mlir::OpBuilder &builder, mlir::Location loc) : builder(builder), loc(loc) {}

  /// A new innermost loop; its extent comes from an operand that it indexes alone.
  mlir::AffineExpr loop(IteratorType kind = IteratorType::parallel);
  llvm::SmallVector<mlir::AffineExpr> loops(size_t count, IteratorType kind = IteratorType::parallel);

  /// An input of logical type `type`, at logical indices `at`; `value` is its physical tensor.
  void read(mlir::Value value, mlir::Type type, llvm::ArrayRef<mlir::AffineExpr> at);
  /// An input already in the order of its indices.
  void read(mlir::Value value, llvm::ArrayRef<mlir::AffineExpr> at);
  /// Runs `body` for every index; returns the new value of `init` (a physical tensor of logical type `type`).
  mlir::Value write(mlir::Value init, mlir::Type type, llvm::ArrayRef<mlir::AffineExpr> at, Body body);
  mlir::Value write(mlir::Value init, llvm::ArrayRef<mlir::AffineExpr> at, Body body);

  mlir::AffineExpr constant(int64_t value) { return builder.getAffineConstantExpr(value); }

private:
  mlir::OpBuilder &builder;
  mlir::Location loc;
  llvm::SmallVector<IteratorType> kinds;
  llvm::SmallVector<mlir::Value> inputs;
  llvm::SmallVector<llvm::SmallVector<mlir::AffineExpr>> indices;
};

/// Loops over all indices of logical type `type`, in its memory order, so that the innermost runs over adjacent values. Returns
/// the loops by logical dimension.
llvm::SmallVector<mlir::AffineExpr> loopsInOrderOf(mlir::Type type, LoopNest &nest);

mlir::Value emptyTensor(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType type);
/// A tensor of `value`s.
mlir::Value filledTensor(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType type, mlir::Value value);
/// A flat constant seen under `type`'s shape.
mlir::Value constantTensor(mlir::OpBuilder &builder, mlir::Location loc, mlir::RankedTensorType type, llvm::ArrayRef<char> bytes);
template <typename T>
mlir::Value constantTensor(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type element, llvm::ArrayRef<int64_t> shape,
                           llvm::ArrayRef<T> values) {
  return constantTensor(builder, loc, mlir::RankedTensorType::get(shape, element),
                        llvm::ArrayRef<char>(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)));
}
mlir::Value constantInt(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type type, int64_t value);
mlir::Value constantFloat(mlir::OpBuilder &builder, mlir::Location loc, double value);

/// `value`, of logical type `type`, surrounded by `low` and `high` (logical dimensions) copies of `with`; returns the physical
/// tensor and sets `type` to its logical type. Nothing is done where nothing is to be padded.
mlir::Value padded(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::RankedTensorType &type,
                   llvm::ArrayRef<int64_t> low, llvm::ArrayRef<int64_t> high, mlir::Value with);
/// The stored code of expressed `value` in elements of `type` (f32: the value itself).
mlir::Value codeOf(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type element, float value);

/// A stored value widened to `to`: sign- or zero-extended as its quantized type says.
mlir::Value widen(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value stored, mlir::Type element, mlir::Type to);
/// A stored value widened to `to`, less its zero point.
mlir::Value widenCentered(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value stored, mlir::Type element, mlir::Type to);

/// The same values, row-major, under another shape.
mlir::Value reshaped(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, llvm::ArrayRef<int64_t> shape);

/// exp(x), by the same few fused multiply-adds everywhere (Numerics R20).
mlir::Value buildExp(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x);
/// erf(x), likewise (Numerics R28).
mlir::Value buildErf(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value x);
/// Larger and smaller of two values; the second where the first is no number.
mlir::Value buildMax(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value a, mlir::Value b, bool isSigned = true);
mlir::Value buildMin(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value a, mlir::Value b, bool isSigned = true);

// One per file, by family.
void populateContractions(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateElementwise(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populatePools(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateMoves(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateNormalizations(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateObservers(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateFormats(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns);
void populateKernels(const mlir::TypeConverter &converter, mlir::RewritePatternSet &patterns, const TargetModel &target);

} // namespace quantization::tile

#endif // QUANTIZATION_LIB_TILE_LOWERING_H

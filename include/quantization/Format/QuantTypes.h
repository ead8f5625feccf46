//===- QuantTypes.h - questions to a quantized type -------------*- C++ -*-===//
//
// This file declares the questions that passes ask a number format's type; no pass knows the format's name.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_FORMAT_QUANTTYPES_H
#define QUANTIZATION_FORMAT_QUANTTYPES_H

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include "quantization/Format/Grid.h"
#include <vector>

namespace quantization {

inline mlir::quant::QuantizedType quantizedElement(mlir::Type type) {
  if (auto tensor = llvm::dyn_cast<mlir::ShapedType>(type))
    type = tensor.getElementType();
  return llvm::dyn_cast<mlir::quant::QuantizedType>(type);
}
inline mlir::quant::QuantizedType quantizedElement(mlir::Value value) { return quantizedElement(value.getType()); }

/// One scale, or one per channel.
llvm::SmallVector<double> scalesOf(mlir::quant::QuantizedType type);
/// The zero point of the whole tensor; 0 for per-channel types, which are symmetric (their verifier demands it).
int64_t zeroPointOf(mlir::quant::QuantizedType type);
/// The channel axis of a per-channel type, or -1.
int64_t channelAxisOf(mlir::quant::QuantizedType type);
/// The largest |stored value - zero point|.
int64_t magnitudeOf(mlir::quant::QuantizedType type);
/// Whether stored values are read as signed.
bool isSignedStorage(mlir::quant::QuantizedType type);
/// The grid of channel `channel` (of the tensor for per-tensor types).
Grid gridOf(mlir::quant::QuantizedType type, int64_t channel = 0);
/// The grid of each element of a tensor with `shape`, in row-major order.
class ElementGrids {
public:
  ElementGrids(mlir::quant::QuantizedType type, llvm::ArrayRef<int64_t> shape);
  const Grid &operator[](size_t element) const { return grids[element / inner % grids.size()]; }

private:
  std::vector<Grid> grids; ///< of the channels
  size_t inner = 1;        ///< elements of a channel side by side
};

/// The type of a grid in `width`-bit storage, per tensor.
mlir::quant::QuantizedType typeOf(mlir::MLIRContext *context, const Grid &grid, unsigned width, bool isSigned);
/// The plain integer type that holds a stored value in whole bytes (i8, i16, i32), signless.
mlir::IntegerType storageOf(mlir::quant::QuantizedType type);
/// The least number of bits, of 1, 2, 4 and 8, that tells so many codes apart: those that a code takes where several share a byte.
int64_t packedBits(int64_t levels);
/// The same of a quantized type's codes; 8 or more where each has a byte to itself, or several.
int64_t packedBits(mlir::quant::QuantizedType type);
/// Codes as bytes of the type's storage.
std::vector<char> toStorage(mlir::quant::QuantizedType type, llvm::ArrayRef<int64_t> codes);

} // namespace quantization

#endif // QUANTIZATION_FORMAT_QUANTTYPES_H

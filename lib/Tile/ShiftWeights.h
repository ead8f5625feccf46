//===- ShiftWeights.h - multiplications as shifts ---------------*- C++ -*-===//
//
// This file declares how a weight that is a power of two multiplies without a multiplication.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TILE_SHIFTWEIGHTS_H
#define QUANTIZATION_LIB_TILE_SHIFTWEIGHTS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include <optional>
#include <string>
#include <vector>

namespace quantization::tile {

/// Constant weights, each 0 or a power of two with a sign, as bytes: the exponent in the low five bits, the sign in the highest, and in the
/// one below it whether it is not 0. Where all are +1 or -1 a byte is their sign alone, 0 or -1.
class ShiftWeights {
public:
  /// Reads the weights of a layer. What they are instead is in `reason` if they are no such constant.
  static std::optional<ShiftWeights> of(mlir::Value weights, std::string &reason);

  /// The bytes as a tensor in the memory order of the weights' type.
  mlir::Value tensor(mlir::OpBuilder &builder, mlir::Location loc) const;

  /// `value` times the weight of byte `code`, by shifts, and exclusive ors and subtractions for the sign.
  mlir::Value multiply(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::Value code) const;

private:
  mlir::RankedTensorType type; ///< of the weights
  std::vector<int8_t> codes;
  bool isSign = false, hasZeros = false;
};

} // namespace quantization::tile

#endif // QUANTIZATION_LIB_TILE_SHIFTWEIGHTS_H

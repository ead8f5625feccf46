//===- Epilogue.h - what follows the sums of a micro-kernel -----*- C++ -*-===//
//
// This file declares how sums, a vector of channels at a time, pass through the region of their contraction and are stored.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TARGET_X86_EPILOGUE_H
#define QUANTIZATION_LIB_TARGET_X86_EPILOGUE_H

#include "Narrow.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Target/TargetModel.h"

namespace quantization {

class Epilogue {
public:
  /// How many vectors are packed into one.
  static constexpr int64_t kPacked = 4;

  /// `others` and `result` are those of `op`, as they are indexed. Positions are numbered along rows of `columns`.
  Epilogue(mlir::OpBuilder &builder, fixed::ContractOp op, const DotKernel &kernel, bool emulated, llvm::ArrayRef<mlir::Value> others,
           mlir::Value result, int64_t columns);

  /// One more vector of channels, of which `valid` exist; loads the constants that the region takes for it, from `channel` on.
  void addVector(mlir::Value channel, int64_t valid);

  /// Whether results are packed: kPacked at a time are then better than one.
  bool packs() const { return narrowing.has_value(); }

  /// The result of `sum`, which is that of `vector` at `position`, goes to `at`: by the next flush at the latest. All vectors of a
  /// position come one after the other, then those of the next position.
  void store(mlir::Value sum, int64_t position, int64_t vector, llvm::ArrayRef<mlir::Value> at);
  void flush();

private:
  struct Channels {
    llvm::SmallVector<mlir::Value> constants; ///< one for each of `others`; null where it has the result's shape
    int64_t valid;
  };
  /// A vector of results of a position, the place of its first, and how many of them exist.
  struct Piece {
    mlir::Value vector;
    int64_t position;
    llvm::SmallVector<mlir::Value> at;
    int64_t valid;
  };

  mlir::OpBuilder &b;
  fixed::ContractOp op;
  mlir::Location loc;
  int64_t lanes, columns;
  llvm::SmallVector<mlir::Value> others;
  mlir::Value result;
  std::optional<Narrowing> narrowing;
  llvm::SmallVector<Channels> vectors;
  llvm::SmallVector<Piece> pieces;

  bool follows(const Piece &piece, const Piece &next);
};

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_X86_EPILOGUE_H

//===- TileKernel.h - sums in tile registers --------------------*- C++ -*-===//
//
// This file declares the part of a micro-kernel that differs where registers are tiles (AMX): how sums start, are multiplied and
// added to, and reach the region. The loops around it are MicroKernel's.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TARGET_X86_TILEKERNEL_H
#define QUANTIZATION_LIB_TARGET_X86_TILEKERNEL_H

#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Target/RegisterTile.h"

namespace quantization {

/// The sums of a part of a result: tiles of neighbouring positions of a row, by `vectors` tiles of channels. They are values that loops
/// carry; emulated, they lie in memory from the start, and there are no values.
class TileRegisters {
public:
  /// `part` are the positions. What passes through memory has its place in the function around `op`.
  TileRegisters(mlir::OpBuilder &builder, mlir::Location loc, const DotKernel &kernel, bool emulated, const RegisterTile &part,
                int64_t vectors, fixed::ContractOp op);

  /// How many tiles the positions take.
  int64_t size() const { return part.rows * onRow; }
  /// The first position of a tile, counted along rows of the part.
  int64_t position(int64_t tile) const;

  /// Sums that start with the values of `bias` from `channel` on; with 0 where there is none.
  llvm::SmallVector<mlir::Value> start(mlir::Value bias, mlir::Value channel);
  /// Adds products of `depth` codes: those of the input from `at` of each tile on, its positions `stride` columns apart, by the weights
  /// from row `step` on.
  llvm::SmallVector<mlir::Value> multiply(mlir::Value input, llvm::ArrayRef<llvm::SmallVector<mlir::Value>> at, int64_t stride,
                                          mlir::Value weights, mlir::Value step, int64_t depth, llvm::ArrayRef<mlir::Value> sums);
  void store(mlir::ValueRange sums);

  /// Builds `body` for all positions of a tile: for its first of some, counted from the tile's, and their number, the greatest up to `most`
  /// that divides all.
  void forEachPosition(int64_t most, llvm::function_ref<void(mlir::Value, int64_t)> body);
  /// The stored sums of a position.
  mlir::Value load(int64_t tile, int64_t vector, mlir::Value position);

private:
  mlir::OpBuilder &b;
  mlir::Location loc;
  const DotKernel &kernel;
  bool emulated;
  RegisterTile part;
  int64_t vectors, onRow, positions;
  mlir::Value memory; ///< [tile * vectors + vector][position][channel]

  mlir::Value index(int64_t value);
  /// A loop over 0, step, ... below `size`, never a parallel one: a thread that got some of its turns would need all sums of the tile.
  void forEach(int64_t size, int64_t step, llvm::function_ref<void(mlir::Value)> body);
  mlir::Value view(mlir::Value buffer, mlir::ValueRange at, llvm::ArrayRef<int64_t> sizes, int64_t stride);
  void multiplyInMemory(mlir::Value codes, mlir::Value weights, int64_t steps, int64_t sum);
};

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_X86_TILEKERNEL_H

//===- MicroKernelEmitter.h - loops around tiles of sums --------*- C++ -*-===//
//
// This file declares the emitter of a contraction's loops, whose ways to multiply are in files of their own: tiles of registers by vectors
// (MicroKernel.cpp), tables (LookupKernel.cpp, SubsetKernel.cpp), channels by themselves (DepthwiseKernel.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TARGET_X86_MICROKERNELEMITTER_H
#define QUANTIZATION_LIB_TARGET_X86_MICROKERNELEMITTER_H

#include "../ParallelLoops.h"
#include "Epilogue.h"
#include "TileKernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Target/RegisterTile.h"

namespace quantization {

class MicroKernelEmitter {
public:
  MicroKernelEmitter(fixed::ContractOp op, const DotKernel &kernel, bool emulated)
      : op(op), kernel(kernel), emulated(emulated), b(op), loc(op.getLoc()) {}

  void expand();

private:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<Value>;

  fixed::ContractOp op;
  const DotKernel &kernel;
  bool emulated;
  mlir::OpBuilder b;
  mlir::Location loc;

  mlir::MemRefType input, init;
  Value inputBuffer, initBuffer, weights, bias;
  Values others;
  int64_t spatial, groups, inputs, outputs, blocks, kernelRows, steps, lanesOfBlock, run, kernelColumns;
  bool split;
  RegisterTile tile;
  Values lead;
  Value group, block;
  Value matrix;   ///< of the weights: a group's, or a batch's
  Value unpacked; ///< the weights of a block, each an element of its own; or null
  std::optional<TileRegisters> tiles;

  Value index(int64_t value) { return mlir::arith::ConstantIndexOp::create(b, loc, value); }
  Value add(Value x, Value y) { return mlir::arith::AddIOp::create(b, loc, x, y); }
  Value add(Value x, int64_t y) { return y == 0 ? x : add(x, index(y)); }
  Value mul(Value x, int64_t y) { return y == 1 ? x : Value(mlir::arith::MulIOp::create(b, loc, x, index(y))); }

  Value enterLoop(int64_t size) { return enterParallelLoop(b, loc, size); }

  /// Rows of a product or of a 1x1 convolution are one long row.
  Value flattened(Value buffer);
  void collect();
  /// Whether weights that share bytes are taken apart once for all tiles of a block.
  bool unpacksBlocks(int64_t tiles);
  /// Takes a block's weights apart, into memory of the function.
  void unpackBlock();
  /// Tiles over all positions, for a block of which `valid` channels exist.
  void expandBlock(int64_t rows, int64_t columns, int64_t valid);
  Values resultIndices(Value row, Value column, int64_t position, int64_t vector);
  /// The place of a vector of channels in a constant per channel.
  Value channelIndex(int64_t vector);
  /// What follows the sums of a block of which `valid` channels exist.
  Epilogue startEpilogue(int64_t valid);
  /// expandTile for tile registers.
  void expandTiles(Value row, Value column, int64_t valid);
  void expandTile(Value row, Value column, int64_t valid);
  /// Adds to the sum of vector `v` what its position sums up for all of them.
  void complete(Value &sum, Value ofPosition, int64_t v);
  /// A loop that carries the accumulators; `turn` gets its variable.
  Values loop(int64_t size, Values accumulators, llvm::function_ref<Values(Value, Values)> turn);
  Values multiply(Value row, Value column, int64_t positions, int64_t vectors, Values accumulators);
  /// The steps of a run, in chains whose sums have 16 bits: as few chains as can be, all about as long.
  Values multiplyInChains(Values accumulators, llvm::function_ref<Values(Value, Value, Values)> step);
  int64_t weightBytes();
  Values multiplyStep(Value row, Value column, Value y, Value x, Value code, Value step, int64_t positions, int64_t vectors,
                      Values accumulators);
  Values multiplyTiles(Value row, Value column, Value y, Value x, Value code, Value step, llvm::ArrayRef<Value> sums);
  Values inputIndices(Value row, Value column, Value y, Value x, Value channel, int64_t position);

  //===--- DepthwiseKernel.cpp: lanes are channels of the input --------------===//

  Values multiplyDepthwise(Value row, Value column, int64_t positions, int64_t valid, Values accumulators);
  /// The codes of a group of rows of column `x` (of the input, from the tile's first), interleaved channel by channel.
  Values columnOfCodes(Value row, Value column, int64_t group, int64_t x, int64_t rowsOfKernel, int64_t valid);

  //===--- LookupKernel.cpp: sums of products are read from a table -----------===//

  Values multiplyByTable(Value row, Value column, int64_t positions, int64_t vectors,
                      Values accumulators);

  //===--- SubsetKernel.cpp: sums of some values are read from tables ---------===//

  Values multiplyBySums(Value row, Value column, int64_t vectors, Values accumulators);
};

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_X86_MICROKERNELEMITTER_H

//===- TileKernel.cpp - sums in tile registers ------------------*- C++ -*-===//
//
// This file multiplies on tile registers with upstream's dialect amx. A step of 2 by 2 tiles:
//
//   amx.tile_load %input[...]      twice: 16 positions x 64 codes
//   amx.tile_load %weights[...]    twice: 16 steps x 16 channels x 4 codes, as they are packed
//   amx.tile_muli                  four times: 16 positions x 16 channels
//
// One configuration serves a whole function: tiles of sums, of codes and of weights each have one shape throughout (depthOf), or LLVM
// would move them through memory between steps.
//
//===----------------------------------------------------------------------===//

#include "TileKernel.h"
#include "../ParallelLoops.h"
#include "../Lanes.h"
#include "Dots.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace quantization;

static int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

TileRegisters::TileRegisters(OpBuilder &builder, Location loc, const DotKernel &kernel, bool emulated, const RegisterTile &part,
                             int64_t vectors, fixed::ContractOp op)
    : b(builder), loc(loc), kernel(kernel), emulated(emulated), part(part), vectors(vectors) {
  onRow = ceilDiv(part.columns, kTileRows);
  positions = ceilDiv(part.columns, onRow);
  auto type = MemRefType::get({size() * vectors, positions, kernel.lanes}, b.getI32Type());
  memory = allocateInFunction(b, op, type, kTileBytes);
}

int64_t TileRegisters::position(int64_t tile) const {
  // The last tile of a row overlaps its neighbour, so that all have as many positions.
  return tile / onRow * part.columns + std::min(tile % onRow * positions, part.columns - positions);
}

Value TileRegisters::index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }

void TileRegisters::forEach(int64_t size, int64_t step, llvm::function_ref<void(Value)> body) {
  if (size == step)
    return body(index(0));
  auto loop = scf::ForOp::create(b, loc, index(0), index(size), index(step));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

void TileRegisters::forEachPosition(int64_t most, llvm::function_ref<void(Value, int64_t)> body) {
  int64_t count = std::min(most, positions);
  while (positions % count)
    --count;
  forEach(positions, count, [&](Value first) { body(first, count); });
}

Value TileRegisters::load(int64_t tile, int64_t vector, Value position) {
  auto type = VectorType::get({kernel.lanes}, b.getI32Type());
  return vector::LoadOp::create(b, loc, type, memory, ValueRange{index(tile * vectors + vector), position, index(0)});
}

SmallVector<Value> TileRegisters::start(Value bias, Value channel) {
  SmallVector<Value> sums;
  auto type = amx::TileType::get({positions, kernel.lanes}, b.getI32Type());
  for (int64_t sum = 0; sum < size() * vectors; ++sum) {
    Value first = arith::AddIOp::create(b, loc, channel, index(sum % vectors * kernel.lanes));
    if (emulated) {
      auto lanes = VectorType::get({kernel.lanes}, b.getI32Type());
      Value values = bias ? loadLanes(b, loc, bias, first, kernel.lanes, kernel.lanes)
                          : Value(arith::ConstantOp::create(b, loc, b.getZeroAttr(lanes)));
      forEach(positions, 1, [&](Value p) { vector::StoreOp::create(b, loc, values, memory, ValueRange{index(sum), p, index(0)}); });
    } else if (bias) {
      sums.push_back(amx::TileLoadOp::create(b, loc, type, bias, first, index(0))); // every row the same
    } else {
      sums.push_back(amx::TileZeroOp::create(b, loc, type));
    }
  }
  return sums;
}

/// `sizes` rows and bytes of `buffer` from `at` on; rows are `stride` apart along its last dimension but one. Their bytes may lie in
/// several columns, which lie side by side.
Value TileRegisters::view(Value buffer, ValueRange at, ArrayRef<int64_t> sizes, int64_t stride) {
  auto type = cast<MemRefType>(buffer.getType());
  auto [strides, offset] = type.getStridesAndOffset();
  Value first = index(offset);
  for (auto [position, step] : llvm::zip(at, strides))
    first = arith::AddIOp::create(b, loc, first, arith::MulIOp::create(b, loc, position, index(step)));
  int64_t apart[] = {strides[strides.size() - 2] * stride, 1};
  auto result = MemRefType::get(sizes, type.getElementType(), StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, apart));
  return memref::ReinterpretCastOp::create(b, loc, result, buffer, first, getAsIndexOpFoldResult(b.getContext(), sizes),
                                           getAsIndexOpFoldResult(b.getContext(), apart));
}

SmallVector<Value> TileRegisters::multiply(Value input, ArrayRef<SmallVector<Value>> at, int64_t stride, Value weights, Value step,
                                           int64_t depth, ArrayRef<Value> sums) {
  int64_t steps = depth / kernel.codes;
  SmallVector<Value> codes, factors, results;
  for (int64_t v = 0; v < vectors; ++v)
    factors.push_back(view(weights, {step, index(v * kTileBytes)}, {steps, kTileBytes}, 1));
  for (ArrayRef<Value> first : at)
    codes.push_back(view(input, first, {positions, depth}, stride));
  if (emulated) {
    for (int64_t sum = 0; sum < size() * vectors; ++sum)
      multiplyInMemory(codes[sum / vectors], factors[sum % vectors], steps, sum);
    return {};
  }
  auto load = [&](Value from) {
    auto type = amx::TileType::get(cast<MemRefType>(from.getType()).getShape(), b.getI8Type());
    return amx::TileLoadOp::create(b, loc, type, from, ValueRange{index(0), index(0)});
  };
  for (Value &factor : factors)
    factor = load(factor);
  for (int64_t t = 0; t < size(); ++t) {
    Value tile = load(codes[t]);
    for (int64_t v = 0; v < vectors; ++v)
      results.push_back(amx::TileMulIOp::create(b, loc, sums.front().getType(), tile, factors[v], sums[t * vectors + v],
                                                /*isZextLhs=*/b.getUnitAttr(), /*isZextRhs=*/UnitAttr()));
  }
  return results;
}

/// What amx.tile_muli means.
void TileRegisters::multiplyInMemory(Value codes, Value weights, int64_t steps, int64_t sum) {
  auto bytes = VectorType::get({kTileBytes}, b.getI8Type());
  forEach(positions, 1, [&](Value p) {
    forEach(steps, 1, [&](Value s) {
      SmallVector<Value> place = {index(sum), p, index(0)};
      Value spread = spreadCodes(b, loc, kernel, codes, {p, arith::MulIOp::create(b, loc, s, index(kernel.codes))});
      Value factors = vector::LoadOp::create(b, loc, bytes, weights, ValueRange{s, index(0)});
      Value before = vector::LoadOp::create(b, loc, VectorType::get({kernel.lanes}, b.getI32Type()), memory, place);
      vector::StoreOp::create(b, loc, buildDot(b, loc, kernel, /*emulated=*/true, before, spread, factors), memory, place);
    });
  });
}

void TileRegisters::store(ValueRange sums) {
  for (auto [number, sum] : llvm::enumerate(sums))
    amx::TileStoreOp::create(b, loc, memory, ValueRange{index(number), index(0), index(0)}, sum);
}

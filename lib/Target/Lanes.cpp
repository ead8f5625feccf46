//===- Lanes.cpp - scalar code on vectors -----------------------*- C++ -*-===//
//
// This file clones elementwise code on vectors, and loads and stores vectors that end early without reading or writing beyond.
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace quantization;

bool quantization::isElementwise(Block &body) {
  return llvm::all_of(body.without_terminator(), [](Operation &op) {
    return op.hasTrait<OpTrait::ConstantLike>() || OpTrait::hasElementwiseMappableTraits(&op);
  });
}

Value quantization::buildOnLanes(OpBuilder &builder, Location loc, Block &body, ValueRange arguments, int64_t lanes,
                                 Value wanted) {
  if (!wanted)
    wanted = body.getTerminator()->getOperand(0);
  IRMapping mapping;
  mapping.map(body.getArguments(), arguments);
  auto onLanes = [&](Value value) -> Value {
    Value mapped = mapping.lookupOrDefault(value);
    if (isa<VectorType>(mapped.getType()))
      return mapped;
    auto type = VectorType::get({lanes}, mapped.getType());
    Attribute constant;
    Value spread;
    if (matchPattern(mapped, m_Constant(&constant)))
      spread = arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, constant));
    else
      spread = vector::BroadcastOp::create(builder, loc, type, mapped);
    mapping.map(value, spread);
    return spread;
  };
  for (Operation &op : body.without_terminator()) {
    if (op.hasTrait<OpTrait::ConstantLike>()) {
      builder.clone(op, mapping);
      continue;
    }
    OperationState state(loc, op.getName());
    for (Value operand : op.getOperands())
      state.operands.push_back(onLanes(operand));
    for (Type type : op.getResultTypes())
      state.types.push_back(VectorType::get({lanes}, type));
    state.attributes = op.getAttrs();
    Operation *clone = builder.create(state);
    mapping.map(op.getResults(), clone->getResults());
    if (wanted.getDefiningOp() == &op)
      break;
  }
  return onLanes(wanted);
}

/// Calls `piece(offset, size)` for powers of two that add up to `valid`.
static void inPieces(int64_t valid, llvm::function_ref<void(int64_t, int64_t)> piece) {
  for (int64_t offset = 0; offset < valid;) {
    int64_t size = llvm::bit_floor(static_cast<uint64_t>(valid - offset));
    piece(offset, size);
    offset += size;
  }
}

static SmallVector<Value> moved(OpBuilder &builder, Location loc, ValueRange indices, int64_t offset) {
  SmallVector<Value> result(indices);
  if (offset)
    result.back() = arith::AddIOp::create(builder, loc, result.back(), arith::ConstantIndexOp::create(builder, loc, offset));
  return result;
}

Value quantization::loadLanes(OpBuilder &builder, Location loc, Value buffer, ValueRange indices, int64_t lanes, int64_t valid) {
  Type element = getElementTypeOrSelf(buffer.getType());
  auto type = VectorType::get({lanes}, element);
  if (valid == lanes)
    return vector::LoadOp::create(builder, loc, type, buffer, indices);
  Value result = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  inPieces(valid, [&](int64_t offset, int64_t size) {
    Value part = vector::LoadOp::create(builder, loc, VectorType::get({size}, element), buffer, moved(builder, loc, indices, offset));
    result = vector::InsertStridedSliceOp::create(builder, loc, part, result, ArrayRef<int64_t>{offset}, ArrayRef<int64_t>{1});
  });
  return result;
}

void quantization::storeLanes(OpBuilder &builder, Location loc, Value vector, Value buffer, ValueRange indices, int64_t valid) {
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  if (valid == lanes) {
    vector::StoreOp::create(builder, loc, vector, buffer, indices);
    return;
  }
  inPieces(valid, [&](int64_t offset, int64_t size) {
    Value part = vector::ExtractStridedSliceOp::create(builder, loc, vector, ArrayRef<int64_t>{offset}, ArrayRef<int64_t>{size},
                                                       ArrayRef<int64_t>{1});
    vector::StoreOp::create(builder, loc, part, buffer, moved(builder, loc, indices, offset));
  });
}

SmallVector<Value> quantization::transposeSquare(OpBuilder &builder, Location loc, SmallVector<Value> rows) {
  int64_t size = rows.size();
  SmallVector<int64_t> low, high;
  for (int64_t i = 0; i < size / 2; ++i)
    low.append({i, size + i}), high.append({size / 2 + i, size + size / 2 + i});
  // Each round brings together what is twice as near as before.
  for (int64_t round = 1; round < size; round *= 2) {
    SmallVector<Value> next;
    for (int64_t i = 0; i < size / 2; ++i)
      for (ArrayRef<int64_t> half : {low, high})
        next.push_back(vector::ShuffleOp::create(builder, loc, rows[i], rows[i + size / 2], half));
    rows = next;
  }
  return rows;
}

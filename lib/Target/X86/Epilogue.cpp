//===- Epilogue.cpp - what follows the sums of a micro-kernel ---*- C++ -*-===//
//
// This file builds the region of a contraction on vectors of sums and stores its results. Those that end as bytes are packed four
// vectors at a time, and what lies side by side is stored at once.
//
//===----------------------------------------------------------------------===//

#include "Epilogue.h"
#include "../Lanes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace quantization;

Epilogue::Epilogue(OpBuilder &builder, fixed::ContractOp op, const DotKernel &kernel, bool emulated, ArrayRef<Value> others, Value result,
                   int64_t columns)
    : b(builder), op(op), loc(op.getLoc()), lanes(kernel.lanes), columns(columns), others(others), result(result) {
  if (kernel.kind != DotKind::Fma && !emulated)
    narrowing = narrowingOf(op.getBody().front());
}

void Epilogue::addVector(Value channel, int64_t valid) {
  Channels channels{{}, valid};
  for (Value other : others)
    channels.constants.push_back(cast<MemRefType>(other.getType()).getRank() == 1 ? loadLanes(b, loc, other, channel, lanes, lanes)
                                                                                  : Value());
  vectors.push_back(std::move(channels));
}

void Epilogue::store(Value sum, int64_t position, int64_t vector, ArrayRef<Value> at) {
  const Channels &channels = vectors[vector];
  SmallVector<Value> arguments = {sum};
  for (auto [other, constant] : llvm::zip(others, channels.constants))
    arguments.push_back(constant ? constant : loadLanes(b, loc, other, at, lanes, channels.valid));
  Value value = buildOnLanes(b, loc, op.getBody().front(), arguments, lanes, narrowing ? narrowing->wide : Value());
  if (!narrowing)
    return storeLanes(b, loc, value, result, at, channels.valid);
  if (narrowing->saturates)
    leaveClampToSaturation(value);
  pieces.push_back({value, position, SmallVector<Value>(at), channels.valid});
  if (pieces.size() == kPacked)
    flush();
}

void Epilogue::flush() {
  if (pieces.empty())
    return;
  SmallVector<Value> four;
  int64_t count = pieces.size();
  for (int64_t i = 0; i < kPacked; ++i)
    four.push_back(pieces[std::min(i, count - 1)].vector);
  Value bytes = packBytes(b, loc, four, narrowing->isSigned);
  for (int64_t first = 0, next; first < count; first = next) {
    for (next = first + 1; next < count && follows(pieces[next - 1], pieces[next]); ++next)
      ;
    int64_t size = (next - first) * lanes, valid = size - lanes + pieces[next - 1].valid;
    Value part = size == kPacked * lanes
                     ? bytes
                     : Value(vector::ExtractStridedSliceOp::create(b, loc, bytes, ArrayRef<int64_t>{first * lanes},
                                                                   ArrayRef<int64_t>{size}, ArrayRef<int64_t>{1}));
    storeLanes(b, loc, part, result, pieces[first].at, valid);
  }
  pieces.clear();
}

/// Whether `next` lies behind `piece` in memory: at the same position, or at the next column where all channels are among the vectors.
bool Epilogue::follows(const Piece &piece, const Piece &next) {
  if (piece.position == next.position)
    return true;
  auto type = cast<MemRefType>(result.getType());
  int64_t channels = type.getShape().back(), here = 0;
  for (const Channels &vector : vectors)
    here += vector.valid;
  SmallVector<int64_t> strides;
  int64_t offset;
  return piece.valid == lanes && next.position % columns != 0 && succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides[strides.size() - 2] == channels && channels == here;
}

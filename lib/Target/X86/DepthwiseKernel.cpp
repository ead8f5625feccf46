//===- DepthwiseKernel.cpp - a filter for each channel ----------*- C++ -*-===//
//
// This file multiplies where each output channel reads one input channel: lanes are channels of the input, and the codes of a step lie below
// one another.
//
//===----------------------------------------------------------------------===//

#include "../Lanes.h"
#include "Dots.h"
#include "MicroKernelEmitter.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace quantization;

SmallVector<Value> MicroKernelEmitter::multiplyDepthwise(Value row, Value column, int64_t positions, int64_t valid, SmallVector<Value> accumulators) {
  int64_t parts = kernel.codes, rowsOfKernel = op.getKernel()[0];
  int64_t stride = op.getStrides()[1], dilation = op.getDilations()[1];
  // With several codes a step, lanes are out of order until all is added up.
  SmallVector<Value> mixed = accumulators;
  if (parts > 1)
    mixed.assign(parts * positions, arith::ConstantOp::create(b, loc, b.getZeroAttr(VectorType::get({kernel.lanes}, b.getI32Type()))));
  Value place = mul(block, kernelRows * steps * lanesOfBlock * parts);
  for (int64_t group = 0; group < kernelRows; ++group)
    for (int64_t x = 0; x < (positions - 1) * stride + (kernelColumns - 1) * dilation + 1; ++x) {
      SmallVector<Value> codes;
      // Columns in rising order: sums run over kernel positions in order too.
      for (int64_t p = 0; p < positions; ++p) {
        int64_t offset = x - p * stride;
        if (offset < 0 || offset % dilation || offset / dilation >= kernelColumns)
          continue;
        if (codes.empty())
          codes = columnOfCodes(row, column, group, x, rowsOfKernel, valid);
        for (int64_t part = 0; part < parts; ++part) {
          int64_t at = ((group * steps + offset / dilation) * parts + part) * kernel.lanes * parts;
          auto stored = cast<MemRefType>(weights.getType()).getElementType();
          Value factors = vector::LoadOp::create(b, loc, VectorType::get({kernel.lanes * parts}, stored), weights, add(place, at));
          Value &accumulator = mixed[part * positions + p];
          accumulator = buildDot(b, loc, kernel, emulated, accumulator, codes[part], factors);
        }
      }
    }
  if (parts == 1)
    return mixed;
  int64_t vectors = accumulators.size() / positions;
  for (int64_t v = 0; v < vectors; ++v)
    for (int64_t p = 0; p < positions; ++p) {
      // Eight channels lie in the same half of two neighbouring parts.
      int64_t half = v * 8 / (lanesOfBlock / 2), part = v * 8 % (lanesOfBlock / 2) / 4;
      SmallVector<int64_t> order;
      for (int64_t lane = 0; lane < 8; ++lane)
        order.push_back(lane / 4 * 8 + half * 4 + lane % 4);
      Value sum = vector::ShuffleOp::create(b, loc, mixed[part * positions + p], mixed[(part + 1) * positions + p], order);
      accumulators[v * positions + p] = arith::AddIOp::create(b, loc, accumulators[v * positions + p], sum);
    }
  return accumulators;
}

SmallVector<Value> MicroKernelEmitter::columnOfCodes(Value row, Value column, int64_t group, int64_t x, int64_t rowsOfKernel, int64_t valid) {
  Type stored = input.getElementType();
  Type element = kernel.kind == DotKind::MultiplyAddPairs ? b.getI16Type() : stored;
  auto type = VectorType::get({lanesOfBlock}, element);
  SmallVector<Value> rows;
  for (int64_t r = group * kernel.codes; r < (group + 1) * kernel.codes; ++r) {
    if (r >= rowsOfKernel) {
      rows.push_back(arith::ConstantOp::create(b, loc, b.getZeroAttr(type)));
      continue;
    }
    SmallVector<Value> at(lead);
    at.push_back(add(mul(row, op.getStrides()[0]), r * op.getDilations()[0]));
    at.push_back(add(mul(column, op.getStrides()[1]), x));
    at.push_back(mul(block, lanesOfBlock));
    Value loaded = loadLanes(b, loc, inputBuffer, at, lanesOfBlock, valid);
    rows.push_back(element == stored ? loaded : Value(arith::ExtUIOp::create(b, loc, type, loaded)));
  }
  // vpunpckl and vpunpckh: within 128 bits, the low or high halves of two registers alternate.
  auto unpack = [&](Value low, Value high, int64_t width, bool upper) -> Value {
    auto unpacked = VectorType::get({256 / width}, b.getIntegerType(width));
    auto whole = cast<VectorType>(low.getType());
    int64_t inLane = 128 / width, count = 256 / width;
    SmallVector<int64_t> order;
    for (int64_t lane = 0; lane < 2; ++lane)
      for (int64_t i = 0; i < inLane / 2; ++i)
        for (int64_t source : {0, 1})
          order.push_back(source * count + lane * inLane + (upper ? inLane / 2 : 0) + i);
    Value mixed = vector::ShuffleOp::create(b, loc, vector::BitCastOp::create(b, loc, unpacked, low),
                                            vector::BitCastOp::create(b, loc, unpacked, high), order);
    return vector::BitCastOp::create(b, loc, whole, mixed);
  };
  if (kernel.codes == 1)
    return rows;
  if (kernel.codes == 2)
    return {unpack(rows[0], rows[1], 16, false), unpack(rows[0], rows[1], 16, true)};
  SmallVector<Value> result;
  for (bool upper : {false, true}) {
    Value first = unpack(rows[0], rows[1], 8, upper), second = unpack(rows[2], rows[3], 8, upper);
    result.append({unpack(first, second, 16, false), unpack(first, second, 16, true)});
  }
  return result;
}

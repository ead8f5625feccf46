//===- SubsetKernel.cpp - signs pick sums of values -------------*- C++ -*-===//
//
// This file multiplies a vector of bytes by a matrix of weights that are 1 or -1, without multiplying: the sum of all values, which comes
// with the biases, less twice the sum of those whose weight is -1. Of four values there are 16 such sums; of their lower four bits, and of
// their upper four, they fit in bytes and fill a table each (asSums in GatherValues.cpp), which all channels of the result read:
//
//   bytes of 4 vectors of sums += vpshufb(table of lower bits, signs of the weights)
//   bytes of 4 vectors of sums += vpshufb(table of upper bits, signs of the weights)
//
// Four sums of up to 60 add up in bytes, all others in 16 bits. Byte 4 l + q of a vector belongs to lane l of vector q. A byte of weights
// has the signs for eight values.
//
//===----------------------------------------------------------------------===//

#include "MicroKernelEmitter.h"
#include "Weights.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace quantization;

/// Of the values of a step; each has two tables of four words, for the lower and the upper bits.
static constexpr int64_t kGroups = 2, kParts = 2, kTableWords = 4;
/// The largest sum of four values of four bits.
static constexpr int64_t kLargestSum = 4 * 15;

SmallVector<Value> MicroKernelEmitter::multiplyBySums(Value row, Value column, int64_t vectors, SmallVector<Value> accumulators) {
  int64_t width = 4 * kernel.lanes, wide = (vectors + 3) / 4, stepsOfChain = kernel.chain / kGroups;
  auto bytes = VectorType::get({width}, b.getI8Type()), halves = VectorType::get({width / 2}, b.getI16Type());
  auto words = VectorType::get({kernel.lanes}, b.getI32Type());
  auto splat = [&](VectorType type, int64_t value) -> Value {
    return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, b.getIntegerAttr(type.getElementType(), value)));
  };
  auto pick = [&](Value table, Value signs) -> Value {
    if (!emulated)
      return LLVM::CallIntrinsicOp::create(b, loc, bytes, b.getStringAttr("llvm.x86.avx2.pshuf.b"), ValueRange{table, signs}).getResult(0);
    Value picked = splat(bytes, 0);
    for (int64_t place = 0; place < 16; ++place) {
      Value isHere = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, signs, splat(bytes, place));
      Value entry = vector::ShuffleOp::create(b, loc, table, table, SmallVector<int64_t>(width, place));
      picked = arith::SelectOp::create(b, loc, isHere, entry, picked);
    }
    return picked;
  };
  SmallVector<int64_t> repeated;
  for (int64_t i = 0; i < width; ++i)
    repeated.push_back(i % 16);
  auto tableAt = [&](Value step, int64_t group, int64_t part) -> Value {
    Value channel = add(mul(step, kernel.codes), (group * kParts + part) * kTableWords);
    Value table = vector::LoadOp::create(b, loc, VectorType::get({kTableWords}, b.getI32Type()), inputBuffer,
                                         inputIndices(row, column, index(0), index(0), channel, 0));
    table = vector::BitCastOp::create(b, loc, VectorType::get({16}, b.getI8Type()), table);
    return vector::ShuffleOp::create(b, loc, table, table, repeated);
  };

  // Sums of 16 bits, [part][vector of bytes]: those of even bytes plus 256 times those of odd ones, and those of odd ones.
  auto chainOf = [&](Value first, int64_t count, SmallVector<Value> sums) {
    SmallVector<Value> chain(kParts * wide);
    for (int64_t s = 0; s < count; ++s) {
      Value step = add(first, s);
      Value place = mul(add(mul(add(mul(matrix, blocks), block), steps), step), lanesOfBlock);
      if (weightBytes() > kNearCacheBytes)
        prefetchWeights(b, loc, kernel, weights, place, lanesOfBlock / kernel.lanes);
      SmallVector<Value> signs[kGroups];
      for (int64_t w = 0; w < wide; ++w) {
        Value both = vector::LoadOp::create(b, loc, bytes, weights, add(place, w * width));
        signs[0].push_back(arith::AndIOp::create(b, loc, both, splat(bytes, 15)));
        signs[1].push_back(arith::ShRUIOp::create(b, loc, both, splat(bytes, 4)));
      }
      for (int64_t group = 0; group < kGroups; ++group)
        for (int64_t part = 0; part < kParts; ++part) {
          Value table = tableAt(step, group, part);
          for (int64_t w = 0; w < wide; ++w) {
            Value &sum = chain[part * wide + w];
            Value picked = pick(table, signs[group][w]);
            sum = sum ? Value(arith::AddIOp::create(b, loc, sum, picked)) : picked;
          }
        }
    }
    for (auto [i, sum] : llvm::enumerate(chain)) {
      Value both = vector::BitCastOp::create(b, loc, halves, sum);
      sums[2 * i] = arith::AddIOp::create(b, loc, sums[2 * i], both);
      sums[2 * i + 1] = arith::AddIOp::create(b, loc, sums[2 * i + 1], arith::ShRUIOp::create(b, loc, both, splat(halves, 8)));
    }
    return sums;
  };

  // As many steps as fit in 16 bits.
  auto longRun = [&](Value first, int64_t count, SmallVector<Value> values) {
    SmallVector<Value> sums(2 * kParts * wide, splat(halves, 0));
    int64_t whole = count / stepsOfChain;
    sums = loop(whole, sums, [&](Value c, SmallVector<Value> inner) { return chainOf(add(first, mul(c, stepsOfChain)), stepsOfChain, inner); });
    if (count % stepsOfChain)
      sums = chainOf(add(first, whole * stepsOfChain), count % stepsOfChain, sums);
    Value mask = splat(words, 0xffff), half = splat(words, 16);
    for (int64_t i = 0; i < kParts * wide; ++i) // no sum of odd ones is in those of even ones any more
      sums[2 * i] = arith::SubIOp::create(b, loc, sums[2 * i], arith::ShLIOp::create(b, loc, sums[2 * i + 1], splat(halves, 8)));
    for (int64_t v = 0; v < vectors; ++v)
      for (int64_t part = 0; part < kParts; ++part) {
        Value sum = vector::BitCastOp::create(b, loc, words, sums[2 * (part * wide + v / 4) + v % 2]);
        sum = v % 4 < 2 ? Value(arith::AndIOp::create(b, loc, sum, mask)) : Value(arith::ShRUIOp::create(b, loc, sum, half));
        // Twice: a sum of upper bits counts 16 times.
        sum = arith::ShLIOp::create(b, loc, sum, splat(words, part == 0 ? 1 : 5));
        values[v] = arith::SubIOp::create(b, loc, values[v], sum);
      }
    return values;
  };
  int64_t stepsAtOnce = UINT16_MAX / kLargestSum / kGroups / stepsOfChain * stepsOfChain;
  int64_t whole = steps / stepsAtOnce;
  accumulators = loop(whole, accumulators,
                      [&](Value r, SmallVector<Value> inner) { return longRun(mul(r, stepsAtOnce), stepsAtOnce, inner); });
  return steps % stepsAtOnce ? longRun(index(whole * stepsAtOnce), steps % stepsAtOnce, accumulators) : accumulators;
}

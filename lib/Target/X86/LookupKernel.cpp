//===- LookupKernel.cpp - sums of products from a table ---------*- C++ -*-===//
//
// This file multiplies four values of -1 to 1 by four weights that are 1 or -1 at once, without multiplying: the code of the input is the
// place of a row of a table, and in it lies, for each of the 16 combinations of four signs, the sum of the products.
//
//   bytes of 4 vectors of sums += vpshufb(row of the input's code, signs of the weights)
//
// Sums are 4 too large, so that bytes have no sign; up to 31 steps add up in bytes, all others in 16 bits. Byte 4 l + q of a vector belongs
// to lane l of vector q, so that halves of halves need no shuffle.
//
//===----------------------------------------------------------------------===//

#include "MicroKernelEmitter.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace quantization;

/// What a sum of four products is raised by.
static constexpr int64_t kRaised = 4;

/// The table, one for the module: rows of 16 bytes, by four bits of which values are not 0 and four of which are negative.
static Value tableOf(OpBuilder &builder, Location loc, ModuleOp module) {
  constexpr llvm::StringLiteral name = "__sums_of_signs";
  auto type = MemRefType::get({256 * 16}, builder.getI8Type());
  if (!module.lookupSymbol<memref::GlobalOp>(name)) {
    std::vector<int8_t> sums;
    for (int row = 0; row < 256; ++row)
      for (int weights = 0; weights < 16; ++weights) {
        int sum = kRaised;
        for (int bit = 0; bit < 4; ++bit)
          if (row >> bit & 1)
            sum += (row >> (4 + bit) ^ weights >> bit) & 1 ? -1 : 1;
        sums.push_back(static_cast<int8_t>(sum));
      }
    auto values = DenseElementsAttr::get(RankedTensorType::get(type.getShape(), type.getElementType()), llvm::ArrayRef(sums));
    OpBuilder atStart = OpBuilder::atBlockBegin(module.getBody());
    memref::GlobalOp::create(atStart, loc, name, atStart.getStringAttr("private"), type, values, /*constant=*/true,
                             atStart.getI64IntegerAttr(64));
  }
  return memref::GetGlobalOp::create(builder, loc, type, name);
}

SmallVector<Value> MicroKernelEmitter::multiplyByTable(Value row, Value column, int64_t positions, int64_t vectors,
                                                       SmallVector<Value> accumulators) {
  int64_t columnsApart = split ? kernelColumns : 1, stepsOfRun = steps / columnsApart;
  int64_t width = 4 * kernel.lanes, wide = (vectors + 3) / 4;
  auto bytes = VectorType::get({width}, b.getI8Type()), halves = VectorType::get({width / 2}, b.getI16Type());
  auto words = VectorType::get({kernel.lanes}, b.getI32Type());
  auto splat = [&](VectorType type, int64_t value) -> Value {
    return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, b.getIntegerAttr(type.getElementType(), value)));
  };
  Value table = tableOf(b, loc, op->getParentOfType<ModuleOp>());

  auto lookUp = [&](Value place, Value signs) -> Value {
    if (emulated) {
      auto indices = VectorType::get({width}, b.getI32Type()), mask = VectorType::get({width}, b.getI1Type());
      return vector::GatherOp::create(b, loc, bytes, table, place, arith::ExtUIOp::create(b, loc, indices, signs), splat(mask, 1),
                                      splat(bytes, 0));
    }
    SmallVector<int64_t> repeated;
    for (int64_t i = 0; i < width; ++i)
      repeated.push_back(i % 16);
    Value sums = vector::LoadOp::create(b, loc, VectorType::get({16}, b.getI8Type()), table, place);
    sums = vector::ShuffleOp::create(b, loc, sums, sums, repeated);
    return LLVM::CallIntrinsicOp::create(b, loc, bytes, b.getStringAttr("llvm.x86.avx2.pshuf.b"), ValueRange{sums, signs}).getResult(0);
  };

  // Even and odd bytes of [vector][position] in 16 bits.
  auto chainOf = [&](Value y, Value x, Value first, int64_t count, SmallVector<Value> sums) {
    SmallVector<Value> counts(wide * positions, splat(bytes, 0));
    counts = loop(count, counts, [&](Value s, SmallVector<Value> inner) {
      Value number = add(first, s);
      Value step = add(add(mul(y, steps), mul(x, stepsOfRun)), number);
      Value place = mul(add(mul(add(mul(matrix, blocks), block), kernelRows * steps), step), lanesOfBlock);
      SmallVector<Value> signs;
      for (int64_t w = 0; w < wide; ++w)
        signs.push_back(vector::LoadOp::create(b, loc, bytes, weights, add(place, w * width)));
      Value channel = add(mul(group, inputs), number);
      for (int64_t p = 0; p < positions; ++p) {
        Value code = memref::LoadOp::create(b, loc, inputBuffer, inputIndices(row, column, y, x, channel, p));
        code = arith::IndexCastUIOp::create(b, loc, b.getIndexType(), code);
        for (int64_t w = 0; w < wide; ++w)
          inner[w * positions + p] = arith::AddIOp::create(b, loc, inner[w * positions + p], lookUp(code, signs[w]));
      }
      return inner;
    });
    for (auto [i, count] : llvm::enumerate(counts)) {
      Value both = vector::BitCastOp::create(b, loc, halves, count);
      sums[2 * i] = arith::AddIOp::create(b, loc, sums[2 * i], arith::AndIOp::create(b, loc, both, splat(halves, 255)));
      sums[2 * i + 1] = arith::AddIOp::create(b, loc, sums[2 * i + 1], arith::ShRUIOp::create(b, loc, both, splat(halves, 8)));
    }
    return sums;
  };
  int64_t chains = (stepsOfRun + kernel.chain - 1) / kernel.chain, chain = (stepsOfRun + chains - 1) / chains;
  SmallVector<Value> sums(2 * wide * positions, splat(halves, 0));
  sums = loop(kernelRows, sums, [&](Value y, SmallVector<Value> values) {
    return loop(columnsApart, values, [&](Value x, SmallVector<Value> values) {
      int64_t whole = stepsOfRun / chain;
      values = loop(whole, values, [&](Value c, SmallVector<Value> inner) { return chainOf(y, x, mul(c, chain), chain, inner); });
      return stepsOfRun % chain ? chainOf(y, x, index(whole * chain), stepsOfRun % chain, values) : values;
    });
  });

  Value raised = splat(words, kRaised * kernelRows * steps), mask = splat(words, 0xffff), half = splat(words, 16);
  for (int64_t v = 0; v < vectors; ++v)
    for (int64_t p = 0; p < positions; ++p) {
      Value sum = vector::BitCastOp::create(b, loc, words, sums[2 * (v / 4 * positions + p) + v % 2]);
      sum = v % 4 < 2 ? Value(arith::AndIOp::create(b, loc, sum, mask)) : Value(arith::ShRUIOp::create(b, loc, sum, half));
      Value &accumulator = accumulators[v * positions + p];
      accumulator = arith::AddIOp::create(b, loc, accumulator, arith::SubIOp::create(b, loc, sum, raised));
    }
  return accumulators;
}

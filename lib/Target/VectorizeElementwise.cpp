//===- VectorizeElementwise.cpp - loops over neighbours on vectors ----*- C++ -*-===//
//
// This file writes a linalg.generic on buffers as loops whose innermost parallel one takes a vector at a time; sums and maxima over
// windows stay in a register until they are complete:
//
//   linalg.generic max over (n, y, x, ky, kx, c)   ==>   for n, y, x: for c by 32:
//                                                          v = load out[n, y, x, c..]
//                                                          for ky, kx: v = max(v, load in[n, y + ky, x + kx, c..])
//                                                          store v
//
// Where neighbours of the result are no neighbours in an input, squares of both are turned over in registers:
//
//   linalg.generic f over (c, x) of in[x, c]       ==>   for c by 8: for x by 8:
//                                                          v0..v7 = transpose(load in[x + 0, c..], ..., load in[x + 7, c..])
//                                                          for i < 8: store f(vi) to out[c + i, x..]
//
//===----------------------------------------------------------------------===//

#include "Lanes.h"
#include "ParallelLoops.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Affine/Utils.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "quantization/Target/Passes.h"
#include "quantization/Target/TargetModel.h"

namespace quantization {
#define GEN_PASS_DEF_VECTORIZEELEMENTWISE
#include "quantization/Target/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

class Nest {
public:
  Nest(linalg::GenericOp op, int64_t lanesOf32) : op(op), b(op), loc(op.getLoc()), lanesOf32(lanesOf32) {}

  /// Whether the result lies side by side along the innermost loop, and every input along that or one other, or does not depend on it.
  bool isVectorizable() {
    if (op.getNumDpsInits() != 1 || !op.hasPureBufferSemantics() || !isElementwise(*op.getBody()) || op.getNumLoops() == 0 ||
        op.getIteratorTypesArray().back() != utils::IteratorType::parallel)
      return false;
    for (OpOperand &operand : op->getOpOperands()) {
      auto type = dyn_cast<MemRefType>(operand.get().getType());
      if (!type)
        return false;
      Type element = type.getElementType();
      if (isUsed(operand) && (!element.isIntOrFloat() || element.getIntOrFloatBitWidth() % 8))
        return false;
      if (liesAlong(operand, innermost()) || !spreads(operand))
        continue;
      std::optional<unsigned> along = neighbours(operand);
      if (op.isDpsInit(&operand) || !along || across.value_or(*along) != *along)
        return false;
      across = along;
    }
    bool accumulates = !op.getRegionOutputArgs()[0].use_empty();
    if (across && (accumulates || op.getNumReductionLoops() || side() < 4 || !admitsOverlap()))
      return false;
    return spreads(*op.getDpsInitOperand(0)) && (accumulates || op.getNumReductionLoops() == 0);
  }

  void expand() {
    if (across)
      return expandSquares();
    joinLoops();
    SmallVector<int64_t> sizes = op.getStaticLoopRanges();
    at.assign(sizes.size(), Value());
    for (auto [i, kind] : llvm::enumerate(op.getIteratorTypesArray()))
      if (kind == utils::IteratorType::parallel && i != innermost())
        at[i] = enterLoop(sizes[i], 1);
    int64_t lanes = lanesOf32 * 32 / widestBits(), size = sizes.back();
    if (size >= lanes) {
      OpBuilder::InsertionGuard guard(b);
      at.back() = enterLoop(size / lanes * lanes, lanes);
      expandVector(lanes, lanes);
    }
    if (size % lanes) {
      at.back() = index(size / lanes * lanes);
      // No wider than what is left needs.
      expandVector(std::min<int64_t>(lanes, llvm::PowerOf2Ceil(size % lanes)), size % lanes);
    }
    op.erase();
  }

private:
  linalg::GenericOp op;
  OpBuilder b;
  Location loc;
  int64_t lanesOf32;
  std::optional<unsigned> across; // the other loop along which inputs lie side by side
  SmallVector<Value> at;          // by loop

  unsigned innermost() { return op.getNumLoops() - 1; }
  bool isUsed(OpOperand &operand) { return op.isDpsInit(&operand) || !op.getMatchingBlockArgument(&operand).use_empty(); }
  bool spreads(OpOperand &operand) { return op.getMatchingIndexingMap(&operand).isFunctionOfDim(innermost()); }

  bool isTurned(OpOperand &operand) { return isUsed(operand) && spreads(operand) && !liesAlong(operand, innermost()); }
  unsigned bitsOf(OpOperand &operand) { return getElementTypeOrSelf(operand.get().getType()).getIntOrFloatBitWidth(); }
  bool liesAlong(OpOperand &operand, unsigned loop) { return spreads(operand) && neighbours(operand) == loop; }

  /// The loop along which neighbours of `operand` are neighbours in memory, if it appears there alone.
  std::optional<unsigned> neighbours(OpOperand &operand) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    auto loop = dyn_cast_or_null<AffineDimExpr>(map.getNumResults() ? map.getResults().back() : AffineExpr());
    bool isAlone = loop && llvm::none_of(map.getResults().drop_back(), [&](AffineExpr e) { return e.isFunctionOfDim(loop.getPosition()); });
    if (!isAlone || !cast<MemRefType>(operand.get().getType()).isLastDimUnitStride())
      return std::nullopt;
    return loop.getPosition();
  }

  /// How many values of the two loops are turned over together: a power of two. 16 single bytes fill a half of a register.
  int64_t side() {
    SmallVector<int64_t> sizes = op.getStaticLoopRanges();
    int64_t lanes = std::min<int64_t>(16, lanesOf32 * 32 / widestBits());
    return std::min<int64_t>(lanes, llvm::bit_floor<uint64_t>(std::min(sizes.back(), sizes[*across])));
  }

  /// Squares at the end are written twice, so nothing may be read from where they go; what is turned over cannot lie there.
  bool admitsOverlap() {
    SmallVector<int64_t> sizes = op.getStaticLoopRanges();
    return (sizes.back() % side() == 0 && sizes[*across] % side() == 0) || llvm::none_of(op.getDpsInputOperands(), [&](OpOperand *input) {
             return isUsed(*input) && liesAlong(*input, innermost());
           });
  }

  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value enterLoop(int64_t size, int64_t step) { return enterParallelLoop(b, loc, size, step); }

  /// Loops over dense buffers that all walk alike are one long loop.
  void joinLoops() {
    if (op.getNumReductionLoops() || op.getNumLoops() < 2)
      return;
    for (OpOperand &operand : op->getOpOperands())
      if (!op.getMatchingIndexingMap(&operand).isIdentity() || !cast<MemRefType>(operand.get().getType()).getLayout().isIdentity())
        return;
    ReassociationIndices all = llvm::to_vector(llvm::seq<int64_t>(0, op.getNumLoops()));
    SmallVector<Value> flat;
    for (Value operand : op->getOperands())
      flat.push_back(memref::CollapseShapeOp::create(b, loc, operand, ArrayRef<ReassociationIndices>{all}));
    SmallVector<AffineMap> maps(flat.size(), b.getMultiDimIdentityMap(1));
    auto joined = linalg::GenericOp::create(b, loc, ValueRange(flat).drop_back(), ValueRange(flat).back(), maps,
                                            ArrayRef<utils::IteratorType>{utils::IteratorType::parallel});
    joined.getRegion().takeBody(op.getRegion());
    op.erase();
    op = joined;
    b.setInsertionPoint(op);
  }

  /// Bits of the widest value that is computed with; 64-bit ones are cut by LLVM.
  int64_t widestBits() {
    int64_t bits = 8;
    auto look = [&](Type type) {
      if (type.isIntOrFloat())
        bits = std::max<int64_t>(bits, std::min<int64_t>(32, type.getIntOrFloatBitWidth()));
    };
    for (BlockArgument argument : op.getBody()->getArguments())
      if (!argument.use_empty())
        look(argument.getType());
    for (Operation &inner : *op.getBody())
      for (Value value : inner.getOperands())
        look(value.getType());
    return bits;
  }

  SmallVector<Value> indices(OpOperand &operand) {
    SmallVector<Value> result;
    for (AffineExpr expression : op.getMatchingIndexingMap(&operand).getResults())
      result.push_back(affine::expandAffineExpr(b, loc, expression, at, {}));
    return result;
  }
  Value load(OpOperand &operand, int64_t lanes, int64_t valid) {
    SmallVector<Value> place = indices(operand);
    if (spreads(operand))
      return loadLanes(b, loc, operand.get(), place, lanes, valid);
    Type element = getElementTypeOrSelf(operand.get().getType());
    return vector::BroadcastOp::create(b, loc, VectorType::get({lanes}, element), memref::LoadOp::create(b, loc, operand.get(), place));
  }

  void expandSquares() {
    int64_t lanes = side();
    SmallVector<int64_t> sizes = op.getStaticLoopRanges();
    at.assign(sizes.size(), Value());
    auto enterSide = [&](unsigned i) {
      Value square = enterLoop(llvm::divideCeil(sizes[i], lanes), 1);
      // The last square overlaps its neighbour: all are whole.
      at[i] = arith::MinSIOp::create(b, loc, arith::MulIOp::create(b, loc, square, index(lanes)), index(sizes[i] - lanes));
    };
    for (unsigned i = 0; i < innermost(); ++i)
      if (i != *across)
        at[i] = enterLoop(sizes[i], 1);
    // The wider values go along whole lines of the cache.
    bool isResultWider = true;
    for (OpOperand *input : op.getDpsInputOperands())
      if (isTurned(*input) && bitsOf(*input) > bitsOf(*op.getDpsInitOperand(0)))
        isResultWider = false;
    enterSide(isResultWider ? *across : innermost());
    enterSide(isResultWider ? innermost() : *across);
    auto step = [&](Value from, int64_t i) { return arith::AddIOp::create(b, loc, from, index(i)); };
    Value row = at[*across], column = at.back();
    DenseMap<OpOperand *, SmallVector<Value>> turned;
    for (OpOperand *input : op.getDpsInputOperands())
      if (isTurned(*input)) {
        SmallVector<Value> rows;
        for (int64_t i = 0; i < lanes; ++i) {
          at.back() = step(column, i);
          rows.push_back(loadLanes(b, loc, input->get(), indices(*input), lanes, lanes));
        }
        turned[input] = transposeSquare(b, loc, rows);
      }
    at.back() = column;
    for (int64_t i = 0; i < lanes; ++i) {
      at[*across] = step(row, i);
      SmallVector<Value> arguments;
      for (OpOperand *input : op.getDpsInputOperands())
        arguments.push_back(turned.contains(input) ? turned[input][i] : isUsed(*input) ? load(*input, lanes, lanes) : Value());
      arguments.push_back(Value());
      OpOperand &init = *op.getDpsInitOperand(0);
      storeLanes(b, loc, buildOnLanes(b, loc, *op.getBody(), arguments, lanes), init.get(), indices(init), lanes);
    }
    op.erase();
  }

  void expandVector(int64_t lanes, int64_t valid) {
    OpOperand &init = *op.getDpsInitOperand(0);
    SmallVector<unsigned> reductions;
    op.getReductionDims(reductions);
    bool accumulates = !op.getRegionOutputArgs()[0].use_empty();
    Value accumulator = accumulates ? load(init, lanes, valid) : Value();
    SmallVector<scf::ForOp> loops;
    SmallVector<int64_t> sizes = op.getStaticLoopRanges();
    for (unsigned dimension : reductions) {
      if (sizes[dimension] == 1) {
        at[dimension] = index(0);
        continue;
      }
      auto loop = scf::ForOp::create(b, loc, index(0), index(sizes[dimension]), index(1), ValueRange{accumulator});
      at[dimension] = loop.getInductionVar();
      accumulator = loop.getRegionIterArg(0);
      b.setInsertionPointToStart(loop.getBody());
      loops.push_back(loop);
    }
    SmallVector<Value> arguments;
    for (OpOperand *input : op.getDpsInputOperands())
      arguments.push_back(isUsed(*input) ? load(*input, lanes, valid) : Value());
    arguments.push_back(accumulator);
    Value result = buildOnLanes(b, loc, *op.getBody(), arguments, lanes);
    for (scf::ForOp loop : llvm::reverse(loops)) {
      scf::YieldOp::create(b, loc, result);
      result = loop.getResult(0);
      b.setInsertionPointAfter(loop);
    }
    storeLanes(b, loc, result, init.get(), indices(init), valid);
  }
};

struct VectorizeElementwisePass : quantization::impl::VectorizeElementwiseBase<VectorizeElementwisePass> {
  void runOnOperation() override {
    int64_t lanes = TargetModel::of(getOperation())->lanes();
    if (lanes < 8)
      return; // LLVM's vectorizer serves a machine without kernels well enough
    SmallVector<linalg::GenericOp> nests;
    getOperation().walk([&](linalg::GenericOp op) { nests.push_back(op); });
    for (linalg::GenericOp op : nests)
      if (Nest nest(op, lanes); nest.isVectorizable()) {
        nest.expand();
        ++numVectorized;
      }
  }
};

} // namespace

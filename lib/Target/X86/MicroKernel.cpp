//===- MicroKernel.cpp - tiles of accumulators in registers -----*- C++ -*-===//
//
// This file writes a fixed.contract on buffers as loops around a micro-kernel that keeps a tile of the result in registers:
//
//   for each group, block of output channels, tile of positions:
//     (weights of the block, an element each, where some share bytes and there are many tiles)
//     accumulators = bias                                    // positions x vectors of channels
//     for kernel row, step:
//       accumulators[p][v] += dot(spread codes of position p, weights of vector v)
//     for each p, v: store region(accumulators[p][v], others)
//
// Where registers are tiles themselves (TileKernel.h), a step has more codes, and the sums reach the region through memory.
//
//===----------------------------------------------------------------------===//

#include "MicroKernel.h"
#include "../Lanes.h"
#include "Dots.h"
#include "MicroKernelEmitter.h"
#include "Weights.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace quantization;

void MicroKernelEmitter::expand() {
  collect();
  SmallVector<Value> outer;
  ArrayRef<int64_t> shape = init.getShape();
  int64_t leading = shape.size() - (spatial == 2 ? 3 : 2);
  for (int64_t size : shape.take_front(leading))
    outer.push_back(enterLoop(size));
  lead = outer;
  int64_t rows = spatial == 2 ? shape[leading] : 1, columns = shape[shape.size() - 2];
  tile = chooseRegisterTile(kernel, rows, columns, outputs, lanesOfBlock / kernel.lanes);
  group = enterLoop(groups);
  matrix = group;
  if (op.isBatched())
    for (auto [i, at] : llvm::enumerate(lead))
      matrix = i == 0 ? at : add(mul(matrix, shape[i]), at);
  int64_t whole = outputs / lanesOfBlock;
  if (whole) {
    OpBuilder::InsertionGuard guard(b);
    block = enterLoop(whole);
    expandBlock(rows, columns, lanesOfBlock);
  }
  if (outputs % lanesOfBlock) {
    block = index(whole);
    expandBlock(rows, columns, outputs % lanesOfBlock);
  }
  op.erase();
}

Value MicroKernelEmitter::flattened(Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  SmallVector<ReassociationIndices> groups(2);
  for (int64_t d = 0; d + 1 < type.getRank(); ++d)
    groups[0].push_back(d);
  groups[1].push_back(type.getRank() - 1);
  return type.getRank() == 2 ? buffer : Value(memref::CollapseShapeOp::create(b, loc, buffer, groups));
}

void MicroKernelEmitter::collect() {
  inputBuffer = op.getInput(), initBuffer = op.getInit();
  others.assign(op.getOthers().begin(), op.getOthers().end());
  spatial = op.getKernel().size();
  groups = op.getPackedGroups();
  inputs = cast<MemRefType>(inputBuffer.getType()).getShape().back() / groups;
  outputs = cast<MemRefType>(initBuffer.getType()).getShape().back() / groups;
  auto packed = cast<MemRefType>(op.getWeights().getType());
  blocks = packed.getDimSize(1), kernelRows = packed.getDimSize(2), steps = packed.getDimSize(3) * kernel.storedSteps(), lanesOfBlock = packed.getDimSize(4);
  kernelColumns = spatial ? op.getKernel().back() : 1;
  bool isDense = llvm::all_of(op->getOperands(), [](Value v) { return cast<MemRefType>(v.getType()).getLayout().isIdentity(); });
  bool pointwise = !kernel.depthwise && !op.isBatched() && llvm::all_of(op.getKernel(), [](int64_t k) { return k == 1; }) &&
                   llvm::all_of(op.getStrides(), [](int64_t s) { return s == 1; });
  split = op.getGroups() > 1 || (spatial && op.getDilations().back() != 1);
  if (pointwise && isDense) {
    bool padded = cast<MemRefType>(inputBuffer.getType()).getShape().drop_back() != cast<MemRefType>(initBuffer.getType()).getShape().drop_back();
    if (!padded) {
      inputBuffer = flattened(inputBuffer), initBuffer = flattened(initBuffer);
      for (Value &other : others)
        if (cast<MemRefType>(other.getType()).getRank() > 1)
          other = flattened(other);
      spatial = 0;
    }
  }
  run = split ? inputs : kernelColumns * inputs;
  input = cast<MemRefType>(inputBuffer.getType()), init = cast<MemRefType>(initBuffer.getType());
  // For vectors one after the other; a tile has a step in each of its rows.
  SmallVector<ReassociationIndices> dimensions = {{0, 1, 2, 3, 4, 5}};
  if (kernel.kind == DotKind::TileBytes)
    dimensions = {{0, 1, 2, 3}, {4, 5}};
  weights = memref::CollapseShapeOp::create(b, loc, op.getWeights(), dimensions);
  bias = op.getBias();
}

void MicroKernelEmitter::expandBlock(int64_t rows, int64_t columns, int64_t valid) {
  OpBuilder::InsertionGuard guard(b);
  auto start = [&](int64_t size, int64_t step) {
    Value at = mul(enterLoop((size + step - 1) / step), step);
    // The last tile overlaps its neighbour: all are whole.
    return size % step ? Value(arith::MinSIOp::create(b, loc, at, index(size - step))) : at;
  };
  if (unpacksBlocks(((rows + tile.rows - 1) / tile.rows) * ((columns + tile.columns - 1) / tile.columns)))
    unpackBlock();
  Value row = start(rows, tile.rows), column = start(columns, tile.columns);
  expandTile(row, column, valid);
}

bool MicroKernelEmitter::unpacksBlocks(int64_t tiles) {
  // What is taken apart has to stay in the first cache, beside what it is multiplied by.
  constexpr int64_t kMostBytes = 20 * 1024, kManyTiles = 8;
  bool isPacked = kernel.packing > 1 && !kernel.hasSignBits() &&
                  (kernel.kind == DotKind::MultiplyAddBytes || kernel.kind == DotKind::DotBytes);
  return isPacked && tiles >= kManyTiles && kernelRows * steps * lanesOfBlock * kernel.codes <= kMostBytes;
}

void MicroKernelEmitter::unpackBlock() {
  int64_t vectors = lanesOfBlock / kernel.lanes, width = kernel.lanes * kernel.codes, ofStep = lanesOfBlock * kernel.codes;
  unpacked = allocateInFunction(b, op, MemRefType::get({kernelRows * steps * ofStep}, b.getI8Type()), width);
  auto loop = scf::ForOp::create(b, loc, index(0), index(kernelRows * steps), index(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value step = loop.getInductionVar(), place = mul(add(mul(add(mul(matrix, blocks), block), kernelRows * steps), step), ofStep / kernel.packing);
  for (auto [v, bytes] : llvm::enumerate(loadWeights(b, loc, kernel, weights, place, vectors, vectors, input.getElementType())))
    vector::StoreOp::create(b, loc, bytes, unpacked, add(mul(step, ofStep), v * width));
}

SmallVector<Value> MicroKernelEmitter::resultIndices(Value row, Value column, int64_t position, int64_t vector) {
  SmallVector<Value> at(lead);
  if (spatial == 2)
    at.push_back(add(row, position / tile.columns));
  at.push_back(add(column, position % tile.columns));
  at.push_back(add(add(mul(group, outputs), mul(block, lanesOfBlock)), vector * kernel.lanes));
  return at;
}

Value MicroKernelEmitter::channelIndex(int64_t vector) {
  return add(add(mul(group, blocks * lanesOfBlock), mul(block, lanesOfBlock)), vector * kernel.lanes);
}

Epilogue MicroKernelEmitter::startEpilogue(int64_t valid) {
  Epilogue epilogue(b, op, kernel, emulated, others, initBuffer, tile.columns);
  for (int64_t done = 0; done < valid; done += kernel.lanes)
    epilogue.addVector(channelIndex(done / kernel.lanes), std::min(kernel.lanes, valid - done));
  return epilogue;
}

void MicroKernelEmitter::expandTiles(Value row, Value column, int64_t valid) {
  int64_t vectors = (valid + kernel.lanes - 1) / kernel.lanes;
  tiles.emplace(b, loc, kernel, emulated, tile, vectors, op);
  SmallVector<Value> sums = tiles->start(bias, channelIndex(0));
  tiles->store(multiply(row, column, tile.rows * tile.columns, vectors, sums));
  Epilogue epilogue = startEpilogue(valid);
  for (int64_t t = 0; t < tiles->size(); ++t)
    tiles->forEachPosition(epilogue.packs() ? Epilogue::kPacked / vectors : 1, [&](Value first, int64_t count) {
      for (int64_t p = 0; p < count; ++p)
        for (int64_t v = 0; v < vectors; ++v) {
          Value sum = tiles->load(t, v, add(first, p));
          epilogue.store(sum, p, v, resultIndices(row, add(column, first), tiles->position(t) + p, v));
        }
      epilogue.flush();
    });
}

void MicroKernelEmitter::expandTile(Value row, Value column, int64_t valid) {
  if (kernel.kind == DotKind::TileBytes)
    return expandTiles(row, column, valid);
  int64_t positions = tile.rows * tile.columns, vectors = (valid + kernel.lanes - 1) / kernel.lanes;
  Type element = op.getBody().getArgument(0).getType();
  auto accumulatorType = VectorType::get({kernel.lanes}, element);
  SmallVector<Value> accumulators;
  for (int64_t v = 0; v < vectors; ++v) {
    Value start = bias && !kernel.hasSignBits() ? loadLanes(b, loc, bias, channelIndex(v), kernel.lanes, kernel.lanes)
                       : Value(arith::ConstantOp::create(b, loc, b.getZeroAttr(accumulatorType)));
    accumulators.append(positions, start); // [vector][position]
  }
  // What a position counts for all channels is added to all of them in the end.
  if (kernel.kind == DotKind::CountBits)
    accumulators.append(positions, arith::ConstantIntOp::create(b, loc, b.getI32Type(), 0));
  else if (kernel.hasSignBits())
    accumulators.append(positions, arith::ConstantOp::create(b, loc, b.getZeroAttr(accumulatorType)));
  if (kernel.depthwise)
    accumulators = multiplyDepthwise(row, column, positions, valid, accumulators);
  else if (kernel.kind == DotKind::Lookup)
    accumulators = multiplyByTable(row, column, positions, vectors, accumulators);
  else if (kernel.kind == DotKind::SubsetSums)
    accumulators = multiplyBySums(row, column, vectors, accumulators);
  else
    accumulators = multiply(row, column, positions, vectors, accumulators);
  for (int64_t at = positions * vectors; at < static_cast<int64_t>(accumulators.size()); ++at)
    for (int64_t v = 0; v < vectors; ++v)
      complete(accumulators[v * positions + at % positions], accumulators[at], v);

  Epilogue epilogue = startEpilogue(valid);
  for (int64_t p = 0; p < positions; ++p)
    for (int64_t v = 0; v < vectors; ++v)
      epilogue.store(accumulators[v * positions + p], p, v, resultIndices(row, column, p, v));
  epilogue.flush();
}

void MicroKernelEmitter::complete(Value &sum, Value ofPosition, int64_t v) {
  auto type = cast<VectorType>(sum.getType());
  if (kernel.kind == DotKind::CountBits) {
    sum = arith::AddIOp::create(b, loc, sum, vector::BroadcastOp::create(b, loc, type, ofPosition));
    return;
  }
  // Twice the sum where weights are 1, less the sum of all.
  auto splat = [&](int32_t value) { return arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, value)); };
  sum = arith::ShRSIOp::create(b, loc, sum, splat(signShift(v)));
  sum = arith::SubIOp::create(b, loc, arith::AddIOp::create(b, loc, sum, sum), ofPosition);
  if (bias)
    sum = arith::AddIOp::create(b, loc, sum, loadLanes(b, loc, bias, channelIndex(v), kernel.lanes, kernel.lanes));
}

SmallVector<Value> MicroKernelEmitter::loop(int64_t size, SmallVector<Value> accumulators, llvm::function_ref<SmallVector<Value>(Value, SmallVector<Value>)> turn) {
  if (size <= 0)
    return accumulators;
  if (size == 1)
    return turn(index(0), accumulators);
  auto loop = scf::ForOp::create(b, loc, index(0), index(size), index(1), accumulators);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next = turn(loop.getInductionVar(), SmallVector<Value>(loop.getRegionIterArgs()));
  if (!next.empty()) // else the loop has its end already
    scf::YieldOp::create(b, loc, next);
  return SmallVector<Value>(loop.getResults());
}

SmallVector<Value> MicroKernelEmitter::multiply(Value row, Value column, int64_t positions, int64_t vectors, SmallVector<Value> accumulators) {
  int64_t columnsApart = split ? kernelColumns : 1, stepsOfRun = steps / columnsApart, depth = depthOf(kernel, run);
  return loop(kernelRows, accumulators, [&](Value y, SmallVector<Value> values) {
    return loop(columnsApart, values, [&](Value x, SmallVector<Value> values) {
      auto step = [&](Value number, Value code, SmallVector<Value> values) {
        Value weightStep = add(add(mul(y, steps), mul(x, stepsOfRun)), number);
        return multiplyStep(row, column, y, x, code, weightStep, positions, vectors, values);
      };
      if (kernel.chain > 1)
        return multiplyInChains(values, step);
      int64_t whole = run / depth, stepsAtOnce = depth / kernel.codes;
      values = loop(whole, values, [&](Value s, SmallVector<Value> inner) { return step(mul(s, stepsAtOnce), mul(s, depth), inner); });
      if (run % depth)
        values = step(index(whole * stepsAtOnce), index(run - depth), values);
      return values;
    });
  });
}

SmallVector<Value> MicroKernelEmitter::multiplyInChains(SmallVector<Value> accumulators,
                                    llvm::function_ref<SmallVector<Value>(Value, Value, SmallVector<Value>)> step) {
  int64_t whole = run / kernel.codes, stepsOfRun = stepsOf(kernel, run), chains = (stepsOfRun + kernel.chain - 1) / kernel.chain;
  int64_t chain = (stepsOfRun + chains - 1) / chains;
  auto run16 = [&](Value first, int64_t steps, bool last, SmallVector<Value> values) {
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(sumsOfStep(b, kernel)));
    SmallVector<Value> start;
    for (Value value : values)
      start.push_back(isa<VectorType>(value.getType()) ? zero : value);
    auto stepAt = [&](Value number, SmallVector<Value> inner) { return step(number, mul(number, kernel.codes), inner); };
    // Products of the first step are no sums yet. LLVM would spill registers if the others stood one after the other, too.
    SmallVector<Value> sums = steps ? stepAt(first, start) : start;
    sums = loop(steps - 1, sums, [&](Value s, SmallVector<Value> inner) { return stepAt(add(add(first, s), 1), inner); });
    if (last) // it ends with the run
      sums = step(index(whole), index(run - kernel.codes), sums);
    for (auto [value, sum] : llvm::zip(values, sums))
      value = isa<VectorType>(value.getType()) ? addSums(b, loc, kernel, emulated, value, sum) : sum;
    return values;
  };
  accumulators = loop(whole / chain, accumulators,
                      [&](Value c, SmallVector<Value> values) { return run16(mul(c, chain), chain, false, values); });
  if (int64_t done = whole / chain * chain; done < stepsOfRun)
    accumulators = run16(index(done), whole % chain, whole < stepsOfRun, accumulators);
  return accumulators;
}

int64_t MicroKernelEmitter::weightBytes() {
  auto type = cast<MemRefType>(weights.getType());
  return type.getNumElements() * type.getElementTypeBitWidth() / 8;
}

SmallVector<Value> MicroKernelEmitter::multiplyStep(Value row, Value column, Value y, Value x, Value code, Value step, int64_t positions, int64_t vectors,
                                SmallVector<Value> accumulators) {
  // Weights of the block: [group][block][row][step][lane][code].
  Value stepsBefore = unpacked ? step : add(mul(add(mul(matrix, blocks), block), kernelRows * steps), step);
  if (tiles)
    return multiplyTiles(row, column, y, x, code, stepsBefore, accumulators);
  DotKernel stored = kernel;
  if (unpacked)
    stored.packing = 1;
  Value place = mul(stepsBefore, lanesOfBlock * kernel.codes / stored.packing);
  bool hasShortSums = kernel.kind == DotKind::MultiplyAddBytes || kernel.kind == DotKind::MultiplyAddPairs;
  if (hasShortSums && positions == 1 && weightBytes() > kNearCacheBytes)
    prefetchWeights(b, loc, stored, weights, place, lanesOfBlock / kernel.lanes);
  SmallVector<Value> columnWeights =
      loadWeights(b, loc, stored, unpacked ? unpacked : weights, place, vectors, lanesOfBlock / kernel.lanes,
                  kernel.kind == DotKind::CountBits ? b.getI32Type() : input.getElementType());
  Value channel = add(mul(group, inputs), code);
  if (kernel.kind == DotKind::CountBits) {
    for (int64_t p = 0; p < positions; ++p) {
      Bits bits = loadBits(b, loc, kernel, inputBuffer, inputIndices(row, column, y, x, channel, p));
      for (int64_t v = 0; v < vectors; ++v)
        accumulators[v * positions + p] = countBits(b, loc, accumulators[v * positions + p], bits, columnWeights[v]);
      Value &count = accumulators[vectors * positions + p];
      count = arith::AddIOp::create(b, loc, count, bits.count);
    }
    return accumulators;
  }
  for (int64_t p = 0; p < positions; ++p) {
    Value codes = spreadCodes(b, loc, kernel, inputBuffer, inputIndices(row, column, y, x, channel, p));
    for (int64_t v = 0; v < vectors; ++v) {
      Value &accumulator = accumulators[v * positions + p];
      accumulator = buildDot(b, loc, kernel, emulated, accumulator, codes, columnWeights[v]);
    }
    if (kernel.hasSignBits()) {
      Value ones = arith::ConstantOp::create(b, loc, DenseElementsAttr::get(cast<ShapedType>(columnWeights[0].getType()), int8_t(1)));
      Value &sum = accumulators[vectors * positions + p];
      sum = buildDot(b, loc, kernel, emulated, sum, codes, ones);
    }
  }
  return accumulators;
}

SmallVector<Value> MicroKernelEmitter::multiplyTiles(Value row, Value column, Value y, Value x, Value code, Value step, ArrayRef<Value> sums) {
  Value channel = add(mul(group, inputs), code);
  SmallVector<SmallVector<Value>> at;
  for (int64_t t = 0; t < tiles->size(); ++t)
    at.push_back(inputIndices(row, column, y, x, channel, tiles->position(t)));
  return tiles->multiply(inputBuffer, at, spatial ? op.getStrides().back() : 1, weights, step, depthOf(kernel, run), sums);
}

SmallVector<Value> MicroKernelEmitter::inputIndices(Value row, Value column, Value y, Value x, Value channel, int64_t position) {
  SmallVector<Value> at(lead);
  if (spatial == 2)
    at.push_back(add(mul(add(row, position / tile.columns), op.getStrides()[0]), mul(y, op.getDilations()[0])));
  Value onRow = add(column, position % tile.columns);
  at.push_back(spatial ? add(mul(onRow, op.getStrides().back()), mul(x, op.getDilations().back())) : onRow);
  at.push_back(channel);
  return at;
}

void quantization::expandMicroKernel(fixed::ContractOp op, const DotKernel &kernel, bool emulated) {
  MicroKernelEmitter(op, kernel, emulated).expand();
}

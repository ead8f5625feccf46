//===- MicroKernel.cpp - tiles of accumulators in registers -----*- C++ -*-===//
//
// This file writes a fixed.contract on buffers as loops around a micro-kernel that keeps a tile of the result in registers:
//
//   for each group, block of output channels, tile of positions:
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
#include "../ParallelLoops.h"
#include "Dots.h"
#include "Epilogue.h"
#include "TileKernel.h"
#include "Weights.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "quantization/Target/RegisterTile.h"

using namespace mlir;
using namespace quantization;

namespace {

class MicroKernel {
public:
  MicroKernel(fixed::ContractOp op, const DotKernel &kernel, bool emulated)
      : op(op), kernel(kernel), emulated(emulated), b(op), loc(op.getLoc()) {}

  void expand() {
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

private:
  fixed::ContractOp op;
  const DotKernel &kernel;
  bool emulated;
  OpBuilder b;
  Location loc;

  MemRefType input, init;
  Value inputBuffer, initBuffer, weights, bias;
  SmallVector<Value> others;
  int64_t spatial, groups, inputs, outputs, blocks, kernelRows, steps, lanesOfBlock, run, kernelColumns;
  bool split;
  RegisterTile tile;
  SmallVector<Value> lead;
  Value group, block;
  Value matrix; ///< of the weights: a group's, or a batch's
  std::optional<TileRegisters> tiles;

  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
  Value add(Value x, int64_t y) { return y == 0 ? x : add(x, index(y)); }
  Value mul(Value x, int64_t y) { return y == 1 ? x : Value(arith::MulIOp::create(b, loc, x, index(y))); }

  Value enterLoop(int64_t size) { return enterParallelLoop(b, loc, size); }

  /// Rows of a product or of a 1x1 convolution are one long row.
  Value flattened(Value buffer) {
    auto type = cast<MemRefType>(buffer.getType());
    SmallVector<ReassociationIndices> groups(2);
    for (int64_t d = 0; d + 1 < type.getRank(); ++d)
      groups[0].push_back(d);
    groups[1].push_back(type.getRank() - 1);
    return type.getRank() == 2 ? buffer : Value(memref::CollapseShapeOp::create(b, loc, buffer, groups));
  }

  void collect() {
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

  /// Tiles over all positions, for a block of which `valid` channels exist.
  void expandBlock(int64_t rows, int64_t columns, int64_t valid) {
    OpBuilder::InsertionGuard guard(b);
    auto start = [&](int64_t size, int64_t step) {
      Value at = mul(enterLoop((size + step - 1) / step), step);
      // The last tile overlaps its neighbour: all are whole.
      return size % step ? Value(arith::MinSIOp::create(b, loc, at, index(size - step))) : at;
    };
    Value row = start(rows, tile.rows), column = start(columns, tile.columns);
    expandTile(row, column, valid);
  }

  SmallVector<Value> resultIndices(Value row, Value column, int64_t position, int64_t vector) {
    SmallVector<Value> at(lead);
    if (spatial == 2)
      at.push_back(add(row, position / tile.columns));
    at.push_back(add(column, position % tile.columns));
    at.push_back(add(add(mul(group, outputs), mul(block, lanesOfBlock)), vector * kernel.lanes));
    return at;
  }

  /// The place of a vector of channels in a constant per channel.
  Value channelIndex(int64_t vector) {
    return add(add(mul(group, blocks * lanesOfBlock), mul(block, lanesOfBlock)), vector * kernel.lanes);
  }

  /// What follows the sums of a block of which `valid` channels exist.
  Epilogue startEpilogue(int64_t valid) {
    Epilogue epilogue(b, op, kernel, emulated, others, initBuffer, tile.columns);
    for (int64_t done = 0; done < valid; done += kernel.lanes)
      epilogue.addVector(channelIndex(done / kernel.lanes), std::min(kernel.lanes, valid - done));
    return epilogue;
  }

  /// expandTile for tile registers.
  void expandTiles(Value row, Value column, int64_t valid) {
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

  void expandTile(Value row, Value column, int64_t valid) {
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
    accumulators = kernel.depthwise ? multiplyDepthwise(row, column, positions, valid, accumulators)
                                    : multiply(row, column, positions, vectors, accumulators);
    for (int64_t at = positions * vectors; at < static_cast<int64_t>(accumulators.size()); ++at)
      for (int64_t v = 0; v < vectors; ++v)
        complete(accumulators[v * positions + at % positions], accumulators[at], v);

    Epilogue epilogue = startEpilogue(valid);
    for (int64_t p = 0; p < positions; ++p)
      for (int64_t v = 0; v < vectors; ++v)
        epilogue.store(accumulators[v * positions + p], p, v, resultIndices(row, column, p, v));
    epilogue.flush();
  }

  /// Adds to the sum of vector `v` what its position sums up for all of them.
  void complete(Value &sum, Value ofPosition, int64_t v) {
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

  /// A loop that carries the accumulators; `turn` gets its variable.
  SmallVector<Value> loop(int64_t size, SmallVector<Value> accumulators, llvm::function_ref<SmallVector<Value>(Value, SmallVector<Value>)> turn) {
    if (size == 0)
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

  SmallVector<Value> multiply(Value row, Value column, int64_t positions, int64_t vectors, SmallVector<Value> accumulators) {
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

  /// The steps of a run, in chains whose sums have 16 bits: as few chains as can be, all about as long.
  SmallVector<Value> multiplyInChains(SmallVector<Value> accumulators,
                                      llvm::function_ref<SmallVector<Value>(Value, Value, SmallVector<Value>)> step) {
    int64_t whole = run / kernel.codes, stepsOfRun = stepsOf(kernel, run), chains = (stepsOfRun + kernel.chain - 1) / kernel.chain;
    int64_t chain = (stepsOfRun + chains - 1) / chains;
    auto run16 = [&](Value first, int64_t steps, bool last, SmallVector<Value> values) {
      Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(sumsOfStep(b, kernel)));
      SmallVector<Value> start;
      for (Value value : values)
        start.push_back(isa<VectorType>(value.getType()) ? zero : value);
      SmallVector<Value> sums = loop(steps, start, [&](Value s, SmallVector<Value> inner) {
        Value number = add(first, s);
        return step(number, mul(number, kernel.codes), inner);
      });
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

  int64_t weightBytes() {
    auto type = cast<MemRefType>(weights.getType());
    return type.getNumElements() * type.getElementTypeBitWidth() / 8;
  }

  SmallVector<Value> multiplyStep(Value row, Value column, Value y, Value x, Value code, Value step, int64_t positions, int64_t vectors,
                                  SmallVector<Value> accumulators) {
    // Weights of the block: [group][block][row][step][lane][code].
    Value stepsBefore = add(mul(add(mul(matrix, blocks), block), kernelRows * steps), step);
    if (tiles)
      return multiplyTiles(row, column, y, x, code, stepsBefore, accumulators);
    Value place = mul(stepsBefore, lanesOfBlock * kernel.codes / kernel.packing);
    constexpr int64_t kNearCache = 512 * 1024;
    bool hasShortSums = kernel.kind == DotKind::MultiplyAddBytes || kernel.kind == DotKind::MultiplyAddPairs;
    if (hasShortSums && positions == 1 && weightBytes() > kNearCache)
      prefetchWeights(b, loc, kernel, weights, place, lanesOfBlock / kernel.lanes);
    SmallVector<Value> columnWeights =
        loadWeights(b, loc, kernel, weights, place, vectors, lanesOfBlock / kernel.lanes,
                    kernel.kind == DotKind::CountBits ? b.getI32Type() : input.getElementType());
    Value channel = add(mul(group, inputs), code);
    for (int64_t p = 0; p < positions && kernel.kind == DotKind::CountBits; ++p) {
      Bits bits = loadBits(b, loc, kernel, inputBuffer, inputIndices(row, column, y, x, channel, p));
      for (int64_t v = 0; v < vectors; ++v)
        accumulators[v * positions + p] = countBits(b, loc, accumulators[v * positions + p], bits, columnWeights[v]);
      Value &count = accumulators[vectors * positions + p];
      count = arith::AddIOp::create(b, loc, count, bits.count);
    }
    if (kernel.kind == DotKind::CountBits)
      return accumulators;
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

  SmallVector<Value> multiplyTiles(Value row, Value column, Value y, Value x, Value code, Value step, ArrayRef<Value> sums) {
    Value channel = add(mul(group, inputs), code);
    SmallVector<SmallVector<Value>> at;
    for (int64_t t = 0; t < tiles->size(); ++t)
      at.push_back(inputIndices(row, column, y, x, channel, tiles->position(t)));
    return tiles->multiply(inputBuffer, at, spatial ? op.getStrides().back() : 1, weights, step, depthOf(kernel, run), sums);
  }

  //===--------------------------------------------------------------------===//
  // Depthwise: lanes are channels of the input, and the codes of a step lie below one another
  //===--------------------------------------------------------------------===//

  SmallVector<Value> multiplyDepthwise(Value row, Value column, int64_t positions, int64_t valid, SmallVector<Value> accumulators) {
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

  /// The codes of a group of rows of column `x` (of the input, from the tile's first), interleaved channel by channel.
  SmallVector<Value> columnOfCodes(Value row, Value column, int64_t group, int64_t x, int64_t rowsOfKernel, int64_t valid) {
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

  SmallVector<Value> inputIndices(Value row, Value column, Value y, Value x, Value channel, int64_t position) {
    SmallVector<Value> at(lead);
    if (spatial == 2)
      at.push_back(add(mul(add(row, position / tile.columns), op.getStrides()[0]), mul(y, op.getDilations()[0])));
    Value onRow = add(column, position % tile.columns);
    at.push_back(spatial ? add(mul(onRow, op.getStrides().back()), mul(x, op.getDilations().back())) : onRow);
    at.push_back(channel);
    return at;
  }
};

} // namespace

void quantization::expandMicroKernel(fixed::ContractOp op, const DotKernel &kernel, bool emulated) {
  MicroKernel(op, kernel, emulated).expand();
}

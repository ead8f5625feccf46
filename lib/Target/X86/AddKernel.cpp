//===- AddKernel.cpp - ternary weights as instructions ----------*- C++ -*-===//
//
// This file writes a convolution by ternary weights as additions and subtractions, without a weight in memory. Positions are lanes of 16
// bits, and a register has the sum of an output:
//
//   for each band of rows, strip of columns:
//     planes[i] = channel i of the band, as i16                    // column by column, as loads at an offset are the kernel's columns
//     for each block of outputs:
//       for each few outputs: call @sums(planes, sums, factors, room)  // straight-line code in a loop over positions (AdditionCode.cpp)
//       for each vector of outputs, position: store region(bias + sums, others)
//
// Sums of a chunk (SignedSums.h) stay in 16 bits, whatever the input, and are multiplied by a factor of their output as they are widened.
//
//===----------------------------------------------------------------------===//

#include "../Lanes.h"
#include "../ParallelLoops.h"
#include "AdditionCode.h"
#include "Epilogue.h"
#include "MicroKernel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "quantization/Target/WeightsInCode.h"

using namespace mlir;
using namespace quantization;

static_assert(AdditionCode::kOtherRegisters == DotKernel::kInputRegisters);

static int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

namespace {

/// Along one dimension: where the columns, or rows, of the kernel read in planes that a stride cuts the input into.
struct Axis {
  int64_t stride, dilation, size;

  int64_t phase(int64_t k) const { return k * dilation % stride; }
  int64_t offset(int64_t k) const { return k * dilation / stride; }
  int64_t reach() const { return offset(size - 1); }
  /// How far the kernel reads beyond a position in the plane of `phase`; -1 where it does not.
  int64_t reachIn(int64_t phase) const {
    int64_t reach = -1;
    for (int64_t k = 0; k < size; ++k)
      if (this->phase(k) == phase)
        reach = offset(k);
    return reach;
  }
};

/// What some outputs take of two chunks; the second may have nothing.
struct ChunkPair {
  int64_t number;
  std::vector<SharedTerm> even, odd;
  bool hasOdd;
};

class AddKernelEmitter {
public:
  AddKernelEmitter(fixed::ContractOp op, const DotKernel &kernel, bool emulated, int64_t threads)
      : op(op), kernel(kernel), emulated(emulated), threads(threads), b(op), loc(op.getLoc()), input(cast<MemRefType>(op.getInput().getType())),
        init(cast<MemRefType>(op.getInit().getType())) {}

  void expand();

private:
  fixed::ContractOp op;
  const DotKernel &kernel;
  bool emulated;
  int64_t threads;
  OpBuilder b;
  Location loc;
  MemRefType input, init;
  Axis vertical, horizontal;
  int64_t channels, outputs;
  std::vector<int32_t> weights; // [outputs][channel, row, column]
  SignedSums sums;

  int64_t rows, columns;                 // of the result
  int64_t band, strip, ofBlock;          // rows, columns and outputs that are computed together
  int64_t onRow, planeSize, together;    // columns of a plane's row, its elements, and positions of a band
  int64_t sumSize;                       // elements of the sums of an output
  SmallVector<std::pair<int64_t, int64_t>> phases;
  Value planes, results, room, factors, lead, left;
  int64_t functions = 0;

  int64_t addLanes() const { return 2 * kernel.lanes; }
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
  Value add(Value x, int64_t y) { return y == 0 ? x : add(x, index(y)); }
  Value mul(Value x, int64_t y) { return y == 1 ? x : Value(arith::MulIOp::create(b, loc, x, index(y))); }
  Value atMost(Value x, int64_t y) { return arith::MinSIOp::create(b, loc, x, index(y)); }

  void collect();
  void chooseBand();
  template <typename Body> void forEach(int64_t size, Body body);
  int64_t pairsOfChunks() const { return ceilDiv(sums.chunks.size(), 2); }
  Value allocate(int64_t elements, Type type);
  /// [pair of chunks][output]: the factor of the first in the lower 16 bits, of the second above.
  Value createFactors();
  /// The planes of the band from `row` on.
  void fillPlanes(Value row);
  void expandBlock(Value row, int64_t first, int64_t count);
  /// Functions for the sums of outputs `first` to `first + count - 1`, and calls of them. `place` is that of the first in `results`.
  void expandSums(int64_t first, int64_t count, int64_t place);
  func::FuncOp startFunction();
  void writeSums(func::FuncOp function, const AdditionCode &code);
  /// The same on vectors, for a machine without these instructions.
  void emulateSums(func::FuncOp function, ArrayRef<ChunkPair> pairs, int64_t first, int64_t count, int64_t place);
  SmallVector<Value> emulateChunk(Value planes, Value at, ArrayRef<SharedTerm> terms, int64_t count);
  /// Where a column of the weights lies in the planes.
  int64_t placeIn(int64_t column);
  /// Vector `v` of the block at `first`: sums to what is stored.
  void expandResults(Value row, int64_t first, int64_t v, int64_t valid);
};

} // namespace

void AddKernelEmitter::collect() {
  ArrayRef<int64_t> size = op.getKernel(), stride = op.getStrides(), dilation = op.getDilations();
  vertical = {stride[0], dilation[0], size[0]}, horizontal = {stride[1], dilation[1], size[1]};
  channels = input.getShape().back(), outputs = init.getShape().back();
  rows = init.getDimSize(1), columns = init.getDimSize(2);
  weights = additionWeights(op);
  for (int64_t y = 0; y < vertical.stride; ++y)
    for (int64_t x = 0; x < horizontal.stride; ++x)
      if (vertical.reachIn(y) >= 0 && horizontal.reachIn(x) >= 0)
        phases.push_back({y, x});
}

void AddKernelEmitter::chooseBand() {
  // Planes and sums stay in the second cache, and on the stack of a thread.
  constexpr int64_t kMostBytes = 96 * 1024;
  auto measure = [&]() {
    onRow = strip + horizontal.reach();
    together = llvm::alignTo(band * onRow, addLanes());
    planeSize = llvm::alignTo(together + vertical.reach() * onRow + horizontal.reach(), addLanes());
    sumSize = together + kernel.lanes;
    return 2 * planeSize * channels * static_cast<int64_t>(phases.size());
  };
  auto bytesOfSums = [&](int64_t count) { return 4 * count * sumSize; };
  auto fits = [&]() { return measure() <= kMostBytes && bytesOfSums(std::min(outputs, 4 * kernel.lanes)) <= kMostBytes; };
  band = ceilDiv(rows, std::min(rows, threads)), strip = columns;
  while (band > 1 && !fits())
    band = ceilDiv(band, 2);
  while (strip > addLanes() && !fits())
    strip = std::max(addLanes(), ceilDiv(strip, 2));
  band = ceilDiv(rows, ceilDiv(rows, band));
  measure();
  int64_t vectors = ceilDiv(outputs, kernel.lanes);
  while (vectors > 1 && bytesOfSums(vectors * kernel.lanes) > kMostBytes)
    --vectors;
  ofBlock = vectors * kernel.lanes;
}

template <typename Body> void AddKernelEmitter::forEach(int64_t size, Body body) {
  if (size == 1)
    return body(index(0));
  auto loop = scf::ForOp::create(b, loc, index(0), index(size), index(1));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  body(loop.getInductionVar());
}

Value AddKernelEmitter::allocate(int64_t elements, Type type) {
  return allocateInFunction(b, op, MemRefType::get({elements}, type), 2 * addLanes());
}

Value AddKernelEmitter::createFactors() {
  std::vector<int32_t> values;
  for (size_t chunk = 0; chunk < sums.chunks.size(); chunk += 2)
    for (int64_t o = 0; o < outputs; ++o) {
      int64_t second = chunk + 1 < sums.chunks.size() ? sums.chunks[chunk + 1].factors[o] : 0;
      values.push_back(static_cast<int32_t>(sums.chunks[chunk].factors[o] | second << 16));
    }
  auto type = MemRefType::get({static_cast<int64_t>(values.size())}, b.getI32Type());
  auto parent = op->getParentOfType<func::FuncOp>();
  std::string name = (parent.getName() + "_factors").str();
  for (int64_t number = 0; parent->getParentOfType<ModuleOp>().lookupSymbol(name); ++number)
    name = (parent.getName() + "_factors" + std::to_string(number)).str();
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(parent);
    auto tensor = RankedTensorType::get(type.getShape(), type.getElementType());
    memref::GlobalOp::create(b, loc, name, b.getStringAttr("private"), type, DenseElementsAttr::get(tensor, ArrayRef<int32_t>(values)),
                             /*constant=*/true, b.getI64IntegerAttr(64));
  }
  return memref::GetGlobalOp::create(b, loc, type, name);
}

void AddKernelEmitter::expand() {
  collect();
  sums = *additionSums(op, weights);
  chooseBand();
  planes = allocate(planeSize * channels * phases.size(), b.getI16Type());
  results = allocate(ofBlock * sumSize, b.getI32Type());
  room = allocate(kernel.registers * addLanes(), b.getI16Type());
  factors = createFactors();
  lead = enterParallelLoop(b, loc, init.getDimSize(0));
  // The last band overlaps its neighbour: all are whole.
  Value row = atMost(mul(enterParallelLoop(b, loc, ceilDiv(rows, band)), band), rows - band);
  left = atMost(mul(enterParallelLoop(b, loc, ceilDiv(columns, strip)), strip), columns - strip);
  fillPlanes(row);
  for (int64_t first = 0; first < outputs; first += ofBlock)
    expandBlock(row, first, std::min(ofBlock, outputs - first));
  op.erase();
}

void AddKernelEmitter::fillPlanes(Value row) {
  for (auto [number, phase] : llvm::enumerate(phases)) {
    auto [phaseY, phaseX] = phase;
    int64_t onPlane = strip + horizontal.reachIn(phaseX), downPlane = band + vertical.reachIn(phaseY);
    int64_t side = llvm::bit_floor<uint64_t>(std::min<int64_t>({16, channels, onPlane}));
    forEach(downPlane, [&, phaseY = phaseY, phaseX = phaseX, number = number](Value y) {
      Value from = add(mul(add(row, y), vertical.stride), phaseY);
      forEach(ceilDiv(onPlane, side), [&](Value turn) {
        Value x = atMost(mul(turn, side), onPlane - side);
        forEach(ceilDiv(channels, side), [&](Value turn) {
          Value channel = atMost(mul(turn, side), channels - side);
          SmallVector<Value> square;
          for (int64_t i = 0; i < side; ++i)
            square.push_back(vector::LoadOp::create(b, loc, VectorType::get({side}, b.getI8Type()), op.getInput(),
                                                    ValueRange{lead, from, add(mul(add(add(left, x), i), horizontal.stride), phaseX), channel}));
          Value plane = add(channel, static_cast<int64_t>(number) * channels), inPlane = add(mul(y, onRow), x);
          for (auto [i, line] : llvm::enumerate(transposeSquare(b, loc, square))) {
            Value wide = arith::ExtUIOp::create(b, loc, VectorType::get({side}, b.getI16Type()), line);
            vector::StoreOp::create(b, loc, wide, planes, add(mul(add(plane, i), planeSize), inPlane));
          }
        });
      });
    });
  }
}

void AddKernelEmitter::expandBlock(Value row, int64_t first, int64_t count) {
  int64_t parts = ceilDiv(count, kernel.sumsAtOnce());
  for (int64_t part = 0; part < parts; ++part) {
    int64_t begin = part * count / parts, end = (part + 1) * count / parts;
    expandSums(first + begin, end - begin, begin);
  }
  for (int64_t done = 0; done < count; done += kernel.lanes)
    expandResults(row, first, done / kernel.lanes, std::min(kernel.lanes, count - done));
}

func::FuncOp AddKernelEmitter::startFunction() {
  auto parent = op->getParentOfType<func::FuncOp>();
  auto module = parent->getParentOfType<ModuleOp>();
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(parent);
  auto type = b.getFunctionType(ValueRange{planes, results, factors, room}.getTypes(), {});
  std::string name;
  do
    name = (parent.getName() + "_sums" + std::to_string(functions++)).str();
  while (module.lookupSymbol(name));
  auto function = func::FuncOp::create(b, loc, name, type);
  function.setPrivate();
  function->setAttr("passthrough", b.getStrArrayAttr({"noinline"}));
  b.setInsertionPointToStart(function.addEntryBlock());
  func::ReturnOp::create(b, loc);
  return function;
}

int64_t AddKernelEmitter::placeIn(int64_t column) {
  int64_t area = vertical.size * horizontal.size, channel = column / area, y = column % area / horizontal.size, x = column % horizontal.size;
  std::pair<int64_t, int64_t> phase = {vertical.phase(y), horizontal.phase(x)};
  int64_t number = std::distance(phases.begin(), llvm::find(phases, phase));
  return (number * channels + channel) * planeSize + vertical.offset(y) * onRow + horizontal.offset(x);
}

void AddKernelEmitter::expandSums(int64_t first, int64_t count, int64_t place) {
  // Code that is run for every position of a band, and stays in the first cache.
  constexpr int64_t kMostInstructions = 5000;
  int64_t columns = static_cast<int64_t>(weights.size()) / outputs, last = pairsOfChunks() - 1;
  SmallVector<ChunkPair> pairs;
  AdditionCode code(addLanes(), kernel.registers);
  for (int64_t number = 0; number <= last; ++number) {
    bool hasOdd = 2 * number + 1 < static_cast<int64_t>(sums.chunks.size());
    ChunkPair pair{number, shareSums(weights, columns, sums.chunks[2 * number], first, count), {}, hasOdd};
    if (hasOdd)
      pair.odd = shareSums(weights, columns, sums.chunks[2 * number + 1], first, count);
    code.add(pair.even, pair.hasOdd ? &pair.odd : nullptr, count, number == 0, number == last, number * outputs + first,
             [&](int64_t column) { return placeIn(column); }, [&](int64_t output) { return (place + output) * sumSize; });
    pairs.push_back(std::move(pair));
    if (number < last && code.size() < kMostInstructions)
      continue;
    func::FuncOp function = startFunction();
    func::CallOp::create(b, loc, function, ValueRange{planes, results, factors, room});
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(function.getBody().front().getTerminator());
    emulated ? emulateSums(function, pairs, first, count, place) : writeSums(function, code);
    pairs.clear();
    code = AdditionCode(addLanes(), kernel.registers);
  }
}

void AddKernelEmitter::writeSums(func::FuncOp function, const AdditionCode &code) {
  SmallVector<Value> pointers;
  for (Value buffer : function.getArguments()) {
    Value address = memref::ExtractAlignedPointerAsIndexOp::create(b, loc, buffer);
    pointers.push_back(arith::IndexCastOp::create(b, loc, b.getI64Type(), address));
  }
  LLVM::InlineAsmOp::create(b, loc, TypeRange{}, pointers, code.loop(together), code.constraints(), /*has_side_effects=*/true,
                            /*is_align_stack=*/false, LLVM::TailCallKind::None,
                            LLVM::AsmDialectAttr::get(b.getContext(), LLVM::AsmDialect::AD_ATT), /*operand_attrs=*/ArrayAttr());
}

SmallVector<Value> AddKernelEmitter::emulateChunk(Value planes, Value at, ArrayRef<SharedTerm> terms, int64_t count) {
  auto type = VectorType::get({addLanes()}, b.getI16Type());
  SmallVector<Value> sums(count, arith::ConstantOp::create(b, loc, b.getZeroAttr(type)));
  for (const SharedTerm &term : terms) {
    Value operands[2];
    for (int number : {0, 1})
      if (term.inputs[number] >= 0)
        operands[number] = vector::LoadOp::create(b, loc, type, planes, add(at, placeIn(term.inputs[number])));
    for (int operand = 0; operand < 4; ++operand) {
      uint32_t added = term.added[operand], subtracted = term.subtracted[operand];
      if (!(added | subtracted))
        continue;
      Value value = operand == SharedTerm::Sum          ? Value(arith::AddIOp::create(b, loc, operands[0], operands[1]))
                    : operand == SharedTerm::Difference ? Value(arith::SubIOp::create(b, loc, operands[0], operands[1]))
                                                        : operands[operand];
      for (int64_t o = 0; o < count; ++o) {
        if (added >> o & 1)
          sums[o] = arith::AddIOp::create(b, loc, sums[o], value);
        if (subtracted >> o & 1)
          sums[o] = arith::SubIOp::create(b, loc, sums[o], value);
      }
    }
  }
  return sums;
}

void AddKernelEmitter::emulateSums(func::FuncOp function, ArrayRef<ChunkPair> pairs, int64_t first, int64_t count, int64_t place) {
  auto type = VectorType::get({addLanes()}, b.getI32Type());
  auto loop = scf::ForOp::create(b, loc, index(0), index(together), index(addLanes()));
  b.setInsertionPointToStart(loop.getBody());
  Value at = loop.getInductionVar(), planes = function.getArgument(0), results = function.getArgument(1);
  for (const ChunkPair &pair : pairs) {
    SmallVector<Value> chunks[] = {emulateChunk(planes, at, pair.even, count), emulateChunk(planes, at, pair.odd, count)};
    for (int64_t o = 0; o < count; ++o) {
      Value target = add(at, (place + o) * sumSize), sum;
      if (pair.number > 0)
        sum = vector::LoadOp::create(b, loc, type, results, target);
      for (int part = 0; part < (pair.hasOdd ? 2 : 1); ++part) {
        auto factor = static_cast<int32_t>(sums.chunks[2 * pair.number + part].factors[first + o]);
        Value by = arith::ConstantOp::create(b, loc, DenseElementsAttr::get(type, factor));
        Value product = arith::MulIOp::create(b, loc, arith::ExtSIOp::create(b, loc, type, chunks[part][o]), by);
        sum = sum ? Value(arith::AddIOp::create(b, loc, sum, product)) : product;
      }
      vector::StoreOp::create(b, loc, sum, results, target);
    }
  }
}

void AddKernelEmitter::expandResults(Value row, int64_t first, int64_t v, int64_t valid) {
  int64_t lanes = kernel.lanes, onTile = std::min(strip, lanes);
  auto type = VectorType::get({lanes}, b.getI32Type());
  Value channel = index(first + v * lanes);
  SmallVector<Value> others(op.getOthers().begin(), op.getOthers().end());
  Value bias = op.getBias() ? loadLanes(b, loc, op.getBias(), channel, lanes, lanes) : Value();
  Epilogue epilogue(b, op, kernel, emulated, others, op.getInit(), columns);
  epilogue.addVector(channel, valid);
  forEach(band, [&](Value y) {
    forEach(ceilDiv(strip, onTile), [&](Value turn) {
      Value x = atMost(mul(turn, onTile), strip - onTile), place = add(mul(y, onRow), x);
      SmallVector<Value> square;
      for (int64_t lane = 0; lane < lanes; ++lane)
        square.push_back(vector::LoadOp::create(b, loc, type, results, add(place, (v * lanes + lane) * sumSize)));
      square = transposeSquare(b, loc, square);
      for (int64_t p = 0; p < onTile; ++p) {
        Value sum = bias ? Value(arith::AddIOp::create(b, loc, square[p], bias)) : square[p];
        epilogue.store(sum, p, 0, {lead, add(row, y), add(add(left, x), p), channel});
      }
      epilogue.flush();
    });
  });
}

void quantization::expandAdditions(fixed::ContractOp op, const DotKernel &kernel, bool emulated, int64_t threads) {
  AddKernelEmitter(op, kernel, emulated, threads).expand();
}

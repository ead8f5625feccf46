//===- AddKernel.cpp - ternary weights as instructions ----------*- C++ -*-===//
//
// This file writes a convolution by ternary weights as additions and subtractions, without a weight in memory. Positions are lanes of 16
// bits, and a register has the sum of an output:
//
//   for each band of rows:
//     planes[i] = channel i of the band, as i16                    // column by column, as loads at an offset are the kernel's columns
//     for each block of outputs:
//       for each few outputs: call @sums(planes, sums)             // straight-line code in a loop over positions (AdditionCode.cpp)
//       for each vector of outputs, position:
//         store region(bias + sum over chunks of factor * sums, others)
//
// Sums of a chunk (SignedSums.h) stay in 16 bits, whatever the input.
//
//===----------------------------------------------------------------------===//

#include "../Lanes.h"
#include "../ParallelLoops.h"
#include "AdditionCode.h"
#include "Dots.h"
#include "Epilogue.h"
#include "MicroKernel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Ternary/SignedSums.h"

using namespace mlir;
using namespace quantization;

static int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// Sums have room for it.
static constexpr int64_t kLargestInput = UINT8_MAX;

/// The constant that is read inside of the function; null for an argument.
static ElementsAttr constantWeights(fixed::ContractOp op) {
  Value source = op.getWeights();
  while (auto view = source.getDefiningOp<ViewLikeOpInterface>())
    source = view.getViewSource();
  auto read = source.getDefiningOp<memref::GetGlobalOp>();
  auto global = read ? SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(op, read.getNameAttr()) : memref::GlobalOp();
  return global ? dyn_cast_or_null<ElementsAttr>(global.getConstantInitValue()) : ElementsAttr();
}

/// [outputs][channel, row, column], of weights packed as [1, 1, rows, columns * channels, lanes, 1].
static std::vector<int32_t> weightsOf(fixed::ContractOp op) {
  std::vector<int64_t> packed = readIntegers(constantWeights(op));
  int64_t rows = op.getKernel()[0], columns = op.getKernel()[1], lanes = cast<MemRefType>(op.getWeights().getType()).getDimSize(4);
  int64_t channels = cast<MemRefType>(op.getInput().getType()).getShape().back(), outputs = cast<MemRefType>(op.getInit().getType()).getShape().back();
  std::vector<int32_t> weights;
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t i = 0; i < channels; ++i)
      for (int64_t y = 0; y < rows; ++y)
        for (int64_t x = 0; x < columns; ++x)
          weights.push_back(static_cast<int32_t>(packed[((y * columns + x) * channels + i) * lanes + o]));
  return weights;
}

static std::optional<SignedSums> sumsOf(fixed::ContractOp op, const std::vector<int32_t> &weights) {
  int64_t outputs = cast<MemRefType>(op.getInit().getType()).getShape().back(), area = op.getKernel()[0] * op.getKernel()[1];
  return SignedSums::of(weights, outputs, static_cast<int64_t>(weights.size()) / outputs / area, area, kLargestInput);
}

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

/// What some outputs take of a chunk, and where each goes.
struct SumPart {
  std::vector<SharedTerm> terms;
  int64_t count;
  std::function<int64_t(int64_t)> target;
};

class AddKernelEmitter {
public:
  AddKernelEmitter(fixed::ContractOp op, const DotKernel &kernel, bool emulated)
      : op(op), kernel(kernel), emulated(emulated), b(op), loc(op.getLoc()), input(cast<MemRefType>(op.getInput().getType())),
        init(cast<MemRefType>(op.getInit().getType())) {}

  void expand();

private:
  fixed::ContractOp op;
  const DotKernel &kernel;
  bool emulated;
  OpBuilder b;
  Location loc;
  MemRefType input, init;
  Axis vertical, horizontal;
  int64_t channels, outputs;
  std::vector<int32_t> weights; // [outputs][channel, row, column]
  SignedSums sums;

  int64_t rows, columns;                 // of the result
  int64_t band, ofBlock;                 // rows and outputs that are computed together
  int64_t onRow, planeSize, together;    // columns of a plane's row, its elements, and positions of a band
  int64_t sumSize;                       // elements of the sums of an output and a chunk
  SmallVector<std::pair<int64_t, int64_t>> phases;
  Value planes, partial, lead;

  int64_t addLanes() const { return 2 * kernel.lanes; }
  Value index(int64_t value) { return arith::ConstantIndexOp::create(b, loc, value); }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
  Value add(Value x, int64_t y) { return y == 0 ? x : add(x, index(y)); }
  Value mul(Value x, int64_t y) { return y == 1 ? x : Value(arith::MulIOp::create(b, loc, x, index(y))); }
  Value atMost(Value x, int64_t y) { return arith::MinSIOp::create(b, loc, x, index(y)); }

  void collect();
  void chooseBand();
  template <typename Body> void forEach(int64_t size, Body body);
  Value allocate(int64_t elements);
  /// The planes of the band from `row` on.
  void fillPlanes(Value row);
  void expandBlock(Value row, int64_t first, int64_t count);
  /// Functions for the sums of outputs `first` to `first + count - 1`, and calls of them. `place` is that of the first in `partial`.
  void expandSums(int64_t first, int64_t count, int64_t place);
  func::FuncOp startFunction();
  void writeSums(func::FuncOp function, const AdditionCode &code);
  /// The same on vectors, for a machine without these instructions.
  void emulateSums(func::FuncOp function, ArrayRef<SumPart> parts);
  /// Where a column of the weights lies in the planes.
  int64_t placeIn(int64_t column);
  /// Vector `v` of the block at `first`: sums of chunks to results.
  void expandResults(Value row, int64_t first, int64_t v, int64_t valid);
};

} // namespace

void AddKernelEmitter::collect() {
  ArrayRef<int64_t> size = op.getKernel(), stride = op.getStrides(), dilation = op.getDilations();
  vertical = {stride[0], dilation[0], size[0]}, horizontal = {stride[1], dilation[1], size[1]};
  channels = input.getShape().back(), outputs = init.getShape().back();
  rows = init.getDimSize(1), columns = init.getDimSize(2);
  weights = weightsOf(op);
  for (int64_t y = 0; y < vertical.stride; ++y)
    for (int64_t x = 0; x < horizontal.stride; ++x)
      if (vertical.reachIn(y) >= 0 && horizontal.reachIn(x) >= 0)
        phases.push_back({y, x});
}

void AddKernelEmitter::chooseBand() {
  // Planes and sums of a band stay in the second cache, and on the stack of a thread.
  constexpr int64_t kMostBytes = 96 * 1024;
  onRow = columns + horizontal.reach();
  auto measure = [&](int64_t band) {
    together = llvm::alignTo(band * onRow, addLanes());
    planeSize = llvm::alignTo(together + vertical.reach() * onRow + horizontal.reach(), addLanes());
    sumSize = together + addLanes();
    return 2 * planeSize * channels * static_cast<int64_t>(phases.size());
  };
  band = rows;
  while (band > 1 && measure(band) > kMostBytes)
    --band;
  auto bytesOfSums = [&](int64_t count) { return 2 * count * static_cast<int64_t>(sums.chunks.size()) * sumSize; };
  // Half as many rows rather than few outputs: what outputs of a few registers need twice is the code of the others.
  for (measure(band); band > 1 && bytesOfSums(std::min<int64_t>(outputs, 4 * kernel.lanes)) > kMostBytes; measure(band))
    band = ceilDiv(band, 2);
  band = ceilDiv(rows, ceilDiv(rows, band));
  measure(band);
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

Value AddKernelEmitter::allocate(int64_t elements) {
  // A function's memory is there once; inside of a loop it would grow.
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(&op->getParentOfType<func::FuncOp>().getBody().front());
  return memref::AllocaOp::create(b, loc, MemRefType::get({elements}, b.getI16Type()), b.getI64IntegerAttr(2 * addLanes()));
}

void AddKernelEmitter::expand() {
  collect();
  sums = *sumsOf(op, weights);
  chooseBand();
  planes = allocate(planeSize * channels * phases.size());
  partial = allocate(ofBlock * sums.chunks.size() * sumSize);
  lead = enterParallelLoop(b, loc, init.getDimSize(0));
  // The last band overlaps its neighbour: all are whole.
  Value row = atMost(mul(enterParallelLoop(b, loc, ceilDiv(rows, band)), band), rows - band);
  fillPlanes(row);
  for (int64_t first = 0; first < outputs; first += ofBlock)
    expandBlock(row, first, std::min(ofBlock, outputs - first));
  op.erase();
}

void AddKernelEmitter::fillPlanes(Value row) {
  for (auto [number, phase] : llvm::enumerate(phases)) {
    auto [phaseY, phaseX] = phase;
    int64_t onPlane = columns + horizontal.reachIn(phaseX), downPlane = band + vertical.reachIn(phaseY);
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
                                                    ValueRange{lead, from, add(mul(add(x, i), horizontal.stride), phaseX), channel}));
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
  int64_t most = kernel.registers - AdditionCode::kOtherRegisters, parts = ceilDiv(count, most);
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
  auto type = b.getFunctionType({planes.getType(), partial.getType()}, {});
  auto function = func::FuncOp::create(b, loc, (parent.getName() + "_sums").str(), type);
  for (int64_t number = 0; module.lookupSymbol(function.getName()) != function.getOperation(); ++number)
    function.setName((parent.getName() + "_sums" + std::to_string(number)).str());
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
  int64_t chunks = sums.chunks.size(), columns = static_cast<int64_t>(weights.size()) / outputs;
  SmallVector<SumPart> parts;
  AdditionCode code(addLanes(), kernel.registers);
  for (int64_t chunk = 0; chunk < chunks; ++chunk) {
    SumPart part{shareSums(weights, columns, sums.chunks[chunk], first, count), count,
                 [=](int64_t output) { return ((place + output) * chunks + chunk) * sumSize; }};
    code.add(part.terms, count, [&](int64_t column) { return placeIn(column); }, part.target);
    parts.push_back(std::move(part));
    if (chunk + 1 < chunks && code.size() < kMostInstructions)
      continue;
    func::FuncOp function = startFunction();
    func::CallOp::create(b, loc, function, ValueRange{planes, partial});
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(function.getBody().front().getTerminator());
    emulated ? emulateSums(function, parts) : writeSums(function, code);
    parts.clear();
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

void AddKernelEmitter::emulateSums(func::FuncOp function, ArrayRef<SumPart> parts) {
  auto type = VectorType::get({addLanes()}, b.getI16Type());
  auto loop = scf::ForOp::create(b, loc, index(0), index(together), index(addLanes()));
  b.setInsertionPointToStart(loop.getBody());
  Value at = loop.getInductionVar(), planes = function.getArgument(0), partial = function.getArgument(1);
  for (const SumPart &part : parts) {
    SmallVector<Value> results(part.count, arith::ConstantOp::create(b, loc, b.getZeroAttr(type)));
    for (const SharedTerm &term : part.terms) {
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
        for (int64_t o = 0; o < part.count; ++o) {
          if (added >> o & 1)
            results[o] = arith::AddIOp::create(b, loc, results[o], value);
          if (subtracted >> o & 1)
            results[o] = arith::SubIOp::create(b, loc, results[o], value);
        }
      }
    }
    for (auto [o, result] : llvm::enumerate(results))
      vector::StoreOp::create(b, loc, result, partial, add(at, part.target(o)));
  }
}

void AddKernelEmitter::expandResults(Value row, int64_t first, int64_t v, int64_t valid) {
  int64_t lanes = kernel.lanes, onTile = std::min(columns, lanes), chunks = sums.chunks.size();
  auto halves = VectorType::get({lanes}, b.getI16Type()), pairs = VectorType::get({2 * lanes}, b.getI16Type());
  auto accumulator = VectorType::get({lanes}, b.getI32Type());
  static constexpr DotKernel kPairs{"", DotKind::MultiplyAddPairs, 8, 2, 16, false, 16}, kWidePairs{"", DotKind::MultiplyAddPairs, 16, 2, 32, false, 16};
  Value channel = index(first + v * lanes);
  SmallVector<Value> others(op.getOthers().begin(), op.getOthers().end());
  Value start = op.getBias() ? loadLanes(b, loc, op.getBias(), channel, lanes, lanes)
                             : Value(arith::ConstantOp::create(b, loc, b.getZeroAttr(accumulator)));
  Epilogue epilogue(b, op, kernel, emulated, others, op.getInit(), columns);
  epilogue.addVector(channel, valid);
  forEach(band, [&](Value y) {
    forEach(ceilDiv(columns, onTile), [&](Value turn) {
      Value x = atMost(mul(turn, onTile), columns - onTile), place = add(mul(y, onRow), x);
      SmallVector<Value> results(onTile, start);
      auto chunkAt = [&](int64_t chunk) {
        SmallVector<Value> square;
        for (int64_t lane = 0; lane < lanes; ++lane)
          square.push_back(vector::LoadOp::create(b, loc, halves, partial, add(place, ((v * lanes + lane) * chunks + chunk) * sumSize)));
        return transposeSquare(b, loc, square);
      };
      auto factor = [&](int64_t chunk, int64_t lane) -> int16_t {
        return chunk < chunks && lane < valid ? static_cast<int16_t>(sums.chunks[chunk].factors[first + v * lanes + lane]) : int16_t(0);
      };
      SmallVector<int64_t> order;
      for (int64_t lane = 0; lane < lanes; ++lane)
        order.append({lane, lanes + lane});
      for (int64_t chunk = 0; chunk < chunks; chunk += 2) {
        SmallVector<int16_t> factors;
        for (int64_t lane = 0; lane < lanes; ++lane)
          factors.append({factor(chunk, lane), factor(chunk + 1, lane)});
        Value by = arith::ConstantOp::create(b, loc, DenseElementsAttr::get(pairs, ArrayRef<int16_t>(factors)));
        SmallVector<Value> even = chunkAt(chunk), odd = chunk + 1 < chunks ? chunkAt(chunk + 1) : even;
        for (int64_t p = 0; p < onTile; ++p) {
          Value both = vector::ShuffleOp::create(b, loc, even[p], odd[p], order);
          results[p] = buildDot(b, loc, lanes == 16 ? kWidePairs : kPairs, emulated, results[p], both, by);
        }
      }
      for (int64_t p = 0; p < onTile; ++p)
        epilogue.store(results[p], p, 0, {lead, add(row, y), add(x, p), channel});
      epilogue.flush();
    });
  });
}

std::string quantization::whyNoAdditions(fixed::ContractOp op) {
  if (op.getKernel().size() != 2 || op.getGroups() != 1 || cast<MemRefType>(op.getWeights().getType()).getDimSize(1) != 1)
    return "it is no convolution of two dimensions with one block of channels";
  if (!op->getParentOfType<func::FuncOp>() || !constantWeights(op))
    return "its weights are no constant of its function";
  if (!sumsOf(op, weightsOf(op)))
    return "its weights are not ternary";
  return "";
}

void quantization::expandAdditions(fixed::ContractOp op, const DotKernel &kernel, bool emulated) {
  AddKernelEmitter(op, kernel, emulated).expand();
}

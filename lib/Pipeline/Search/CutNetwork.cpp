//===- CutNetwork.cpp - a network in parts ----------------------*- C++ -*-===//
//
// This file cuts a network between its layers into functions that run one after the other. What is alive at a cut is the result of one and an
// input of others:
//
//   func @net(%x) { %0 = conv(%x); %1 = observe %0; %2 = conv(%1); return %2 }
// becomes, cut before the observer,
//   func @net(%x, %table) { %0 = conv(%x); return %0 }
//   func @net(%0, %table) { %1 = observe %0; %2 = conv(%1); return %2 }
//
//===----------------------------------------------------------------------===//

#include "CutNetwork.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Dialect/NN/NN.h"
#include "quantization/Tile/FormatTable.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace quantization;

namespace {

int64_t elementsOf(Value value) { return cast<RankedTensorType>(value.getType()).getNumElements(); }
bool isConstant(Operation *op) { return isa_and_nonnull<nn::ConstantOp>(op); }

class Cutter {
public:
  explicit Cutter(func::FuncOp function) : function(function) {
    for (Operation &op : function.getBody().front())
      if (!isConstant(&op))
        position[&op] = ops.size(), ops.push_back(&op);
  }

  std::vector<size_t> choose(int64_t passes, int64_t mostBytes);
  llvm::Expected<CutNetwork> cutAt(ArrayRef<size_t> cuts, int64_t tableRows);

private:
  func::FuncOp function;
  SmallVector<Operation *> ops; ///< all but constants, which go along with whoever reads them
  llvm::DenseMap<Operation *, size_t> position;

  /// About how many multiplications.
  double workOf(Operation *op) const;
  size_t madeAt(Value value) const { return isa<BlockArgument>(value) ? 0 : position.lookup(value.getDefiningOp()) + 1; }
  size_t lastUseOf(Value value) const {
    size_t last = 0;
    for (Operation *user : value.getUsers())
      last = std::max(last, position.lookup(user));
    return last;
  }
  /// Values made before the op at a position and read there or later, the network's inputs apart.
  SmallVector<Value> aliveAt(size_t place) const {
    SmallVector<Value> alive;
    for (Operation *op : ArrayRef(ops).take_front(place))
      for (Value value : op->getResults())
        if (lastUseOf(value) >= place)
          alive.push_back(value);
    return alive;
  }
};

} // namespace

double Cutter::workOf(Operation *op) const {
  double work = 0;
  for (Value result : op->getResults())
    work += elementsOf(result);
  auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
  if (!layer || layer.getWeightsIndex() < 0)
    return work;
  auto weights = cast<RankedTensorType>(layer->getOperand(layer.getWeightsIndex()).getType());
  return work * weights.getNumElements() / std::max<int64_t>(1, weights.getDimSize(layer.getWeightsChannelAxis()));
}

/// Greedily: the cut that saves most per byte, until memory or the gain is used up.
std::vector<size_t> Cutter::choose(int64_t passes, int64_t mostBytes) {
  size_t count = ops.size();
  std::vector<double> before(count + 1); // work
  std::vector<int64_t> changes(count);   // what candidates change there
  for (auto [i, op] : llvm::enumerate(ops)) {
    before[i + 1] = before[i] + workOf(op);
    auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
    changes[i] = isa<nn::ObserveOp>(op) || (layer && layer.getWeightsIndex() >= 0);
  }
  std::vector<SmallVector<Value>> alive(count);
  std::vector<bool> isPossible(count);
  for (size_t place = 1; place < count; ++place) {
    alive[place] = aliveAt(place);
    isPossible[place] = llvm::all_of(alive[place], [](Value value) { return cast<RankedTensorType>(value.getType()).getElementType().isF32(); });
  }
  constexpr double leastGain = 0.003; // of running all for every change: each cut is a copy of values, and code of its own
  double all = before[count] * std::accumulate(changes.begin(), changes.end(), int64_t(0));
  std::vector<size_t> cuts = {0, count};
  llvm::DenseSet<Value> kept;
  while (true) {
    size_t best = 0;
    double bestRate = 0;
    for (size_t place = 1; place < count; ++place) {
      auto next = llvm::lower_bound(cuts, place);
      if (!isPossible[place] || *next == place)
        continue;
      int64_t behind = std::accumulate(changes.begin() + place, changes.begin() + *next, int64_t(0)), bytes = 0;
      double gain = (before[place] - before[*std::prev(next)]) * behind;
      for (Value value : alive[place])
        bytes += kept.contains(value) ? 0 : elementsOf(value) * passes * static_cast<int64_t>(sizeof(float));
      double rate = gain / std::max<int64_t>(1, bytes);
      if (gain >= leastGain * all && bytes <= mostBytes && rate > bestRate)
        best = place, bestRate = rate;
    }
    if (best == 0)
      break;
    for (Value value : alive[best])
      if (kept.insert(value).second)
        mostBytes -= elementsOf(value) * passes * static_cast<int64_t>(sizeof(float));
    cuts.insert(llvm::lower_bound(cuts, best), best);
  }
  return {cuts.begin() + 1, cuts.end() - 1};
}

llvm::Expected<CutNetwork> Cutter::cutAt(ArrayRef<size_t> cuts, int64_t tableRows) {
  CutNetwork network;
  llvm::MapVector<Value, size_t> numbers;
  auto numberOf = [&](Value value) {
    auto [entry, isNew] = numbers.try_emplace(value, network.elements.size());
    if (isNew)
      network.elements.push_back(elementsOf(value));
    return entry->second;
  };
  for (BlockArgument argument : function.getArguments())
    numberOf(argument);
  auto module = function->getParentOfType<ModuleOp>();
  auto end = cast<func::ReturnOp>(ops.back());
  auto table = RankedTensorType::get({tableRows, FormatTable::kColumns}, Float32Type::get(module.getContext()));
  for (size_t number = 0, from = 0; number <= cuts.size(); ++number) {
    size_t to = number < cuts.size() ? cuts[number] : ops.size() - 1;
    bool isLast = number == cuts.size();
    llvm::SetVector<Value> reads, results;
    for (Operation *op : ArrayRef(ops).slice(from, to - from)) {
      for (Value value : op->getOperands())
        if (!isConstant(value.getDefiningOp()) && madeAt(value) <= from)
          reads.insert(value);
      for (Value value : op->getResults())
        if (!isLast && lastUseOf(value) >= to)
          results.insert(value);
    }
    if (isLast) // whoever made them
      for (Value value : end.getOperands()) {
        if (isConstant(value.getDefiningOp()))
          return llvm::createStringError("a result of the network is a constant, which no format changes");
        network.results.push_back(numberOf(value));
        if (madeAt(value) > from)
          results.insert(value);
      }
    CutNetwork::Part &part = network.parts.emplace_back();
    part.module = ModuleOp::create(module.getLoc());
    (*part.module)->setAttrs(module->getAttrs());
    OpBuilder builder = OpBuilder::atBlockEnd(part.module->getBody());
    SmallVector<Value> inputs(reads.begin(), reads.end()), outputs(results.begin(), results.end());
    SmallVector<Type> types(ValueRange(inputs).getTypes());
    types.push_back(table);
    auto type = builder.getFunctionType(types, ValueRange(outputs).getTypes());
    auto copy = func::FuncOp::create(builder, function.getLoc(), function.getName(), type);
    auto nameOf = [&](Value value) { return builder.getStringAttr("value" + std::to_string(numberOf(value))); };
    Block *body = copy.addEntryBlock();
    IRMapping mapping;
    for (auto [i, value] : llvm::enumerate(inputs)) {
      part.inputs.push_back(numberOf(value));
      copy.setArgAttr(i, "nn.name", nameOf(value));
      mapping.map(value, body->getArgument(i));
    }
    copy.setArgAttr(inputs.size(), "nn.name", builder.getStringAttr("formats"));
    for (auto [i, value] : llvm::enumerate(outputs)) {
      part.outputs.push_back(numberOf(value));
      copy.setResultAttr(i, "nn.name", nameOf(value));
    }
    builder.setInsertionPointToStart(body);
    for (Operation *op : ArrayRef(ops).slice(from, to - from)) {
      for (Value value : op->getOperands())
        if (isConstant(value.getDefiningOp()) && !mapping.contains(value))
          builder.clone(*value.getDefiningOp(), mapping);
      builder.clone(*op, mapping);
      if (auto observe = dyn_cast<nn::ObserveOp>(op))
        part.rows.push_back(observe->getAttrOfType<IntegerAttr>("nn.observer").getInt());
      else if (isLayer(op))
        part.layers.insert(nn::layerOf(op));
    }
    SmallVector<Value> returned;
    for (Value value : outputs)
      returned.push_back(mapping.lookup(value));
    func::ReturnOp::create(builder, end.getLoc(), returned);
    from = to;
  }
  return network;
}

llvm::Expected<CutNetwork> quantization::cutNetwork(ModuleOp network, int64_t tableRows, int64_t passes, int64_t mostBytes) {
  func::FuncOp function;
  for (auto candidate : network.getOps<func::FuncOp>())
    if (!candidate.isExternal())
      function = candidate;
  Cutter cutter(function);
  return cutter.cutAt(cutter.choose(passes, mostBytes), tableRows);
}

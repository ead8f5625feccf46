//===- NetworkCosts.cpp - widths and shapes of a network --------*- C++ -*-===//
//
// This file reads off a network what its costs follow from: multiplications and widths of layers, what lives when, and the layers as
// their author drew them.
//
//===----------------------------------------------------------------------===//

#include "quantization/Emit/NetworkCosts.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Format/NumberFormat.h"
#include "quantization/Format/QuantTypes.h"

using namespace mlir;
using namespace quantization;
using nn::QuantizableOpInterface;

static int64_t elementsOf(Value value) { return cast<RankedTensorType>(value.getType()).getNumElements(); }

//===----------------------------------------------------------------------===//
// Widths
//===----------------------------------------------------------------------===//

static FormatWidth widthOf(quant::QuantizedType type) {
  int64_t bits = type.getStorageTypeIntegralWidth();
  return {(type.isSigned() ? "int" : "uint") + std::to_string(bits), bits};
}

static FormatWidth widthOf(nn::PrecisionAttr precision) {
  llvm::Expected<FormatSpec> spec = FormatSpec::parse(precision.getFormat());
  if (!spec) {
    llvm::consumeError(spec.takeError());
    return {};
  }
  if (auto format = parseFormat(*spec))
    return {spec->name, (*format)->bits(), (*format)->cluster(), (*format)->factorBits(), (*format)->isAdditive()};
  else
    llvm::consumeError(format.takeError());
  return {spec->name, spec->bitsInName().value_or(kFloatBits)};
}

/// The width in which a layer reads `value`.
static FormatWidth widthAsRead(Value value) {
  while (true) {
    if (auto type = quantizedElement(value))
      return widthOf(type);
    Operation *op = value.getDefiningOp();
    if (auto constant = dyn_cast_or_null<nn::ConstantOp>(op))
      return constant.getPrecisionAttr() ? widthOf(constant.getPrecisionAttr()) : FormatWidth();
    if (auto observe = dyn_cast_or_null<nn::ObserveOp>(op)) {
      if (observe.getPrecisionAttr())
        return widthOf(observe.getPrecisionAttr());
      value = observe.getInput();
    } else if (auto dequantize = dyn_cast_or_null<nn::DequantizeOp>(op)) {
      value = dequantize.getInput();
    } else {
      return {};
    }
  }
}

/// What is stored of a layer's result: behind the clamp, the rounding and the observer that belong to it.
static Value storedValueOf(Value result) {
  while (!quantizedElement(result)) {
    Operation *next = nullptr, *layer = result.getDefiningOp();
    for (Operation *user : result.getUsers())
      if (isa<nn::ObserveOp, nn::QuantizeOp, fixed::RescaleOp>(user) || (layer && followerOf(layer) == user))
        next = next && next->isBeforeInBlock(user) ? next : user;
    if (!next || isa_and_nonnull<nn::ObserveOp>(layer))
      break;
    result = next->getResult(0);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Layers with weights
//===----------------------------------------------------------------------===//

static bool isTrained(Value weights) {
  Operation *op = weights.getDefiningOp();
  if (auto dequantize = dyn_cast_or_null<nn::DequantizeOp>(op))
    op = dequantize.getInput().getDefiningOp();
  return isa_and_nonnull<nn::ConstantOp>(op);
}

static LayerWork workOf(QuantizableOpInterface layer) {
  Operation *op = layer;
  Value weights = op->getOperand(layer.getWeightsIndex()), result = op->getResult(0);
  ArrayRef<int64_t> shape = nn::shapeOf(weights);
  int64_t axis = layer.getWeightsChannelAxis(), rank = shape.size();
  LayerWork work;
  work.layer = nn::layerOf(op).str();
  work.channels = shape[axis];
  work.positions = elementsOf(result) / work.channels;
  // Dimensions before a matrix number matrices.
  work.depth = axis == rank - 1 ? shape[axis - 1] : elementsOf(weights) / work.channels;
  work.inputs = axis == rank - 1 ? shape[axis - 1] : shape[1];
  if (auto conv = dyn_cast<nn::ConvOp>(op))
    work.groups = conv.getGroups();
  work.weights = isTrained(weights) ? elementsOf(weights) : 0;
  if (layer.getBiasIndex() >= 0)
    work.biases = elementsOf(op->getOperand(layer.getBiasIndex()));
  work.weight = widthAsRead(weights);
  work.input = widthAsRead(op->getOperand(0));
  work.result = widthAsRead(storedValueOf(result));
  // A layer computes in float as a whole or not at all.
  if (work.weight.format == "float" || work.input.format == "float")
    work.weight = work.input = FormatWidth();
  return work;
}

std::map<std::string, double> quantization::zeroSharesOf(ModuleOp observed) {
  std::map<std::string, double> shares;
  observed.walk([&](QuantizableOpInterface layer) {
    if (layer.getWeightsIndex() < 0)
      return;
    auto observe = layer->getOperand(0).getDefiningOp<nn::ObserveOp>();
    nn::StatisticsAttr statistics = observe ? observe.getStatisticsAttr() : nn::StatisticsAttr();
    if (statistics && statistics.getCount() > 0)
      shares[nn::layerOf(layer).str()] = static_cast<double>(statistics.getZeros()) / statistics.getCount();
  });
  return shares;
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// Whether the result is the operand in memory, under another shape or seen as float.
static bool isAlias(Operation *op) {
  auto layer = dyn_cast<QuantizableOpInterface>(op);
  return isa<nn::ObserveOp, nn::DequantizeOp>(op) || (layer && layer.keepsFormat() && op->hasTrait<nn::RowMajor>());
}

static void collectValues(func::FuncOp function, NetworkCosts &costs) {
  Block &body = function.getBody().front();
  DenseMap<Operation *, size_t> numbers;
  for (Operation &op : body) {
    numbers[&op] = costs.steps.size();
    costs.steps.push_back(nn::layerOf(&op).str());
  }
  std::function<size_t(Value)> lastUse = [&](Value value) {
    size_t last = 0;
    for (Operation *user : value.getUsers()) {
      last = std::max(last, numbers.lookup(user));
      if (isAlias(user))
        last = std::max(last, lastUse(user->getResult(0)));
    }
    return last;
  };
  auto add = [&](Value value, size_t first) {
    Value stored = storedValueOf(value);
    size_t last = std::max({first, lastUse(value), lastUse(stored)});
    int64_t bits = widthAsRead(stored).bits;
    costs.values.push_back({packedBytes(elementsOf(stored), bits), first, last});
  };
  for (BlockArgument argument : body.getArguments())
    add(argument, 0);
  for (Operation &op : body) {
    bool computes = isLayer(&op) || isa<fixed::FixedDialect>(op.getDialect());
    if (!computes || isa<fixed::RescaleOp>(op) || op.getNumResults() != 1 || isAlias(&op) || anchorOf(op.getResult(0)) != &op)
      continue;
    add(op.getResult(0), numbers[&op]);
  }
}

//===----------------------------------------------------------------------===//
// Sublayers
//===----------------------------------------------------------------------===//

static Sublayer sublayerOf(nn::SublayerAttr record) {
  Sublayer sublayer{record.getLayer().str(), record.getType().str(), {}, record.getIn(), record.getOut(), record.getWeights()};
  for (StringRef input : record.getInputs().getAsValueRange<StringAttr>())
    sublayer.inputs.push_back(input.str());
  return sublayer;
}

/// The layer whose work `value` is.
static std::string makerOf(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isAlias(op) && !isa<nn::QuantizeOp, fixed::RescaleOp>(op))
      break;
    value = op->getOperand(0);
  }
  return nn::layerOf(value);
}

/// What is left of the network, for IR that does not tell what it was made from.
static void collectSublayers(func::FuncOp function, NetworkCosts &costs) {
  for (Operation &op : function.getBody().front()) {
    if (!isLayer(&op) || isAlias(&op) || op.getNumResults() != 1)
      continue;
    Sublayer sublayer{nn::layerOf(&op).str(), op.getName().stripDialect().str(), {}, 0, elementsOf(op.getResult(0)), 0};
    for (auto [i, operand] : llvm::enumerate(op.getOperands())) {
      auto layer = dyn_cast<QuantizableOpInterface>(op);
      if (!isTrained(operand)) {
        sublayer.in += elementsOf(operand);
        sublayer.inputs.push_back(makerOf(operand));
      } else if (layer && static_cast<int64_t>(i) == layer.getWeightsIndex()) {
        sublayer.weights = elementsOf(operand);
      }
    }
    costs.sublayers.push_back(std::move(sublayer));
  }
}

NetworkCosts quantization::networkCostsOf(ModuleOp network, const std::map<std::string, double> &zeroShares) {
  NetworkCosts costs;
  if (auto record = network->getAttrOfType<ArrayAttr>("nn.sublayers")) {
    costs.asDrawn = true;
    for (auto sublayer : record.getAsRange<nn::SublayerAttr>())
      costs.sublayers.push_back(sublayerOf(sublayer));
  }
  for (auto function : network.getOps<func::FuncOp>()) {
    if (function.isExternal() || function.isPrivate())
      continue;
    function.walk([&](QuantizableOpInterface layer) {
      if (layer.getWeightsIndex() < 0)
        return;
      LayerWork &work = costs.layers.emplace_back(workOf(layer));
      if (auto share = zeroShares.find(work.layer); share != zeroShares.end())
        work.zeroShare = share->second;
    });
    collectValues(function, costs);
    if (!costs.asDrawn)
      collectSublayers(function, costs);
  }
  return costs;
}

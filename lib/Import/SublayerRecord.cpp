//===- SublayerRecord.cpp - the layers that the file has --------*- C++ -*-===//
//
// This file counts what each node reads and writes while nodes become layers.
//
//===----------------------------------------------------------------------===//

#include "SublayerRecord.h"
#include "mlir/IR/BuiltinOps.h"

using namespace mlir;
using namespace quantization;

/// Whether the value follows from constants, be it computed now or later.
bool SublayerRecord::isKnown(Value value) const {
  if (makers.lookup(value))
    return false;
  Operation *op = value.getDefiningOp();
  return op && llvm::all_of(op->getOperands(), [this](Value operand) { return isKnown(operand); });
}

static int64_t elementsOf(Value value) { return cast<RankedTensorType>(value.getType()).getNumElements(); }

/// Whether the layer does more than to give a value another shape or number format.
static bool isWork(Operation *op) {
  auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
  bool isReshape = layer && layer.keepsFormat() && op->hasTrait<nn::RowMajor>();
  return !isReshape && !isa<nn::ConstantOp, nn::QuantizeOp, nn::DequantizeOp>(op);
}

int64_t SublayerRecord::weightsOf(ArrayRef<Operation *> layers) const {
  int64_t count = 0;
  for (Operation *op : layers) {
    auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
    if (layer && layer.getWeightsIndex() >= 0 && isKnown(op->getOperand(layer.getWeightsIndex())))
      count += elementsOf(op->getOperand(layer.getWeightsIndex()));
  }
  return count;
}

SublayerRecord::SublayerRecord(func::FuncOp function) {
  for (BlockArgument argument : function.getArguments())
    makers[argument] = StringAttr::get(function.getContext(), nn::layerOf(argument));
}

void SublayerRecord::begin(nn::OnnxOp node) {
  inputs.clear();
  used.clear();
  in = 0;
  for (Value operand : node.getInputs()) {
    if (isKnown(operand))
      continue;
    in += elementsOf(operand);
    if (StringAttr maker = makers.lookup(operand); maker && !llvm::is_contained(inputs, maker))
      inputs.push_back(maker);
  }
  for (Value result : node.getOutputs())
    used.push_back(!result.use_empty());
}

void SublayerRecord::end(nn::OnnxOp node, const OpBinder &binder) {
  int64_t out = 0;
  for (auto [number, value] : binder.yielded())
    out += used[number] && !isKnown(value) ? elementsOf(value) : 0;
  bool isSublayer = in && out && (binder.isCountedAsLayer() || llvm::any_of(binder.layersMade(), isWork));
  StringAttr name = isSublayer ? node.getLayerAttr() : inputs.empty() ? StringAttr() : cast<StringAttr>(inputs.front());
  for (auto [number, value] : binder.yielded())
    makers[value] = name;
  if (isSublayer)
    sublayers.push_back(nn::SublayerAttr::get(node.getContext(), node.getLayer(), node.getType(),
                                              ArrayAttr::get(node.getContext(), inputs), in, out, weightsOf(binder.layersMade())));
}

void SublayerRecord::leaveOn(ModuleOp module) const {
  SmallVector<Attribute> all;
  if (auto before = module->getAttrOfType<ArrayAttr>("nn.sublayers"))
    llvm::append_range(all, before);
  llvm::append_range(all, sublayers);
  module->setAttr("nn.sublayers", ArrayAttr::get(module.getContext(), all));
}

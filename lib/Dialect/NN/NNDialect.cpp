//===- NNDialect.cpp - the nn dialect ---------------------------*- C++ -*-===//
//
// This file registers the layers and answers what every layer is asked: its name.
//
//===----------------------------------------------------------------------===//

#include "quantization/Dialect/NN/NN.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace quantization;

#include "quantization/Dialect/NN/NNDialect.cpp.inc"
#include "quantization/Dialect/NN/NNEnums.cpp.inc"
#include "quantization/Dialect/NN/NNInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "quantization/Dialect/NN/NNAttributes.cpp.inc"

void nn::NNDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "quantization/Dialect/NN/NNAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "quantization/Dialect/NN/NNOps.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Discardable attributes
//===----------------------------------------------------------------------===//

LogicalResult nn::NNDialect::verifyOperationAttribute(Operation *op, NamedAttribute attribute) {
  StringRef name = attribute.getName();
  Attribute value = attribute.getValue();
  auto check = [&](bool placed, bool typed, StringRef expected) -> LogicalResult {
    return placed && typed ? success() : op->emitError() << "'" << name << "' is " << expected << ", but found " << value;
  };
  bool onModule = isa<ModuleOp>(op), onLayer = isa<QuantizableOpInterface>(op);
  if (name == "nn.exact")
    return check(onLayer, isa<UnitAttr>(value), "a unit attribute of a layer that has integer forms");
  if (name == "nn.mean" || name == "nn.deviation")
    return check(onLayer, isa<DenseF64ArrayAttr>(value), "an array of f64 on a layer that has integer forms");
  if (name == "nn.corrections") {
    auto list = dyn_cast<ArrayAttr>(value);
    return check(onModule, list && llvm::all_of(list, llvm::IsaPred<StringAttr>), "an array of names on the module");
  }
  if (name == "nn.why_float")
    return check(isa<NNDialect>(op->getDialect()), isa<StringAttr>(value), "a string on a layer");
  if (name == "nn.observer")
    return check(isa<ObserveOp>(op), isa<IntegerAttr>(value), "an integer on an nn.observe");
  if (name == "nn.order") // of an observed value's dimensions in memory
    return check(isa<FunctionOpInterface>(op), isa<DenseI64ArrayAttr>(value), "an array of integers on a function");
  if (name == "nn.model_file" || name == "nn.model_hash")
    return check(onModule, isa<StringAttr>(value), "a string on the module");
  if (name == "nn.arena_bytes")
    return check(onModule, isa<IntegerAttr>(value), "an integer on the module");
  if (name == "nn.sublayers") {
    auto list = dyn_cast<ArrayAttr>(value);
    return check(onModule, list && llvm::all_of(list, llvm::IsaPred<SublayerAttr>), "an array of #nn.sublayer on the module");
  }
  if (name == "nn.inputs" || name == "nn.outputs")
    return check(onModule, isa<ArrayAttr>(value), "an array on the module");
  return op->emitError() << "unknown attribute '" << name << "'";
}

LogicalResult nn::SublayerAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, StringRef layer, StringRef,
                                       ArrayAttr inputs, int64_t in, int64_t out, int64_t weights) {
  if (layer.empty())
    return emitError() << "expected a sublayer with a name";
  if (!inputs || !llvm::all_of(inputs, llvm::IsaPred<StringAttr>))
    return emitError() << "expected the inputs of sublayer \"" << layer << "\" as names";
  if (in < 0 || out < 0 || weights < 0)
    return emitError() << "expected counts of sublayer \"" << layer << "\" that are not negative";
  return success();
}

/// What arguments and results of the network carry.
static LogicalResult verifyInterface(Operation *op, NamedAttribute attribute) {
  if (attribute.getName() != "nn.name" && attribute.getName() != "nn.layer")
    return op->emitError() << "unknown attribute '" << attribute.getName().getValue() << "' of an argument or result";
  if (!isa<StringAttr>(attribute.getValue()))
    return op->emitError() << "'" << attribute.getName().getValue() << "' is a string, but found " << attribute.getValue();
  return success();
}
LogicalResult nn::NNDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned, NamedAttribute attribute) {
  return verifyInterface(op, attribute);
}
LogicalResult nn::NNDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned, NamedAttribute attribute) {
  return verifyInterface(op, attribute);
}

StringRef nn::layerOf(Operation *op) {
  if (auto layer = op->getAttrOfType<StringAttr>("layer"))
    return layer.getValue();
  return "";
}

std::string nn::layerOf(Value value) {
  if (Operation *op = value.getDefiningOp())
    return layerOf(op).str();
  auto argument = cast<BlockArgument>(value);
  if (auto function = dyn_cast<FunctionOpInterface>(argument.getOwner()->getParentOp()))
    if (auto name = function.getArgAttrOfType<StringAttr>(argument.getArgNumber(), "nn.name"))
      return name.str();
  return "input" + std::to_string(argument.getArgNumber());
}

bool nn::asksForPacking(Operation *op) {
  auto storage = op->getAttrOfType<StringAttr>("storage");
  return storage && storage.getValue() == "packed";
}

void nn::askForPacking(Operation *op) { op->setAttr("storage", StringAttr::get(op->getContext(), "packed")); }

bool nn::isQuantized(Operation *network) {
  // Constants may be codes in a float network, too: weights that were only stored so.
  auto found = network->walk([](Operation *op) {
    auto dequantize = dyn_cast<DequantizeOp>(op);
    bool isValue = isa<QuantizeOp>(op) || (dequantize && !dequantize.getInput().getDefiningOp<ConstantOp>());
    return isValue ? WalkResult::interrupt() : WalkResult::advance();
  });
  return found.wasInterrupted();
}

int64_t nn::windowCount(int64_t size, int64_t kernel, int64_t stride, int64_t padLow, int64_t padHigh, int64_t dilation,
                        bool ceil) {
  int64_t span = size + padLow + padHigh - (dilation * (kernel - 1) + 1);
  if (span < 0)
    return 0;
  int64_t count = (ceil ? (span + stride - 1) / stride : span / stride) + 1;
  // ONNX: the last window must start inside the input or its left padding.
  if (ceil && (count - 1) * stride >= size + padLow)
    --count;
  return count;
}

Rounding quantization::nn::roundingOf(RoundingMode mode) {
  switch (mode) {
  case RoundingMode::HalfEven:
    return Rounding::HalfEven;
  case RoundingMode::HalfAway:
    return Rounding::HalfAway;
  case RoundingMode::HalfUp:
    return Rounding::HalfUp;
  case RoundingMode::Truncate:
    return Rounding::Truncate;
  case RoundingMode::Sign:
    return Rounding::Sign;
  }
  llvm_unreachable("unknown rounding mode");
}

nn::RoundingMode quantization::nn::modeOf(Rounding rounding) {
  switch (rounding) {
  case Rounding::HalfEven:
    return RoundingMode::HalfEven;
  case Rounding::HalfAway:
    return RoundingMode::HalfAway;
  case Rounding::HalfUp:
    return RoundingMode::HalfUp;
  case Rounding::Truncate:
    return RoundingMode::Truncate;
  case Rounding::Sign:
    return RoundingMode::Sign;
  case Rounding::Floor:
    break;
  }
  llvm_unreachable("no op rounds down");
}

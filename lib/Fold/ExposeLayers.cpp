//===- ExposeLayers.cpp - every layer's value an output ---------*- C++ -*-===//
//
// This file makes the values between layers visible to whoever checks a network layer by layer:
//
//   %q = nn.quantize %y : !a8         mode=outputs    return ..., %q                (result "y")
//   %z = nn.dequantize %q             mode=isolated   func(..., %given: !a8), return ..., %q; readers of %q read %given
//   return %z
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "quantization/Dialect/NN/NN.h"
#include "quantization/Fold/Passes.h"
#include "quantization/Format/QuantTypes.h"
#include "llvm/ADT/StringSet.h"

namespace quantization {
#define GEN_PASS_DEF_EXPOSELAYERS
#include "quantization/Fold/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

namespace {

struct ExposeLayersPass : quantization::impl::ExposeLayersBase<ExposeLayersPass> {
  using ExposeLayersBase::ExposeLayersBase;

  void runOnOperation() override {
    if (mode != "outputs" && mode != "isolated") {
      getOperation()->emitError() << "mode must be outputs or isolated, not \"" << mode << "\"";
      return signalPassFailure();
    }
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal())
        expose(function);
  }

  /// The ONNX node behind a value: the last name of its location, since a folded layer stands for all it has absorbed.
  static std::string nodeBehind(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value))
      return nn::layerOf(value);
    std::string name = nn::layerOf(value);
    value.getLoc()->walk([&](Location loc) {
      if (auto named = dyn_cast<NameLoc>(loc))
        name = named.getName().str();
      return WalkResult::advance();
    });
    return name;
  }

  void expose(func::FuncOp function) {
    OpBuilder builder(function.getContext());
    Block &body = function.getBody().front();
    Operation *terminator = body.getTerminator();
    auto name = builder.getStringAttr("nn.name"), layerName = builder.getStringAttr("nn.layer");

    // A layer's value: what was quantized, or an f32 result that nothing quantizes.
    SmallVector<std::pair<Value, Value>> values; // exposed, and the value whose node names it
    for (Operation &op : body) {
      if (auto quantize = dyn_cast<nn::QuantizeOp>(op))
        values.push_back({quantize.getResult(), quantize.getInput()});
      else if (isa<nn::NNDialect>(op.getDialect()) && op.getNumResults() == 1 && op.getNumOperands() && nn::isF32(op.getResult(0)) &&
               nn::isF32(op.getOperand(0)) && mode == "outputs" &&
               llvm::none_of(op.getUsers(), [](Operation *user) { return isa<nn::QuantizeOp>(user); }) && !feedsOnlyClamp(op))
        values.push_back({op.getResult(0), op.getResult(0)});
    }
    for (auto [value, named] : values) {
      ++numExposed;
      std::string node = nodeBehind(named), layer = nn::layerOf(value);
      if (mode == "isolated") {
        auto index = function.getNumArguments();
        if (failed(function.insertArgument(index, value.getType(), {}, value.getLoc())))
          return signalPassFailure();
        function.setArgAttr(index, name, builder.getStringAttr(layer));
        function.setArgAttr(index, layerName, builder.getStringAttr(node));
        value.replaceAllUsesWith(function.getArgument(index));
      }
      terminator->insertOperands(terminator->getNumOperands(), value);
      auto index = function.getNumResults();
      if (failed(function.insertResult(index, value.getType(), {})))
        return signalPassFailure();
      function.setResultAttr(index, name, builder.getStringAttr(layer));
      function.setResultAttr(index, layerName, builder.getStringAttr(node));
    }
  }

  static bool feedsOnlyClamp(Operation &op) {
    if (!op.hasOneUse())
      return false;
    auto user = dyn_cast<nn::QuantizableOpInterface>(*op.getUsers().begin());
    return user && user.getClampRange();
  }
};

} // namespace

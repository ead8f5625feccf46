//===- ConvertONNXToNN.cpp - every ONNX node becomes a layer ----*- C++ -*-===//
//
// This file walks the nodes in order, so that the shapes of a node's operands are known when its layers are made:
//
//   %1 = nn.onnx %x {type = "Flatten", node_attributes = {axis = 1 : i64}, ...} : (tensor<1x2x3xf32>) -> tensor<*xf32>
//   %2 = nn.onnx %1 {type = "Relu", ...} : (tensor<*xf32>) -> tensor<*xf32>
// becomes
//   %1 = nn.reshape %x {layer = "Flatten_0"} : (tensor<1x2x3xf32>) -> tensor<1x6xf32>
//   %2 = nn.clamp %1 {max = 0x7F800000 : f32, min = 0.0 : f32, layer = "Relu_1"} : (tensor<1x6xf32>) -> tensor<1x6xf32>
//
//===----------------------------------------------------------------------===//

#include "OpBinder.h"
#include "QOperators.h"
#include "SublayerRecord.h"
#include "quantization/Dialect/NN/NN.h"
#include "quantization/Import/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include <map>

namespace quantization {
#define GEN_PASS_DEF_CONVERTONNXTONN
#include "quantization/Import/Passes.h.inc"
} // namespace quantization

using namespace mlir;
using namespace quantization;

/// Definitions of opsets above this one may have changed.
constexpr int64_t kNewestOpset = 26;
/// Nodes named per unsupported operator.
constexpr size_t kNodesNamed = 8;

static bool hasStaticShape(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return isa<NoneType>(value.getType()) || (type && type.hasStaticShape());
}

/// Erases what nobody uses; a backward walk sees users first.
static void eraseUnused(Block &body) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(body)))
    if (isa<nn::NNDialect>(op.getDialect()) && op.use_empty())
      op.erase();
}

namespace {
struct ConvertONNXToNN : quantization::impl::ConvertONNXToNNBase<ConvertONNXToNN> {
  using ConvertONNXToNNBase::ConvertONNXToNNBase;

  LogicalResult initialize(MLIRContext *) override {
    registerAllOps(registry);
    return success();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    file.clear();
    unsupported.clear();
    if (auto name = module->getAttrOfType<StringAttr>("nn.model_file"))
      file = name.str() + ": ";
    bool ok = true;
    for (auto function : module.getOps<func::FuncOp>())
      if (!function.isExternal())
        ok &= succeeded(convert(function));
    if (!unsupported.empty())
      reportUnsupported(module);
    if (!ok || !unsupported.empty())
      signalPassFailure();
  }

private:
  LogicalResult convert(func::FuncOp function);
  LogicalResult convertNodes(Block &body, LayerNames &names, SublayerRecord &record);
  LogicalResult finish(func::FuncOp function);
  void reportUnsupported(ModuleOp module);

  OpRegistry registry;
  std::string file; // "model.onnx: ", where the module says which
  std::map<std::string, SmallVector<std::string>> unsupported; // nodes by operator
};
} // namespace

LogicalResult ConvertONNXToNN::convert(func::FuncOp function) {
  if (!llvm::hasSingleElement(function.getBody()))
    return function.emitError() << file << "a network must be one block";
  Block &body = function.getBody().front();
  for (Operation &op : body.without_terminator())
    if (!isa<nn::NNDialect>(op.getDialect()))
      return op.emitError() << file << "expected only layers in a network but found '" << op.getName() << "'";
  LayerNames names;
  for (BlockArgument argument : body.getArguments()) {
    std::string name = nn::layerOf(argument);
    if (!hasStaticShape(argument) || !nn::isF32(argument))
      return emitError(function.getLoc()) << file << "input \"" << name << "\" has type " << argument.getType()
                                          << "; only f32 tensors of a static shape can be inputs";
    names.take(name);
  }
  eraseUnused(body);
  for (Operation &op : body)
    if (!isa<nn::ConstantOp, nn::QuantizeOp, nn::DequantizeOp>(op)) // those carry the names of others
      names.take(nn::layerOf(&op));
  SublayerRecord record(function);
  if (failed(expandQOperators(body, file)) || failed(convertNodes(body, names, record)))
    return failure();
  if (recordSublayers)
    record.leaveOn(getOperation());
  return unsupported.empty() ? finish(function) : failure();
}

/// All nodes are looked at, so that one run reports all that is wrong; a node behind a wrong one has no shapes and only says
/// whether it is supported at all.
LogicalResult ConvertONNXToNN::convertNodes(Block &body, LayerNames &names, SublayerRecord &record) {
  bool ok = true, warned = false;
  for (auto node : llvm::make_early_inc_range(body.getOps<nn::OnnxOp>())) {
    StringRef domain = node.getDomain() == "ai.onnx" ? "" : node.getDomain();
    auto version = static_cast<int64_t>(node.getVersion());
    const BuildFunction *build = domain.empty() ? registry.lookup(node.getType(), version) : nullptr;
    if (!build) {
      std::string name = (domain.empty() ? "" : domain + ".").str() + node.getType().str();
      if (domain.empty() && registry.knows(node.getType()))
        name += " of opset " + std::to_string(version);
      unsupported[name].push_back(node.getLayer().str());
      continue;
    }
    if (domain.empty() && version > kNewestOpset && !std::exchange(warned, true))
      node.emitWarning() << file << "opset " << version << " is newer than " << kNewestOpset << ", the newest one known here";
    if (!llvm::all_of(node.getInputs(), hasStaticShape))
      continue;
    OpBuilder builder(node);
    OpBinder binder(node, builder, names, file);
    record.begin(node);
    if (failed(binder.run(*build))) {
      ok = false;
      continue;
    }
    record.end(node, binder);
    ++(binder.madeLayers() ? numConverted : numFolded);
    node.erase();
  }
  return success(ok);
}

/// Drops what conversion has left over, names constants and fixes the function's type.
LogicalResult ConvertONNXToNN::finish(func::FuncOp function) {
  Block &body = function.getBody().front();
  eraseUnused(body);
  LayerNames names;
  for (BlockArgument argument : body.getArguments())
    names.take(nn::layerOf(argument));
  for (Operation &op : body)
    if (!isa<nn::ConstantOp, nn::QuantizeOp, nn::DequantizeOp>(op)) // those carry the names of others
      names.take(nn::layerOf(&op));
  for (auto constant : body.getOps<nn::ConstantOp>())
    constant.setLayer(names.unique(constant.getLayer()));

  Operation *terminator = body.getTerminator();
  for (auto [i, value] : llvm::enumerate(terminator->getOperands())) {
    if (nn::isF32(value))
      continue;
    auto name = function.getResultAttrOfType<StringAttr>(i, "nn.name");
    return emitError(function.getLoc()) << file << "output \"" << (name ? name.str() : std::to_string(i)) << "\" has type "
                                        << value.getType() << "; only f32 tensors can be outputs";
  }
  function.setType(FunctionType::get(&getContext(), body.getArgumentTypes(), terminator->getOperandTypes()));
  return success();
}

void ConvertONNXToNN::reportUnsupported(ModuleOp module) {
  InFlightDiagnostic error = emitError(module.getLoc());
  error << file << unsupported.size() << (unsupported.size() == 1 ? " operator is" : " operators are") << " not supported: ";
  for (auto [i, entry] : llvm::enumerate(unsupported)) {
    auto &[name, nodes] = entry;
    error << (i ? ", " : "") << name << " (" << nodes.size() << (nodes.size() == 1 ? " node: " : " nodes: ");
    for (auto [j, node] : llvm::enumerate(ArrayRef(nodes).take_front(kNodesNamed)))
      error << (j ? ", " : "") << "\"" << node << "\"";
    error << (nodes.size() > kNodesNamed ? ", ...)" : ")");
  }
}

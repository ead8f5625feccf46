//===- OnnxExport.cpp - a network as an ONNX file ---------------*- C++ -*-===//
//
// This file names the tensors of a network, decides whether its batch can vary, and writes the ONNX file around its layers.
//
//===----------------------------------------------------------------------===//

#include "quantization/Emit/OnnxExport.h"
#include "OnnxWriter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "quantization/Format/QuantTypes.h"
#include <climits>

using namespace mlir;
using namespace quantization;
using llvm::Error;

//===----------------------------------------------------------------------===//
// The graph under construction
//===----------------------------------------------------------------------===//

std::string OnnxWriter::unique(llvm::StringSet<> &taken, const std::string &wanted) {
  std::string name = wanted;
  for (unsigned i = 1; !taken.insert(name).second; ++i)
    name = wanted + "_" + std::to_string(i);
  return name;
}

std::vector<std::string> OnnxWriter::namesOf(ValueRange values) {
  std::vector<std::string> result;
  for (Value value : values)
    result.push_back(nameOf(value));
  return result;
}

onnx::NodeProto &OnnxWriter::addNode(StringRef type, const std::string &name, const std::vector<std::string> &inputs,
                                     const std::string &output) {
  onnx::NodeProto &node = *graph.add_node();
  node.set_op_type(type.str());
  node.set_name(name);
  for (const std::string &input : inputs)
    node.add_input(input);
  node.add_output(output);
  return node;
}

onnx::NodeProto &OnnxWriter::addLayer(Operation *op, StringRef type, const std::vector<std::string> &more) {
  std::vector<std::string> inputs = namesOf(op->getOperands());
  inputs.insert(inputs.end(), more.begin(), more.end());
  return addNode(type, nn::layerOf(op).str(), inputs, nameOf(op->getResult(0)));
}

void OnnxWriter::addTensor(const std::string &name, int32_t type, ArrayRef<int64_t> shape, ArrayRef<char> bytes) {
  onnx::TensorProto &tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(type);
  for (int64_t size : shape)
    tensor.add_dims(size);
  tensor.set_raw_data(bytes.data(), bytes.size());
}

static onnx::AttributeProto &addAttribute(onnx::NodeProto &node, const char *name, onnx::AttributeProto::AttributeType type) {
  onnx::AttributeProto &attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}
void quantization::addAttribute(onnx::NodeProto &node, const char *name, int64_t value) {
  ::addAttribute(node, name, onnx::AttributeProto::INT).set_i(value);
}
void quantization::addAttribute(onnx::NodeProto &node, const char *name, float value) {
  ::addAttribute(node, name, onnx::AttributeProto::FLOAT).set_f(value);
}
void quantization::addAttribute(onnx::NodeProto &node, const char *name, const char *value) {
  ::addAttribute(node, name, onnx::AttributeProto::STRING).set_s(value);
}
void quantization::addAttribute(onnx::NodeProto &node, const char *name, ArrayRef<int64_t> values) {
  onnx::AttributeProto &attribute = ::addAttribute(node, name, onnx::AttributeProto::INTS);
  for (int64_t value : values)
    attribute.add_ints(value);
}

Error quantization::onnxError(Operation *op, const Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), "layer \"" + nn::layerOf(op) + "\": " + message);
}

//===----------------------------------------------------------------------===//
// Before the layers: what can be written, the batch, the names
//===----------------------------------------------------------------------===//

static bool movesFormats(Operation *op) { return isa<nn::QuantizeOp, nn::DequantizeOp, nn::ConstantOp>(op); }

/// Every op has an ONNX form, and all arithmetic is in f32.
static Error checkForm(func::FuncOp network) {
  for (Operation &op : network.getBody().front().without_terminator()) {
    if (!findOnnxLayer(&op))
      return onnxError(&op, "ONNX has no form for '" + op.getName().getStringRef() + "'; export the simulated form");
    if (movesFormats(&op))
      continue;
    for (Value value : llvm::concat<Value>(SmallVector<Value>(op.getOperands()), SmallVector<Value>(op.getResults())))
      if (!nn::isF32(value))
        return onnxError(&op, "it works on integers already; export the simulated form");
  }
  auto check = [&](TypeRange types, StringRef what) -> Error {
    for (auto [i, type] : llvm::enumerate(types)) {
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (!tensor || !tensor.getElementType().isF32() || !tensor.hasStaticShape())
        return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                       what + " " + Twine(i) + " of the network is no f32 tensor of static shape");
    }
    return Error::success();
  };
  if (Error error = check(network.getArgumentTypes(), "input"))
    return error;
  return check(network.getResultTypes(), "output");
}

/// The values with a batch of 1 in front, where that could be any other number; none where some layer mixes samples.
static BatchedValues findBatched(func::FuncOp network) {
  BatchedValues batched;
  auto leadsWithOne = [](Value value) { return !nn::shapeOf(value).empty() && nn::shapeOf(value)[0] == 1; };
  for (Value argument : network.getArguments()) {
    if (!leadsWithOne(argument))
      return {};
    batched.insert(argument);
  }
  for (Operation &op : network.getBody().front().without_terminator()) {
    if (llvm::none_of(op.getOperands(), [&](Value value) { return batched.contains(value); }))
      continue;
    if (!leadsWithOne(op.getResult(0)) || !findOnnxLayer(&op)->keepsBatch(&op, batched))
      return {};
    batched.insert(op.getResult(0));
  }
  return batched;
}

static std::string outputName(func::FuncOp network, unsigned index) {
  if (auto name = network.getResultAttrOfType<StringAttr>(index, "nn.name"))
    return name.str();
  return "output" + std::to_string(index);
}

/// Names all values, the network's inputs and outputs first; returns the names of the outputs. An input, a constant or a
/// value that is returned twice keeps a name of its own.
static std::vector<std::string> nameValues(func::FuncOp network, OnnxWriter &writer) {
  for (Value argument : network.getArguments())
    writer.nameOf(argument) = writer.tensorName(nn::layerOf(argument));
  std::vector<std::string> outputs;
  for (auto [i, value] : llvm::enumerate(network.getBody().front().getTerminator()->getOperands())) {
    outputs.push_back(writer.tensorName(outputName(network, i)));
    if (writer.nameOf(value).empty() && !value.getDefiningOp<nn::ConstantOp>())
      writer.nameOf(value) = outputs.back();
  }
  for (bool plain : {false, true}) // names of integers are what a comparison looks up, so they go first
    for (Operation &op : network.getBody().front().without_terminator()) {
      Value value = op.getResult(0);
      const char *suffix = quantizedElement(value) ? "_quantized" : isa<nn::DequantizeOp>(op) ? "_dequantized" : "";
      if (plain == !*suffix && writer.nameOf(value).empty())
        writer.nameOf(value) = writer.tensorName(nn::layerOf(&op).str() + suffix);
    }
  for (Operation &op : network.getBody().front().without_terminator())
    if (!movesFormats(&op))
      writer.nodeName(nn::layerOf(&op).str());
  return outputs;
}

//===----------------------------------------------------------------------===//
// The file
//===----------------------------------------------------------------------===//

static void describe(onnx::ValueInfoProto &info, const std::string &name, ArrayRef<int64_t> shape, bool batched) {
  info.set_name(name);
  onnx::TypeProto::Tensor &type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  type.mutable_shape();
  for (auto [i, size] : llvm::enumerate(shape)) {
    auto &dimension = *type.mutable_shape()->add_dim();
    if (i == 0 && batched)
      dimension.set_dim_param("N");
    else
      dimension.set_dim_value(size);
  }
}

/// The lowest IR version that has `opset`.
static int64_t irVersion(int64_t opset) { return opset >= 21 ? 10 : opset >= 19 ? 9 : 8; }

Error quantization::exportOnnxQdq(ModuleOp simulated, llvm::raw_ostream &os) {
  auto functions = simulated.getOps<func::FuncOp>();
  if (!llvm::hasSingleElement(functions) || !llvm::hasSingleElement((*functions.begin()).getBody()))
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   "expected a module with one function, the network; export the simulated form");
  func::FuncOp network = *functions.begin();
  if (Error error = checkForm(network))
    return error;

  onnx::ModelProto model;
  model.set_producer_name("quantization-opt");
  onnx::GraphProto &graph = *model.mutable_graph();
  graph.set_name(network.getName().str());
  OnnxWriter writer(graph);
  writer.batched = findBatched(network);
  std::vector<std::string> outputs = nameValues(network, writer);

  for (Value argument : network.getArguments())
    describe(*graph.add_input(), writer.nameOf(argument), nn::shapeOf(argument), writer.batched.contains(argument));
  for (Operation &op : network.getBody().front().without_terminator())
    if (Error error = findOnnxLayer(&op)->write(writer, &op))
      return error;
  for (auto [value, output] : llvm::zip(network.getBody().front().getTerminator()->getOperands(), outputs)) {
    if (writer.nameOf(value) != output)
      writer.addNode("Identity", writer.nodeName(output), {writer.nameOf(value)}, output);
    describe(*graph.add_output(), output, nn::shapeOf(value), writer.batched.contains(value));
  }

  model.set_ir_version(irVersion(writer.opset));
  onnx::OperatorSetIdProto &opset = *model.add_opset_import();
  opset.set_domain("");
  opset.set_version(writer.opset);
  std::string bytes;
  if (model.ByteSizeLong() > INT_MAX || !model.SerializeToString(&bytes))
    return llvm::createStringError(llvm::inconvertibleErrorCode(), "the network is larger than the 2 GiB of an ONNX file");
  os << bytes;
  return Error::success();
}

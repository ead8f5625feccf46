//===- OnnxImporter.cpp - ONNX files become IR ------------------*- C++ -*-===//
//
// This file turns an ONNX graph into `nn.onnx` ops. It knows no operator: it gives every layer a name of its own and every
// input a static shape.
//
//===----------------------------------------------------------------------===//

#include "quantization/Import/OnnxImporter.h"
#include "LayerNames.h"
#include "OnnxGraph.h"
#include "OnnxTensors.h"
#include "quantization/Dialect/NN/NN.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <thread>

using namespace mlir;
using namespace quantization;

static llvm::Error refuse(const llvm::Twine &message) { return llvm::createStringError(message); }
static std::string quoted(StringRef name) { return ("\"" + name + "\"").str(); }

static std::string identifier(StringRef name) {
  std::string result;
  for (char c : name)
    result += llvm::isAlnum(c) ? c : '_';
  if (result.empty())
    return "network";
  return llvm::isDigit(result[0]) ? "_" + result : result;
}

namespace {
class Importer {
public:
  /// `wasRead` is called when nothing of the file is needed any more.
  Importer(llvm::MemoryBufferRef file, const ImportOptions &options, MLIRContext &context, llvm::function_ref<void()> wasRead)
      : file(file), options(options), context(context), wasRead(wasRead), builder(&context),
        tensors(&context, llvm::sys::path::parent_path(file.getBufferIdentifier()), hash) {}

  llvm::Expected<OwningOpRef<ModuleOp>> run();

private:
  void nameLayers();
  llvm::Error chooseInputs();
  llvm::Error chooseShape(const onnx::ValueInfoProto &input, SmallVectorImpl<std::string> &open);
  llvm::Expected<Value> valueOf(const std::string &name);
  llvm::Error buildNode(int index);
  llvm::Expected<DictionaryAttr> attributesOf(const onnx::NodeProto &node);
  llvm::Expected<Attribute> attributeOf(const onnx::AttributeProto &attribute, const std::string &what);
  StringAttr text(StringRef s) { return builder.getStringAttr(s); }
  Location at(StringRef layer) { return NameLoc::get(text(layer)); }

  llvm::MemoryBufferRef file;
  const ImportOptions &options;
  MLIRContext &context;
  llvm::function_ref<void()> wasRead;
  OpBuilder builder;
  llvm::SHA256 hash;
  OnnxTensorReader tensors;

  OnnxGraph graph;
  llvm::StringMap<int64_t> namedDimensions; // by dim_param, from --shape
  SmallVector<Type> inputTypes;
  std::vector<std::string> layers; // by node index
  LayerNames names;
  llvm::StringMap<Value> values;
  Value none;
};
} // namespace

/// A node's layer is called after the node, else after its first output. Inputs keep their names; names that nodes have of
/// their own come before those that are made up.
void Importer::nameLayers() {
  for (const auto *input : graph.inputs)
    names.take(input->name());
  layers.resize(graph.proto().node_size());
  for (int i : graph.order)
    if (!graph.node(i).name().empty() && names.take(graph.node(i).name()))
      layers[i] = graph.node(i).name();
  for (int i : graph.order) {
    const auto &node = graph.node(i);
    if (!layers[i].empty())
      continue;
    auto output = llvm::find_if(node.output(), [](const std::string &name) { return !name.empty(); });
    bool named = !node.name().empty() || output != node.output().end();
    layers[i] = names.unique(!named ? node.op_type() : node.name().empty() ? *output : node.name());
  }
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

llvm::Error Importer::chooseInputs() {
  for (const auto &[name, shape] : options.shapes) {
    auto input = llvm::find_if(graph.inputs, [&, wanted = &name](const auto *info) { return info->name() == *wanted; });
    if (input == graph.inputs.end()) {
      auto known = llvm::map_range(graph.inputs, [](const auto *info) { return quoted(info->name()); });
      return refuse("--shape names " + quoted(name) + ", but the network's inputs are " + llvm::join(known, ", "));
    }
    if (llvm::any_of(shape, [](int64_t d) { return d < 1; }))
      return refuse("--shape=" + name + ": dimensions must be positive");
    // A dimension's name means one size throughout the model.
    const auto &dims = (*input)->type().tensor_type().shape();
    for (auto [dim, size] : llvm::zip(dims.dim(), shape))
      if (!dim.dim_param().empty())
        namedDimensions.try_emplace(dim.dim_param(), size);
  }
  SmallVector<std::string> open;
  for (const auto *input : graph.inputs)
    if (llvm::Error error = chooseShape(*input, open))
      return error;
  if (!open.empty())
    return refuse("sizes are missing: " + llvm::join(open, "; "));
  return llvm::Error::success();
}

llvm::Error Importer::chooseShape(const onnx::ValueInfoProto &input, SmallVectorImpl<std::string> &open) {
  std::string what = "input " + quoted(input.name());
  if (!input.type().has_tensor_type())
    return refuse(what + ": only tensors can be inputs");
  const auto &type = input.type().tensor_type();
  Type element = elementTypeOfOnnx(type.elem_type(), &context);
  if (!element)
    return refuse(what + ": element type " + onnxTypeName(type.elem_type()) + " is not supported");
  auto given = options.shapes.find(input.name());
  bool isGiven = given != options.shapes.end();
  if (!type.has_shape() && !isGiven) {
    open.push_back(what + " has no shape (give --shape=" + input.name() + "=1x...)");
    return llvm::Error::success();
  }
  SmallVector<int64_t> shape;
  if (!type.has_shape())
    shape.assign(given->second.begin(), given->second.end());
  else if (isGiven && given->second.size() != static_cast<size_t>(type.shape().dim_size()))
    return refuse("--shape=" + input.name() + " gives " + std::to_string(given->second.size()) +
                  " dimensions where the model has " + std::to_string(type.shape().dim_size()));
  for (int i = 0; type.has_shape() && i < type.shape().dim_size(); ++i) {
    const auto &dim = type.shape().dim(i);
    // Some exporters write an open dimension as 0 or -1.
    if (dim.has_dim_value() && dim.dim_value() != 0 && dim.dim_value() != -1) {
      if (dim.dim_value() < 1)
        return refuse(what + ": dimension " + std::to_string(i) + " is " + std::to_string(dim.dim_value()));
      if (isGiven && given->second[i] != dim.dim_value())
        return refuse("--shape=" + input.name() + " gives " + std::to_string(given->second[i]) + " for dimension " +
                      std::to_string(i) + ", which the model fixes at " + std::to_string(dim.dim_value()));
      shape.push_back(dim.dim_value());
      continue;
    }
    auto known = namedDimensions.find(dim.dim_param());
    if (isGiven)
      shape.push_back(given->second[i]);
    else if (known != namedDimensions.end() && !dim.dim_param().empty())
      shape.push_back(known->second);
    else if (i == 0)
      shape.push_back(1);
    else
      open.push_back(what + ", dimension " + std::to_string(i) +
                     (dim.dim_param().empty() ? "" : " (" + quoted(dim.dim_param()) + ")") + " is open (give --shape=" +
                     input.name() + "=...)");
  }
  if (!countElements(shape))
    return refuse(what + " has more than 2^31 elements");
  inputTypes.push_back(RankedTensorType::get(shape, element));
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

/// The IR value of the ONNX value `name`; a constant is made where it is first used.
llvm::Expected<Value> Importer::valueOf(const std::string &name) {
  if (name.empty()) {
    if (!none)
      none = nn::NoneOp::create(builder, builder.getUnknownLoc(), builder.getNoneType());
    return none;
  }
  if (auto it = values.find(name); it != values.end())
    return it->second;
  const onnx::TensorProto *tensor = graph.initializer(name);
  auto constant = tensors.read(*tensor, "initializer " + quoted(name));
  if (!constant)
    return constant.takeError();
  graph.dropInitializer(name);
  std::string layer = names.unique(name);
  auto op = nn::ConstantOp::create(builder, at(layer), constant->getType(), *constant, layer, nn::PrecisionAttr());
  values[name] = op.getResult();
  return op.getResult();
}

llvm::Expected<Attribute> Importer::attributeOf(const onnx::AttributeProto &a, const std::string &what) {
  using onnx::AttributeProto;
  AttributeProto::AttributeType type = a.type();
  if (type == AttributeProto::UNDEFINED) // written before the field existed
    type = a.has_f()           ? AttributeProto::FLOAT
           : a.has_i()         ? AttributeProto::INT
           : a.has_s()         ? AttributeProto::STRING
           : a.has_t()         ? AttributeProto::TENSOR
           : a.floats_size()   ? AttributeProto::FLOATS
           : a.strings_size()  ? AttributeProto::STRINGS
                               : AttributeProto::INTS;
  switch (type) {
  case AttributeProto::FLOAT:
    return builder.getF32FloatAttr(a.f());
  case AttributeProto::INT:
    return builder.getI64IntegerAttr(a.i());
  case AttributeProto::STRING:
    return text(a.s());
  case AttributeProto::FLOATS:
    return builder.getDenseF32ArrayAttr(SmallVector<float>(a.floats().begin(), a.floats().end()));
  case AttributeProto::INTS:
    return builder.getDenseI64ArrayAttr(SmallVector<int64_t>(a.ints().begin(), a.ints().end()));
  case AttributeProto::STRINGS:
    return builder.getArrayAttr(
        SmallVector<Attribute>(llvm::map_range(a.strings(), [&](const std::string &s) -> Attribute { return text(s); })));
  case AttributeProto::TENSOR: {
    auto tensor = tensors.read(a.t(), what);
    if (!tensor)
      return tensor.takeError();
    return *tensor;
  }
  default:
    return refuse(what + " is of kind " + std::to_string(type) + ", which is not supported");
  }
}

llvm::Expected<DictionaryAttr> Importer::attributesOf(const onnx::NodeProto &node) {
  NamedAttrList list;
  for (const auto &attribute : node.attribute()) {
    std::string what = "node " + nameOf(node) + " (" + node.op_type() + "), attribute " + quoted(attribute.name());
    if (attribute.name().empty())
      return refuse(what + " has no name");
    auto value = attributeOf(attribute, what);
    if (!value)
      return value.takeError();
    if (list.get(attribute.name()))
      return refuse(what + " is given twice");
    list.append(attribute.name(), *value);
  }
  return list.getDictionary(&context);
}

llvm::Error Importer::buildNode(int index) {
  const auto &node = graph.node(index);
  std::string domain = domainOf(node.domain());
  SmallVector<Value> operands;
  for (const std::string &name : node.input()) {
    auto value = valueOf(name);
    if (!value)
      return value.takeError();
    operands.push_back(*value);
  }
  auto attributes = attributesOf(node);
  if (!attributes)
    return attributes.takeError();
  SmallVector<Type> types(node.output_size(), UnrankedTensorType::get(builder.getF32Type()));
  auto op = nn::OnnxOp::create(builder, at(layers[index]), types, operands, node.op_type(), domain, graph.version(domain),
                               *attributes, layers[index]);
  for (auto [name, result] : llvm::zip(node.output(), op.getOutputs()))
    if (!name.empty())
      values[name] = result;
  return llvm::Error::success();
}

llvm::Expected<OwningOpRef<ModuleOp>> Importer::run() {
  std::thread hashing([this] { hash.update(file.getBuffer()); });
  llvm::Error broken = graph.read(file.getBuffer());
  hashing.join();
  if (broken)
    return broken;
  wasRead();
  if (llvm::Error error = chooseInputs())
    return error;
  nameLayers();

  OwningOpRef<ModuleOp> module = ModuleOp::create(builder.getUnknownLoc());
  builder.setInsertionPointToStart(module->getBody());
  auto function = func::FuncOp::create(builder, builder.getUnknownLoc(), identifier(graph.proto().name()),
                                       builder.getFunctionType(inputTypes, {}));
  Block *body = function.addEntryBlock();
  builder.setInsertionPointToStart(body);
  for (auto [i, input] : llvm::enumerate(graph.inputs)) {
    values[input->name()] = body->getArgument(i);
    body->getArgument(i).setLoc(at(input->name()));
    function.setArgAttr(i, "nn.name", text(input->name()));
  }
  for (int i : graph.order)
    if (llvm::Error error = buildNode(i))
      return error;
  SmallVector<Value> results;
  for (const auto &output : graph.proto().output()) {
    auto value = valueOf(output.name());
    if (!value)
      return value.takeError();
    results.push_back(*value);
  }
  func::ReturnOp::create(builder, builder.getUnknownLoc(), results);
  function.setType(builder.getFunctionType(inputTypes, TypeRange(ValueRange(results))));
  for (auto [i, output] : llvm::enumerate(graph.proto().output()))
    function.setResultAttr(i, "nn.name", text(output.name()));
  (*module)->setAttr("nn.model_file", text(file.getBufferIdentifier()));
  (*module)->setAttr("nn.model_hash", text(llvm::toHex(hash.final(), /*LowerCase=*/true)));
  return module;
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

static llvm::Expected<OwningOpRef<ModuleOp>> import(llvm::MemoryBufferRef model, const ImportOptions &options, MLIRContext &context,
                                                    llvm::function_ref<void()> wasRead) {
  context.loadDialect<nn::NNDialect, func::FuncDialect>();
  auto module = Importer(model, options, context, wasRead).run();
  if (!module)
    return refuse(model.getBufferIdentifier() + ": " + llvm::toString(module.takeError()));
  return module;
}

llvm::Expected<OwningOpRef<ModuleOp>> quantization::importOnnx(llvm::MemoryBufferRef model, const ImportOptions &options,
                                                               MLIRContext &context) {
  return import(model, options, context, [] {});
}

llvm::Expected<OwningOpRef<ModuleOp>> quantization::importOnnx(StringRef path, const ImportOptions &options,
                                                               MLIRContext &context) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return refuse(path + ": cannot read the file: " + buffer.getError().message());
  return import((*buffer)->getMemBufferRef(), options, context, [&] { (*buffer)->dontNeedIfMmap(); });
}

//===- OnnxGraph.cpp - a checked ONNX file ----------------------*- C++ -*-===//
//
// This file parses an ONNX file, refuses what no operator can mean, and sorts the nodes.
//
//===----------------------------------------------------------------------===//

#include "OnnxGraph.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include <queue>

using namespace quantization;
using llvm::StringRef;

static llvm::Error refuse(const llvm::Twine &message) { return llvm::createStringError(message); }
static std::string quoted(StringRef name) { return ("\"" + name + "\"").str(); }

std::string quantization::nameOf(const onnx::NodeProto &node) {
  if (!node.name().empty())
    return quoted(node.name());
  for (const std::string &output : node.output())
    if (!output.empty())
      return quoted(output);
  return "of type " + node.op_type();
}

llvm::Error OnnxGraph::read(StringRef file) {
  if (llvm::Error error = parse(file))
    return error;
  for (auto step : {&OnnxGraph::checkNodes, &OnnxGraph::collectValues, &OnnxGraph::sortNodes})
    if (llvm::Error error = (this->*step)())
      return error;
  return llvm::Error::success();
}

llvm::Error OnnxGraph::parse(StringRef file) {
  if (file.size() == 0)
    return refuse("the file is empty");
  if (file.size() > INT32_MAX)
    return refuse("the file is larger than 2 GiB; save the model with external data");
  if (!model.ParseFromArray(file.data(), static_cast<int>(file.size())))
    return refuse("not an ONNX model, or a truncated one: " + std::to_string(file.size()) + " bytes that do not parse");
  if (!model.has_graph() || model.ir_version() < 1)
    return refuse(llvm::Twine("not an ONNX model: it has no ") + (model.has_graph() ? "ir_version" : "graph"));
  graph = &model.graph();
  for (const auto &opset : model.opset_import())
    versions[domainOf(opset.domain())] = opset.version();
  if (!versions.count(""))
    return refuse("the model does not say which opset it uses (no opset_import for domain \"ai.onnx\")");
  if (graph->sparse_initializer_size())
    return refuse("sparse tensors are not supported: " + quoted(graph->sparse_initializer(0).values().name()));
  if (!graph->output_size())
    return refuse("the graph has no output");
  return llvm::Error::success();
}

/// What no operator can mean: sub-graphs and calls of the model's own functions.
llvm::Error OnnxGraph::checkNodes() {
  llvm::StringSet<> functions;
  for (const auto &function : model.functions())
    functions.insert(domainOf(function.domain()) + "::" + function.name());
  std::vector<std::string> nested;
  for (const auto &node : graph->node()) {
    std::string domain = domainOf(node.domain());
    if (functions.contains(domain + "::" + node.op_type()))
      nested.push_back("node " + nameOf(node) + " calls the function " + node.op_type());
    for (const auto &attribute : node.attribute())
      if (attribute.has_g() || attribute.graphs_size())
        nested.push_back("node " + nameOf(node) + " (" + node.op_type() + ") holds the graph " + quoted(attribute.name()));
  }
  if (!nested.empty())
    return refuse("control flow and functions are not supported: " + llvm::join(nested, "; ") +
                  "; inline or simplify the model first");
  return llvm::Error::success();
}

/// Who defines which value; each at most once.
llvm::Error OnnxGraph::collectValues() {
  llvm::StringSet<> inputNames;
  for (auto &tensor : *model.mutable_graph()->mutable_initializer()) {
    if (tensor.name().empty())
      return refuse("an initializer has no name");
    if (!initializers.try_emplace(tensor.name(), &tensor).second)
      return refuse("two initializers are named " + quoted(tensor.name()));
  }
  for (const auto &input : graph->input()) {
    if (input.name().empty())
      return refuse("a network input has no name");
    if (!inputNames.insert(input.name()).second)
      return refuse("two network inputs are named " + quoted(input.name()));
    if (!initializers.count(input.name())) // up to IR version 3 every initializer is listed as an input, too
      inputs.push_back(&input);
  }
  for (int i = 0; i < graph->node_size(); ++i)
    for (const std::string &output : graph->node(i).output()) {
      if (output.empty())
        continue;
      if (inputNames.contains(output) || initializers.count(output))
        return refuse("node " + nameOf(graph->node(i)) + ": its output " + quoted(output) +
                      " is already a network input or initializer");
      if (!producers.try_emplace(output, i).second)
        return refuse("value " + quoted(output) + " has two producers: node " + nameOf(graph->node(producers[output])) +
                      " and node " + nameOf(graph->node(i)));
    }
  auto isDefined = [&](const std::string &name) {
    return inputNames.contains(name) || initializers.count(name) || producers.count(name);
  };
  for (const auto &node : graph->node())
    for (const std::string &name : node.input())
      if (!name.empty() && !isDefined(name))
        return refuse("node " + nameOf(node) + ": nothing defines its operand " + quoted(name));
  llvm::StringSet<> outputNames;
  for (const auto &output : graph->output()) {
    if (!isDefined(output.name()))
      return refuse("nothing defines the network output " + quoted(output.name()));
    if (!outputNames.insert(output.name()).second)
      return refuse("two network outputs are named " + quoted(output.name()));
  }
  return llvm::Error::success();
}

/// Producers before users, otherwise in the order of the file.
llvm::Error OnnxGraph::sortNodes() {
  int count = graph->node_size();
  std::vector<std::vector<int>> users(count);
  std::vector<int> missing(count, 0);
  for (int i = 0; i < count; ++i)
    for (const std::string &name : graph->node(i).input())
      if (auto it = producers.find(name); it != producers.end()) {
        users[it->second].push_back(i);
        ++missing[i];
      }
  std::priority_queue<int, std::vector<int>, std::greater<int>> ready;
  for (int i = 0; i < count; ++i)
    if (!missing[i])
      ready.push(i);
  while (!ready.empty()) {
    int i = ready.top();
    ready.pop();
    order.push_back(i);
    for (int user : users[i])
      if (!--missing[user])
        ready.push(user);
  }
  if (static_cast<int>(order.size()) == count)
    return llvm::Error::success();
  // A node that waits is on a cycle or behind one: going backwards for long enough ends on the cycle.
  auto before = [&](int node) {
    for (const std::string &name : graph->node(node).input())
      if (auto it = producers.find(name); it != producers.end() && missing[it->second])
        return it->second;
    return node;
  };
  int node = static_cast<int>(llvm::find_if(missing, [](int m) { return m > 0; }) - missing.begin());
  for (int step = 0; step < count; ++step)
    node = before(node);
  std::string text = "node " + nameOf(graph->node(node)) + " depends on its own output";
  size_t named = 0;
  for (int i = before(node); i != node && named < 8; i = before(i))
    text += (named++ ? ", " : ", through ") + nameOf(graph->node(i));
  return refuse(text);
}

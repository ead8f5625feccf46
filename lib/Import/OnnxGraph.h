//===- OnnxGraph.h - a checked ONNX file ------------------------*- C++ -*-===//
//
// This file declares an ONNX graph in which every value is defined once and before its use. No MLIR here.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_IMPORT_ONNXGRAPH_H
#define QUANTIZATION_LIB_IMPORT_ONNXGRAPH_H

#include "onnx-ml.pb.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace quantization {

/// The quoted name of `node` for messages: its own, else its first output's.
std::string nameOf(const onnx::NodeProto &node);

/// ONNX has two names for its own domain; here it is "".
inline std::string domainOf(const std::string &domain) { return domain == "ai.onnx" ? "" : domain; }

class OnnxGraph {
public:
  /// Reads and checks the bytes of a file. Errors name the fact, not the file.
  llvm::Error read(llvm::StringRef file);

  const onnx::GraphProto &proto() const { return model.graph(); }
  const onnx::NodeProto &node(int index) const { return model.graph().node(index); }
  /// The opset that the model imports for `domain`; 0 where it imports none.
  int64_t version(const std::string &domain) const { return versions.lookup(domain); }
  const onnx::TensorProto *initializer(const std::string &name) const { return initializers.lookup(name); }
  /// Frees the values of an initializer that has been read.
  void dropInitializer(const std::string &name) { onnx::TensorProto().Swap(initializers.lookup(name)); }

  /// The network's inputs without those that are initializers.
  std::vector<const onnx::ValueInfoProto *> inputs;
  /// Indices of all nodes, producers before users, otherwise as in the file.
  std::vector<int> order;

private:
  llvm::Error parse(llvm::StringRef file);
  llvm::Error checkNodes();
  llvm::Error collectValues();
  llvm::Error sortNodes();

  onnx::ModelProto model;
  const onnx::GraphProto *graph = nullptr;
  llvm::StringMap<int64_t> versions;
  llvm::StringMap<onnx::TensorProto *> initializers;
  llvm::StringMap<int> producers;
};

} // namespace quantization

#endif // QUANTIZATION_LIB_IMPORT_ONNXGRAPH_H

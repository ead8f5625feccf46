//===- OnnxWriter.h - an ONNX graph under construction ----------*- C++ -*-===//
//
// This file declares what the writers of all layers share, and the table of the layers that ONNX has a form for.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_EMIT_ONNXWRITER_H
#define QUANTIZATION_LIB_EMIT_ONNXWRITER_H

#include "onnx-ml.pb.h"
#include "quantization/Dialect/NN/NN.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace quantization {

/// The values whose leading dimension is the batch.
using BatchedValues = llvm::DenseSet<mlir::Value>;

class OnnxWriter {
public:
  explicit OnnxWriter(onnx::GraphProto &graph) : graph(graph) {}

  /// Takes the first free tensor name of `wanted`, `wanted_1`, ...
  std::string tensorName(const std::string &wanted) { return unique(tensorNames, wanted); }
  /// The same among the names of nodes.
  std::string nodeName(const std::string &wanted) { return unique(nodeNames, wanted); }

  /// The tensor that `value` is.
  std::string &nameOf(mlir::Value value) { return names[value]; }
  std::vector<std::string> namesOf(mlir::ValueRange values);

  /// A node that makes the tensor `output`; an input that ONNX leaves out is "".
  onnx::NodeProto &addNode(llvm::StringRef type, const std::string &name, const std::vector<std::string> &inputs,
                           const std::string &output);
  /// The node that `op` is: of its layer's name, with its operands and then `more` as inputs.
  onnx::NodeProto &addLayer(mlir::Operation *op, llvm::StringRef type, const std::vector<std::string> &more = {});

  /// The initializer `name` from its row-major little-endian bytes.
  void addTensor(const std::string &name, int32_t type, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<char> bytes);
  /// The same from numbers; returns its name, `wanted` unless that is taken.
  template <typename T>
  std::string addInitializer(const std::string &wanted, int32_t type, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<T> values) {
    std::string name = tensorName(wanted);
    addTensor(name, type, shape, llvm::ArrayRef(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T)));
    return name;
  }
  std::string addScalar(const std::string &wanted, float value) {
    return addInitializer<float>(wanted, onnx::TensorProto::FLOAT, {}, value);
  }
  std::string addIntegers(const std::string &wanted, llvm::ArrayRef<int64_t> values) {
    return addInitializer<int64_t>(wanted, onnx::TensorProto::INT64, static_cast<int64_t>(values.size()), values);
  }

  /// The node uses an operator (or a type of one) that ONNX has from `version` on.
  void requireOpset(int64_t version) { opset = std::max(opset, version); }

  int64_t opset = 13;
  /// Empty where the batch is fixed.
  BatchedValues batched;
  /// Names of the scale and zero point (may be "") of a quantized value.
  llvm::DenseMap<mlir::Value, std::pair<std::string, std::string>> parameters;

private:
  static std::string unique(llvm::StringSet<> &taken, const std::string &wanted);

  onnx::GraphProto &graph;
  llvm::StringSet<> tensorNames, nodeNames;
  llvm::DenseMap<mlir::Value, std::string> names;
};

void addAttribute(onnx::NodeProto &node, const char *name, int64_t value);
void addAttribute(onnx::NodeProto &node, const char *name, float value);
void addAttribute(onnx::NodeProto &node, const char *name, const char *value);
void addAttribute(onnx::NodeProto &node, const char *name, llvm::ArrayRef<int64_t> values);

/// An error about a layer.
llvm::Error onnxError(mlir::Operation *op, const llvm::Twine &message);

/// Writers of the layers that carry number formats.
llvm::Error writeQuantize(OnnxWriter &writer, nn::QuantizeOp op);
llvm::Error writeDequantize(OnnxWriter &writer, nn::DequantizeOp op);
llvm::Error writeConstant(OnnxWriter &writer, nn::ConstantOp op);

/// How one kind of layer is written.
struct OnnxLayer {
  llvm::StringRef operation;
  llvm::Error (*write)(OnnxWriter &, mlir::Operation *);
  /// Whether the layer treats each sample apart, given that some operand is batched and the result's leading size is 1.
  bool (*keepsBatch)(mlir::Operation *, const BatchedValues &);
};

/// The entry of `op`'s kind, or null.
const OnnxLayer *findOnnxLayer(mlir::Operation *op);

} // namespace quantization

#endif // QUANTIZATION_LIB_EMIT_ONNXWRITER_H

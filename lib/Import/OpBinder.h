//===- OpBinder.h - from ONNX operators to layers ---------------*- C++ -*-===//
//
// This file declares what an operator's definition is written with: `onOp(name, sinceVersion, build)` registers it, and `build`
// reads the node and makes its layers through an OpBinder. Constants are computed on the way: the same definition serves
// values of the network and shape arithmetic.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_IMPORT_OPBINDER_H
#define QUANTIZATION_LIB_IMPORT_OPBINDER_H

#include "ConstantFolding.h"
#include "LayerNames.h"
#include "quantization/Dialect/NN/NN.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include <functional>
#include <map>

namespace quantization {

class OpBinder;

/// Makes the layers of one node. Failure means that the binder has reported why.
using BuildFunction = std::function<llvm::LogicalResult(OpBinder &)>;

/// The operators of ONNX's own domain that are understood, by name and by the opset that gave them their present meaning.
class OpRegistry {
public:
  void onOp(llvm::StringRef name, int64_t sinceVersion, BuildFunction build) { ops[name][sinceVersion] = std::move(build); }

  /// The definition in force at `version`, or null.
  const BuildFunction *lookup(llvm::StringRef name, int64_t version) const;
  bool knows(llvm::StringRef name) const { return ops.contains(name); }

private:
  llvm::StringMap<std::map<int64_t, BuildFunction>> ops;
};

/// One registration function per file of Ops/; `registerAllOps` calls them all.
void registerContractions(OpRegistry &registry);
void registerElementwise(OpRegistry &registry);
void registerPools(OpRegistry &registry);
void registerMoves(OpRegistry &registry);
void registerNormalizations(OpRegistry &registry);
void registerQuantization(OpRegistry &registry);
void registerShapeArithmetic(OpRegistry &registry);
void registerAllOps(OpRegistry &registry);

using Shape = llvm::ArrayRef<int64_t>;

/// "[1, 2]", for messages.
std::string textOf(Shape shape);

/// Reads one node and makes its layers. Every function that returns a Value returns null after reporting an error and takes
/// null operands for errors already reported, so that calls can be nested.
///
/// A node may work on codes, the quantized values between QuantizeLinear and DequantizeLinear. Its definition sees what they stand
/// for, in f32, and its results become codes again; that is exact for layers that move values, and for others an error.
class OpBinder {
public:
  OpBinder(nn::OnnxOp node, mlir::OpBuilder &builder, LayerNames &names, llvm::StringRef file)
      : node(node), builder(builder), names(names), file(file) {}

  /// Runs `build`; on success the node's results are replaced and every attribute has been looked at.
  llvm::LogicalResult run(const BuildFunction &build);
  /// Whether there is more to do at run time than before: false for what was computed or dropped.
  bool madeLayers() const { return !made.empty(); }
  llvm::ArrayRef<mlir::Operation *> layersMade() const { return made; }
  /// A layer to whoever drew the network, although there is nothing to do: records of the network keep it.
  void countAsLayer() { countsAsLayer = true; }
  bool isCountedAsLayer() const { return countsAsLayer; }
  /// The values that took the place of the node's results, with the number of each result.
  llvm::ArrayRef<std::pair<unsigned, mlir::Value>> yielded() const { return results; }

  // The node.
  unsigned numOperands() { return node.getInputs().size(); }
  unsigned numResults() { return node.getOutputs().size(); }
  bool isUsed(unsigned result) { return result < numResults() && !node.getOutputs()[result].use_empty(); }

  // Operands. `name` is the operand's in ONNX, for messages.
  mlir::Value optionalInput(unsigned i);
  mlir::Value input(unsigned i, llvm::StringRef name);
  /// The operand as it is: codes stay codes.
  mlir::Value rawInput(unsigned i);
  /// The type of the codes that the node has read; null where it works on f32.
  mlir::quant::QuantizedType codesType() const { return codes; }
  /// The values of an operand known at compile time; of a dequantized constant what it stands for.
  std::optional<folding::Tensor> constantInput(unsigned i, llvm::StringRef name);
  std::optional<std::vector<int64_t>> integersInput(unsigned i, llvm::StringRef name);
  /// The only value of an optional operand of one element.
  std::optional<float> scalarInput(unsigned i, llvm::StringRef name, float absent);

  // Attributes; a value of another type is reported and read as the default.
  bool hasAttribute(llvm::StringRef name);
  int64_t integer(llvm::StringRef name, int64_t absent);
  float real(llvm::StringRef name, float absent);
  std::string string(llvm::StringRef name, llvm::StringRef absent);
  std::vector<int64_t> integers(llvm::StringRef name);
  std::vector<float> reals(llvm::StringRef name);
  std::optional<folding::Tensor> tensor(llvm::StringRef name);
  /// Attributes that change nothing here.
  void ignore(llvm::ArrayRef<llvm::StringRef> attributes);

  // Errors: `node "a" (Conv): ...`.
  llvm::LogicalResult fail(const llvm::Twine &reason);
  llvm::LogicalResult unsupported(llvm::StringRef attribute, const llvm::Twine &value, const llvm::Twine &supported);
  /// `axis` counted from the front, or failure outside [-rank, rank); `rank` itself is allowed with `end`.
  llvm::FailureOr<int64_t> axis(int64_t axis, size_t rank, bool end = false);

  // Constants.
  std::optional<folding::Tensor> known(mlir::Value value);
  /// A constant named after the node, or after `like` where it is a rewritten constant.
  mlir::Value constant(const folding::Tensor &tensor, mlir::Value like = {});
  mlir::Value constant(llvm::Expected<folding::Tensor> tensor);

  // Layers: constants are computed, movements that change nothing give the input.
  mlir::Value reshape(mlir::Value value, Shape shape);
  mlir::Value transpose(mlir::Value value, Shape permutation);
  /// Swaps the last two dimensions.
  mlir::Value transposeMatrix(mlir::Value value);
  mlir::Value slice(mlir::Value value, Shape starts, Shape steps, Shape counts);
  mlir::Value pad(mlir::Value value, Shape low, Shape high, const folding::Tensor &fill);
  mlir::Value concat(llvm::ArrayRef<mlir::Value> values, int64_t axis);
  mlir::Value expand(mlir::Value value, Shape shape);

  /// A layer `OpT(args..., layer name)` with an f32 result of `shape`. The first one made with `layer` has the node's name;
  /// without any, the one that makes the node's first result.
  template <typename OpT, typename... Args> mlir::Value layer(Shape shape, Args &&...args) {
    std::string name = named ? helperName(OpT::getOperationName()) : node.getLayer().str();
    named = true;
    return make<OpT>(name, shape, std::forward<Args>(args)...);
  }
  /// A layer beside the one that does the node's work, named after both.
  template <typename OpT, typename... Args> mlir::Value helper(Shape shape, Args &&...args) {
    return make<OpT>(helperName(OpT::getOperationName()), shape, std::forward<Args>(args)...);
  }

  /// `value` on the grid of `type`, and back. One after the other is nothing.
  mlir::Value quantize(mlir::Value value, mlir::quant::QuantizedType type);
  mlir::Value dequantize(mlir::Value value);
  /// A dequantized constant of `values`, named after `like` or the node.
  mlir::Value encoded(mlir::quant::QuantizedType type, Shape shape, llvm::ArrayRef<int64_t> values, mlir::Value like = {});

  /// Sets a result of the node. Success unless `value` is null.
  llvm::LogicalResult yield(mlir::Value value, unsigned result = 0);

private:
  template <typename OpT, typename... Args> mlir::Value make(const std::string &name, Shape shape, Args &&...args) {
    mlir::RankedTensorType type = resultType(shape);
    if (!type)
      return {};
    return check(OpT::create(builder, node.getLoc(), type, std::forward<Args>(args)..., name));
  }
  mlir::RankedTensorType resultType(Shape shape);
  mlir::Value check(mlir::Operation *op);
  mlir::Value codesAgain(mlir::Value value);
  std::string helperName(llvm::StringRef mnemonic);
  template <typename AttrT> AttrT attribute(llvm::StringRef name, llvm::StringRef kind);

  nn::OnnxOp node;
  mlir::OpBuilder &builder;
  LayerNames &names;
  llvm::StringRef file;
  llvm::StringSet<> looked;
  llvm::SmallVector<std::pair<unsigned, mlir::Value>> results;
  llvm::SmallVector<mlir::Operation *> made;
  llvm::DenseMap<unsigned, mlir::Value> dequantized; ///< operands that are codes
  mlir::quant::QuantizedType codes;
  bool named = false, reported = false, countsAsLayer = false;
};

} // namespace quantization

#endif // QUANTIZATION_LIB_IMPORT_OPBINDER_H

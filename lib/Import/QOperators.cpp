//===- QOperators.cpp - operators on codes ----------------------*- C++ -*-===//
//
// This file writes operators that take and give codes, ONNX's own and those of ONNX Runtime, as what they mean:
//
//   %y = nn.onnx %x, %xs, %xz, %w, %ws, %wz, %ys, %yz {type = "QLinearConv"}
// becomes
//   %0 = nn.onnx %x, %xs, %xz {type = "DequantizeLinear"}
//   %1 = nn.onnx %w, %ws, %wz {type = "DequantizeLinear"}
//   %2 = nn.onnx %0, %1 {type = "Conv"}
//   %y = nn.onnx %2, %ys, %yz {type = "QuantizeLinear"}
//
//===----------------------------------------------------------------------===//

#include "QOperators.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Dialect/NN/NN.h"
#include "quantization/Import/OnnxImporter.h"

using namespace mlir;
using namespace quantization;

namespace {

/// The opset whose definitions the new nodes have.
constexpr int64_t kOpset = 13;

/// A node and what is made in its place. Functions take null for what has been reported already.
class Expansion {
public:
  Expansion(nn::OnnxOp node, StringRef file) : node(node), file(file), builder(node) {}

  LogicalResult fail(const Twine &reason) {
    if (!std::exchange(reported, true))
      emitError(node.getLoc()) << file << "node \"" << node.getLayer() << "\" (" << node.getType() << "): " << reason;
    return failure();
  }

  unsigned size() { return node.getInputs().size(); }
  Value optional(unsigned i) {
    if (i >= size() || isa<NoneType>(node.getInputs()[i].getType()))
      return {};
    return node.getInputs()[i];
  }
  Value operand(unsigned i) {
    Value value = optional(i);
    if (!value)
      (void)fail("operand " + Twine(i) + " is missing");
    return value;
  }

  Value make(StringRef type, ArrayRef<Value> operands, ArrayRef<NamedAttribute> attributes = {}, int64_t version = kOpset) {
    if (reported)
      return {};
    SmallVector<Value> given(operands);
    while (!given.empty() && !given.back())
      given.pop_back();
    Type result = UnrankedTensorType::get(builder.getF32Type());
    return nn::OnnxOp::create(builder, node.getLoc(), TypeRange(result), given, type, "", version, builder.getDictionaryAttr(attributes),
                              node.getLayer())
        .getOutputs()[0];
  }

  /// Operand `i`, whose scale and zero point follow it.
  Value dequantized(unsigned i) { return dequantize(operand(i), operand(i + 1), optional(i + 2)); }
  Value dequantize(Value codes, Value scale, Value zero, int64_t axis = 0) {
    return make("DequantizeLinear", {codes, scale, zero}, builder.getNamedAttr("axis", builder.getI64IntegerAttr(axis)));
  }
  Value quantize(Value value, unsigned scale) {
    return make("QuantizeLinear", {value, operand(scale), optional(scale + 1)});
  }
  Value product(Value a, Value b) { return make("Mul", {a, b}); }
  Value number(float value) {
    auto type = RankedTensorType::get({}, builder.getF32Type());
    return nn::ConstantOp::create(builder, node.getLoc(), type, makeConstant(type, ArrayRef<float>(value)), node.getLayer(),
                                  nn::PrecisionAttr());
  }

  /// The node's attributes but those of `names`, which the operator on floats does not have.
  SmallVector<NamedAttribute> attributesWithout(ArrayRef<StringRef> names) {
    SmallVector<NamedAttribute> kept;
    for (NamedAttribute attribute : node.getNodeAttributes())
      if (!llvm::is_contained(names, attribute.getName().getValue()))
        kept.push_back(attribute);
    return kept;
  }
  int64_t integer(StringRef name, int64_t absent) {
    auto attribute = node.getNodeAttributes().getAs<IntegerAttr>(name);
    return attribute ? attribute.getInt() : absent;
  }
  float real(StringRef name, float absent) {
    auto attribute = node.getNodeAttributes().getAs<FloatAttr>(name);
    return attribute ? static_cast<float>(attribute.getValueAsDouble()) : absent;
  }

private:
  nn::OnnxOp node;
  StringRef file;
  OpBuilder builder;
  bool reported = false;
};

/// x, scale, zero point, then those of the result.
Value expandUnary(Expansion &e, StringRef type) { return e.quantize(e.make(type, e.dequantized(0), e.attributesWithout({})), 3); }

Value expandBinary(Expansion &e, StringRef type) {
  return e.quantize(e.make(type, {e.dequantized(0), e.dequantized(3)}, e.attributesWithout({})), 6);
}

Value expandConv(Expansion &e, StringRef type) {
  Value bias = e.optional(8);
  if (bias)
    bias = e.dequantize(bias, e.product(e.operand(1), e.operand(4)), Value());
  return e.quantize(e.make(type, {e.dequantized(0), e.dequantized(3), bias}, e.attributesWithout({})), 6);
}

Value expandMatMul(Expansion &e, StringRef type) {
  Value b = e.dequantize(e.operand(3), e.operand(4), e.optional(5), /*axis=*/-1);
  return e.quantize(e.make(type, {e.dequantized(0), b}, e.attributesWithout({})), 6);
}

/// a, b, each with scale and zero point; the bias; scale and zero point of the result, which is f32 without them.
Value expandGemm(Expansion &e, StringRef type) {
  Value b = e.dequantize(e.operand(3), e.operand(4), e.optional(5), e.integer("transB", 0) ? 0 : 1);
  Value bias = e.optional(6);
  if (bias) {
    Value scale = e.product(e.operand(1), e.operand(4));
    if (float alpha = e.real("alpha", 1); alpha != 1)
      scale = e.product(scale, e.number(alpha));
    bias = e.dequantize(bias, scale, Value());
  }
  Value result = e.make(type, {e.dequantized(0), b, bias}, e.attributesWithout({}));
  return e.optional(7) ? e.quantize(result, 7) : result;
}

Value expandPool(Expansion &e, StringRef type) {
  if (e.integer("channels_last", 0) != 0) {
    (void)e.fail("attribute channels_last = 1 is not supported; supported is 0");
    return {};
  }
  return e.quantize(e.make(type, e.dequantized(0), e.attributesWithout({"channels_last"})), 3);
}

/// The operator follows the Softmax of the opset that its attribute names.
Value expandSoftmax(Expansion &e, StringRef type) {
  return e.quantize(e.make(type, e.dequantized(0), e.attributesWithout({"opset"}), e.integer("opset", kOpset)), 3);
}

/// Scale and zero point of the result, then each value with its own.
Value expandConcat(Expansion &e, StringRef type) {
  SmallVector<Value> values;
  for (unsigned i = 2; i < e.size(); i += 3)
    values.push_back(e.dequantized(i));
  return e.quantize(e.make(type, values, e.attributesWithout({})), 0);
}

struct QOperator {
  StringLiteral domain, type, onFloats;
  Value (*expand)(Expansion &, StringRef);
};

constexpr StringLiteral kRuntime = "com.microsoft";
constexpr QOperator kOperators[] = {
    {"", "QLinearConv", "Conv", expandConv},
    {"", "QLinearMatMul", "MatMul", expandMatMul},
    {kRuntime, "QLinearAdd", "Add", expandBinary},
    {kRuntime, "QLinearMul", "Mul", expandBinary},
    {kRuntime, "QGemm", "Gemm", expandGemm},
    {kRuntime, "QLinearAveragePool", "AveragePool", expandPool},
    {kRuntime, "QLinearGlobalAveragePool", "GlobalAveragePool", expandPool},
    {kRuntime, "QLinearConcat", "Concat", expandConcat},
    {kRuntime, "QLinearSigmoid", "Sigmoid", expandUnary},
    {kRuntime, "QLinearLeakyRelu", "LeakyRelu", expandUnary},
    {kRuntime, "QLinearSoftmax", "Softmax", expandSoftmax},
};

/// ONNX Runtime has QuantizeLinear and DequantizeLinear in its own domain, too: with 16 and 4 bits before opset 21.
bool isPlainCopy(nn::OnnxOp node) {
  return node.getDomain() == kRuntime && (node.getType() == "QuantizeLinear" || node.getType() == "DequantizeLinear");
}

} // namespace

bool quantization::bringsQuantization(ModuleOp network) {
  auto found = network->walk([](nn::OnnxOp node) {
    bool quantizes = node.getType() == "QuantizeLinear" || node.getType() == "DynamicQuantizeLinear" ||
                     llvm::any_of(kOperators, [&](const QOperator &q) { return q.type == node.getType(); });
    return quantizes ? WalkResult::interrupt() : WalkResult::advance();
  });
  return found.wasInterrupted() || nn::isQuantized(network);
}

LogicalResult quantization::expandQOperators(Block &body, StringRef file) {
  bool ok = true;
  for (auto node : llvm::make_early_inc_range(body.getOps<nn::OnnxOp>())) {
    StringRef domain = node.getDomain() == "ai.onnx" ? "" : node.getDomain();
    if (isPlainCopy(node)) {
      node.setDomain("");
      node.setVersion(kOpset);
      continue;
    }
    auto entry = llvm::find_if(kOperators, [&](const QOperator &q) { return q.domain == domain && q.type == node.getType(); });
    if (entry == std::end(kOperators))
      continue;
    Expansion expansion(node, file);
    Value result = node.getOutputs().size() == 1 ? entry->expand(expansion, entry->onFloats) : Value();
    if (!result) {
      ok = succeeded(expansion.fail("it must have one result"));
      continue;
    }
    node.getOutputs()[0].replaceAllUsesWith(result);
    node.erase();
  }
  return success(ok);
}

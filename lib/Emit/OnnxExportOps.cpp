//===- OnnxExportOps.cpp - layers as ONNX nodes -----------------*- C++ -*-===//
//
// This file writes each kind of layer as an ONNX node. The table at its end is the list of what ONNX has a form for.
//
//===----------------------------------------------------------------------===//

#include "OnnxWriter.h"
#include "quantization/Format/QuantTypes.h"
#include "llvm/ADT/StringExtras.h"
#include <cmath>

using namespace mlir;
using namespace quantization;
using llvm::Error;

namespace {

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

Error writeConv(OnnxWriter &writer, nn::ConvOp op) {
  onnx::NodeProto &node = writer.addLayer(op, "Conv");
  addAttribute(node, "kernel_shape", nn::shapeOf(op.getWeights()).drop_front(2));
  addAttribute(node, "strides", op.getStrides());
  addAttribute(node, "pads", op.getPads());
  addAttribute(node, "dilations", op.getDilations());
  addAttribute(node, "group", static_cast<int64_t>(op.getGroups()));
  return Error::success();
}

Error writeMatmul(OnnxWriter &writer, nn::MatmulOp op) {
  if (!op.getBias()) {
    writer.addLayer(op, "MatMul");
    return Error::success();
  }
  if (nn::shapeOf(op.getInput()).size() == 2 && nn::shapeOf(op.getWeights()).size() == 2) {
    writer.addLayer(op, "Gemm");
    return Error::success();
  }
  std::string layer = op.getLayer().str(), product = writer.tensorName(layer + "_product");
  writer.addNode("MatMul", layer, writer.namesOf({op.getInput(), op.getWeights()}), product);
  writer.addNode("Add", writer.nodeName(layer + "_add"), {product, writer.nameOf(op.getBias())}, writer.nameOf(op.getResult()));
  return Error::success();
}

bool matmulKeepsBatch(nn::MatmulOp op, const BatchedValues &batched) {
  size_t rank = nn::shapeOf(op.getInput()).size(), weightsRank = nn::shapeOf(op.getWeights()).size();
  if (op.getBias() && batched.contains(op.getBias()))
    return false;
  if (batched.contains(op.getWeights()))
    return batched.contains(op.getInput()) && rank == weightsRank && rank > 2;
  return rank >= 2;
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

/// ONNX calls them as we do: Add, Sub, Mul, Div.
template <typename Op> Error writeBinary(OnnxWriter &writer, Op op) {
  std::string type = op->getName().stripDialect().str();
  type[0] = llvm::toUpper(type[0]);
  writer.addLayer(op, type);
  return Error::success();
}

/// Whatever broadcasts to the batch does so to any number of samples.
template <typename Op> bool binaryKeepsBatch(Op op, const BatchedValues &batched) {
  return llvm::all_of(op->getOperands(), [&](Value operand) {
    return !batched.contains(operand) || nn::shapeOf(operand).size() == nn::shapeOf(op.getResult()).size();
  });
}

Error writeClamp(OnnxWriter &writer, nn::ClampOp op) {
  float min = op.getMin().convertToFloat(), max = op.getMax().convertToFloat();
  if (min == 0 && max == INFINITY) {
    writer.addLayer(op, "Relu");
    return Error::success();
  }
  std::string layer = op.getLayer().str();
  std::vector<std::string> ends;
  ends.push_back(min == -INFINITY ? "" : writer.addScalar(layer + "_min", min));
  ends.push_back(max == INFINITY ? "" : writer.addScalar(layer + "_max", max));
  while (!ends.empty() && ends.back().empty())
    ends.pop_back();
  writer.addLayer(op, "Clip", ends);
  return Error::success();
}

Error writeFunction(OnnxWriter &writer, nn::FunctionOp op) {
  struct Kind {
    nn::FunctionKind kind;
    const char *type;
    bool alpha, beta;
  };
  static constexpr Kind kinds[] = {
      {nn::FunctionKind::Sigmoid, "Sigmoid", false, false},
      {nn::FunctionKind::Tanh, "Tanh", false, false},
      {nn::FunctionKind::Exp, "Exp", false, false},
      {nn::FunctionKind::LeakyRelu, "LeakyRelu", true, false},
      {nn::FunctionKind::HardSigmoid, "HardSigmoid", true, true},
      {nn::FunctionKind::HardSwish, "HardSwish", false, false},
      {nn::FunctionKind::Sqrt, "Sqrt", false, false},
      {nn::FunctionKind::Abs, "Abs", false, false},
      {nn::FunctionKind::Neg, "Neg", false, false},
      {nn::FunctionKind::Elu, "Elu", true, false},
      {nn::FunctionKind::Softplus, "Softplus", false, false},
      {nn::FunctionKind::Erf, "Erf", false, false},
      {nn::FunctionKind::Gelu, "Gelu", false, false},
      {nn::FunctionKind::GeluTanh, "Gelu", false, false},
  };
  const Kind *kind = llvm::find_if(kinds, [&](const Kind &k) { return k.kind == op.getKind(); });
  if (kind == std::end(kinds))
    return onnxError(op, "ONNX has no form for the function " + nn::stringifyFunctionKind(op.getKind()));
  if (op.getKind() == nn::FunctionKind::HardSwish)
    writer.requireOpset(14);
  bool isGeluTanh = op.getKind() == nn::FunctionKind::GeluTanh;
  if (isGeluTanh || op.getKind() == nn::FunctionKind::Gelu)
    writer.requireOpset(20);
  onnx::NodeProto &node = writer.addLayer(op, kind->type);
  if (isGeluTanh)
    addAttribute(node, "approximate", "tanh");
  if (kind->alpha)
    addAttribute(node, "alpha", op.getAlpha().convertToFloat());
  if (kind->beta)
    addAttribute(node, "beta", op.getBeta().convertToFloat());
  return Error::success();
}

Error writeBatchNorm(OnnxWriter &writer, nn::BatchNormOp op) {
  addAttribute(writer.addLayer(op, "BatchNormalization"), "epsilon", op.getEpsilon().convertToFloat());
  return Error::success();
}

Error writeLrn(OnnxWriter &writer, nn::LrnOp op) {
  onnx::NodeProto &node = writer.addLayer(op, "LRN");
  addAttribute(node, "size", static_cast<int64_t>(op.getSize()));
  addAttribute(node, "alpha", op.getAlpha().convertToFloat());
  addAttribute(node, "beta", op.getBeta().convertToFloat());
  addAttribute(node, "bias", op.getBias().convertToFloat());
  return Error::success();
}

Error writeSoftmax(OnnxWriter &writer, nn::SoftmaxOp op) {
  addAttribute(writer.addLayer(op, "Softmax"), "axis", static_cast<int64_t>(op.getAxis()));
  return Error::success();
}
bool softmaxKeepsBatch(nn::SoftmaxOp op, const BatchedValues &) { return op.getAxis() != 0; }

Error writeLayerNorm(OnnxWriter &writer, nn::LayerNormOp op) {
  writer.requireOpset(17);
  onnx::NodeProto &node = writer.addLayer(op, "LayerNormalization");
  addAttribute(node, "axis", static_cast<int64_t>(op.getAxis()));
  addAttribute(node, "epsilon", op.getEpsilon().convertToFloat());
  return Error::success();
}
bool layerNormKeepsBatch(nn::LayerNormOp op, const BatchedValues &batched) {
  return op.getAxis() != 0 && !batched.contains(op.getScale()) && (!op.getBias() || !batched.contains(op.getBias()));
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

/// ONNX says with one flag for all dimensions how windows are counted; the result's shape tells which.
template <typename Pool> llvm::Expected<bool> ceilModeOf(Pool op) {
  size_t spatial = op.getKernel().size();
  for (bool ceil : {false, true}) {
    bool fits = true;
    for (size_t i = 0; i < spatial; ++i)
      fits &= nn::shapeOf(op.getResult())[2 + i] ==
              nn::windowCount(nn::shapeOf(op.getInput())[2 + i], op.getKernel()[i], op.getStrides()[i], op.getPads()[i],
                              op.getPads()[spatial + i], op.getDilations()[i], ceil);
    if (fits)
      return ceil;
  }
  return onnxError(op, "it rounds the number of windows up in one dimension and down in another, which ONNX cannot say");
}

template <typename Pool> llvm::Expected<onnx::NodeProto *> addPool(OnnxWriter &writer, Pool op, const char *type) {
  llvm::Expected<bool> ceilMode = ceilModeOf(op);
  if (!ceilMode)
    return ceilMode.takeError();
  // Rounding up, ONNX's shape inference also counts windows that start behind the input: no padding that none of ours reaches.
  SmallVector<int64_t> pads(op.getPads());
  size_t spatial = op.getKernel().size();
  for (size_t i = 0; *ceilMode && i < spatial; ++i) {
    int64_t lastWindow = (nn::shapeOf(op.getResult())[2 + i] - 1) * op.getStrides()[i] - pads[i];
    int64_t overhang = lastWindow + op.getDilations()[i] * (op.getKernel()[i] - 1) + 1 - nn::shapeOf(op.getInput())[2 + i];
    pads[spatial + i] = std::min(pads[spatial + i], std::max<int64_t>(overhang, 0));
  }
  onnx::NodeProto &node = writer.addLayer(op, type);
  addAttribute(node, "kernel_shape", op.getKernel());
  addAttribute(node, "strides", op.getStrides());
  addAttribute(node, "pads", ArrayRef<int64_t>(pads));
  addAttribute(node, "ceil_mode", static_cast<int64_t>(*ceilMode));
  return &node;
}

Error writeMaxPool(OnnxWriter &writer, nn::MaxPoolOp op) {
  auto node = addPool(writer, op, "MaxPool");
  if (!node)
    return node.takeError();
  addAttribute(**node, "dilations", op.getDilations());
  return Error::success();
}

Error writeAveragePool(OnnxWriter &writer, nn::AveragePoolOp op) {
  auto node = addPool(writer, op, "AveragePool");
  if (!node)
    return node.takeError();
  addAttribute(**node, "count_include_pad", static_cast<int64_t>(op.getCountIncludePad()));
  if (llvm::any_of(op.getDilations(), [](int64_t dilation) { return dilation != 1; })) {
    writer.requireOpset(19);
    addAttribute(**node, "dilations", op.getDilations());
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

Error writeConcat(OnnxWriter &writer, nn::ConcatOp op) {
  addAttribute(writer.addLayer(op, "Concat"), "axis", static_cast<int64_t>(op.getAxis()));
  return Error::success();
}
bool concatKeepsBatch(nn::ConcatOp op, const BatchedValues &batched) {
  return op.getAxis() != 0 && llvm::all_of(op.getInputs(), [&](Value input) { return batched.contains(input); });
}

Error writeReshape(OnnxWriter &writer, nn::ReshapeOp op) {
  SmallVector<int64_t> shape(nn::shapeOf(op.getResult()));
  if (writer.batched.contains(op.getResult()))
    shape[0] = 0; // as many as the input has
  writer.addLayer(op, "Reshape", {writer.addIntegers(op.getLayer().str() + "_shape", shape)});
  return Error::success();
}

Error writeTranspose(OnnxWriter &writer, nn::TransposeOp op) {
  addAttribute(writer.addLayer(op, "Transpose"), "perm", op.getPermutation());
  return Error::success();
}
bool transposeKeepsBatch(nn::TransposeOp op, const BatchedValues &) { return op.getPermutation()[0] == 0; }

bool takesAll(nn::SliceOp op, int64_t dimension) {
  return op.getStarts()[dimension] == 0 && op.getSteps()[dimension] == 1 &&
         nn::shapeOf(op.getInput())[dimension] == nn::shapeOf(op.getResult())[dimension];
}
Error writeSlice(OnnxWriter &writer, nn::SliceOp op) {
  SmallVector<int64_t> starts, ends, axes, steps;
  for (auto [i, count] : llvm::enumerate(nn::shapeOf(op.getResult()))) {
    if (takesAll(op, i))
      continue;
    int64_t start = op.getStarts()[i], step = op.getSteps()[i], end = start + count * step;
    starts.push_back(start);
    ends.push_back(end < 0 ? INT64_MIN : end); // -1 would be the last index
    axes.push_back(i);
    steps.push_back(step);
  }
  if (axes.empty()) {
    writer.addLayer(op, "Identity");
    return Error::success();
  }
  std::string layer = op.getLayer().str();
  writer.addLayer(op, "Slice", {writer.addIntegers(layer + "_starts", starts), writer.addIntegers(layer + "_ends", ends),
                                writer.addIntegers(layer + "_axes", axes), writer.addIntegers(layer + "_steps", steps)});
  return Error::success();
}
bool sliceKeepsBatch(nn::SliceOp op, const BatchedValues &) { return takesAll(op, 0); }

Error writePad(OnnxWriter &writer, nn::PadOp op) {
  SmallVector<int64_t> pads(op.getLow());
  llvm::append_range(pads, op.getHigh());
  std::string layer = op.getLayer().str();
  writer.addLayer(op, "Pad", {writer.addIntegers(layer + "_pads", pads),
                              writer.addScalar(layer + "_value", op.getValue().convertToFloat())});
  return Error::success();
}
bool padKeepsBatch(nn::PadOp op, const BatchedValues &) { return op.getLow()[0] == 0 && op.getHigh()[0] == 0; }

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

/// Layers whose only varying operand is the first, and that never look across its leading dimension.
template <typename Op> bool bySample(Op op, const BatchedValues &batched) {
  for (Value operand : op->getOperands().drop_front())
    if (batched.contains(operand))
      return false;
  auto type = quantizedElement(op->getOperand(0));
  type = type ? type : quantizedElement(op->getResult(0));
  return !type || channelAxisOf(type) != 0;
}

template <typename Op, Error (*write)(OnnxWriter &, Op), bool (*keepsBatch)(Op, const BatchedValues &) = bySample<Op>>
OnnxLayer layer() {
  return {Op::getOperationName(), [](OnnxWriter &writer, Operation *op) { return write(writer, cast<Op>(op)); },
          [](Operation *op, const BatchedValues &batched) { return keepsBatch(cast<Op>(op), batched); }};
}

} // namespace

const OnnxLayer *quantization::findOnnxLayer(Operation *op) {
  static const OnnxLayer layers[] = {
      layer<nn::QuantizeOp, writeQuantize>(),
      layer<nn::DequantizeOp, writeDequantize>(),
      layer<nn::ConstantOp, writeConstant>(),
      layer<nn::ConvOp, writeConv>(),
      layer<nn::MatmulOp, writeMatmul, matmulKeepsBatch>(),
      layer<nn::AddOp, writeBinary<nn::AddOp>, binaryKeepsBatch>(),
      layer<nn::SubOp, writeBinary<nn::SubOp>, binaryKeepsBatch>(),
      layer<nn::MulOp, writeBinary<nn::MulOp>, binaryKeepsBatch>(),
      layer<nn::DivOp, writeBinary<nn::DivOp>, binaryKeepsBatch>(),
      layer<nn::ClampOp, writeClamp>(),
      layer<nn::FunctionOp, writeFunction>(),
      layer<nn::BatchNormOp, writeBatchNorm>(),
      layer<nn::LrnOp, writeLrn>(),
      layer<nn::SoftmaxOp, writeSoftmax, softmaxKeepsBatch>(),
      layer<nn::LayerNormOp, writeLayerNorm, layerNormKeepsBatch>(),
      layer<nn::MaxPoolOp, writeMaxPool>(),
      layer<nn::AveragePoolOp, writeAveragePool>(),
      layer<nn::ConcatOp, writeConcat, concatKeepsBatch>(),
      layer<nn::ReshapeOp, writeReshape>(),
      layer<nn::TransposeOp, writeTranspose, transposeKeepsBatch>(),
      layer<nn::SliceOp, writeSlice, sliceKeepsBatch>(),
      layer<nn::PadOp, writePad, padKeepsBatch>(),
  };
  StringRef name = op->getName().getStringRef();
  const OnnxLayer *entry = llvm::find_if(layers, [&](const OnnxLayer &layer) { return layer.operation == name; });
  return entry == std::end(layers) ? nullptr : entry;
}

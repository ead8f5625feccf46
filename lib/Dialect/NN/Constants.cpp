//===- Constants.cpp - tensors known at compile time ------------*- C++ -*-===//
//
// This file makes and reads constants: small ones as readable dense attributes, large ones as resources.
//
//===----------------------------------------------------------------------===//

#include "quantization/Dialect/NN/Constants.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "quantization/Dialect/NN/NN.h"

using namespace mlir;
using namespace quantization;

/// Above this many bytes a constant is a resource: no hashing, no hex text in the middle of the IR.
static constexpr size_t kLargeConstant = 256;

unsigned quantization::byteWidth(Type type) { return (type.getIntOrFloatBitWidth() + 7) / 8; }

ElementsAttr quantization::makeConstant(RankedTensorType type, ArrayRef<char> bytes) {
  type = RankedTensorType::get(type.getShape(), type.getElementType());
  if (bytes.size() <= kLargeConstant)
    return DenseElementsAttr::getFromRawBuffer(type, bytes);
  return DenseResourceElementsAttr::get(type, "constant", HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, 64));
}

std::vector<char> quantization::readBytes(ElementsAttr attr) {
  size_t count = attr.getNumElements(), width = byteWidth(attr.getElementType());
  ArrayRef<char> raw;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) {
    // The verifier of nn.constant has seen that they are all there.
    raw = resource.getRawHandle().getBlob()->getData();
    return std::vector<char>(raw.begin(), raw.begin() + count * width);
  }
  auto dense = cast<DenseElementsAttr>(attr);
  if (dense.getElementType().isInteger(1)) { // packed as bits
    std::vector<char> bytes;
    for (bool value : dense.getValues<bool>())
      bytes.push_back(value);
    return bytes;
  }
  raw = dense.getRawData();
  std::vector<char> bytes(count * width);
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = raw[dense.isSplat() ? i % width : i];
  return bytes;
}

std::vector<float> quantization::readFloats(ElementsAttr attr) {
  std::vector<char> bytes = readBytes(attr);
  std::vector<float> values(attr.getNumElements());
  if (attr.getElementType().isF32())
    std::memcpy(values.data(), bytes.data(), bytes.size());
  else if (attr.getElementType().isF64())
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>(reinterpret_cast<const double *>(bytes.data())[i]);
  else
    for (auto [value, integer] : llvm::zip(values, readIntegers(attr)))
      value = static_cast<float>(integer);
  return values;
}

std::vector<int64_t> quantization::readIntegers(ElementsAttr attr) {
  std::vector<int64_t> values(attr.getNumElements());
  std::vector<char> bytes = readBytes(attr);
  if (isa<FloatType>(attr.getElementType())) {
    for (auto [value, real] : llvm::zip(values, readFloats(attr)))
      value = static_cast<int64_t>(real);
    return values;
  }
  auto type = cast<IntegerType>(attr.getElementType());
  unsigned width = byteWidth(type);
  bool zeroExtend = type.isUnsigned() || type.getWidth() == 1;
  for (size_t i = 0; i < values.size(); ++i) {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + i * width, width);
    unsigned unused = 64 - (type.getWidth() == 1 ? 8 : type.getWidth()); // 4 bits lie in a byte
    values[i] = zeroExtend ? static_cast<int64_t>(word << unused >> unused) : static_cast<int64_t>(word << unused) >> unused;
  }
  return values;
}

std::vector<int64_t> quantization::readCodes(ElementsAttr attr, quant::QuantizedType type) {
  std::vector<int64_t> codes = readIntegers(attr);
  if (!type.isSigned())
    for (int64_t &code : codes)
      code &= (int64_t(1) << (8 * byteWidth(attr.getElementType()))) - 1;
  return codes;
}

static DialectResourceBlobManager &blobsOf(MLIRContext *context) {
  return DenseResourceElementsHandle::getManagerInterface(context).getBlobManager();
}

ConstantSweep::ConstantSweep(MLIRContext *context) : context(context) {
  blobsOf(context).getBlobMap([&](const auto &blobs) { others.insert_range(blobs.keys()); });
}

void ConstantSweep::sweep(ModuleOp module) {
  llvm::StringSet<> used;
  AttrTypeWalker walker;
  walker.addWalk([&](DenseResourceElementsAttr attr) { used.insert(attr.getRawHandle().getKey()); });
  if (module)
    module->walk([&](Operation *op) { walker.walk(op->getAttrDictionary()); });
  std::vector<std::string> unused;
  blobsOf(context).getBlobMap([&](const auto &blobs) {
    for (const auto &blob : blobs)
      if (!others.contains(blob.getKey()) && !used.contains(blob.getKey()))
        unused.push_back(blob.getKey().str());
  });
  for (const std::string &name : unused)
    blobsOf(context).lookup(name)->setBlob(AsmResourceBlob());
}

ElementsAttr quantization::constantBehind(Value value) {
  if (auto constant = value.getDefiningOp<nn::ConstantOp>())
    return constant.getValue();
  return {};
}

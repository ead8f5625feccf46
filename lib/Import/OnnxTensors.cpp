//===- OnnxTensors.cpp - tensors of an ONNX file ----------------*- C++ -*-===//
//
// This file reads TensorProto: its sizes are checked before anything is allocated, and 16- and 64-bit floats become f32.
//
//===----------------------------------------------------------------------===//

#include "OnnxTensors.h"
#include "onnx-ml.pb.h"
#include "quantization/Dialect/NN/Constants.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace quantization;
using onnx::TensorProto;

static llvm::Error refuse(const llvm::Twine &message) { return llvm::createStringError(message); }

std::optional<int64_t> quantization::countElements(ArrayRef<int64_t> shape) {
  int64_t count = 1;
  for (int64_t d : shape)
    if (d < 0 || llvm::MulOverflow(count, d, count) || count > kMaxElements)
      return std::nullopt;
  return count;
}

std::string quantization::onnxTypeName(int dataType) {
  // protobuf-lite has no reflection: the names of those types that can be met and refused.
  switch (dataType) {
  case TensorProto::UNDEFINED:
    return "undefined";
  case TensorProto::STRING:
    return "string";
  case TensorProto::UINT32:
    return "uint32";
  case TensorProto::UINT64:
    return "uint64";
  case TensorProto::COMPLEX64:
    return "complex64";
  case TensorProto::COMPLEX128:
    return "complex128";
  case TensorProto::BFLOAT16:
    return "bfloat16";
  case TensorProto::FLOAT8E4M3FN:
  case TensorProto::FLOAT8E4M3FNUZ:
  case TensorProto::FLOAT8E5M2:
  case TensorProto::FLOAT8E5M2FNUZ:
    return "float8";
  default:
    break;
  }
  return "number " + std::to_string(dataType);
}

Type quantization::elementTypeOfOnnx(int dataType, MLIRContext *context) {
  Builder builder(context);
  switch (dataType) {
  case TensorProto::FLOAT:
  case TensorProto::DOUBLE:
  case TensorProto::FLOAT16:
    return builder.getF32Type();
  case TensorProto::INT64:
    return builder.getI64Type();
  case TensorProto::INT32:
    return builder.getI32Type();
  case TensorProto::INT16:
    return builder.getIntegerType(16);
  case TensorProto::INT8:
    return builder.getIntegerType(8);
  case TensorProto::UINT16:
    return builder.getIntegerType(16, /*isSigned=*/false);
  case TensorProto::UINT8:
    return builder.getIntegerType(8, /*isSigned=*/false);
  case TensorProto::INT4:
    return builder.getIntegerType(4);
  case TensorProto::UINT4:
    return builder.getIntegerType(4, /*isSigned=*/false);
  case TensorProto::BOOL:
    return builder.getI1Type();
  default:
    return {};
  }
}

/// Bytes per element in `raw_data` and external files.
static unsigned widthInFile(int dataType) {
  switch (dataType) {
  case TensorProto::DOUBLE:
  case TensorProto::INT64:
    return 8;
  case TensorProto::FLOAT:
  case TensorProto::INT32:
    return 4;
  case TensorProto::FLOAT16:
  case TensorProto::INT16:
  case TensorProto::UINT16:
    return 2;
  default:
    return 1;
  }
}

static float halfToFloat(uint16_t half) {
  uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16, exponent = half >> 10 & 31, mantissa = half & 1023;
  if (exponent == 0) {
    float tiny = std::ldexp(static_cast<float>(mantissa), -24);
    return sign ? -tiny : tiny;
  }
  uint32_t bits = sign | (exponent == 31 ? 255u << 23 : (exponent + 112) << 23) | mantissa << 13;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

llvm::Expected<std::vector<char>> OnnxTensorReader::readExternal(const TensorProto &tensor, uint64_t bytes,
                                                                 const std::string &what) {
  StringRef location;
  uint64_t offset = 0, length = bytes;
  for (const auto &entry : tensor.external_data()) {
    StringRef value(entry.value());
    if (entry.key() == "location")
      location = value;
    else if ((entry.key() == "offset" && value.getAsInteger(10, offset)) ||
             (entry.key() == "length" && value.getAsInteger(10, length)))
      return refuse(what + ": external data with " + entry.key() + " \"" + entry.value() + "\", which is not a number");
  }
  if (location.empty())
    return refuse(what + ": external data without a location");
  bool escapes = llvm::sys::path::is_absolute(location) || location.contains('\0') ||
                 llvm::any_of(llvm::make_range(llvm::sys::path::begin(location), llvm::sys::path::end(location)),
                              [](StringRef part) { return part == ".."; });
  if (escapes)
    return refuse(what + ": external data \"" + location.str() + "\" is outside the model's folder");
  SmallString<256> path(folder);
  llvm::sys::path::append(path, location);
  std::string file = "external data file \"" + std::string(path) + "\"";
  llvm::sys::fs::file_status status;
  if (std::error_code error = llvm::sys::fs::status(path, status))
    return refuse(what + ": cannot read " + file + ": " + error.message());
  if (!llvm::sys::fs::is_regular_file(status))
    return refuse(what + ": " + file + " is not a file");
  if (length != bytes)
    return refuse(what + ": external data of " + std::to_string(length) + " bytes where its shape takes " +
                  std::to_string(bytes));
  if (offset > status.getSize() || status.getSize() - offset < bytes)
    return refuse(what + ": " + file + " ends at byte " + std::to_string(status.getSize()) + ", before the tensor's last byte " +
                  std::to_string(offset) + " + " + std::to_string(bytes));
  if (!bytes)
    return std::vector<char>();
  auto buffer = llvm::MemoryBuffer::getFileSlice(path, bytes, offset);
  if (!buffer)
    return refuse(what + ": cannot read " + file + ": " + buffer.getError().message());
  StringRef data = (*buffer)->getBuffer();
  hash.update(data);
  return std::vector<char>(data.begin(), data.end());
}

/// The values of a repeated field of the proto, narrowed to the width they have in `raw_data`.
template <typename T, typename Field> static std::vector<char> fieldBytes(const Field &field) {
  std::vector<char> bytes(field.size() * sizeof(T));
  for (int i = 0; i < field.size(); ++i) {
    T value = static_cast<T>(field.Get(i));
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
  return bytes;
}

static bool isNibble(int dataType) { return dataType == TensorProto::INT4 || dataType == TensorProto::UINT4; }

/// Two values lie in a byte, the first in its low half; each gets a byte of its own.
static std::vector<char> unpackNibbles(ArrayRef<char> packed, int64_t count, bool isSigned) {
  std::vector<char> bytes(count);
  for (int64_t i = 0; i < count; ++i) {
    int value = (static_cast<unsigned char>(packed[i / 2]) >> (i % 2 * 4)) & 15;
    bytes[i] = static_cast<char>(isSigned && value > 7 ? value - 16 : value);
  }
  return bytes;
}

static std::vector<char> readFields(const TensorProto &tensor) {
  switch (tensor.data_type()) {
  case TensorProto::FLOAT:
    return fieldBytes<float>(tensor.float_data());
  case TensorProto::DOUBLE:
    return fieldBytes<double>(tensor.double_data());
  case TensorProto::INT64:
    return fieldBytes<int64_t>(tensor.int64_data());
  case TensorProto::INT32:
    return fieldBytes<int32_t>(tensor.int32_data());
  case TensorProto::FLOAT16:
  case TensorProto::INT16:
  case TensorProto::UINT16:
    return fieldBytes<uint16_t>(tensor.int32_data());
  default:
    return fieldBytes<uint8_t>(tensor.int32_data());
  }
}

llvm::Expected<ElementsAttr> OnnxTensorReader::read(const TensorProto &tensor, const std::string &what) {
  int dataType = tensor.data_type();
  Type element = elementTypeOfOnnx(dataType, context);
  if (!element)
    return refuse(what + ": element type " + onnxTypeName(dataType) +
                  " is not supported; supported are float, double, float16, bool, and (u)int4, (u)int8, (u)int16, int32, int64");
  if (tensor.has_segment())
    return refuse(what + ": segmented tensors are not supported");
  SmallVector<int64_t> shape(tensor.dims().begin(), tensor.dims().end());
  std::string dims = "[" + llvm::join(llvm::map_range(shape, [](int64_t d) { return std::to_string(d); }), ", ") + "]";
  std::optional<int64_t> count = countElements(shape);
  if (llvm::any_of(shape, [](int64_t d) { return d < 0; }))
    return refuse(what + ": shape " + dims + " has a negative dimension");
  if (!count)
    return refuse(what + ": shape " + dims + " has more than 2^31 elements");

  unsigned width = widthInFile(dataType);
  uint64_t expected = isNibble(dataType) ? (static_cast<uint64_t>(*count) + 1) / 2 : static_cast<uint64_t>(*count) * width;
  std::vector<char> stored;
  ArrayRef<char> bytes;
  if (tensor.data_location() == TensorProto::EXTERNAL) {
    auto external = readExternal(tensor, expected, what);
    if (!external)
      return external.takeError();
    stored = std::move(*external);
    bytes = stored;
  } else if (tensor.has_raw_data()) {
    bytes = ArrayRef<char>(tensor.raw_data().data(), tensor.raw_data().size());
  } else {
    stored = readFields(tensor);
    bytes = stored;
  }
  if (bytes.size() != expected)
    return refuse(what + ": " + std::to_string(bytes.size()) + " bytes of data where shape " + dims + " takes " +
                  std::to_string(expected));

  auto type = RankedTensorType::get(shape, element);
  if (isNibble(dataType))
    return makeConstant(type, ArrayRef<char>(unpackNibbles(bytes, *count, dataType == TensorProto::INT4)));
  if (dataType == TensorProto::BOOL) { // dense attributes pack booleans into bits
    SmallVector<bool> values(llvm::map_range(bytes, [](char byte) { return byte != 0; }));
    return ElementsAttr(DenseElementsAttr::get(type, values));
  }
  if (dataType != TensorProto::DOUBLE && dataType != TensorProto::FLOAT16)
    return makeConstant(type, bytes);
  std::vector<float> values(*count);
  for (int64_t i = 0; i < *count; ++i) {
    if (dataType == TensorProto::DOUBLE) {
      double value;
      std::memcpy(&value, bytes.data() + i * width, width);
      values[i] = static_cast<float>(value);
    } else {
      uint16_t value;
      std::memcpy(&value, bytes.data() + i * width, width);
      values[i] = halfToFloat(value);
    }
  }
  return makeConstant(type, ArrayRef<float>(values));
}

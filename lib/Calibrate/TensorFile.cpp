//===- TensorFile.cpp - ONNX tensors in files of their own ------*- C++ -*-===//
//
// Part of quantization-opt. This file decodes the few fields of onnx.proto's TensorProto that hold numbers.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/TensorFile.h"

#include "quantization/Calibrate/ByteReader.h"

#include <cstring>

namespace quantization {

namespace {
/// Field numbers of TensorProto.
enum Field {
  Dims = 1,
  DataType = 2,
  FloatData = 4,
  Int32Data = 5,
  Int64Data = 7,
  Name = 8,
  RawData = 9,
  DoubleData = 10,
  Uint64Data = 11,
  DataLocation = 14,
};

/// Reads protobuf's wire format; every step says whether the bytes were there.
class WireReader {
public:
  WireReader(const char *begin, const char *end) : cursor(begin), end(end) {}

  bool atEnd() const { return cursor == end; }

  bool varint(uint64_t &value) {
    value = 0;
    for (unsigned shift = 0; shift < 70 && cursor != end; shift += 7) {
      uint8_t byte = uint8_t(*cursor++);
      if (shift < 64)
        value |= uint64_t(byte & 0x7f) << shift;
      if (!(byte & 0x80))
        return true;
    }
    return false;
  }

  bool bytes(uint64_t count, std::string &to) {
    if (count > uint64_t(end - cursor))
      return false;
    to.assign(cursor, size_t(count));
    cursor += count;
    return true;
  }

private:
  const char *cursor, *end;
};

std::optional<ElementType> typeOf(uint64_t dataType) {
  switch (dataType) { // TensorProto.DataType
  case 1:
    return ElementType::F32;
  case 2:
    return ElementType::U8;
  case 3:
    return ElementType::I8;
  case 4:
    return ElementType::U16;
  case 5:
    return ElementType::I16;
  case 6:
    return ElementType::I32;
  case 7:
    return ElementType::I64;
  case 9:
    return ElementType::Bool;
  case 10:
    return ElementType::F16;
  case 11:
    return ElementType::F64;
  case 12:
    return ElementType::U32;
  case 13:
    return ElementType::U64;
  default:
    return std::nullopt;
  }
}

/// The field that holds elements of `type` when raw_data does not, and whether its entries are varints.
std::pair<Field, bool> typedField(ElementType type) {
  switch (type) {
  case ElementType::F32:
    return {FloatData, false};
  case ElementType::F64:
    return {DoubleData, false};
  case ElementType::I64:
    return {Int64Data, true};
  case ElementType::U32:
  case ElementType::U64:
    return {Uint64Data, true};
  default:
    return {Int32Data, true};
  }
}

/// The message's fields as they lie in the file; packed and single entries are strung together.
struct Fields {
  Shape dims;
  uint64_t dataType = 0, location = 0;
  std::string name, raw;
  bool hasRaw = false;
  std::string typed[Uint64Data + 1];

  bool parse(WireReader reader);
};

bool Fields::parse(WireReader reader) {
  while (!reader.atEnd()) {
    uint64_t key, number = 0;
    std::string content;
    if (!reader.varint(key) || key >> 3 == 0)
      return false;
    unsigned wireType = key & 7;
    if (wireType == 0 ? !reader.varint(number)
        : wireType == 1 ? !reader.bytes(8, content)
        : wireType == 2 ? !(reader.varint(number) && reader.bytes(number, content))
        : wireType == 5 ? !reader.bytes(4, content)
                        : true)
      return false;
    switch (key >> 3) {
    case Dims:
      if (wireType == 0)
        dims.push_back(int64_t(number));
      for (WireReader packed(content.data(), content.data() + content.size()); !packed.atEnd();) {
        if (!packed.varint(number))
          return false;
        dims.push_back(int64_t(number));
      }
      break;
    case DataType:
      dataType = number;
      break;
    case DataLocation:
      location = number;
      break;
    case Name:
      name = content;
      break;
    case RawData:
      raw = std::move(content);
      hasRaw = true;
      break;
    case FloatData:
    case Int32Data:
    case Int64Data:
    case DoubleData:
    case Uint64Data: {
      std::string &entries = typed[key >> 3];
      if (wireType == 0) // one entry, written as a varint again
        for (bool more = true; more; number >>= 7) {
          more = number >> 7;
          entries += char((number & 0x7f) | (more ? 0x80 : 0));
        }
      entries += content;
      break;
    }
    default:
      break;
    }
  }
  return true;
}

/// Varints into elements of `size` bytes, the low ones of each.
bool decodeVarints(const std::string &entries, size_t size, std::vector<char> &to) {
  for (WireReader reader(entries.data(), entries.data() + entries.size()); !reader.atEnd();) {
    uint64_t value;
    if (!reader.varint(value))
      return false;
    const char *low = reinterpret_cast<const char *>(&value);
    to.insert(to.end(), low, low + size);
  }
  return true;
}
} // namespace

std::optional<TensorFile> TensorFile::read(const std::string &path, std::string &error) {
  auto fail = [&](const std::string &fact) {
    error = path + ": " + fact;
    return std::nullopt;
  };
  auto file = InputFile::open(path, error);
  if (!file)
    return std::nullopt;
  if (file->size > int64_t(1) << 31)
    return fail("is larger than an ONNX tensor can be");
  std::vector<char> content(static_cast<size_t>(file->size));
  if (!file->read(0, content.data(), content.size(), error))
    return std::nullopt;
  Fields fields;
  if (content.empty() || !fields.parse(WireReader(content.data(), content.data() + content.size())))
    return fail("is not an ONNX tensor, or is a truncated one");
  auto type = typeOf(fields.dataType);
  if (!type)
    return fail("is not an ONNX tensor of floats, integers or booleans (data type " +
                std::to_string(fields.dataType) + ")");
  if (fields.location != 0)
    return fail("keeps its data in another file, which is not supported for samples");
  auto count = elementCount(fields.dims);
  if (!count)
    return fail("has the impossible shape " + shapeToString(fields.dims));

  TensorFile tensor;
  tensor.name = fields.name;
  tensor.type = *type;
  tensor.shape = fields.dims;
  auto [field, isVarint] = typedField(*type);
  const std::string &entries = fields.typed[field];
  if (fields.hasRaw)
    tensor.data.assign(fields.raw.begin(), fields.raw.end());
  else if (!isVarint)
    tensor.data.assign(entries.begin(), entries.end());
  else if (!decodeVarints(entries, elementSize(*type), tensor.data))
    return fail("is damaged");
  if (int64_t(tensor.data.size()) != *count * int64_t(elementSize(*type)))
    return fail("is truncated: shape " + shapeToString(fields.dims) + " of " + elementTypeName(*type) + " needs " +
                std::to_string(*count * int64_t(elementSize(*type))) + " bytes, but it holds " +
                std::to_string(tensor.data.size()));
  return tensor;
}

} // namespace quantization

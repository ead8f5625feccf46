//===- Npz.cpp - reads numpy's array files ----------------------*- C++ -*-===//
//
// Part of quantization-opt. This file reads .npy headers and the zip archives that hold them. Zip's fields are cited as
// in its specification (APPNOTE 4.3): local header, central directory, end of central directory.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Npz.h"

#include <algorithm>
#include <cstring>

namespace quantization {

namespace {
uint64_t little(const unsigned char *from, unsigned bytes) {
  uint64_t value = 0;
  for (unsigned i = 0; i < bytes; ++i)
    value |= uint64_t(from[i]) << (8 * i);
  return value;
}

/// The text after `'key':` in a .npy header, which is a Python dict literal.
std::optional<std::string> headerField(const std::string &header, const std::string &key) {
  size_t at = header.find("'" + key + "'");
  size_t colon = at == std::string::npos ? at : header.find(':', at);
  if (colon == std::string::npos)
    return std::nullopt;
  size_t begin = header.find_first_not_of(' ', colon + 1);
  return begin == std::string::npos ? std::nullopt : std::optional(header.substr(begin));
}

/// "(3, 4)", "(3,)" or "()".
std::optional<Shape> parseShape(const std::string &text) {
  size_t close = text.find(')');
  if (text[0] != '(' || close == std::string::npos)
    return std::nullopt;
  Shape shape;
  for (size_t i = 1; i < close;) {
    if (text[i] == ' ' || text[i] == ',') {
      ++i;
      continue;
    }
    int64_t value = 0;
    size_t digits = 0;
    for (; i < close && text[i] >= '0' && text[i] <= '9' && digits < 18; ++i, ++digits)
      value = value * 10 + (text[i] - '0');
    if (!digits)
      return std::nullopt;
    shape.push_back(value);
    if (i < close && text[i] == 'L') // Python 2's long
      ++i;
  }
  return shape;
}
} // namespace

//===----------------------------------------------------------------------===//
// .npy
//===----------------------------------------------------------------------===//

std::unique_ptr<ArrayReader> ArrayReader::open(std::unique_ptr<ByteReader> bytes, const std::string &what,
                                               std::string &error) {
  auto reader = std::make_unique<ArrayReader>();
  reader->bytes = std::move(bytes);
  reader->what = what;
  return reader->parseHeader(error) ? std::move(reader) : nullptr;
}

bool ArrayReader::parseHeader(std::string &error) {
  unsigned char prefix[12];
  if (bytes->size() < 10 || !bytes->read(prefix, 10, error) || std::memcmp(prefix, "\x93NUMPY", 6) != 0) {
    error = what + ": is not a numpy array";
    return false;
  }
  size_t length = size_t(little(prefix + 8, 2)), start = 10;
  if (prefix[6] >= 2) { // versions 2 and 3 have four bytes of length
    if (!bytes->read(prefix + 10, 2, error))
      return false;
    length = size_t(little(prefix + 8, 4));
    start = 12;
  }
  if (length > size_t(1) << 20 || int64_t(length + start) > bytes->size()) {
    error = what + ": is truncated in its header";
    return false;
  }
  std::string header(length, '\0');
  if (!bytes->read(header.data(), length, error))
    return false;

  auto descriptor = headerField(header, "descr"), order = headerField(header, "fortran_order"),
       shapeText = headerField(header, "shape");
  auto shape = shapeText ? parseShape(*shapeText) : std::nullopt;
  if (!descriptor || !order || !shape) {
    error = what + ": has a malformed numpy header";
    return false;
  }
  std::string typeText = (*descriptor)[0] == '\'' ? descriptor->substr(1, descriptor->find('\'', 1) - 1)
                                                  : "a structure";
  auto type = parseElementTypeDescriptor(typeText);
  if (!type) {
    error = what + ": has element type " + typeText +
            "; expected little-endian floats, integers or booleans of up to 8 bytes";
    return false;
  }
  auto count = elementCount(*shape);
  if (!count || *count > (bytes->size() - int64_t(start + length)) / int64_t(elementSize(*type))) {
    error = what + ": is truncated: its header says " + elementTypeName(*type) + shapeToString(*shape) + ", but only " +
            std::to_string(bytes->size() - int64_t(start + length)) + " bytes follow";
    return false;
  }
  // Both orders are one where at most one axis is longer than 1.
  auto longAxes = std::count_if(shape->begin(), shape->end(), [](int64_t size) { return size > 1; });
  if (order->compare(0, 4, "True") == 0 && longAxes > 1) {
    error = what + ": is stored in Fortran order; save numpy.ascontiguousarray(x) instead";
    return false;
  }
  elementType = *type;
  arrayShape = *shape;
  elements = remaining = *count;
  return true;
}

bool ArrayReader::read(void *to, size_t count, std::string &error) {
  if (int64_t(count) > remaining) {
    error = what + ": has no more elements";
    return false;
  }
  remaining -= int64_t(count);
  return bytes->read(to, count * elementSize(elementType), error);
}

bool ArrayReader::rewind(std::string &error) { return bytes->rewind(error) && parseHeader(error); }

std::unique_ptr<ArrayReader> openNpy(const std::string &path, std::string &error) {
  auto file = InputFile::open(path, error);
  if (!file)
    return nullptr;
  int64_t size = file->size;
  return ArrayReader::open(readStored(std::move(file), 0, size, std::nullopt), path, error);
}

//===----------------------------------------------------------------------===//
// .npz
//===----------------------------------------------------------------------===//

std::unique_ptr<NpzFile> NpzFile::open(const std::string &path, std::string &error) {
  auto npz = std::make_unique<NpzFile>();
  npz->file = InputFile::open(path, error);
  return npz->file && npz->readDirectory(error) ? std::move(npz) : nullptr;
}

bool NpzFile::readDirectory(std::string &error) {
  auto fail = [&](const char *fact) {
    error = file->path + ": " + fact;
    return false;
  };
  // The end record is 22 bytes and a comment of up to 64 KiB; a zip64 locator of 20 bytes lies before it.
  int64_t tailSize = std::min<int64_t>(file->size, 22 + 65535 + 20);
  std::vector<unsigned char> tail(static_cast<size_t>(tailSize));
  if (!file->read(file->size - tailSize, tail.data(), tail.size(), error))
    return false;
  int64_t end = tailSize - 22;
  while (end >= 0 && little(&tail[size_t(end)], 4) != 0x06054b50)
    --end;
  if (end < 0)
    return fail("is not an npz file, or is a truncated one");
  const unsigned char *record = &tail[size_t(end)];
  uint64_t count = little(record + 10, 2), size = little(record + 12, 4), offset = little(record + 16, 4);
  if (end >= 20 && little(record - 20, 4) == 0x07064b50) {
    unsigned char zip64[56];
    uint64_t at = little(record - 12, 8);
    if (at > uint64_t(file->size) || file->size - int64_t(at) < 56 ||
        !file->read(int64_t(at), zip64, sizeof(zip64), error) || little(zip64, 4) != 0x06064b50)
      return fail("has a malformed zip64 directory");
    count = little(zip64 + 32, 8);
    size = little(zip64 + 40, 8);
    offset = little(zip64 + 48, 8);
  }
  if (size > uint64_t(file->size) || offset > uint64_t(file->size) - size)
    return fail("is truncated");
  if (size > uint64_t(1) << 30)
    return fail("has an unreasonably large directory");
  std::vector<unsigned char> directory(static_cast<size_t>(size));
  if (!file->read(int64_t(offset), directory.data(), directory.size(), error))
    return false;
  size_t at = 0;
  for (uint64_t i = 0; i < count; ++i) {
    if (directory.size() - at < 46 || little(&directory[at], 4) != 0x02014b50)
      return fail("has a malformed zip directory");
    const unsigned char *entry = &directory[at];
    size_t nameSize = size_t(little(entry + 28, 2)), extraSize = size_t(little(entry + 30, 2));
    size_t total = 46 + nameSize + extraSize + size_t(little(entry + 32, 2));
    if (directory.size() - at < total)
      return fail("has a malformed zip directory");
    std::string name(reinterpret_cast<const char *>(entry + 46), nameSize);
    if (!addMember(entry, name, entry + 46 + nameSize, extraSize, error))
      return false;
    at += total;
  }
  return true;
}

bool NpzFile::addMember(const unsigned char *entry, const std::string &name, const unsigned char *extra,
                        size_t extraSize, std::string &error) {
  Member member;
  member.flags = unsigned(little(entry + 8, 2));
  member.method = unsigned(little(entry + 10, 2));
  member.crc = uint32_t(little(entry + 16, 4));
  uint64_t sizes[3] = {little(entry + 24, 4), little(entry + 20, 4), little(entry + 42, 4)};
  // Extra field 1 holds, in this order, those that did not fit in four bytes.
  for (size_t i = 0; i + 4 <= extraSize;) {
    size_t fieldSize = size_t(little(extra + i + 2, 2)), at = i + 4;
    size_t fieldEnd = std::min(at + fieldSize, extraSize);
    if (little(extra + i, 2) == 1)
      for (uint64_t &size : sizes)
        if (size == 0xffffffff && at + 8 <= fieldEnd) {
          size = little(extra + at, 8);
          at += 8;
        }
    i += 4 + fieldSize;
  }
  for (uint64_t size : {sizes[1], sizes[2]})
    if (size > uint64_t(file->size)) {
      error = file->path + ": is truncated in " + name;
      return false;
    }
  if (sizes[0] > uint64_t(1) << 56) {
    error = file->path + ": has a malformed zip directory";
    return false;
  }
  member.size = int64_t(sizes[0]);
  member.compressedSize = int64_t(sizes[1]);
  member.headerOffset = int64_t(sizes[2]);
  // numpy names the members KEY.npy.
  if (name.size() > 4 && name.compare(name.size() - 4, 4, ".npy") == 0)
    members[name.substr(0, name.size() - 4)] = member;
  return true;
}

std::vector<std::string> NpzFile::keys() const {
  std::vector<std::string> keys;
  for (const auto &member : members)
    keys.push_back(member.first);
  return keys;
}

std::unique_ptr<ArrayReader> NpzFile::array(const std::string &key, std::string &error) const {
  auto found = members.find(key);
  std::string what = file->path + ": array \"" + key + "\"";
  if (found == members.end()) {
    error = what + " does not exist";
    return nullptr;
  }
  const Member &member = found->second;
  unsigned char header[30];
  if (!file->read(member.headerOffset, header, sizeof(header), error))
    return nullptr;
  int64_t data = member.headerOffset + 30 + int64_t(little(header + 26, 2) + little(header + 28, 2));
  if (little(header, 4) != 0x04034b50) {
    error = what + " is damaged (zip header)";
    return nullptr;
  }
  if (member.flags & 1) {
    error = what + " is encrypted";
    return nullptr;
  }
  if (member.compressedSize > file->size - data || (member.method == 0 && member.size != member.compressedSize)) {
    error = what + " is truncated";
    return nullptr;
  }
  std::unique_ptr<ByteReader> bytes;
  if (member.method == 0)
    bytes = readStored(file, data, member.size, member.crc);
  else if (member.method == 8)
    bytes = readDeflated(file, data, member.compressedSize, member.size, member.crc);
  if (!bytes) {
    error = what + " is compressed by zip's method " + std::to_string(member.method) +
            "; use numpy.savez or numpy.savez_compressed";
    return nullptr;
  }
  return ArrayReader::open(std::move(bytes), what, error);
}

} // namespace quantization

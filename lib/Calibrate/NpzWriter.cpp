//===- NpzWriter.cpp - writes .npz files ------------------------*- C++ -*-===//
//
// Part of quantization-opt. This file writes .npz files: every member's place is known from the start, so arrays fill
// side by side, and only checksums and the directory wait for the end.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Npz.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace quantization {

namespace {
constexpr uint64_t limit32 = 0xffffffff;

void appendLittle(std::string &to, uint64_t value, unsigned bytes) {
  for (unsigned i = 0; i < bytes; ++i)
    to += char(value >> (8 * i));
}

std::string npyHeader(const NpzArray &array) {
  std::string dict = std::string("{'descr': '") + elementTypeDescriptor(array.type) +
                     "', 'fortran_order': False, 'shape': (";
  for (int64_t size : array.shape)
    dict += std::to_string(size) + ", ";
  dict += "), }";
  // The data starts at a multiple of 64.
  dict.append(63 - (10 + dict.size()) % 64, ' ');
  dict += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  appendLittle(header, dict.size(), 2);
  return header + dict;
}

/// Version, flags, method, time and date (1 January 1980), checksum and the two sizes: the part that the local header and
/// the directory share. Sizes in an extra field read as all ones.
std::string commonFields(uint32_t crc, uint64_t size, bool zip64) {
  std::string fields;
  appendLittle(fields, zip64 ? 45 : 20, 2);
  appendLittle(fields, 0x800, 2); // names are UTF-8
  appendLittle(fields, 0, 2);
  appendLittle(fields, 0, 2);
  appendLittle(fields, 0x21, 2);
  appendLittle(fields, crc, 4);
  appendLittle(fields, zip64 ? limit32 : size, 4);
  appendLittle(fields, zip64 ? limit32 : size, 4);
  return fields;
}
} // namespace

std::unique_ptr<NpzWriter> NpzWriter::create(const std::string &path, const std::vector<NpzArray> &arrays,
                                             std::string &error) {
  auto writer = std::make_unique<NpzWriter>();
  writer->path = path;
  for (const NpzArray &array : arrays) {
    auto count = elementCount(array.shape);
    if (!count || array.name.size() > 60000 || array.shape.size() > 64) {
      error = path + ": array \"" + array.name.substr(0, 100) + "\" of shape " + shapeToString(array.shape) +
              " cannot be written";
      return nullptr;
    }
    Member member;
    member.name = array.name + ".npy";
    member.header = npyHeader(array);
    member.size = int64_t(member.header.size()) + *count * int64_t(elementSize(array.type));
    member.offset = writer->end;
    writer->end += int64_t(writer->localHeader(member).size()) + member.size;
    writer->members.push_back(std::move(member));
  }
  std::string temporary = path + ".XXXXXX";
  int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0) {
    error = path + ": cannot write: " + std::strerror(errno);
    return nullptr;
  }
  writer->temporary = temporary;
  writer->descriptor = descriptor;
  for (size_t i = 0; i < writer->members.size(); ++i)
    if (!writer->append(i, writer->members[i].header.data(), writer->members[i].header.size(), error))
      return nullptr;
  return writer;
}

NpzWriter::~NpzWriter() {
  if (descriptor >= 0)
    ::close(descriptor);
  if (!temporary.empty())
    ::unlink(temporary.c_str());
}

bool NpzWriter::write(int64_t offset, const void *data, size_t bytes, std::string &error) {
  const char *cursor = static_cast<const char *>(data);
  while (bytes) {
    ssize_t put = ::pwrite(descriptor, cursor, bytes, offset);
    if (put < 0 && errno == EINTR)
      continue;
    if (put <= 0) {
      error = path + ": cannot write: " + std::strerror(put < 0 ? errno : ENOSPC);
      return false;
    }
    cursor += put;
    offset += put;
    bytes -= size_t(put);
  }
  return true;
}

bool NpzWriter::append(size_t array, const void *data, size_t bytes, std::string &error) {
  Member &member = members[array];
  if (int64_t(bytes) > member.size - member.written) {
    error = path + ": " + member.name + " is given more data than its shape holds";
    return false;
  }
  if (!bytes) // to zlib, no buffer means a new checksum
    return true;
  int64_t start = member.offset + int64_t(localHeader(member).size());
  if (!write(start + member.written, data, bytes, error))
    return false;
  member.crc = uint32_t(crc32_z(member.crc, static_cast<const Bytef *>(data), bytes));
  member.written += int64_t(bytes);
  return true;
}

std::string NpzWriter::localHeader(const Member &member) const {
  bool zip64 = uint64_t(member.size) >= limit32;
  std::string header = "PK\x03\x04" + commonFields(member.crc, uint64_t(member.size), zip64);
  appendLittle(header, member.name.size(), 2);
  appendLittle(header, zip64 ? 20 : 0, 2);
  header += member.name;
  if (zip64) {
    appendLittle(header, 1, 2);
    appendLittle(header, 16, 2);
    appendLittle(header, uint64_t(member.size), 8);
    appendLittle(header, uint64_t(member.size), 8);
  }
  return header;
}

std::string NpzWriter::directory() const {
  std::string entries;
  for (const Member &member : members) {
    bool zip64 = uint64_t(member.size) >= limit32 || uint64_t(member.offset) >= limit32;
    entries += "PK\x01\x02";
    appendLittle(entries, zip64 ? 45 : 20, 2);
    entries += commonFields(member.crc, uint64_t(member.size), zip64);
    appendLittle(entries, member.name.size(), 2);
    appendLittle(entries, zip64 ? 28 : 0, 2);
    entries.append(10, '\0'); // comment, disk, attributes
    appendLittle(entries, zip64 ? limit32 : uint64_t(member.offset), 4);
    entries += member.name;
    if (zip64) {
      appendLittle(entries, 1, 2);
      appendLittle(entries, 24, 2);
      appendLittle(entries, uint64_t(member.size), 8);
      appendLittle(entries, uint64_t(member.size), 8);
      appendLittle(entries, uint64_t(member.offset), 8);
    }
  }
  uint64_t size = entries.size(), count = members.size();
  bool zip64 = uint64_t(end) >= limit32 || count >= 0xffff || size >= limit32;
  if (zip64) {
    uint64_t recordOffset = uint64_t(end) + size;
    entries += "PK\x06\x06";
    appendLittle(entries, 44, 8);
    appendLittle(entries, 45, 2);
    appendLittle(entries, 45, 2);
    appendLittle(entries, 0, 8);
    appendLittle(entries, count, 8);
    appendLittle(entries, count, 8);
    appendLittle(entries, size, 8);
    appendLittle(entries, uint64_t(end), 8);
    entries += "PK\x06\x07";
    appendLittle(entries, 0, 4);
    appendLittle(entries, recordOffset, 8);
    appendLittle(entries, 1, 4);
  }
  entries += "PK\x05\x06";
  appendLittle(entries, 0, 4);
  appendLittle(entries, zip64 ? 0xffff : count, 2);
  appendLittle(entries, zip64 ? 0xffff : count, 2);
  appendLittle(entries, zip64 ? limit32 : size, 4);
  appendLittle(entries, zip64 ? limit32 : uint64_t(end), 4);
  appendLittle(entries, 0, 2);
  return entries;
}

bool NpzWriter::commit(std::string &error) {
  for (const Member &member : members) {
    if (member.written != member.size) {
      error = path + ": " + member.name + " is not complete";
      return false;
    }
    std::string header = localHeader(member);
    if (!write(member.offset, header.data(), header.size(), error))
      return false;
  }
  std::string entries = directory();
  if (!write(end, entries.data(), entries.size(), error))
    return false;
  // Temporary files are private; give the result the usual permissions.
  mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(descriptor, 0666 & ~mask);
  int closed = ::close(descriptor);
  descriptor = -1;
  if (closed != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
    error = path + ": cannot write: " + std::strerror(errno);
    return false;
  }
  temporary.clear();
  return true;
}

} // namespace quantization

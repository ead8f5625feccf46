//===- ByteReader.cpp - files and streams of bytes --------------*- C++ -*-===//
//
// Part of quantization-opt. This file reads files by offset, and inflates what zlib has deflated as it is read.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/ByteReader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>
#include <zlib.h>

namespace quantization {

InputFile::~InputFile() {
  if (descriptor >= 0)
    ::close(descriptor);
}

std::shared_ptr<InputFile> InputFile::open(const std::string &path, std::string &error) {
  auto file = std::make_shared<InputFile>();
  file->path = path;
  file->descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (file->descriptor < 0 || ::fstat(file->descriptor, &status) != 0) {
    error = path + ": cannot open: " + std::strerror(errno);
    return nullptr;
  }
  if (!S_ISREG(status.st_mode)) {
    error = path + ": is not a regular file";
    return nullptr;
  }
  file->size = status.st_size;
  return file;
}

bool InputFile::read(int64_t offset, void *to, size_t bytes, std::string &error) const {
  char *cursor = static_cast<char *>(to);
  while (bytes) {
    ssize_t got = ::pread(descriptor, cursor, bytes, offset);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0) {
      error = path + (got < 0 ? std::string(": cannot read: ") + std::strerror(errno) : ": is truncated");
      return false;
    }
    cursor += got;
    offset += got;
    bytes -= size_t(got);
  }
  return true;
}

ByteReader::~ByteReader() = default;

namespace {
/// Bytes [offset, offset + size) of a file.
class StoredReader final : public ByteReader {
public:
  StoredReader(std::shared_ptr<InputFile> file, int64_t offset, int64_t size, std::optional<uint32_t> expectedCrc)
      : file(std::move(file)), offset(offset), bytes(size), expectedCrc(expectedCrc) {}

  bool read(void *to, size_t count, std::string &error) override {
    if (int64_t(count) > bytes - position) {
      error = file->path + ": is truncated";
      return false;
    }
    if (!file->read(offset + position, to, count, error))
      return false;
    position += int64_t(count);
    if (!expectedCrc || !count) // to zlib, no buffer means a new checksum
      return true;
    crc = uint32_t(crc32_z(crc, static_cast<const Bytef *>(to), count));
    if (position == bytes && crc != *expectedCrc) {
      error = file->path + ": is damaged (checksum)";
      return false;
    }
    return true;
  }

  bool rewind(std::string &) override {
    position = 0;
    crc = 0;
    return true;
  }

  int64_t size() const override { return bytes; }

private:
  std::shared_ptr<InputFile> file;
  int64_t offset, bytes, position = 0;
  std::optional<uint32_t> expectedCrc;
  uint32_t crc = 0;
};

/// A deflated zip member, inflated as it is read.
class InflatingReader final : public ByteReader {
public:
  InflatingReader(std::shared_ptr<InputFile> file, int64_t offset, int64_t compressedSize, int64_t size,
                  uint32_t expectedCrc)
      : file(std::move(file)), offset(offset), compressedSize(compressedSize), bytes(size), expectedCrc(expectedCrc),
        buffer(1 << 16) {
    ready = inflateInit2(&stream, -MAX_WBITS) == Z_OK;
  }

  ~InflatingReader() override {
    if (ready)
      inflateEnd(&stream);
  }

  bool read(void *to, size_t count, std::string &error) override {
    char *cursor = static_cast<char *>(to);
    for (size_t left = count; left;) {
      size_t step = std::min<size_t>(left, 1 << 30);
      stream.next_out = reinterpret_cast<Bytef *>(cursor);
      stream.avail_out = uInt(step);
      while (stream.avail_out) {
        // With no input left, zlib may still hold output.
        if (!stream.avail_in && consumed < compressedSize && !refill(error))
          return false;
        int status = ready ? inflate(&stream, Z_NO_FLUSH) : Z_MEM_ERROR;
        if (status != Z_OK && !(status == Z_STREAM_END && !stream.avail_out)) {
          error = file->path + (status == Z_BUF_ERROR ? ": is truncated" : ": is damaged (deflate)");
          return false;
        }
      }
      cursor += step;
      left -= step;
    }
    if (!count)
      return true;
    position += int64_t(count);
    crc = uint32_t(crc32_z(crc, static_cast<const Bytef *>(to), count));
    if (position == bytes && crc != expectedCrc) {
      error = file->path + ": is damaged (checksum)";
      return false;
    }
    return true;
  }

  bool rewind(std::string &error) override {
    position = consumed = 0;
    crc = 0;
    stream.avail_in = 0;
    if (ready && inflateReset(&stream) == Z_OK)
      return true;
    error = file->path + ": cannot start again (zlib)";
    return false;
  }

  int64_t size() const override { return bytes; }

private:
  bool refill(std::string &error) {
    size_t step = size_t(std::min<int64_t>(compressedSize - consumed, int64_t(buffer.size())));
    if (!file->read(offset + consumed, buffer.data(), step, error))
      return false;
    consumed += int64_t(step);
    stream.next_in = buffer.data();
    stream.avail_in = uInt(step);
    return true;
  }

  std::shared_ptr<InputFile> file;
  int64_t offset, compressedSize, bytes, position = 0, consumed = 0;
  uint32_t expectedCrc, crc = 0;
  std::vector<Bytef> buffer;
  z_stream stream = {};
  bool ready = false;
};
} // namespace

std::unique_ptr<ByteReader> readStored(std::shared_ptr<InputFile> file, int64_t offset, int64_t size,
                                       std::optional<uint32_t> crc) {
  return std::make_unique<StoredReader>(std::move(file), offset, size, crc);
}

std::unique_ptr<ByteReader> readDeflated(std::shared_ptr<InputFile> file, int64_t offset, int64_t compressedSize,
                                         int64_t size, uint32_t crc) {
  return std::make_unique<InflatingReader>(std::move(file), offset, compressedSize, size, crc);
}

} // namespace quantization

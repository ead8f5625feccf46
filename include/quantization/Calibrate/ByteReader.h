//===- ByteReader.h - files and streams of bytes ----------------*- C++ -*-===//
//
// Part of quantization-opt. This file reads bytes from files, deflated ones too, without holding them all in memory.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_CALIBRATE_BYTEREADER_H
#define QUANTIZATION_CALIBRATE_BYTEREADER_H

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace quantization {

/// An open file, read by offset; closed with its last owner.
struct InputFile {
  std::string path;
  int descriptor = -1;
  int64_t size = 0;

  InputFile() = default;
  InputFile(const InputFile &) = delete;
  InputFile &operator=(const InputFile &) = delete;
  ~InputFile();

  /// Null, and `error` set, when `path` is no readable regular file.
  static std::shared_ptr<InputFile> open(const std::string &path, std::string &error);
  /// Reads exactly `bytes` bytes at `offset`.
  bool read(int64_t offset, void *to, size_t bytes, std::string &error) const;
};

/// Bytes from front to back.
class ByteReader {
public:
  virtual ~ByteReader();
  /// Reads exactly `bytes` bytes.
  virtual bool read(void *to, size_t bytes, std::string &error) = 0;
  /// Starts again at the front.
  virtual bool rewind(std::string &error) = 0;
  /// Of the whole stream.
  virtual int64_t size() const = 0;
};

/// Bytes [offset, offset + size) of a file; a checksum, if given, is compared once all are read.
std::unique_ptr<ByteReader> readStored(std::shared_ptr<InputFile> file, int64_t offset, int64_t size,
                                       std::optional<uint32_t> crc);

/// `size` bytes that a raw deflate stream of `compressedSize` bytes at `offset` holds.
std::unique_ptr<ByteReader> readDeflated(std::shared_ptr<InputFile> file, int64_t offset, int64_t compressedSize,
                                         int64_t size, uint32_t crc);

} // namespace quantization

#endif // QUANTIZATION_CALIBRATE_BYTEREADER_H

//===- Npz.h - numpy's array files ------------------------------*- C++ -*-===//
//
// Part of quantization-opt. This file reads .npy and .npz files as streams, so that memory does not grow with their size,
// and writes .npz files whole or not at all. Plain C++ and zlib: quantization-run uses it without LLVM.
//
// All functions report an error as one line that names the file; they never throw, and never trust a file's numbers.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_CALIBRATE_NPZ_H
#define QUANTIZATION_CALIBRATE_NPZ_H

#include "quantization/Calibrate/Array.h"
#include "quantization/Calibrate/ByteReader.h"

#include <map>

namespace quantization {

/// One array, its elements read in row-major order from front to back.
class ArrayReader {
public:
  /// Reads the .npy header. `what` names the array in errors.
  static std::unique_ptr<ArrayReader> open(std::unique_ptr<ByteReader> bytes, const std::string &what,
                                           std::string &error);
  ElementType type() const { return elementType; }
  const Shape &shape() const { return arrayShape; }
  /// Elements of the whole array.
  int64_t count() const { return elements; }
  const std::string &name() const { return what; }

  /// Reads the next `count` elements as they are stored.
  bool read(void *to, size_t count, std::string &error);
  /// Starts again at the first element.
  bool rewind(std::string &error);

private:
  bool parseHeader(std::string &error);

  std::unique_ptr<ByteReader> bytes;
  std::string what;
  ElementType elementType = ElementType::F32;
  Shape arrayShape;
  int64_t elements = 0, remaining = 0;
};

/// Opens one .npy file.
std::unique_ptr<ArrayReader> openNpy(const std::string &path, std::string &error);

/// The directory of an .npz file: a zip archive (zip64 too) of .npy members, stored or deflated.
class NpzFile {
public:
  static std::unique_ptr<NpzFile> open(const std::string &path, std::string &error);
  /// Names of the arrays, sorted.
  std::vector<std::string> keys() const;
  bool contains(const std::string &key) const { return members.count(key); }
  /// Opens an array; several may be read at once.
  std::unique_ptr<ArrayReader> array(const std::string &key, std::string &error) const;

private:
  struct Member {
    unsigned method = 0, flags = 0;
    uint32_t crc = 0;
    int64_t headerOffset = 0, compressedSize = 0, size = 0;
  };
  bool readDirectory(std::string &error);
  bool addMember(const unsigned char *entry, const std::string &name, const unsigned char *extra, size_t extraSize,
                 std::string &error);

  std::shared_ptr<InputFile> file;
  std::map<std::string, Member> members;
};

/// What an .npz is to hold.
struct NpzArray {
  std::string name;
  ElementType type = ElementType::F32;
  Shape shape;
};

/// Writes an .npz whose arrays are known beforehand, filled side by side without holding them in memory. The file
/// appears under its name at `commit`; a writer that is destroyed before leaves nothing.
class NpzWriter {
public:
  static std::unique_ptr<NpzWriter> create(const std::string &path, const std::vector<NpzArray> &arrays,
                                           std::string &error);
  ~NpzWriter();
  /// Appends bytes to the array of that index.
  bool append(size_t array, const void *data, size_t bytes, std::string &error);
  /// Writes the directory and renames; every array must be full.
  bool commit(std::string &error);

private:
  struct Member {
    std::string name, header;
    int64_t offset = 0;  ///< of the local header
    int64_t size = 0;    ///< .npy header and data
    int64_t written = 0; ///< of them
    uint32_t crc = 0;
  };
  bool write(int64_t offset, const void *data, size_t bytes, std::string &error);
  std::string localHeader(const Member &member) const;
  std::string directory() const;

  std::string path, temporary;
  int descriptor = -1;
  int64_t end = 0; ///< where the directory goes
  std::vector<Member> members;
};

} // namespace quantization

#endif // QUANTIZATION_CALIBRATE_NPZ_H

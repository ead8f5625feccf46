//===- Files.cpp - names and files of artifacts -----------------*- C++ -*-===//
//
// This file derives symbol prefixes from file names and writes files that appear whole or not at all.
//
//===----------------------------------------------------------------------===//

#include "quantization/Emit/Artifact.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace quantization {

std::string identifierFor(StringRef fileStem) {
  std::string name;
  for (char c : fileStem)
    name += isAlnum(c) ? c : '_';
  if (name.empty() || isDigit(name.front()))
    name.insert(name.begin(), '_');
  // quantization_model and quantization_tensor are types of the ABI.
  return name == "quantization" ? name + "_network" : name;
}

static Error cannotWrite(StringRef path, const Twine &reason) {
  return createStringError("cannot write '" + path + "': " + reason);
}

/// Streams that cannot seek or be renamed get the bytes at the end, when nothing can fail any more but the device.
static Error writeThrough(StringRef path, function_ref<Error(raw_pwrite_stream &)> write) {
  SmallString<0> bytes;
  raw_svector_ostream buffer(bytes);
  if (Error error = write(buffer))
    return error;
  outs().flush();
  std::error_code code;
  raw_fd_ostream stream(path, code, sys::fs::CD_OpenExisting, sys::fs::FA_Write, sys::fs::OF_None);
  if (!code) {
    stream << bytes;
    stream.flush();
    code = stream.error();
    stream.clear_error();
  }
  return code ? cannotWrite(path, code.message()) : Error::success();
}

/// Whether there is no file to be had whole: the standard output, a device, a pipe.
static bool isStream(StringRef path) {
  sys::fs::file_status status;
  bool exists = !sys::fs::status(path, status) && sys::fs::exists(status);
  return path == "-" || (exists && !sys::fs::is_regular_file(status));
}

static bool isNullDevice(StringRef path) {
  bool same = false;
  return !sys::fs::equivalent(path, "/dev/null", same) && same;
}

Error writeText(StringRef path, function_ref<void(raw_ostream &)> write) {
  if (!isStream(path))
    return writeFileAtomically(path, [&](raw_pwrite_stream &stream) {
      write(stream);
      return Error::success();
    });
  outs().flush();
  std::error_code code;
  raw_fd_ostream stream(path, code, sys::fs::CD_OpenExisting, sys::fs::FA_Write, sys::fs::OF_None);
  if (code)
    return cannotWrite(path, code.message());
  if (isNullDevice(path))
    return Error::success(); // nobody reads it
  write(stream);
  stream.flush();
  code = stream.error();
  stream.clear_error(); // else the destructor ends the process
  return code ? cannotWrite(path, code.message()) : Error::success();
}

Error writeFileAtomically(StringRef path, function_ref<Error(raw_pwrite_stream &)> write, bool executable) {
  if (isStream(path))
    return writeThrough(path, write);

  unsigned mode = sys::fs::all_read | sys::fs::all_write | (executable ? sys::fs::all_exe : sys::fs::no_perms);
  Expected<sys::fs::TempFile> file = sys::fs::TempFile::create(path + ".%%%%%%.tmp", mode);
  if (!file)
    return cannotWrite(path, toString(file.takeError()));
  std::error_code code;
  Error error = Error::success();
  {
    raw_fd_ostream stream(file->FD, /*shouldClose=*/false);
    error = write(stream);
    stream.flush();
    code = stream.error();
    stream.clear_error(); // else the destructor ends the process
  }
  if (!error && code)
    error = cannotWrite(path, code.message());
  if (error)
    return joinErrors(std::move(error), file->discard());
  if (Error kept = file->keep(path))
    return cannotWrite(path, toString(std::move(kept)));
  return Error::success();
}

} // namespace quantization

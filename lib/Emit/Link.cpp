//===- Link.cpp - shared libraries without a compiler -----------*- C++ -*-===//
//
// This file links an object into a shared library with lld inside the process, so that users need neither a compiler
// nor a linker, only the C library that every system has.
//
//===----------------------------------------------------------------------===//

#include "Symbols.h"
#include "quantization/Emit/Artifact.h"
#include "lld/Common/Driver.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <dlfcn.h>
#include <link.h>
#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace llvm;

namespace quantization {

/// The folder from which this process has, or would have, `library`: systems with unusual folders know best.
static std::string folderInProcess(const std::string &library) {
  void *handle = dlopen(library.c_str(), RTLD_LAZY | RTLD_NOLOAD);
  link_map *map = nullptr;
  std::string folder;
  if (handle && dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0)
    folder = sys::path::parent_path(map->l_name).str();
  if (handle)
    dlclose(handle);
  return folder;
}

/// Where systems keep the C library of `triple`.
static std::vector<std::string> systemFolders(const Triple &triple, const std::string &library) {
  std::string arch = triple.getArchName().str();
  std::string multiarch = (arch + "-linux-" + (triple.isMusl() ? "musl" : "gnu"));
  std::vector<std::string> folders = {"/lib/" + multiarch, "/usr/lib/" + multiarch, "/usr/" + multiarch + "/lib"};
  Triple host(sys::getProcessTriple());
  if (host.getArch() != triple.getArch() || host.isMusl() != triple.isMusl())
    return folders;
  folders.insert(folders.end(), {"/lib64", "/usr/lib64", "/lib", "/usr/lib"});
  if (std::string folder = folderInProcess(library); !folder.empty())
    folders.push_back(folder);
  return folders;
}

/// Arguments that find `library`: a folder, and the exact name that becomes its DT_NEEDED entry.
static Expected<std::vector<std::string>> libraryArguments(const std::string &library, const std::string &symbol,
                                                           const Triple &triple, ArrayRef<std::string> libraryPaths) {
  std::vector<std::string> folders(libraryPaths.begin(), libraryPaths.end());
  for (std::string &folder : systemFolders(triple, library))
    folders.push_back(std::move(folder));
  for (const std::string &folder : folders)
    if (sys::fs::exists(folder + "/" + library))
      return std::vector<std::string>{"-L" + folder, "-l:" + library};
  return createStringError("the code for '" + triple.str() + "' uses '" + symbol + "', but " + library +
                           " is in none of " + join(folders, ", ") +
                           ": give its folder with --library-path, or emit an object instead");
}

/// Arguments for the libraries that define the undefined symbols of `object`, none for an object without any.
static Expected<std::vector<std::string>> allLibraryArguments(MemoryBufferRef object, const Triple &triple,
                                                              ArrayRef<std::string> libraryPaths) {
  Expected<std::vector<std::string>> symbols = undefinedSymbols(object);
  if (!symbols)
    return symbols.takeError();
  std::vector<std::string> arguments;
  auto add = [&](SymbolOwner owner, const std::string &library) -> Error {
    auto first = find_if(*symbols, [&](const std::string &symbol) { return symbolOwner(symbol) == owner; });
    if (first == symbols->end())
      return Error::success();
    Expected<std::vector<std::string>> found = libraryArguments(library, *first, triple, libraryPaths);
    if (!found)
      return found.takeError();
    arguments.insert(arguments.end(), found->begin(), found->end());
    return Error::success();
  };
  // musl keeps libm inside its C library.
  if (Error error = add(SymbolOwner::LibM, triple.isMusl() ? "libc.so" : "libm.so.6"))
    return error;
  if (Error error = add(SymbolOwner::LibC, triple.isMusl() ? "libc.so" : "libc.so.6"))
    return error;
  return arguments;
}

/// Runs lld; two of it in one process must not run at once.
static Error runLinker(ArrayRef<std::string> arguments, StringRef output) {
  static std::mutex mutex;
  std::lock_guard<std::mutex> guard(mutex);
  std::vector<const char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());
  std::string messages;
  raw_string_ostream stream(messages);
  lld::Result result = lld::lldMain(pointers, stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode == 0)
    return Error::success();
  return createStringError("cannot link '" + output + "': " + StringRef(messages).trim());
}

/// Makes `output` of the bytes of `linked`, by one call, so that large pages may hold them (docs/decisions/0026).
static Error writeAtOnce(StringRef linked, StringRef output) {
  // Volatile files that end with a zero are read, not mapped: a mapped one arrives in pages, which the file system would keep.
  ErrorOr<std::unique_ptr<MemoryBuffer>> bytes =
      MemoryBuffer::getFile(linked, /*IsText=*/false, /*RequiresNullTerminator=*/true, /*IsVolatile=*/true);
  if (!bytes)
    return createStringError("cannot read '" + linked + "': " + bytes.getError().message());
  auto write = [&](raw_pwrite_stream &stream) {
    stream << (*bytes)->getBuffer();
    return Error::success();
  };
  return writeFileAtomically(output, write, /*executable=*/true);
}

Error linkSharedLibrary(StringRef object, StringRef output, StringRef soname, const TargetSpec &spec,
                        ArrayRef<std::string> libraryPaths) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer =
      MemoryBuffer::getFile(object, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return createStringError("cannot read '" + object + "': " + buffer.getError().message());
  Expected<std::vector<std::string>> libraries =
      allLibraryArguments((*buffer)->getMemBufferRef(), Triple(spec.triple), libraryPaths);
  if (!libraries)
    return libraries.takeError();

  sys::fs::file_status status;
  bool exists = !sys::fs::status(output, status) && sys::fs::exists(status);
  if (output == "-" || (exists && !sys::fs::is_regular_file(status)))
    return createStringError("cannot write a shared library to '" + output + "': name a file");
  // lld replaces the temporary file by its own; what discards it goes by its name.
  Expected<sys::fs::TempFile> linked = sys::fs::TempFile::create(output + ".%%%%%%.tmp");
  if (!linked)
    return createStringError("cannot write '" + output + "': " + toString(linked.takeError()));

  std::vector<std::string> arguments = {"ld.lld", "-shared", "-z", "now", "-z", "noexecstack", "-z", "defs",
                                        "--hash-style=gnu", "--as-needed"};
  if (!soname.empty())
    arguments.push_back(("--soname=" + soname).str());
  arguments.insert(arguments.end(), {"-o", linked->TmpName, object.str()});
  arguments.insert(arguments.end(), libraries->begin(), libraries->end());
  Error error = runLinker(arguments, output);
  if (!error)
    error = writeAtOnce(linked->TmpName, output);
  return joinErrors(std::move(error), linked->discard());
}

} // namespace quantization

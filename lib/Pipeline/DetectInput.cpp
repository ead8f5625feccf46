//===- DetectInput.cpp - ONNX, IR or something else -------------*- C++ -*-===//
//
// This file looks at the first bytes of a file, whatever its name, and knows the files that are taken for a model most often.
//
//===----------------------------------------------------------------------===//

#include "quantization/Pipeline/Compiler.h"
#include "llvm/Support/FileSystem.h"

using namespace quantization;
using llvm::StringRef;

namespace {
struct Kind {
  size_t offset;
  StringRef magic;
  const char *description;
};
} // namespace

static constexpr llvm::StringLiteral kExport = "export the model as ONNX and compile that";

static const Kind kinds[] = {
    {0, "PK\x03\x04", "a zip archive (as PyTorch and Keras save models, and numpy data)"},
    {0, "\x80\x02", "a Python pickle (as PyTorch saves models)"},
    {4, "TFL3", "a TensorFlow Lite model"},
    {0, "\x89HDF", "an HDF5 file (as Keras saves models)"},
    {0, "\x1f\x8b", "compressed by gzip"},
    {0, "\x93NUMPY", "numpy data"},
    {0, "GGUF", "a GGUF model"},
    {0, "\x7f" "ELF", "compiled code"},
    {0, "version https://git-lfs", "a pointer of Git LFS"},
    {0, "<", "a web page or XML"},
};

static StringRef wayOut(StringRef magic) {
  if (magic.starts_with("\x1f"))
    return "unpack it first";
  if (magic.starts_with("version"))
    return "fetch the model with git lfs pull";
  if (magic.starts_with("\x7f"))
    return "quantization-run runs it";
  if (magic == "<")
    return "download the file itself";
  if (magic.starts_with("\x93"))
    return "give it to --calibrate-with, and a model as the input";
  return kExport;
}

llvm::Expected<InputKind> quantization::detectInput(StringRef path) {
  if (path == "-")
    return InputKind::IR;
  auto fail = [&](const llvm::Twine &problem) { return llvm::createStringError(path + ": " + problem); };
  if (llvm::sys::fs::is_directory(path))
    return fail("is a folder, not a model; name the .onnx file in it");
  if (llvm::sys::fs::exists(path) && !llvm::sys::fs::is_regular_file(path)) // looking into a pipe would take from it
    return path.ends_with(".onnx") ? InputKind::Onnx : InputKind::IR;
  auto file = llvm::sys::fs::openNativeFileForRead(path);
  if (!file)
    return fail("cannot read the file: " + llvm::toString(file.takeError()));
  char buffer[4096];
  auto size = llvm::sys::fs::readNativeFile(*file, buffer);
  (void)llvm::sys::fs::closeFile(*file);
  if (!size)
    return fail("cannot read the file: " + llvm::toString(size.takeError()));
  StringRef content(buffer, *size);
  if (content.empty())
    return fail("the file is empty");
  if (content.starts_with("ML\xefR")) // bytecode
    return InputKind::IR;
  for (const Kind &kind : kinds)
    if (content.drop_front(std::min(kind.offset, content.size())).starts_with(kind.magic))
      return fail(llvm::Twine("neither an ONNX model nor IR, but ") + kind.description + "; " + wayOut(kind.magic));
  // Protocol buffers hold small numbers, which no text does. What is no model the importer refuses.
  bool text = llvm::none_of(content, [](unsigned char c) { return c < 0x20 && !StringRef("\t\n\r\f\v").contains(c); });
  return text && !path.ends_with(".onnx") ? InputKind::IR : InputKind::Onnx;
}

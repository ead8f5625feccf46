//===- Header.cpp - the C header of an artifact -----------------*- C++ -*-===//
//
// This file writes the header that --emit=c-header gives: the ABI itself, followed by the names of one network. The
// first part is quantization-c/Artifact.h with its include guard, so any number of these headers go together.
//
//===----------------------------------------------------------------------===//

#include "quantization/Emit/Artifact.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace quantization {

static const unsigned char abiText[] = {
#include "ArtifactAbi.inc"
};

/// `text` as one line of a comment: no line break, and no backslash or "?\?/" that would continue it.
static std::string commentText(StringRef text) {
  std::string line;
  for (char c : text)
    line += (static_cast<unsigned char>(c) < 0x80 && !isPrint(c)) || c == '\\' || c == '?' ? '.' : c;
  return line;
}

static StringRef typeName(quantization_type type) {
  switch (type) {
  case QUANTIZATION_F32:
    return "float";
  case QUANTIZATION_U8:
    return "uint8_t";
  case QUANTIZATION_I8:
    return "int8_t";
  case QUANTIZATION_U16:
    return "uint16_t";
  case QUANTIZATION_I16:
    return "int16_t";
  case QUANTIZATION_I32:
    return "int32_t";
  case QUANTIZATION_I64:
    return "int64_t";
  }
  return "unknown";
}

/// What a stored value stands for.
static std::string meaningOf(const TensorDescription &tensor) {
  if (tensor.type == QUANTIZATION_F32 || tensor.type == QUANTIZATION_I64)
    return "the values themselves";
  std::string text;
  raw_string_ostream os(text);
  if (tensor.scale == 1 && tensor.zeroPoint == 0)
    os << "whole numbers, such as pixels: scale 1 and zero point 0";
  else // nine digits give every f32
    os << "codes: value = scale * (code - zero point), with scale " << format("%.9g", tensor.scale) << " and zero point "
       << tensor.zeroPoint;
  return text;
}

static void printTensors(raw_ostream &os, StringRef prefix, ArrayRef<TensorDescription> tensors) {
  for (auto [index, tensor] : enumerate(tensors)) {
    os << "\n// " << commentText(tensor.name) << ": " << typeName(tensor.type);
    for (int64_t size : tensor.shape)
      os << "[" << size << "]";
    os << "\n//   " << meaningOf(tensor);
    os << "\n#define " << prefix << "_" << index << "_BYTES " << tensor.bytes() << "\n";
  }
}

std::string generateHeader(const ModelDescription &model, bool withEntry) {
  std::string name = identifierFor(model.name);
  std::string macro = StringRef(name).upper();
  std::string header;
  raw_string_ostream os(header);
  os << "// The C interface of the network \"" << commentText(model.name) << "\", written by quantization-opt.\n\n"
     << StringRef(reinterpret_cast<const char *>(abiText), sizeof(abiText)) << "\n";
  os << "#if QUANTIZATION_ABI_VERSION != " << QUANTIZATION_ABI_VERSION << "\n"
     << "#error \"this network was compiled for version " << QUANTIZATION_ABI_VERSION
     << " of the ABI: compile it anew, or include its header alone\"\n#endif\n\n";

  os << "#ifndef " << macro << "_NETWORK_H\n#define " << macro << "_NETWORK_H\n\n";
  os << "// Samples of one pass; bytes of scratch memory that one run needs, aligned to 64; bytes of one pass.\n";
  os << "#define " << macro << "_BATCH " << model.batch << "\n";
  os << "#define " << macro << "_ARENA_BYTES " << model.arenaBytes << "\n";
  os << "#define " << macro << "_NUM_INPUTS " << model.inputs.size() << "\n";
  os << "#define " << macro << "_NUM_OUTPUTS " << model.outputs.size() << "\n";
  printTensors(os, macro + "_INPUT", model.inputs);
  printTensors(os, macro + "_OUTPUT", model.outputs);

  os << "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n";
  os << "/// The description of the network; never null.\n";
  os << "const quantization_model *" << name << "_model(void);\n\n";
  os << "/// Runs `samples` samples, a multiple of " << macro << "_BATCH; returns a quantization_status. The arena may "
     << "be null when\n/// " << macro << "_ARENA_BYTES is 0; the pool "
     << (model.threads > 1 ? "may be null: then " + std::to_string(model.threads - 1) + " threads of the library's own help"
                           : "must be null: this network was compiled for one thread")
     << ".\n";
  os << "int " << name << "_run(const void *const *inputs, void *const *outputs, size_t samples, void *arena,\n"
     << std::string(name.size() + 9, ' ') << "quantization_pool *pool);\n";
  if (model.steps)
    os << "\n/// What each step has taken so far; never null.\nconst quantization_profile *" << name << "_profile(void);\n";
  if (withEntry)
    os << "\n/// Runs one pass with the library's own arena; threads take turns. Every library has a function of this "
       << "name.\nint run(const void *input, void *output);\n";
  os << "\n#ifdef __cplusplus\n}\n#endif\n\n#endif // " << macro << "_NETWORK_H\n";
  return header;
}

} // namespace quantization

//===- Artifact.h - from an llvm::Module to an artifact ---------*- C++ -*-===//
//
// This file declares what turns the LLVM module of a network into the files that users get: objects, assembly, shared
// libraries and C headers. The ABI of an artifact is quantization-c/Artifact.h.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_EMIT_ARTIFACT_H
#define QUANTIZATION_EMIT_ARTIFACT_H

#include "quantization-c/Artifact.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace llvm {
class Module;
class TargetMachine;
class raw_ostream;
class raw_pwrite_stream;
} // namespace llvm

namespace quantization {

/// One input or output; the fields mean what they mean in quantization_tensor.
struct TensorDescription {
  std::string name, layer;
  quantization_type type = QUANTIZATION_F32;
  /// As compiled, leading batch included; empty for a scalar.
  std::vector<int64_t> shape;
  float scale = 1;
  int32_t zeroPoint = 0;

  /// Size of one compiled batch.
  int64_t bytes() const;
};

/// One step of a run; the fields mean what they mean in quantization_step.
struct StepDescription {
  std::vector<std::string> layers;
  std::string kernel;
  int64_t macs = 0, bytesRead = 0, bytesWritten = 0, weightBytes = 0;
  int64_t additions = 0, multiplications = 0, rescales = 0;
};

/// A network as its users see it.
struct ModelDescription {
  /// The network's own name, any text; the prefix of its symbols is identifierFor(name).
  std::string name;
  /// Samples that one pass of the compiled code takes.
  int64_t batch = 1;
  std::vector<TensorDescription> inputs, outputs;
  int64_t arenaBytes = 0, weightBytes = 0;
  /// Above 1, the sample function takes a pool behind the arena.
  int64_t threads = 1;
  /// Of an artifact that measures them, as `fixed.steps` says.
  std::optional<std::vector<StepDescription>> steps;
};

/// As many threads as one run can be spread over.
inline constexpr int64_t kMostThreads = 256;

/// A machine to compile for. Always resolved: the triple is normalized, the processor is a name that LLVM knows (never
/// "native"), the features are those that differ from the processor's own ("+x,-y").
struct TargetSpec {
  std::string triple, cpu, features;
};

//===----------------------------------------------------------------------===//
// Target
//===----------------------------------------------------------------------===//

/// The machine that this process runs on.
llvm::Expected<TargetSpec> hostTarget();

/// Resolves what --mtriple, --mcpu and --mattr say; all may be empty. An empty processor is the host's, with exactly
/// the host's features, when the triple names the host's architecture and system, else "generic". Errors: a triple
/// other than ELF x86-64 or AArch64, a processor or feature that LLVM does not know, "native" for a foreign triple.
llvm::Expected<TargetSpec> resolveTarget(llvm::StringRef triple, llvm::StringRef cpu, llvm::StringRef features);

/// A code generator for `spec`: position-independent, O3, and no multiply-add fused unless the module says so.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> createTargetMachine(const TargetSpec &spec);

//===----------------------------------------------------------------------===//
// Module
//===----------------------------------------------------------------------===//

/// Turns `module`, which defines `void quantization_sample(ptr in0, ..., ptr out0, ..., ptr arena[, ptr pool])` for one compiled
/// batch, into a whole artifact: adds the run-time code and the network's description, exports NAME_model and NAME_run
/// (`run` too with `withEntry`, NAME_profile where there are steps), and makes everything else internal. Errors: the function is missing or has other
/// parameters; `withEntry` for a network that has not exactly one input and one output.
llvm::Error finishModule(llvm::Module &module, const ModelDescription &model, const TargetSpec &spec, bool withEntry);

/// Runs LLVM's O3 pipeline for `machine`, after every function has been given its processor and features; with `quickly`, O1: for code
/// that runs a few times.
llvm::Error optimizeModule(llvm::Module &module, llvm::TargetMachine &machine, bool quickly = false);

/// Generates code; `module` serves no other purpose afterwards, as code generation rewrites it. An object that needs
/// symbols outside lib/Emit/AllowedSymbols.inc, and other than `provided`, is an error and nothing is written.
llvm::Error emitObject(llvm::Module &module, llvm::TargetMachine &machine, llvm::raw_pwrite_stream &stream,
                       llvm::ArrayRef<std::string> provided = {});
llvm::Error emitAssembly(llvm::Module &module, llvm::TargetMachine &machine, llvm::raw_pwrite_stream &stream);

//===----------------------------------------------------------------------===//
// Objects and shared libraries
//===----------------------------------------------------------------------===//

/// The symbols that `object` (the bytes of an ELF object) leaves to others, sorted.
llvm::Expected<std::vector<std::string>> undefinedSymbols(llvm::MemoryBufferRef object);

/// An error that names the undefined symbols of `object` that are neither in AllowedSymbols.inc nor `provided`.
llvm::Error checkUndefinedSymbols(llvm::MemoryBufferRef object, llvm::ArrayRef<std::string> provided = {});

/// Links the object file `object` into the shared library `output`, which appears whole or not at all. An empty
/// `soname` sets none. The C library and libm are searched in `libraryPaths`, then where systems keep them, and only
/// when the object uses them.
///
/// lld runs inside the process and sets every llvm::cl option back to its default: read options before. Calls from
/// several threads wait for each other.
llvm::Error linkSharedLibrary(llvm::StringRef object, llvm::StringRef output, llvm::StringRef soname,
                              const TargetSpec &spec, llvm::ArrayRef<std::string> libraryPaths);

/// emitObject and linkSharedLibrary with a temporary object file in between. What holds for those holds here.
llvm::Error emitSharedLibrary(llvm::Module &module, llvm::TargetMachine &machine, llvm::StringRef output,
                              llvm::StringRef soname, const TargetSpec &spec,
                              llvm::ArrayRef<std::string> libraryPaths);

//===----------------------------------------------------------------------===//
// Header and files
//===----------------------------------------------------------------------===//

/// A C header (C99 or C++) for the artifact that needs stddef.h and stdint.h only. Headers of several networks, and
/// quantization-c/Artifact.h, can be included together.
std::string generateHeader(const ModelDescription &model, bool withEntry);

/// The prefix of a network's symbols, from the stem of a file: every character outside [A-Za-z0-9_] becomes '_', and a
/// leading digit gets one in front. Never empty; "quantization", whose names are those of the ABI, gets a suffix.
std::string identifierFor(llvm::StringRef fileStem);

/// Calls `write` on a temporary file beside `path` and renames it when all went well; on an error nothing is left and
/// an existing `path` is untouched. "-" is the standard output; a device or pipe is written directly.
llvm::Error writeFileAtomically(llvm::StringRef path,
                                llvm::function_ref<llvm::Error(llvm::raw_pwrite_stream &)> write, bool executable = false);

/// The same for text that is written in one go and cannot fail: a device or pipe gets it piece by piece, and the null device none of it.
llvm::Error writeText(llvm::StringRef path, llvm::function_ref<void(llvm::raw_ostream &)> write);

} // namespace quantization

#endif // QUANTIZATION_EMIT_ARTIFACT_H

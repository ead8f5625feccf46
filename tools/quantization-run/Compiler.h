//===- Compiler.h - calls quantization-opt ----------------------*- C++ -*-===//
//
// Part of quantization-opt. This file compiles the model that is to be verified or profiled, in the ways that this needs.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_RUN_COMPILER_H
#define QUANTIZATION_RUN_COMPILER_H

#include "LoadedArtifact.h"
#include "Options.h"
#include "Process.h"

namespace quantization {

class Compiler {
public:
  /// Finds quantization-opt: $QUANTIZATION_OPT, or beside this program. Refuses flags that a comparison sets itself.
  static std::unique_ptr<Compiler> create(const Options &options, std::string &error);

  /// Compiles with the user's flags and `more` to a file of that name in the temporary folder, and returns its path.
  std::optional<std::string> emit(const std::string &kind, const std::string &name,
                                  const std::vector<std::string> &more, std::string &error) const;
  /// Compiles to a .so and loads it.
  std::unique_ptr<LoadedArtifact> emitArtifact(const std::string &name, const std::vector<std::string> &more,
                                               std::string &error) const;
  /// The same without the user's choice of number formats: float.
  std::unique_ptr<LoadedArtifact> emitFloatArtifact(const std::string &name, std::string &error) const;
  const TemporaryFolder &folder() const { return *temporary; }

private:
  bool call(const std::vector<std::string> &flags, const std::string &output, std::string &error) const;
  std::unique_ptr<LoadedArtifact> load(const std::string &file, std::string &error) const;

  std::string program, model;
  std::vector<std::string> flags;
  int threads = 1;
  std::unique_ptr<TemporaryFolder> temporary;
};

/// Samples for an artifact and for the float model beside it. Arrays of integers for an integer input are taken as its
/// stored values; arrays of floats are expressed values, which are quantized for it.
class VerificationSamples {
public:
  /// Feeds the first `count` inputs of `artifact`.
  static std::unique_ptr<VerificationSamples> open(const Options &options, const LoadedArtifact &artifact, size_t count,
                                                   std::string &error);
  int64_t size() const { return total; }
  /// Reads up to `limit` samples as they are stored in the artifact's inputs and as they are expressed.
  std::optional<int64_t> read(int64_t limit, Buffers &stored, Buffers &expressed, std::string &error);
  /// What `expressed` holds, one per input.
  const std::vector<TensorSpec> &expressedSpecs() const { return specs; }

private:
  std::vector<ArtifactTensor> tensors;
  std::vector<TensorSpec> specs;
  std::unique_ptr<SampleSource> source;
  bool holdsStored = true;
  int64_t total = 0, given = 0;
};

} // namespace quantization

#endif // QUANTIZATION_RUN_COMPILER_H

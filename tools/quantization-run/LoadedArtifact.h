//===- LoadedArtifact.h - a compiled network in memory ----------*- C++ -*-===//
//
// Part of quantization-opt. This file loads an artifact, checks what it says about itself, and runs it on threads.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_RUN_LOADEDARTIFACT_H
#define QUANTIZATION_RUN_LOADEDARTIFACT_H

#include "quantization-c/Artifact.h"
#include "quantization/Calibrate/Samples.h"

namespace quantization {

/// One buffer per input or output; samples lie one after the other in each.
using Buffers = std::vector<std::vector<char>>;

/// An input or output as one sample has it.
struct ArtifactTensor {
  std::string name, layer;
  ElementType type = ElementType::F32;
  Shape sampleShape;
  int64_t elements = 0; ///< of one sample
  size_t bytes = 0;     ///< of one sample
  float scale = 1;
  int32_t zeroPoint = 0;

  TensorSpec spec() const;
};

class LoadedArtifact {
public:
  /// Loads a .so. `name` is the network's, derived from the file's where empty.
  static std::unique_ptr<LoadedArtifact> load(const std::string &path, std::string name, int threads,
                                              std::string &error);
  ~LoadedArtifact();

  const quantization_model &model() const { return *description; }
  /// What it measures itself; null without --profile.
  const quantization_profile *profile() const { return steps; }
  /// Samples that one pass of the compiled code takes.
  int64_t batch() const { return description->batch; }
  int threads() const { return int(arenas.size()); }
  const std::vector<ArtifactTensor> &inputs() const { return inputTensors; }
  const std::vector<ArtifactTensor> &outputs() const { return outputTensors; }
  std::vector<TensorSpec> inputSpecs() const;
  /// How many samples to run at once, so that buffers stay near 64 MiB; a multiple of the batch.
  int64_t samplesAtOnce() const;

  /// Runs `samples` samples, sharing them out to the threads. Inputs are padded with zeros to whole batches; outputs are
  /// cut to `samples`.
  bool run(Buffers &inputs, int64_t samples, Buffers &outputs, std::string &error);
  /// One call of the artifact on the calling thread with the arena of that index; the status is the artifact's.
  int call(const void *const *in, void *const *out, int64_t samples, size_t arena) const;
  /// What a status of `call` means.
  static std::string statusText(int status);

private:
  bool describe(const quantization_tensor &from, ArtifactTensor &to, std::string &error) const;

  std::string path;
  void *library = nullptr;
  const quantization_model *description = nullptr;
  const quantization_profile *steps = nullptr;
  quantization_run_function function = nullptr;
  std::vector<ArtifactTensor> inputTensors, outputTensors;
  std::vector<void *> arenas;
};

/// Reads up to `limit` samples, one after the other in each buffer. Returns how many there were, nullopt on an error.
std::optional<int64_t> readSamples(SampleSource &source, int64_t limit, Buffers &buffers, std::string &error);

/// The index of the first largest of `count` elements; NaN is never the largest.
int64_t argmax(const char *data, ElementType type, int64_t count);

} // namespace quantization

#endif // QUANTIZATION_RUN_LOADEDARTIFACT_H

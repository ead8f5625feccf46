//===- Passes.h - passes over the same inputs -------------------*- C++ -*-===//
//
// Part of quantization-opt. This file declares what is timed: single passes of an artifact, on random or given inputs.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_RUN_PASSES_H
#define QUANTIZATION_RUN_PASSES_H

#include "LoadedArtifact.h"
#include "Options.h"

namespace quantization {

/// The inputs of some passes, one after the other.
struct PassInputs {
  Buffers buffers;
  int64_t passes = 1;

  /// Those of --inputs, a few batches of them; without it one batch of random data, the same in each run of the program.
  static std::optional<PassInputs> create(const Options &options, const LoadedArtifact &artifact, std::string &error);
};

/// Passes on one thread.
class PassRunner {
public:
  PassRunner(const LoadedArtifact &artifact, const PassInputs &inputs, size_t arena);
  /// The next pass; returns the artifact's status and sets the time that it took.
  int run(double &microseconds);

private:
  const LoadedArtifact &artifact;
  const PassInputs &inputs;
  size_t arena;
  Buffers outputs;
  std::vector<const void *> in;
  std::vector<void *> out;
  int64_t pass = 0;
};

/// Whether `done` passes that took `seconds` are enough: --iterations of them, else a second's worth.
bool areEnough(const Options &options, size_t done, double seconds);

/// The value below which `share` of the sorted values lie.
double quantile(const std::vector<double> &sorted, double share);

} // namespace quantization

#endif // QUANTIZATION_RUN_PASSES_H

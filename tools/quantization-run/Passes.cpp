//===- Passes.cpp - passes over the same inputs -----------------*- C++ -*-===//
//
// Part of quantization-opt. This file runs single passes of an artifact and takes their time.
//
//===----------------------------------------------------------------------===//

#include "Passes.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <random>

namespace quantization {

namespace {
using Clock = std::chrono::steady_clock;

constexpr double defaultSeconds = 1;
constexpr size_t leastPasses = 20, mostPasses = 100000;
constexpr int64_t mostPassesOfInputs = 64;

Buffers randomInputs(const LoadedArtifact &artifact) {
  std::mt19937 random(1);
  Buffers buffers;
  for (const ArtifactTensor &input : artifact.inputs()) {
    size_t count = size_t(input.elements * artifact.batch());
    std::vector<char> buffer(size_t(artifact.batch()) * input.bytes);
    bool isCode = elementSize(input.type) <= 2;
    for (size_t i = 0; i < count; ++i) {
      if (input.type == ElementType::F32) {
        float value = float(random() >> 8) * 0x1p-23f - 1; // [-1, 1)
        std::memcpy(buffer.data() + i * sizeof(value), &value, sizeof(value));
      } else if (isCode) {
        uint32_t code = random();
        std::memcpy(buffer.data() + i * elementSize(input.type), &code, elementSize(input.type));
      } // wider integers are indices, and stay 0
    }
    buffers.push_back(std::move(buffer));
  }
  return buffers;
}
} // namespace

std::optional<PassInputs> PassInputs::create(const Options &options, const LoadedArtifact &artifact, std::string &error) {
  PassInputs inputs;
  inputs.buffers = randomInputs(artifact);
  if (options.inputs.empty())
    return inputs;
  auto source = SampleSource::open(options.inputs, artifact.inputSpecs(), error);
  int64_t limit = std::min(artifact.samplesAtOnce(), mostPassesOfInputs * artifact.batch());
  if (options.samples)
    limit = std::min(limit, options.samples);
  auto count = source ? readSamples(*source, limit, inputs.buffers, error) : std::nullopt;
  if (!count)
    return std::nullopt;
  inputs.passes = (*count + artifact.batch() - 1) / artifact.batch();
  for (size_t i = 0; i < inputs.buffers.size(); ++i)
    inputs.buffers[i].resize(size_t(inputs.passes * artifact.batch()) * artifact.inputs()[i].bytes);
  return inputs;
}

PassRunner::PassRunner(const LoadedArtifact &artifact, const PassInputs &inputs, size_t arena)
    : artifact(artifact), inputs(inputs), arena(arena), in(inputs.buffers.size()) {
  for (const ArtifactTensor &output : artifact.outputs())
    outputs.emplace_back(size_t(artifact.batch()) * output.bytes);
  for (std::vector<char> &output : outputs)
    out.push_back(output.data());
}

int PassRunner::run(double &microseconds) {
  for (size_t i = 0; i < in.size(); ++i)
    in[i] = inputs.buffers[i].data() + size_t(pass % inputs.passes * artifact.batch()) * artifact.inputs()[i].bytes;
  ++pass;
  auto start = Clock::now();
  int status = artifact.call(in.data(), out.data(), artifact.batch(), arena);
  microseconds = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
  return status;
}

bool areEnough(const Options &options, size_t done, double seconds) {
  if (options.iterations)
    return done >= size_t(options.iterations);
  return done >= mostPasses || (done >= leastPasses && seconds >= defaultSeconds);
}

double quantile(const std::vector<double> &sorted, double share) {
  double at = share * double(sorted.size() - 1);
  size_t low = size_t(at), high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - double(low)) * (sorted[high] - sorted[low]);
}

} // namespace quantization

//===- Benchmark.cpp - times an artifact ------------------------*- C++ -*-===//
//
// Part of quantization-opt. This file times single passes of an artifact, on each thread by itself.
//
//===----------------------------------------------------------------------===//

#include "Json.h"
#include "LoadedArtifact.h"
#include "Modes.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <random>
#include <thread>

namespace quantization {

namespace {
using Clock = std::chrono::steady_clock;

constexpr double defaultSeconds = 1;
constexpr size_t leastPasses = 20, mostPasses = 100000;
constexpr int64_t mostPassesOfInputs = 64;

double secondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// One batch of random data: the same in each run of the program.
Buffers randomInputs(const LoadedArtifact &artifact) {
  std::mt19937 random(1);
  Buffers buffers;
  for (const ArtifactTensor &input : artifact.inputs()) {
    size_t count = size_t(input.elements * artifact.batch());
    std::vector<char> buffer(size_t(artifact.batch()) * input.bytes);
    bool isByte = elementSize(input.type) == 1;
    for (size_t i = 0; i < count; ++i) {
      if (input.type == ElementType::F32) {
        float value = float(random() >> 8) * 0x1p-23f - 1; // [-1, 1)
        std::memcpy(buffer.data() + i * sizeof(value), &value, sizeof(value));
      } else if (isByte) {
        buffer[i] = char(random());
      } // wider integers are indices, and stay 0
    }
    buffers.push_back(std::move(buffer));
  }
  return buffers;
}

/// Microseconds per sample of each timed pass of one thread; empty when the artifact failed.
std::vector<double> timePasses(const LoadedArtifact &artifact, const Buffers &inputs, int64_t passesOfInputs,
                               const Options &options, size_t arena, std::atomic<int> &status) {
  Buffers outputs;
  std::vector<void *> out;
  for (const ArtifactTensor &output : artifact.outputs())
    outputs.emplace_back(size_t(artifact.batch()) * output.bytes);
  for (std::vector<char> &output : outputs)
    out.push_back(output.data());
  std::vector<const void *> in(inputs.size());
  int64_t pass = 0;
  auto once = [&] {
    for (size_t i = 0; i < inputs.size(); ++i)
      in[i] = inputs[i].data() +
              size_t(pass % passesOfInputs * artifact.batch()) * artifact.inputs()[i].bytes;
    ++pass;
    auto start = Clock::now();
    int result = artifact.call(in.data(), out.data(), artifact.batch(), arena);
    double microseconds = secondsSince(start) * 1e6 / double(artifact.batch());
    if (result != QUANTIZATION_OK)
      status = result;
    return microseconds;
  };
  for (int64_t i = 0; i < options.warmup && status == QUANTIZATION_OK; ++i)
    once();
  std::vector<double> times;
  auto start = Clock::now();
  while (status == QUANTIZATION_OK) {
    size_t enough = size_t(options.iterations);
    if (enough ? times.size() >= enough
               : times.size() >= mostPasses || (times.size() >= leastPasses && secondsSince(start) >= defaultSeconds))
      break;
    times.push_back(once());
  }
  return times;
}

/// The value below which `share` of the sorted times lie.
double quantile(const std::vector<double> &sorted, double share) {
  double at = share * double(sorted.size() - 1);
  size_t low = size_t(at), high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - double(low)) * (sorted[high] - sorted[low]);
}
} // namespace

bool benchmark(const Options &options, std::string &error) {
  auto artifact = LoadedArtifact::load(options.model, options.name, options.threads, error);
  if (!artifact)
    return false;
  Buffers inputs = randomInputs(*artifact);
  int64_t passesOfInputs = 1;
  if (!options.inputs.empty()) {
    auto source = SampleSource::open(options.inputs, artifact->inputSpecs(), error);
    int64_t limit = std::min(artifact->samplesAtOnce(), mostPassesOfInputs * artifact->batch());
    if (options.samples)
      limit = std::min(limit, options.samples);
    auto count = source ? readSamples(*source, limit, inputs, error) : std::nullopt;
    if (!count)
      return false;
    passesOfInputs = (*count + artifact->batch() - 1) / artifact->batch();
    for (size_t i = 0; i < inputs.size(); ++i)
      inputs[i].resize(size_t(passesOfInputs * artifact->batch()) * artifact->inputs()[i].bytes);
  }

  std::vector<std::vector<double>> perThread(size_t(artifact->threads()));
  std::atomic<int> status(QUANTIZATION_OK);
  auto work = [&](size_t thread) {
    perThread[thread] = timePasses(*artifact, inputs, passesOfInputs, options, thread, status);
  };
  std::vector<std::thread> others;
  for (size_t thread = 1; thread < perThread.size(); ++thread)
    others.emplace_back(work, thread);
  work(0);
  for (std::thread &other : others)
    other.join();
  if (status != QUANTIZATION_OK) {
    error = options.model + ": running it failed: " + LoadedArtifact::statusText(status);
    return false;
  }

  std::vector<double> times;
  double samplesPerSecond = 0;
  for (const std::vector<double> &thread : perThread) {
    double sum = 0;
    for (double time : thread)
      sum += time;
    samplesPerSecond += sum > 0 ? double(thread.size()) * 1e6 / sum : 0;
    times.insert(times.end(), thread.begin(), thread.end());
  }
  std::sort(times.begin(), times.end());
  double min = times.front(), median = quantile(times, 0.5), p90 = quantile(times, 0.9);
  const quantization_model &model = artifact->model();
  std::string target = model.target ? model.target : "", name = model.name ? model.name : "";
  if (options.json) {
    JsonObject json;
    json.add("model", name);
    json.add("target", target);
    json.add("min_us", min);
    json.add("median_us", median);
    json.add("p90_us", p90);
    json.add("samples_per_second", samplesPerSecond);
    json.add("arena_bytes", model.arena_bytes);
    json.add("weight_bytes", model.weight_bytes);
    json.add("batch", artifact->batch());
    json.add("threads", int64_t(artifact->threads()));
    json.add("passes", int64_t(times.size()));
    std::printf("%s\n", json.str().c_str());
    return true;
  }
  std::printf("network  %s for %s, batch %lld\n", name.c_str(), target.c_str(),
              static_cast<long long>(artifact->batch()));
  std::printf("time     min %.2f, median %.2f, p90 %.2f µs per sample\n", min, median, p90);
  std::printf("         %.0f samples per second on %d thread%s (%zu passes)\n", samplesPerSecond, artifact->threads(),
              artifact->threads() == 1 ? "" : "s", times.size());
  std::printf("memory   arena %lld bytes, weights %lld bytes\n", static_cast<long long>(model.arena_bytes),
              static_cast<long long>(model.weight_bytes));
  return true;
}

} // namespace quantization

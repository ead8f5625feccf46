//===- Benchmark.cpp - times an artifact ------------------------*- C++ -*-===//
//
// Part of quantization-opt. This file times single passes of an artifact, on each thread by itself.
//
//===----------------------------------------------------------------------===//

#include "Json.h"
#include "Modes.h"
#include "Passes.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

namespace quantization {

/// Microseconds per sample of each timed pass of one thread; empty when the artifact failed.
static std::vector<double> timePasses(const LoadedArtifact &artifact, const PassInputs &inputs, const Options &options, size_t arena,
                                      std::atomic<int> &status) {
  PassRunner runner(artifact, inputs, arena);
  auto once = [&] {
    double microseconds;
    if (int result = runner.run(microseconds); result != QUANTIZATION_OK)
      status = result;
    return microseconds / double(artifact.batch());
  };
  for (int64_t i = 0; i < options.warmup && status == QUANTIZATION_OK; ++i)
    once();
  std::vector<double> times;
  using Clock = std::chrono::steady_clock;
  auto start = Clock::now();
  while (status == QUANTIZATION_OK &&
         !areEnough(options, times.size(), std::chrono::duration<double>(Clock::now() - start).count()))
    times.push_back(once());
  return times;
}

bool benchmark(const Options &options, std::string &error) {
  auto artifact = LoadedArtifact::load(options.model, options.name, options.threads, error);
  if (!artifact)
    return false;
  auto inputs = PassInputs::create(options, *artifact, error);
  if (!inputs)
    return false;

  std::vector<std::vector<double>> perThread(size_t(artifact->threads()));
  std::atomic<int> status(QUANTIZATION_OK);
  auto work = [&](size_t thread) {
    perThread[thread] = timePasses(*artifact, *inputs, options, thread, status);
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

//===- Profile.cpp - what each step of a run takes --------------*- C++ -*-===//
//
// Part of quantization-opt. This file runs an artifact that reads the clock between its steps, and compares them with each other and
// with what the machine does at most.
//
//===----------------------------------------------------------------------===//

#include "Compiler.h"
#include "Json.h"
#include "Modes.h"
#include "Passes.h"
#include "Peak.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>

namespace quantization {

namespace {
using Clock = std::chrono::steady_clock;

/// Medians over all passes, in microseconds.
struct Times {
  std::vector<double> steps;
  double run = 0, between = 0;
  size_t passes = 0;

  double sum() const {
    double total = 0;
    for (double time : steps)
      total += time;
    return total;
  }
};

double medianOf(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return quantile(values, 0.5);
}

std::optional<Times> measure(const LoadedArtifact &artifact, const PassInputs &inputs, const Options &options, std::string &error) {
  const quantization_profile &profile = *artifact.profile();
  auto count = static_cast<size_t>(profile.num_steps);
  PassRunner runner(artifact, inputs, 0);
  std::vector<std::vector<double>> ticks(count);
  std::vector<double> runs;
  auto once = [&](bool counts) {
    std::fill_n(profile.ticks, count, 0);
    double microseconds;
    int status = runner.run(microseconds);
    if (status != QUANTIZATION_OK)
      error = options.model + ": running it failed: " + LoadedArtifact::statusText(status);
    if (counts && error.empty()) {
      runs.push_back(microseconds);
      for (size_t i = 0; i < count; ++i)
        ticks[i].push_back(double(profile.ticks[i]));
    }
  };
  for (int64_t i = 0; i < options.warmup && error.empty(); ++i)
    once(false);
  // What a tick is, the passes' own time tells, unless that is too short.
  constexpr double leastSeconds = 0.05;
  auto start = Clock::now();
  uint64_t startTicks = profile.clock();
  auto elapsed = [&] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  while (error.empty() && !areEnough(options, runs.size(), elapsed()))
    once(true);
  while (error.empty() && elapsed() < leastSeconds)
    once(false);
  if (!error.empty())
    return std::nullopt;
  double microsecondsOfTick = elapsed() * 1e6 / double(profile.clock() - startTicks);

  Times times;
  times.passes = runs.size();
  std::vector<double> between = runs;
  for (std::vector<double> &step : ticks) {
    for (size_t pass = 0; pass < step.size(); ++pass)
      between[pass] -= step[pass] *= microsecondsOfTick;
    times.steps.push_back(medianOf(std::move(step)));
  }
  times.run = medianOf(std::move(runs));
  times.between = medianOf(std::move(between));
  return times;
}

/// 0 for steps that have no peak to be compared with.
double shareOfPeak(const quantization_step &step, double microseconds, const std::map<std::string, double> &peaks) {
  auto peak = peaks.find(step.kernel);
  return peak == peaks.end() || microseconds <= 0 ? 0 : double(step.macs) / (microseconds * 1e-6) / peak->second;
}

/// Multiplications of the contraction and of what is rescaled with it.
int64_t multiplicationsOf(const quantization_step &step) { return step.multiplications + step.rescales; }

std::vector<std::string> layersOf(const quantization_step &step) {
  return std::vector<std::string>(step.layers, step.layers + step.num_layers);
}

void printJson(const LoadedArtifact &artifact, const Times &times, const std::map<std::string, double> &peaks,
               const std::vector<size_t> &order) {
  const quantization_profile &profile = *artifact.profile();
  std::vector<JsonObject> steps, measured;
  for (size_t i : order) {
    const quantization_step &step = profile.steps[i];
    double time = times.steps[i], peak = shareOfPeak(step, time, peaks);
    JsonObject &json = steps.emplace_back();
    json.add("step", int64_t(i));
    json.add("layers", layersOf(step));
    json.add("kernel", step.kernel);
    json.add("us", time);
    json.add("share", time / times.run);
    json.add("macs", step.macs);
    json.add("multiplications", multiplicationsOf(step));
    json.add("additions", step.additions);
    json.add("rescales", step.rescales);
    json.add("gmacs_per_second", double(step.macs) / time * 1e-3);
    json.add("share_of_peak", peak > 0 ? peak : NAN); // null
    json.add("bytes_read", step.bytes_read);
    json.add("bytes_written", step.bytes_written);
    json.add("weight_bytes", step.weight_bytes);
  }
  for (const auto &[kernel, rate] : peaks) {
    JsonObject &json = measured.emplace_back();
    json.add("kernel", kernel);
    json.add("gmacs_per_second", rate * 1e-9);
  }
  const quantization_model &model = artifact.model();
  JsonObject json;
  json.add("model", model.name);
  json.add("target", model.target);
  json.add("batch", artifact.batch());
  json.add("threads", int64_t(model.threads));
  json.add("passes", int64_t(times.passes));
  json.add("run_us", times.run);
  json.add("steps_us", times.sum());
  json.add("between_us", times.between);
  json.add("peaks", measured);
  json.add("steps", steps);
  std::printf("%s\n", json.str().c_str());
}

std::string format(const char *pattern, double value) {
  char text[32];
  std::snprintf(text, sizeof(text), pattern, value);
  return text;
}

std::string millions(int64_t count) { return count ? format("%.3f", double(count) * 1e-6) : "-"; }

void printTable(const LoadedArtifact &artifact, const Times &times, const std::map<std::string, double> &peaks,
                const std::vector<size_t> &order) {
  const quantization_profile &profile = *artifact.profile();
  const quantization_model &model = artifact.model();
  std::printf("network %s for %s, batch %lld, %d thread%s; medians of %zu runs\n", model.name, model.target,
              static_cast<long long>(artifact.batch()), model.threads, model.threads == 1 ? "" : "s", times.passes);
  for (const auto &[kernel, rate] : peaks)
    std::printf("peak of %s: %.1f GMAC/s\n", kernel.c_str(), rate * 1e-9);
  std::printf("\n%10s %8s %10s %8s %8s %8s %8s %10s %10s %10s  %-18s %s\n", "µs", "share", "M MAC", "M mul", "M add", "GMAC/s", "% peak", "KB read", "written",
              "weights", "kernel", "layers");
  for (size_t i : order) {
    const quantization_step &step = profile.steps[i];
    double time = times.steps[i], peak = shareOfPeak(step, time, peaks);
    std::string layers;
    for (const std::string &layer : layersOf(step))
      layers += (layers.empty() ? "" : " + ") + layer;
    std::printf("%9.2f %7.1f%% %10s %8s %8s %8s %8s %10.1f %10.1f %10.1f  %-18s %s\n", time, 100 * time / times.run,
                millions(step.macs).c_str(), millions(multiplicationsOf(step)).c_str(), millions(step.additions).c_str(),
                step.macs ? format("%.2f", double(step.macs) / time * 1e-3).c_str() : "-",
                peak > 0 ? format("%.1f", 100 * peak).c_str() : "-", double(step.bytes_read) * 1e-3, double(step.bytes_written) * 1e-3,
                double(step.weight_bytes) * 1e-3, step.kernel, layers.c_str());
  }
  std::printf("\n%9.2f µs  run\n%9.2f µs  sum of its steps\n%9.2f µs  between them\n", times.run, times.sum(), times.between);
}
} // namespace

bool profile(const Options &options, std::string &error) {
  std::unique_ptr<Compiler> compiler; // holds the files that are loaded
  std::unique_ptr<LoadedArtifact> artifact;
  bool isModel = options.model.size() > 5 && options.model.compare(options.model.size() - 5, 5, ".onnx") == 0;
  if (isModel) {
    compiler = Compiler::create(options, error);
    artifact = compiler ? compiler->emitArtifact("profiled.so", {"--profile"}, error) : nullptr;
  } else {
    artifact = LoadedArtifact::load(options.model, options.name, 1, error);
  }
  if (!artifact)
    return false;
  const quantization_profile *profile = artifact->profile();
  if (!profile) {
    error = options.model + ": has no profile; compile it with --profile, or give the .onnx file";
    return false;
  }
  auto inputs = PassInputs::create(options, *artifact, error);
  if (!inputs)
    return false;

  std::map<std::string, double> peaks;
  for (int32_t i = 0; i < profile->num_steps; ++i)
    if (const char *kernel = profile->steps[i].kernel; !peaks.count(kernel))
      peaks[kernel] = measurePeak(kernel, artifact->model().threads);
  for (auto it = peaks.begin(); it != peaks.end();)
    it = it->second > 0 ? std::next(it) : peaks.erase(it);
  auto times = measure(*artifact, *inputs, options, error);
  if (!times)
    return false;
  std::vector<size_t> order(times->steps.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  if (options.byTime)
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return times->steps[a] != times->steps[b] ? times->steps[a] > times->steps[b] : a < b;
    });
  (options.json ? printJson : printTable)(*artifact, *times, peaks, order);
  return true;
}

} // namespace quantization

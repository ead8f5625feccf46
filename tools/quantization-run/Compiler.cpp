//===- Compiler.cpp - calls quantization-opt --------------------*- C++ -*-===//
//
// Part of quantization-opt. This file finds and calls quantization-opt, and feeds what it made.
//
//===----------------------------------------------------------------------===//

#include "Compiler.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace fs = std::filesystem;

namespace quantization {

namespace {
/// "--policy" of "-policy=int8".
std::string flagName(const std::string &flag) {
  std::string name = flag.substr(0, flag.find('='));
  return name.rfind("--", 0) == 0 || name.rfind("-", 0) != 0 ? name : "-" + name;
}

/// Flags that choose number formats, which mean nothing to a float artifact.
bool choosesFormats(const std::string &flag) {
  static const char *const names[] = {"--policy", "--calibrate-with", "--load-statistics-from", "--save-statistics-to",
                                      "--io",     "--input-mean",     "--input-std"};
  std::string name = flagName(flag);
  return std::any_of(std::begin(names), std::end(names), [&](const char *known) { return name == known; });
}
} // namespace

std::unique_ptr<Compiler> Compiler::create(const Options &options, std::string &error) {
  auto compiler = std::make_unique<Compiler>();
  compiler->model = options.model;
  compiler->flags = options.compilerFlags;
  compiler->threads = options.threads;
  std::error_code ignored;
  if (!fs::exists(options.model, ignored)) {
    error = options.model + ": no such file";
    return nullptr;
  }
  for (const std::string &flag : compiler->flags)
    for (const char *own : {"--emit", "--layers", "--o", "--profile", "--to"})
      if (flagName(flag) == own) {
        error = flag + ": is set by " + (options.profile ? "--profile" : "--verify-against") + " itself; leave it out";
        return nullptr;
      }
  if (const char *program = std::getenv("QUANTIZATION_OPT")) {
    compiler->program = program;
  } else {
    compiler->program = executableFolder() + "/quantization-opt";
    if (!fs::exists(compiler->program, ignored)) {
      error = compiler->program + ": no such file; set QUANTIZATION_OPT to the compiler";
      return nullptr;
    }
  }
  compiler->temporary = TemporaryFolder::create(error);
  return compiler->temporary ? std::move(compiler) : nullptr;
}

bool Compiler::call(const std::vector<std::string> &extra, const std::string &output, std::string &error) const {
  std::vector<std::string> arguments = {program, model};
  arguments.insert(arguments.end(), extra.begin(), extra.end());
  arguments.insert(arguments.end(), {"-o", output});
  if (runProgram(arguments, error))
    return true;
  error = model + ": compiling it failed: " + error;
  return false;
}

std::unique_ptr<LoadedArtifact> Compiler::load(const std::string &file, std::string &error) const {
  return LoadedArtifact::load(file, "", threads, error);
}

std::optional<std::string> Compiler::emit(const std::string &kind, const std::string &name,
                                          const std::vector<std::string> &more, std::string &error) const {
  std::vector<std::string> all = flags;
  all.insert(all.end(), more.begin(), more.end());
  all.push_back("--emit=" + kind);
  std::string output = temporary->file(name);
  return call(all, output, error) ? std::optional(output) : std::nullopt;
}

std::unique_ptr<LoadedArtifact> Compiler::emitArtifact(const std::string &name, const std::vector<std::string> &more,
                                                       std::string &error) const {
  auto file = emit("lib", name, more, error);
  return file ? load(*file, error) : nullptr;
}

std::unique_ptr<LoadedArtifact> Compiler::emitFloatArtifact(const std::string &name, std::string &error) const {
  std::vector<std::string> kept;
  for (size_t i = 0; i < flags.size(); ++i) {
    if (!choosesFormats(flags[i]))
      kept.push_back(flags[i]);
    else if (flags[i].find('=') == std::string::npos) // its value is the next word
      ++i;
  }
  kept.insert(kept.end(), {"--policy=float", "--layers=outputs", "--emit=lib"});
  std::string output = temporary->file(name);
  return call(kept, output, error) ? load(output, error) : nullptr;
}

//===----------------------------------------------------------------------===//
// VerificationSamples
//===----------------------------------------------------------------------===//

namespace {
bool isByte(ElementType type) { return type == ElementType::U8 || type == ElementType::I8; }

/// Half-even, as ONNX's QuantizeLinear.
char quantize(float value, const ArtifactTensor &tensor) {
  bool isSigned = tensor.type == ElementType::I8;
  double stored = double(std::nearbyint(value / tensor.scale)) + tensor.zeroPoint;
  return char(int(std::clamp(stored, isSigned ? -128.0 : 0.0, isSigned ? 127.0 : 255.0)));
}

float dequantize(char stored, const ArtifactTensor &tensor) {
  int value = tensor.type == ElementType::I8 ? int(int8_t(stored)) : int(uint8_t(stored));
  return float(value - tensor.zeroPoint) * tensor.scale;
}
} // namespace

std::unique_ptr<VerificationSamples> VerificationSamples::open(const Options &options, const LoadedArtifact &artifact,
                                                               size_t count, std::string &error) {
  auto samples = std::make_unique<VerificationSamples>();
  std::vector<TensorSpec> stored;
  bool haveBytes = false;
  for (size_t i = 0; i < count; ++i) {
    const ArtifactTensor &tensor = artifact.inputs()[i];
    samples->tensors.push_back(tensor);
    stored.push_back(tensor.spec());
    samples->specs.push_back(tensor.spec());
    if (isByte(tensor.type)) {
      haveBytes = true;
      samples->specs.back().type = ElementType::F32;
    }
  }
  samples->source = SampleSource::open(options.inputs, stored, error);
  if (!samples->source && haveBytes) {
    samples->holdsStored = false;
    samples->source = SampleSource::open(options.inputs, samples->specs, error);
  }
  if (!samples->source)
    return nullptr;
  error.clear();
  samples->total = samples->source->size();
  if (options.samples)
    samples->total = std::min(samples->total, options.samples);
  return samples;
}

std::optional<int64_t> VerificationSamples::read(int64_t limit, Buffers &stored, Buffers &expressed,
                                                 std::string &error) {
  auto count = readSamples(*source, std::min(limit, total - given), holdsStored ? stored : expressed, error);
  if (!count || !*count)
    return count;
  given += *count;
  stored.resize(tensors.size());
  expressed.resize(tensors.size());
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (!isByte(tensors[i].type)) {
      (holdsStored ? expressed : stored)[i] = (holdsStored ? stored : expressed)[i];
      continue;
    }
    size_t elements = size_t(*count * tensors[i].elements);
    stored[i].resize(elements);
    expressed[i].resize(elements * sizeof(float));
    for (size_t at = 0; at < elements; ++at) {
      float value = holdsStored ? dequantize(stored[i][at], tensors[i]) : 0;
      char *place = expressed[i].data() + at * sizeof(float);
      if (holdsStored) {
        std::memcpy(place, &value, sizeof(value));
      } else {
        std::memcpy(&value, place, sizeof(value));
        stored[i][at] = quantize(value, tensors[i]);
      }
    }
  }
  return count;
}

} // namespace quantization

//===- LoadedArtifact.cpp - a compiled network in memory --------*- C++ -*-===//
//
// Part of quantization-opt. This file loads artifacts by dlopen and runs them.
//
//===----------------------------------------------------------------------===//

#include "LoadedArtifact.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <thread>

namespace fs = std::filesystem;

namespace quantization {

namespace {
/// The C identifier that the compiler derives from an output file's stem.
std::string identifierFor(const std::string &stem) {
  std::string name = stem;
  for (char &c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_')
      c = '_';
  return name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) ? "_" + name : name;
}

std::optional<ElementType> elementTypeOf(int32_t type) {
  switch (type) {
  case QUANTIZATION_F32:
    return ElementType::F32;
  case QUANTIZATION_U8:
    return ElementType::U8;
  case QUANTIZATION_I8:
    return ElementType::I8;
  case QUANTIZATION_U16:
    return ElementType::U16;
  case QUANTIZATION_I16:
    return ElementType::I16;
  case QUANTIZATION_I32:
    return ElementType::I32;
  case QUANTIZATION_I64:
    return ElementType::I64;
  default:
    return std::nullopt;
  }
}

template <typename T> int64_t argmaxOf(const char *data, int64_t count) {
  int64_t best = 0;
  T largest{};
  for (int64_t i = 0; i < count; ++i) {
    T value;
    std::memcpy(&value, data + size_t(i) * sizeof(T), sizeof(T));
    if (value == value && (!(largest == largest) || i == 0 || value > largest)) {
      largest = value;
      best = i;
    } else if (i == 0) {
      largest = value; // NaN, until something is comparable
    }
  }
  return best;
}
} // namespace

int64_t argmax(const char *data, ElementType type, int64_t count) {
  switch (type) {
  case ElementType::U8:
    return argmaxOf<uint8_t>(data, count);
  case ElementType::I8:
    return argmaxOf<int8_t>(data, count);
  case ElementType::U16:
    return argmaxOf<uint16_t>(data, count);
  case ElementType::I16:
    return argmaxOf<int16_t>(data, count);
  case ElementType::I32:
    return argmaxOf<int32_t>(data, count);
  case ElementType::I64:
    return argmaxOf<int64_t>(data, count);
  case ElementType::F64:
    return argmaxOf<double>(data, count);
  default:
    return argmaxOf<float>(data, count);
  }
}

TensorSpec ArtifactTensor::spec() const {
  Shape shape = sampleShape;
  shape.insert(shape.begin(), 1);
  return {name, type, std::move(shape)};
}

bool LoadedArtifact::describe(const quantization_tensor &from, ArtifactTensor &to, std::string &error) const {
  auto fail = [&](const std::string &fact) {
    error = path + ": \"" + to.name + "\" " + fact;
    return false;
  };
  to.name = from.name ? from.name : "";
  to.layer = from.layer ? from.layer : to.name;
  to.scale = from.scale;
  to.zeroPoint = from.zero_point;
  auto type = elementTypeOf(from.type);
  if (!type || from.rank < 0 || from.rank > 64 || (from.rank && !from.shape))
    return fail("has a malformed description");
  to.type = *type;
  Shape shape(from.shape, from.shape + from.rank);
  if (!shape.empty() && shape[0] == batch())
    shape.erase(shape.begin());
  else if (batch() > 1 && !shape.empty() && shape[0] % batch() == 0)
    shape[0] /= batch(); // several entries per sample
  else if (batch() > 1)
    return fail("of shape " + shapeToString(shape) + " has no axis for the batch of " + std::to_string(batch()));
  auto elements = elementCount(shape);
  if (!elements || *elements * batch() * int64_t(elementSize(*type)) != from.bytes)
    return fail("has a malformed description");
  to.sampleShape = shape;
  to.elements = *elements;
  to.bytes = size_t(*elements) * elementSize(*type);
  return true;
}

std::unique_ptr<LoadedArtifact> LoadedArtifact::load(const std::string &path, std::string name, int threads,
                                                     std::string &error) {
  std::error_code failure;
  fs::path absolute = fs::absolute(path, failure);
  if (!fs::exists(absolute, failure)) {
    error = path + ": no such file";
    return nullptr;
  }
  auto artifact = std::make_unique<LoadedArtifact>();
  artifact->path = path;
  artifact->library = dlopen(absolute.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!artifact->library) {
    error = path + ": cannot be loaded: " + dlerror();
    return nullptr;
  }
  if (name.empty())
    name = identifierFor(absolute.stem().string());
  auto describe =
      reinterpret_cast<quantization_model_function>(dlsym(artifact->library, (name + "_model").c_str()));
  artifact->function = reinterpret_cast<quantization_run_function>(dlsym(artifact->library, (name + "_run").c_str()));
  if (!describe || !artifact->function) {
    error = path + ": exports no " + name + "_model and " + name +
            "_run; if the file was renamed, give the network's name by --name=NAME";
    return nullptr;
  }
  if (auto steps = reinterpret_cast<quantization_profile_function>(dlsym(artifact->library, (name + "_profile").c_str())))
    artifact->steps = steps();
  const quantization_model *model = artifact->description = describe();
  if (!model || model->abi_version != QUANTIZATION_ABI_VERSION) {
    error = path + ": has ABI version " + std::to_string(model ? model->abi_version : 0) + ", but this program knows " +
            std::to_string(QUANTIZATION_ABI_VERSION) + "; compile the network again";
    return nullptr;
  }
  if (model->batch < 1 || model->num_inputs < 0 || model->num_outputs < 0 || model->arena_bytes < 0) {
    error = path + ": has a malformed description";
    return nullptr;
  }
  artifact->inputTensors.resize(size_t(model->num_inputs));
  artifact->outputTensors.resize(size_t(model->num_outputs));
  for (size_t i = 0; i < artifact->inputTensors.size(); ++i)
    if (!artifact->describe(model->inputs[i], artifact->inputTensors[i], error))
      return nullptr;
  for (size_t i = 0; i < artifact->outputTensors.size(); ++i)
    if (!artifact->describe(model->outputs[i], artifact->outputTensors[i], error))
      return nullptr;
  size_t arenaBytes = (size_t(model->arena_bytes) + 64) / 64 * 64; // never empty
  for (int thread = 0; thread < threads; ++thread) {
    void *arena = std::aligned_alloc(64, arenaBytes);
    if (!arena) {
      error = path + ": cannot allocate " + std::to_string(threads) + " arenas of " + std::to_string(arenaBytes) +
              " bytes";
      return nullptr;
    }
    artifact->arenas.push_back(arena);
  }
  return artifact;
}

LoadedArtifact::~LoadedArtifact() {
  for (void *arena : arenas)
    std::free(arena);
  if (library)
    dlclose(library);
}

std::vector<TensorSpec> LoadedArtifact::inputSpecs() const {
  std::vector<TensorSpec> specs;
  for (const ArtifactTensor &input : inputTensors)
    specs.push_back(input.spec());
  return specs;
}

int64_t LoadedArtifact::samplesAtOnce() const {
  size_t bytes = 1;
  for (const auto *tensors : {&inputTensors, &outputTensors})
    for (const ArtifactTensor &tensor : *tensors)
      bytes += tensor.bytes;
  int64_t samples = std::clamp<int64_t>(int64_t((size_t(64) << 20) / bytes), threads() * batch(), 1 << 16);
  return (samples + batch() - 1) / batch() * batch();
}

int LoadedArtifact::call(const void *const *in, void *const *out, int64_t samples, size_t arena) const {
  return function(in, out, size_t(samples), arenas[arena], nullptr);
}

std::string LoadedArtifact::statusText(int status) {
  switch (status) {
  case QUANTIZATION_BAD_SAMPLES:
    return "the number of samples is no multiple of the batch";
  case QUANTIZATION_BAD_ARENA:
    return "the arena is missing or not aligned";
  case QUANTIZATION_BAD_POOL:
    return "the artifact takes no thread pool";
  case QUANTIZATION_BAD_PROCESSOR:
    return "it uses tile registers (AMX), and this processor has none, or the system does not let this program use them; compile "
           "it for this machine, or with --mattr=-amx-int8";
  default:
    return "unknown status " + std::to_string(status);
  }
}

bool LoadedArtifact::run(Buffers &inputs, int64_t samples, Buffers &outputs, std::string &error) {
  int64_t passes = (samples + batch() - 1) / batch(), padded = passes * batch();
  for (size_t i = 0; i < inputTensors.size(); ++i)
    inputs[i].resize(size_t(padded) * inputTensors[i].bytes);
  outputs.resize(outputTensors.size());
  for (size_t i = 0; i < outputTensors.size(); ++i)
    outputs[i].resize(size_t(padded) * outputTensors[i].bytes);

  size_t workers = size_t(std::clamp<int64_t>(passes, 1, threads()));
  std::vector<int> statuses(workers, QUANTIZATION_OK);
  auto work = [&](size_t worker) {
    int64_t first = passes * int64_t(worker) / int64_t(workers) * batch();
    int64_t last = passes * int64_t(worker + 1) / int64_t(workers) * batch();
    std::vector<const void *> in;
    std::vector<void *> out;
    for (size_t i = 0; i < inputTensors.size(); ++i)
      in.push_back(inputs[i].data() + size_t(first) * inputTensors[i].bytes);
    for (size_t i = 0; i < outputTensors.size(); ++i)
      out.push_back(outputs[i].data() + size_t(first) * outputTensors[i].bytes);
    statuses[worker] = call(in.data(), out.data(), last - first, worker);
  };
  std::vector<std::thread> others;
  for (size_t worker = 1; worker < workers; ++worker)
    others.emplace_back(work, worker);
  work(0);
  for (std::thread &other : others)
    other.join();

  for (int status : statuses)
    if (status != QUANTIZATION_OK) {
      error = path + ": running it failed: " + statusText(status);
      return false;
    }
  for (size_t i = 0; i < inputTensors.size(); ++i)
    inputs[i].resize(size_t(samples) * inputTensors[i].bytes);
  for (size_t i = 0; i < outputTensors.size(); ++i)
    outputs[i].resize(size_t(samples) * outputTensors[i].bytes);
  return true;
}

std::optional<int64_t> readSamples(SampleSource &source, int64_t limit, Buffers &buffers, std::string &error) {
  for (std::vector<char> &buffer : buffers)
    buffer.clear();
  Buffers sample;
  int64_t count = 0;
  for (; count < limit && source.next(sample, error); ++count) {
    buffers.resize(sample.size());
    for (size_t i = 0; i < sample.size(); ++i)
      buffers[i].insert(buffers[i].end(), sample[i].begin(), sample[i].end());
  }
  return error.empty() ? std::optional(count) : std::nullopt;
}

} // namespace quantization

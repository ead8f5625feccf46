//===- Samples.cpp - a stream of input samples ------------------*- C++ -*-===//
//
// Part of quantization-opt. This file finds out what kind of samples a path holds, checks them against the network's
// inputs, and reads them one by one.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Samples.h"

#include "quantization/Calibrate/Npz.h"
#include "quantization/Calibrate/TensorFile.h"

#include <algorithm>
#include <filesystem>

namespace fs = std::filesystem;

namespace quantization {

namespace {
std::string join(const std::vector<std::string> &words) {
  std::string text;
  for (size_t i = 0; i < words.size() && i < 20; ++i)
    text += (i ? ", " : "") + words[i];
  return words.empty() ? "none" : words.size() > 20 ? text + ", ..." : text;
}

/// "float32[N, 3, 32, 32]"
std::string expectation(const TensorSpec &input) {
  Shape rest = input.sampleShape();
  std::string dims = shapeToString(rest);
  return std::string(elementTypeName(input.type)) + "[N" + (rest.empty() ? "]" : ", " + dims.substr(1));
}

/// Checks an array of `type` and `shape` and returns the number of its samples. A test data set holds the tensor as the
/// network takes it, so there a tensor without batch is one sample.
std::optional<int64_t> countSamples(const std::string &what, const TensorSpec &input, ElementType type,
                                    const Shape &shape, bool maybeWithoutBatch, std::string &error) {
  if (!isConvertible(type, input.type)) {
    error = what + " has element type " + elementTypeName(type) + ", but input \"" + input.name + "\" takes " +
            elementTypeName(input.type);
    return std::nullopt;
  }
  Shape rest = input.sampleShape();
  if (maybeWithoutBatch && shape == rest)
    return 1;
  if (shape.empty() || !std::equal(shape.begin() + 1, shape.end(), rest.begin(), rest.end())) {
    error = what + " has shape " + shapeToString(shape) + ", but input \"" + input.name + "\" takes " +
            expectation(input) + " with N samples";
    return std::nullopt;
  }
  return shape[0];
}

/// One array per input.
class ArraySamples final : public SampleSource {
public:
  ArraySamples(std::string path, std::vector<TensorSpec> inputs, std::vector<std::unique_ptr<ArrayReader>> arrays)
      : SampleSource(std::move(path), std::move(inputs)), arrays(std::move(arrays)) {}

  bool check(std::string &error) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      auto count =
          countSamples(arrays[i]->name(), inputs[i], arrays[i]->type(), arrays[i]->shape(), false, error);
      if (!count)
        return false;
      if (i && *count != samples) {
        error = path + ": input \"" + inputs[i].name + "\" has " + std::to_string(*count) + " samples, but \"" +
                inputs[0].name + "\" has " + std::to_string(samples);
        return false;
      }
      samples = *count;
    }
    return true;
  }

  int64_t size() const override { return samples; }

  bool rewind(std::string &error) override {
    position = 0;
    return std::all_of(arrays.begin(), arrays.end(), [&](auto &array) { return array->rewind(error); });
  }

protected:
  bool readSample(std::vector<std::vector<char>> &buffers, std::string &error) override {
    for (size_t i = 0; i < inputs.size(); ++i) {
      size_t elements = size_t(inputs[i].sampleElements());
      stored.resize(elements * elementSize(arrays[i]->type()));
      if (!arrays[i]->read(stored.data(), elements, error) ||
          !convertSample(i, stored.data(), arrays[i]->type(), buffers[i].data(), error))
        return false;
    }
    return true;
  }

private:
  std::vector<std::unique_ptr<ArrayReader>> arrays;
  std::vector<char> stored;
  int64_t samples = 0;
};

/// ONNX test data sets: folders with one file per input.
class TestDataSets final : public SampleSource {
public:
  TestDataSets(std::string path, std::vector<TensorSpec> inputs, std::vector<std::string> folders)
      : SampleSource(std::move(path), std::move(inputs)), folders(std::move(folders)) {}

  /// Looks at every set once, one at a time in memory.
  bool check(std::string &error) {
    for (const std::string &folder : folders) {
      if (!load(folder, error))
        return false;
      samples += inSet;
    }
    return rewind(error);
  }

  int64_t size() const override { return samples; }

  bool rewind(std::string &) override {
    position = nextFolder = inSet = within = 0;
    tensors.clear();
    return true;
  }

protected:
  bool readSample(std::vector<std::vector<char>> &buffers, std::string &error) override {
    while (within == inSet)
      if (!load(folders[size_t(nextFolder++)], error))
        return false;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const TensorFile &tensor = tensors[i];
      size_t bytes = size_t(inputs[i].sampleElements()) * elementSize(tensor.type);
      if (!convertSample(i, tensor.data.data() + size_t(within) * bytes, tensor.type, buffers[i].data(), error))
        return false;
    }
    ++within;
    return true;
  }

private:
  bool load(const std::string &folder, std::string &error);

  std::vector<std::string> folders;
  std::vector<TensorFile> tensors; ///< of the current set, in the order of the inputs
  int64_t samples = 0, nextFolder = 0;
  int64_t inSet = 0, within = 0; ///< samples of the current set, and those already given
};

bool TestDataSets::load(const std::string &folder, std::string &error) {
  std::vector<std::optional<TensorFile>> found(inputs.size());
  std::vector<std::string> files(inputs.size());
  for (size_t k = 0;; ++k) {
    std::string file = folder + "/input_" + std::to_string(k) + ".pb";
    std::error_code ignored;
    if (!fs::exists(file, ignored))
      break;
    auto tensor = TensorFile::read(file, error);
    if (!tensor)
      return false;
    auto named = std::find_if(inputs.begin(), inputs.end(), [&](auto &input) { return input.name == tensor->name; });
    size_t input = named != inputs.end() ? size_t(named - inputs.begin()) : k;
    // Beyond the inputs lie initializers that the model lists as inputs; and a number does not overrule a name.
    if (input >= inputs.size() || (named == inputs.end() && found[input]))
      continue;
    files[input] = file;
    found[input] = std::move(tensor);
  }
  tensors.clear();
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!found[i]) {
      error = folder + ": holds no tensor for input \"" + inputs[i].name + "\" (input_" + std::to_string(i) + ".pb)";
      return false;
    }
    auto count = countSamples(files[i] + ": tensor", inputs[i], found[i]->type, found[i]->shape, true, error);
    if (!count)
      return false;
    if (i && *count != inSet) {
      error = files[i] + ": has " + std::to_string(*count) + " samples, but input \"" + inputs[0].name + "\" has " +
              std::to_string(inSet);
      return false;
    }
    inSet = *count;
    tensors.push_back(std::move(*found[i]));
  }
  within = 0;
  return true;
}

/// Folders with an input_0.pb: `path` itself, else its subfolders, test_data_set_10 after test_data_set_9.
std::vector<std::string> findTestDataSets(const std::string &path) {
  std::error_code ignored;
  if (fs::exists(path + "/input_0.pb", ignored))
    return {path};
  std::vector<std::string> folders;
  for (fs::directory_iterator it(path, ignored), end; !ignored && it != end; it.increment(ignored))
    if (it->path().filename().string().rfind("test_data_set", 0) == 0 &&
        fs::exists(it->path() / "input_0.pb", ignored))
      folders.push_back(it->path().string());
  std::sort(folders.begin(), folders.end(), [](const std::string &a, const std::string &b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  return folders;
}

using Arrays = std::vector<std::unique_ptr<ArrayReader>>;

std::optional<Arrays> openFolder(const std::string &path, const std::vector<TensorSpec> &inputs, std::string &error) {
  Arrays arrays;
  for (const TensorSpec &input : inputs) {
    std::string flat = input.name;
    std::replace(flat.begin(), flat.end(), '/', '_');
    std::error_code ignored;
    std::string file = path + "/" + input.name + ".npy";
    if (!fs::exists(file, ignored))
      file = path + "/" + flat + ".npy";
    if (!fs::exists(file, ignored)) {
      std::vector<std::string> names;
      for (fs::directory_iterator it(path, ignored), end; !ignored && it != end; it.increment(ignored))
        if (it->path().extension() == ".npy")
          names.push_back(it->path().filename().string());
      std::sort(names.begin(), names.end());
      error = path + ": holds no " + flat + ".npy for input \"" + input.name + "\", and no input_0.pb; its arrays: " +
              join(names);
      return std::nullopt;
    }
    arrays.push_back(openNpy(file, error));
    if (!arrays.back())
      return std::nullopt;
  }
  return arrays;
}

std::optional<Arrays> openNpz(const std::string &path, const std::vector<TensorSpec> &inputs,
                              std::vector<std::string> &others, std::string &error) {
  auto npz = NpzFile::open(path, error);
  if (!npz)
    return std::nullopt;
  Arrays arrays;
  for (const TensorSpec &input : inputs) {
    if (!npz->contains(input.name)) {
      error = path + ": holds no array \"" + input.name + "\" for the network's input; its arrays: " +
              join(npz->keys());
      return std::nullopt;
    }
    arrays.push_back(npz->array(input.name, error));
    if (!arrays.back())
      return std::nullopt;
  }
  for (const std::string &key : npz->keys())
    if (std::none_of(inputs.begin(), inputs.end(), [&](const TensorSpec &input) { return input.name == key; }))
      others.push_back(key);
  return arrays;
}

std::optional<Arrays> openSingle(const std::string &path, const std::vector<TensorSpec> &inputs, std::string &error) {
  if (inputs.size() != 1) {
    error = path + ": one .npy cannot feed a network of " + std::to_string(inputs.size()) +
            " inputs; give an .npz or a folder";
    return std::nullopt;
  }
  Arrays arrays;
  arrays.push_back(openNpy(path, error));
  return arrays.back() ? std::optional(std::move(arrays)) : std::nullopt;
}
} // namespace

SampleSource::~SampleSource() = default;

std::unique_ptr<SampleSource> SampleSource::open(const std::string &path, const std::vector<TensorSpec> &inputs,
                                                 std::string &error) {
  std::error_code ignored;
  fs::file_status status = fs::status(path, ignored);
  if (!fs::exists(status)) {
    error = path + ": no such file or folder";
    return nullptr;
  }
  for (const TensorSpec &input : inputs)
    if (!elementCount(input.shape)) {
      error = "input \"" + input.name + "\" has the impossible shape " + shapeToString(input.shape);
      return nullptr;
    }
  std::unique_ptr<SampleSource> source;
  std::vector<std::string> sets, others;
  if (fs::is_directory(status) && !(sets = findTestDataSets(path)).empty()) {
    auto testData = std::make_unique<TestDataSets>(path, inputs, std::move(sets));
    if (testData->check(error))
      source = std::move(testData);
  } else {
    auto arrays = fs::is_directory(status)             ? openFolder(path, inputs, error)
                  : fs::path(path).extension() == ".npy" ? openSingle(path, inputs, error)
                                                         : openNpz(path, inputs, others, error);
    auto samples = arrays ? std::make_unique<ArraySamples>(path, inputs, std::move(*arrays)) : nullptr;
    if (samples && samples->check(error))
      source = std::move(samples);
  }
  if (source && source->size() == 0) {
    error = path + ": holds no samples";
    return nullptr;
  }
  if (source)
    source->others = std::move(others);
  return source;
}

std::string SampleSource::whyUnused() const {
  if (others.empty())
    return "";
  std::vector<std::string> names;
  for (const TensorSpec &input : inputs)
    names.push_back(input.name);
  return path + ": holds arrays that are no input of the network, and are not used: " + join(others) +
         "; its inputs: " + join(names);
}

bool SampleSource::next(std::vector<std::vector<char>> &buffers, std::string &error) {
  error.clear();
  if (position == size())
    return false;
  buffers.resize(inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i)
    buffers[i].resize(inputs[i].sampleBytes());
  if (!readSample(buffers, error))
    return false;
  ++position;
  return true;
}

bool SampleSource::convertSample(size_t input, const char *data, ElementType type, char *to,
                                 std::string &error) const {
  const TensorSpec &spec = inputs[input];
  auto bad = convertElements(data, type, size_t(spec.sampleElements()), to, spec.type);
  if (!bad)
    return true;
  error = path + ": input \"" + spec.name + "\", sample " + std::to_string(position) + ", element " +
          std::to_string(*bad) + ": " +
          (isFloat(spec.type) ? "is NaN or infinite" : "does not fit " + std::string(elementTypeName(spec.type)));
  return false;
}

} // namespace quantization

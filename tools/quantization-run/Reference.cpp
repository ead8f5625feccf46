//===- Reference.cpp - values from ONNX Runtime -----------------*- C++ -*-===//
//
// Part of quantization-opt. This file talks to python/quantization/reference.py: arrays go through .npz files, and a line
// each way says that they are there.
//
//===----------------------------------------------------------------------===//

#include "Reference.h"

#include "quantization/Calibrate/Npz.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace fs = std::filesystem;

namespace quantization {

namespace {
std::string findPython() {
  if (const char *python = std::getenv("QUANTIZATION_PYTHON"))
    return python;
  std::error_code ignored;
  std::string local = executableFolder() + "/../../.venv/bin/python3";
  return fs::exists(local, ignored) ? local : "python3";
}

std::optional<std::string> findHelper(std::string &error) {
  std::vector<std::string> folders = {QUANTIZATION_PYTHON_FOLDER};
  if (const char *folder = std::getenv("QUANTIZATION_PYTHONPATH"))
    folders.insert(folders.begin(), folder);
  std::error_code ignored;
  for (const std::string &folder : folders)
    if (std::string helper = folder + "/quantization/reference.py"; fs::exists(helper, ignored))
      return helper;
  error = folders.front() +
          "/quantization/reference.py: no such file; set QUANTIZATION_PYTHONPATH to the project's python folder";
  return std::nullopt;
}

std::vector<std::string> splitAtTabs(const std::string &line) {
  std::vector<std::string> words;
  std::istringstream stream(line);
  for (std::string word; std::getline(stream, word, '\t');)
    words.push_back(word);
  return words;
}
} // namespace

std::unique_ptr<ReferenceModel> ReferenceModel::start(const std::string &model, const std::vector<std::string> &names,
                                                      bool quantized, const TemporaryFolder &folder,
                                                      std::string &error) {
  auto helper = findHelper(error);
  if (!helper)
    return nullptr;
  auto reference = std::make_unique<ReferenceModel>();
  for (const std::string &name : names)
    if (std::find(reference->names.begin(), reference->names.end(), name) == reference->names.end())
      reference->names.push_back(name);
  reference->values.resize(reference->names.size());
  reference->inputsFile = folder.file("reference-inputs.npz");
  reference->outputsFile = folder.file("reference-outputs.npz");
  std::string valuesFile = folder.file("reference-values.txt");
  std::ofstream list(valuesFile);
  for (const std::string &name : reference->names)
    list << name << '\n';
  list.close();
  std::vector<std::string> arguments = {findPython(), *helper, model, "--values=" + valuesFile, "--serve"};
  if (quantized)
    arguments.push_back("--quantized");
  reference->python = Conversation::start(arguments, error);
  if (!reference->python || !reference->receiveDescription(error)) {
    error = "ONNX Runtime (" + arguments[0] + "): " + error;
    return nullptr;
  }
  return reference;
}

bool ReferenceModel::receiveDescription(std::string &error) {
  while (auto line = python->receive()) {
    std::vector<std::string> words = splitAtTabs(*line);
    if (words.empty())
      continue;
    if (words[0] == "ready")
      return true;
    if (words[0] == "error" && words.size() > 1) {
      error = words[1];
      return false;
    }
    size_t index = words.size() > 2 ? std::strtoul(words[1].c_str(), nullptr, 10) : values.size();
    if (words[0] != "value" || index >= values.size())
      continue;
    ReferenceValue &value = values[index];
    value.exists = true;
    value.isQuantized = words[2] == "quantized";
    if (words.size() > 4) {
      value.hasGrid = true;
      value.zeroPoint = std::strtoll(words[3].c_str(), nullptr, 10);
      value.scale = std::strtod(words[4].c_str(), nullptr);
    }
  }
  error = "it could not be started";
  return false;
}

bool ReferenceModel::run(const std::vector<TensorSpec> &specs, const Buffers &inputs, int64_t samples,
                         std::string &error) {
  std::vector<NpzArray> arrays;
  for (const TensorSpec &spec : specs) {
    Shape shape = spec.sampleShape();
    shape.insert(shape.begin(), samples);
    arrays.push_back({spec.name, spec.type, std::move(shape)});
  }
  auto writer = NpzWriter::create(inputsFile, arrays, error);
  for (size_t i = 0; writer && i < arrays.size(); ++i)
    if (!writer->append(i, inputs[i].data(), inputs[i].size(), error))
      return false;
  if (!writer || !writer->commit(error))
    return false;

  std::optional<std::string> answer;
  if (python->send(inputsFile + "\t" + outputsFile))
    answer = python->receive();
  if (!answer || *answer != "done") {
    std::vector<std::string> words = splitAtTabs(answer.value_or(""));
    error = "ONNX Runtime: " + (words.size() > 1 ? words[1] : std::string("it ended unexpectedly"));
    return false;
  }
  auto npz = NpzFile::open(outputsFile, error);
  for (size_t i = 0; npz && i < names.size(); ++i) {
    ReferenceValue &value = values[i];
    if (!value.exists)
      continue;
    auto array = npz->array(std::to_string(i), error);
    if (!array)
      return false;
    if (array->count() % samples != 0) {
      error = "ONNX Runtime: value \"" + names[i] + "\" of shape " + shapeToString(array->shape()) +
              " cannot be shared out to " + std::to_string(samples) + " samples";
      return false;
    }
    value.type = array->type();
    value.elements = array->count() / samples;
    value.data.resize(size_t(array->count()) * elementSize(array->type()));
    if (!array->read(value.data.data(), size_t(array->count()), error))
      return false;
  }
  return npz != nullptr;
}

const ReferenceValue *ReferenceModel::value(const std::string &name) const {
  auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? nullptr : &values[size_t(found - names.begin())];
}

std::vector<std::string> ReferenceModel::missing() const {
  std::vector<std::string> missing;
  for (size_t i = 0; i < names.size(); ++i)
    if (!values[i].exists)
      missing.push_back(names[i]);
  return missing;
}

} // namespace quantization

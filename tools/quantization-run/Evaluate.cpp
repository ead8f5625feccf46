//===- Evaluate.cpp - runs an artifact on samples ---------------*- C++ -*-===//
//
// Part of quantization-opt. This file runs an artifact on all samples, writes the outputs, and counts right answers.
//
//===----------------------------------------------------------------------===//

#include "LoadedArtifact.h"
#include "Modes.h"
#include "quantization/Calibrate/Npz.h"

#include <algorithm>
#include <cstdio>
#include <set>

namespace quantization {

namespace {
/// One integer per sample.
std::optional<std::vector<int64_t>> readLabels(const std::string &path, int64_t samples, std::string &error) {
  auto array = openNpy(path, error);
  if (!array)
    return std::nullopt;
  if (!isConvertible(array->type(), ElementType::I64)) {
    error = path + ": has element type " + elementTypeName(array->type()) + ", but labels are integers";
    return std::nullopt;
  }
  if (array->count() != samples) {
    error = path + ": has " + std::to_string(array->count()) + " labels of shape " + shapeToString(array->shape()) +
            ", but there are " + std::to_string(samples) + " samples";
    return std::nullopt;
  }
  size_t count = size_t(samples);
  std::vector<char> stored(count * elementSize(array->type()));
  std::vector<int64_t> labels(count);
  if (!array->read(stored.data(), count, error))
    return std::nullopt;
  if (auto bad = convertElements(stored.data(), array->type(), count, labels.data(), ElementType::I64)) {
    error = path + ": label " + std::to_string(*bad) + " is beyond 64 bits";
    return std::nullopt;
  }
  return labels;
}

/// The outputs to write: the first of each name.
std::vector<size_t> distinctOutputs(const LoadedArtifact &artifact) {
  std::set<std::string> names;
  std::vector<size_t> distinct;
  for (size_t i = 0; i < artifact.outputs().size(); ++i)
    if (names.insert(artifact.outputs()[i].name).second)
      distinct.push_back(i);
  return distinct;
}
} // namespace

bool evaluate(const Options &options, std::string &error) {
  auto artifact = LoadedArtifact::load(options.model, options.name, options.threads, error);
  if (!artifact)
    return false;
  auto source = SampleSource::open(options.inputs, artifact->inputSpecs(), error);
  if (!source)
    return false;
  int64_t total = options.samples ? std::min(options.samples, source->size()) : source->size();

  std::optional<std::vector<int64_t>> labels;
  if (!options.labels.empty()) {
    labels = readLabels(options.labels, source->size(), error);
    if (!labels)
      return false;
    if (artifact->outputs().empty()) {
      error = options.model + ": has no output to compare with labels";
      return false;
    }
    int64_t classes = artifact->outputs()[0].elements;
    for (size_t i = 0; i < labels->size(); ++i)
      if ((*labels)[i] < 0 || (*labels)[i] >= classes) {
        error = options.labels + ": label " + std::to_string((*labels)[i]) + " of sample " + std::to_string(i) +
                " is none of the " + std::to_string(classes) + " classes of output \"" + artifact->outputs()[0].name +
                "\"";
        return false;
      }
  }

  std::vector<size_t> written;
  std::unique_ptr<NpzWriter> writer;
  if (!options.outputs.empty()) {
    written = distinctOutputs(*artifact);
    std::vector<NpzArray> arrays;
    for (size_t i : written) {
      const ArtifactTensor &output = artifact->outputs()[i];
      Shape shape = output.sampleShape;
      shape.insert(shape.begin(), total);
      arrays.push_back({output.name, output.type, std::move(shape)});
    }
    writer = NpzWriter::create(options.outputs, arrays, error);
    if (!writer)
      return false;
  }

  Buffers inputs(artifact->inputs().size()), outputs;
  int64_t right = 0;
  for (int64_t done = 0; done < total;) {
    auto count = readSamples(*source, std::min(artifact->samplesAtOnce(), total - done), inputs, error);
    if (!count || !artifact->run(inputs, *count, outputs, error))
      return false;
    for (size_t i = 0; i < written.size(); ++i)
      if (!writer->append(i, outputs[written[i]].data(), outputs[written[i]].size(), error))
        return false;
    for (int64_t i = 0; labels && i < *count; ++i) {
      const ArtifactTensor &output = artifact->outputs()[0];
      right += argmax(outputs[0].data() + size_t(i) * output.bytes, output.type, output.elements) ==
               (*labels)[size_t(done + i)];
    }
    done += *count;
  }
  if (writer && !writer->commit(error))
    return false;
  if (labels)
    std::printf("accuracy: %.2f %% (n=%lld)\n", 100.0 * double(right) / double(total), static_cast<long long>(total));
  return true;
}

} // namespace quantization

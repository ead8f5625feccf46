//===- VerifyValues.cpp - compares layers with float values -----*- C++ -*-===//
//
// Part of quantization-opt. This file runs an artifact that gives every layer's value, and says how far each is from the
// float model's: that compiled with --policy=float, or ONNX Runtime's.
//
//===----------------------------------------------------------------------===//

#include "Compiler.h"
#include "Json.h"
#include "Modes.h"
#include "Reference.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

namespace quantization {

namespace {
/// Sums over all samples of one value.
struct ValueErrors {
  size_t output = 0; ///< of the artifact
  std::string layer, name;
  double maxError = 0, errorSquares = 0, referenceSquares = 0, ourSquares = 0, products = 0;
  bool finite = true;

  void add(double ours, double reference) {
    double error = std::fabs(ours - reference);
    finite &= std::isfinite(error);
    maxError = std::max(maxError, error);
    errorSquares += error * error;
    referenceSquares += reference * reference;
    ourSquares += ours * ours;
    products += ours * reference;
  }

  /// Signal-to-quantization-noise ratio in dB; infinite for equal values.
  double sqnr() const {
    if (!finite)
      return -INFINITY;
    return errorSquares == 0 ? INFINITY : 10 * std::log10(referenceSquares / errorSquares);
  }

  double cosine() const {
    double norms = std::sqrt(referenceSquares * ourSquares);
    return errorSquares == 0 ? 1 : norms > 0 ? products / norms : 0;
  }
};

/// The expressed values of `count` stored ones.
std::vector<double> express(const char *data, ElementType type, size_t count, double scale, double zeroPoint) {
  std::vector<double> values(count);
  if (type == ElementType::F32) { // NaN and infinities pass
    for (size_t i = 0; i < count; ++i) {
      float value;
      std::memcpy(&value, data + i * sizeof(value), sizeof(value));
      values[i] = double(value);
    }
    return values;
  }
  if (auto bad = convertElements(data, type, count, values.data(), ElementType::F64))
    std::fill(values.begin() + long(*bad), values.end(), NAN); // only floats of other widths can be NaN
  for (double &value : values)
    value = (value - zeroPoint) * scale;
  return values;
}

/// Where the reference values come from; one of both.
struct Source {
  std::unique_ptr<LoadedArtifact> artifact;
  Buffers inputs, outputs;
  std::unique_ptr<ReferenceModel> model;

  bool start(const Options &options, const Compiler &compiler, const LoadedArtifact &ours, std::string &error);
  bool run(const VerificationSamples &samples, Buffers &expressed, int64_t count, std::string &error);
  /// The values that `layer` made in the last run, of `elements` per sample; nullopt, and `error` set where the sizes
  /// differ and left empty where the reference has no such layer.
  std::optional<std::vector<double>> values(const std::string &layer, int64_t elements, int64_t count,
                                            std::string &error) const;
};

bool Source::start(const Options &options, const Compiler &compiler, const LoadedArtifact &ours, std::string &error) {
  if (options.verifyAgainst == "float") {
    artifact = compiler.emitFloatArtifact("reference.so", error);
    return artifact != nullptr;
  }
  std::vector<std::string> names;
  for (const ArtifactTensor &output : ours.outputs())
    names.push_back(output.layer);
  model = ReferenceModel::start(options.model, names, false, compiler.folder(), error);
  return model != nullptr;
}

bool Source::run(const VerificationSamples &samples, Buffers &expressed, int64_t count, std::string &error) {
  if (model)
    return model->run(samples.expressedSpecs(), expressed, count, error);
  bool fits = artifact->inputs().size() == expressed.size();
  for (size_t i = 0; fits && i < expressed.size(); ++i)
    fits = artifact->inputs()[i].type == samples.expressedSpecs()[i].type &&
           artifact->inputs()[i].bytes == samples.expressedSpecs()[i].sampleBytes();
  inputs = expressed;
  if (fits)
    return artifact->run(expressed, count, outputs, error);
  error = "the float artifact has other inputs than the one compiled with the given flags";
  return false;
}

std::optional<std::vector<double>> Source::values(const std::string &layer, int64_t elements, int64_t count,
                                                  std::string &error) const {
  const char *data = nullptr;
  ElementType type = ElementType::F32;
  int64_t found = 0;
  double scale = 1, zeroPoint = 0;
  if (model) {
    const ReferenceValue *value = model->value(layer);
    if (value && value->exists) {
      data = value->data.data();
      type = value->type;
      found = value->elements;
    }
  } else {
    auto find = [&](const std::vector<ArtifactTensor> &tensors, const Buffers &buffers) {
      for (size_t i = 0; i < tensors.size() && !data; ++i)
        if (const ArtifactTensor &tensor = tensors[i]; tensor.layer == layer) {
          data = buffers[i].data();
          type = tensor.type;
          found = tensor.elements;
          scale = double(tensor.scale);
          zeroPoint = tensor.zeroPoint;
        }
    };
    find(artifact->outputs(), outputs);
    find(artifact->inputs(), inputs);
  }
  if (!data)
    return std::nullopt;
  if (found != elements) {
    error = "layer \"" + layer + "\" has " + std::to_string(elements) + " elements per sample, but the reference has " +
            std::to_string(found);
    return std::nullopt;
  }
  return express(data, type, size_t(count * elements), scale, zeroPoint);
}

std::string decibels(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f", value);
  return std::isfinite(value) ? text : value > 0 ? "exact" : "-inf";
}

void print(const Options &options, const std::vector<ValueErrors> &table, const std::vector<std::string> &missing,
           int64_t samples, bool verified) {
  if (options.json) {
    std::vector<JsonObject> layers;
    for (const ValueErrors &row : table) {
      layers.emplace_back();
      layers.back().add("layer", row.layer);
      layers.back().add("name", row.name);
      layers.back().add("max_abs_error", row.maxError);
      layers.back().add("sqnr_db", row.sqnr()); // null where exact
      layers.back().add("exact", row.errorSquares == 0 && row.finite);
      layers.back().add("cosine", row.cosine());
    }
    JsonObject json;
    json.add("against", options.verifyAgainst);
    json.add("samples", samples);
    json.add("layers", layers);
    json.add("not_compared", missing);
    json.add("verified", verified);
    std::printf("%s\n", json.str().c_str());
    return;
  }
  int width = 5;
  for (const ValueErrors &row : table)
    width = std::max(width, int(row.layer.size()));
  std::printf("%-*s  %13s  %8s  %9s  layer\n", width, "node", "max abs error", "SQNR dB", "cosine");
  for (const ValueErrors &row : table)
    std::printf("%-*s  %13.6g  %8s  %9.6f  %s\n", width, row.layer.c_str(), row.maxError, decibels(row.sqnr()).c_str(),
                row.cosine(), row.name.c_str());
  for (const std::string &name : missing)
    std::printf("not compared, since the reference lacks it: %s\n", name.c_str());
  std::printf("%s against %s (n=%lld)\n", !verified ? "NOT verified" : options.minSqnr ? "verified" : "compared",
              options.verifyAgainst.c_str(),
              static_cast<long long>(samples));
}
} // namespace

bool verifyValues(const Options &options, std::string &error) {
  auto compiler = Compiler::create(options, error);
  auto ours = compiler ? compiler->emitArtifact("ours.so", {"--layers=outputs"}, error) : nullptr;
  auto samples = ours ? VerificationSamples::open(options, *ours, ours->inputs().size(), error) : nullptr;
  Source source;
  if (!samples || !source.start(options, *compiler, *ours, error))
    return false;

  // A network's output may also be a layer's: each name once.
  std::vector<ValueErrors> table;
  std::set<std::string> names;
  for (size_t i = 0; i < ours->outputs().size(); ++i)
    if (const ArtifactTensor &output = ours->outputs()[i]; names.insert(output.name).second) {
      table.emplace_back();
      table.back().output = i;
      table.back().layer = output.layer;
      table.back().name = output.name;
    }

  std::vector<std::string> missing;
  Buffers stored, expressed, outputs;
  int64_t batch = ours->batch(), done = 0;
  int64_t atOnce = std::min(ours->samplesAtOnce(), (63 + batch) / batch * batch);
  while (done < samples->size()) {
    auto count = samples->read(atOnce, stored, expressed, error);
    if (!count || !ours->run(stored, *count, outputs, error) || !source.run(*samples, expressed, *count, error))
      return false;
    for (auto it = table.begin(); it != table.end();) {
      const ArtifactTensor &output = ours->outputs()[it->output];
      auto reference = source.values(output.layer, output.elements, *count, error);
      if (!error.empty())
        return false;
      if (!reference) {
        missing.push_back(output.layer);
        it = table.erase(it);
        continue;
      }
      std::vector<double> values = express(outputs[it->output].data(), output.type, reference->size(),
                                           double(output.scale), output.zeroPoint);
      for (size_t i = 0; i < values.size(); ++i)
        it->add(values[i], (*reference)[i]);
      ++it;
    }
    done += *count;
  }
  if (table.empty()) {
    error = options.model + ": the reference has none of the artifact's values";
    return false;
  }
  std::sort(table.begin(), table.end(), [](const ValueErrors &a, const ValueErrors &b) {
    return a.sqnr() != b.sqnr() ? a.sqnr() < b.sqnr() : a.output < b.output;
  });
  bool verified = table.front().finite && (!options.minSqnr || table.front().sqnr() >= *options.minSqnr);
  print(options, table, missing, done, verified);
  return verified;
}

} // namespace quantization

//===- VerifySteps.cpp - compares layers with QDQ integers ------*- C++ -*-===//
//
// Part of quantization-opt. This file runs every layer of the integer code on the very integers that ONNX Runtime has
// before that layer of the exported QDQ model, and counts steps between the results. So one step of one layer does not
// blur what comes after it. Then the whole network's answers are compared.
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
/// Float layers, and outputs in floats, are right to this share of their largest magnitude.
constexpr double floatTolerance = 1e-4;

/// Differences of one layer's output over all samples.
struct StepErrors {
  size_t output = 0; ///< of the isolated artifact
  std::string layer, name, problem;
  bool isFloat = false;
  int64_t maxSteps = 0, differing = 0, elements = 0;
  double maxError = 0, maxReference = 0; ///< of floats

  double share() const { return elements ? double(differing) / double(elements) : 0; }
  bool right(int64_t steps) const {
    return problem.empty() && (isFloat ? maxError <= floatTolerance * maxReference : maxSteps <= steps);
  }
  /// What the table is sorted by: wrong ones first, then by steps, then by share.
  bool worseThan(const StepErrors &other, int64_t steps) const {
    if (right(steps) != other.right(steps))
      return other.right(steps);
    if (maxSteps != other.maxSteps)
      return maxSteps > other.maxSteps;
    return share() != other.share() ? share() > other.share() : output < other.output;
  }
};

/// The reference's integers, moved to the zero point of `tensor`; empty on an error.
std::vector<int64_t> integersFor(const ArtifactTensor &tensor, const ReferenceValue &value, std::string &error) {
  size_t count = value.data.size() / elementSize(value.type);
  std::vector<int64_t> integers(count);
  if (isFloat(value.type) ||
      convertElements(value.data.data(), value.type, count, integers.data(), ElementType::I64)) {
    error = "ONNX Runtime has no integers for \"" + tensor.name + "\"";
    return {};
  }
  int64_t shift = 0;
  if (value.hasGrid)
    shift = tensor.zeroPoint - value.zeroPoint;
  else if (value.type == ElementType::I8 && tensor.type == ElementType::U8)
    shift = 128;
  else if (value.type == ElementType::U8 && tensor.type == ElementType::I8)
    shift = -128;
  for (int64_t &integer : integers)
    integer += shift;
  return integers;
}

/// Fills an input of the isolated artifact with the reference's values.
bool fill(const ArtifactTensor &tensor, const ReferenceValue &value, std::vector<char> &buffer, std::string &error) {
  if (value.elements != tensor.elements) {
    error = "value \"" + tensor.name + "\" has " + std::to_string(tensor.elements) +
            " elements per sample, but ONNX Runtime's has " + std::to_string(value.elements);
    return false;
  }
  size_t count = value.data.size() / elementSize(value.type);
  buffer.resize(count * elementSize(tensor.type));
  std::optional<size_t> bad;
  if (isFloat(tensor.type)) {
    bad = convertElements(value.data.data(), value.type, count, buffer.data(), tensor.type);
  } else {
    std::vector<int64_t> integers = integersFor(tensor, value, error);
    if (!error.empty())
      return false;
    bad = convertElements(integers.data(), ElementType::I64, count, buffer.data(), tensor.type);
  }
  if (bad)
    error = "ONNX Runtime's value \"" + tensor.name + "\" does not fit " + elementTypeName(tensor.type);
  return !bad;
}

/// Adds the differences of one run.
bool compare(const ArtifactTensor &tensor, const ReferenceValue &value, const std::vector<char> &ours, StepErrors &row,
             std::string &error) {
  if (value.elements != tensor.elements) {
    row.problem = std::to_string(tensor.elements) + " elements per sample, but " + std::to_string(value.elements) +
                  " in ONNX Runtime";
    return true;
  }
  size_t count = ours.size() / elementSize(tensor.type);
  row.elements += int64_t(count);
  row.isFloat = isFloat(tensor.type);
  if (row.isFloat) {
    std::vector<double> reference(count), values(count);
    bool finite = !convertElements(value.data.data(), value.type, count, reference.data(), ElementType::F64);
    finite &= !convertElements(ours.data(), tensor.type, count, values.data(), ElementType::F64);
    if (!finite)
      row.problem = "NaN or infinite values";
    // A network's float output has the grid of the integers before it.
    double scale = value.isQuantized && value.hasGrid ? value.scale : 1;
    double zeroPoint = value.isQuantized && value.hasGrid ? double(value.zeroPoint) : 0;
    for (size_t i = 0; i < count; ++i) {
      double expected = (reference[i] - zeroPoint) * scale, difference = std::fabs(values[i] - expected);
      row.maxReference = std::max(row.maxReference, std::fabs(expected));
      row.maxError = std::max(row.maxError, difference);
      if (value.isQuantized && value.hasGrid)
        row.maxSteps = std::max(row.maxSteps, int64_t(std::min(difference / scale + 0.5, 1e9)));
      row.differing += difference != 0;
    }
    row.isFloat = !(value.isQuantized && value.hasGrid);
    return true;
  }
  std::vector<int64_t> reference = integersFor(tensor, value, error), values(count);
  if (!error.empty())
    return false;
  convertElements(ours.data(), tensor.type, count, values.data(), ElementType::I64);
  for (size_t i = 0; i < count; ++i) {
    int64_t difference = std::abs(values[i] - reference[i]);
    row.maxSteps = std::max(row.maxSteps, difference);
    row.differing += difference != 0;
  }
  return true;
}

struct StepReport {
  std::vector<StepErrors> rows;
  std::vector<std::string> missingInputs, missingOutputs;
  int64_t samples = 0, sameTop = 0;
  bool verified = true;

  double agreement() const { return 100.0 * double(sameTop) / double(samples); }
  void print(const Options &options) const;
};

void StepReport::print(const Options &options) const {
  if (options.json) {
    std::vector<JsonObject> layers;
    for (const StepErrors &row : rows) {
      layers.emplace_back();
      JsonObject &layer = layers.back();
      layer.add("layer", row.layer);
      layer.add("name", row.name);
      layer.add("max_steps", row.isFloat ? double(NAN) : double(row.maxSteps));
      if (row.isFloat)
        layer.add("max_abs_error", row.maxError);
      layer.add("differing", row.share());
      layer.add("right", row.right(options.maxSteps));
      if (!row.problem.empty())
        layer.add("problem", row.problem);
    }
    JsonObject json;
    json.add("against", options.verifyAgainst);
    json.add("samples", samples);
    json.add("layers", layers);
    json.add("inputs_without_reference", missingInputs);
    json.add("not_compared", missingOutputs);
    json.add("top1_agreement", agreement());
    json.add("verified", verified);
    std::printf("%s\n", json.str().c_str());
    return;
  }
  int width = 5;
  for (const StepErrors &row : rows)
    width = std::max(width, int(row.layer.size()));
  std::printf("%-*s  %9s  %11s  layer\n", width, "node", "max steps", "differing");
  for (const StepErrors &row : rows) {
    char most[32];
    if (row.isFloat)
      std::snprintf(most, sizeof(most), "%.2e", row.maxError);
    else
      std::snprintf(most, sizeof(most), "%lld", static_cast<long long>(row.maxSteps));
    std::printf("%-*s  %9s  %9.4f %%  %s%s%s%s\n", width, row.layer.c_str(), most, 100 * row.share(), row.name.c_str(),
                row.isFloat ? " (float: max abs error)" : "", row.problem.empty() ? "" : ": ", row.problem.c_str());
  }
  for (const std::string &name : missingInputs)
    std::printf("no reference for an input, so the layers that read it are computed from zeros: %s\n", name.c_str());
  for (const std::string &name : missingOutputs)
    std::printf("not compared, since ONNX Runtime has no such value: %s\n", name.c_str());
  std::printf("top-1 agreement: %.2f %% (n=%lld)\n", agreement(), static_cast<long long>(samples));
  std::printf("%s against qdq\n", verified ? "verified" : "NOT verified");
}

/// The two artifacts and the reference that a comparison needs.
struct Comparison {
  std::unique_ptr<LoadedArtifact> plain, isolated;
  std::unique_ptr<VerificationSamples> samples;
  std::unique_ptr<ReferenceModel> reference;

  bool start(const Options &options, const Compiler &compiler, std::string &error);
  /// The scale and zero point on both sides say the same.
  static std::string gridProblem(const ArtifactTensor &tensor, const ReferenceValue &value);
  bool countAgreement(const Buffers &outputs, int64_t count, StepReport &report, std::string &error) const;
};

bool Comparison::start(const Options &options, const Compiler &compiler, std::string &error) {
  auto exported = compiler.emit("onnx-qdq", "qdq.onnx", {}, error);
  if (!exported)
    return false;
  plain = compiler.emitArtifact("plain.so", {}, error);
  isolated = plain ? compiler.emitArtifact("isolated.so", {"--layers=isolated"}, error) : nullptr;
  if (!isolated)
    return false;
  size_t networkInputs = plain->inputs().size();
  if (isolated->inputs().size() < networkInputs || plain->outputs().empty()) {
    error = options.model + ": the artifact of --layers=isolated lacks the network's inputs";
    return false;
  }
  samples = VerificationSamples::open(options, *plain, networkInputs, error);
  if (!samples)
    return false;
  std::vector<std::string> names = {plain->outputs()[0].name};
  for (size_t i = networkInputs; i < isolated->inputs().size(); ++i)
    names.push_back(isolated->inputs()[i].name);
  for (const ArtifactTensor &output : isolated->outputs())
    names.push_back(output.name);
  reference = ReferenceModel::start(*exported, names, true, compiler.folder(), error);
  return reference != nullptr;
}

std::string Comparison::gridProblem(const ArtifactTensor &tensor, const ReferenceValue &value) {
  if (!value.hasGrid || isFloat(tensor.type) || std::fabs(double(tensor.scale) - value.scale) <= 1e-6 * value.scale)
    return "";
  return "scale " + std::to_string(tensor.scale) + ", but " + std::to_string(value.scale) + " in the exported model";
}

bool Comparison::countAgreement(const Buffers &outputs, int64_t count, StepReport &report, std::string &error) const {
  const ArtifactTensor &output = plain->outputs()[0];
  const ReferenceValue *value = reference->value(output.name);
  if (!value->exists || value->elements != output.elements) {
    error = "the exported model has no output \"" + output.name + "\" of " + std::to_string(output.elements) +
            " elements per sample";
    return false;
  }
  size_t bytes = size_t(value->elements) * elementSize(value->type);
  for (size_t i = 0; i < size_t(count); ++i)
    report.sameTop += argmax(outputs[0].data() + i * output.bytes, output.type, output.elements) ==
                      argmax(value->data.data() + i * bytes, value->type, value->elements);
  report.samples += count;
  return true;
}
} // namespace

bool verifySteps(const Options &options, std::string &error) {
  auto compiler = Compiler::create(options, error);
  Comparison comparison;
  if (!compiler || !comparison.start(options, *compiler, error))
    return false;
  LoadedArtifact &plain = *comparison.plain, &isolated = *comparison.isolated;
  size_t networkInputs = plain.inputs().size();

  StepReport report;
  for (size_t i = networkInputs; i < isolated.inputs().size(); ++i)
    if (const std::string &name = isolated.inputs()[i].name; !comparison.reference->value(name)->exists)
      report.missingInputs.push_back(name);
  std::set<std::string> names;
  for (size_t i = 0; i < isolated.outputs().size(); ++i) {
    const ArtifactTensor &output = isolated.outputs()[i];
    if (!names.insert(output.name).second)
      continue;
    const ReferenceValue &value = *comparison.reference->value(output.name);
    if (!value.exists) {
      report.missingOutputs.push_back(output.name);
      continue;
    }
    report.rows.emplace_back();
    report.rows.back().output = i;
    report.rows.back().layer = output.layer;
    report.rows.back().name = output.name;
    report.rows.back().problem = Comparison::gridProblem(output, value);
  }
  if (report.rows.empty()) {
    error = options.model + ": ONNX Runtime has none of the artifact's values";
    return false;
  }

  Buffers stored, expressed, outputs, layerInputs(isolated.inputs().size()), layerOutputs;
  int64_t batch = std::max(plain.batch(), isolated.batch());
  int64_t atOnce = std::min(isolated.samplesAtOnce(), (63 + batch) / batch * batch);
  while (report.samples < comparison.samples->size()) {
    auto count = comparison.samples->read(atOnce, stored, expressed, error);
    if (!count || !comparison.reference->run(comparison.samples->expressedSpecs(), expressed, *count, error) ||
        !plain.run(stored, *count, outputs, error))
      return false;
    for (size_t i = 0; i < layerInputs.size(); ++i) {
      const ArtifactTensor &input = isolated.inputs()[i];
      if (i < networkInputs)
        layerInputs[i] = stored[i];
      else if (const ReferenceValue &value = *comparison.reference->value(input.name); !value.exists)
        layerInputs[i].assign(size_t(*count) * input.bytes, char(isFloat(input.type) ? 0 : input.zeroPoint));
      else if (!fill(input, value, layerInputs[i], error))
        return false;
    }
    if (!isolated.run(layerInputs, *count, layerOutputs, error))
      return false;
    for (StepErrors &row : report.rows)
      if (!compare(isolated.outputs()[row.output], *comparison.reference->value(row.name), layerOutputs[row.output],
                   row, error))
        return false;
    if (!comparison.countAgreement(outputs, *count, report, error))
      return false;
  }

  std::sort(report.rows.begin(), report.rows.end(), [&](const StepErrors &a, const StepErrors &b) {
    return a.worseThan(b, options.maxSteps);
  });
  report.verified = report.rows.front().right(options.maxSteps) && report.missingInputs.empty() &&
                    (!options.minAgreement || report.agreement() >= *options.minAgreement);
  report.print(options);
  return report.verified;
}

} // namespace quantization

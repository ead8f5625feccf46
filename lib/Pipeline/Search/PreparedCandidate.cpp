//===- PreparedCandidate.cpp - a candidate as data --------------*- C++ -*-===//
//
// This file makes the table of a candidate's formats and its weights, each encoded once for a format as long as memory allows.
//
//===----------------------------------------------------------------------===//

#include "PreparedCandidate.h"
#include "quantization/Calibrate/RangeEstimation.h"
#include "quantization/Format/QuantTypes.h"

using namespace mlir;
using namespace quantization;

llvm::Expected<CandidatePreparer::Encoded> CandidatePreparer::encode(size_t layer, const FormatSpec &spec) {
  Encoded &entry = encoded[{layer, spec.str()}];
  entry.lastUse = ++uses;
  if (entry.weights)
    return entry;
  auto format = parseFormat(spec);
  if (!format)
    return format.takeError();
  const SearchPlan::Weights &weights = plan.weights[layer];
  entry.format = std::move(*format);
  entry.weights = std::make_shared<EncodedWeights>(encodeWeights(*entry.format, {weights.values, weights.shape, weights.channelAxis}, context));
  auto bytesOf = [](const Encoded &of) { return static_cast<int64_t>(of.weights->values.size() * sizeof(float)); };
  bytes += bytesOf(entry);
  Encoded result = entry;
  while (bytes > mostBytes && encoded.size() > 1) {
    auto oldest = llvm::min_element(encoded, [](const auto &a, const auto &b) { return a.second.lastUse < b.second.lastUse; });
    bytes -= bytesOf(oldest->second);
    encoded.erase(oldest);
  }
  return result;
}

llvm::Expected<PreparedCandidate> CandidatePreparer::prepare(const Candidate &candidate) {
  PreparedCandidate prepared = floats();
  std::vector<Grid> gridOfRow(plan.values.size());
  for (auto [row, value] : llvm::enumerate(plan.values)) {
    if (!value.stage)
      continue;
    FormatSpec spec = space.stages[*value.stage].activations.formatAt(candidate.stages[*value.stage].activations);
    auto [found, isNew] = grids.try_emplace({row, spec.str()});
    if (isNew) {
      auto format = parseFormat(spec);
      if (!format)
        return format.takeError();
      Range range;
      if ((*format)->needsRange())
        range = estimateRange(value.statistics, plan.base.calibration, (*format)->levels(), (*format)->isSymmetric());
      found->second = {gridOf((*format)->chooseType(context, range)), (*format)->rounding()};
    }
    gridOfRow[row] = found->second.first;
    if (!prepared.table.set(row, found->second.first, found->second.second))
      return llvm::createStringError("the search cannot round as format " + spec.str() + " does");
  }
  for (auto [number, layer] : llvm::enumerate(plan.weights)) {
    auto weights = encode(number, space.stages[layer.stage].weights.formatAt(candidate.stages[layer.stage].weights));
    if (!weights)
      return weights.takeError();
    prepared.layers[number] = expressWeights(*weights->format, {layer.values, layer.shape, layer.channelAxis}, layer.biases,
                                             gridOfRow[layer.value].scale, weights->weights);
  }
  return prepared;
}

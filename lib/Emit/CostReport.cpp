//===- CostReport.cpp - what formats cost -----------------------*- C++ -*-===//
//
// This file writes the costs of a network's formats into a report.
//
//===----------------------------------------------------------------------===//

#include "quantization/Emit/Report.h"
#include "llvm/Support/FormatVariadic.h"

using namespace quantization;
using llvm::json::Array;
using llvm::json::Object;
using llvm::json::Value;

template <typename T> static Value orNull(const std::optional<T> &value) { return value ? Value(*value) : Value(nullptr); }

/// "w4a8": bits of weight and value.
static std::string widthsText(int64_t weight, int64_t value) { return llvm::formatv("w{0}a{1}", weight, value); }

static Object describeLayer(const LayerWork &layer, const Accelerator &accelerator) {
  Object entry{{"layer", layer.layer},
               {"multiplications", layer.multiplications()},
               {"multiplications_left", layer.multiplicationsLeft()},
               {"weights_format", layer.weight.format},
               {"weight_bits", layer.weight.bits},
               {"input_bits", layer.input.bits},
               {"result_bits", layer.result.bits},
               {"weights", layer.weights},
               {"weight_bytes", layer.weightBytes()},
               {"parameters", layer.weights + layer.biases},
               {"activations", layer.results()},
               {"activation_bytes", layer.resultBytes()},
               {"compute_cost", layer.computeCost()},
               {"modelled_cycles", accelerator.cyclesOf(layer)}};
  if (const Accelerator::Row *row = accelerator.rowFor(layer.weight, layer.input))
    entry["modelled_energy_uj"] = accelerator.energyOf(*row, accelerator.cyclesOf(layer));
  if (layer.zeroShare) {
    entry["zero_share"] = *layer.zeroShare;
    entry["skippable_multiplications"] = orNull(layer.skippable());
  }
  return entry;
}

static Object describeTraffic(const NetworkCosts &network, const Traffic &traffic) {
  Array stages;
  for (const StageTraffic &stage : traffic.stages) {
    Array layers;
    for (size_t i : stage.stage.sublayers)
      layers.push_back(network.sublayers[i].name);
    Object entry{{"stage", stage.stage.name},     {"layers", std::move(layers)},     {"elements", stage.data},
                 {"weights", stage.weights},      {"bits", stage.dataBits},          {"weight_bits", stage.weightBits}};
    if (!stage.stage.counted)
      entry["counted"] = false;
    stages.push_back(std::move(entry));
  }
  return Object{{"sublayers", network.asDrawn ? "as in the file" : "as in the IR"},
          {"stages", std::move(stages)},
          {"elements", traffic.data},
          {"weights", traffic.weights},
          {"batched", Object{{"bits", traffic.dataBits}, {"ratio", traffic.batchedRatio()}}},
          {"unbatched", Object{{"bits", traffic.dataBits + traffic.weightBits}, {"ratio", traffic.unbatchedRatio()}}}};
}

static Object describeModel(const ModelledCosts &costs, const Accelerator &accelerator) {
  Object model{{"kind", "a model, not a measurement"},
               {"table", accelerator.note},
               {"cycles", costs.cycles},
               {"microseconds", costs.microseconds}};
  if (!costs.unknown.empty()) {
    model["no_row_for"] = Array(costs.unknown);
    return model;
  }
  model["energy_uj"] = costs.energy;
  model["power_mw"] = costs.power;
  model["area_mm2"] = costs.area;
  model["saving_over_float"] =
      Object{{"energy", orNull(costs.energySaving)}, {"power", orNull(costs.powerSaving)}, {"area", orNull(costs.areaSaving)}};
  return model;
}

void quantization::reportOnCosts(const NetworkCosts &network, llvm::ArrayRef<StageRule> stages, const Accelerator &accelerator,
                                 Object &report) {
  Array layers;
  llvm::StringMap<std::pair<int64_t, int64_t>> widths;
  for (const LayerWork &layer : network.layers) {
    layers.push_back(describeLayer(layer, accelerator));
    widths[layer.layer] = {layer.result.bits, layer.weight.bits};
  }
  WorkTotal total = totalOf(network.layers);
  Object byWidth;
  for (auto [bits, count] : total.byWidth)
    byWidth[widthsText(bits.first, bits.second)] = count;
  Traffic traffic = trafficOf(network.sublayers, stages, [&](llvm::StringRef layer) {
    auto found = widths.find(layer);
    return found == widths.end() ? std::pair(kFloatBits, kFloatBits) : found->second;
  });
  auto [peak, step] = peakOf(network.values);
  Object totals{{"multiplications", total.multiplications},
                {"multiplications_left", total.multiplicationsLeft},
                {"replaced_share", total.replacedRatio()},
                {"multiplications_by_width", std::move(byWidth)},
                {"compute_cost", total.computeCost},
                {"compute_cost_ratio", total.computeRatio()},
                {"weights", total.weights},
                {"weight_bytes", total.weightBytes},
                {"parameters", total.parameters},
                {"parameter_bytes", total.parameterBytes},
                {"activations", total.results},
                {"activation_bytes", total.resultBytes},
                {"activations_outweigh_weights_from_batch", orNull(total.resultsOutweighWeightsFrom())},
                {"peak_live_bytes", peak},
                {"skippable_multiplications", orNull(total.skippable)}};
  if (step < network.steps.size())
    totals["peak_live_in"] = network.steps[step];
  report["costs"] = Object{{"layers", std::move(layers)},
                           {"total", std::move(totals)},
                           {"traffic", describeTraffic(network, traffic)},
                           {"model", describeModel(modelOf(network.layers, accelerator), accelerator)}};
}

//===- Report.cpp - what became of each layer -------------------*- C++ -*-===//
//
// This file tells of an integral network what its layers became, and of a tiled one what its code needs.
//
//===----------------------------------------------------------------------===//

#include "quantization/Emit/Report.h"
#include "CodeCosts.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Fold/FloatLayers.h"
#include "quantization/Format/QuantTypes.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace quantization;

static int64_t storedBytesOf(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  Type element = type.getElementType();
  auto quantized = quantizedElement(type);
  unsigned bits = quantized ? storageOf(quantized).getWidth() : element.getIntOrFloatBitWidth();
  return type.getNumElements() * ((bits + 7) / 8);
}

static std::string formatOf(Value value) {
  Type element = nn::elementTypeOf(value);
  if (auto type = quantizedElement(element)) {
    std::string text = (type.isSigned() ? "i" : "u") + std::to_string(type.getStorageTypeIntegralWidth());
    return text + (channelAxisOf(type) >= 0 ? " per channel" : "");
  }
  std::string text;
  llvm::raw_string_ostream(text) << element;
  return text;
}

llvm::json::Object quantization::reportOnLayers(ModuleOp integral) {
  llvm::StringMap<std::string> reasons;
  for (const FloatLayer &layer : findFloatLayers(integral))
    reasons[layer.layer] = layer.reason;

  int64_t weightBytes = 0, multiplications = 0, integerLayers = 0, layerCount = 0, channelCount = 0;
  llvm::json::Array layers;
  integral.walk([&](Operation *op) {
    if (!isa_and_nonnull<nn::NNDialect>(op->getDialect()) || op->getNumResults() != 1 || op->getNumOperands() == 0 ||
        isa<nn::QuantizeOp, nn::DequantizeOp>(op))
      return;
    Value result = op->getResult(0);
    // The rescale is part of the layer: its result is what other layers read.
    Value stored = result;
    if (result.hasOneUse())
      if (auto rescale = dyn_cast<fixed::RescaleOp>(*result.getUsers().begin()))
        stored = rescale.getResult();
    llvm::json::Array shape(nn::shapeOf(result));
    llvm::json::Object entry{{"layer", nn::layerOf(op).str()},
                             {"op", op->getName().getStringRef().str()},
                             {"shape", std::move(shape)},
                             {"result", formatOf(stored)},
                             {"result_bytes", storedBytesOf(stored)}};
    ++layerCount;
    auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
    if (layer && layer.getWeightsIndex() >= 0) {
      Value weights = op->getOperand(layer.getWeightsIndex());
      auto type = cast<RankedTensorType>(weights.getType());
      int64_t channels = type.getDimSize(layer.getWeightsChannelAxis());
      // Dimensions before a matrix number matrices.
      int64_t axis = layer.getWeightsChannelAxis(), rank = type.getRank();
      int64_t depth = axis == rank - 1 ? type.getDimSize(axis - 1) : type.getNumElements() / std::max<int64_t>(channels, 1);
      int64_t products = cast<RankedTensorType>(result.getType()).getNumElements() * depth;
      entry["weights"] = formatOf(weights);
      entry["channels"] = channels;
      channelCount += channels;
      entry["weight_bytes"] = storedBytesOf(weights);
      entry["multiplications"] = products;
      weightBytes += storedBytesOf(weights);
      multiplications += products;
    }
    auto reason = reasons.find(nn::layerOf(op));
    entry["integer"] = reason == reasons.end();
    if (reason != reasons.end())
      entry["stays_float_because"] = reason->second;
    else
      ++integerLayers;
    layers.push_back(std::move(entry));
  });
  return llvm::json::Object{{"layers", std::move(layers)},
          {"total", llvm::json::Object{{"layers", layerCount},
                                       {"integer_layers", integerLayers},
                                       {"channels", channelCount},
                                       {"weight_bytes", weightBytes},
                                       {"multiplications", multiplications}}}};
}

/// What the code needs in all: `peak_bytes` is what a run of it needs beside its instructions and the caller's inputs and outputs.
static llvm::json::Object describeCode(ModuleOp tiled, const CodeCosts &costs) {
  llvm::json::Object code{{"arena_bytes", costs.arenaBytes},
                          {"constant_bytes", costs.constantBytes},
                          {"packed_weight_bytes", costs.packedWeightBytes},
                          {"instruction_bytes", costs.instructionBytes},
                          {"peak_bytes", costs.arenaBytes + costs.constantBytes}};
  if (auto target = tiled->getAttrOfType<fixed::TargetAttr>("fixed.target"))
    code["target"] = (target.getTriple() + " " + target.getCpu()).str();
  auto largest = std::max_element(costs.steps.begin(), costs.steps.end(),
                                  [](const StepCosts &a, const StepCosts &b) { return a.liveBytes < b.liveBytes; });
  if (largest != costs.steps.end()) {
    llvm::json::Array layers;
    for (StringRef layer : largest->step.getLayers().getAsValueRange<StringAttr>())
      layers.push_back(layer.str());
    code["most_live_bytes"] = largest->liveBytes;
    code["most_live_in"] = std::move(layers);
  }
  return code;
}

void quantization::reportOnCode(ModuleOp tiled, llvm::json::Object &report) {
  CodeCosts costs = costsOf(tiled);
  report["code"] = describeCode(tiled, costs);
  for (llvm::json::Value &value : *report.getArray("layers")) {
    llvm::json::Object &entry = *value.getAsObject();
    const StepCosts *step = costs.findStep(*entry.getString("layer"));
    if (!step)
      continue;
    entry["kernel"] = step->step.getKernel();
    entry["live_bytes"] = step->liveBytes;
    if (entry.get("weights"))
      entry["packed_weight_bytes"] = step->packedWeightBytes;
    if (step->instructionBytes && entry.get("weights")) {
      entry["instruction_bytes"] = step->instructionBytes;
      entry["additions"] = step->step.getAdditions();
      entry["additions_when_shared"] = step->sharedAdditions;
      entry["factor_multiplications"] = step->step.getMultiplications();
    }
  }
}

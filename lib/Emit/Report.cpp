//===- Report.cpp - what became of each layer -------------------*- C++ -*-===//
//
// This file writes the report of a compilation as JSON.
//
//===----------------------------------------------------------------------===//

#include "quantization/Emit/Report.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Fold/FloatLayers.h"
#include "quantization/Format/QuantTypes.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace quantization;

static int64_t bytesOf(Value value) {
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

void quantization::writeReport(ModuleOp integral, llvm::raw_ostream &os) {
  llvm::StringMap<std::string> reasons;
  for (const FloatLayer &layer : findFloatLayers(integral))
    reasons[layer.layer] = layer.reason;

  int64_t weightBytes = 0, multiplications = 0, integerLayers = 0, layerCount = 0;
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
                             {"result_bytes", bytesOf(stored)}};
    ++layerCount;
    auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
    if (layer && layer.getWeightsIndex() >= 0) {
      Value weights = op->getOperand(layer.getWeightsIndex());
      auto type = cast<RankedTensorType>(weights.getType());
      int64_t channels = type.getDimSize(layer.getWeightsChannelAxis());
      int64_t products = cast<RankedTensorType>(result.getType()).getNumElements() * (type.getNumElements() / std::max<int64_t>(channels, 1));
      entry["weights"] = formatOf(weights);
      entry["weight_bytes"] = bytesOf(weights);
      entry["multiplications"] = products;
      weightBytes += bytesOf(weights);
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
  llvm::json::Object report{{"schema", 1},
                            {"layers", std::move(layers)},
                            {"total", llvm::json::Object{{"layers", layerCount},
                                                         {"integer_layers", integerLayers},
                                                         {"weight_bytes", weightBytes},
                                                         {"multiplications", multiplications}}}};
  for (auto [key, name] : {std::pair{"nn.model_file", "model"}, std::pair{"nn.model_hash", "sha256"}})
    if (auto text = integral->getAttrOfType<StringAttr>(key))
      report[name] = text.str();
  os << llvm::formatv("{0:2}", llvm::json::Value(std::move(report))) << "\n";
}

//===- FormatFidelity.cpp - what formats lose -------------------*- C++ -*-===//
//
// This file asks each format of an assigned network for its grid and compares that with the statistics of values, and with weights.
//
//===----------------------------------------------------------------------===//

#include "quantization/Emit/FormatFidelity.h"
#include "mlir/IR/Threading.h"
#include "quantization/Calibrate/Facts.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Dialect/NN/NN.h"
#include "quantization/Format/NumberFormat.h"
#include "quantization/Format/QuantTypes.h"
#include "llvm/Support/Format.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace quantization;

/// The format that a value was given; null for float, and for one of which no more is known than its width.
static std::unique_ptr<NumberFormat> formatOf(nn::PrecisionAttr precision) {
  if (!precision)
    return nullptr;
  auto format = parseFormat(precision.getFormat());
  if (!format) {
    llvm::consumeError(format.takeError());
    return nullptr;
  }
  return (*format)->isFloat() ? nullptr : std::move(*format);
}

static std::string textOf(quant::QuantizedType type) {
  if (channelAxisOf(type) >= 0)
    return "a scale per channel";
  Grid grid = gridOf(type);
  int exponent;
  if (std::frexp(grid.scale, &exponent) == 0.5f && grid.zeroPoint == 0 && type.isSigned()) {
    int fraction = 1 - exponent, width = type.getStorageTypeIntegralWidth();
    return "q" + std::to_string(width - fraction) + "." + std::to_string(fraction);
  }
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("scale %g, zero ", grid.scale) << grid.zeroPoint;
  return text;
}

static std::optional<std::pair<quant::QuantizedType, Fidelity>> ofValues(nn::ObserveOp observe, const NumberFormat &format) {
  nn::StatisticsAttr attribute = observe.getStatisticsAttr();
  std::optional<Statistics> statistics = attribute ? fromAttribute(attribute) : std::nullopt;
  std::optional<CalibrationMethod> method = parseCalibrationMethod(observe.getPrecisionAttr().getMethod());
  if (!statistics || !method)
    return std::nullopt;
  Range range = format.needsRange() ? estimateRange(*statistics, *method, format.levels(), format.isSymmetric()) : Range();
  quant::QuantizedType type = format.chooseType(observe.getContext(), range);
  Fidelity fidelity = fidelityOf(*statistics, gridOf(type), format.rounding());
  if (auto deviations = observe->getAttrOfType<DenseF64ArrayAttr>("channel_deviations"))
    fidelity.channels = channelDecibels(deviations.asArrayRef(), gridOf(type), format.rounding());
  return std::pair(type, fidelity);
}

/// Of the slices that `axis` of a shape numbers.
static std::optional<double> ofChannels(ArrayRef<float> values, ArrayRef<float> quantized, ArrayRef<int64_t> shape, int64_t axis) {
  size_t channels = shape[axis], stride = 1;
  for (int64_t size : shape.drop_front(axis + 1))
    stride *= size;
  std::vector<double> signals(channels), noises(channels);
  for (auto [i, value, held] : llvm::enumerate(values, quantized)) {
    size_t channel = i / stride % channels;
    double error = double(value) - held;
    signals[channel] += double(value) * value;
    noises[channel] += error * error;
  }
  return channelDecibels(signals, noises);
}

static std::pair<quant::QuantizedType, Fidelity> ofWeights(nn::ConstantOp weights, int64_t axis, const NumberFormat &format) {
  std::vector<float> values = readFloats(weights.getValue());
  WeightsView view{values, nn::shapeOf(weights.getResult()), axis};
  quant::QuantizedType type = format.chooseType(weights.getContext(), view);
  std::vector<int64_t> codes = format.encodeWeights(type, view);
  ElementGrids grids(type, view.shape);
  std::vector<float> quantized(values.size());
  SmallVector<bool, 0> beyond(values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const Grid &grid = grids[i];
    quantized[i] = dequantize(codes[i], grid);
    double steps = double(values[i]) / grid.scale;
    beyond[i] = steps < grid.lo - 0.5 || steps > grid.hi + 0.5;
  }
  Fidelity fidelity = fidelityOf(values, quantized, beyond);
  if (axis >= 0)
    fidelity.channels = ofChannels(values, quantized, view.shape, axis);
  return {type, fidelity};
}

/// That of the weights of a layer; none where it has none, or where these are float or have more bits.
static std::optional<FormatFidelity> ofLayer(nn::QuantizableOpInterface layer, unsigned mostBits) {
  if (layer.getWeightsIndex() < 0)
    return std::nullopt;
  auto weights = layer->getOperand(layer.getWeightsIndex()).getDefiningOp<nn::ConstantOp>();
  if (!weights || !nn::isF32(weights.getResult()))
    return std::nullopt;
  auto format = formatOf(weights.getPrecisionAttr());
  if (!format || format->bits() > mostBits)
    return std::nullopt;
  auto [type, fidelity] = ofWeights(weights, layer.getWeightsChannelAxis(), *format);
  return FormatFidelity{nn::layerOf(layer).str(), weights.getPrecisionAttr().getFormat().str(), true, textOf(type), fidelity};
}

static void sortBy(llvm::function_ref<double(const Fidelity &)> decibels, std::vector<FormatFidelity> &formats) {
  llvm::stable_sort(formats, [&](const FormatFidelity &a, const FormatFidelity &b) { return decibels(a.fidelity) < decibels(b.fidelity); });
}

static constexpr double kLossless = std::numeric_limits<double>::infinity();
static double ofTensor(const Fidelity &fidelity) { return fidelity.sqnr.value_or(kLossless); }
static double ofTensorOrChannels(const Fidelity &fidelity) { return std::min(ofTensor(fidelity), fidelity.channels.value_or(kLossless)); }

std::vector<FormatFidelity> quantization::fidelityOf(ModuleOp assigned) {
  std::vector<FormatFidelity> formats;
  assigned.walk([&](Operation *op) {
    if (auto observe = dyn_cast<nn::ObserveOp>(op)) {
      if (auto format = formatOf(observe.getPrecisionAttr()))
        if (auto chosen = ofValues(observe, *format))
          formats.push_back({observe.getLayer().str(), observe.getPrecisionAttr().getFormat().str(), false, textOf(chosen->first), chosen->second});
    } else if (auto layer = dyn_cast<nn::QuantizableOpInterface>(op)) {
      if (auto weights = ofLayer(layer, std::numeric_limits<unsigned>::max()))
        formats.push_back(std::move(*weights));
    }
  });
  sortBy(ofTensorOrChannels, formats);
  return formats;
}

std::vector<FormatFidelity> quantization::fidelityOfWeights(ModuleOp assigned, unsigned mostBits) {
  std::vector<nn::QuantizableOpInterface> layers;
  assigned.walk([&](nn::QuantizableOpInterface layer) { layers.push_back(layer); });
  std::vector<std::optional<FormatFidelity>> found(layers.size());
  parallelFor(assigned.getContext(), 0, layers.size(), [&](size_t i) { found[i] = ofLayer(layers[i], mostBits); });
  std::vector<FormatFidelity> formats;
  for (std::optional<FormatFidelity> &weights : found)
    if (weights)
      formats.push_back(std::move(*weights));
  sortBy(ofTensor, formats);
  return formats;
}

void quantization::reportOnFidelity(ArrayRef<FormatFidelity> formats, llvm::json::Object &report) {
  llvm::json::Array list;
  for (const FormatFidelity &entry : formats) {
    llvm::json::Object object{{"layer", entry.layer},
                              {"of", entry.ofWeights ? "weights" : "values"},
                              {"format", entry.format},
                              {"grid", entry.grid},
                              {"saturated_share", entry.fidelity.saturated},
                              {"zero_share", entry.fidelity.zeros}};
    auto decibels = [](std::optional<double> some) { return some ? llvm::json::Value(*some) : llvm::json::Value(nullptr); };
    object["sqnr_db"] = decibels(entry.fidelity.sqnr);
    object["channel_sqnr_db"] = decibels(entry.fidelity.channels);
    list.push_back(std::move(object));
  }
  report["fidelity"] = std::move(list);
}

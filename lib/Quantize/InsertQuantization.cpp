//===- InsertQuantization.cpp - precisions become types ---------*- C++ -*-===//
//
// This file replaces observers by quantize/dequantize pairs; a float precision, or none, leaves nothing behind:
//
//   %1 = nn.observe %0 {layer = "conv1", precision = #nn.precision<"uint8{asymmetric}", "min-max">,
//                       statistics = #nn.statistics<min = -1.0, max = 4.1, ...>} : tensor<1x2xf32>
// becomes
//   %1 = nn.quantize %0 {layer = "conv1", rounding = half_even} : tensor<1x2xf32> -> tensor<1x2x!quant.uniform<u8:f32, 0.02:50>>
//   %2 = nn.dequantize %1 {layer = "conv1"} : tensor<1x2x!quant.uniform<u8:f32, 0.02:50>> -> tensor<1x2xf32>
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Facts.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Format/NumberFormat.h"
#include "quantization/Quantize/Passes.h"

using namespace mlir;

namespace quantization {
#define GEN_PASS_DEF_INSERTQUANTIZATION
#include "quantization/Quantize/Passes.h.inc"

namespace {
/// What becomes of an observed value; no type for float.
struct Choice {
  quant::QuantizedType type;
  Rounding rounding = Rounding::HalfEven;
};

struct InsertQuantization : impl::InsertQuantizationBase<InsertQuantization> {
  using InsertQuantizationBase::InsertQuantizationBase;

  void runOnOperation() override;
  FailureOr<Choice> choose(nn::ObserveOp observe);

  std::vector<std::string> missing; ///< layers without statistics
};
} // namespace

/// A missing statistic is noted, other failures are reported.
FailureOr<Choice> InsertQuantization::choose(nn::ObserveOp observe) {
  nn::PrecisionAttr precision = observe.getPrecisionAttr();
  if (!precision)
    return Choice();
  auto error = [&] { return observe.emitOpError() << "(layer \"" << observe.getLayer() << "\") "; };
  llvm::Expected<std::unique_ptr<NumberFormat>> format = parseFormat(precision.getFormat());
  if (!format)
    return error() << "has a bad precision: " << llvm::toString(format.takeError());
  if ((*format)->isFloat())
    return Choice();
  if (!(*format)->needsRange())
    return Choice{(*format)->chooseType(&getContext(), Range()), (*format)->rounding()};
  std::optional<CalibrationMethod> method = parseCalibrationMethod(precision.getMethod());
  if (!method)
    return error() << "has an unknown calibration method \"" << precision.getMethod()
                   << "\"; expected min-max, percentile=99.99, overflow=0.01, kl or mse";
  nn::StatisticsAttr attribute = observe.getStatisticsAttr();
  if (!attribute) {
    missing.push_back(observe.getLayer().str());
    return failure();
  }
  std::optional<Statistics> statistics = fromAttribute(attribute);
  if (!statistics)
    return error() << "has statistics that contradict themselves; calibrate again";
  Range range = estimateRange(*statistics, *method, (*format)->levels(), (*format)->isSymmetric());
  return Choice{(*format)->chooseType(&getContext(), range), (*format)->rounding()};
}

/// Whether a value reaches nobody but the caller and float layers, at most under another shape.
static bool leavesIntegers(Value value) {
  return llvm::all_of(value.getUsers(), [](Operation *user) {
    if (auto observe = dyn_cast<nn::ObserveOp>(user))
      return leavesIntegers(observe.getResult());
    auto layer = dyn_cast<nn::QuantizableOpInterface>(user);
    return !layer || (layer.keepsFormat() && user->hasTrait<nn::RowMajor>() && leavesIntegers(user->getResult(0)));
  });
}

/// The layer whose accumulator can become f32 at once instead of this observed value being rounded to few bits; or null.
static Operation *exactProducer(nn::ObserveOp observe) {
  Value value = observe.getInput();
  auto layer = value.getDefiningOp<nn::QuantizableOpInterface>();
  while (layer && layer.keepsFormat() && layer->hasTrait<nn::RowMajor>()) {
    value = layer->getOperand(0);
    if (auto inner = value.getDefiningOp<nn::ObserveOp>())
      value = inner.getInput();
    layer = value.getDefiningOp<nn::QuantizableOpInterface>();
  }
  bool accumulates = layer && !layer.keepsFormat() && !layer.getClampRange() && !layer.evaluate(0.0);
  return accumulates && leavesIntegers(value) ? layer.getOperation() : nullptr;
}

void InsertQuantization::runOnOperation() {
  ModuleOp module = getOperation();
  missing.clear();
  bool valid = true;
  SmallVector<std::pair<nn::ObserveOp, Choice>> chosen;
  module.walk([&](nn::ObserveOp observe) {
    FailureOr<Choice> choice = choose(observe);
    valid &= succeeded(choice);
    chosen.push_back({observe, choice.value_or(Choice())});
  });
  if (!missing.empty())
    emitError(module.getLoc()) << "no statistics for " << missing.size() << (missing.size() == 1 ? " layer: " : " layers: ")
                       << quotedList(missing) << "; give --calibrate-with or --load-statistics-from";
  if (!valid)
    return signalPassFailure();

  if (exactResults)
    for (auto &[observe, choice] : chosen)
      if (Operation *producer = choice.type ? exactProducer(observe) : nullptr) {
        producer->setAttr("nn.exact", UnitAttr::get(&getContext())); // absorb-quantization reads it: the policy did not say float
        choice.type = quant::QuantizedType();
      }

  for (auto [observe, choice] : chosen) {
    Value value = observe.getInput();
    if (quant::QuantizedType type = choice.type) {
      OpBuilder builder(observe);
      StringAttr layer = observe.getLayerAttr();
      auto rounding = nn::RoundingModeAttr::get(&getContext(), nn::modeOf(choice.rounding));
      value = nn::QuantizeOp::create(builder, observe.getLoc(), nn::withElementType(value, type), value, rounding, layer);
      if (nn::asksForPacking(observe))
        nn::askForPacking(value.getDefiningOp());
      value = nn::DequantizeOp::create(builder, observe.getLoc(), observe.getType(), value, layer);
      ++numQuantized;
    }
    observe.getResult().replaceAllUsesWith(value);
    observe.erase();
  }
}

} // namespace quantization

//===- CoarseWeights.cpp - whether few bits leave the network ---*- C++ -*-===//
//
// This file runs a network in float and with its formats, and warns where weights of two bits or fewer have made another of it.
//
//===----------------------------------------------------------------------===//

#include "CoarseWeights.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Dialect/NN/NN.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace quantization;

/// More bits lose little, and are not worth two more runs.
static constexpr unsigned kMostBits = 2;
/// Warned of below: the share of samples that keep their class, and decibels of results above their noise.
static constexpr double kLeastAgreement = 0.8, kLeastDecibels = 10;
/// Values of outputs that are kept; further samples do not count.
static constexpr size_t kMostValues = 1 << 22;
static constexpr size_t kLayersNamed = 3;

static func::FuncOp functionOf(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isExternal())
      return function;
  return nullptr;
}

/// Whether there is one result, and of it only one dimension, beside that of the batch, has several entries.
static bool isVector(ValueRange results) {
  if (results.size() != 1)
    return false;
  ArrayRef<int64_t> shape = nn::shapeOf(results[0]);
  return shape.size() > 1 && llvm::count_if(shape.drop_front(), [](int64_t size) { return size > 1; }) == 1;
}

/// What an observer of a result says, in row-major order.
static std::vector<float> inOrder(const ObservedValue &value) {
  std::vector<float> values(value.values.size());
  for (auto [i, number] : llvm::enumerate(value.values))
    values[value.rowMajor(i)] = number;
  return values;
}

/// Calls back with the class of each sample of a batch.
static void forEachClass(const ObservedValue &value, llvm::function_ref<void(int64_t)> use) {
  std::vector<float> values = inOrder(value);
  size_t size = values.size() / value.shape[0];
  for (ArrayRef<float> rest = values; !rest.empty(); rest = rest.drop_front(size))
    use(std::distance(rest.begin(), std::max_element(rest.begin(), rest.begin() + size)));
}

bool CoarseWeights::run(ModuleOp network, NetworkObserver observe) {
  OwningOpRef<ModuleOp> copy = network.clone();
  copy->walk([](nn::ObserveOp op) {
    op.getResult().replaceAllUsesWith(op.getInput());
    op.erase();
  });
  Operation *results = functionOf(*copy).getBody().front().getTerminator();
  OpBuilder builder(results);
  UniqueNames names(*copy);
  for (Value result : results->getOperands())
    nn::ObserveOp::create(builder, results->getLoc(), result.getType(), result, builder.getStringAttr(names.fresh("result")), nn::StatisticsAttr(),
                          nn::PrecisionAttr());
  llvm::Expected<int64_t> samples = runner.run(*copy, observe);
  if (samples)
    return true;
  whyNot = llvm::toString(samples.takeError());
  return false;
}

void CoarseWeights::learn(ModuleOp assigned) {
  weights = fidelityOfWeights(assigned, kMostBits);
  if (weights.empty())
    return;
  ValueRange results = functionOf(assigned).getBody().front().getTerminator()->getOperands();
  namesClasses = isVector(results);
  outputs.resize(results.size());
  run(assigned, [&](size_t number, const ObservedValue &value) {
    if (namesClasses)
      forEachClass(value, [&](int64_t one) { classes.push_back(one); });
    else if (kept + value.values.size() <= kMostValues) {
      llvm::append_range(outputs[number].floats, inOrder(value));
      kept += value.values.size();
    }
    return llvm::Error::success();
  });
}

void CoarseWeights::judge(ModuleOp simulated) {
  if (weights.empty() || !whyNot.empty())
    return;
  size_t same = 0;
  bool done = run(simulated, [&](size_t number, const ObservedValue &value) {
    if (namesClasses)
      forEachClass(value, [&](int64_t one) { same += nextClass < classes.size() && classes[nextClass] == one, ++nextClass; });
    else if (Output &output = outputs[number]; output.next + value.values.size() <= output.floats.size())
      for (float is : inOrder(value)) {
        double want = output.floats[output.next++];
        output.signal += want * want, output.noise += (is - want) * (is - want);
      }
    return llvm::Error::success();
  });
  if (!done)
    return;
  if (namesClasses) {
    if (static_cast<double>(same) < kLeastAgreement * static_cast<double>(classes.size()))
      warn(simulated, llvm::formatv("only {0} of {1} samples keep the class that they have in float", same, classes.size()).str());
    return;
  }
  double least = std::numeric_limits<double>::infinity();
  for (const Output &output : outputs)
    if (output.signal > 0)
      least = std::min(least, output.noise > 0 ? 10 * std::log10(output.signal / output.noise) : least);
  if (least < kLeastDecibels)
    warn(simulated, llvm::formatv("results are only {0:f1} dB above the noise", least).str());
}

void CoarseWeights::warn(ModuleOp network, const std::string &fact) const {
  std::string layers;
  for (const FormatFidelity &layer : ArrayRef(weights).take_front(kLayersNamed)) {
    layers += (layers.empty() ? "\"" : ", \"") + layer.layer + "\" (" + layer.format;
    layers += layer.fidelity.sqnr ? llvm::formatv(", {0:f1} dB)", *layer.fidelity.sqnr).str() : ")";
  }
  emitWarning(network.getLoc()) << "the network is far from the float one: " << fact << "; of its " << weights.size()
                                << (weights.size() == 1 ? " layer" : " layers") << " with weights of " << kMostBits
                                << " bits or fewer, these lose most: " << layers
                                << "; give such layers more bits, or corrections (docs/Corrections.md)";
}

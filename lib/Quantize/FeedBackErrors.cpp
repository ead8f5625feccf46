//===- FeedBackErrors.cpp - weights rounded for their layer -----*- C++ -*-===//
//
// This file rounds the weights of layers, before they are encoded, so that results on samples change least (Numerics R41), where a format says
// how to round them one after the other:
//
//   %w = nn.constant {value = dense<[0.5, 0.3]>, precision = #nn.precision<"ternary", "min-max">}
//   %0 = nn.matmul %x, %w                   // the inputs are nearly equal
// becomes
//   %w = nn.constant {value = dense<[0.5, 0.0]>, precision = #nn.precision<"ternary", "min-max">}
//   %0 = nn.matmul %x, %w
//
//===----------------------------------------------------------------------===//

#include "ErrorFeedback.h"
#include "LayerInputs.h"
#include "mlir/IR/Remarks.h"
#include "mlir/IR/Threading.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Format/NumberFormat.h"
#include "quantization/Quantize/Passes.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;

namespace quantization {
#define GEN_PASS_DEF_FEEDBACKERRORS
#include "quantization/Quantize/Passes.h.inc"

namespace {
/// Results of a sample whose inputs count.
constexpr size_t kResults = 32;
/// Inputs that errors are spread over, at least.
constexpr size_t kWindow = 1024;

struct Job {
  nn::QuantizableOpInterface layer;
  nn::ConstantOp weights;
  std::unique_ptr<NumberFormat> format;
  LayerInputs inputs;
  std::vector<InputProducts> products; ///< of each group
  std::vector<float> values;
  size_t zeros = 0;
};

struct FeedBackErrors : impl::FeedBackErrorsBase<FeedBackErrors> {
  FeedBackErrors() = default;
  explicit FeedBackErrors(NetworkRunner &runner) : runner(&runner) {}
  void runOnOperation() override;

  LogicalResult collect(std::vector<Job> &jobs);
  llvm::Expected<int64_t> observe(std::vector<Job> &jobs);
  static void round(Job &job);
  /// What only other corrections would read, where none follows.
  void forgetMoments();

  NetworkRunner *runner = nullptr;
};

remark::RemarkOpts remarkOn(Operation *layer) { return remark::RemarkOpts::name(nn::layerOf(layer)).category("feed-back-errors"); }
} // namespace

LogicalResult FeedBackErrors::collect(std::vector<Job> &jobs) {
  bool valid = true;
  getOperation().walk([&](nn::QuantizableOpInterface layer) {
    int64_t index = layer.getWeightsIndex();
    auto weights = index < 0 ? nn::ConstantOp() : layer->getOperand(index).getDefiningOp<nn::ConstantOp>();
    if (!weights || !weights.getPrecisionAttr() || !nn::isF32(weights.getResult()))
      return;
    auto format = parseFormat(weights.getPrecisionAttr().getFormat());
    if (!format) {
      weights.emitOpError() << "(layer \"" << weights.getLayer() << "\") has a bad precision: " << llvm::toString(format.takeError());
      valid = false;
      return;
    }
    if ((*format)->isFloat())
      return;
    std::optional<LayerInputs> inputs = LayerInputs::of(layer);
    std::vector<float> values = readFloats(weights.getValue());
    std::unique_ptr<StepwiseRounding> rounding =
        (*format)->stepwise({values, nn::shapeOf(weights.getResult()), layer.getWeightsChannelAxis()});
    if (!inputs || !rounding || !weights.getResult().hasOneUse()) {
      remark::missed(layer.getLoc(), remarkOn(layer))
          << (!inputs ? "only convolutions and products by a matrix are looked at" : !rounding ? "its format rounds each weight by itself" : "others read its weights, too");
      return;
    }
    size_t group = std::min(rounding->groupSize(), inputs->inputs());
    size_t window = std::max<size_t>(1, (kWindow + group - 1) / group) * group;
    std::vector<InputProducts> products(inputs->groups(), InputProducts(inputs->inputs(), window));
    jobs.push_back({layer, weights, std::move(*format), *inputs, std::move(products), std::move(values)});
  });
  return success(valid);
}

llvm::Expected<int64_t> FeedBackErrors::observe(std::vector<Job> &jobs) {
  OwningOpRef<ModuleOp> observed = getOperation().clone();
  observed->walk([](nn::ObserveOp observe) {
    observe.getResult().replaceAllUsesWith(observe.getInput());
    observe.erase();
  });
  llvm::StringMap<size_t> numbers;
  for (auto [number, job] : llvm::enumerate(jobs))
    numbers[nn::layerOf(job.layer)] = number;
  std::vector<size_t> order;
  observed->walk([&](nn::QuantizableOpInterface layer) {
    auto found = numbers.find(nn::layerOf(layer));
    if (found == numbers.end())
      return;
    order.push_back(found->second);
    OpBuilder builder(layer);
    Value input = layer->getOperand(0);
    nn::ObserveOp::create(builder, layer.getLoc(), input.getType(), input, builder.getStringAttr(nn::layerOf(layer)), nn::StatisticsAttr(),
                          nn::PrecisionAttr());
  });
  std::vector<size_t> samples(jobs.size());
  return runner->run(*observed, [&](size_t observer, const ObservedValue &value) -> llvm::Error {
    Job &job = jobs[order[observer]];
    size_t sample = samples[order[observer]]++;
    for (size_t group = 0; group < job.products.size(); ++group) {
      std::vector<float> rows;
      job.inputs.pick(value, group, sample, kResults, rows);
      if (llvm::any_of(rows, [](float number) { return !std::isfinite(number); }))
        return llvm::createStringError("layer \"" + nn::layerOf(job.layer) + "\" reads values that are not finite; check the model in float");
      size_t count = rows.size() / job.inputs.inputs();
      if (value.threads == 1 || job.inputs.inputs() < 64)
        job.products[group].add(rows, count);
      else
        value.onEach([&](size_t thread) { job.products[group].add(rows, count, thread, value.threads); });
    }
    return llvm::Error::success();
  });
}

void FeedBackErrors::round(Job &job) {
  WeightsView view{job.values, nn::shapeOf(job.weights.getResult()), job.layer.getWeightsChannelAxis()};
  std::vector<float> rounded(job.values.size());
  std::unique_ptr<StepwiseRounding> rounding = job.format->stepwise(view);
  do {
    for (size_t group = 0; group < job.products.size(); ++group) {
      std::vector<float> rows = job.inputs.weightsOf(group, job.values);
      job.inputs.setWeights(group, feedBackErrors(rows, job.inputs.outputs(), job.products[group], *rounding), rounded);
    }
    job.zeros = llvm::count(rounded, 0.f);
  } while (!rounding->accept(job.zeros, rounded.size()));
  job.values = std::move(rounded);
}

void FeedBackErrors::runOnOperation() {
  ModuleOp module = getOperation();
  if (nn::isQuantized(module)) // by the file
    return;
  forgetMoments();
  std::vector<Job> jobs;
  if (failed(collect(jobs)))
    return signalPassFailure();
  if (jobs.empty()) {
    emitWarning(module.getLoc()) << "feed-back-errors changes nothing: no convolution or product by a matrix has weights of a format that is rounded step by step, such as ternary";
    return;
  }
  if (!runner) {
    emitError(module.getLoc()) << "feed-back-errors needs samples: give --calibrate-with";
    return signalPassFailure();
  }
  llvm::Expected<int64_t> samples = observe(jobs);
  if (!samples || *samples == 0) {
    emitError(module.getLoc()) << (samples ? "feed-back-errors: there is no sample to run the network on" : llvm::toString(samples.takeError()));
    return signalPassFailure();
  }
  parallelForEach(&getContext(), jobs, round);
  for (Job &job : jobs) {
    auto type = cast<RankedTensorType>(job.weights.getResult().getType());
    job.weights.setValueAttr(makeConstant(type, ArrayRef<float>(job.values)));
    remark::passed(job.layer.getLoc(), remarkOn(job.layer))
        << llvm::formatv("{0:f1} % of the weights are zero", 100.0 * static_cast<double>(job.zeros) / static_cast<double>(job.values.size())).str();
  }
  numLayers += jobs.size();
}

void FeedBackErrors::forgetMoments() {
  auto corrections = getOperation()->getAttrOfType<ArrayAttr>("nn.corrections");
  auto reads = [](StringRef name) { return name == "correct-bias" || name == "reestimate-statistics"; };
  if (!corrections || llvm::any_of(corrections.getAsValueRange<StringAttr>(), reads))
    return;
  getOperation().walk([](Operation *op) { op->removeAttr("nn.mean"), op->removeAttr("nn.deviation"); });
  getOperation()->removeAttr("nn.corrections");
}

std::unique_ptr<Pass> createFeedBackErrors(NetworkRunner &runner) { return std::make_unique<FeedBackErrors>(runner); }

} // namespace quantization

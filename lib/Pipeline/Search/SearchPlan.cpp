//===- SearchPlan.cpp - which stage decides what ----------------*- C++ -*-===//
//
// This file finds out what a candidate means to a network by giving each stage a format of its own and looking where it arrives: groups of
// values that share a format, results that stay exact and layers without integers are then as they are for any candidate.
//
//===----------------------------------------------------------------------===//

#include "SearchPlan.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "quantization/Assign/Passes.h"
#include "quantization/Calibrate/Facts.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Quantize/Passes.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace quantization;

llvm::Expected<PolicyFile> PolicyFile::write(const Policy &policy) {
  llvm::SmallString<128> path;
  int file;
  if (std::error_code error = llvm::sys::fs::createTemporaryFile("policy", "yaml", file, path))
    return llvm::createStringError("cannot write a temporary file: " + error.message());
  llvm::raw_fd_ostream(file, /*shouldClose=*/true) << policy.toYaml();
  return PolicyFile(path.str().str());
}

PolicyFile::~PolicyFile() {
  if (!path.empty())
    llvm::sys::fs::remove(path);
}

/// Formats that tell of a stage: q<I>.<F> has 16 widths, and as many places for the point.
static constexpr size_t kMostStages = 256;
static FormatSpec probeOf(size_t stage) {
  int64_t integer = 1 + stage % 16, fraction = static_cast<int64_t>(stage) / 16 + 1 - integer;
  return {"q" + std::to_string(integer) + "." + std::to_string(fraction), {}, 0};
}

static std::optional<size_t> stageOfProbe(nn::PrecisionAttr precision) {
  for (size_t stage = 0; precision && stage < kMostStages; ++stage)
    if (precision.getFormat() == probeOf(stage).name)
      return stage;
  return std::nullopt;
}

Policy SearchPlan::policyOf(llvm::function_ref<std::pair<FormatSpec, FormatSpec>(size_t)> formatsOf) const {
  Policy policy;
  policy.calibration = base.calibration;
  policy.stages = base.stages;
  policy.model = base.model;
  policy.input = formatsOf(0).second;
  for (const Layer &layer : layers) {
    PolicyRule rule;
    rule.match = layer.name;
    FormatSpec keep{"float", {}, 0};
    auto [weights, activations] = layer.stage ? formatsOf(*layer.stage) : std::pair(keep, keep);
    if (layer.hasWeights)
      rule.weights = weights;
    rule.activations = activations;
    policy.rules.push_back(std::move(rule));
  }
  return policy;
}

Policy SearchPlan::policyOf(const SearchSpace &space, const Candidate &candidate) const {
  return policyOf([&](size_t stage) {
    const SearchSpace::StageSpace &ladders = space.stages[stage];
    const Candidate::Choice &choice = candidate.stages[stage];
    return std::pair(ladders.weights.formatAt(choice.weights), ladders.activations.formatAt(choice.activations));
  });
}

/// The layers that choose a format; one that the file does not know goes with what it reads.
void SearchPlan::findLayers(ModuleOp observed, const CandidateCostModel &costs) {
  llvm::DenseMap<Operation *, size_t> stageOf;
  observed.walk([&](Operation *op) {
    if (!isLayer(op))
      return;
    std::optional<size_t> stage = costs.stageOf(nn::layerOf(op));
    for (mlir::Value operand : op->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      if (auto observe = dyn_cast_or_null<nn::ObserveOp>(producer))
        producer = observe.getInput().getDefiningOp();
      if (auto found = stageOf.find(producer); !stage && found != stageOf.end())
        stage = found->second;
    }
    stageOf[op] = stage.value_or(0);
    auto layer = dyn_cast<nn::QuantizableOpInterface>(op);
    if (!layer || layer.keepsFormat() || (op->getNumResults() == 1 && anchorOf(op->getResult(0)) != op))
      return;
    const PolicyRule *rule = base.ruleFor(nn::layerOf(op));
    bool keepsFloat = rule && rule->activations && rule->activations->name == "float";
    layers.push_back({nn::layerOf(op).str(), keepsFloat ? std::nullopt : std::optional(stageOf[op]), layer.getWeightsIndex() >= 0});
  });
}

llvm::Error SearchPlan::assign(ModuleOp observed) {
  auto file = PolicyFile::write(policyOf([](size_t stage) { return std::pair(probeOf(stage), probeOf(stage)); }));
  if (!file)
    return file.takeError();
  assigned = observed.clone();
  PassManager manager(observed.getContext());
  manager.addPass(createAssignPrecision(AssignPrecisionOptions{file->name().str(), false}));
  if (failed(manager.run(*assigned)))
    return llvm::createStringError("the network's layers could not be given formats");
  return llvm::Error::success();
}

llvm::Error SearchPlan::readAssigned() {
  OwningOpRef<ModuleOp> simulated = assigned->clone();
  PassManager manager(simulated->getContext());
  manager.addPass(createInsertQuantization(InsertQuantizationOptions{/*exactResults=*/true}));
  manager.addPass(createQuantizeConstants());
  if (failed(manager.run(*simulated)))
    return llvm::createStringError("the network could not be quantized");
  llvm::StringMap<size_t> numbers;
  llvm::StringSet<> quantized;
  simulated->walk([&](nn::QuantizeOp quantize) { quantized.insert(quantize.getLayer()); });
  std::string missing;
  assigned->walk([&](nn::ObserveOp observe) {
    Value value{observe.getLayer().str(), std::nullopt, {}};
    // A constant's quantize is done already.
    if (quantized.contains(value.layer) || observe.getInput().getDefiningOp<nn::ConstantOp>())
      value.stage = stageOfProbe(observe.getPrecisionAttr());
    auto statistics = observe.getStatisticsAttr() ? fromAttribute(observe.getStatisticsAttr()) : std::nullopt;
    if (statistics)
      value.statistics = *statistics;
    else if (value.stage)
      missing = value.layer;
    numbers[value.layer] = values.size();
    values.push_back(std::move(value));
  });
  if (!missing.empty())
    return llvm::createStringError("no statistics for layer \"" + missing + "\"; give --calibrate-with or --load-statistics-from");

  llvm::StringMap<std::string> readsValue; // by layer with quantized weights
  simulated->walk([&](nn::QuantizableOpInterface layer) {
    int64_t index = layer.getWeightsIndex();
    auto codes = index < 0 ? nn::DequantizeOp() : layer->getOperand(index).getDefiningOp<nn::DequantizeOp>();
    if (!codes || !codes.getInput().getDefiningOp<nn::ConstantOp>())
      return;
    for (OpOperand &operand : layer->getOpOperands()) {
      int64_t number = operand.getOperandNumber();
      auto value = operand.get().getDefiningOp<nn::DequantizeOp>();
      if (number == index || number == layer.getBiasIndex() || !value)
        continue;
      readsValue[nn::layerOf(layer)] = value.getLayer().str();
      break;
    }
  });
  llvm::Error problem = llvm::Error::success();
  assigned->walk([&](nn::QuantizableOpInterface layer) {
    auto value = readsValue.find(nn::layerOf(layer));
    if (value == readsValue.end())
      return;
    auto constant = layer->getOperand(layer.getWeightsIndex()).getDefiningOp<nn::ConstantOp>();
    std::optional<size_t> stage = stageOfProbe(constant.getPrecisionAttr());
    auto number = numbers.find(value->second);
    if (!stage || number == numbers.end())
      return;
    ArrayRef<int64_t> shape = nn::shapeOf(constant.getResult());
    Weights &entry = weights.emplace_back(
        Weights{nn::layerOf(layer).str(), *stage, number->second, shape.vec(), layer.getWeightsChannelAxis(), readFloats(constant.getValue()), {}});
    if (layer.getBiasIndex() >= 0)
      if (auto bias = layer->getOperand(layer.getBiasIndex()).getDefiningOp<nn::ConstantOp>())
        entry.biases = readFloats(bias.getValue());
  });
  return problem;
}

llvm::Expected<SearchPlan> SearchPlan::make(ModuleOp observed, const CandidateCostModel &costs, Policy base) {
  SearchPlan plan;
  if (costs.stages().empty())
    return llvm::createStringError("no layer of the network has weights, so there is nothing to search");
  if (costs.stages().size() > kMostStages)
    return llvm::createStringError("the network has %zu stages, and a search takes %zu at most; put layers together with stages: in a policy",
                                   costs.stages().size(), kMostStages);
  plan.base = std::move(base);
  plan.findLayers(observed, costs);
  if (llvm::Error error = plan.assign(observed))
    return error;
  if (llvm::Error error = plan.readAssigned())
    return error;
  if (plan.weights.empty())
    return llvm::createStringError("no layer with weights can be an integer layer, so there is nothing to search");
  return plan;
}

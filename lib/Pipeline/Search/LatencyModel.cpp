//===- LatencyModel.cpp - what formats cost in time -------------*- C++ -*-===//
//
// This file measures integers on this machine. Widths change a layer's time only where they change its code, so networks with the same kernels
// on the same types are measured once.
//
//===----------------------------------------------------------------------===//

#include "LatencyModel.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include <chrono>

using namespace mlir;
using namespace quantization;

static llvm::Expected<OwningOpRef<ModuleOp>> quantized(ModuleOp observed, const Policy &policy) {
  auto file = PolicyFile::write(policy);
  if (!file)
    return file.takeError();
  OwningOpRef<ModuleOp> integers = observed.clone();
  RoomOptions rooms;
  rooms.policy = file->name().str();
  PassManager manager(observed.getContext());
  buildPipeline(manager, Form::Observed, Form::Additive, rooms);
  if (failed(manager.run(*integers)))
    return llvm::createStringError("the network could not be quantized");
  return integers;
}

llvm::Expected<std::unique_ptr<NativeNetwork>> quantization::compileIntegers(ModuleOp observed, const Policy &policy, bool profile) {
  auto integers = quantized(observed, policy);
  if (!integers)
    return integers.takeError();
  return NativeNetwork::compile(std::move(*integers), NumberedConstants(), profile);
}

static double milliseconds(llvm::function_ref<void()> work) {
  auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

/// Runs for a while: `each` is called after every run but the first with what it took.
static llvm::Error runOften(NativeNetwork::Instance &instance, ArrayRef<const void *> inputs, llvm::function_ref<void(double)> each) {
  constexpr int leastRuns = 5;
  constexpr double enough = 300;
  double total = 0;
  for (int run = 0; run < leastRuns || total < enough; ++run) {
    llvm::Error error = llvm::Error::success();
    double took = milliseconds([&] { error = instance.run(inputs); });
    if (error)
      return error;
    if (run > 0) // the first finds nothing in caches; a minimum is not harmed by its steps
      each(took);
    total += took;
  }
  return llvm::Error::success();
}

llvm::Expected<double> quantization::measureLatency(const NativeNetwork &network, ArrayRef<const void *> inputs) {
  auto instance = network.instantiate();
  if (!instance)
    return instance.takeError();
  double least = HUGE_VAL;
  if (llvm::Error error = runOften(**instance, inputs, [&](double took) { least = std::min(least, took); }))
    return error;
  return least / network.model.batch;
}

/// Kernels, types and kinds of ops of the tiled form; numbers do not matter.
static llvm::Expected<std::string> signatureOf(ModuleOp observed, const Policy &policy) {
  auto integers = quantized(observed, policy);
  auto target = hostTarget();
  if (!integers || !target)
    return llvm::joinErrors(integers ? llvm::Error::success() : integers.takeError(), target ? llvm::Error::success() : target.takeError());
  (*integers)->getOperation()->removeAttr("fixed.target");
  RoomOptions rooms;
  rooms.triple = target->triple, rooms.cpu = target->cpu, rooms.features = target->features;
  std::string why;
  OwningOpRef<ModuleOp> tiled = tileCopy(**integers, rooms, why);
  if (!tiled)
    return llvm::createStringError(why);
  std::string text;
  llvm::raw_string_ostream os(text);
  tiled->walk([&](Operation *op) {
    os << op->getName() << "(" << op->getOperandTypes() << ")";
    if (auto lowering = op->getAttrOfType<StringAttr>("lowering"))
      os << lowering.getValue();
  });
  return text;
}

/// Adds up the steps of each stage, in the fastest run of each.
static llvm::Expected<std::vector<double>> measureStages(const NativeNetwork &network, const CandidateCostModel &costs,
                                                         ArrayRef<const void *> inputs) {
  auto instance = network.instantiate();
  if (!instance)
    return instance.takeError();
  auto profile = (*instance)->profile();
  if (!profile)
    return profile.takeError();
  MutableArrayRef<uint64_t> ticks((*profile)->ticks, (*profile)->num_steps);
  llvm::fill(ticks, 0);
  uint64_t clock = (*profile)->clock();
  std::vector<uint64_t> least(ticks.size(), UINT64_MAX);
  llvm::Error error = llvm::Error::success();
  double outside = milliseconds([&] {
    error = runOften(**instance, inputs, [&](double) {
      for (auto [best, now] : llvm::zip_equal(least, ticks))
        best = std::min(best, now), now = 0;
    });
  });
  if (error)
    return error;
  double perTick = outside / static_cast<double>((*profile)->clock() - clock);
  std::vector<double> stages(costs.stages().size());
  size_t last = 0;
  for (auto [i, of] : llvm::enumerate(least)) {
    const quantization_step &step = (*profile)->steps[i];
    for (int32_t layer = 0; layer < step.num_layers; ++layer)
      if (auto stage = costs.stageOf(step.layers[layer])) {
        last = *stage;
        break;
      }
    stages[last] += of * perTick / network.model.batch;
  }
  return stages;
}

llvm::Expected<LatencyTable> quantization::measureLatencies(ModuleOp observed, const SearchPlan &plan, const CandidateCostModel &costs,
                                                            const SearchSpace &space, ArrayRef<const void *> inputs) {
  LatencyTable table;
  for (size_t stage = 0; stage < space.stages.size(); ++stage)
    table.reads.push_back(stage);
  for (const SearchPlan::Weights &weights : llvm::reverse(plan.weights)) // the first layer of a stage says
    table.reads[weights.stage] = plan.values[weights.value].stage.value_or(weights.stage);
  // One rung for each width.
  auto widthsOf = [](const Ladder &ladder) {
    std::map<int64_t, Rung> rungs;
    for (int integer = ladder.least.integer; integer <= ladder.most.integer; ++integer)
      for (int fraction = ladder.least.fraction; fraction <= ladder.most.fraction; ++fraction)
        if (ladder.holds({integer, fraction}))
          rungs.try_emplace(Ladder::bitsAt({integer, fraction}), Rung{integer, fraction});
    return rungs;
  };
  std::map<std::string, size_t> measured;
  for (auto [weightBits, weights] : widthsOf(space.stages.front().weights))
    for (auto [valueBits, values] : widthsOf(space.stages.front().activations)) {
      Policy policy = plan.policyOf(space, {std::vector<Candidate::Choice>(space.stages.size(), {weights, values})});
      auto signature = signatureOf(observed, policy);
      if (!signature)
        return signature.takeError();
      auto [entry, isNew] = measured.try_emplace(*signature, measured.size());
      table.classes[{weightBits, valueBits}] = entry->second;
      if (!isNew)
        continue;
      auto network = compileIntegers(observed, policy, /*profile=*/true);
      if (!network)
        return network.takeError();
      auto stages = measureStages(**network, costs, inputs);
      if (!stages)
        return stages.takeError();
      table.milliseconds.push_back(std::move(*stages));
    }
  return table;
}

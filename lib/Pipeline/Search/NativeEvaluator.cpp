//===- NativeEvaluator.cpp - candidates run in this process -----*- C++ -*-===//
//
// This file runs candidates: the float network is compiled once, its observers quantize by the rows of a table that comes as an input, and
// each thread has weights of its own, which a candidate overwrites where they differ.
//
//===----------------------------------------------------------------------===//

#include "quantization/Pipeline/NativeEvaluator.h"
#include "NativeNetwork.h"
#include "SearchPlan.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "quantization/Calibrate/Observers.h"
#include "quantization/Calibrate/RangeEstimation.h"
#include "quantization/Calibrate/Samples.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Format/QuantTypes.h"
#include "quantization/Quantize/ExpressedWeights.h"
#include "quantization/Tile/FormatTable.h"
#include "llvm/Support/ThreadPool.h"

using namespace mlir;
using namespace quantization;

namespace {

/// What a candidate is to the code: null constants are as in the float network.
struct Prepared {
  FormatTable table;
  std::vector<ExpressedWeights> layers;
};

struct Job {
  size_t candidate;
  int64_t from, to; ///< batches
};

/// An instance and what it holds at the moment.
struct Worker {
  std::unique_ptr<NativeNetwork::Instance> instance;
  std::vector<std::shared_ptr<const EncodedWeights>> weights;
  std::vector<std::vector<float>> biases;
};

int64_t classOf(ArrayRef<float> scores) { return std::distance(scores.begin(), llvm::max_element(scores)); }

} // namespace

struct NativeEvaluator::Implementation {
  SearchSpace space;
  NativeEvaluatorOptions options;
  SearchPlan plan;
  MLIRContext *context = nullptr;
  std::unique_ptr<NativeNetwork> network;
  std::vector<std::pair<size_t, std::optional<size_t>>> constants; ///< of each layer: weights and bias
  std::vector<Worker> workers;
  std::vector<std::vector<float>> samples; ///< of each input
  int64_t batch = 1, batches = 0;
  std::vector<int64_t> classes; ///< that count as right
  std::optional<Score> floats;
  std::map<std::pair<size_t, std::string>, std::pair<Grid, Rounding>> grids;
  std::map<std::pair<size_t, std::string>, std::pair<std::shared_ptr<NumberFormat>, std::shared_ptr<const EncodedWeights>>> encoded;

  llvm::Error compile();
  llvm::Error readSamples();
  llvm::Error readLabels();
  llvm::Expected<Prepared> prepare(const Candidate &candidate);
  void load(Worker &worker, const Prepared &prepared);
  llvm::Error run(Worker &worker, const Prepared &prepared, int64_t number);
  llvm::ArrayRef<float> scoresOf(Worker &worker, int64_t sample) const;
  llvm::Expected<std::vector<std::vector<int64_t>>> classesOf(ArrayRef<Prepared> candidates);
  Prepared unchanged() const { return {FormatTable(plan.values.size()), std::vector<ExpressedWeights>(plan.weights.size())}; }
};

llvm::Error NativeEvaluator::Implementation::compile() {
  OwningOpRef<ModuleOp> module = plan.assigned->clone();
  func::FuncOp function;
  for (auto candidate : module->getOps<func::FuncOp>())
    if (!candidate.isExternal())
      function = candidate;
  size_t number = 0;
  function.walk([&](nn::ObserveOp observe) {
    size_t row = number++;
    if (plan.values[row].stage && !observe.getResult().use_empty())
      observe->setAttr("nn.observer", Builder(context).getI64IntegerAttr(row));
    else
      observe.getResult().replaceAllUsesWith(observe.getInput()), observe.erase();
  });
  NumberedConstants numbers;
  llvm::StringMap<nn::QuantizableOpInterface> layers;
  function.walk([&](nn::QuantizableOpInterface layer) { layers[nn::layerOf(layer)] = layer; });
  UniqueNames names(*module);
  auto replace = [&](nn::QuantizableOpInterface layer, int64_t index) {
    auto constant = layer->getOperand(index).getDefiningOp<nn::ConstantOp>();
    auto type = cast<RankedTensorType>(constant.getResult().getType());
    OpBuilder builder(layer);
    auto numbered = nn::ConstantOp::create(builder, constant.getLoc(), type, numbers.add(type),
                                           builder.getStringAttr(names.fresh(constant.getLayer().str())), nullptr);
    layer->setOperand(index, numbered.getResult());
    if (constant->use_empty())
      constant.erase();
    return numbers.size() - 1;
  };
  for (const SearchPlan::Weights &weights : plan.weights) {
    nn::QuantizableOpInterface layer = layers.lookup(weights.layer);
    size_t first = replace(layer, layer.getWeightsIndex());
    constants.push_back({first, weights.biases.empty() ? std::nullopt : std::optional(replace(layer, layer.getBiasIndex()))});
  }
  function.walk([](nn::ConstantOp constant) { constant.removePrecisionAttr(); });
  auto table = RankedTensorType::get({static_cast<int64_t>(plan.values.size()), FormatTable::kColumns}, Float32Type::get(context));
  Builder builder(context);
  auto name = builder.getDictionaryAttr(builder.getNamedAttr("nn.name", builder.getStringAttr("formats")));
  if (failed(function.insertArgument(function.getNumArguments(), table, name, function.getLoc())))
    return llvm::createStringError("the network could not be prepared for the search");
  auto compiled = NativeNetwork::compile(std::move(module), numbers);
  if (!compiled)
    return compiled.takeError();
  network = std::move(*compiled);
  size_t threads = options.threads ? options.threads : llvm::hardware_concurrency().compute_thread_count();
  for (size_t i = 0; i < std::max<size_t>(1, threads); ++i) {
    auto instance = network->instantiate();
    if (!instance)
      return instance.takeError();
    Worker &worker = workers.emplace_back();
    worker.instance = std::move(*instance);
    worker.weights.resize(plan.weights.size());
    worker.biases.resize(plan.weights.size());
    for (auto [layer, numbers] : llvm::zip_equal(plan.weights, constants)) {
      worker.instance->set(numbers.first, layer.values);
      if (numbers.second)
        worker.instance->set(*numbers.second, layer.biases);
    }
  }
  return llvm::Error::success();
}

llvm::Error NativeEvaluator::Implementation::readSamples() {
  ArrayRef<TensorDescription> inputs = ArrayRef(network->model.inputs).drop_back(); // the table
  std::vector<TensorSpec> specs;
  for (const TensorDescription &tensor : inputs)
    specs.push_back({tensor.name, ElementType::F32, Shape(tensor.shape.begin(), tensor.shape.end())});
  std::string error;
  std::unique_ptr<SampleSource> source = SampleSource::open(options.samples, specs, error);
  if (!source)
    return llvm::createStringError(error);
  batch = inputs.empty() || inputs.front().shape.empty() ? 1 : inputs.front().shape.front();
  batches = source->size() / batch; // samples beyond the last whole one are not used
  if (batches == 0)
    return llvm::createStringError(options.samples + ": " + std::to_string(source->size()) + " samples do not fill one batch of " + std::to_string(batch));
  samples.resize(inputs.size());
  std::vector<std::vector<char>> sample;
  for (int64_t i = 0; i < batches * batch; ++i) {
    if (!source->next(sample, error))
      return llvm::createStringError(error);
    for (auto [all, bytes] : llvm::zip_equal(samples, sample)) {
      const float *values = reinterpret_cast<const float *>(bytes.data());
      all.insert(all.end(), values, values + bytes.size() / sizeof(float));
    }
  }
  if (network->model.outputs.size() != 1)
    return llvm::createStringError("the network has %zu outputs, and a search judges by the class that one output names", network->model.outputs.size());
  if (network->model.outputs[0].bytes() / static_cast<int64_t>(sizeof(float)) / batch < 2)
    return llvm::createStringError("output \"" + network->model.outputs[0].name + "\" is a single number, which names no class to judge by");
  return llvm::Error::success();
}

llvm::Error NativeEvaluator::Implementation::readLabels() {
  std::vector<TensorSpec> specs{{"labels", ElementType::I64, {1}}};
  std::string error;
  std::unique_ptr<SampleSource> source = SampleSource::open(options.labels, specs, error);
  if (!source)
    return llvm::createStringError(error);
  if (source->size() < batches * batch)
    return llvm::createStringError(options.labels + ": " + std::to_string(source->size()) + " labels for " + std::to_string(batches * batch) + " samples");
  std::vector<std::vector<char>> label;
  for (int64_t i = 0; i < batches * batch; ++i) {
    if (!source->next(label, error))
      return llvm::createStringError(error);
    int64_t value;
    std::memcpy(&value, label[0].data(), sizeof(value));
    classes.push_back(value);
  }
  return llvm::Error::success();
}

llvm::Expected<Prepared> NativeEvaluator::Implementation::prepare(const Candidate &candidate) {
  Prepared prepared = unchanged();
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
    FormatSpec spec = space.stages[layer.stage].weights.formatAt(candidate.stages[layer.stage].weights);
    WeightsView view{layer.values, layer.shape, layer.channelAxis};
    auto &[format, weights] = encoded[{number, spec.str()}];
    if (!format) {
      auto parsed = parseFormat(spec);
      if (!parsed)
        return parsed.takeError();
      format = std::move(*parsed);
      weights = std::make_shared<EncodedWeights>(encodeWeights(*format, view, context));
    }
    prepared.layers[number] = expressWeights(*format, view, layer.biases, gridOfRow[layer.value].scale, weights);
  }
  return prepared;
}

void NativeEvaluator::Implementation::load(Worker &worker, const Prepared &prepared) {
  for (size_t i = 0; i < plan.weights.size(); ++i) {
    const ExpressedWeights &wanted = prepared.layers[i];
    if (worker.weights[i] != wanted.weights) {
      worker.instance->set(constants[i].first, wanted.weights ? ArrayRef(wanted.weights->values) : ArrayRef(plan.weights[i].values));
      worker.weights[i] = wanted.weights;
    }
    if (constants[i].second && worker.biases[i] != wanted.biases) {
      worker.instance->set(*constants[i].second, wanted.biases.empty() ? plan.weights[i].biases : wanted.biases);
      worker.biases[i] = wanted.biases;
    }
  }
}

llvm::Error NativeEvaluator::Implementation::run(Worker &worker, const Prepared &prepared, int64_t number) {
  SmallVector<const void *> inputs;
  for (const std::vector<float> &all : samples)
    inputs.push_back(all.data() + all.size() / batches * number);
  inputs.push_back(prepared.table.data());
  return worker.instance->run(inputs);
}

/// What the last run gave for its sample of that number.
llvm::ArrayRef<float> NativeEvaluator::Implementation::scoresOf(Worker &worker, int64_t sample) const {
  ArrayRef<float> all = worker.instance->output(0);
  return all.slice(all.size() / batch * sample, all.size() / batch);
}

llvm::Expected<std::vector<std::vector<int64_t>>> NativeEvaluator::Implementation::classesOf(ArrayRef<Prepared> candidates) {
  // Few candidates are cut into parts, so that no thread waits.
  int64_t parts = candidates.size() >= 2 * workers.size() ? 1 : std::min<int64_t>(batches, workers.size());
  std::vector<Job> jobs;
  for (size_t candidate = 0; candidate < candidates.size(); ++candidate)
    for (int64_t part = 0; part < parts; ++part)
      jobs.push_back({candidate, batches * part / parts, batches * (part + 1) / parts});
  std::vector<std::vector<int64_t>> results(candidates.size(), std::vector<int64_t>(batches * batch));
  std::vector<std::string> failures(workers.size());
  std::atomic<size_t> next = 0;
  auto work = [&](size_t thread) {
    for (size_t number; (number = next++) < jobs.size();) {
      const Job &job = jobs[number];
      load(workers[thread], candidates[job.candidate]);
      for (int64_t at = job.from; at < job.to; ++at) {
        if (options.stop && *options.stop)
          return std::string("interrupted");
        if (llvm::Error error = run(workers[thread], candidates[job.candidate], at))
          return llvm::toString(std::move(error));
        for (int64_t i = 0; i < batch; ++i)
          results[job.candidate][at * batch + i] = classOf(scoresOf(workers[thread], i));
      }
    }
    return std::string();
  };
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(workers.size()));
  for (size_t thread = 0; thread < workers.size(); ++thread)
    pool.async([&, thread] { failures[thread] = work(thread); });
  pool.wait();
  for (const std::string &failure : failures)
    if (!failure.empty())
      return llvm::createStringError(failure);
  return results;
}

//===----------------------------------------------------------------------===//
// NativeEvaluator
//===----------------------------------------------------------------------===//

NativeEvaluator::NativeEvaluator(std::unique_ptr<Implementation> implementation) : implementation(std::move(implementation)) {}
NativeEvaluator::~NativeEvaluator() = default;

llvm::Expected<std::unique_ptr<NativeEvaluator>> NativeEvaluator::create(ModuleOp observed, const CandidateCostModel &costs,
                                                                         SearchSpace space, const NativeEvaluatorOptions &options) {
  auto implementation = std::make_unique<Implementation>();
  implementation->space = std::move(space);
  implementation->options = options;
  implementation->context = observed.getContext();
  auto plan = SearchPlan::make(observed, costs, options.base);
  if (!plan)
    return plan.takeError();
  implementation->plan = std::move(*plan);
  if (llvm::Error error = implementation->compile())
    return error;
  if (llvm::Error error = implementation->readSamples())
    return error;
  if (!options.labels.empty())
    if (llvm::Error error = implementation->readLabels())
      return error;
  return std::unique_ptr<NativeEvaluator>(new NativeEvaluator(std::move(implementation)));
}

static Score scoreOf(ArrayRef<int64_t> classes, ArrayRef<int64_t> wanted) {
  Score score{0, static_cast<int64_t>(classes.size())};
  for (auto [is, want] : llvm::zip_equal(classes, wanted))
    score.right += is == want;
  return score;
}

llvm::Expected<Score> NativeEvaluator::baseline() {
  Implementation &self = *implementation;
  if (!self.floats) {
    auto classes = self.classesOf(self.unchanged());
    if (!classes)
      return classes.takeError();
    if (self.classes.empty())
      self.classes = classes->front();
    self.floats = scoreOf(classes->front(), self.classes);
  }
  return *self.floats;
}

llvm::Expected<std::vector<Score>> NativeEvaluator::evaluate(ArrayRef<Candidate> candidates) {
  if (auto score = baseline(); !score)
    return score.takeError();
  std::vector<Prepared> prepared;
  for (const Candidate &candidate : candidates) {
    auto one = implementation->prepare(candidate);
    if (!one)
      return one.takeError();
    prepared.push_back(std::move(*one));
  }
  auto classes = implementation->classesOf(prepared);
  if (!classes)
    return classes.takeError();
  std::vector<Score> scores;
  for (const std::vector<int64_t> &of : *classes)
    scores.push_back(scoreOf(of, implementation->classes));
  return scores;
}

Policy NativeEvaluator::policyOf(const Candidate &candidate) const { return implementation->plan.policyOf(implementation->space, candidate); }

llvm::Expected<std::vector<float>> NativeEvaluator::outputOf(const Candidate &candidate, int64_t sample) {
  Implementation &self = *implementation;
  auto prepared = self.prepare(candidate);
  if (!prepared)
    return prepared.takeError();
  Worker &worker = self.workers.front();
  self.load(worker, *prepared);
  if (llvm::Error error = self.run(worker, *prepared, sample / self.batch))
    return error;
  return self.scoresOf(worker, sample % self.batch).vec();
}

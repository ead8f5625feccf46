//===- NativeEvaluator.cpp - candidates run in this process -----*- C++ -*-===//
//
// This file runs candidates: the float network is compiled once, its observers quantize by the rows of a table that comes as an input, and
// each thread has weights of its own, which a candidate overwrites where they differ.
//
//===----------------------------------------------------------------------===//

#include "quantization/Pipeline/NativeEvaluator.h"
#include "Judge.h"
#include "LatencyModel.h"
#include "NativeParts.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "quantization/Calibrate/Samples.h"
#include "llvm/Support/ThreadPool.h"
#include <random>

using namespace mlir;
using namespace quantization;

struct NativeEvaluator::Implementation {
  SearchSpace space;
  NativeEvaluatorOptions options;
  SearchPlan plan;
  MLIRContext *context = nullptr;
  OwningOpRef<ModuleOp> observed;
  std::unique_ptr<CandidatePreparer> preparer;
  std::unique_ptr<NativeParts> parts;
  std::vector<NativeParts::Worker> workers;
  std::vector<std::vector<float>> samples; ///< of each input
  int64_t batch = 1, passes = 0;
  std::vector<int64_t> order;   ///< of passes: those first that the float network is wrong on
  std::vector<int64_t> heldOut; ///< passes that are not among them
  std::optional<Judge> judge;
  std::optional<Score> floats, floatsHeldOut;
  std::optional<PreparedCandidate> wanted, kept; ///< what to start from, and what `keptValues` are of
  NativeParts::Values keptValues;

  llvm::Error readSamples(ModuleOp network);
  SmallVector<const void *> inputsOf(int64_t pass) const {
    SmallVector<const void *> inputs;
    for (const std::vector<float> &all : samples)
      inputs.push_back(all.data() + all.size() / passes * pass);
    return inputs;
  }
  /// The part that a candidate is run from.
  size_t startOf(const PreparedCandidate &candidate) const {
    return kept ? std::min(parts->firstChange(*kept, candidate), parts->size() - 1) : 0;
  }
  llvm::Error onAllWorkers(llvm::function_ref<llvm::Error(NativeParts::Worker &)> work);
  llvm::Error learn();
  llvm::Error keepValues();
  /// On the passes of `order` or `heldOut`.
  llvm::Expected<std::vector<std::optional<Score>>> score(ArrayRef<PreparedCandidate> candidates, ArrayRef<int64_t> on, int64_t needed);
};

/// In one order, so that the last bits do not depend on threads.
static std::vector<double> sumOf(ArrayRef<std::vector<double>> errors) {
  std::vector<double> sums(errors.front().size());
  for (const std::vector<double> &of : errors)
    for (auto [sum, error] : llvm::zip_equal(sums, of))
      sum += error;
  return sums;
}

static func::FuncOp functionOf(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isExternal())
      return function;
  return nullptr;
}

llvm::Error NativeEvaluator::Implementation::readSamples(ModuleOp network) {
  std::vector<TensorSpec> specs;
  for (BlockArgument input : functionOf(network).getArguments())
    specs.push_back({std::string(nn::layerOf(input)), ElementType::F32, Shape(nn::shapeOf(input))});
  std::string error;
  std::unique_ptr<SampleSource> source = SampleSource::open(options.samples, specs, error);
  if (!source)
    return llvm::createStringError(error);
  if (std::string why = source->whyUnused(); !why.empty())
    emitWarning(UnknownLoc::get(context)) << why;
  batch = specs.empty() || specs.front().shape.empty() ? 1 : specs.front().shape.front();
  passes = source->size() / batch; // samples beyond the last whole one are not used
  if (passes == 0)
    return llvm::createStringError(options.samples + ": " + std::to_string(source->size()) + " samples do not fill one batch of " + std::to_string(batch));
  samples.resize(specs.size());
  std::vector<std::vector<char>> sample;
  for (int64_t i = 0; i < passes * batch; ++i) {
    if (!source->next(sample, error))
      return llvm::createStringError(error);
    for (auto [all, bytes] : llvm::zip_equal(samples, sample)) {
      const float *values = reinterpret_cast<const float *>(bytes.data());
      all.insert(all.end(), values, values + bytes.size() / sizeof(float));
    }
  }
  return llvm::Error::success();
}

llvm::Error NativeEvaluator::Implementation::onAllWorkers(llvm::function_ref<llvm::Error(NativeParts::Worker &)> work) {
  std::vector<std::string> failures(workers.size());
  llvm::DefaultThreadPool pool(llvm::hardware_concurrency(workers.size()));
  for (size_t thread = 0; thread < workers.size(); ++thread)
    pool.async([&, thread] { failures[thread] = llvm::toString(work(workers[thread])); });
  pool.wait();
  for (const std::string &failure : failures)
    if (!failure.empty())
      return llvm::createStringError(failure);
  return llvm::Error::success();
}

/// Runs the float network, which candidates are compared with.
llvm::Error NativeEvaluator::Implementation::learn() {
  PreparedCandidate prepared = preparer->floats();
  std::vector<std::vector<double>> errors(passes, std::vector<double>(judge->numErrors()));
  std::atomic<int64_t> next = 0;
  auto everyPass = [&](llvm::function_ref<void(int64_t, Judge::Results)> use) {
    next = 0;
    return onAllWorkers([&](NativeParts::Worker &worker) -> llvm::Error {
      parts->load(worker, prepared);
      for (int64_t pass; (pass = next++) < passes;) {
        if (options.stop && *options.stop)
          return llvm::createStringError("interrupted");
        if (llvm::Error error = parts->run(worker, prepared, pass, samples, {}))
          return error;
        use(pass, parts->resultsOf(worker));
      }
      return llvm::Error::success();
    });
  };
  if (llvm::Error error = everyPass([&](int64_t pass, Judge::Results results) {
        judge->learn(pass, results);
        judge->errorsOf(pass, results, errors[pass]);
      }))
    return error;
  if (llvm::Error error = judge->finish())
    return error;
  // Neighbours in a file may be alike, and two sources may alternate in it: of each two samples one is held out, which one is drawn.
  if (options.holdOut && passes < 2)
    return llvm::createStringError("the samples fill one batch of the model, and half of them are to be held out: give more samples, or --confidence=50%");
  std::mt19937 draw;
  std::vector<std::vector<double>> others;
  bool second = false;
  for (int64_t pass = 0; pass < passes; ++pass) {
    if (pass % 2 == 0)
      second = draw() & 1;
    if (options.holdOut && (pass % 2 == 1) == second) {
      heldOut.push_back(pass);
      others.push_back(std::move(errors[pass]));
      errors[pass].assign(judge->numErrors(), 0);
    } else {
      order.push_back(pass);
    }
  }
  floats = judge->scoreOf(sumOf(errors), order.size());
  floatsHeldOut = others.empty() ? Score{0, 0, 0} : judge->scoreOf(sumOf(others), others.size());
  // A candidate is hardly better there than the float network, and so shows soonest what it loses elsewhere.
  llvm::sort(order, [&](int64_t a, int64_t b) { return std::pair(-errors[a][0], a) < std::pair(-errors[b][0], b); });
  return llvm::Error::success();
}

/// Runs what is to be started from, from the first part on that is not known of it yet.
llvm::Error NativeEvaluator::Implementation::keepValues() {
  size_t first = kept ? parts->firstChange(*kept, *wanted) : 0;
  if (first == parts->size()) {
    wanted.reset();
    return llvm::Error::success();
  }
  if (keptValues.empty())
    keptValues = parts->makeValues(passes);
  kept.reset();
  std::atomic<size_t> next = 0;
  if (llvm::Error error = onAllWorkers([&](NativeParts::Worker &worker) -> llvm::Error {
        parts->load(worker, *wanted);
        for (size_t at; (at = next++) < order.size();) {
          if (options.stop && *options.stop)
            return llvm::createStringError("interrupted");
          if (llvm::Error error = parts->run(worker, *wanted, order[at], samples, keptValues, first, &keptValues))
            return error;
        }
        return llvm::Error::success();
      }))
    return error;
  kept = std::move(wanted);
  wanted.reset();
  return llvm::Error::success();
}

llvm::Expected<std::vector<std::optional<Score>>> NativeEvaluator::Implementation::score(ArrayRef<PreparedCandidate> candidates, ArrayRef<int64_t> on,
                                                                                                    int64_t needed) {
  struct Job {
    size_t candidate;
    int64_t from, to; ///< of `on`
  };
  const int64_t numPasses = on.size();
  /// The errors of each pass, to be added up in one order, and the sums so far.
  struct Tally {
    std::vector<std::vector<double>> errors;
    std::mutex mutex;
    std::vector<double> sums;
    std::atomic<bool> givenUp = false;
  };
  // Few candidates are cut into parts, so that no thread waits.
  int64_t pieces = candidates.size() >= 2 * workers.size() ? 1 : std::min<int64_t>(numPasses, workers.size());
  std::vector<Job> jobs;
  std::vector<Tally> tallies(candidates.size());
  for (auto [candidate, tally] : llvm::enumerate(tallies)) {
    for (int64_t piece = 0; piece < pieces; ++piece)
      jobs.push_back({candidate, numPasses * piece / pieces, numPasses * (piece + 1) / pieces});
    tally.errors.assign(passes, std::vector<double>(judge->numErrors()));
    tally.sums.resize(judge->numErrors());
  }
  std::atomic<size_t> next = 0;
  auto work = [&](NativeParts::Worker &worker) -> llvm::Error {
    for (size_t number; (number = next++) < jobs.size();) {
      const Job &job = jobs[number];
      const PreparedCandidate &candidate = candidates[job.candidate];
      Tally &tally = tallies[job.candidate];
      size_t first = on.data() == order.data() ? startOf(candidate) : 0; // values are kept of these alone
      parts->load(worker, candidate);
      for (int64_t at = job.from; at < job.to && !tally.givenUp; ++at) {
        if (options.stop && *options.stop)
          return llvm::createStringError("interrupted");
        if (llvm::Error error = parts->run(worker, candidate, on[at], samples, keptValues, first))
          return error;
        std::vector<double> &errors = tally.errors[on[at]];
        judge->errorsOf(on[at], parts->resultsOf(worker), errors);
        std::lock_guard lock(tally.mutex);
        for (auto [sum, error] : llvm::zip_equal(tally.sums, errors))
          sum += error;
        // Errors only grow. Sums in another order may be off in their last bits.
        SmallVector<double> certain;
        for (double sum : tally.sums)
          certain.push_back(sum * (1 - 1e-9));
        tally.givenUp = judge->scoreOf(certain, numPasses).right < needed;
      }
    }
    return llvm::Error::success();
  };
  if (llvm::Error error = onAllWorkers(work))
    return error;
  std::vector<std::optional<Score>> scores;
  for (const Tally &tally : tallies) {
    Score score = judge->scoreOf(sumOf(tally.errors), numPasses);
    scores.push_back(tally.givenUp || score.right < needed ? std::nullopt : std::optional(score));
  }
  return scores;
}

//===----------------------------------------------------------------------===//
// NativeEvaluator
//===----------------------------------------------------------------------===//

NativeEvaluator::NativeEvaluator(std::unique_ptr<Implementation> implementation) : implementation(std::move(implementation)) {}
NativeEvaluator::~NativeEvaluator() = default;

llvm::Expected<std::unique_ptr<NativeEvaluator>> NativeEvaluator::create(ModuleOp observed, const CandidateCostModel &costs,
                                                                         SearchSpace space, const NativeEvaluatorOptions &options) {
  auto implementation = std::make_unique<Implementation>();
  Implementation &self = *implementation;
  self.space = std::move(space);
  self.options = options;
  self.context = observed.getContext();
  self.observed = observed.clone();
  auto plan = SearchPlan::make(observed, costs, options.base);
  if (!plan)
    return plan.takeError();
  self.plan = std::move(*plan);
  self.preparer = std::make_unique<CandidatePreparer>(self.plan, self.space, self.context, options.mostBytes / 4);
  if (llvm::Error error = self.readSamples(*self.plan.assigned))
    return error;
  auto parts = NativeParts::compile(self.plan, self.passes, options.mostBytes - options.mostBytes / 4);
  if (!parts)
    return parts.takeError();
  self.parts = std::move(*parts);
  size_t threads = options.threads ? options.threads : llvm::hardware_concurrency().compute_thread_count();
  for (size_t i = 0; i < std::max<size_t>(1, threads); ++i) {
    auto worker = self.parts->makeWorker();
    if (!worker)
      return worker.takeError();
    self.workers.push_back(std::move(*worker));
  }
  std::vector<Judge::Output> outputs;
  func::FuncOp function = functionOf(*self.plan.assigned);
  for (auto [i, result] : llvm::enumerate(function.getResultTypes())) {
    auto name = function.getResultAttrOfType<StringAttr>(i, "nn.name");
    outputs.push_back({name ? name.str() : std::to_string(i), cast<RankedTensorType>(result).getNumElements()});
  }
  auto judge = Judge::make(options.score, options.labels, outputs, self.passes, self.batch);
  if (!judge)
    return judge.takeError();
  self.judge = std::move(*judge);
  return std::unique_ptr<NativeEvaluator>(new NativeEvaluator(std::move(implementation)));
}

llvm::Expected<Score> NativeEvaluator::baseline() {
  if (!implementation->floats)
    if (llvm::Error error = implementation->learn())
      return error;
  return *implementation->floats;
}

llvm::Expected<Score> NativeEvaluator::baselineHeldOut() {
  if (auto score = baseline(); !score)
    return score.takeError();
  return *implementation->floatsHeldOut;
}

void NativeEvaluator::startFrom(const Candidate &candidate) {
  auto prepared = implementation->preparer->prepare(candidate);
  if (prepared && implementation->parts->size() > 1)
    implementation->wanted = std::move(*prepared);
  else if (!prepared)
    llvm::consumeError(prepared.takeError()); // evaluate will say so
}

llvm::Expected<std::vector<std::optional<Score>>> NativeEvaluator::evaluate(ArrayRef<Candidate> candidates, int64_t needed) {
  Implementation &self = *implementation;
  if (auto score = baseline(); !score)
    return score.takeError();
  if (self.wanted && candidates.size() > 1)
    if (llvm::Error error = self.keepValues())
      return error;
  std::vector<PreparedCandidate> prepared;
  for (const Candidate &candidate : candidates) {
    auto one = self.preparer->prepare(candidate);
    if (!one)
      return one.takeError();
    prepared.push_back(std::move(*one));
  }
  return self.score(prepared, self.order, needed);
}

llvm::Expected<Score> NativeEvaluator::scoreHeldOut(const Candidate &candidate) {
  Implementation &self = *implementation;
  if (auto score = baseline(); !score)
    return score.takeError();
  auto prepared = self.preparer->prepare(candidate);
  if (!prepared)
    return prepared.takeError();
  auto scores = self.score(*prepared, self.heldOut, 0);
  if (!scores)
    return scores.takeError();
  return *scores->front();
}

Policy NativeEvaluator::policyOf(const Candidate &candidate) const { return implementation->plan.policyOf(implementation->space, candidate); }

llvm::Expected<Score> NativeEvaluator::scoreAsIntegers(const Candidate &candidate) {
  Implementation &self = *implementation;
  if (auto score = baseline(); !score)
    return score.takeError();
  auto network = compileIntegers(*self.observed, policyOf(candidate), /*profile=*/false);
  if (!network)
    return network.takeError();
  std::vector<std::unique_ptr<NativeNetwork::Instance>> instances;
  for (size_t i = 0; i < self.workers.size(); ++i) {
    auto instance = (*network)->instantiate();
    if (!instance)
      return instance.takeError();
    instances.push_back(std::move(*instance));
  }
  ArrayRef<int64_t> on = self.options.holdOut ? self.heldOut : self.order;
  std::vector<std::vector<double>> errors(self.passes, std::vector<double>(self.judge->numErrors()));
  std::atomic<size_t> next = 0;
  if (llvm::Error error = self.onAllWorkers([&](NativeParts::Worker &worker) -> llvm::Error {
        NativeNetwork::Instance &instance = *instances[&worker - self.workers.data()];
        for (size_t at; (at = next++) < on.size();) {
          int64_t pass = on[at];
          if (self.options.stop && *self.options.stop)
            return llvm::createStringError("interrupted");
          if (llvm::Error error = instance.run(self.inputsOf(pass)))
            return error;
          SmallVector<ArrayRef<float>> results;
          for (size_t i = 0; i < (*network)->model.outputs.size(); ++i)
            results.push_back(instance.output(i));
          self.judge->errorsOf(pass, results, errors[pass]);
        }
        return llvm::Error::success();
      }))
    return error;
  return self.judge->scoreOf(sumOf(errors), on.size());
}

llvm::Expected<LatencyTable> NativeEvaluator::measureLatencies(const CandidateCostModel &costs) {
  Implementation &self = *implementation;
  return quantization::measureLatencies(*self.observed, self.plan, costs, self.space, self.inputsOf(0));
}

llvm::Expected<double> NativeEvaluator::measureLatency(const Candidate &candidate) {
  auto network = compileIntegers(*implementation->observed, policyOf(candidate), /*profile=*/false);
  if (!network)
    return network.takeError();
  return quantization::measureLatency(**network, implementation->inputsOf(0));
}

size_t NativeEvaluator::numParts() const { return implementation->parts->size(); }

llvm::Expected<std::vector<float>> NativeEvaluator::outputOf(const Candidate &candidate, int64_t sample) {
  Implementation &self = *implementation;
  auto prepared = self.preparer->prepare(candidate);
  if (!prepared)
    return prepared.takeError();
  NativeParts::Worker &worker = self.workers.front();
  self.parts->load(worker, *prepared);
  size_t first = llvm::is_contained(self.heldOut, sample / self.batch) ? 0 : self.startOf(*prepared);
  if (llvm::Error error = self.parts->run(worker, *prepared, sample / self.batch, self.samples, self.keptValues, first))
    return error;
  ArrayRef<float> all = self.parts->resultsOf(worker).front();
  return all.slice(all.size() / self.batch * (sample % self.batch), all.size() / self.batch).vec();
}

//===- RunSearch.cpp - formats that nobody gave -----------------*- C++ -*-===//
//
// This file runs a search on a calibrated network and writes what it found: a policy, and a table of what could be had instead.
//
//===----------------------------------------------------------------------===//

#include "../Compilation.h"
#include "quantization/Calibrate/Facts.h"
#include "quantization/Format/NumberFormat.h"
#include "quantization/Pipeline/NativeEvaluator.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Process.h"
#include <chrono>
#include <csignal>

using namespace mlir;
using namespace quantization;

namespace {

std::atomic<bool> interrupted;

/// The first Ctrl-C ends the search with what it has; the second ends the process.
class Interruptible {
public:
  Interruptible() {
    interrupted = false;
    previous = std::signal(SIGINT, [](int) {
      interrupted = true;
      std::signal(SIGINT, SIG_DFL);
    });
  }
  ~Interruptible() { std::signal(SIGINT, previous); }

private:
  void (*previous)(int);
};

/// On stderr: one line that moves on a terminal, a line for each phase otherwise.
class ShowProgress {
public:
  explicit ShowProgress(double floatAccuracy) : floatAccuracy(floatAccuracy), live(llvm::sys::Process::StandardErrIsDisplayed()) {}
  ~ShowProgress() {
    if (live && !phase.empty())
      llvm::errs() << "\n";
  }
  void operator()(const SearchProgress &progress) {
    if (!live && phase == progress.phase)
      return;
    phase = progress.phase;
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    double left = progress.expected > progress.evaluated ? seconds / progress.evaluated * (progress.expected - progress.evaluated) : 0;
    std::string line = llvm::formatv("searching, {0}: {1} candidates in {2:f0} s, at most {3:f0} s left", phase, progress.evaluated, seconds, left).str();
    if (progress.best)
      line += llvm::formatv("; best {0:f2} % right, traffic {1:f4}", 100 * progress.best->relative * floatAccuracy,
                            progress.best->costs[Cost::Traffic]).str();
    llvm::errs() << (live ? "\r\x1b[K" : "") << line << (live ? "" : "\n");
  }

private:
  double floatAccuracy;
  bool live;
  std::string phase;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};

std::string describe(const SearchPoint &point) {
  return llvm::formatv("{0} of {1} samples right ({2:f2} % of float), traffic {3:f4}, {4} bytes of weights, {5} of activations", point.score.right,
                       point.score.count, 100 * point.relative, point.costs[Cost::Traffic], int64_t(point.costs[Cost::WeightBytes]),
                       int64_t(point.costs[Cost::ActivationBytes])).str();
}

constexpr double kTolerances[] = {0.01, 0.02, 0.05, 0.10};

void writePareto(ArrayRef<SearchPoint> points, const SearchSpace &space, Cost cost, llvm::raw_ostream &os) {
  std::vector<SearchPoint> front = paretoFront(points, cost);
  llvm::sort(front, [&](const SearchPoint &a, const SearchPoint &b) { return a.costs[cost] < b.costs[cost]; });
  auto quoted = [](std::string text) {
    std::string result = "\"";
    for (char c : text)
      result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + "\"";
  };
  os << "best_within,traffic,weight_bytes,activation_bytes,right,samples,relative_accuracy";
  for (const SearchSpace::StageSpace &stage : space.stages)
    os << "," << quoted(stage.name + " weights") << "," << quoted(stage.name + " activations");
  os << "\n";
  for (const SearchPoint &point : front) {
    std::string within;
    for (double tolerance : kTolerances)
      if (const SearchPoint *best = cheapestWithin(front, tolerance, cost); best && best->candidate == point.candidate)
        within += (within.empty() ? "" : " ") + llvm::formatv("{0:f0}%", 100 * tolerance).str();
    os << llvm::formatv("{0},{1:f6},{2},{3},{4},{5},{6:f6}", within, point.costs[Cost::Traffic], int64_t(point.costs[Cost::WeightBytes]),
                        int64_t(point.costs[Cost::ActivationBytes]), point.score.right, point.score.count, point.relative);
    for (auto [choice, stage] : llvm::zip_equal(point.candidate.stages, space.stages))
      os << "," << quoted(stage.weights.formatAt(choice.weights).str()) << "," << quoted(stage.activations.formatAt(choice.activations).str());
    os << "\n";
  }
}

/// A ladder whose every format can be had; `whyNot` tells what speaks against one.
llvm::Expected<Ladder> ladderOf(llvm::StringRef flag, llvm::StringRef text, llvm::function_ref<std::string(const NumberFormat &)> whyNot) {
  auto ladder = Ladder::parse(text);
  if (!ladder)
    return llvm::createStringError(flag + ": " + llvm::toString(ladder.takeError()));
  for (int integer = ladder->least.integer; integer <= ladder->most.integer; ++integer)
    for (int fraction = ladder->least.fraction; fraction <= ladder->most.fraction; ++fraction) {
      if (!ladder->holds({integer, fraction}))
        continue;
      auto format = parseFormat(ladder->formatAt({integer, fraction}));
      if (!format)
        return llvm::createStringError(flag + "=" + text + ": " + llvm::toString(format.takeError()));
      if (std::string why = whyNot(**format); !why.empty())
        return llvm::createStringError(flag + "=" + text + ": " + why);
    }
  return ladder;
}

} // namespace

LogicalResult Compilation::readLadders() {
  auto weights = ladderOf("--search-weights", options.search->weights, [](const NumberFormat &format) { return format.whyNotForWeights(); });
  auto values = ladderOf("--search-activations", options.search->activations, [](const NumberFormat &format) { return format.whyNotForValues(); });
  bool valid = true;
  if (weights)
    weightFormats = *weights;
  else
    valid = succeeded(fail(weights.takeError()));
  if (values)
    valueFormats = *values;
  else
    valid = succeeded(fail(values.takeError()));
  return success(valid);
}

LogicalResult Compilation::search() {
  const SearchOptions &wanted = *options.search;
  NetworkCosts network = networkCostsOf(*module, {});
  CandidateCostModel costModel(network.sublayers, stages, network.layers);
  SearchSpace space;
  for (const std::string &stage : costModel.stages())
    space.stages.push_back({stage, *weightFormats, *valueFormats});

  Interruptible interruptible;
  NativeEvaluatorOptions evaluatorOptions;
  evaluatorOptions.samples = wanted.evaluateWith, evaluatorOptions.labels = wanted.labels, evaluatorOptions.base = base;
  evaluatorOptions.stop = &interrupted;
  auto evaluator = NativeEvaluator::create(*module, costModel, space, evaluatorOptions);
  if (!evaluator)
    return fail(evaluator.takeError());
  auto floats = (*evaluator)->baseline();
  if (!floats)
    return fail(floats.takeError());
  Search search(space, costModel, **evaluator, wanted.goal);
  std::optional<SearchLog> log;
  if (!wanted.log.empty()) {
    auto hash = (*module)->getAttrOfType<StringAttr>("nn.model_hash");
    std::string identity = llvm::formatv("{0}, {1} of {2} right, {3} {4} {5}", hash ? hash.getValue() : options.input, floats->right, floats->count,
                                         wanted.weights, wanted.activations, toText(base.calibration)).str();
    auto opened = SearchLog::open(wanted.log, identity, search);
    if (!opened)
      return fail(opened.takeError());
    log = std::move(*opened);
  }
  search.onScore = [&](llvm::StringRef candidate, std::optional<Score> score, int64_t needed) {
    if (log)
      log->append(candidate, score, needed);
  };
  {
    ShowProgress show(floats->accuracy());
    if (!options.quiet)
      search.onProgress = [&](const SearchProgress &progress) { show(progress); };
    constexpr double largest = kTolerances[std::size(kTolerances) - 1];
    auto run = [&] {
      switch (wanted.method) {
      case SearchMethod::Guided:
        return search.guide();
      case SearchMethod::Descent:
        return search.descend(largest);
      case SearchMethod::Uniform:
        return search.tryUniform();
      }
      llvm_unreachable("all methods are covered");
    };
    if (llvm::Error error = run()) {
      if (!interrupted || search.points().empty())
        return fail(std::move(error));
      llvm::consumeError(std::move(error));
    }
  }
  search.onProgress = nullptr;
  const SearchPoint *best = search.best(), *written = best ? best : nearestFor(search.points(), wanted.goal);
  Policy policy = (*evaluator)->policyOf(written->candidate);
  if (failed(writeText([&](llvm::raw_ostream &os) { os << policy.toYaml(); })))
    return failure();
  if (!wanted.pareto.empty())
    if (llvm::Error error = quantization::writeText(wanted.pareto, [&](llvm::raw_ostream &os) {
          writePareto(search.points(), space, wanted.goal.minimize, os);
        }))
      return fail(std::move(error));
  if (!options.quiet)
    llvm::errs() << (interrupted ? "interrupted: the best of " : "the best of ") << search.numEvaluated() << " candidates: " << describe(*written)
                 << "; float has " << floats->right << "\n";
  if (!best)
    return fail("no candidate " + std::string(interrupted ? "so far " : "") + "stays within --max-drop and the budgets; " + options.output +
                " is the nearest: " + describe(*written));
  return success();
}

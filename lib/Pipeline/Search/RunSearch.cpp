//===- RunSearch.cpp - formats that nobody gave -----------------*- C++ -*-===//
//
// This file runs a search on a calibrated network and writes what it found: a policy, and a table of what could be had instead.
//
//===----------------------------------------------------------------------===//

#include "../Compilation.h"
#include "ParetoTable.h"
#include "SearchPlan.h"
#include "quantization/Assign/Confidence.h"
#include "quantization/Assign/PolicyCheck.h"
#include "quantization/Calibrate/Facts.h"
#include "quantization/Format/NumberFormat.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
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
  ShowProgress(Score floats, ScoreKind kind, SearchGoal goal)
      : floats(floats), kind(kind), goal(goal), live(llvm::sys::Process::StandardErrIsDisplayed()) {}
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
    std::string line = llvm::formatv("searching, {0}: {1} candidates in {2:f0} s", phase, progress.evaluated, seconds).str();
    if (left >= 0.5)
      line += llvm::formatv(", at most {0:f0} s left", left).str();
    if (progress.best)
      line += "; best " + describe(progress.best->score, floats, kind, goal.isConfident() ? std::optional(progress.best->bound) : std::nullopt) +
              llvm::formatv(", traffic {0:f4}", progress.best->costs[Cost::Traffic]).str();
    llvm::errs() << (live ? "\r\x1b[K" : "") << line << (live ? "" : "\n");
  }

private:
  Score floats;
  ScoreKind kind;
  SearchGoal goal;
  bool live;
  std::string phase;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
};

/// Of a candidate that does not meet the goal: what it keeps and what it fails. `bound` is of its accuracy, on the samples that count.
std::string whatFails(const SearchPoint &point, const SearchGoal &goal, ScoreKind kind, double bound) {
  static constexpr std::array<const char *, kNumCosts> flags = {"--max-traffic", "--max-weight-bytes", "--max-activation-bytes", "--max-latency"};
  std::string accuracy = kind == ScoreKind::Sqnr ? "--min-sqnr" : "--max-drop";
  std::vector<std::string> failed, kept;
  (SearchGoal::isWithin(bound, goal.maxDrop) ? kept : failed).push_back(accuracy);
  for (auto [flag, budget, cost] : llvm::zip_equal(flags, goal.budgets, point.costs.values))
    if (budget)
      (cost <= *budget ? kept : failed).push_back(flag);
  if (failed.empty()) // by samples held out; not by those that it was searched with
    return "keeps within the goal on samples held out alone";
  return "fails " + llvm::join(failed, ", ") + (kept.empty() ? "" : " and keeps within " + llvm::join(kept, ", "));
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

/// Whether `candidate` keeps a budget of bytes of values only where those of few bits share bytes.
bool needsPacking(Candidate candidate, const CandidateCostModel &costs, std::optional<double> budget) {
  for (Candidate::Choice &choice : candidate.stages)
    if (Ladder::bitsAt(choice.activations) < 8)
      choice.activations = {0, 8};
  return budget && costs.costsOf(candidate)[Cost::ActivationBytes] > *budget;
}

/// `95%`, `0.5%`.
std::string percent(double share) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g%%", 100 * share);
  return text;
}

/// What is wrong with samples that could not show the tolerance even if formats changed nothing.
llvm::Error checkShown(llvm::StringRef path, const SearchGoal &goal, const Score &floats, const Score &floatsHeldOut) {
  const double needed = rightToShow(goal.maxDrop, goal.confidence);
  if (!goal.isConfident() || std::min(floats.right, floatsHeldOut.right) >= needed)
    return llvm::Error::success();
  int64_t count = floats.count + floatsHeldOut.count;
  std::string text = llvm::formatv("{0}: {1} samples, of which half are held out, cannot show with a confidence of {2} that at most {3} is lost, even "
                                   "if formats changed nothing",
                                   path, count, percent(goal.confidence), percent(goal.maxDrop)).str();
  text += goal.maxDrop == 0 ? "; no number of them could" : "";
  if (floatsHeldOut.right > 0 && goal.maxDrop > 0)
    text += llvm::formatv("; that takes {0} or more", 2 * int64_t(std::ceil(needed / floatsHeldOut.accuracy() + 1)));
  double shown = std::ceil(1000 * leastDropShown(std::min(floats.right, floatsHeldOut.right), goal.confidence)) / 10;
  if (shown < 50)
    text += "; --max-drop=" + percent(shown / 100) + " could be shown";
  return llvm::createStringError(text + "; or give a lower --confidence: with 50% what these samples count is taken as true");
}

llvm::Error runMethod(Search &search, SearchMethod method) {
  switch (method) {
  case SearchMethod::Guided:
    return search.guide();
  case SearchMethod::Descent:
    return search.descend(kLargestTolerance);
  case SearchMethod::Uniform:
    return search.tryUniform();
  }
  llvm_unreachable("all methods are covered");
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
  SearchGoal goal = wanted.goal;
  if (wanted.score == ScoreKind::Sqnr)
    goal.confidence = 0.5; // noise is no count of samples
  NetworkCosts network = networkCostsOf(*module, {});
  CandidateCostModel costModel(network.sublayers, stages, network.layers);
  SearchSpace space;
  for (const std::string &stage : costModel.stages())
    space.stages.push_back({stage, *weightFormats, *valueFormats});

  Interruptible interruptible;
  NativeEvaluatorOptions evaluatorOptions;
  evaluatorOptions.samples = wanted.evaluateWith, evaluatorOptions.labels = wanted.labels, evaluatorOptions.base = base;
  evaluatorOptions.score = wanted.score, evaluatorOptions.mostBytes = wanted.memory, evaluatorOptions.stop = &interrupted;
  evaluatorOptions.holdOut = goal.isConfident();
  if (!options.quiet)
    llvm::errs() << "running the float network on " << llvm::sys::path::filename(wanted.evaluateWith) << "\n";
  auto native = NativeEvaluator::create(*module, costModel, space, evaluatorOptions);
  if (!native)
    return fail(native.takeError());
  const std::optional<double> &mostTime = goal.budgets[static_cast<size_t>(Cost::Latency)];
  bool isTimed = mostTime || goal.minimize == Cost::Latency;
  if (isTimed) {
    if (!options.quiet)
      llvm::errs() << "measuring kernels\n";
    auto table = (*native)->measureLatencies(costModel);
    if (!table)
      return fail(table.takeError());
    costModel.setLatencies(std::move(*table));
  }
  std::unique_ptr<Evaluator> given = wanted.replaceEvaluator ? wanted.replaceEvaluator(**native, space) : nullptr;
  Evaluator &evaluator = given ? *given : **native;
  constexpr const char *tooEarly = "interrupted before any candidate was evaluated, so nothing is written";
  auto floats = evaluator.baseline();
  auto floatsHeldOut = (*native)->baselineHeldOut();
  if (interrupted) {
    llvm::consumeError(floats.takeError());
    llvm::consumeError(floatsHeldOut.takeError());
    return fail(tooEarly);
  }
  if (llvm::Error error = llvm::joinErrors(floats.takeError(), floatsHeldOut.takeError()))
    return fail(std::move(error));
  if (floats->right > 0)
    if (llvm::Error error = checkShown(wanted.evaluateWith, goal, *floats, *floatsHeldOut))
      return fail(std::move(error));
  if (goal.isConfident())
    goal.heldOut = double(floatsHeldOut->count) / floats->count;
  Search search(space, costModel, evaluator, goal);
  std::optional<SearchLog> log;
  if (!wanted.log.empty()) {
    auto hash = (*module)->getAttrOfType<StringAttr>("nn.model_hash");
    std::string identity = llvm::formatv("{0}, {1} of {2} right{3}, {4} {5} {6}", hash ? hash.getValue() : options.input, floats->right, floats->count,
                                         goal.isConfident() ? llvm::formatv(" and {0} of {1} held out", floatsHeldOut->right, floatsHeldOut->count).str() : "",
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
  bool wasInterrupted = false;
  std::vector<std::pair<Candidate, std::string>> withoutIntegers; // and why
  auto scoreIntegers = [&](const Candidate &candidate) -> llvm::Expected<Score> {
    auto score = (*native)->scoreAsIntegers(candidate);
    if (score || interrupted || !goal.isConfident())
      return score;
    withoutIntegers.emplace_back(candidate, llvm::toString(score.takeError()));
    return (*native)->scoreHeldOut(candidate);
  };
  {
    ShowProgress show(*floats, wanted.score, goal);
    if (!options.quiet)
      search.onProgress = [&](const SearchProgress &progress) { show(progress); };
    // Interrupted or not, what was found is tried once as it will be run.
    auto go = [&](llvm::function_ref<llvm::Error()> work) -> llvm::Error {
      llvm::Error error = work();
      bool now = interrupted.exchange(false);
      wasInterrupted |= now;
      if (!error || !now)
        return error;
      llvm::consumeError(std::move(error));
      return search.points().empty() ? llvm::createStringError(tooEarly) : llvm::Error::success();
    };
    if (llvm::Error error = go([&] { return runMethod(search, wanted.method); }))
      return fail(std::move(error));
    if (goal.isConfident())
      if (llvm::Error error = go([&] { return search.confirm(*floatsHeldOut, scoreIntegers); }))
        return fail(std::move(error));
  }
  search.onProgress = nullptr;
  const SearchPoint *best = search.best(), *written = best ? best : search.nearest();
  std::string inWords = describe(written->score, *floats, wanted.score, goal.isConfident() ? std::optional(written->bound) : std::nullopt), tried;
  std::optional<double> boundTried = goal.isConfident() ? std::nullopt : std::optional(written->bound);
  const Score &floatsTried = goal.isConfident() ? *floatsHeldOut : *floats;
  if (written->heldOut) {
    boundTried = written->heldOut->bound;
    tried = describe(written->heldOut->score, floatsTried, wanted.score, written->heldOut->bound);
  } else if (auto score = scoreIntegers(written->candidate)) {
    if (goal.isConfident())
      boundTried = SearchGoal::boundOf(*score, floatsTried, goal.confidence);
    tried = describe(*score, floatsTried, wanted.score, goal.isConfident() ? boundTried : std::nullopt);
  } else
    withoutIntegers.emplace_back(written->candidate, llvm::toString(score.takeError()));
  std::string whyNoIntegers;
  for (const auto &[candidate, why] : withoutIntegers)
    if (candidate == written->candidate)
      whyNoIntegers = why;
  std::string where = goal.isConfident() ? " on samples held out, with a confidence of " + percent(goal.confidence) : "";
  if (!tried.empty())
    inWords += (whyNoIntegers.empty() ? "; as integers " : "; ") + tried + where;
  if (!whyNoIntegers.empty())
    inWords += "; not tried as integers: " + whyNoIntegers;
  inWords += "; " + describe(written->costs);
  std::optional<double> measured;
  if (isTimed) {
    auto time = (*native)->measureLatency(written->candidate);
    if (!time)
      return fail(time.takeError());
    measured = *time;
    inWords += llvm::formatv(", {0:f4} ms measured ({1:f4} as estimated)", *measured, written->costs[Cost::Latency]).str();
  }
  found.emplace();
  found->policy = (*native)->policyOf(written->candidate);
  if (needsPacking(written->candidate, costModel, wanted.goal.budgets[static_cast<size_t>(Cost::ActivationBytes)]))
    packWherePossible(found->policy, *module);
  found->comment = "# Found by a search with " + llvm::sys::path::filename(wanted.evaluateWith).str() + ": " + inWords + "\n";
  if (!wanted.pareto.empty())
    if (llvm::Error error = quantization::writeText(wanted.pareto, [&](llvm::raw_ostream &os) {
          bool asJson = StringRef(wanted.pareto).ends_with(".json");
          // Finalists were tried with the goal's tolerance.
          bool isWider = wanted.method == SearchMethod::Descent && !goal.isConfident();
          writePareto(search, space, goal, isWider ? std::max(kLargestTolerance, goal.maxDrop) : goal.maxDrop, wanted.score, asJson, os);
        }))
      return fail(std::move(error));
  if (!options.quiet) {
    llvm::errs() << (wasInterrupted ? "interrupted: the best of " : "the best of ") << search.numEvaluated() << " candidates: " << inWords;
    if (wanted.score == ScoreKind::Classes)
      llvm::errs() << "; float has " << floats->right << (goal.isConfident() ? " and " + std::to_string(floatsHeldOut->right) : "");
    llvm::errs() << "\n";
  }
  if (best && mostTime && *measured > *mostTime)
    found->whyNot = options.output + " takes more time than --max-latency allows, though by the estimate it should not: " + inWords;
  if (!best)
    found->whyNot = "no candidate " + std::string(wasInterrupted ? "so far " : "") + "stays within " +
                    (wanted.score == ScoreKind::Sqnr ? "--min-sqnr" : "--max-drop") + " and the budgets" +
                    (goal.isConfident() ? " with a confidence of " + percent(goal.confidence) : "") + "; " + options.output +
                    " is the nearest, which " + whatFails(*written, goal, wanted.score, boundTried.value_or(written->bound)) + ": " + inWords;
  return success();
}

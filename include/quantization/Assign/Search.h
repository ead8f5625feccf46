//===- Search.h - formats for every stage under budgets ---------*- C++ -*-===//
//
// This file declares the search for number formats: per stage one for weights and one for values, under a tolerance for accuracy and budgets
// for bytes. It knows neither IR nor how a network is run: whoever evaluates candidates does. docs/Search.md explains the methods.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_ASSIGN_SEARCH_H
#define QUANTIZATION_ASSIGN_SEARCH_H

#include "quantization/Assign/Costs.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <array>
#include <cmath>
#include <functional>
#include <tuple>

namespace quantization {

//===----------------------------------------------------------------------===//
// What there is to choose from
//===----------------------------------------------------------------------===//

/// A place on a ladder; smaller is cheaper in both directions.
struct Rung {
  int integer = 0;  ///< of `q<I>.<F>`: I; else 0
  int fraction = 0; ///< of `q<I>.<F>`: F; else the width
  bool operator==(const Rung &other) const { return integer == other.integer && fraction == other.fraction; }
};

/// Formats of one family in order: `int2..int8`, or with two directions `q1.0..q4.8{round=half-away}`.
struct Ladder {
  FormatSpec lowest, highest;
  bool hasPoint = false;
  Rung least, most;

  static llvm::Expected<Ladder> parse(llvm::StringRef text);
  FormatSpec formatAt(Rung rung) const;
  /// Bits of a code.
  static int64_t bitsAt(Rung rung) { return rung.integer + rung.fraction; }
  bool holds(Rung rung) const;
};

struct SearchSpace {
  struct StageSpace {
    std::string name;
    Ladder weights, activations;
  };
  std::vector<StageSpace> stages;
};

/// Formats for every stage.
struct Candidate {
  struct Choice {
    Rung weights, activations;
    bool operator==(const Choice &other) const { return weights == other.weights && activations == other.activations; }
  };
  std::vector<Choice> stages;

  bool operator==(const Candidate &other) const { return stages == other.stages; }
  /// `int8/q1.3 int6/q2.0`: what names a candidate in logs and tables.
  std::string str(const SearchSpace &space) const;
};

/// One step down of one parameter: the integer or fraction bits of a stage's weights or activations.
struct Move {
  size_t stage = 0;
  bool ofWeights = false, ofInteger = false;
  std::tuple<size_t, bool, bool> order() const { return {stage, ofWeights, ofInteger}; }
  bool operator==(const Move &other) const { return order() == other.order(); }
};

/// All steps down from `from`, in the order of stages; a width never becomes less than one bit.
std::vector<Move> movesFrom(const SearchSpace &space, const Candidate &from);
Candidate apply(const Move &move, Candidate to);

//===----------------------------------------------------------------------===//
// What a candidate costs, and how good it is
//===----------------------------------------------------------------------===//

enum class Cost { Traffic, WeightBytes, ActivationBytes, Latency };
constexpr size_t kNumCosts = 4;

struct CandidateCosts {
  /// Traffic: batched, as a ratio to 32 bits. Latency: milliseconds per sample, 0 where nothing has been measured.
  std::array<double, kNumCosts> values = {};
  double operator[](Cost cost) const { return values[static_cast<size_t>(cost)]; }
};

/// What was measured of stages. The time of one depends on the widths of its weights and of the values that it reads.
struct LatencyTable {
  std::vector<size_t> reads;                              ///< of each stage: the one whose values it reads
  std::map<std::pair<int64_t, int64_t>, size_t> classes;  ///< of widths of weights and of values
  std::vector<std::vector<double>> milliseconds;          ///< by class and stage, per sample
};

/// Costs of candidates from shapes; no sample is needed, but for latencies.
class CandidateCostModel {
public:
  /// `layers` are those with weights. Stages of a candidate are those of `groupIntoStages` that have a layer with weights.
  CandidateCostModel(std::vector<Sublayer> sublayers, std::vector<StageRule> rules, std::vector<LayerWork> layers);

  /// Names of the stages that a candidate has formats for.
  const std::vector<std::string> &stages() const { return names; }
  /// The stage of a sublayer; none where nothing in its stage has weights.
  std::optional<size_t> stageOf(llvm::StringRef sublayer) const;
  CandidateCosts costsOf(const Candidate &candidate) const;
  void setLatencies(LatencyTable table) { latencies = std::move(table); }

private:
  std::vector<Sublayer> sublayers;
  std::vector<StageRule> rules;
  std::vector<LayerWork> layers;
  std::vector<std::string> names;
  llvm::StringMap<size_t> stageNumbers;
  std::optional<LatencyTable> latencies;
};

/// How many samples are right: classes as labelled, or as the float network has them. Evaluators may count other things of which more is
/// better, such as the share of a result that is not noise.
struct Score {
  int64_t right = 0, count = 0;
  std::optional<int64_t> lost = std::nullopt; ///< those of the wrong ones that the float network is right on, where that is known
  double accuracy() const { return count ? double(right) / count : 0; }
};

/// What candidates are judged by: classes, or the noise of results beside the float network's. Of the latter `Score` counts what is no noise,
/// in parts of `kSqnrUnits`, of the worst output.
enum class ScoreKind { Classes, Sqnr };
constexpr int64_t kSqnrUnits = 1000000000;
/// The share that is lost at a signal-to-noise ratio, and back.
inline double dropOfSqnr(double decibels) { return std::pow(10, -decibels / 10); }
inline double sqnrOf(const Score &score) { return -10 * std::log10(std::max(1.0 / kSqnrUnits, 1 - score.accuracy())); }

/// Tells how good candidates are. The one of the compiler runs the network in this process; an embedder can give another, which may spread
/// a batch over many machines: candidates of a batch do not depend on each other. Equal candidates must get equal scores.
class Evaluator {
public:
  virtual ~Evaluator() = default;
  /// The score of the float network on the same samples.
  virtual llvm::Expected<Score> baseline() = 0;
  /// One score for each candidate; none for one that has fewer than `needed` right, which may be given up as soon as that is sure. To stop
  /// early it returns an error; what it was asked for is then not known. A goal with a confidence needs to know what is `lost`.
  virtual llvm::Expected<std::vector<std::optional<Score>>> evaluate(llvm::ArrayRef<Candidate> candidates, int64_t needed) = 0;
  /// Says that what comes next differs little from `candidate`: an evaluator may keep what it computes for that one.
  virtual void startFrom(const Candidate &candidate) {}
};

/// A candidate with what is known of it.
struct SearchPoint {
  Candidate candidate;
  CandidateCosts costs;
  Score score;
  double relative = 0; ///< accuracy, to that of the float network
  double bound = 0;    ///< what that is at least, with the confidence of the goal
  struct HeldOut {
    Score score;
    double bound;
  };
  std::optional<HeldOut> heldOut; ///< of a finalist: on samples that the search has not seen
};

//===----------------------------------------------------------------------===//
// Selection
//===----------------------------------------------------------------------===//

/// What is asked for.
struct SearchGoal {
  double maxDrop = 0.01;    ///< the accuracy, relative to float, is no less than 1 - maxDrop,
  double confidence = 0.95; ///< as samples show with this; at 0.5 what they count is taken as true
  double heldOut = 0;       ///< for each sample searched with; where there are some, they have to show it
  bool isConfident() const { return confidence > 0.5; }
  /// What the accuracy relative to float is at least, as samples show, or `weight` times as many if they counted the same.
  static double boundOf(const Score &score, const Score &floats, double confidence, double weight = 1);
  /// The same while searching: what samples held out would show.
  double boundOf(const Score &score, const Score &floats) const {
    return boundOf(score, floats, confidence, heldOut > 0 ? heldOut : 1);
  }
  /// Whether a relative accuracy, or its bound, keeps within a loss; last bits do not count.
  static bool isWithin(double relative, double drop) { return relative >= 1 - drop - 1e-12; }
  /// The least samples that may keep within the loss, where as few as can be are lost.
  int64_t neededOf(const Score &floats) const;
  /// The same for what samples count.
  static int64_t neededFor(double drop, const Score &floats);
  std::array<std::optional<double>, kNumCosts> budgets; ///< each cost is at most that
  Cost minimize = Cost::Traffic;

  bool withinBudgets(const CandidateCosts &costs) const;
  /// The largest ratio of a cost to its budget; 0 without budgets.
  double excess(const CandidateCosts &costs) const;
};

/// The points that no other has at most the cost and at least the bound of, in the order given; of equals the later stays. What exceeds budgets
/// more beats nothing.
std::vector<SearchPoint> paretoFront(llvm::ArrayRef<SearchPoint> points, const SearchGoal &goal);

/// The cheapest point that meets the goal, or null; of equally cheap ones the one with the highest bound, of equals the last.
const SearchPoint *bestFor(llvm::ArrayRef<SearchPoint> points, const SearchGoal &goal);

/// Where none does: of those accurate enough the one closest to the budgets; where none is accurate enough, the most accurate. Of equals the
/// cheapest.
const SearchPoint *nearestFor(llvm::ArrayRef<SearchPoint> points, const SearchGoal &goal);

/// Numbers of points to try on other samples: the front of those that meet the goal, the dearest first, each clearly cheaper than the one before.
/// Those that are the same for all stages, or else the others that cost less than `below`.
std::vector<size_t> finalistsOf(llvm::ArrayRef<SearchPoint> points, const SearchGoal &goal, bool areUniform, double below = HUGE_VAL);

//===----------------------------------------------------------------------===//
// Methods
//===----------------------------------------------------------------------===//

struct SearchProgress {
  std::string phase;
  size_t evaluated = 0; ///< candidates, so far
  size_t expected = 0;  ///< an estimate of how many there will be
  const SearchPoint *best = nullptr;
};

class Search {
public:
  Search(SearchSpace space, const CandidateCostModel &costs, Evaluator &evaluator, SearchGoal goal)
      : space(std::move(space)), costs(costs), evaluator(evaluator), goal(goal) {}

  /// A score from an earlier search on the same network and samples, so that nothing is evaluated twice; or that fewer than `needed` are right.
  void remember(llvm::StringRef candidate, std::optional<Score> score, int64_t needed = 0);
  /// Called for each score that an evaluator gives, in an order that is the same each time.
  std::function<void(llvm::StringRef candidate, std::optional<Score> score, int64_t needed)> onScore;
  std::function<void(const SearchProgress &)> onProgress;

  /// The cheapest configuration that meets the goal among those with the same formats for all stages.
  llvm::Error tryUniform();
  /// The slowest descent of 1511.05236: from the smallest uniform configuration with hardly any loss, always on to the most accurate of
  /// the neighbours that are cheaper, until the loss is past `largestTolerance`.
  llvm::Error descend(double largestTolerance);
  /// Measures what each format costs each stage alone, solves for the formats that minimize the cost if such losses add up, and verifies and
  /// refines that by real evaluations. Never worse than tryUniform.
  llvm::Error guide();

  /// Thousands of candidates have been tried on the same samples, so the best of them have been lucky there. Tries finalists on others: first those
  /// that are the same for all stages, then others that cost less, the dearest first, until one of a sequence does not keep within the goal; what
  /// comes behind it is not tried. So a bad one is taken only if the first bad one of a sequence passes. From then on `best` is what has passed.
  llvm::Error confirm(const Score &floatsHeldOut, llvm::function_ref<llvm::Expected<Score>(const Candidate &)> scoreHeldOut);

  /// Every candidate with a score, also where a method has failed. Those that were given up are not among them.
  llvm::ArrayRef<SearchPoint> points() const { return found; }
  size_t numEvaluated() const { return known.size(); }
  const SearchPoint *best() const { return bestWithin(goal.maxDrop); }
  /// The same for another loss, no greater than that of the goal.
  const SearchPoint *bestWithin(double maxDrop) const;
  /// Where nothing is best: of finalists the one with the highest bound on other samples, else `nearestFor`.
  const SearchPoint *nearest() const;

private:
  /// What is known of a candidate: its score, or else that it has fewer than `below` right.
  struct Known {
    std::optional<Score> score;
    int64_t below = 0;
  };
  SearchSpace space;
  const CandidateCostModel &costs;
  Evaluator &evaluator;
  SearchGoal goal;
  std::optional<Score> floats;
  llvm::StringMap<Known> known;
  llvm::StringMap<size_t> numbers; ///< of candidates among `found`
  std::vector<SearchPoint> found;
  SearchProgress progress;
  std::optional<std::array<std::vector<size_t>, 2>> finalists; ///< numbers of points, in the order in which they are tried

  llvm::Error start();
  bool holds(const std::optional<SearchPoint> &point) const { return point && SearchGoal::isWithin(point->bound, goal.maxDrop); }
  Candidate dearest() const;
  /// The points of these candidates; none where fewer than `needed` are right.
  llvm::Expected<std::vector<std::optional<SearchPoint>>> evaluate(llvm::ArrayRef<Candidate> candidates, int64_t needed);
  /// The smallest configuration that is the same for all stages and loses hardly anything.
  llvm::Expected<SearchPoint> smallestUniform();
  llvm::Error descendFrom(SearchPoint at, double largestTolerance);
  /// Steps down, several at once, until the goal allows none.
  llvm::Error refine(SearchPoint at);
  bool isWorthwhile(const SearchPoint &from, const CandidateCosts &to) const;
  /// Steps that lower the cost, or a budget that is exceeded.
  std::vector<Move> worthwhileFrom(const SearchPoint &at) const;
};

/// One of the options of a slot that a solver chooses from.
struct SlotOption {
  int64_t loss = 0; ///< samples
  std::array<double, kNumCosts> costs = {};
};

/// The option of each slot such that the sum of `minimize` is least, losses add up to `mostLoss` at most and other costs to their budgets;
/// exact. Empty where there is none.
std::vector<size_t> solveBudget(llvm::ArrayRef<std::vector<SlotOption>> slots, int64_t mostLoss, const SearchGoal &goal);

//===----------------------------------------------------------------------===//
// A log, to go on from
//===----------------------------------------------------------------------===//

/// Appends each evaluated candidate to a file, so that a search that was stopped goes on where it was.
class SearchLog {
public:
  /// Opens or begins the log of a search that `identity` (network, samples) tells from others; the error says what does not fit. What it
  /// holds already is handed to `search`.
  static llvm::Expected<SearchLog> open(llvm::StringRef path, llvm::StringRef identity, Search &search);
  void append(llvm::StringRef candidate, std::optional<Score> score, int64_t needed);

private:
  std::shared_ptr<llvm::raw_ostream> stream;
};

} // namespace quantization

#endif // QUANTIZATION_ASSIGN_SEARCH_H

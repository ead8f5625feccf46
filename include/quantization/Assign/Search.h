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
#include "llvm/Support/raw_ostream.h"
#include <array>
#include <cmath>
#include <functional>

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
};

/// All steps down from `from`, in the order of stages; a width never becomes less than one bit.
std::vector<Move> movesFrom(const SearchSpace &space, const Candidate &from);
Candidate apply(const Move &move, Candidate to);

//===----------------------------------------------------------------------===//
// What a candidate costs, and how good it is
//===----------------------------------------------------------------------===//

enum class Cost { Traffic, WeightBytes, ActivationBytes };
constexpr size_t kNumCosts = 3;

struct CandidateCosts {
  std::array<double, kNumCosts> values = {}; ///< traffic: batched, as a ratio to 32 bits
  double operator[](Cost cost) const { return values[static_cast<size_t>(cost)]; }
};

/// Costs of candidates from shapes; no sample is needed.
class CandidateCostModel {
public:
  /// `layers` are those with weights. Stages of a candidate are those of `groupIntoStages` that have a layer with weights.
  CandidateCostModel(std::vector<Sublayer> sublayers, std::vector<StageRule> rules, std::vector<LayerWork> layers);

  /// Names of the stages that a candidate has formats for.
  const std::vector<std::string> &stages() const { return names; }
  /// The stage of a sublayer; none where nothing in its stage has weights.
  std::optional<size_t> stageOf(llvm::StringRef sublayer) const;
  CandidateCosts costsOf(const Candidate &candidate) const;

private:
  std::vector<Sublayer> sublayers;
  std::vector<StageRule> rules;
  std::vector<LayerWork> layers;
  std::vector<std::string> names;
  llvm::StringMap<size_t> stageNumbers;
};

/// How many samples are right: classes as labelled, or as the float network has them.
struct Score {
  int64_t right = 0, count = 0;
  double accuracy() const { return count ? double(right) / count : 0; }
};

/// Tells how good candidates are. The one of the compiler runs the network in this process; an embedder can give another, which may spread
/// a batch over many machines: candidates of a batch do not depend on each other. Equal candidates must get equal scores.
class Evaluator {
public:
  virtual ~Evaluator() = default;
  /// The score of the float network on the same samples.
  virtual llvm::Expected<Score> baseline() = 0;
  /// One score for each candidate. To stop early it returns an error; what it was asked for is then not known.
  virtual llvm::Expected<std::vector<Score>> evaluate(llvm::ArrayRef<Candidate> candidates) = 0;
};

/// A candidate with what is known of it.
struct SearchPoint {
  Candidate candidate;
  CandidateCosts costs;
  Score score;
  double relative = 0; ///< accuracy, to that of the float network
};

//===----------------------------------------------------------------------===//
// Selection
//===----------------------------------------------------------------------===//

/// What is asked for.
struct SearchGoal {
  double maxDrop = 0.01; ///< the accuracy, relative to float, stays above 1 - maxDrop
  std::array<std::optional<double>, kNumCosts> budgets; ///< each cost is at most that
  Cost minimize = Cost::Traffic;

  bool withinBudgets(const CandidateCosts &costs) const;
  /// The largest ratio of a cost to its budget; 0 without budgets.
  double excess(const CandidateCosts &costs) const;
};

/// The points that no other has at most the cost and at least the accuracy of, in the order given; of equals the later stays.
std::vector<SearchPoint> paretoFront(llvm::ArrayRef<SearchPoint> points, Cost cost);

/// The cheapest point whose relative accuracy is above 1 - tolerance; of equally cheap ones the last. Null where there is none.
const SearchPoint *cheapestWithin(llvm::ArrayRef<SearchPoint> points, double tolerance, Cost cost);

/// The cheapest point that meets the goal, or null.
const SearchPoint *bestFor(llvm::ArrayRef<SearchPoint> points, const SearchGoal &goal);

/// Where none does: of those accurate enough the one closest to the budgets; where none is accurate enough, the most accurate.
const SearchPoint *nearestFor(llvm::ArrayRef<SearchPoint> points, const SearchGoal &goal);

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

  /// Scores from an earlier search on the same network and samples; nothing is evaluated twice.
  void remember(llvm::StringRef candidate, Score score) { known[candidate] = score; }
  /// Called for each candidate that is evaluated, in an order that is the same each time.
  std::function<void(const SearchPoint &)> onPoint;
  std::function<void(const SearchProgress &)> onProgress;

  /// The slowest descent of 1511.05236: from the smallest uniform configuration with hardly any loss, always on to the most accurate of
  /// the neighbours that are cheaper, until the loss is past `largestTolerance`.
  llvm::Error descend(double largestTolerance);
  /// Measures what each format costs each stage alone, solves for the formats that minimize the cost if such losses add up, and verifies and
  /// refines that by real evaluations.
  llvm::Error guide();

  /// Everything evaluated so far, also where a method has failed.
  llvm::ArrayRef<SearchPoint> points() const { return found; }
  const SearchPoint *best() const { return bestFor(found, goal); }

private:
  SearchSpace space;
  const CandidateCostModel &costs;
  Evaluator &evaluator;
  SearchGoal goal;
  std::optional<Score> floats;
  llvm::StringMap<Score> known;
  llvm::StringMap<size_t> numbers; ///< of candidates among `found`
  std::vector<SearchPoint> found;
  SearchProgress progress;

  llvm::Error start();
  /// The points of these candidates.
  llvm::Expected<std::vector<SearchPoint>> evaluate(llvm::ArrayRef<Candidate> candidates);
  /// The smallest configuration that is the same for all stages and loses less than a thousandth.
  llvm::Expected<SearchPoint> smallestUniform();
  llvm::Error descendFrom(SearchPoint at, double largestTolerance);
  bool isWorthwhile(const SearchPoint &from, const CandidateCosts &to) const;
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
  void append(llvm::StringRef candidate, Score score);

private:
  std::shared_ptr<llvm::raw_ostream> stream;
  llvm::StringSet<> held;
};

} // namespace quantization

#endif // QUANTIZATION_ASSIGN_SEARCH_H

//===- ParetoTable.cpp - what could be had instead --------------*- C++ -*-===//
//
// This file writes the candidates that no other beats in both cost and accuracy, and says in words what one costs.
//
//===----------------------------------------------------------------------===//

#include "ParetoTable.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"

using namespace quantization;

std::string quantization::describe(const Score &score, const Score &floats, ScoreKind kind, std::optional<double> bound) {
  if (kind == ScoreKind::Sqnr)
    return llvm::formatv("{0:f2} dB above the noise", sqnrOf(score)).str();
  // A bound is no more than what it says.
  std::string atLeast = bound ? llvm::formatv(", at least {0:f2} %", std::floor(1e4 * *bound + 1e-7) / 100).str() : "";
  return llvm::formatv("{0} of {1} samples right ({2:f2} % of float{3})", score.right, score.count, 100 * score.accuracy() / floats.accuracy(), atLeast).str();
}

std::string quantization::describe(const CandidateCosts &costs) {
  return llvm::formatv("traffic {0:f4}, {1} bytes of weights, {2} of activations", costs[Cost::Traffic], int64_t(costs[Cost::WeightBytes]),
                       int64_t(costs[Cost::ActivationBytes])).str();
}

static std::string quoted(std::string text) {
  std::string result = "\"";
  for (char c : text)
    result += c == '"' ? std::string("\"\"") : std::string(1, c);
  return result + "\"";
}

static void writeCsv(llvm::ArrayRef<SearchPoint> front, llvm::function_ref<std::vector<double>(const SearchPoint &)> withinOf,
                     const SearchSpace &space, const SearchGoal &goal, llvm::raw_ostream &os) {
  bool isTimed = llvm::any_of(front, [](const SearchPoint &point) { return point.costs[Cost::Latency] > 0; });
  os << "best_within,traffic,weight_bytes,activation_bytes," << (isTimed ? "milliseconds," : "") << "right,samples,relative_accuracy";
  if (goal.isConfident())
    os << ",relative_at_least,held_out_right,held_out_samples,held_out_at_least";
  for (const SearchSpace::StageSpace &stage : space.stages)
    os << "," << quoted(stage.name + " weights") << "," << quoted(stage.name + " activations");
  os << "\n";
  for (const SearchPoint &point : front) {
    std::string within;
    for (double tolerance : withinOf(point))
      within += (within.empty() ? "" : " ") + llvm::formatv("{0:f0}%", tolerance).str();
    os << llvm::formatv("{0},{1:f6},{2},{3},", within, point.costs[Cost::Traffic], int64_t(point.costs[Cost::WeightBytes]),
                        int64_t(point.costs[Cost::ActivationBytes]));
    if (isTimed)
      os << llvm::formatv("{0:f6},", point.costs[Cost::Latency]);
    os << llvm::formatv("{0},{1},{2:f6}", point.score.right, point.score.count, point.relative);
    if (goal.isConfident()) {
      os << llvm::formatv(",{0:f6},", point.bound);
      if (point.heldOut)
        os << llvm::formatv("{0},{1},{2:f6}", point.heldOut->score.right, point.heldOut->score.count, point.heldOut->bound);
      else
        os << ",,";
    }
    for (auto [choice, stage] : llvm::zip_equal(point.candidate.stages, space.stages))
      os << "," << quoted(stage.weights.formatAt(choice.weights).str()) << "," << quoted(stage.activations.formatAt(choice.activations).str());
    os << "\n";
  }
}

static void writeJson(llvm::ArrayRef<SearchPoint> front, llvm::function_ref<std::vector<double>(const SearchPoint &)> withinOf,
                      const SearchSpace &space, const SearchGoal &goal, ScoreKind score, llvm::raw_ostream &os) {
  llvm::json::Array candidates;
  for (const SearchPoint &point : front) {
    llvm::json::Array stages;
    for (auto [choice, stage] : llvm::zip_equal(point.candidate.stages, space.stages))
      stages.push_back(llvm::json::Object{{"name", stage.name},
                                          {"weights", stage.weights.formatAt(choice.weights).str()},
                                          {"activations", stage.activations.formatAt(choice.activations).str()}});
    llvm::json::Object candidate{{"best_within_percent", llvm::json::Array(withinOf(point))},
                                 {"traffic", point.costs[Cost::Traffic]},
                                 {"weight_bytes", int64_t(point.costs[Cost::WeightBytes])},
                                 {"activation_bytes", int64_t(point.costs[Cost::ActivationBytes])},
                                 {"relative_accuracy", point.relative},
                                 {"stages", std::move(stages)}};
    if (score == ScoreKind::Sqnr)
      candidate["sqnr_db"] = sqnrOf(point.score);
    else
      candidate["right"] = point.score.right, candidate["samples"] = point.score.count;
    if (goal.isConfident())
      candidate["relative_at_least"] = point.bound;
    if (point.heldOut)
      candidate["held_out"] = llvm::json::Object{{"right", point.heldOut->score.right},
                                                 {"samples", point.heldOut->score.count},
                                                 {"relative_at_least", point.heldOut->bound}};
    if (point.costs[Cost::Latency] > 0)
      candidate["milliseconds"] = point.costs[Cost::Latency];
    candidates.push_back(std::move(candidate));
  }
  os << llvm::formatv("{0:2}", llvm::json::Value(llvm::json::Object{{"schema", 1}, {"candidates", std::move(candidates)}})) << "\n";
}

void quantization::writePareto(const Search &search, const SearchSpace &space, const SearchGoal &goal, double largest, ScoreKind score,
                               bool asJson, llvm::raw_ostream &os) {
  std::vector<SearchPoint> front = paretoFront(search.points(), goal);
  std::vector<std::pair<double, Candidate>> marks; // percent
  for (double tolerance : kTolerances)
    if (const SearchPoint *best = tolerance <= largest ? search.bestWithin(tolerance) : nullptr) {
      marks.push_back({std::round(100 * tolerance), best->candidate});
      // What is best on other samples may be beaten on those searched with.
      if (llvm::none_of(front, [&](const SearchPoint &point) { return point.candidate == best->candidate; }))
        front.push_back(*best);
    }
  llvm::sort(front, [&](const SearchPoint &a, const SearchPoint &b) { return a.costs[goal.minimize] < b.costs[goal.minimize]; });
  auto withinOf = [&](const SearchPoint &point) {
    std::vector<double> within;
    for (const auto &[percent, candidate] : marks)
      if (candidate == point.candidate)
        within.push_back(percent);
    return within;
  };
  if (asJson)
    writeJson(front, withinOf, space, goal, score, os);
  else
    writeCsv(front, withinOf, space, goal, os);
}

//===- Descent.cpp - the slowest descent ------------------------*- C++ -*-===//
//
// This file evaluates candidates, each once, and walks down from the smallest uniform configuration as 1511.05236 does.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Search.h"

namespace quantization {

llvm::Error Search::start() {
  if (floats)
    return llvm::Error::success();
  auto score = evaluator.baseline();
  if (!score)
    return score.takeError();
  if (score->right == 0)
    return llvm::createStringError("the float network is wrong on all %lld samples, so there is no accuracy to keep; check the labels",
                                   static_cast<long long>(score->count));
  floats = *score;
  return llvm::Error::success();
}

llvm::Expected<std::vector<SearchPoint>> Search::evaluate(llvm::ArrayRef<Candidate> candidates) {
  // A few at a time, so that little is lost when somebody interrupts.
  constexpr size_t atOnce = 16;
  std::vector<SearchPoint> points;
  for (; !candidates.empty(); candidates = candidates.drop_front(std::min(atOnce, candidates.size()))) {
    llvm::ArrayRef<Candidate> some = candidates.take_front(atOnce);
    std::vector<Candidate> missing;
    llvm::StringSet<> asked;
    for (const Candidate &candidate : some)
      if (std::string name = candidate.str(space); !known.count(name) && asked.insert(name).second)
        missing.push_back(candidate);
    if (!missing.empty()) {
      auto scores = evaluator.evaluate(missing);
      if (!scores)
        return scores.takeError();
      for (auto [candidate, score] : llvm::zip_equal(missing, *scores))
        known[candidate.str(space)] = score;
    }
    for (const Candidate &candidate : some) {
      std::string name = candidate.str(space);
      auto [number, isNew] = numbers.try_emplace(name, found.size());
      if (isNew) {
        Score score = known[name];
        found.push_back({candidate, costs.costsOf(candidate), score, score.accuracy() / floats->accuracy()});
        if (onPoint)
          onPoint(found.back());
      }
      points.push_back(found[number->second]);
    }
    progress.evaluated = found.size();
    progress.best = best();
    if (onProgress)
      onProgress(progress);
  }
  return points;
}

llvm::Expected<SearchPoint> Search::smallestUniform() {
  progress.phase = "uniform configurations";
  Candidate top;
  for (const SearchSpace::StageSpace &stage : space.stages)
    top.stages.push_back({stage.weights.most, stage.activations.most});
  constexpr double mostLoss = 0.001;
  SearchPoint at;
  if (auto points = evaluate(top))
    at = points->front();
  else
    return points.takeError();
  // One direction after the other: all stages go down together, those at their end stay.
  for (auto [ofWeights, ofInteger] : {std::pair(false, false), {false, true}, {true, false}, {true, true}}) {
    std::vector<Candidate> way;
    for (Candidate next = at.candidate;;) {
      bool moved = false;
      for (size_t stage = 0; stage < space.stages.size(); ++stage) {
        Candidate lower = apply({stage, ofWeights, ofInteger}, next);
        const Ladder &ladder = ofWeights ? space.stages[stage].weights : space.stages[stage].activations;
        if (!ladder.holds(ofWeights ? lower.stages[stage].weights : lower.stages[stage].activations))
          continue;
        next = std::move(lower);
        moved = true;
      }
      if (!moved)
        break;
      way.push_back(next);
    }
    // A few at a time: evaluators have more than one thread.
    constexpr size_t atOnce = 4;
    for (size_t i = 0; i < way.size(); i += atOnce) {
      size_t count = std::min(atOnce, way.size() - i), passed = 0;
      progress.expected = found.size() + count;
      auto points = evaluate(llvm::ArrayRef(way).slice(i, count));
      if (!points)
        return points.takeError();
      while (passed < count && (*points)[passed].relative > 1 - mostLoss)
        at = (*points)[passed++];
      if (passed < count)
        break;
    }
  }
  return at;
}

bool Search::isWorthwhile(const SearchPoint &from, const CandidateCosts &to) const {
  if (to[goal.minimize] < from.costs[goal.minimize])
    return true;
  for (size_t cost = 0; cost < kNumCosts; ++cost)
    if (goal.budgets[cost] && from.costs.values[cost] > *goal.budgets[cost] && to.values[cost] < from.costs.values[cost])
      return true;
  return false;
}

llvm::Error Search::descendFrom(SearchPoint at, double largestTolerance) {
  progress.phase = "descent";
  while (true) {
    std::vector<Candidate> candidates;
    size_t levels = 0;
    for (const Move &move : movesFrom(space, at.candidate)) {
      Candidate next = apply(move, at.candidate);
      if (!isWorthwhile(at, costs.costsOf(next)))
        continue;
      candidates.push_back(std::move(next));
      const Candidate::Choice &choice = at.candidate.stages[move.stage];
      Rung rung = move.ofWeights ? choice.weights : choice.activations;
      const Ladder &ladder = move.ofWeights ? space.stages[move.stage].weights : space.stages[move.stage].activations;
      levels += move.ofInteger ? rung.integer - ladder.least.integer : rung.fraction - ladder.least.fraction;
    }
    if (candidates.empty())
      return llvm::Error::success();
    // As if every step down were taken, with fewer and fewer to choose from: an upper bound, as accuracy ends the walk earlier.
    progress.expected = found.size() + candidates.size() * (levels + 1) / 2;
    auto points = evaluate(candidates);
    if (!points)
      return points.takeError();
    // The most accurate; of equals the one that saves most.
    const SearchPoint *next = nullptr;
    for (const SearchPoint &point : *points)
      if (!next || point.relative > next->relative ||
          (point.relative == next->relative && point.costs[goal.minimize] < next->costs[goal.minimize]))
        next = &point;
    if (next->relative <= 1 - largestTolerance)
      return llvm::Error::success();
    at = *next;
  }
}

llvm::Error Search::descend(double largestTolerance) {
  if (llvm::Error error = start())
    return error;
  auto at = smallestUniform();
  if (!at)
    return at.takeError();
  return descendFrom(std::move(*at), std::max(largestTolerance, goal.maxDrop));
}

} // namespace quantization

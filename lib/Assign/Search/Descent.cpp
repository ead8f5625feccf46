//===- Descent.cpp - down step by step --------------------------*- C++ -*-===//
//
// This file walks down from a configuration: the slowest way, as 1511.05236 does, or several steps at once.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Search.h"

namespace quantization {

llvm::Error Search::descendFrom(SearchPoint at, double largestTolerance) {
  progress.phase = "descent";
  while (true) {
    std::vector<Candidate> candidates;
    size_t levels = 0;
    for (const Move &move : worthwhileFrom(at)) {
      candidates.push_back(apply(move, at.candidate));
      const Candidate::Choice &choice = at.candidate.stages[move.stage];
      Rung rung = move.ofWeights ? choice.weights : choice.activations;
      const Ladder &ladder = move.ofWeights ? space.stages[move.stage].weights : space.stages[move.stage].activations;
      levels += move.ofInteger ? rung.integer - ladder.least.integer : rung.fraction - ladder.least.fraction;
    }
    if (candidates.empty())
      return llvm::Error::success();
    // As if every step down were taken, with fewer and fewer to choose from: an upper bound, as accuracy ends the walk earlier.
    progress.expected = known.size() + candidates.size() * (levels + 1) / 2;
    evaluator.startFrom(at.candidate);
    auto points = evaluate(candidates, SearchGoal::neededFor(largestTolerance, *floats));
    if (!points)
      return points.takeError();
    // The most accurate; of equals the one that saves most.
    const SearchPoint *next = nullptr;
    for (const std::optional<SearchPoint> &point : *points)
      if (point && (!next || point->relative > next->relative ||
                    (point->relative == next->relative && point->costs[goal.minimize] < next->costs[goal.minimize])))
        next = &*point;
    if (!next)
      return llvm::Error::success();
    at = *next;
  }
}

llvm::Error Search::refine(SearchPoint at) {
  progress.phase = "refinement";
  const int64_t needed = goal.neededOf(*floats);
  if (!holds(at))
    return llvm::Error::success();
  std::vector<Move> failed; // what has failed once mostly does so from anything cheaper
  while (true) {
    std::vector<Move> fresh, stale;
    for (const Move &move : worthwhileFrom(at))
      (llvm::is_contained(failed, move) ? stale : fresh).push_back(move);
    std::vector<std::pair<Move, SearchPoint>> holding;
    auto tryMoves = [&](llvm::ArrayRef<Move> some) -> llvm::Error {
      std::vector<Candidate> candidates;
      for (const Move &move : some)
        candidates.push_back(apply(move, at.candidate));
      progress.expected = known.size() + 2 * candidates.size();
      evaluator.startFrom(at.candidate);
      auto points = evaluate(candidates, needed);
      if (!points)
        return points.takeError();
      for (auto [move, point] : llvm::zip_equal(some, *points))
        if (holds(point))
          holding.push_back({move, *point});
        else
          failed.push_back(move);
      return llvm::Error::success();
    };
    for (llvm::ArrayRef<Move> some : {llvm::ArrayRef(fresh), llvm::ArrayRef(stale)})
      if (holding.empty())
        if (llvm::Error error = tryMoves(some))
          return error;
    if (holding.empty())
      return llvm::Error::success();
    // The most accurate first; of equals the one that saves most. As many of them as hold together.
    llvm::sort(holding, [&](const auto &a, const auto &b) {
      auto rank = [&](const auto &of) { return std::tuple(-of.second.relative, of.second.costs[goal.minimize], of.first.order()); };
      return rank(a) < rank(b);
    });
    std::vector<Candidate> together;
    for (size_t count = holding.size(); count > 1; count = (count + 1) / 2) {
      Candidate all = at.candidate;
      for (const auto &[move, point] : llvm::ArrayRef(holding).take_front(count))
        if (llvm::is_contained(movesFrom(space, all), move)) // two steps may leave no bits
          all = apply(move, all);
      if (isWorthwhile(at, costs.costsOf(all)))
        together.push_back(std::move(all));
      if (count == 2)
        break;
    }
    auto several = evaluate(together, needed);
    if (!several)
      return several.takeError();
    at = holding.front().second;
    for (const std::optional<SearchPoint> &point : *several)
      if (holds(point)) {
        at = *point;
        break;
      }
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

//===- Uniform.cpp - the same formats for all stages ------------*- C++ -*-===//
//
// This file tries configurations that are the same for all stages: what a search starts from, and what it must not be worse than.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Search.h"

namespace quantization {

llvm::Expected<SearchPoint> Search::smallestUniform() {
  progress.phase = "uniform configurations";
  SearchPoint at;
  if (auto points = evaluate(dearest(), 0))
    at = *points->front();
  else
    return points.takeError();
  const double mostLoss = std::min(0.001, goal.maxDrop / 10);
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
      progress.expected = known.size() + count;
      auto points = evaluate(llvm::ArrayRef(way).slice(i, count), SearchGoal::neededFor(mostLoss, *floats));
      if (!points)
        return points.takeError();
      while (passed < count && (*points)[passed])
        at = *(*points)[passed++];
      if (passed < count)
        break;
    }
  }
  return at;
}

llvm::Error Search::tryUniform() {
  if (llvm::Error error = start())
    return error;
  progress.phase = "uniform configurations";
  if (auto points = evaluate(dearest(), 0); !points) // the nearest, where nothing holds
    return points.takeError();
  struct Option {
    Candidate candidate;
    double excess, cost; ///< of budgets: 1 where they are met
    size_t number;
  };
  std::vector<Option> options;
  auto rungsOf = [](const Ladder &ladder) {
    std::vector<Rung> rungs;
    for (int integer = ladder.most.integer; integer >= ladder.least.integer; --integer)
      for (int fraction = ladder.most.fraction; fraction >= ladder.least.fraction; --fraction)
        if (ladder.holds({integer, fraction}))
          rungs.push_back({integer, fraction});
    return rungs;
  };
  for (Rung values : rungsOf(space.stages.front().activations))
    for (Rung weights : rungsOf(space.stages.front().weights)) {
      auto holds = [&](const SearchSpace::StageSpace &stage) { return stage.weights.holds(weights) && stage.activations.holds(values); };
      if (!llvm::all_of(space.stages, holds))
        continue;
      Option option{{std::vector<Candidate::Choice>(space.stages.size(), {weights, values})}, 1, 0, options.size()};
      CandidateCosts all = costs.costsOf(option.candidate);
      option.excess = std::max(1.0, goal.excess(all)), option.cost = all[goal.minimize];
      // Dearer formats come first: they are more accurate, where they cost no more.
      auto beats = [&](const Option &other) {
        auto covers = [](Rung a, Rung b) { return a.integer >= b.integer && a.fraction >= b.fraction; };
        const Candidate::Choice &choice = other.candidate.stages.front();
        return other.cost == option.cost && other.excess <= option.excess && covers(choice.weights, weights) && covers(choice.activations, values);
      };
      if (llvm::none_of(options, beats))
        options.push_back(std::move(option));
    }
  // Where no budget can be met, the first that holds is the nearest.
  llvm::sort(options, [](const Option &a, const Option &b) { return std::tie(a.excess, a.cost, a.number) < std::tie(b.excess, b.cost, b.number); });
  constexpr size_t atOnce = 4;
  // What has been lucky may fail on other samples: then dearer ones are tried there.
  constexpr double spare = 1.5;
  std::optional<double> most; ///< that others may cost
  for (llvm::ArrayRef<Option> left = options; !left.empty(); left = left.drop_front(std::min(atOnce, left.size()))) {
    if (most && (left.front().cost > *most || left.front().excess > 1))
      break;
    std::vector<Candidate> some;
    for (const Option &option : left.take_front(atOnce))
      some.push_back(option.candidate);
    progress.expected = known.size() + left.size();
    auto points = evaluate(some, goal.neededOf(*floats));
    if (!points)
      return points.takeError();
    for (auto [option, point] : llvm::zip(left, *points))
      if (holds(point) && !most)
        most = option.excess > 1 || !goal.isConfident() ? 0 : spare * option.cost;
  }
  return llvm::Error::success();
}

} // namespace quantization

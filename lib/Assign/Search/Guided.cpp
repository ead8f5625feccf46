//===- Guided.cpp - sensitivities and an exact solver -----------*- C++ -*-===//
//
// This file measures what each format costs each stage alone, solves the budget exactly as if such losses added up, and lets real
// evaluations judge.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Search.h"

namespace quantization {

namespace {
/// A partial choice that no other beats.
struct State {
  int64_t loss;
  std::array<double, kNumCosts> costs;
  size_t parent, option;
};
} // namespace

std::vector<size_t> solveBudget(llvm::ArrayRef<std::vector<SlotOption>> slots, int64_t mostLoss, const SearchGoal &goal) {
  // Which costs matter: others are as good as equal.
  std::array<bool, kNumCosts> matters = {};
  matters[static_cast<size_t>(goal.minimize)] = true;
  for (size_t cost = 0; cost < kNumCosts; ++cost)
    matters[cost] |= goal.budgets[cost].has_value();
  // The least that the slots behind one will add.
  std::vector<std::array<double, kNumCosts>> least(slots.size() + 1);
  std::vector<int64_t> leastLoss(slots.size() + 1);
  for (size_t slot = slots.size(); slot-- > 0;) {
    leastLoss[slot] = INT64_MAX;
    least[slot].fill(HUGE_VAL);
    for (const SlotOption &option : slots[slot]) {
      leastLoss[slot] = std::min(leastLoss[slot], option.loss + leastLoss[slot + 1]);
      for (size_t cost = 0; cost < kNumCosts; ++cost)
        least[slot][cost] = std::min(least[slot][cost], option.costs[cost] + least[slot + 1][cost]);
    }
  }
  std::vector<std::vector<State>> levels = {{State{0, {}, 0, 0}}};
  for (size_t slot = 0; slot < slots.size(); ++slot) {
    std::vector<State> next;
    for (auto [parent, state] : llvm::enumerate(levels.back()))
      for (auto [number, option] : llvm::enumerate(slots[slot])) {
        State grown{state.loss + option.loss, state.costs, parent, number};
        bool isOpen = grown.loss + leastLoss[slot + 1] <= mostLoss;
        for (size_t cost = 0; cost < kNumCosts; ++cost) {
          grown.costs[cost] = matters[cost] ? grown.costs[cost] + option.costs[cost] : 0;
          // The sums of floats may be off in their last bits.
          if (goal.budgets[cost])
            isOpen &= grown.costs[cost] + least[slot + 1][cost] <= *goal.budgets[cost] + 1e-12 * std::max(1.0, std::abs(*goal.budgets[cost]));
        }
        if (isOpen)
          next.push_back(grown);
      }
    // By loss, then cost: whoever comes later beats nobody before.
    llvm::sort(next, [](const State &a, const State &b) { return std::tie(a.loss, a.costs, a.parent, a.option) < std::tie(b.loss, b.costs, b.parent, b.option); });
    std::vector<State> kept;
    for (const State &state : next) {
      auto beats = [&](const State &other) {
        for (size_t cost = 0; cost < kNumCosts; ++cost)
          if (other.costs[cost] > state.costs[cost])
            return false;
        return true;
      };
      if (llvm::none_of(llvm::reverse(kept), beats))
        kept.push_back(state);
    }
    levels.push_back(std::move(kept));
  }
  const State *best = nullptr;
  for (const State &state : levels.back())
    if (!best || state.costs[static_cast<size_t>(goal.minimize)] < best->costs[static_cast<size_t>(goal.minimize)])
      best = &state;
  if (!best)
    return {};
  std::vector<size_t> choice(slots.size());
  for (size_t slot = slots.size(); slot-- > 0; best = &levels[slot][best->parent])
    choice[slot] = best->option;
  return choice;
}

namespace {
/// A slot is the weights or the activations of a stage; its options are rungs and what they lose alone.
struct Slot {
  size_t stage;
  bool ofWeights;
  std::vector<Rung> rungs;
  std::vector<SlotOption> options;
  bool ended = false; ///< nothing cheaper is worth measuring

  Rung &in(Candidate &candidate) const {
    Candidate::Choice &choice = candidate.stages[stage];
    return ofWeights ? choice.weights : choice.activations;
  }
};
} // namespace

llvm::Error Search::guide() {
  if (llvm::Error error = tryUniform())
    return error;
  auto from = smallestUniform();
  if (!from)
    return from.takeError();
  int64_t tolerated = static_cast<int64_t>(std::ceil(goal.maxDrop * floats->right));

  // Sensitivities: breadth first over what one stage alone can have, from its dearest format on.
  progress.phase = "sensitivities";
  std::vector<Slot> slots;
  for (size_t stage = 0; stage < space.stages.size(); ++stage)
    for (bool ofWeights : {true, false})
      slots.push_back({stage, ofWeights, {}, {}});
  auto optionOf = [&](const SearchPoint &point) {
    SlotOption option;
    option.loss = std::max<int64_t>(0, from->score.right - point.score.right);
    for (size_t cost = 0; cost < kNumCosts; ++cost) // what it adds beside the start
      option.costs[cost] = point.costs.values[cost] - from->costs.values[cost];
    return option;
  };
  // Far beyond the tolerance nothing cheaper helps; with budgets to meet it may have to do.
  bool hasBudget = llvm::any_of(goal.budgets, [](const auto &budget) { return budget.has_value(); });
  const int64_t needed = std::max<int64_t>(0, from->score.right - (hasBudget ? 8 : 2) * tolerated);
  evaluator.startFrom(from->candidate);
  std::vector<std::vector<Rung>> frontier;
  for (Slot &slot : slots) {
    slot.rungs = {slot.in(from->candidate)};
    slot.options = {SlotOption()};
    frontier.push_back(slot.rungs);
  }
  while (llvm::any_of(frontier, [](const std::vector<Rung> &rungs) { return !rungs.empty(); })) {
    std::vector<Candidate> candidates;
    std::vector<std::pair<size_t, Rung>> asked;
    for (auto [number, slot] : llvm::enumerate(slots)) {
      const SearchSpace::StageSpace &ladders = space.stages[slot.stage];
      const Ladder &ladder = slot.ofWeights ? ladders.weights : ladders.activations;
      for (Rung rung : frontier[number])
        for (bool ofInteger : {true, false}) {
          Rung lower = rung;
          --(ofInteger ? lower.integer : lower.fraction);
          Candidate candidate = from->candidate;
          slot.in(candidate) = lower;
          bool isNew = !llvm::is_contained(asked, std::pair(size_t(number), lower));
          if (!ladder.holds(lower) || !isNew || !isWorthwhile(*from, costs.costsOf(candidate)))
            continue;
          candidates.push_back(std::move(candidate));
          asked.push_back({number, lower});
        }
      frontier[number].clear();
    }
    if (candidates.empty())
      break;
    progress.expected = known.size() + 2 * candidates.size();
    auto points = evaluate(candidates, needed);
    if (!points)
      return points.takeError();
    for (auto [place, point] : llvm::zip_equal(asked, *points)) {
      if (!point)
        continue;
      slots[place.first].rungs.push_back(place.second);
      slots[place.first].options.push_back(optionOf(*point));
      frontier[place.first].push_back(place.second);
    }
  }

  // Losses do not really add up: the right sum to ask for is found by trying several.
  progress.phase = "solutions";
  std::vector<std::vector<SlotOption>> options;
  for (const Slot &slot : slots)
    options.push_back(slot.options);
  SearchGoal rest = goal; // what the budgets leave beside the start
  for (size_t cost = 0; cost < kNumCosts; ++cost)
    if (rest.budgets[cost])
      *rest.budgets[cost] -= from->costs.values[cost];
  std::vector<Candidate> solutions;
  for (double share : {0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 3.0}) {
    std::vector<size_t> choice = solveBudget(options, static_cast<int64_t>(share * tolerated), rest);
    if (choice.empty())
      continue;
    Candidate solution = from->candidate;
    for (auto [slot, number] : llvm::zip_equal(slots, choice))
      slot.in(solution) = slot.rungs[number];
    if (!llvm::is_contained(solutions, solution))
      solutions.push_back(std::move(solution));
  }
  progress.expected = known.size() + solutions.size();
  auto points = evaluate(solutions, goal.neededOf(*floats));
  if (!points)
    return points.takeError();

  // Refined step by step, as long as the goal is met; towards the budgets where it is not.
  const SearchPoint *at = best();
  return refine(at ? *at : *nearestFor(found, goal));
}

} // namespace quantization

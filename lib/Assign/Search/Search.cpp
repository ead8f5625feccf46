//===- Search.cpp - what all methods do -------------------------*- C++ -*-===//
//
// This file evaluates candidates, each once, keeps what is known of them, and tries the best of them on other samples.
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

void Search::remember(llvm::StringRef candidate, std::optional<Score> score, int64_t needed) {
  Known &entry = known[candidate];
  if (score)
    entry.score = score;
  else
    entry.below = entry.below ? std::min(entry.below, needed) : needed;
}

Candidate Search::dearest() const {
  Candidate candidate;
  for (const SearchSpace::StageSpace &stage : space.stages)
    candidate.stages.push_back({stage.weights.most, stage.activations.most});
  return candidate;
}

llvm::Expected<std::vector<std::optional<SearchPoint>>> Search::evaluate(llvm::ArrayRef<Candidate> candidates, int64_t needed) {
  // A few at a time, so that little is lost when somebody interrupts.
  constexpr size_t atOnce = 16;
  std::vector<std::optional<SearchPoint>> points;
  for (; !candidates.empty(); candidates = candidates.drop_front(std::min(atOnce, candidates.size()))) {
    llvm::ArrayRef<Candidate> some = candidates.take_front(atOnce);
    std::vector<Candidate> missing;
    llvm::StringSet<> asked;
    for (const Candidate &candidate : some) {
      std::string name = candidate.str(space);
      auto entry = known.find(name);
      // An older log may not have what was lost.
      bool isScored = entry != known.end() && entry->second.score && (entry->second.score->lost || !goal.isConfident());
      bool isKnown = entry != known.end() && (isScored || (!entry->second.score && entry->second.below <= needed));
      if (!isKnown && asked.insert(name).second)
        missing.push_back(candidate);
    }
    if (!missing.empty()) {
      auto scores = evaluator.evaluate(missing, needed);
      if (!scores)
        return scores.takeError();
      for (auto [candidate, score] : llvm::zip_equal(missing, *scores)) {
        std::string name = candidate.str(space);
        // An evaluator may know more than it needs to, by chance; a search takes the same way each time.
        if (score && score->right < needed)
          score = std::nullopt;
        if (score && !score->lost && goal.isConfident())
          return llvm::createStringError("whoever evaluates candidates does not say on how many samples only the float network is right, so "
                                         "nothing can be said with confidence");
        remember(name, score, needed);
        if (onScore)
          onScore(name, score, needed);
      }
    }
    for (const Candidate &candidate : some) {
      std::string name = candidate.str(space);
      std::optional<Score> score = known[name].score;
      if (!score || score->right < needed) {
        points.push_back(std::nullopt);
        continue;
      }
      auto [number, isNew] = numbers.try_emplace(name, found.size());
      if (isNew)
        found.push_back({candidate, costs.costsOf(candidate), *score, score->accuracy() / floats->accuracy(),
                         goal.boundOf(*score, *floats), std::nullopt});
      points.push_back(found[number->second]);
    }
    progress.evaluated = known.size();
    progress.best = best();
    if (onProgress)
      onProgress(progress);
  }
  return points;
}

llvm::Error Search::confirm(const Score &floatsHeldOut, llvm::function_ref<llvm::Expected<Score>(const Candidate &)> scoreHeldOut) {
  progress.phase = "finalists on other samples";
  finalists.emplace();
  double below = HUGE_VAL;
  for (bool areUniform : {true, false}) {
    std::vector<size_t> &sequence = (*finalists)[areUniform ? 0 : 1];
    sequence = finalistsOf(found, goal, areUniform, below);
    for (size_t number : sequence) {
      progress.best = best();
      if (onProgress)
        onProgress(progress);
      auto score = scoreHeldOut(found[number].candidate);
      if (!score)
        return score.takeError();
      found[number].heldOut = SearchPoint::HeldOut{*score, SearchGoal::boundOf(*score, floatsHeldOut, goal.confidence)};
      if (!SearchGoal::isWithin(found[number].heldOut->bound, goal.maxDrop))
        break;
      if (areUniform)
        below = found[number].costs[goal.minimize];
    }
  }
  return llvm::Error::success();
}

const SearchPoint *Search::bestWithin(double maxDrop) const {
  SearchGoal wanted = goal;
  wanted.maxDrop = maxDrop;
  if (!finalists)
    return bestFor(found, wanted);
  const SearchPoint *best = nullptr;
  for (const std::vector<size_t> &sequence : *finalists)
    for (size_t number : sequence) {
      const SearchPoint &point = found[number];
      if (!point.heldOut || !SearchGoal::isWithin(point.heldOut->bound, maxDrop))
        break;
      if (!best || point.costs[goal.minimize] < best->costs[goal.minimize])
        best = &point;
    }
  return best;
}

const SearchPoint *Search::nearest() const {
  const SearchPoint *nearest = nullptr;
  for (const SearchPoint &point : found)
    if (point.heldOut && (!nearest || point.heldOut->bound > nearest->heldOut->bound))
      nearest = &point;
  return nearest ? nearest : nearestFor(found, goal);
}

bool Search::isWorthwhile(const SearchPoint &from, const CandidateCosts &to) const {
  if (to[goal.minimize] < from.costs[goal.minimize])
    return true;
  for (size_t cost = 0; cost < kNumCosts; ++cost)
    if (goal.budgets[cost] && from.costs.values[cost] > *goal.budgets[cost] && to.values[cost] < from.costs.values[cost])
      return true;
  return false;
}

std::vector<Move> Search::worthwhileFrom(const SearchPoint &at) const {
  std::vector<Move> moves = movesFrom(space, at.candidate);
  llvm::erase_if(moves, [&](const Move &move) { return !isWorthwhile(at, costs.costsOf(apply(move, at.candidate))); });
  return moves;
}

} // namespace quantization

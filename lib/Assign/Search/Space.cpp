//===- Space.cpp - what a search chooses from -------------------*- C++ -*-===//
//
// This file defines ladders of formats, candidates and their neighbours.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Search.h"
#include "llvm/ADT/StringExtras.h"

namespace quantization {

/// `q3.5` is letters and two numbers, `int8` letters and one.
static std::optional<std::pair<llvm::StringRef, Rung>> split(llvm::StringRef name, bool &hasPoint) {
  llvm::StringRef letters = name.take_while([](char c) { return llvm::isAlpha(c); }), numbers = name.drop_front(letters.size());
  hasPoint = numbers.contains('.');
  auto [before, behind] = numbers.split('.');
  Rung rung;
  if (letters.empty() || before.getAsInteger(10, hasPoint ? rung.integer : rung.fraction) || (hasPoint && behind.getAsInteger(10, rung.fraction)))
    return std::nullopt;
  return std::pair(letters, rung);
}

llvm::Expected<Ladder> Ladder::parse(llvm::StringRef text) {
  auto bad = [&](llvm::StringRef why) {
    return llvm::createStringError("\"" + text + "\" " + why + "; expected formats of one family from the cheapest on, such as int2..int8, "
                                   "or q1.0..q4.8{round=half-away}");
  };
  auto [low, high] = text.split("..");
  if (high.empty())
    high = low;
  auto lowest = FormatSpec::parse(low), highest = FormatSpec::parse(high);
  if (!lowest || !highest) {
    llvm::consumeError(lowest.takeError());
    llvm::consumeError(highest.takeError());
    return bad("is no range of formats");
  }
  Ladder ladder;
  bool otherPoint = false;
  auto from = split(lowest->name, ladder.hasPoint), to = split(highest->name, otherPoint);
  if (!from || !to || from->first != to->first || ladder.hasPoint != otherPoint)
    return bad("is no range of formats");
  if (!lowest->options.empty() && lowest->options != highest->options)
    return bad("has options in front, which belong behind");
  ladder.least = from->second, ladder.most = to->second;
  if (ladder.least.integer > ladder.most.integer || ladder.least.fraction > ladder.most.fraction)
    return bad("goes down");
  lowest->options = highest->options;
  ladder.lowest = *lowest, ladder.highest = *highest;
  if (bitsAt(ladder.most) < 1)
    return bad("has no bits");
  return ladder;
}

FormatSpec Ladder::formatAt(Rung rung) const {
  FormatSpec spec = highest;
  bool unused;
  spec.name = split(highest.name, unused)->first.str();
  spec.name += hasPoint ? std::to_string(rung.integer) + "." + std::to_string(rung.fraction) : std::to_string(rung.fraction);
  return spec;
}

bool Ladder::holds(Rung rung) const {
  return rung.integer >= least.integer && rung.fraction >= least.fraction && rung.integer <= most.integer && rung.fraction <= most.fraction &&
         bitsAt(rung) >= 1;
}

std::string Candidate::str(const SearchSpace &space) const {
  std::string text;
  for (auto [choice, stage] : llvm::zip_equal(stages, space.stages))
    text += (text.empty() ? "" : " ") + stage.weights.formatAt(choice.weights).name + "/" + stage.activations.formatAt(choice.activations).name;
  return text;
}

Candidate apply(const Move &move, Candidate to) {
  Candidate::Choice &choice = to.stages[move.stage];
  Rung &rung = move.ofWeights ? choice.weights : choice.activations;
  --(move.ofInteger ? rung.integer : rung.fraction);
  return to;
}

std::vector<Move> movesFrom(const SearchSpace &space, const Candidate &from) {
  std::vector<Move> moves;
  for (size_t stage = 0; stage < space.stages.size(); ++stage)
    for (bool ofWeights : {true, false})
      for (bool ofInteger : {true, false}) {
        Move move{stage, ofWeights, ofInteger};
        Candidate::Choice to = apply(move, from).stages[stage];
        const SearchSpace::StageSpace &ladders = space.stages[stage];
        if (ofWeights ? ladders.weights.holds(to.weights) : ladders.activations.holds(to.activations))
          moves.push_back(move);
      }
  return moves;
}

//===----------------------------------------------------------------------===//
// Costs
//===----------------------------------------------------------------------===//

CandidateCostModel::CandidateCostModel(std::vector<Sublayer> sublayersOf, std::vector<StageRule> rulesOf, std::vector<LayerWork> layersOf)
    : sublayers(std::move(sublayersOf)), rules(std::move(rulesOf)), layers(std::move(layersOf)) {
  for (const Stage &stage : groupIntoStages(sublayers, rules)) {
    if (llvm::none_of(stage.sublayers, [&](size_t i) { return sublayers[i].weights > 0; }))
      continue;
    for (size_t i : stage.sublayers)
      stageNumbers[sublayers[i].name] = names.size();
    names.push_back(stage.name);
  }
}

std::optional<size_t> CandidateCostModel::stageOf(llvm::StringRef sublayer) const {
  auto at = stageNumbers.find(sublayer);
  return at == stageNumbers.end() ? std::nullopt : std::optional(at->second);
}

CandidateCosts CandidateCostModel::costsOf(const Candidate &candidate) const {
  auto widthsOf = [&](llvm::StringRef layer) -> std::pair<int64_t, int64_t> {
    std::optional<size_t> stage = stageOf(layer);
    if (!stage)
      return {kFloatBits, kFloatBits};
    const Candidate::Choice &choice = candidate.stages[*stage];
    return {Ladder::bitsAt(choice.activations), Ladder::bitsAt(choice.weights)};
  };
  int64_t weightBytes = 0, activationBytes = 0;
  for (const LayerWork &layer : layers) {
    auto [value, weight] = widthsOf(layer.layer);
    weightBytes += packedBytes(layer.weights, weight);
    activationBytes += packedBytes(layer.results(), value);
  }
  double latency = 0;
  for (size_t stage = 0; latencies && stage < names.size(); ++stage) {
    int64_t weight = Ladder::bitsAt(candidate.stages[stage].weights), value = Ladder::bitsAt(candidate.stages[latencies->reads[stage]].activations);
    latency += latencies->milliseconds[latencies->classes.at({weight, value})][stage];
  }
  return {{trafficOf(sublayers, rules, widthsOf).batchedRatio(), double(weightBytes), double(activationBytes), latency}};
}

} // namespace quantization

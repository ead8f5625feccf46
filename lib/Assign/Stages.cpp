//===- Stages.cpp - layers that share one configuration ---------*- C++ -*-===//
//
// This file groups the layers of a network into stages, as 1511.05236 does: a convolution or matrix with what follows it, or a module.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Stages.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

namespace quantization {

namespace {
constexpr size_t kNone = -1;

class Grouping {
public:
  Grouping(llvm::ArrayRef<Sublayer> sublayers, llvm::ArrayRef<StageRule> rules)
      : sublayers(sublayers), rules(rules), stageOf(sublayers.size(), kNone), leaderOf(sublayers.size(), kNone) {
    for (const auto &[i, sublayer] : llvm::enumerate(sublayers))
      numbers[sublayer.name] = i;
  }

  std::vector<Stage> run() {
    for (size_t i = 0; i < sublayers.size(); ++i)
      stageOf[i] = chooseStage(i);
    joinReaders();
    for (size_t i = 0; i < sublayers.size(); ++i) {
      if (stageOf[i] == kNone) // nothing of the network has weights
        stageOf[i] = open(sublayers[i].name, true);
      stages[stageOf[i]].sublayers.push_back(i);
    }
    for (Stage &stage : stages)
      chooseLeaders(stage);
    llvm::erase_if(stages, [](const Stage &stage) { return stage.sublayers.empty(); });
    llvm::stable_sort(stages, [](const Stage &a, const Stage &b) { return a.leaders.front() < b.leaders.front(); });
    return std::move(stages);
  }

private:
  llvm::ArrayRef<Sublayer> sublayers;
  llvm::ArrayRef<StageRule> rules;
  llvm::StringMap<size_t> numbers;
  std::vector<size_t> stageOf, leaderOf, stageOfRule = std::vector<size_t>(rules.size(), kNone);
  std::vector<Stage> stages;

  size_t open(const std::string &name, bool counted) {
    stages.push_back({name, {}, {}, counted});
    return stages.size() - 1;
  }

  /// The last sublayer before `i` that it reads, or none.
  size_t lastInput(size_t i) const {
    size_t last = kNone;
    for (const std::string &input : sublayers[i].inputs)
      if (auto number = numbers.find(input); number != numbers.end() && number->second < i)
        last = last == kNone ? number->second : std::max(last, number->second);
    return last;
  }

  size_t chooseStage(size_t i) {
    for (const auto &[r, rule] : llvm::enumerate(rules))
      if (rule.matches(sublayers[i].name)) {
        if (stageOfRule[r] == kNone)
          stageOfRule[r] = open(rule.name, rule.counted);
        return stageOfRule[r];
      }
    if (sublayers[i].weights)
      return open(sublayers[i].name, true);
    size_t input = lastInput(i);
    return input == kNone ? kNone : stageOf[input];
  }

  /// What comes before any layer with weights goes with its first reader.
  void joinReaders() {
    for (size_t i = sublayers.size(); i-- > 0;) {
      if (stageOf[i] != kNone)
        continue;
      for (size_t reader = i + 1; reader < sublayers.size() && stageOf[i] == kNone; ++reader)
        if (llvm::is_contained(sublayers[reader].inputs, sublayers[i].name))
          stageOf[i] = stageOf[reader];
    }
  }

  void chooseLeaders(Stage &stage) {
    auto first = llvm::find_if(stage.sublayers, [&](size_t i) { return sublayers[i].weights > 0; });
    for (size_t i : stage.sublayers) {
      size_t input = lastInput(i);
      if (sublayers[i].weights > 0)
        leaderOf[i] = i;
      else if (input != kNone && stageOf[input] == stageOf[i])
        leaderOf[i] = leaderOf[input];
      else
        leaderOf[i] = first == stage.sublayers.end() ? i : *first;
      stage.leaders.push_back(leaderOf[i]);
    }
  }
};
} // namespace

std::vector<Stage> groupIntoStages(llvm::ArrayRef<Sublayer> sublayers, llvm::ArrayRef<StageRule> rules) {
  return Grouping(sublayers, rules).run();
}

} // namespace quantization

//===- SearchTest.cpp - formats for every stage under budgets ---*- C++ -*-===//
//
// This file checks ladders, selection, solver and methods of the search on networks that exist on paper only.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Search.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <random>

using namespace quantization;

namespace {

Ladder ladder(llvm::StringRef text) { return llvm::cantFail(Ladder::parse(text)); }

TEST(Ladder, HasFormatsOfOneFamily) {
  Ladder widths = ladder("int2..int8{per=tensor}");
  EXPECT_EQ(widths.formatAt({0, 4}).str(), "int4{per=tensor}");
  EXPECT_TRUE(widths.holds({0, 2}));
  EXPECT_FALSE(widths.holds({0, 1}));
  Ladder point = ladder("q0.0..q4.8");
  EXPECT_EQ(point.formatAt({3, 5}).str(), "q3.5");
  EXPECT_EQ(Ladder::bitsAt({3, 5}), 8);
  EXPECT_FALSE(point.holds({0, 0})); // no bits
  EXPECT_TRUE(ladder("int8").holds({0, 8}));
  for (const char *bad : {"int8..int2", "int2..dfp8", "q1.2..q3", "int", "float", "int2{per=tensor}..int8", ".."}) {
    auto parsed = Ladder::parse(bad);
    EXPECT_FALSE(bool(parsed)) << bad;
    llvm::consumeError(parsed.takeError());
  }
}

//===----------------------------------------------------------------------===//
// Selection: what the scripts of 1511.05236 do
//===----------------------------------------------------------------------===//

SearchPoint point(double traffic, double relative, double bytes = 0) {
  SearchPoint point;
  point.costs.values = {traffic, bytes, 0};
  point.relative = relative;
  return point;
}

TEST(Selection, KeepsWhatNothingBeats) {
  std::vector<SearchPoint> points = {point(.5, 1), point(.4, .99), point(.45, .98), point(.4, .99, 7), point(.1, .5)};
  auto front = paretoFront(points, Cost::Traffic);
  ASSERT_EQ(front.size(), 3u);
  EXPECT_EQ(front[0].costs[Cost::Traffic], .5);
  EXPECT_EQ(front[1].costs[Cost::WeightBytes], 7); // of equals the later
  EXPECT_EQ(front[2].relative, .5);
}

TEST(Selection, IsStrictAndTakesTheLaterOfEquals) {
  std::vector<SearchPoint> points = {point(.5, 1), point(.3, .995, 1), point(.3, .991, 2), point(.2, .99), point(.1, .9)};
  EXPECT_EQ(cheapestWithin(points, .01, Cost::Traffic)->costs[Cost::WeightBytes], 2);
  EXPECT_EQ(cheapestWithin(points, .02, Cost::Traffic)->costs[Cost::Traffic], .2);
  EXPECT_EQ(cheapestWithin(points, .1, Cost::Traffic)->costs[Cost::Traffic], .2); // .9 is not above .9
  EXPECT_EQ(cheapestWithin(points, 0, Cost::Traffic), nullptr);
}

TEST(Selection, FallsBackToTheNearest) {
  SearchGoal goal;
  goal.budgets[static_cast<size_t>(Cost::WeightBytes)] = 100;
  std::vector<SearchPoint> points = {point(.5, 1, 300), point(.6, .995, 150), point(.2, .5, 50)};
  EXPECT_EQ(bestFor(points, goal), nullptr);
  EXPECT_EQ(nearestFor(points, goal), &points[1]);
  goal.maxDrop = 0.001;
  EXPECT_EQ(nearestFor(points, goal), &points[0]);
  points.push_back(point(.7, .9999, 100));
  EXPECT_EQ(bestFor(points, goal), &points[3]);
  EXPECT_EQ(nearestFor({}, goal), nullptr);
}

//===----------------------------------------------------------------------===//
// The solver
//===----------------------------------------------------------------------===//

TEST(Solver, AgreesWithTryingEverything) {
  std::mt19937 random(1);
  auto number = [&](int64_t below) { return static_cast<int64_t>(random() % below); };
  for (int round = 0; round < 200; ++round) {
    std::vector<std::vector<SlotOption>> slots(1 + number(5));
    for (auto &options : slots)
      for (int64_t i = 0, count = 1 + number(4); i < count; ++i)
        options.push_back({number(9), {double(number(20)), double(number(20)), double(number(20))}});
    SearchGoal goal;
    if (round % 2)
      goal.budgets[1] = number(60);
    if (round % 3 == 0)
      goal.budgets[2] = number(80);
    int64_t mostLoss = number(30);
    std::optional<double> least;
    std::function<void(size_t, SlotOption)> tryAll = [&](size_t slot, SlotOption sum) {
      if (slot == slots.size()) {
        if (sum.loss <= mostLoss && goal.withinBudgets({sum.costs}))
          least = std::min(least.value_or(HUGE_VAL), sum.costs[0]);
        return;
      }
      for (const SlotOption &option : slots[slot]) {
        SlotOption next = sum;
        next.loss += option.loss;
        for (size_t cost = 0; cost < kNumCosts; ++cost)
          next.costs[cost] += option.costs[cost];
        tryAll(slot + 1, next);
      }
    };
    tryAll(0, {});
    std::vector<size_t> choice = solveBudget(slots, mostLoss, goal);
    ASSERT_EQ(choice.empty(), !least) << round;
    if (choice.empty())
      continue;
    SlotOption sum;
    for (size_t slot = 0; slot < slots.size(); ++slot) {
      sum.loss += slots[slot][choice[slot]].loss;
      for (size_t cost = 0; cost < kNumCosts; ++cost)
        sum.costs[cost] += slots[slot][choice[slot]].costs[cost];
    }
    EXPECT_LE(sum.loss, mostLoss) << round;
    EXPECT_TRUE(goal.withinBudgets({sum.costs})) << round;
    EXPECT_EQ(sum.costs[0], *least) << round;
  }
}

//===----------------------------------------------------------------------===//
// Methods
//===----------------------------------------------------------------------===//

/// Two layers; the values of the first need 3 bits, those of the second 2, the weights 4 and 3: each bit less is worse.
class OnPaper : public Evaluator {
public:
  size_t asked = 0, most = SIZE_MAX;
  int64_t floatsRight = 1000;

  llvm::Expected<Score> baseline() override { return Score{floatsRight, 1000}; }
  llvm::Expected<std::vector<std::optional<Score>>> evaluate(llvm::ArrayRef<Candidate> candidates, int64_t) override {
    std::vector<std::optional<Score>> scores;
    for (const Candidate &candidate : candidates) {
      if (asked++ == most)
        return llvm::createStringError("interrupted");
      auto lost = [](Rung rung, int64_t needed) { return rung.fraction >= needed ? 0 : (needed - rung.fraction) * (needed - rung.fraction); };
      const auto &[first, second] = std::pair(candidate.stages[0], candidate.stages[1]);
      int64_t loss = 4 * lost(first.activations, 3) + 9 * lost(second.activations, 2) + 3 * lost(first.weights, 4) + 5 * lost(second.weights, 3);
      scores.push_back(Score{1000 - loss, 1000});
    }
    return scores;
  }
};

CandidateCostModel costModel() {
  LayerWork a, b;
  a.layer = "a", a.weights = 100, a.positions = 10, a.channels = 4, a.depth = 2;
  b.layer = "b", b.weights = 400, b.positions = 5, b.channels = 4, b.depth = 2;
  return {{{"a", "Conv", {"x"}, 40, 40, 100}, {"relu", "Relu", {"a"}, 40, 40, 0}, {"b", "Conv", {"relu"}, 40, 20, 400}}, {}, {a, b}};
}

SearchSpace twoStages() {
  return {{{"a", ladder("int1..int8"), ladder("int1..int8")}, {"b", ladder("int1..int8"), ladder("int1..int8")}}};
}

TEST(Costs, FollowFromWidths) {
  CandidateCostModel model = costModel();
  EXPECT_EQ(model.stages(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(model.stageOf("relu"), 0u);
  EXPECT_FALSE(model.stageOf("x"));
  CandidateCosts costs = model.costsOf({{{{0, 3}, {0, 4}}, {{0, 5}, {0, 8}}}});
  EXPECT_DOUBLE_EQ(costs[Cost::Traffic], (160 * 4 + 60 * 8) / (32.0 * 220));
  EXPECT_EQ(costs[Cost::WeightBytes], 38 + 250);
  EXPECT_EQ(costs[Cost::ActivationBytes], 20 + 20);
}

TEST(Costs, OfTimeFollowFromWeightsAndWhatIsRead) {
  CandidateCostModel model = costModel();
  Candidate candidate{{{{0, 3}, {0, 4}}, {{0, 5}, {0, 8}}}};
  EXPECT_EQ(model.costsOf(candidate)[Cost::Latency], 0); // nothing is measured
  LatencyTable table;
  table.reads = {0, 0}; // b reads a's values
  table.classes = {{{3, 4}, 0}, {{5, 4}, 1}, {{5, 8}, 2}};
  table.milliseconds = {{1, 2}, {4, 8}, {16, 32}};
  model.setLatencies(table);
  EXPECT_EQ(model.costsOf(candidate)[Cost::Latency], 1 + 8);
}

std::string nameOf(const SearchPoint *point) { return point ? point->candidate.str(twoStages()) : "none"; }

TEST(Descent, WalksToTheMostAccurateNeighbour) {
  OnPaper paper;
  CandidateCostModel model = costModel();
  Search search(twoStages(), model, paper, {});
  std::vector<std::string> seen;
  search.onScore = [&](llvm::StringRef candidate, std::optional<Score>, int64_t) { seen.push_back(candidate.str()); };
  ASSERT_FALSE(bool(search.descend(0.03)));
  EXPECT_EQ(seen.front(), "int8/int8 int8/int8");
  EXPECT_EQ(seen[4], "int8/int4 int8/int4"); // four at a time
  // From int4/int3 int4/int3: the second's values go first and cost nothing, then the first's.
  EXPECT_TRUE(llvm::is_contained(seen, "int4/int3 int4/int2"));
  EXPECT_TRUE(llvm::is_contained(seen, "int4/int2 int4/int2"));
  EXPECT_TRUE(llvm::is_contained(seen, "int4/int2 int4/int1"));
  EXPECT_TRUE(llvm::is_contained(seen, "int4/int1 int4/int1"));
  // 4 of 1000 are lost; the next, 9 or 13 more, is not below 1 %.
  EXPECT_EQ(nameOf(search.best()), "int4/int2 int4/int2");
  // Weights do not count in traffic, so nothing is asked of them below the start.
  for (const std::string &name : seen)
    EXPECT_EQ(name.find("int3/int1"), std::string::npos) << name;
  EXPECT_EQ(nameOf(cheapestWithin(search.points(), .02, Cost::Traffic)), "int4/int1 int4/int2"); // 16 lost
}

TEST(Descent, MeetsBudgetsOfWeights) {
  OnPaper paper;
  CandidateCostModel model = costModel();
  SearchGoal goal;
  goal.budgets[static_cast<size_t>(Cost::WeightBytes)] = 200; // int4 is 250
  Search search(twoStages(), model, paper, goal);
  ASSERT_FALSE(bool(search.descend(0.03)));
  ASSERT_NE(search.best(), nullptr);
  EXPECT_LE(search.best()->costs[Cost::WeightBytes], 200);
  EXPECT_EQ(nameOf(search.best()), "int4/int2 int3/int2");
  goal.budgets[static_cast<size_t>(Cost::WeightBytes)] = 20;
  Search impossible(twoStages(), model, paper, goal);
  ASSERT_FALSE(bool(impossible.descend(0.03)));
  EXPECT_EQ(impossible.best(), nullptr);
  EXPECT_GT(nearestFor(impossible.points(), goal)->relative, 0.99);
}

TEST(Guided, FindsTheOptimum) {
  for (std::optional<double> weightBytes : {std::optional<double>(), std::optional<double>(200), std::optional<double>(163)}) {
    OnPaper paper;
    CandidateCostModel model = costModel();
    SearchGoal goal;
    goal.maxDrop = 0.02;
    goal.budgets[static_cast<size_t>(Cost::WeightBytes)] = weightBytes;
    Search search(twoStages(), model, paper, goal);
    ASSERT_FALSE(bool(search.guide()));
    // By trying everything.
    double least = HUGE_VAL;
    OnPaper other;
    for (int code = 0; code < 4096; ++code) {
      auto rung = [&](int at) { return Rung{0, 1 + (code >> (3 * at)) % 8}; };
      Candidate candidate{{{rung(0), rung(1)}, {rung(2), rung(3)}}};
      CandidateCosts costs = model.costsOf(candidate);
      if (llvm::cantFail(other.evaluate(candidate, 0))[0]->right > 980 && goal.withinBudgets(costs))
        least = std::min(least, costs[Cost::Traffic]);
    }
    ASSERT_NE(search.best(), nullptr);
    EXPECT_DOUBLE_EQ(search.best()->costs[Cost::Traffic], least);
  }
}

TEST(Search, NeedsAnAccuracyToKeep) {
  OnPaper paper;
  paper.floatsRight = 0;
  CandidateCostModel model = costModel();
  Search search(twoStages(), model, paper, {});
  EXPECT_NE(llvm::toString(search.guide()).find("wrong on all 1000 samples"), std::string::npos);
}

TEST(Search, GoesOnFromItsLog) {
  llvm::SmallString<128> path;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("search", "log", path));
  llvm::FileRemover remover(path);
  CandidateCostModel model = costModel();
  auto run = [&](OnPaper &paper, llvm::StringRef identity) -> llvm::Expected<std::string> {
    Search search(twoStages(), model, paper, {});
    auto log = SearchLog::open(path, identity, search);
    if (!log)
      return log.takeError();
    search.onScore = [&](llvm::StringRef candidate, std::optional<Score> score, int64_t needed) { log->append(candidate, score, needed); };
    llvm::consumeError(search.descend(0.03));
    return nameOf(search.best());
  };
  OnPaper first, second, third;
  first.most = 9;
  EXPECT_EQ(llvm::cantFail(run(first, "net")), "int8/int3 int8/int3"); // best so far
  {
    std::error_code error;
    llvm::raw_fd_ostream cut(path, error, llvm::sys::fs::OF_Append);
    cut << "{\"candidate\": \"int8/i";
  }
  EXPECT_EQ(llvm::cantFail(run(second, "net")), "int4/int2 int4/int2");
  EXPECT_EQ(llvm::cantFail(run(third, "net")), "int4/int2 int4/int2");
  EXPECT_EQ(third.asked, 0u);
  EXPECT_NE(llvm::toString(run(third, "another").takeError()).find("of another network"), std::string::npos);
}

} // namespace

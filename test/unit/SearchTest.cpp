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
  point.relative = point.bound = relative;
  return point;
}

/// What samples count is taken as true.
SearchGoal byMean(double maxDrop = 0.01) {
  SearchGoal goal;
  goal.confidence = 0.5, goal.maxDrop = maxDrop;
  return goal;
}

TEST(Selection, KeepsWhatNothingBeats) {
  std::vector<SearchPoint> points = {point(.5, 1), point(.4, .99), point(.45, .98), point(.4, .99, 7), point(.1, .5)};
  auto front = paretoFront(points, byMean());
  ASSERT_EQ(front.size(), 3u);
  EXPECT_EQ(front[0].costs[Cost::Traffic], .5);
  EXPECT_EQ(front[1].costs[Cost::WeightBytes], 7); // of equals the later
  EXPECT_EQ(front[2].relative, .5);
}

TEST(Selection, TakesTheLaterOfEquals) {
  std::vector<SearchPoint> points = {point(.5, 1), point(.3, .995, 1), point(.3, .995, 2), point(.2, .99), point(.1, .9)};
  EXPECT_EQ(bestFor(points, byMean(.009))->costs[Cost::WeightBytes], 2);
  EXPECT_EQ(bestFor(points, byMean(.02))->costs[Cost::Traffic], .2);
  // What loses exactly as much as may be lost does not lose more; equal accuracy loses nothing.
  EXPECT_EQ(bestFor(points, byMean(.01))->costs[Cost::Traffic], .2);
  EXPECT_EQ(bestFor(points, byMean(.1))->costs[Cost::Traffic], .1);
  EXPECT_EQ(bestFor(points, byMean(0))->costs[Cost::Traffic], .5);
}

TEST(Selection, FallsBackToTheNearest) {
  SearchGoal goal = byMean();
  goal.budgets[static_cast<size_t>(Cost::WeightBytes)] = 100;
  std::vector<SearchPoint> points = {point(.5, 1, 300), point(.6, .995, 150), point(.2, .5, 50)};
  EXPECT_EQ(bestFor(points, goal), nullptr);
  EXPECT_EQ(nearestFor(points, goal), &points[1]);
  goal.maxDrop = 0.001;
  EXPECT_EQ(nearestFor(points, goal), &points[0]);
  points.push_back(point(.7, .9999, 100));
  EXPECT_EQ(bestFor(points, goal), &points[3]);
  EXPECT_EQ(nearestFor({}, goal), nullptr);
  // Of equals the cheapest: of those as far from the budget, and of those as inaccurate.
  points = {point(.6, .995, 150), point(.4, .992, 150), point(.5, .999, 150)};
  EXPECT_EQ(nearestFor(points, byMean(.01)), &points[1]);
  points = {point(.6, .5, 150), point(.4, .5, 150), point(.5, .5, 150)};
  EXPECT_EQ(nearestFor(points, byMean(.01)), &points[1]);
}

TEST(Selection, KeepsWhatMeetsBudgetsOnTheFront) {
  SearchGoal goal = byMean();
  goal.budgets[static_cast<size_t>(Cost::WeightBytes)] = 100;
  // The first is beaten in cost and accuracy, but by one that nobody may take.
  std::vector<SearchPoint> points = {point(.5, .99, 90), point(.4, .995, 200), point(.6, .98, 90)};
  EXPECT_EQ(paretoFront(points, goal).size(), 2u);
  EXPECT_EQ(bestFor(points, goal), &points[0]);
}

TEST(Selection, NeedsEnoughRightToBeSure) {
  Score floats{900, 1000, 0};
  EXPECT_EQ(SearchGoal::neededFor(0, floats), 900);
  EXPECT_EQ(SearchGoal::neededFor(0.01, floats), 891);
  // Whatever has fewer cannot hold, however few samples differ; what has as many may.
  SearchGoal goal;
  int64_t needed = goal.neededOf(floats);
  for (int64_t right = 880; right <= 920; ++right) {
    bool mayHold = false;
    for (int64_t lost = std::max<int64_t>(0, 900 - right); lost <= 900 && right - (900 - lost) <= 100; ++lost)
      mayHold |= SearchGoal::isWithin(goal.boundOf({right, 1000, lost}, floats), 0.01);
    EXPECT_EQ(mayHold, right >= needed) << right;
  }
  EXPECT_GT(needed, 891);
  goal.heldOut = 0.5; // half as many show less
  EXPECT_GT(goal.neededOf(floats), needed);
  EXPECT_DOUBLE_EQ(goal.boundOf({898, 1000, 4}, floats), SearchGoal::boundOf({449, 500, 2}, {450, 500, 0}, 0.95));
  goal.heldOut = 0, goal.maxDrop = 0.001;
  EXPECT_EQ(goal.neededOf(floats), 902); // more right than the float network
}

TEST(Selection, TriesFinalistsFromTheDearestOn) {
  auto withStages = [](SearchPoint point, std::vector<int> bits) {
    for (int bit : bits)
      point.candidate.stages.push_back({{0, bit}, {0, bit}});
    return point;
  };
  std::vector<SearchPoint> points = {
      withStages(point(.2, .992), {2, 2}), withStages(point(.4, .999), {4, 4}), withStages(point(.3, .98), {3, 3}), // loses too much
      withStages(point(.395, .997), {4, 3}), withStages(point(.39, .998), {3, 4}), // beats the one before
      withStages(point(.101, .9931), {2, 1}), withStages(point(.1, .993), {1, 2})}; // hardly cheaper
  EXPECT_EQ(finalistsOf(points, byMean(), true), (std::vector<size_t>{1, 0}));
  EXPECT_EQ(finalistsOf(points, byMean(), false), (std::vector<size_t>{4, 6}));
  EXPECT_EQ(finalistsOf(points, byMean(), false, .39), (std::vector<size_t>{6}));
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
  bool saysWhatIsLost = true;
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
      scores.push_back(Score{1000 - loss, 1000, saysWhatIsLost ? std::optional(loss) : std::nullopt});
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
  Search search(twoStages(), model, paper, byMean());
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
  EXPECT_EQ(nameOf(search.bestWithin(.02)), "int4/int1 int4/int2"); // 16 lost
}

TEST(Descent, MeetsBudgetsOfWeights) {
  OnPaper paper;
  CandidateCostModel model = costModel();
  SearchGoal goal = byMean();
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
    SearchGoal goal = byMean(0.02);
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
      if (llvm::cantFail(other.evaluate(candidate, 0))[0]->right >= 980 && goal.withinBudgets(costs))
        least = std::min(least, costs[Cost::Traffic]);
    }
    ASSERT_NE(search.best(), nullptr);
    EXPECT_DOUBLE_EQ(search.best()->costs[Cost::Traffic], least);
  }
}

TEST(Uniform, TriesAllWhereNoBudgetCanBeMet) {
  OnPaper paper;
  CandidateCostModel model = costModel();
  SearchGoal goal = byMean();
  goal.budgets[static_cast<size_t>(Cost::WeightBytes)] = 20; // int1 has 63
  Search search(twoStages(), model, paper, goal);
  ASSERT_FALSE(bool(search.tryUniform()));
  EXPECT_EQ(search.best(), nullptr);
  // int3 weights lose 3 of 1000 and int2 17; the values of the second layer need two bits, and the first loses 4 there.
  EXPECT_EQ(nameOf(search.nearest()), "int3/int2 int3/int2");
}

TEST(Search, TakesWhatSamplesShow) {
  CandidateCostModel model = costModel();
  OnPaper byCount, bySamples;
  Search counted(twoStages(), model, byCount, byMean()), sure(twoStages(), model, bySamples, SearchGoal());
  ASSERT_FALSE(bool(counted.guide()));
  ASSERT_FALSE(bool(sure.guide()));
  // Of 1000, 4 may be lost to be sure of 10, and not 5.
  EXPECT_EQ(1000 - counted.best()->score.right, 4);
  EXPECT_EQ(SearchGoal().neededOf({1000, 1000, 0}), 996);
  EXPECT_GE(sure.best()->bound, 0.99);
  EXPECT_EQ(1000 - sure.best()->score.right, 4);
  SearchGoal narrow;
  narrow.maxDrop = 0.006;
  OnPaper other;
  Search narrowly(twoStages(), model, other, narrow);
  ASSERT_FALSE(bool(narrowly.guide()));
  EXPECT_LT(1000 - narrowly.best()->score.right, 4); // 1 of 1000 is sure to be within 6
}

TEST(Search, TakesWhatHoldsOnOtherSamples) {
  CandidateCostModel model = costModel();
  OnPaper paper;
  SearchGoal goal;
  goal.maxDrop = 0.05;
  Search search(twoStages(), model, paper, goal);
  ASSERT_FALSE(bool(search.guide()));
  std::string lucky = nameOf(search.best());
  double cost = search.best()->costs[Cost::Traffic];
  // On other samples all lose twice as much.
  std::vector<double> tried;
  ASSERT_FALSE(bool(search.confirm({1000, 1000, 0}, [&](const Candidate &candidate) -> llvm::Expected<Score> {
    OnPaper other;
    int64_t lost = 2 * *llvm::cantFail(other.evaluate(candidate, 0))[0]->lost;
    tried.push_back(model.costsOf(candidate)[Cost::Traffic]);
    return Score{1000 - lost, 1000, lost};
  })));
  ASSERT_NE(search.best(), nullptr);
  EXPECT_NE(nameOf(search.best()), lucky);
  EXPECT_GT(search.best()->costs[Cost::Traffic], cost);
  EXPECT_GE(search.best()->heldOut->bound, 0.95);
  EXPECT_GE(tried.size(), 2u);
  // Nothing passes.
  ASSERT_FALSE(bool(search.confirm({1000, 1000, 0}, [&](const Candidate &) -> llvm::Expected<Score> { return Score{900, 1000, 100}; })));
  EXPECT_EQ(search.best(), nullptr);
  EXPECT_TRUE(search.nearest()->heldOut);
}

TEST(Search, NeedsToKnowWhatIsLost) {
  OnPaper paper;
  paper.saysWhatIsLost = false;
  CandidateCostModel model = costModel();
  Search search(twoStages(), model, paper, SearchGoal());
  EXPECT_NE(llvm::toString(search.guide()).find("does not say on how many samples only the float network is right"), std::string::npos);
}

TEST(Search, NeedsAnAccuracyToKeep) {
  OnPaper paper;
  paper.floatsRight = 0;
  CandidateCostModel model = costModel();
  Search search(twoStages(), model, paper, byMean());
  EXPECT_NE(llvm::toString(search.guide()).find("wrong on all 1000 samples"), std::string::npos);
}

TEST(Search, GoesOnFromItsLog) {
  llvm::SmallString<128> path;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("search", "log", path));
  llvm::FileRemover remover(path);
  CandidateCostModel model = costModel();
  auto run = [&](OnPaper &paper, llvm::StringRef identity) -> llvm::Expected<std::string> {
    Search search(twoStages(), model, paper, byMean());
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

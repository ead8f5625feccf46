//===- CostsTest.cpp - what formats cost ------------------------*- C++ -*-===//
//
// This file compares stages, traffic, work, memory and the accelerator model with numbers worked out by hand.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Costs.h"
#include "gtest/gtest.h"

using namespace quantization;

namespace {

/// conv1 [1x4x4 -> 2x4x4], relu1 in place, pool1 to 2x2x2; conv2 to 3x2x2, joined with pool1 by cat; fc to 5.
std::vector<Sublayer> sample() {
  return {{"conv1", "Conv", {"image"}, 16, 32, 18}, {"relu1", "Relu", {"conv1"}, 32, 32, 0},
          {"pool1", "MaxPool", {"relu1"}, 32, 8, 0}, {"conv2", "Conv", {"pool1"}, 8, 12, 54},
          {"cat", "Concat", {"conv2", "pool1"}, 20, 20, 0}, {"fc", "Gemm", {"cat"}, 20, 5, 100}};
}

std::vector<std::string> names(const std::vector<Sublayer> &sublayers, const Stage &stage) {
  std::vector<std::string> list;
  for (size_t i : stage.sublayers)
    list.push_back(sublayers[i].name);
  return list;
}
using Names = std::vector<std::string>;

StageRule rule(std::string name, Names match, bool counted = true) { return {std::move(name), std::move(match), counted, 0}; }

TEST(Stages, AreLayersWithWeightsAndTheirFollowers) {
  auto sublayers = sample();
  auto stages = groupIntoStages(sublayers, {});
  ASSERT_EQ(stages.size(), 3u);
  EXPECT_EQ(stages[0].name, "conv1");
  EXPECT_EQ(names(sublayers, stages[0]), (Names{"conv1", "relu1", "pool1"}));
  EXPECT_EQ(stages[0].leaders, (std::vector<size_t>{0, 0, 0}));
  EXPECT_EQ(names(sublayers, stages[1]), (Names{"conv2", "cat"})); // after the last that it reads
  EXPECT_EQ(names(sublayers, stages[2]), (Names{"fc"}));
}

TEST(Stages, FollowRulesAndTheirFollowersToo) {
  auto sublayers = sample();
  auto stages = groupIntoStages(sublayers, {rule("module", {"pool?", "conv2"}), rule("late", {"conv1", "fc"}, false)});
  ASSERT_EQ(stages.size(), 2u);
  // In the order of their first layers with weights.
  EXPECT_EQ(stages[0].name, "late");
  EXPECT_FALSE(stages[0].counted);
  EXPECT_EQ(names(sublayers, stages[0]), (Names{"conv1", "relu1", "fc"}));
  EXPECT_EQ(names(sublayers, stages[1]), (Names{"pool1", "conv2", "cat"}));
  // The pool follows no layer of its stage.
  EXPECT_EQ(stages[1].leaders, (std::vector<size_t>{3, 3, 3}));
}

TEST(Stages, TakeInWhatComesBeforeAnyWeights) {
  std::vector<Sublayer> sublayers = {{"scale", "Mul", {"x"}, 4, 4, 0}, {"shift", "Add", {"scale"}, 4, 4, 0}, {"fc", "Gemm", {"shift"}, 4, 2, 8}};
  auto stages = groupIntoStages(sublayers, {});
  ASSERT_EQ(stages.size(), 1u);
  EXPECT_EQ(stages[0].name, "fc");
  EXPECT_EQ(stages[0].leaders, (std::vector<size_t>{2, 2, 2}));
}

TEST(Stages, OfANetworkWithoutWeights) {
  auto stages = groupIntoStages({{"relu", "Relu", {"x"}, 4, 4, 0}}, {});
  ASSERT_EQ(stages.size(), 1u);
  EXPECT_EQ(stages[0].name, "relu");
  EXPECT_TRUE(groupIntoStages({}, {}).empty());
}

TEST(Traffic, CountsInsAndOutsAtTheWidthOfTheStage) {
  auto widths = [](llvm::StringRef layer) -> std::pair<int64_t, int64_t> {
    return layer == "conv1" ? std::pair(8, 4) : layer == "conv2" ? std::pair(4, 2) : std::pair(16, 1);
  };
  Traffic traffic = trafficOf(sample(), {}, widths);
  ASSERT_EQ(traffic.stages.size(), 3u);
  // 16+32, 32+32, 32+8 | 8+12, 20+20 | 20+5
  EXPECT_EQ(traffic.stages[0].data, 152);
  EXPECT_EQ(traffic.stages[1].data, 60);
  EXPECT_EQ(traffic.stages[2].data, 25);
  EXPECT_EQ(traffic.dataBits, 152 * 8 + 60 * 4 + 25 * 16);
  EXPECT_EQ(traffic.weights, 172);
  EXPECT_EQ(traffic.weightBits, 18 * 4 + 54 * 2 + 100 * 1);
  EXPECT_DOUBLE_EQ(traffic.batchedRatio(), 1856.0 / (32 * 237));
  EXPECT_DOUBLE_EQ(traffic.unbatchedRatio(), (1856.0 + 280) / (32 * (237 + 172)));
}

TEST(Traffic, LeavesOutWhatIsNotCounted) {
  auto widths = [](llvm::StringRef) { return std::pair<int64_t, int64_t>(8, 8); };
  Traffic traffic = trafficOf(sample(), {rule("classifier", {"fc"}, false)}, widths);
  EXPECT_EQ(traffic.data, 212);
  EXPECT_EQ(traffic.weights, 72);
  EXPECT_EQ(traffic.stages.back().data, 25);
  EXPECT_DOUBLE_EQ(traffic.batchedRatio(), 0.25);
}

TEST(Traffic, OfNothingIsWhole) {
  Traffic traffic = trafficOf({}, {}, [](llvm::StringRef) { return std::pair<int64_t, int64_t>(8, 8); });
  EXPECT_EQ(traffic.batchedRatio(), 1);
  EXPECT_EQ(traffic.unbatchedRatio(), 1);
}

/// 3x3 convolution from 4 to 8 channels on 5x5 pixels.
LayerWork conv(FormatWidth weight, FormatWidth input, FormatWidth result = {"uint8", 8}) {
  return {"conv", 25, 8, 36, 1, 288, 8, weight, input, result, std::nullopt};
}

TEST(Work, OfOneLayer) {
  LayerWork layer = conv({"int3", 3}, {"uint4", 4}, {"uint5", 5});
  EXPECT_EQ(layer.results(), 200);
  EXPECT_EQ(layer.multiplications(), 7200);
  EXPECT_EQ(layer.computeCost(), 7200 * 7);
  EXPECT_EQ(layer.weightBytes(), 108);
  EXPECT_EQ(layer.parameterBytes(), 111);
  EXPECT_EQ(layer.resultBytes(), 125);
  EXPECT_EQ(layer.skippable(), std::nullopt);
  layer.zeroShare = 0.25;
  EXPECT_EQ(layer.skippable(), 1800);
}

TEST(Work, AddsUp) {
  LayerWork quarter = conv({"int8", 8}, {"uint8", 8}), whole = conv({}, {}, {});
  quarter.zeroShare = 0.5;
  WorkTotal total = totalOf({quarter, whole, whole});
  EXPECT_EQ(total.multiplications, 21600);
  EXPECT_EQ(total.computeCost, 7200 * 16 + 2 * 7200 * 64);
  EXPECT_DOUBLE_EQ(total.computeRatio(), 0.75);
  EXPECT_EQ(total.weightBytes, 288 + 2 * 1152);
  EXPECT_EQ(total.parameters, 3 * 296);
  EXPECT_EQ(total.skippable, 3600);
  EXPECT_EQ((total.byWidth[{8, 8}]), 7200);
  EXPECT_EQ((total.byWidth[{32, 32}]), 14400);
  // Weights take 2592 bytes, results 200 + 2 * 800.
  EXPECT_EQ(total.resultsOutweighWeightsFrom(), 2);
  EXPECT_EQ(totalOf({}).resultsOutweighWeightsFrom(), std::nullopt);
  EXPECT_EQ(totalOf({}).computeRatio(), 1);
}

TEST(Memory, PeakIsTheFullestStep) {
  // steps:        0   1   2   3
  //          10   x   x
  //          20       x   x
  //           5           x   x
  EXPECT_EQ(peakOf({{10, 0, 1}, {20, 1, 2}, {5, 2, 3}}), (std::pair<int64_t, size_t>(30, 1)));
  EXPECT_EQ(peakOf({{10, 0, 1}, {20, 1, 2}, {50, 3, 3}}), (std::pair<int64_t, size_t>(50, 3)));
  EXPECT_EQ(peakOf({}), (std::pair<int64_t, size_t>(0, 0)));
}

TEST(Accelerator, CyclesFillTiles) {
  Accelerator standard = Accelerator::standard();
  EXPECT_EQ(standard.cyclesOf(conv({}, {})), 25 * 1 * 3);
  LayerWork grouped = conv({}, {});
  grouped.groups = 2; // two times 4 of 16 results
  EXPECT_EQ(standard.cyclesOf(grouped), 25 * 2 * 1 * 3);
  LayerWork matrix{"fc", 1, 500, 800, 1, 400000, 500, {}, {}, {}, std::nullopt};
  EXPECT_EQ(standard.cyclesOf(matrix), 32 * 50);
}

TEST(Accelerator, TakesTheFirstRowThatIsWideEnough) {
  Accelerator standard = Accelerator::standard();
  auto power = [&](FormatWidth weight, FormatWidth value) {
    const Accelerator::Row *row = standard.rowFor(weight, value);
    return row ? row->power : 0;
  };
  EXPECT_EQ(power({}, {}), 1379.60);
  EXPECT_EQ(power({"pow26", 6}, {"int16", 16}), 209.91);
  EXPECT_EQ(power({"binary", 1}, {"int16", 16}), 95.36);
  EXPECT_EQ(power({"int4", 4}, {"uint4", 4}), 111.17);
  EXPECT_EQ(power({"int4", 4}, {"uint8", 8}), 219.87);
  EXPECT_EQ(power({"q1.15", 16}, {"q8.8", 16}), 574.75);
  EXPECT_EQ(power({"int32", 32}, {"int17", 17}), 1213.40);
  EXPECT_EQ(power({"int8", 8}, {"int33", 33}), 0);
}

TEST(Accelerator, SavesWhatTheTableSays) {
  // 1 - 219.87 / 1379.60 and 1 - 3.36 / 16.74, whatever the cycles.
  ModelledCosts costs = modelOf({conv({"int8", 8}, {"uint8", 8}), conv({"int8", 8}, {"int8", 8})}, Accelerator::standard());
  EXPECT_EQ(costs.cycles, 150);
  EXPECT_DOUBLE_EQ(costs.microseconds, 0.6);
  EXPECT_NEAR(costs.energy, 219.87 * 0.6e-3, 1e-12);
  EXPECT_NEAR(costs.power, 219.87, 1e-9);
  EXPECT_NEAR(*costs.energySaving, 0.8406, 5e-5);
  EXPECT_NEAR(*costs.powerSaving, 0.8406, 5e-5);
  EXPECT_NEAR(*costs.areaSaving, 0.7993, 5e-5);
}

TEST(Accelerator, MixedFormatsNeedTheLargestTile) {
  ModelledCosts costs = modelOf({conv({"int8", 8}, {"uint8", 8}), conv({"binary", 1}, {"int8", 8})}, Accelerator::standard());
  EXPECT_DOUBLE_EQ(costs.area, 3.36);
  EXPECT_NEAR(costs.power, (219.87 + 95.36) / 2, 1e-9);
}

TEST(Accelerator, SaysWhichLayersItDoesNotKnow) {
  ModelledCosts costs = modelOf({conv({"int8", 8}, {"int33", 33})}, Accelerator::standard());
  EXPECT_EQ(costs.unknown, (Names{"conv"}));
  EXPECT_EQ(costs.energySaving, std::nullopt);
}

TEST(Accelerator, TablesAreReadOrRefused) {
  auto table = Accelerator::parse(R"({"clock_mhz": 100, "tile": {"outputs": 2, "inputs": 4},
    "rows": [{"weights": "int*", "weight_bits": 8, "value_bits": 8, "area_mm2": 1.5, "power_mw": 2}]})", "t.json");
  ASSERT_TRUE(bool(table));
  EXPECT_EQ(table->cyclesOf(conv({}, {})), 25 * 4 * 9);
  // No row for float: no saving over it.
  ModelledCosts costs = modelOf({conv({"int8", 8}, {"int8", 8})}, *table);
  EXPECT_NEAR(costs.energy, 2 * 900 / 100000.0, 1e-12);
  EXPECT_EQ(costs.energySaving, std::nullopt);

  auto problems = [](llvm::StringRef json) {
    auto parsed = Accelerator::parse(json, "t.json");
    return parsed ? std::string() : llvm::toString(parsed.takeError());
  };
  EXPECT_EQ(problems("[1]"), "t.json: expected an object with clock_mhz, tile and rows");
  EXPECT_EQ(problems(R"({"clock": 1, "clock_mhz": 0, "rows": [{"weights": 1, "weight_bits": 8, "value_bits": 8.5, "area_mm2": 1}]})"),
            "t.json: unknown key \"clock\" in the table; expected note, clock_mhz, tile, rows\n"
            "t.json: the table needs \"clock_mhz\", a number above 0\n"
            "t.json: expected \"tile\" as an object with outputs and inputs\n"
            "t.json: row 1 needs \"weights\", a glob for names of formats\n"
            "t.json: row 1 needs \"value_bits\", a whole number above 0\n"
            "t.json: row 1 needs \"power_mw\", a number above 0");
  EXPECT_NE(problems("{").find("t.json: no valid JSON"), std::string::npos);
  auto missing = Accelerator::load("no-such-file.json");
  EXPECT_NE(llvm::toString(missing.takeError()).find("cannot read no-such-file.json"), std::string::npos);
}

} // namespace

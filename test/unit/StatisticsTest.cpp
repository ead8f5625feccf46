//===- StatisticsTest.cpp - streaming statistics and their file -*- C++ -*-===//
//
// This file checks rule R21 of docs/Numerics.md and the JSON file.
//
//===----------------------------------------------------------------------===//

#include "quantization/Calibrate/Statistics.h"
#include "quantization/Calibrate/StatisticsFile.h"

#include "gtest/gtest.h"

#include <algorithm>
#include <cfloat>
#include <cmath>
#include <numeric>
#include <random>

using namespace quantization;

namespace {

/// Values of all magnitudes, with zeros of both signs and the extremes of f32.
std::vector<float> sampleValues(size_t n, unsigned seed, double spread) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::vector<float> values;
  for (size_t i = 0; i < n; ++i) {
    float value = static_cast<float>(normal(random) * std::exp(spread * normal(random)));
    values.push_back(std::isfinite(value) ? value : 0.0f);
  }
  for (float value : {0.0f, -0.0f, FLT_TRUE_MIN, -FLT_TRUE_MIN, FLT_MIN, -FLT_MIN})
    values[random() % n] = value;
  return values;
}

Statistics statisticsOf(const std::vector<float> &values) {
  Statistics statistics;
  EXPECT_EQ(statistics.record(values.data(), values.size()), std::nullopt);
  return statistics;
}

TEST(Statistics, Empty) {
  Statistics statistics;
  EXPECT_EQ(statistics.record(nullptr, 0), std::nullopt);
  EXPECT_TRUE(statistics == Statistics());
}

TEST(Statistics, OnlyZeros) {
  Statistics statistics = statisticsOf({0.0f, -0.0f, 0.0f});
  EXPECT_EQ(statistics.count, 3);
  EXPECT_EQ(statistics.zeros, 3);
  EXPECT_FALSE(std::signbit(statistics.min));
  EXPECT_EQ(statistics.exponent, Statistics::minExponent);
  EXPECT_EQ(statistics.bins[Statistics::middle], 3);
}

TEST(Statistics, BinsByDefinition) {
  std::vector<float> values = sampleValues(20000, 1, 2.0);
  Statistics statistics = statisticsOf(values);
  std::vector<int64_t> expected(Statistics::numBins);
  for (float value : values) {
    int64_t j = static_cast<int64_t>(std::fabs(double(value)) / statistics.binWidth());
    ++expected[value < 0 ? Statistics::middle - 1 - j : Statistics::middle + j];
  }
  EXPECT_EQ(statistics.bins, expected);
  EXPECT_EQ(statistics.min, *std::min_element(values.begin(), values.end()));
  EXPECT_EQ(statistics.max, *std::max_element(values.begin(), values.end()));
  EXPECT_EQ(statistics.zeros, std::count(values.begin(), values.end(), 0.0f));
  double magnitude = std::max(-double(statistics.min), double(statistics.max));
  EXPECT_LT(magnitude, std::ldexp(1.0, statistics.exponent));
  EXPECT_GE(magnitude, std::ldexp(1.0, statistics.exponent - 1));
}

TEST(Statistics, Extremes) {
  Statistics statistics = statisticsOf({-FLT_MAX, FLT_MAX, FLT_TRUE_MIN, -FLT_TRUE_MIN});
  EXPECT_EQ(statistics.exponent, Statistics::maxExponent);
  EXPECT_EQ(statistics.bins.front(), 1);
  EXPECT_EQ(statistics.bins.back(), 1);
  EXPECT_EQ(statistics.bins[Statistics::middle], 1);
  EXPECT_EQ(statistics.bins[Statistics::middle - 1], 1);
  // On an edge: 1 is not below 2^0.
  EXPECT_EQ(statisticsOf({1.0f}).exponent, 1);
  EXPECT_EQ(statisticsOf({-1.0f}).exponent, 1);
}

TEST(Statistics, CuttingAndOrderDoNotMatter) {
  for (double spread : {0.0, 1.0, 8.0, 30.0}) {
    std::vector<float> values = sampleValues(30000, 2, spread);
    Statistics whole = statisticsOf(values);
    std::mt19937 random(3);
    for (int round = 0; round < 5; ++round) {
      std::shuffle(values.begin(), values.end(), random);
      if (round == 3)
        std::sort(values.begin(), values.end(), [](float a, float b) { return std::fabs(a) < std::fabs(b); });
      Statistics cut;
      for (size_t begin = 0, size; begin < values.size(); begin += size) {
        size = std::min<size_t>(1 + random() % (round == 4 ? 3 : 2000), values.size() - begin);
        ASSERT_EQ(cut.record(values.data() + begin, size), std::nullopt);
      }
      EXPECT_TRUE(cut == whole) << "spread " << spread << ", round " << round;
    }
  }
}

TEST(Statistics, MergeIsRecording) {
  std::vector<float> small = sampleValues(5000, 4, 0.5), large = sampleValues(7000, 5, 12.0), both = small;
  both.insert(both.end(), large.begin(), large.end());
  Statistics whole = statisticsOf(both);
  for (bool smallFirst : {false, true}) {
    Statistics merged = statisticsOf(smallFirst ? small : large);
    merged.merge(statisticsOf(smallFirst ? large : small));
    EXPECT_TRUE(merged == whole);
    merged.merge(Statistics());
    EXPECT_TRUE(merged == whole);
    Statistics fromEmpty;
    fromEmpty.merge(whole);
    EXPECT_TRUE(fromEmpty == whole);
  }
}

TEST(Statistics, NotFiniteIsRefused) {
  std::vector<float> values = sampleValues(3000, 6, 1.0);
  Statistics statistics = statisticsOf(values), before = statistics;
  for (float bad : {float(NAN), -float(NAN), HUGE_VALF, -HUGE_VALF}) {
    std::vector<float> damaged = values;
    damaged[1234] = bad;
    damaged[2000] = NAN;
    EXPECT_EQ(statistics.record(damaged.data(), damaged.size()), std::optional<size_t>(1234));
    EXPECT_TRUE(statistics == before);
  }
}

StatisticsFile sampleFile() {
  StatisticsFile file;
  file.model = std::string(64, 'a');
  file.samples = 17;
  file.values["conv1/\"odd\" name"] = statisticsOf(sampleValues(1000, 7, 3.0));
  file.values["relu"] = statisticsOf({0.0f, 0.1f, 1.0f / 3, FLT_TRUE_MIN});
  file.values["never"] = Statistics();
  file.values["wide"] = statisticsOf({-FLT_MAX, FLT_MAX});
  return file;
}

std::string textOf(const StatisticsFile &file) {
  std::string text;
  llvm::raw_string_ostream os(text);
  file.write(os);
  return text;
}

std::string errorOf(llvm::StringRef text) {
  llvm::Expected<StatisticsFile> file = StatisticsFile::parse(text, "s.json");
  return file ? "none" : llvm::toString(file.takeError());
}

std::string replaced(std::string text, const std::string &from, const std::string &to) {
  size_t position = text.find(from);
  EXPECT_NE(position, std::string::npos) << from;
  return text.replace(position, from.size(), to);
}

TEST(StatisticsFile, RoundTrip) {
  StatisticsFile file = sampleFile();
  std::string text = textOf(file);
  llvm::Expected<StatisticsFile> read = StatisticsFile::parse(text, "s.json");
  ASSERT_TRUE(static_cast<bool>(read)) << llvm::toString(read.takeError());
  EXPECT_EQ(read->model, file.model);
  EXPECT_EQ(read->samples, 17);
  EXPECT_EQ(read->values.size(), file.values.size());
  for (auto &[layer, statistics] : file.values)
    EXPECT_TRUE(read->values.at(layer) == statistics) << layer;
  EXPECT_EQ(textOf(*read), text);
}

TEST(StatisticsFile, PlainListOfBins) {
  std::string bins = "1";
  for (int i = 1; i < Statistics::numBins; ++i)
    bins += ",0";
  std::string text = R"({"schema": 1, "model": "m", "samples": 1, "values": {"x": {"min": -1.9999, "max": -1.9999,
    "count": 1, "zeros": 0, "exponent": 1, "bins": [)" + bins + "]}}}";
  EXPECT_EQ(errorOf(text), "none");
}

TEST(StatisticsFile, Errors) {
  EXPECT_EQ(errorOf("{").substr(0, 24), "s.json: not valid JSON: ");
  EXPECT_EQ(errorOf("[]"), "s.json: not a statistics file: expected an object");
  EXPECT_EQ(errorOf("{}"), "s.json: not a statistics file: \"schema\" is missing");
  EXPECT_EQ(errorOf(std::string(100000, '[')), "s.json: not a statistics file: brackets nest too deeply");
  std::string text = textOf(sampleFile());
  EXPECT_EQ(errorOf(replaced(text, "\"schema\":1", "\"schema\":2")),
            "s.json: schema 2 is not known; this program reads schema 1, so calibrate again");
  EXPECT_EQ(errorOf(replaced(text, "\"model\"", "\"moodel\"")), "s.json: \"model\" is missing or not a string");
  EXPECT_EQ(errorOf(replaced(text, "\"samples\":17", "\"samples\":-1")),
            "s.json: \"samples\" is missing or not a natural number");
  EXPECT_EQ(errorOf(replaced(text, "\"values\"", "\"vals\"")), "s.json: \"values\" is missing or not an object");
  std::string never = "{\"schema\":1,\"model\":\"m\",\"samples\":0,\"values\":{\"x\":{\"min\":0,\"max\":0,\"count\":0,"
                      "\"zeros\":0,\"exponent\":-116,\"bins\":[-4096]}}}";
  EXPECT_EQ(errorOf(never), "none");
  struct { const char *from, *to, *message; } cases[] = {
      {"\"min\":0", "\"min\":\"0\"", "\"min\" is missing or not a 32-bit float"},
      {"\"max\":0", "\"max\":1e39", "\"max\" is missing or not a 32-bit float"},
      {"\"count\":0", "\"count\":0.5", "\"count\" is missing or not a natural number"},
      {"\"zeros\":0,", "", "\"zeros\" is missing or not a natural number"},
      {"-116", "129", "\"exponent\" is missing or not an integer from -116 to 128"},
      {"-4096", "-4095", "\"bins\" is missing or does not describe 4096 bins"},
      {"-4096", "-4096,0", "\"bins\" is missing or does not describe 4096 bins"},
      {"-4096", "-9223372036854775808", "\"bins\" is missing or does not describe 4096 bins"},
      {"-4096", "-4095,1", "the numbers contradict each other; calibrate again"},
      {"-4096", "-4094,9223372036854775807,9223372036854775807", "the numbers contradict each other; calibrate again"},
      {"\"zeros\":0", "\"zeros\":1", "the numbers contradict each other; calibrate again"},
      {"\"max\":0", "\"max\":1", "the numbers contradict each other; calibrate again"},
  };
  for (auto &c : cases)
    EXPECT_EQ(errorOf(replaced(never, c.from, c.to)), std::string("s.json: layer \"x\": ") + c.message);
}

TEST(StatisticsFile, StaleIsRefused) {
  StatisticsFile file = sampleFile();
  file.file = "s.json";
  EXPECT_FALSE(static_cast<bool>(file.checkModel(file.model)));
  EXPECT_EQ(llvm::toString(file.checkModel("bbb")), "s.json: statistics of another model: recorded on " + file.model +
                                                        ", but this one is bbb; calibrate again");
}

} // namespace

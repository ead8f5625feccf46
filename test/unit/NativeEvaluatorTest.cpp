//===- NativeEvaluatorTest.cpp - candidates run in this process -*- C++ -*-===//
//
// This file compares what the search computes for a candidate, bit by bit, with the simulated form of the candidate's policy.
//
//===----------------------------------------------------------------------===//

#include "../../lib/Pipeline/Search/NativeNetwork.h"
#include "../../lib/Pipeline/Search/SearchPlan.h"
#include "quantization/Calibrate/NetworkRunner.h"
#include "quantization/Dialect/NN/Constants.h"
#include "quantization/Dialect/NN/EncodedConstants.h"
#include "quantization/Emit/NetworkCosts.h"
#include "quantization/Import/OnnxImporter.h"
#include "quantization/InitAll.h"
#include "quantization/Pipeline/Compiler.h"
#include "quantization/Pipeline/NativeEvaluator.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "gtest/gtest.h"
#include <random>
#include <thread>

using namespace mlir;
using namespace quantization;

namespace {

constexpr int64_t kSamples = 12, kPixels = 64;

/// Images as numpy writes them.
void writeSamples(llvm::StringRef path, llvm::ArrayRef<float> values) {
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(kSamples) + ", 1, 8, 8), }";
  header.resize(117, ' ');
  header += '\n';
  os << llvm::StringRef("\x93NUMPY\x01\x00", 8) << char(header.size()) << '\0' << header;
  os.write(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(float));
}

Ladder ladder(llvm::StringRef text) { return llvm::cantFail(Ladder::parse(text)); }

struct NativeEvaluatorTest : testing::Test {
  MLIRContext context{[] {
    DialectRegistry registry;
    registerAllDialects(registry);
    return registry;
  }()};
  OwningOpRef<ModuleOp> observed;
  llvm::SmallString<128> path;
  std::vector<float> samples;

  void SetUp() override {
    context.loadAllAvailableDialects();
    ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("samples", "npy", path));
    std::mt19937 random(3);
    for (int64_t i = 0; i < kSamples * kPixels; ++i)
      samples.push_back(static_cast<float>(random() % 1000) / 1000);
    writeSamples(path, samples);
    auto imported = importOnnx(QUANTIZATION_DEMO, {}, context);
    ASSERT_TRUE(bool(imported));
    observed = std::move(*imported);
    auto runner = createSampleRunner(path.str().str(), /*quiet=*/true);
    RoomOptions rooms;
    rooms.runner = runner.get();
    rooms.recordSublayers = true;
    PassManager manager(&context);
    buildPipeline(manager, Form::Raw, Form::Observed, rooms);
    ASSERT_TRUE(succeeded(manager.run(*observed)));
  }
  void TearDown() override { llvm::sys::fs::remove(path); }

  /// The simulated form, compiled as it stands: quantizes and dequantizes between float layers.
  std::vector<std::vector<float>> simulate(const Policy &policy) {
    auto file = llvm::cantFail(PolicyFile::write(policy));
    OwningOpRef<ModuleOp> simulated = observed->clone();
    RoomOptions rooms;
    rooms.policy = file.name().str();
    PassManager manager(&context);
    buildPipeline(manager, Form::Observed, Form::Simulated, rooms);
    EXPECT_TRUE(succeeded(manager.run(*simulated)));
    int64_t quantizes = 0;
    simulated->walk([&](nn::QuantizeOp) { ++quantizes; });
    EXPECT_GE(quantizes, 4); // float would be the same on both sides
    simulated->walk([](nn::DequantizeOp dequantize) {
      auto constant = dequantize.getInput().getDefiningOp<nn::ConstantOp>();
      if (!constant)
        return;
      auto type = cast<RankedTensorType>(dequantize.getResult().getType());
      OpBuilder builder(dequantize);
      auto value = nn::ConstantOp::create(builder, constant.getLoc(), type, makeConstant(type, ArrayRef<float>(readExpressed(constant))),
                                          builder.getStringAttr(constant.getLayer().str() + "_expressed"), nullptr);
      dequantize.getResult().replaceAllUsesWith(value.getResult());
      dequantize.erase();
      constant.erase();
    });
    auto network = llvm::cantFail(NativeNetwork::compile(std::move(simulated), NumberedConstants()));
    auto instance = llvm::cantFail(network->instantiate());
    std::vector<std::vector<float>> outputs;
    for (int64_t i = 0; i < kSamples; ++i) {
      llvm::cantFail(instance->run({samples.data() + i * kPixels}));
      outputs.push_back(instance->output(0).vec());
    }
    return outputs;
  }
};

TEST_F(NativeEvaluatorTest, IsTheSimulatedFormBitForBit) {
  NetworkCosts network = networkCostsOf(*observed, {});
  CandidateCostModel costs(network.sublayers, {}, network.layers);
  ASSERT_EQ(costs.stages().size(), 4u);
  std::mt19937 random(5);
  const std::pair<const char *, const char *> kLadders[] = {
      {"int2..int8", "uint2..uint8"},
      {"q1.1..q1.9{round=truncate}", "q1.0..q5.6{round=half-away}"},
      {"pow22..pow26", "dfp2..dfp12{round=truncate}"},
      {"int4..int8{per=tensor}", "int3..int16{asymmetric}"},
  };
  for (auto [weights, activations] : kLadders) {
    SearchSpace space;
    for (const std::string &stage : costs.stages())
      space.stages.push_back({stage, ladder(weights), ladder(activations)});
    NativeEvaluatorOptions options;
    options.samples = path.str().str();
    auto evaluator = NativeEvaluator::create(*observed, costs, space, options);
    ASSERT_TRUE(bool(evaluator)) << llvm::toString(evaluator.takeError());
    // Without labels the float network is right, and agrees with itself.
    EXPECT_EQ(llvm::cantFail((*evaluator)->baseline()).right, kSamples);
    for (int round = 0; round < 2; ++round) {
      Candidate candidate;
      auto rung = [&](const Ladder &in) {
        auto between = [&](int least, int most) { return least + static_cast<int>(random() % (most - least + 1)); };
        return Rung{between(in.least.integer, in.most.integer), between(in.least.fraction, in.most.fraction)};
      };
      for (const SearchSpace::StageSpace &stage : space.stages)
        candidate.stages.push_back({rung(stage.weights), rung(stage.activations)});
      auto expected = simulate((*evaluator)->policyOf(candidate));
      for (int64_t i = 0; i < kSamples; ++i) {
        std::vector<float> output = llvm::cantFail((*evaluator)->outputOf(candidate, i));
        ASSERT_EQ(output.size(), expected[i].size());
        for (size_t k = 0; k < output.size(); ++k)
          EXPECT_EQ(llvm::bit_cast<uint32_t>(output[k]), llvm::bit_cast<uint32_t>(expected[i][k]))
              << candidate.str(space) << ": sample " << i << ", output " << k << ": " << output[k] << " for " << expected[i][k];
      }
    }
  }
}

TEST_F(NativeEvaluatorTest, GivesTheSameScoresOnAnyThreads) {
  NetworkCosts network = networkCostsOf(*observed, {});
  CandidateCostModel costs(network.sublayers, {}, network.layers);
  SearchSpace space;
  for (const std::string &stage : costs.stages())
    space.stages.push_back({stage, ladder("int2..int8"), ladder("uint1..uint8")});
  std::vector<Candidate> candidates;
  for (int bits = 2; bits <= 8; ++bits)
    candidates.push_back({std::vector<Candidate::Choice>(4, {{0, bits}, {0, bits}})});
  std::vector<std::vector<int64_t>> rights;
  for (int64_t threads : {1, 3}) {
    NativeEvaluatorOptions options;
    options.samples = path.str().str();
    options.threads = threads;
    auto evaluator = llvm::cantFail(NativeEvaluator::create(*observed, costs, space, options));
    std::vector<int64_t> right;
    for (std::optional<Score> score : llvm::cantFail(evaluator->evaluate(candidates, 0)))
      right.push_back(score->right);
    for (std::optional<Score> score : llvm::cantFail(evaluator->evaluate(candidates.front(), 0))) // cut into parts
      right.push_back(score->right);
    rights.push_back(right);
  }
  EXPECT_EQ(rights[0], rights[1]);
  EXPECT_EQ(rights[0].front(), rights[0].back());
  EXPECT_LT(rights[0].front(), rights[0][6]); // two bits are fewer than eight
}

TEST_F(NativeEvaluatorTest, StartsWhereACandidateDiffers) {
  NetworkCosts network = networkCostsOf(*observed, {});
  CandidateCostModel costs(network.sublayers, {}, network.layers);
  SearchSpace space;
  for (const std::string &stage : costs.stages())
    space.stages.push_back({stage, ladder("int2..int8"), ladder("uint2..uint8")});
  NativeEvaluatorOptions options;
  options.samples = path.str().str();
  auto inParts = llvm::cantFail(NativeEvaluator::create(*observed, costs, space, options));
  options.mostBytes = 0;
  auto whole = llvm::cantFail(NativeEvaluator::create(*observed, costs, space, options));
  EXPECT_GT(inParts->numParts(), 2u);
  EXPECT_EQ(whole->numParts(), 1u);
  std::mt19937 random(7);
  auto rung = [&] { return Rung{0, 2 + static_cast<int>(random() % 7)}; };
  Candidate from;
  for (size_t stage = 0; stage < space.stages.size(); ++stage)
    from.stages.push_back({rung(), rung()});
  for (int round = 0; round < 3; ++round) {
    inParts->startFrom(from);
    std::vector<Candidate> neighbours;
    for (const Move &move : movesFrom(space, from))
      neighbours.push_back(apply(move, from));
    auto scores = llvm::cantFail(inParts->evaluate(neighbours, 0)), expected = llvm::cantFail(whole->evaluate(neighbours, 0));
    for (size_t i = 0; i < neighbours.size(); ++i) {
      EXPECT_EQ(scores[i]->right, expected[i]->right) << neighbours[i].str(space);
      for (int64_t sample = 0; sample < kSamples; ++sample)
        EXPECT_EQ(llvm::cantFail(inParts->outputOf(neighbours[i], sample)), llvm::cantFail(whole->outputOf(neighbours[i], sample)));
    }
    from = neighbours[random() % neighbours.size()];
  }
}

TEST_F(NativeEvaluatorTest, GivesUpWhatHasTooFewRight) {
  NetworkCosts network = networkCostsOf(*observed, {});
  CandidateCostModel costs(network.sublayers, {}, network.layers);
  SearchSpace space;
  for (const std::string &stage : costs.stages())
    space.stages.push_back({stage, ladder("int2..int8"), ladder("uint1..uint8")});
  std::vector<Candidate> candidates;
  for (int bits = 2; bits <= 8; ++bits)
    candidates.push_back({std::vector<Candidate::Choice>(4, {{0, bits}, {0, bits}})});
  for (ScoreKind kind : {ScoreKind::Classes, ScoreKind::Sqnr}) {
    NativeEvaluatorOptions options;
    options.samples = path.str().str();
    options.score = kind;
    auto evaluator = llvm::cantFail(NativeEvaluator::create(*observed, costs, space, options));
    auto all = llvm::cantFail(evaluator->evaluate(candidates, 0));
    int64_t needed = all[3]->right;
    EXPECT_LT(all[0]->right, needed);
    auto some = llvm::cantFail(evaluator->evaluate(candidates, needed));
    for (size_t i = 0; i < candidates.size(); ++i) {
      EXPECT_EQ(some[i].has_value(), all[i]->right >= needed) << i;
      if (some[i])
        EXPECT_EQ(some[i]->right, all[i]->right);
    }
  }
}

TEST_F(NativeEvaluatorTest, HoldsHalfOut) {
  NetworkCosts network = networkCostsOf(*observed, {});
  CandidateCostModel costs(network.sublayers, {}, network.layers);
  SearchSpace space;
  for (const std::string &stage : costs.stages())
    space.stages.push_back({stage, ladder("int2..int8"), ladder("uint1..uint8")});
  NativeEvaluatorOptions options;
  options.samples = path.str().str();
  auto whole = llvm::cantFail(NativeEvaluator::create(*observed, costs, space, options));
  options.holdOut = true;
  auto split = llvm::cantFail(NativeEvaluator::create(*observed, costs, space, options));
  EXPECT_EQ(llvm::cantFail(split->baseline()).count, 6);
  EXPECT_EQ(llvm::cantFail(split->baselineHeldOut()).count, 6);
  Candidate start{std::vector<Candidate::Choice>(4, {{0, 8}, {0, 8}})}, low{std::vector<Candidate::Choice>(4, {{0, 2}, {0, 2}})};
  split->startFrom(start); // keeps values, but none of the samples that are held out
  for (const Candidate &candidate : {start, low}) {
    Score all = *llvm::cantFail(whole->evaluate(candidate, 0))[0], seen = *llvm::cantFail(split->evaluate({candidate, start}, 0))[0];
    Score heldOut = llvm::cantFail(split->scoreHeldOut(candidate));
    EXPECT_EQ(seen.count, 6);
    EXPECT_EQ(heldOut.count, 6);
    EXPECT_EQ(seen.right + heldOut.right, all.right);
    EXPECT_EQ(*all.lost, all.count - all.right); // the float network is always right here
    EXPECT_EQ(*seen.lost + *heldOut.lost, *all.lost);
    EXPECT_EQ(llvm::cantFail(split->scoreAsIntegers(candidate)).count, 6);
    for (int64_t sample = 0; sample < kSamples; ++sample)
      EXPECT_EQ(llvm::cantFail(split->outputOf(candidate, sample)), llvm::cantFail(whole->outputOf(candidate, sample)));
  }
}

TEST_F(NativeEvaluatorTest, ScoresTheNoiseOfResults) {
  NetworkCosts network = networkCostsOf(*observed, {});
  CandidateCostModel costs(network.sublayers, {}, network.layers);
  SearchSpace space;
  for (const std::string &stage : costs.stages())
    space.stages.push_back({stage, ladder("int8"), ladder("uint8")});
  NativeEvaluatorOptions options;
  options.samples = path.str().str();
  options.score = ScoreKind::Sqnr;
  auto evaluator = llvm::cantFail(NativeEvaluator::create(*observed, costs, space, options));
  EXPECT_EQ(llvm::cantFail(evaluator->baseline()).right, kSqnrUnits);
  Candidate candidate{std::vector<Candidate::Choice>(4, {{0, 8}, {0, 8}})};
  Score score = *llvm::cantFail(evaluator->evaluate(candidate, 0))[0];
  // By hand, beside the network in float.
  OwningOpRef<ModuleOp> floats = observed->clone();
  floats->walk([](nn::ObserveOp observe) { observe.getResult().replaceAllUsesWith(observe.getInput()), observe.erase(); });
  auto compiled = llvm::cantFail(NativeNetwork::compile(std::move(floats), NumberedConstants()));
  auto instance = llvm::cantFail(compiled->instantiate());
  double signal = 0, noise = 0;
  for (int64_t i = 0; i < kSamples; ++i) {
    llvm::cantFail(instance->run({samples.data() + i * kPixels}));
    for (auto [want, is] : llvm::zip_equal(instance->output(0), llvm::cantFail(evaluator->outputOf(candidate, i))))
      signal += double(want) * want, noise += (double(is) - want) * (double(is) - want);
  }
  EXPECT_NEAR(sqnrOf(score), 10 * std::log10(signal / noise), 1e-3);
  EXPECT_GT(sqnrOf(score), 20);
  EXPECT_NEAR(dropOfSqnr(sqnrOf(score)), 1 - score.accuracy(), 1e-12);
}

//===----------------------------------------------------------------------===//
// An example for embedders: candidates are evaluated elsewhere
//===----------------------------------------------------------------------===//

/// Hands each candidate to the next of several evaluators, which might be on other machines: all that has to travel is the candidate and its
/// score. Here they are threads, each with the whole network.
class InTurn : public Evaluator {
public:
  explicit InTurn(std::vector<std::unique_ptr<Evaluator>> machines) : machines(std::move(machines)) {}

  llvm::Expected<Score> baseline() override { return machines.front()->baseline(); }
  llvm::Expected<std::vector<std::optional<Score>>> evaluate(llvm::ArrayRef<Candidate> candidates, int64_t needed) override {
    std::vector<std::optional<Score>> scores(candidates.size());
    std::vector<std::thread> threads;
    std::vector<std::string> failures(machines.size());
    for (size_t machine = 0; machine < machines.size(); ++machine)
      threads.emplace_back([&, machine] {
        for (size_t i = machine; i < candidates.size(); i += machines.size())
          if (auto score = machines[machine]->evaluate(candidates[i], needed))
            scores[i] = score->front();
          else
            failures[machine] = llvm::toString(score.takeError());
      });
    for (std::thread &thread : threads)
      thread.join();
    for (const std::string &failure : failures)
      if (!failure.empty())
        return llvm::createStringError(failure);
    asked += candidates.size();
    return scores;
  }
  size_t asked = 0;

private:
  std::vector<std::unique_ptr<Evaluator>> machines;
};

TEST_F(NativeEvaluatorTest, CanBeReplaced) {
  NetworkCosts network = networkCostsOf(*observed, {});
  CandidateCostModel costs(network.sublayers, {}, network.layers);
  SearchSpace space;
  for (const std::string &stage : costs.stages())
    space.stages.push_back({stage, ladder("int6..int8"), ladder("uint4..uint8")});
  NativeEvaluatorOptions options;
  options.samples = path.str().str();
  options.threads = 1;
  auto make = [&] { return llvm::cantFail(NativeEvaluator::create(*observed, costs, space, options)); };
  std::vector<std::unique_ptr<Evaluator>> machines;
  machines.push_back(make());
  machines.push_back(make());
  InTurn inTurn(std::move(machines));
  auto own = make();
  std::vector<std::string> best;
  for (Evaluator *evaluator : {static_cast<Evaluator *>(&inTurn), static_cast<Evaluator *>(own.get())}) {
    SearchGoal goal;
    goal.maxDrop = 0.1, goal.confidence = 0.5; // twelve samples show nothing
    Search search(space, costs, *evaluator, goal);
    ASSERT_FALSE(bool(search.guide()));
    ASSERT_NE(search.best(), nullptr);
    best.push_back(search.best()->candidate.str(space));
  }
  EXPECT_EQ(best[0], best[1]);
  EXPECT_GT(inTurn.asked, 5u);

  // The same inside the compiler: whoever is handed in is asked instead.
  llvm::SmallString<128> policy;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("policy", "yaml", policy));
  llvm::FileRemover remover(policy);
  struct Counting : Evaluator {
    Counting(NativeEvaluator &own, size_t &asked) : own(own), asked(asked) {}
    llvm::Expected<Score> baseline() override { return own.baseline(); }
    llvm::Expected<std::vector<std::optional<Score>>> evaluate(llvm::ArrayRef<Candidate> candidates, int64_t needed) override {
      asked += candidates.size();
      return own.evaluate(candidates, needed);
    }
    NativeEvaluator &own;
    size_t &asked;
  };
  size_t asked = 0;
  CompileOptions compileOptions;
  compileOptions.input = QUANTIZATION_DEMO;
  compileOptions.output = policy.str().str();
  compileOptions.emit = EmitKind::Policy;
  compileOptions.calibrateWith = path.str().str();
  compileOptions.quiet = true;
  compileOptions.search.emplace();
  compileOptions.search->evaluateWith = path.str().str();
  compileOptions.search->goal.confidence = 0.5;
  compileOptions.search->weights = "int6..int8", compileOptions.search->activations = "uint4..uint8";
  compileOptions.search->replaceEvaluator = [&](NativeEvaluator &own, const SearchSpace &) -> std::unique_ptr<Evaluator> {
    return std::make_unique<Counting>(own, asked);
  };
  EXPECT_TRUE(succeeded(compile(compileOptions, context)));
  EXPECT_GT(asked, 5u);
}

TEST_F(NativeEvaluatorTest, StopsWhenAsked) {
  NetworkCosts network = networkCostsOf(*observed, {});
  CandidateCostModel costs(network.sublayers, {}, network.layers);
  SearchSpace space;
  for (const std::string &stage : costs.stages())
    space.stages.push_back({stage, ladder("int8"), ladder("uint8")});
  std::atomic<bool> stop = true;
  NativeEvaluatorOptions options;
  options.samples = path.str().str();
  options.stop = &stop;
  auto evaluator = llvm::cantFail(NativeEvaluator::create(*observed, costs, space, options));
  EXPECT_EQ(llvm::toString(evaluator->baseline().takeError()), "interrupted");
}

} // namespace

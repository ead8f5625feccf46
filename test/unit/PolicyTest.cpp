//===- PolicyTest.cpp - policies and format texts ---------------*- C++ -*-===//
//
// This file checks how policies are read, matched and printed, and that every
// mistake in one is named with its line.
//
//===----------------------------------------------------------------------===//

#include "quantization/Assign/Policy.h"

#include "gtest/gtest.h"

using namespace quantization;

namespace {

constexpr llvm::StringLiteral example = R"(version: 1
calibration: {method: percentile, value: 99.9}   # or min-max, kl, mse
input: uint8                                       # format of the network's inputs
layers:
  - match: "conv1"
    weights: int8{per=channel}
    activations: uint8                             # of the layer's output
  - match: "fc*"
    weights: ternary{cluster=16, zeros=0.6}
    activations: dfp8
  - match: "stage3.*"
    weights: int4{per=channel}
    activations: q3.5{round=half-away, saturate=symmetric}
  - match: "*"
    weights: int8
    activations: uint8{asymmetric}
)";

std::string errorOf(llvm::StringRef text) {
  llvm::Expected<Policy> policy = Policy::parse(text, "p.yaml");
  return policy ? "none" : llvm::toString(policy.takeError());
}

std::string formatErrorOf(llvm::StringRef text) {
  llvm::Expected<FormatSpec> spec = FormatSpec::parse(text);
  return spec ? "none" : llvm::toString(spec.takeError());
}

void expectSame(const Policy &a, const Policy &b) {
  EXPECT_TRUE(a.calibration == b.calibration);
  EXPECT_TRUE(a.input == b.input);
  EXPECT_EQ(a.model, b.model);
  EXPECT_EQ(a.corrections.names(), b.corrections.names());
  ASSERT_EQ(a.rules.size(), b.rules.size());
  for (size_t i = 0; i < a.rules.size(); ++i) {
    EXPECT_EQ(a.rules[i].match, b.rules[i].match);
    EXPECT_TRUE(a.rules[i].weights == b.rules[i].weights);
    EXPECT_TRUE(a.rules[i].activations == b.rules[i].activations);
  }
}

void expectRoundTrip(const Policy &policy) {
  llvm::Expected<Policy> read = Policy::parse(policy.toYaml(), "again.yaml");
  ASSERT_TRUE(static_cast<bool>(read)) << policy.toYaml() << llvm::toString(read.takeError());
  expectSame(policy, *read);
}

TEST(FormatSpec, RoundTrip) {
  for (llvm::StringRef text : {"int8", "float", "int8{per=channel}", "uint8{asymmetric}", "wrpn4",
                               "q3.5{round=half-away, saturate=symmetric}", "ternary{cluster=16, zeros=0.6}"}) {
    llvm::Expected<FormatSpec> spec = FormatSpec::parse(text);
    ASSERT_TRUE(static_cast<bool>(spec));
    EXPECT_EQ(spec->str(), text.str());
  }
  llvm::Expected<FormatSpec> spec = FormatSpec::parse("  q3.5 { round = half-away,saturate=symmetric ,flag }");
  ASSERT_TRUE(static_cast<bool>(spec));
  EXPECT_EQ(spec->str(), "q3.5{round=half-away, saturate=symmetric, flag}");
  EXPECT_EQ(spec->options.back().second, "");
}

TEST(FormatSpec, Errors) {
  std::string end = "; expected NAME or NAME{KEY=VALUE, FLAG}";
  EXPECT_EQ(formatErrorOf(""), "format \"\": \"\" is not a name" + end);
  EXPECT_EQ(formatErrorOf("in t8"), "format \"in t8\": \"in t8\" is not a name" + end);
  EXPECT_EQ(formatErrorOf("int8{per=channel"), "format \"int8{per=channel\": it does not end in }" + end);
  EXPECT_EQ(formatErrorOf("int8}"), "format \"int8}\": \"int8}\" is not a name" + end);
  EXPECT_EQ(formatErrorOf("int8{}"), "format \"int8{}\": \"\" is not an option" + end);
  EXPECT_EQ(formatErrorOf("int8{a,}"), "format \"int8{a,}\": \"\" is not an option" + end);
  EXPECT_EQ(formatErrorOf("int8{per=}"), "format \"int8{per=}\": \"\" is not a value of per" + end);
  EXPECT_EQ(formatErrorOf("int8{a=b=c}"), "format \"int8{a=b=c}\": \"b=c\" is not a value of a" + end);
  EXPECT_EQ(formatErrorOf("int8{a, a=1}"), "format \"int8{a, a=1}\": option a is given twice" + end);
}

TEST(Policy, Example) {
  llvm::Expected<Policy> policy = Policy::parse(example, "p.yaml");
  ASSERT_TRUE(static_cast<bool>(policy)) << llvm::toString(policy.takeError());
  EXPECT_EQ(policy->file, "p.yaml");
  EXPECT_TRUE(policy->calibration == (CalibrationMethod{RangeMethod::Percentile, 99.9}));
  EXPECT_EQ(policy->input->str(), "uint8");
  ASSERT_EQ(policy->rules.size(), 4u);
  EXPECT_EQ(policy->rules[0].line, 5u);
  EXPECT_EQ(policy->rules[0].weights->line, 6u);
  EXPECT_EQ(policy->rules[1].weights->str(), "ternary{cluster=16, zeros=0.6}");
  EXPECT_EQ(policy->rules[2].activations->str(), "q3.5{round=half-away, saturate=symmetric}");
  expectRoundTrip(*policy);
}

TEST(Policy, FirstMatchWins) {
  llvm::Expected<Policy> policy = Policy::parse(example, "p.yaml");
  ASSERT_TRUE(static_cast<bool>(policy));
  EXPECT_EQ(policy->ruleFor("conv1"), &policy->rules[0]);
  EXPECT_EQ(policy->ruleFor("conv10"), &policy->rules[3]);
  EXPECT_EQ(policy->ruleFor("fc"), &policy->rules[1]);
  EXPECT_EQ(policy->ruleFor("stage3.block1/conv:0"), &policy->rules[2]);
  policy->rules.pop_back();
  EXPECT_EQ(policy->ruleFor("conv10"), nullptr);
}

TEST(Policy, Globs) {
  auto matches = [](llvm::StringRef pattern, llvm::StringRef layer) {
    PolicyRule rule;
    rule.match = pattern.str();
    return rule.matches(layer);
  };
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("*", "a/b.c:0"));
  EXPECT_TRUE(matches("a*0", "a/b.c:0"));
  EXPECT_FALSE(matches("a*1", "a/b.c:0"));
  EXPECT_TRUE(matches("conv?", "conv1"));
  EXPECT_FALSE(matches("conv?", "conv12"));
  EXPECT_TRUE(matches("conv[1-3]", "conv2"));
  EXPECT_FALSE(matches("conv[1-3]", "conv4"));
  EXPECT_TRUE(matches("conv[!1-3]", "conv4"));
  EXPECT_TRUE(matches("blocks[0]/conv", "blocks[0]/conv"));
  EXPECT_TRUE(matches("blocks\\[?\\]*", "blocks[0]/conv"));
}

TEST(Policy, Json) {
  llvm::Expected<Policy> policy = Policy::parse(R"({
	"version": 1,
	"calibration": {"method": "kl"},
	"model": "abc",
	"layers": [
		{"match": "a\\b\"c*", "weights": "int4{per=channel, x}"},
		{"match": "*", "activations": "float"}
	]
})", "p.json");
  ASSERT_TRUE(static_cast<bool>(policy)) << llvm::toString(policy.takeError());
  EXPECT_EQ(policy->calibration.method, RangeMethod::KL);
  EXPECT_EQ(*policy->model, "abc");
  EXPECT_EQ(policy->rules[0].match, "a\\b\"c*");
  EXPECT_EQ(policy->rules[0].weights->str(), "int4{per=channel, x}");
  EXPECT_FALSE(policy->rules[0].activations.has_value());
  EXPECT_EQ(policy->rules[1].line, 7u);
  expectRoundTrip(*policy);
}

TEST(Policy, Named) {
  std::optional<Policy> int8 = Policy::named("int8");
  ASSERT_TRUE(int8.has_value());
  EXPECT_EQ(int8->file, "int8");
  EXPECT_EQ(int8->calibration.method, RangeMethod::MinMax);
  EXPECT_EQ(int8->input->str(), "uint8{asymmetric}");
  EXPECT_EQ(int8->ruleFor("x")->weights->str(), "int8{per=channel}");
  EXPECT_EQ(int8->ruleFor("x")->activations->str(), "uint8{asymmetric}");
  std::optional<Policy> symmetric = Policy::named("int8-symmetric");
  EXPECT_EQ(symmetric->input->str(), "int8{symmetric}");
  EXPECT_EQ(symmetric->ruleFor("x")->activations->str(), "int8{symmetric}");
  EXPECT_EQ(symmetric->ruleFor("x")->weights->str(), "int8{per=channel}");
  std::optional<Policy> floating = Policy::named("float");
  EXPECT_FALSE(floating->input.has_value());
  EXPECT_EQ(floating->ruleFor("x")->weights->str(), "float");
  EXPECT_EQ(Policy::named("int9"), std::nullopt);
  std::optional<Policy> blocks = Policy::named("int4{block=32}");
  ASSERT_TRUE(blocks.has_value());
  EXPECT_EQ(blocks->ruleFor("x")->weights->str(), "int4{block=32}");
  EXPECT_EQ(blocks->ruleFor("x")->activations->str(), "uint4{asymmetric}");
  EXPECT_EQ(Policy::named("int4{per=tensor}")->ruleFor("x")->weights->str(), "int4{per=tensor}");
  EXPECT_EQ(Policy::named("dfp8{saturate=symmetric}")->ruleFor("x")->activations->str(), "dfp8{saturate=symmetric}");
  EXPECT_EQ(Policy::named("int4{"), std::nullopt);
  for (auto &policy : {int8, symmetric, floating})
    expectRoundTrip(*policy);
}

TEST(Policy, Stages) {
  llvm::Expected<Policy> policy = Policy::parse(R"(version: 1
stages:
  - match: conv1
  - name: "3a"
    match: ["inception_3a/*", pool3]
  - {match: [a, b], counted: false}
)", "p.yaml");
  ASSERT_TRUE(static_cast<bool>(policy));
  ASSERT_EQ(policy->stages.size(), 3u);
  EXPECT_EQ(policy->stages[0].name, "conv1");
  EXPECT_TRUE(policy->stages[0].counted);
  EXPECT_EQ(policy->stages[1].name, "3a");
  EXPECT_EQ(policy->stages[1].line, 4u);
  EXPECT_TRUE(policy->stages[1].matches("inception_3a/1x1"));
  EXPECT_TRUE(policy->stages[1].matches("pool3"));
  EXPECT_FALSE(policy->stages[1].matches("pool33"));
  EXPECT_EQ(policy->stages[2].name, "a");
  EXPECT_FALSE(policy->stages[2].counted);
  llvm::Expected<Policy> again = Policy::parse(policy->toYaml(), "again.yaml");
  ASSERT_TRUE(static_cast<bool>(again));
  EXPECT_EQ(again->toYaml(), policy->toYaml());
  ASSERT_EQ(again->stages.size(), 3u);
  EXPECT_EQ(again->stages[1].match, policy->stages[1].match);
  EXPECT_FALSE(again->stages[2].counted);

  EXPECT_EQ(errorOf("version: 1\nstages: {match: a}\n"), "p.yaml:2: expected \"stages\" as a list of stages");
  EXPECT_EQ(errorOf("version: 1\nstages:\n  - {name: x}\n  - {match: [], counted: maybe}\n  - {match: \"x[\", layers: 3}\n  - 7\n"),
            "p.yaml:3: a stage without \"match\"; name its layers, as in match: [conv1, \"module1/*\"]\n"
            "p.yaml:4: \"counted\" is \"maybe\"; expected true or false\n"
            "p.yaml:4: a stage without \"match\"; name its layers, as in match: [conv1, \"module1/*\"]\n"
            "p.yaml:5: match \"x[\": invalid glob pattern, unmatched '['; write \\ before a bracket that stands for itself\n"
            "p.yaml:5: unknown key \"layers\" in a stage; expected name, match or counted\n"
            "p.yaml:6: expected a stage as a mapping with name, match or counted");
}

TEST(FormatSpec, NamesTellWidths) {
  auto bits = [](llvm::StringRef text) { return llvm::cantFail(FormatSpec::parse(text)).bitsInName().value_or(0); };
  EXPECT_EQ(bits("int4{per=channel}"), 4);
  EXPECT_EQ(bits("uint16"), 16);
  EXPECT_EQ(bits("wrpn1"), 1);
  EXPECT_EQ(bits("dfp8"), 8);
  EXPECT_EQ(bits("q3.5{round=half-away}"), 8);
  EXPECT_EQ(bits("q16.16"), 32);
  EXPECT_EQ(bits("q1.0"), 1);
  EXPECT_EQ(bits("pow26"), 6);
  EXPECT_EQ(bits("binary"), 1);
  EXPECT_EQ(bits("float"), 32);
  for (const char *nothing : {"ternary", "int", "q3", "q.5", "q3.", "int0", "int33", "int4x", "4", "pow2", "int-4", "q20.20",
                              "int99999999999999999999"})
    EXPECT_EQ(bits(nothing), 0) << nothing;
}

TEST(Policy, OddNamesRoundTrip) {
  Policy policy = *Policy::named("int8");
  policy.calibration = {RangeMethod::Percentile, 99.0 + 1.0 / 3};
  policy.model = "ab\"c";
  for (const char *match : {"a\"b\\[c\\]", "tab\there", "line\nbreak", "# : {x}, - &a *", "schicht-\xc3\xa4", " "}) {
    policy.rules.front().match = match;
    expectRoundTrip(policy);
  }
}

TEST(Policy, Corrections) {
  Policy policy = llvm::cantFail(Policy::parse("version: 1\ncorrections: [equalize-ranges, correct-bias]\n", "p.yaml"));
  EXPECT_EQ(policy.corrections.names(), (std::vector<std::string>{"equalize-ranges", "correct-bias"}));
  EXPECT_NE(policy.toYaml().find("\ncorrections: [equalize-ranges, correct-bias]\n"), std::string::npos);
  policy.corrections.openClips = policy.corrections.reestimateStatistics = true;
  expectRoundTrip(policy);
  EXPECT_FALSE(Policy::named("int8")->corrections.any());
  EXPECT_EQ(errorOf("version: 1\ncorrections: [equalise-ranges, correct-bias,\n  correct-bias, {}]\n"),
            "p.yaml:2: unknown correction \"equalise-ranges\"; expected equalize-ranges, open-clips, correct-bias, reestimate-statistics or feed-back-errors\n"
            "p.yaml:3: correction \"correct-bias\" is given twice\n"
            "p.yaml:3: expected a text as a correction");
  EXPECT_NE(errorOf("version: 1\nlayers:\n  - match: *Conv\n    weights: int8\n").find("write it in quotes, \"*Conv\""), std::string::npos);
  EXPECT_EQ(errorOf("version: 1\ncorrections: correct-bias\n"),
            "p.yaml:2: expected \"corrections\" as a list of names, as in corrections: [correct-bias]");
  EXPECT_EQ(errorOf("version: 1\ncorrections: [open-clips]\n"), "p.yaml:2: open-clips is for equalize-ranges, which is not given");
}

TEST(Policy, Storage) {
  Policy policy = llvm::cantFail(Policy::parse("version: 1\nlayers:\n  - {match: a, activations: uint4, storage: packed}\n"
                                               "  - {match: b, activations: uint4, storage: bytes}\n  - {match: c, activations: uint4}\n", "p.yaml"));
  EXPECT_TRUE(policy.rules[0].packed);
  EXPECT_FALSE(policy.rules[1].packed || policy.rules[2].packed);
  expectRoundTrip(policy);
  EXPECT_TRUE(llvm::cantFail(Policy::parse(policy.toYaml(), "again.yaml")).rules[0].packed);
  EXPECT_EQ(errorOf("version: 1\nlayers:\n  - {match: a, activations: uint4, storage: dense}\n  - {match: b, storage: packed}\n"),
            "p.yaml:3: storage \"dense\" is not known; expected packed or bytes\n"
            "p.yaml:4: a layer rule that says how layers become code but not their formats; add weights and activations");
}

TEST(Policy, EveryMistakeAtOnce) {
  EXPECT_EQ(errorOf(R"(version: 2
calibration: {method: best, value: 20}
speed: high
layers:
  - match: "a"
    weights: int8
    weigths: int4
  - weights: int8{per
  - match: "x[y"
  - match: "b"
    match: "c"
    activations: [int8]
  - nonsense
version: 1
)"),
            "p.yaml:1: version 2 is not known; this program reads version 1\n"
            "p.yaml:2: unknown calibration method \"best\"; expected min-max, percentile, overflow, kl or mse\n"
            "p.yaml:3: unknown key \"speed\" in the policy; expected version, calibration, input, model, corrections, layers or stages\n"
            "p.yaml:7: unknown key \"weigths\" in a layer rule; expected match, weights, activations, lowering or storage\n"
            "p.yaml:8: format \"int8{per\": it does not end in }; expected NAME or NAME{KEY=VALUE, FLAG}\n"
            "p.yaml:8: a layer rule without \"match\"; write match: \"*\" for all layers\n"
            "p.yaml:9: match \"x[y\": invalid glob pattern, unmatched '['; write \\ before a bracket that stands for "
            "itself\n"
            "p.yaml:9: a layer rule that decides nothing; write weights: float to leave a layer as it is\n"
            "p.yaml:11: \"match\" is given twice in a layer rule\n"
            "p.yaml:12: expected a text as activations\n"
            "p.yaml:13: expected a layer rule as a mapping with match, weights, activations, lowering or storage\n"
            "p.yaml:14: \"version\" is given twice in the policy");
}

TEST(Policy, Errors) {
  EXPECT_EQ(errorOf(""), "p.yaml:1: the policy is empty");
  EXPECT_EQ(errorOf("# nothing\n"), "p.yaml:1: the policy is empty");
  EXPECT_EQ(errorOf("layers:\n"), "p.yaml:1: expected \"layers\" as a list of layer rules\n"
                                  "p.yaml:1: the version is missing; write version: 1");
  EXPECT_EQ(errorOf("int8\n"),
            "p.yaml:1: expected the policy as a mapping with version, calibration, input, model, corrections, layers or stages");
  EXPECT_EQ(errorOf("version: 1\nlayers: {}\n"), "p.yaml:2: expected \"layers\" as a list of layer rules");
  EXPECT_EQ(errorOf("version: 1\nversion2: 1\n"),
            "p.yaml:2: unknown key \"version2\" in the policy; expected version, calibration, input, model, corrections, layers or stages");
  EXPECT_EQ(errorOf("version: 1\ncalibration: {method: kl, value: 99}\n"),
            "p.yaml:2: calibration method kl takes no value; only percentile and overflow do");
  EXPECT_EQ(errorOf("version: 1\ncalibration: {value: 99}\n"),
            "p.yaml:2: the calibration names no method; expected min-max, percentile, overflow, kl or mse");
  EXPECT_EQ(errorOf("version: 1\n---\nversion: 1\n"), "p.yaml:3: expected a single document");
  EXPECT_EQ(errorOf("version: 1\n"), "none");
  EXPECT_EQ(errorOf("version: 1\ncalibration: {method: percentile}\n"), "none");
}

TEST(Policy, BrokenSyntaxNeverCrashes) {
  for (llvm::StringRef text :
       {"version: 1\nlayers: [", "version: [1", "a: b: c", "\"unclosed", "{", "}", "- -", "? ", "*x", "&a",
        "version: *x\n", "layers:\n  - match: \"\\q\"\n", "%YAML", "\t", "a:\n\t- b\n", "{a: b, ",
        "version: 1\nlayers:\n - match: a\n  weights: b\n", "!!map", "|", "> x", "version: !"})
    EXPECT_EQ(errorOf(text).substr(0, 7), "p.yaml:") << text.str() << " -> " << errorOf(text);
  EXPECT_EQ(errorOf(llvm::StringRef("\0\xff\xfe", 3)).substr(0, 7), "p.yaml:");
  // Every prefix and every single damaged byte of a good policy.
  for (size_t i = 0; i < example.size(); ++i) {
    errorOf(example.take_front(i));
    for (char c : {'\0', '{', '"', ':', '\n', '\xff', '*', '-'}) {
      std::string damaged = example.str();
      damaged[i] = c;
      errorOf(damaged);
    }
  }
  for (std::string deep : {std::string(20000, '['), std::string(20000, '{')})
    EXPECT_EQ(errorOf(deep).substr(0, 7), "p.yaml:");
  std::string nested;
  for (int i = 0; i < 20000; ++i)
    nested += "- ";
  EXPECT_EQ(errorOf(nested).substr(0, 7), "p.yaml:");
}

} // namespace

//===- FormatTest.cpp - grids and codes of the number formats ---*- C++ -*-===//
//
// This file checks rules R7 and R31 to R36 of docs/Numerics.md on grids that were computed by hand.
//
//===----------------------------------------------------------------------===//

#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/MLIRContext.h"
#include "quantization/Format/NumberFormat.h"
#include "quantization/Format/QuantTypes.h"
#include "llvm/Support/raw_ostream.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace quantization;

namespace {

class Formats : public testing::Test {
protected:
  mlir::MLIRContext context;
  Formats() { context.loadDialect<mlir::quant::QuantDialect>(); }

  static std::unique_ptr<NumberFormat> parse(llvm::StringRef text) {
    auto format = parseFormat(text);
    if (!format) {
      ADD_FAILURE() << llvm::toString(format.takeError());
      return nullptr;
    }
    return std::move(*format);
  }
  static std::string problem(llvm::StringRef text) {
    auto format = parseFormat(text);
    return format ? std::string() : llvm::toString(format.takeError());
  }
  static std::string print(mlir::Type type) {
    std::string text;
    llvm::raw_string_ostream(text) << type;
    return text;
  }
  /// What becomes of values whose range is known.
  std::vector<float> values(llvm::StringRef format, llvm::ArrayRef<float> inputs, Range range = {}) {
    auto parsed = parse(format);
    Grid grid = gridOf(parsed->chooseType(&context, range));
    std::vector<float> results;
    for (float input : inputs)
      results.push_back(dequantize(quantize(input, grid, parsed->rounding()), grid));
    return results;
  }
  std::string typeOfValues(llvm::StringRef format, Range range = {}) { return print(parse(format)->chooseType(&context, range)); }
  std::pair<std::string, std::vector<int64_t>> weights(llvm::StringRef format, llvm::ArrayRef<float> inputs) {
    auto parsed = parse(format);
    int64_t shape[] = {1, static_cast<int64_t>(inputs.size())};
    WeightsView view{inputs, shape, 0};
    auto type = parsed->chooseType(&context, view);
    return {print(type), parsed->encodeWeights(type, view)};
  }
};

using Floats = std::vector<float>;
using Codes = std::vector<int64_t>;

TEST_F(Formats, FixedPointOf1511_05236) {
  // I counts the sign: q1.1 is {-1, -1/2, 0, 1/2}, rounded half away from zero.
  EXPECT_EQ(typeOfValues("q1.1"), "!quant.uniform<i2:f32, 5.000000e-01>");
  EXPECT_EQ(values("q1.1{round=half-away}", {0.25f, -0.25f, 5, -5, 0.2f}), (Floats{0.5f, -0.5f, 0.5f, -1, 0}));
  EXPECT_EQ(values("q1.1", {0.25f, 0.75f, -0.25f}), (Floats{0, 0.5f, 0}));
  EXPECT_EQ(values("q3.1{round=truncate}", {0.9f, -0.9f, 1.0f, 9, -9}), (Floats{0.5f, -0.5f, 1, 3.5f, -4}));
  EXPECT_EQ(values("q1.0", {0.6f, -0.6f}), (Floats{0, -1}));
  // Bits may be missing on either side of the point.
  EXPECT_EQ(values("q10.-2", {5, 7, 600, -600}), (Floats{4, 8, 508, -512}));
  EXPECT_EQ(values("q-2.6", {0.11f, 0.2f, -0.2f}), (Floats{7 / 64.f, 7 / 64.f, -0.125f}));
}

TEST_F(Formats, FixedPointOf1711_04713) {
  // Q2.2 reaches 1.75 on both sides.
  EXPECT_EQ(values("q2.2{round=half-away, saturate=symmetric}", {5, -5, 0.125f, -0.125f, 0.12f}), (Floats{1.75f, -1.75f, 0.25f, -0.25f, 0}));
  auto [type, codes] = weights("q2.2{round=stochastic, saturate=symmetric}", Floats(100000, 0.3f));
  EXPECT_EQ(type, "!quant.uniform<i4<-7:7>:f32, 2.500000e-01>");
  double sum = 0;
  for (int64_t code : codes) {
    ASSERT_TRUE(code == 1 || code == 2);
    sum += static_cast<double>(code) / 4;
  }
  EXPECT_NEAR(sum / 100000, 0.3, 0.005);
  EXPECT_EQ(weights("q2.2{round=stochastic}", Floats(64, 0.3f)), weights("q2.2{round=stochastic}", Floats(64, 0.3f)));
  EXPECT_NE(weights("q2.2{round=stochastic}", Floats(64, 0.3f)), weights("q2.2{round=stochastic, seed=1}", Floats(64, 0.3f)));
  EXPECT_EQ(weights("q2.2{round=stochastic}", {9, -9, 0.25f, -0.25f}).second, (Codes{7, -8, 1, -1}));
}

TEST_F(Formats, DynamicFixedPoint) {
  EXPECT_EQ(typeOfValues("dfp8", {-1, 3}), "!quant.uniform<i8:f32, 3.125000e-02>"); // 2^2 / 2^7
  EXPECT_EQ(typeOfValues("dfp8", {-1, 4}), "!quant.uniform<i8:f32, 3.125000e-02>"); // 4 itself saturates
  EXPECT_EQ(typeOfValues("dfp8", {-4.1, 3}), "!quant.uniform<i8:f32, 6.250000e-02>");
  EXPECT_EQ(typeOfValues("dfp8{unsigned}", {-9, 4}), "!quant.uniform<u8:f32, 1.562500e-02>");
  EXPECT_EQ(typeOfValues("dfp16{saturate=symmetric}", {0, 1}), "!quant.uniform<i16<-32767:32767>:f32, 3.0517578125E-5>");
  EXPECT_EQ(typeOfValues("dfp8", {0, 0}), "!quant.uniform<i8:f32, 1.000000e+00>");
  EXPECT_EQ(weights("dfp4", {0.5f, -0.3f, 0.03f}), (std::pair<std::string, Codes>("!quant.uniform<i4:f32, 6.250000e-02>", {7, -5, 0})));
}

TEST_F(Formats, Wrpn) {
  EXPECT_EQ(weights("wrpn2", {0.4f, 0.6f, -0.6f, -7}), (std::pair<std::string, Codes>("!quant.uniform<i2<-1:1>:f32, 1.000000e+00>", {0, 1, -1, -1})));
  EXPECT_EQ(weights("wrpn4", {1, -1, 0.5f}).second, (Codes{7, -7, 4})); // 3.5 to even
  EXPECT_EQ(values("wrpn2", {0, 0.3f, 0.7f, 2, -1}), (Floats{0, 1 / 3.f, 2 / 3.f, 1, 0}));
  EXPECT_EQ(values("wrpn1", {0.4f, 0.6f}), (Floats{0, 1}));
  EXPECT_EQ(problem("wrpn17"), "format wrpn17 has a width that is not from 1 to 16 bits");
}

TEST_F(Formats, PowersOfTwo) {
  // The largest weight 1.4 is nearest to 2^0 in the logarithm, 1.42 to 2^1. Seven exponents and zero.
  auto [type, codes] = weights("pow2{bits=4}", {1.4f, -0.7f, 0.36f, 0.0156f, 0.0079f, 0.0077f, 0, -0.01f});
  EXPECT_EQ(type, "!quant.uniform<i8<-64:64>:f32, 1.562500e-02>");
  EXPECT_EQ(codes, (Codes{64, -32, 32, 1, 1, 0, 0, -1}));
  EXPECT_EQ(weights("pow24", {1.42f}).first, "!quant.uniform<i8<-64:64>:f32, 3.125000e-02>");
  EXPECT_EQ(weights("pow2{bits=2}", {1, -0.51f, 0.49f}), (std::pair<std::string, Codes>("!quant.uniform<i2<-1:1>:f32, 1.000000e+00>", {1, -1, 0})));
  EXPECT_EQ(weights("pow2{bits=6}", {1, 0x1p-30f}).second, (Codes{int64_t(1) << 30, 1}));
  EXPECT_EQ(problem("pow2"), "format pow2 does not say how wide it is: write pow2{bits=4}");
}

TEST_F(Formats, Binary) {
  EXPECT_EQ(weights("binary", {1, -2, 0, 3}), (std::pair<std::string, Codes>("!quant.uniform<i2<-1:1>:f32:0, {1.500000e+00}>", {1, -1, 1, 1})));
  EXPECT_EQ(weights("binary", {0, 0}), (std::pair<std::string, Codes>("!quant.uniform<i2<-1:1>:f32:0, {1.000000e+00}>", {0, 0})));
  // Values have no code 0, though their type has: padding is 0.
  EXPECT_EQ(typeOfValues("binary", {-2, 3}), "!quant.uniform<i2<-1:1>:f32, 3.000000e+00>");
  EXPECT_EQ(values("binary", {-0.1f, 0, -0.0f, 7}, {-2, 3}), (Floats{-3, 3, 3, 3}));
}

TEST_F(Formats, Blocks) {
  // Two input channels a block. The first is on a grid of 18 * 1/8, the second on one of 1/8: 7 codes of each multiplier.
  auto [type, codes] = weights("int4{block=2}", {15.75f, -2.25f, 0.875f, -0.125f});
  EXPECT_EQ(type, "!quant.uniform<i8<-126:126>:f32:0, {1.250000e-01}>");
  EXPECT_EQ(codes, (Codes{126, -18, 7, -1}));
  EXPECT_EQ(weights("int2{block=1}", {127, -3, 0}), (std::pair<std::string, Codes>("!quant.uniform<i8<-127:127>:f32:0, {1.000000e+00}>", {127, -3, 0})));
  EXPECT_EQ(weights("int4{block=3}", {0, 0}).second, (Codes{0, 0}));
}

TEST_F(Formats, Ternary) {
  // Of 4, 3.5 for two, 2.53 for three, ... the second leaves the least errors.
  EXPECT_EQ(weights("ternary", {4, -3, 0.5f, 0.1f}), (std::pair<std::string, Codes>("!quant.uniform<i2<-1:1>:f32:0, {3.500000e+00}>", {1, -1, 0, 0})));
  // A cluster of two is 127/8 times signs, the other 3/8.
  EXPECT_EQ(weights("ternary{cluster=2}", {15.875f, -15.875f, 0.375f, 0.1f}),
            (std::pair<std::string, Codes>("!quant.uniform<i8<-127:127>:f32:0, {1.250000e-01}>", {127, -127, 3, 0})));
  EXPECT_EQ(weights("ternary{cluster=4}", {4, -3, 0.5f, 0.1f}).first, "!quant.uniform<i2<-1:1>:f32:0, {3.500000e+00}>");
  EXPECT_EQ(weights("ternary", {4, -3, 2.9f, 2.8f}).second, (Codes{1, -1, 1, 1}));
  EXPECT_EQ(weights("ternary{zeros=0.5}", {4, -3, 2.9f, 2.8f}).second, (Codes{1, -1, 0, 0}));
  // The root of (16 + 9 + 1/4) / 3, about 2.9.
  EXPECT_EQ(weights("ternary{rule=paper}", {4, -3, 0.5f, 0.1f}).second, (Codes{1, -1, 0, 0}));
  EXPECT_EQ(weights("ternary{cluster=1}", {0, 0}).second, (Codes{0, 0}));
  EXPECT_NE(parse("ternary")->whyNotForValues(), "");
  EXPECT_EQ(problem("ternary{zeros=1}"), "format ternary has no option \"zeros=1\"; known are cluster=NUMBER, zeros=SHARE below 1, rule=least-squares and rule=paper");
  EXPECT_EQ(problem("ternary{zeros=0.5, rule=paper}"), "format ternary{zeros=0.5, rule=paper}: the paper's rule decides how many are zero; leave zeros or rule=paper out");
}

TEST_F(Formats, UniformIntegers) {
  EXPECT_EQ(typeOfValues("uint4", {0, 3}), "!quant.uniform<u4:f32, 0.20000000298023224>");
  EXPECT_EQ(typeOfValues("uint1", {0, 3}), "!quant.uniform<u1:f32, 3.000000e+00>");
  EXPECT_EQ(typeOfValues("int16", {-1, 32767}), "!quant.uniform<i16:f32, 1.000000e+00>");
  EXPECT_EQ(weights("int2{per=tensor}", {1, -1, 1, 0.1f}).second, (Codes{1, -1, 1, 0}));
  // One weight far out is worth less than a fine grid for all others; with 8 bits it is not.
  Floats most(100, 1.0f);
  most.push_back(10.0f);
  EXPECT_EQ(weights("int2", most).second[0], 1);
  EXPECT_EQ(weights("int8", most).second[100], 120); // 10 times that of the others
  EXPECT_EQ(weights("int8", most).second[0], 12);
  EXPECT_EQ(weights("int16", {1, -0.5f}).second, (Codes{32767, -16384}));
}

TEST_F(Formats, Errors) {
  EXPECT_EQ(problem("int17"), "format int17 has a width that is not from 2 to 16 bits");
  EXPECT_EQ(problem("int1"), "format int1 has a width that is not from 2 to 16 bits");
  EXPECT_EQ(problem("q9.9"), "format q9.9 has a width that is not from 1 to 16 bits");
  EXPECT_EQ(problem("q1.0{saturate=symmetric}"),
            "format q1.0{saturate=symmetric} has no code besides zero: give it more bits, or leave saturate=symmetric out");
  EXPECT_EQ(problem("uint1{symmetric}"), "format uint1{symmetric} has no code above its zero point; leave symmetric out");
  EXPECT_EQ(problem("q2.2{seed=3}"), "format q2.2{seed=3} throws no dice: seed is for round=stochastic");
  EXPECT_EQ(problem("q2.2{per=channel}"), "format q2.2 has no option \"per=channel\"; known are round=half-even, half-away, truncate or "
                                          "stochastic, seed=NUMBER, saturate=symmetric or twos-complement");
  EXPECT_EQ(problem("posit8"), "unknown number format \"posit8\"; known are float, int2 to int16, uint1 to uint16, q<I>.<F> such as q3.5, "
                               "dfp8, wrpn4, pow2{bits=4}, ternary{cluster=4} and binary");
  EXPECT_NE(parse("q2.2{round=stochastic}")->whyNotForValues(), "");
  EXPECT_NE(parse("dfp8{unsigned}")->whyNotForWeights(), "");
  EXPECT_NE(parse("int4{block=8}")->whyNotForValues(), "");
  EXPECT_EQ(problem("int8{block=8}"), "format int8{block=8}: blocks are for weights of int2 to int6; leave block out");
  EXPECT_EQ(problem("int4{block=8, per=tensor}"), "format int4{block=8, per=tensor} has a scale for each block and one for all; leave one of them out");
}

} // namespace

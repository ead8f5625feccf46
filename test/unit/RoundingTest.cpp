//===- RoundingTest.cpp - rounding, clamping, integer rescale ---*- C++ -*-===//
//
// This file checks rules R1, R2, R11 and R15 to R17 of docs/Numerics.md, the integer
// ones against 128-bit arithmetic.
//
//===----------------------------------------------------------------------===//

#include "quantization/Format/Rounding.h"

#include "gtest/gtest.h"

#include <cmath>
#include <random>
#include <string>

using namespace quantization;

namespace {

using Wide = __int128;

constexpr Rounding allRoundings[] = {Rounding::HalfEven, Rounding::HalfAway, Rounding::HalfUp, Rounding::Truncate,
                                     Rounding::Floor,    Rounding::Sign};

Wide floorDivide(Wide value, Wide divisor) {
  Wide quotient = value / divisor;
  return quotient * divisor > value ? quotient - 1 : quotient;
}

/// numerator / 2^shift by the definition: the nearest candidate, ties told apart.
Wide roundExactly(Wide numerator, unsigned shift, Rounding rounding) {
  Wide divisor = Wide(1) << shift, below = floorDivide(numerator, divisor);
  Wide twiceRest = 2 * (numerator - below * divisor);
  switch (rounding) {
  case Rounding::Floor:
    return below;
  case Rounding::Truncate:
    return numerator / divisor;
  case Rounding::Sign:
    return numerator < 0 ? -1 : 1;
  default:
    break;
  }
  if (twiceRest != divisor)
    return below + (twiceRest > divisor);
  switch (rounding) {
  case Rounding::HalfEven:
    return below % 2 == 0 ? below : below + 1;
  case Rounding::HalfAway:
    return numerator > 0 ? below + 1 : below;
  default:
    return below + 1;
  }
}

int64_t rescaleExactly(int64_t accumulator, Multiplier multiplier, int64_t zeroPoint, int64_t lo, int64_t hi,
                       Rounding rounding) {
  Wide value = roundExactly(Wide(accumulator) * multiplier.mantissa, multiplier.shift, rounding) + zeroPoint;
  return static_cast<int64_t>(value < lo ? Wide(lo) : value > hi ? Wide(hi) : value);
}

TEST(RoundTo, Ties) {
  struct { double value, halfEven, halfAway, halfUp, truncate, floor; } cases[] = {
      {0.5, 0, 1, 1, 0, 0},      {1.5, 2, 2, 2, 1, 1},      {2.5, 2, 3, 3, 2, 2},      {-0.5, 0, -1, 0, 0, -1},
      {-1.5, -2, -2, -1, -1, -2}, {-2.5, -2, -3, -2, -2, -3}, {0.25, 0, 0, 0, 0, 0},     {-0.25, 0, 0, 0, 0, -1},
      {0.75, 1, 1, 1, 0, 0},     {-0.75, -1, -1, -1, 0, -1}, {7.0, 7, 7, 7, 7, 7},      {-7.0, -7, -7, -7, -7, -7},
      {0x1p52 + 1, 0x1p52 + 1, 0x1p52 + 1, 0x1p52 + 1, 0x1p52 + 1, 0x1p52 + 1}};
  for (auto &c : cases) {
    EXPECT_EQ(roundTo(c.value, Rounding::HalfEven), c.halfEven) << c.value;
    EXPECT_EQ(roundTo(c.value, Rounding::HalfAway), c.halfAway) << c.value;
    EXPECT_EQ(roundTo(c.value, Rounding::HalfUp), c.halfUp) << c.value;
    EXPECT_EQ(roundTo(c.value, Rounding::Truncate), c.truncate) << c.value;
    EXPECT_EQ(roundTo(c.value, Rounding::Floor), c.floor) << c.value;
  }
}

TEST(RoundTo, JustBesideATie) {
  double below = std::nextafter(0.5, 0.0), above = std::nextafter(0.5, 1.0);
  for (Rounding rounding : {Rounding::HalfEven, Rounding::HalfAway, Rounding::HalfUp}) {
    EXPECT_EQ(roundTo(below, rounding), 0);
    EXPECT_EQ(roundTo(-below, rounding), 0);
    EXPECT_EQ(roundTo(above, rounding), 1);
    EXPECT_EQ(roundTo(-above, rounding), -1);
  }
  EXPECT_EQ(roundTo(-1e-300, Rounding::Floor), -1);
  EXPECT_EQ(roundTo(-1e-300, Rounding::Sign), -1);
  EXPECT_EQ(roundTo(0, Rounding::Sign), 1);
  EXPECT_EQ(roundTo(-7, Rounding::Sign), -1);
}

TEST(RoundTo, NotFinite) {
  for (Rounding rounding : allRoundings) {
    EXPECT_EQ(roundTo(HUGE_VAL, rounding), HUGE_VAL);
    EXPECT_EQ(roundTo(-HUGE_VAL, rounding), -HUGE_VAL);
    EXPECT_TRUE(std::isnan(roundTo(NAN, rounding)));
  }
}

TEST(Saturate, Bounds) {
  EXPECT_EQ(saturate(300, 0, 255), 255);
  EXPECT_EQ(saturate(-1, 0, 255), 0);
  EXPECT_EQ(saturate(17, 0, 255), 17);
  EXPECT_EQ(saturate(INT64_MIN, -128, 127), -128);
}

TEST(ShiftRight, SmallExhaustive) {
  for (Rounding rounding : allRoundings)
    for (unsigned shift = 0; shift <= 6; ++shift)
      for (int64_t value = -300; value <= 300; ++value) {
        EXPECT_EQ(shiftRight(value, shift, rounding), int64_t(roundExactly(value, shift, rounding)));
        EXPECT_EQ(double(shiftRight(value, shift, rounding)),
                  roundTo(std::ldexp(double(value), -int(shift)), rounding));
      }
}

TEST(ShiftRight, Extremes) {
  for (Rounding rounding : allRoundings)
    for (unsigned shift = 0; shift <= 63; ++shift)
      for (int64_t base : {int64_t(0), INT64_MIN, INT64_MAX, int64_t(1) << (shift ? shift - 1 : 0), int64_t(3) << 40})
        for (int64_t offset : {-2, -1, 0, 1, 2}) {
          int64_t value;
          if (__builtin_add_overflow(base, offset, &value))
            continue;
          EXPECT_EQ(shiftRight(value, shift, rounding), int64_t(roundExactly(value, shift, rounding)))
              << value << " >> " << shift;
        }
}

TEST(ChooseMultiplier, PowersOfTwoAreExact) {
  for (int exponent = -62; exponent <= 30; ++exponent) {
    std::optional<Multiplier> multiplier = chooseMultiplier(std::ldexp(1.0, exponent), 1000);
    ASSERT_TRUE(multiplier) << exponent;
    EXPECT_EQ(multiplier->mantissa & (multiplier->mantissa - 1), 0) << exponent;
    EXPECT_EQ(multiplier->real(), std::ldexp(1.0, exponent));
  }
  EXPECT_EQ(*chooseMultiplier(0.5, 1), (Multiplier{1 << 30, 31}));
}

TEST(ChooseMultiplier, NormalizedAndNearest) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> fraction(0.5, 1.0);
  for (int i = 0; i < 10000; ++i) {
    double real = std::ldexp(fraction(random), static_cast<int>(random() % 30) - 29);
    std::optional<Multiplier> multiplier = chooseMultiplier(real, int64_t(1) << 31);
    ASSERT_TRUE(multiplier);
    EXPECT_GE(multiplier->mantissa, 1 << 30);
    EXPECT_LE(std::fabs(multiplier->real() - real), std::ldexp(0.5, -multiplier->shift));
  }
}

TEST(ChooseMultiplier, RoundingUpToTheNextPowerOfTwo) {
  EXPECT_EQ(*chooseMultiplier(std::nextafter(1.0, 0.0), 1), (Multiplier{1 << 30, 30}));
  EXPECT_EQ(chooseMultiplier(std::nextafter(0x1p31, 0.0), 1), std::nullopt);
}

TEST(ChooseMultiplier, NoMultiplier) {
  for (double real : {0.0, -0.0, -1.0, HUGE_VAL, double(NAN), 0x1p31, 1e30})
    EXPECT_EQ(chooseMultiplier(real, 1000), std::nullopt) << real;
  // Within 63 bits this factor cannot be told from others.
  EXPECT_EQ(chooseMultiplier(1.0 / 3, INT64_MAX / 8), std::nullopt);
  // Exact with a mantissa of one bit.
  EXPECT_EQ(chooseMultiplier(0.25, int64_t(1) << 60)->real(), 0.25);
}

TEST(ChooseMultiplier, TinyFactors) {
  // All accumulators round to zero, whatever is left of the mantissa.
  for (double real : {1e-12, 1e-17, 1e-25, 5e-324}) {
    std::optional<Multiplier> multiplier = chooseMultiplier(real, 1 << 24);
    ASSERT_TRUE(multiplier) << real;
    EXPECT_LE(multiplier->shift, 62);
    for (int64_t accumulator : {-(1 << 24), -1, 0, 1 << 24})
      EXPECT_EQ(rescale(accumulator, *multiplier, 3, 0, 255, Rounding::HalfEven), 3);
  }
}

TEST(ChooseMultiplier, ShortenedToFit63Bits) {
  std::mt19937_64 random(2);
  std::uniform_real_distribution<double> fraction(0.5, 1.0);
  for (int i = 0; i < 10000; ++i) {
    double real = std::ldexp(fraction(random), -static_cast<int>(random() % 40));
    int64_t bound = static_cast<int64_t>(random() >> (1 + random() % 63));
    std::optional<Multiplier> multiplier = chooseMultiplier(real, bound);
    if (!multiplier) {
      EXPECT_GT(bound, int64_t(1) << 45);
      continue;
    }
    Wide half = multiplier->shift ? Wide(1) << (multiplier->shift - 1) : Wide(0);
    EXPECT_LT(Wide(bound) * multiplier->mantissa + half, Wide(1) << 63);
    EXPECT_LE(std::fabs(multiplier->real() - real), std::ldexp(0.5, -multiplier->shift));
    // No bit was given away.
    if (multiplier->mantissa < 1 << 30 && multiplier->shift < 62) {
      Wide longer = static_cast<Wide>(roundTo(std::ldexp(real, multiplier->shift + 1), Rounding::HalfEven));
      EXPECT_GE(Wide(bound) * longer + (Wide(1) << multiplier->shift), Wide(1) << 63);
    }
  }
}

TEST(Rescale, AgainstWideArithmetic) {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> fraction(0.5, 1.0);
  struct { int64_t lo, hi; } ranges[] = {{0, 255},         {-128, 127},            {0, 65535},
                                         {-32768, 32767}, {INT32_MIN, INT32_MAX}, {0, 1}};
  for (int i = 0; i < 20000; ++i) {
    int64_t bound = static_cast<int64_t>(random() >> (20 + random() % 40));
    double real = std::ldexp(fraction(random), 4 - static_cast<int>(random() % 40));
    std::optional<Multiplier> multiplier = chooseMultiplier(real, bound);
    if (!multiplier)
      continue;
    auto [lo, hi] = ranges[random() % std::size(ranges)];
    int64_t zeroPoint = lo + static_cast<int64_t>(random() % static_cast<uint64_t>(hi - lo + 1));
    int64_t inside = bound ? static_cast<int64_t>(random() % static_cast<uint64_t>(bound)) : 0;
    for (int64_t accumulator : {inside, -inside, bound, -bound, int64_t(0)})
      for (Rounding rounding : allRoundings)
        ASSERT_EQ(rescale(accumulator, *multiplier, zeroPoint, lo, hi, rounding),
                  rescaleExactly(accumulator, *multiplier, zeroPoint, lo, hi, rounding))
            << accumulator << " * " << multiplier->mantissa << " >> " << multiplier->shift;
  }
}

TEST(Rescale, TiesOfAllRoundings) {
  Multiplier half = *chooseMultiplier(0.5, 100);
  for (int64_t accumulator = -100; accumulator <= 100; ++accumulator)
    for (Rounding rounding : allRoundings)
      EXPECT_EQ(rescale(accumulator, half, 5, -128, 127, rounding),
                saturate(static_cast<int64_t>(roundTo(accumulator * 0.5, rounding)) + 5, -128, 127));
}

TEST(Rescale, NoOverflowAtTheEnds) {
  Multiplier one{1, 0};
  EXPECT_EQ(rescale(INT64_MAX, one, 65535, 0, 65535, Rounding::HalfEven), 65535);
  EXPECT_EQ(rescale(-INT64_MAX, one, -32768, -32768, 32767, Rounding::HalfEven), -32768);
}

TEST(TiesAreImpossible, ExactOnSmallCases) {
  for (int32_t mantissa = 0; mantissa <= 80; ++mantissa)
    for (int32_t shift = 0; shift <= 8; ++shift) {
      Multiplier multiplier{mantissa, shift};
      bool seen = false;
      for (int64_t bound = 0; bound <= 300; ++bound) {
        for (int64_t accumulator : {-bound, bound})
          seen |= shift > 0 && ((accumulator * mantissa) & ((1 << shift) - 1)) == 1 << (shift - 1);
        ASSERT_EQ(tiesAreImpossible(multiplier, bound), !seen) << mantissa << " " << shift << " " << bound;
      }
    }
}

TEST(TiesAreImpossible, ThenAllHalfRoundingsAgree) {
  std::mt19937_64 random(4);
  std::uniform_real_distribution<double> fraction(0.5, 1.0);
  int proved = 0;
  for (int i = 0; i < 2000; ++i) {
    int64_t bound = 1 << 24;
    Multiplier multiplier = *chooseMultiplier(std::ldexp(fraction(random), -12), bound);
    if (!tiesAreImpossible(multiplier, bound))
      continue;
    ++proved;
    int64_t accumulator = static_cast<int64_t>(random() % (2 * bound + 1)) - bound;
    int64_t even = rescale(accumulator, multiplier, 0, -32768, 32767, Rounding::HalfEven);
    EXPECT_EQ(rescale(accumulator, multiplier, 0, -32768, 32767, Rounding::HalfUp), even);
    EXPECT_EQ(rescale(accumulator, multiplier, 0, -32768, 32767, Rounding::HalfAway), even);
  }
  EXPECT_GT(proved, 1990);
  EXPECT_FALSE(tiesAreImpossible(*chooseMultiplier(0.5, 100), 100));
  EXPECT_TRUE(tiesAreImpossible(*chooseMultiplier(4.0, 100), 100));
}

} // namespace

//===- Rounding.cpp - rounding, clamping, integer rescale -------*- C++ -*-===//
//
// This file implements rules R1, R2, R11 and R15 to R17 of docs/Numerics.md.
//
//===----------------------------------------------------------------------===//

#include "quantization/Format/Rounding.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace quantization {

double roundTo(double value, Rounding rounding) {
  // The fraction is exact, so the tie is seen exactly; value - floor(value) would not be.
  double integer = std::trunc(value);
  double fraction = value - integer;
  double distance = std::fabs(fraction);
  bool stepsOut = false; // one further from zero than `integer`
  switch (rounding) {
  case Rounding::HalfEven:
    stepsOut = distance > 0.5 || (distance == 0.5 && std::fmod(integer, 2.0) != 0.0);
    break;
  case Rounding::HalfAway:
    stepsOut = distance >= 0.5;
    break;
  case Rounding::HalfUp:
    stepsOut = fraction >= 0.5 || fraction < -0.5;
    break;
  case Rounding::Truncate:
    break;
  case Rounding::Floor:
    stepsOut = fraction < 0.0;
    break;
  case Rounding::Sign:
    return !std::isfinite(value) ? value : value < 0 ? -1 : 1;
  }
  return stepsOut ? integer + std::copysign(1.0, fraction) : integer;
}

int64_t saturate(int64_t value, int64_t lo, int64_t hi) { return std::min(std::max(value, lo), hi); }

int64_t shiftRight(int64_t value, unsigned shift, Rounding rounding) {
  assert(shift <= 63 && "the shift must leave a bit");
  if (rounding == Rounding::Sign)
    return value < 0 ? -1 : 1;
  if (shift == 0)
    return value;
  int64_t below = value >> shift;
  uint64_t rest = static_cast<uint64_t>(value) & ((uint64_t(1) << shift) - 1);
  uint64_t half = uint64_t(1) << (shift - 1);
  switch (rounding) {
  case Rounding::HalfEven:
    return below + (rest > half || (rest == half && (below & 1)));
  case Rounding::HalfAway:
    return below + (rest > half || (rest == half && value >= 0));
  case Rounding::HalfUp:
    return below + (rest >= half);
  case Rounding::Truncate:
    return below + (value < 0 && rest != 0);
  case Rounding::Floor:
    return below;
  case Rounding::Sign:
    break;
  }
  llvm_unreachable("unknown rounding");
}

double Multiplier::real() const { return std::ldexp(static_cast<double>(mantissa), -shift); }

/// bound * mantissa + 2^(shift-1) < 2^63.
static bool fitsIn63Bits(int64_t bound, int64_t mantissa, int shift) {
  int64_t product, sum;
  return !__builtin_mul_overflow(bound, mantissa, &product) &&
         !__builtin_add_overflow(product, shift == 0 ? 0 : int64_t(1) << (shift - 1), &sum);
}

std::optional<Multiplier> chooseMultiplier(double real, int64_t accumulatorBound) {
  assert(accumulatorBound >= 0 && "a bound is a magnitude");
  if (!(real > 0.0) || !std::isfinite(real))
    return std::nullopt;
  auto mantissaAt = [&](int shift) { return roundTo(std::ldexp(real, shift), Rounding::HalfEven); };

  // 2^(exponent-1) <= real < 2^exponent; rounding up to 2^31 costs one bit more.
  int exponent;
  std::frexp(real, &exponent);
  int shift = std::min(31 - exponent, 62);
  if (shift >= 0 && mantissaAt(shift) >= 0x1p31)
    --shift;
  while (shift >= 0 && !fitsIn63Bits(accumulatorBound, static_cast<int64_t>(mantissaAt(shift)), shift))
    --shift;
  if (shift < 0)
    return std::nullopt;

  Multiplier multiplier{static_cast<int32_t>(mantissaAt(shift)), shift};
  bool isPrecise = multiplier.mantissa >= (1 << 15) || multiplier.real() == real;
  bool isAlwaysZero = static_cast<double>(accumulatorBound) * real < 0.5;
  if (!isPrecise && !isAlwaysZero)
    return std::nullopt;
  return multiplier;
}

bool tiesAreImpossible(Multiplier multiplier, int64_t accumulatorBound) {
  // A tie is a * m = 2^(s-1) modulo 2^s. Write m = o * 2^t with o odd.
  //  - t >= s (also s = 0, or m = 0): the left side is 0 modulo 2^s, never a tie.
  //  - t < s: divide by 2^t; with n = s - t a tie is a * o = 2^(n-1) modulo 2^n. As o is odd it has an odd inverse, and
  //    2^(n-1) times an odd number is 2^(n-1) modulo 2^n; so the ties are exactly the a with a = 2^(n-1) modulo 2^n.
  //    The smallest such |a| is 2^(n-1), so there is none within the bound if and only if bound < 2^(n-1).
  if (multiplier.mantissa == 0)
    return true;
  int trailing = llvm::countr_zero(static_cast<uint32_t>(multiplier.mantissa));
  int rest = multiplier.shift - trailing;
  return rest <= 0 || accumulatorBound < int64_t(1) << (rest - 1);
}

int64_t rescale(int64_t accumulator, Multiplier multiplier, int64_t zeroPoint, int64_t lo, int64_t hi,
                Rounding rounding) {
  int64_t rounded = shiftRight(accumulator * multiplier.mantissa, multiplier.shift, rounding);
  // Clamping first, to shifted bounds, is the same and cannot overflow.
  return saturate(rounded, lo - zeroPoint, hi - zeroPoint) + zeroPoint;
}

} // namespace quantization

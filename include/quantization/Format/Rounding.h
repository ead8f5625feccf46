//===- Rounding.h - rounding, clamping, integer rescale ---------*- C++ -*-===//
//
// This file is the single definition of how a number is rounded, clamped and
// rescaled. Rules R1, R2, R11 and R15 to R17 of docs/Numerics.md.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_FORMAT_ROUNDING_H
#define QUANTIZATION_FORMAT_ROUNDING_H

#include <cstdint>
#include <optional>

namespace quantization {

/// How a value between two integers is rounded (R1).
enum class Rounding {
  HalfEven, ///< nearest; a tie goes to the even neighbour (ONNX QuantizeLinear)
  HalfAway, ///< nearest; a tie goes away from zero (C's round)
  HalfUp,   ///< nearest; a tie goes towards plus infinity
  Truncate, ///< towards zero
  Floor,    ///< towards minus infinity
  Sign,     ///< -1 below zero, else 1: no rounding at all, but what stands in its place where two codes are left (R35)
};

/// `value` rounded to an integer. Infinities and NaN come back unchanged.
double roundTo(double value, Rounding rounding);

/// `value` cut to [lo, hi].
int64_t saturate(int64_t value, int64_t lo, int64_t hi);

/// `value` / 2^shift, rounded; exact for every value and 0 <= shift <= 63.
int64_t shiftRight(int64_t value, unsigned shift, Rounding rounding);

/// The real factor mantissa * 2^-shift.
struct Multiplier {
  int32_t mantissa; ///< in [2^30, 2^31) unless shortened (R16), never negative
  int32_t shift;    ///< in [0, 62]

  double real() const;
  bool operator==(const Multiplier &other) const { return mantissa == other.mantissa && shift == other.shift; }
};

/// The multiplier nearest to `real` with which no |accumulator| <= accumulatorBound overflows 63 bits: bound * mantissa
/// + 2^(shift-1) < 2^63 (R11, shortened by R16). None when `real` is not a positive number, is 2^31 or more, or cannot
/// be kept to 16 significant bits within the bound.
std::optional<Multiplier> chooseMultiplier(double real, int64_t accumulatorBound);

/// True when no accumulator with |accumulator| <= accumulatorBound lands exactly between two integers; then half-even,
/// half-away and half-up give the same result (R17). Exact, not merely safe.
bool tiesAreImpossible(Multiplier multiplier, int64_t accumulatorBound);

/// clamp(round(accumulator * mantissa / 2^shift) + zeroPoint, lo, hi), with one rounding (R15). The product must fit 63
/// bits, which chooseMultiplier's bound guarantees; lo, hi and zeroPoint are within 32 bits.
int64_t rescale(int64_t accumulator, Multiplier multiplier, int64_t zeroPoint, int64_t lo, int64_t hi,
                Rounding rounding);

} // namespace quantization

#endif // QUANTIZATION_FORMAT_ROUNDING_H

//===- Grid.h - scale, zero point and code range ----------------*- C++ -*-===//
//
// This file defines the grid of a uniform format: how it is chosen from a range
// and how values travel to it and back. Rules R3 to R8 of docs/Numerics.md.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_FORMAT_GRID_H
#define QUANTIZATION_FORMAT_GRID_H

#include "quantization/Format/Rounding.h"

namespace quantization {

/// Expressed values from min to max.
struct Range {
  double min = 0, max = 0;
};

/// The code q in [lo, hi] stands for the value (q - zeroPoint) * scale.
struct Grid {
  float scale = 1; ///< finite and at least the smallest normal f32
  int64_t zeroPoint = 0;
  int64_t lo = 0, hi = 0;
};

/// The grid over `range`, first widened to hold 0, with lo on its min and hi on its max; zero is exact. Ends beyond f32
/// are cut to f32's largest value and NaN counts as 0 (R5). Needs lo < hi.
Grid asymmetricGrid(Range range, int64_t lo, int64_t hi);

/// The grid with zero on `zeroPoint` and absMax on hi (R6). Signed types take zero point 0, unsigned types of k bits
/// 2^(k-1). `absMax` is treated as in asymmetricGrid. Needs lo <= zeroPoint < hi.
Grid symmetricGrid(double absMax, int64_t lo, int64_t hi, int64_t zeroPoint = 0);

/// The code of `value`: f32 division by the scale, one rounding, plus the zero point, saturated; as ONNX QuantizeLinear
/// (R3). NaN becomes the zero point.
int64_t quantize(float value, const Grid &grid, Rounding rounding = Rounding::HalfEven);

/// The value of a code in f32, as ONNX DequantizeLinear (R4).
float dequantize(int64_t code, const Grid &grid);

/// The i32 code of a bias at `scale` = f32(input scale * weight scale), divided in double (R8).
int32_t quantizeBias(double bias, float scale);

/// `weightScale`, raised as little as needed for f32(inputScale * result) to be a normal number at which the bias fits
/// i32 (R8).
float weightScaleForBias(float inputScale, float weightScale, double bias);

} // namespace quantization

#endif // QUANTIZATION_FORMAT_GRID_H

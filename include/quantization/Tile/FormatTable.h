//===- FormatTable.h - number formats as data -------------------*- C++ -*-===//
//
// This file declares the table by whose rows a compiled network quantizes its values, so that formats can change without compiling again.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TILE_FORMATTABLE_H
#define QUANTIZATION_TILE_FORMATTABLE_H

#include "quantization/Format/Grid.h"
#include <optional>
#include <vector>

namespace quantization {

/// One row for each numbered observer.
class FormatTable {
public:
  enum Column : int { kScale, kLow, kHigh, kAwayFrom, kIsEven, kIsFloat, kColumns };

  /// All values stay f32.
  explicit FormatTable(size_t rows) : rows(rows * kColumns) {
    for (size_t row = 0; row < rows; ++row)
      keepFloat(row);
  }
  void keepFloat(size_t row) {
    set(row, Grid{1, 0, 0, 1}, Rounding::HalfEven);
    at(row)[kIsFloat] = 1;
  }
  /// False where a row cannot say how to round: half-up and floor.
  bool set(size_t row, const Grid &grid, Rounding rounding) {
    float *cells = at(row);
    cells[kScale] = grid.scale;
    cells[kLow] = static_cast<float>(grid.lo - grid.zeroPoint);
    cells[kHigh] = static_cast<float>(grid.hi - grid.zeroPoint);
    cells[kAwayFrom] = rounding == Rounding::HalfAway ? 0.5f : 2; // what is left behind the point when a value is rounded away from 0
    cells[kIsEven] = rounding == Rounding::HalfEven;
    cells[kIsFloat] = 0;
    return rounding == Rounding::HalfEven || rounding == Rounding::HalfAway || rounding == Rounding::Truncate;
  }
  const float *data() const { return rows.data(); }
  bool hasSameRow(size_t row, const FormatTable &other) const {
    size_t first = row * kColumns;
    return std::equal(rows.begin() + first, rows.begin() + first + kColumns, other.rows.begin() + first);
  }

private:
  std::vector<float> rows;
  float *at(size_t row) { return rows.data() + row * kColumns; }
};

} // namespace quantization

#endif // QUANTIZATION_TILE_FORMATTABLE_H

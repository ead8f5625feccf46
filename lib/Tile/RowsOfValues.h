//===- RowsOfValues.h - some rows of a value --------------------*- C++ -*-===//
//
// This file declares how ops on tensors are built again for some rows of their result, together with what they read that is not worth being
// kept whole. Rows are the second dimension of a tensor of three or more; the first numbers images.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TILE_ROWSOFVALUES_H
#define QUANTIZATION_LIB_TILE_ROWSOFVALUES_H

#include "Lowering.h"

namespace quantization::tile {

/// Rows `first` to `first + count - 1` of one image. `disjoint`: no row is asked for twice, whatever the rows of the other turns.
struct Rows {
  mlir::Value image, first;
  int64_t count;
  bool disjoint = true;
};

/// The number of rows of `value`, 1 where it has none.
int64_t rowCountOf(mlir::Value value);

/// Whether some rows of `value` can be computed from rows of what its op reads.
bool canBuildRows(mlir::Value value, bool disjoint);
/// Whether values are unpacked on the way to rows of `value`, and nowhere whole.
bool unpacksRows(mlir::Value value, bool disjoint);
/// Bytes of the buffers that `count` rows of `value` take on the way.
int64_t bytesOfRows(mlir::Value value, int64_t count, bool disjoint);
/// Those rows, as a tensor with as many rows and one image.
mlir::Value buildRows(mlir::OpBuilder &builder, mlir::Value value, const Rows &rows);

} // namespace quantization::tile

#endif // QUANTIZATION_LIB_TILE_ROWSOFVALUES_H

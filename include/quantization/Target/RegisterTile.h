//===- RegisterTile.h - the accumulators of a micro-kernel ------*- C++ -*-===//
//
// This file declares the choice of the part of a result that a micro-kernel keeps in registers.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TARGET_REGISTERTILE_H
#define QUANTIZATION_TARGET_REGISTERTILE_H

#include "quantization/Target/TargetModel.h"

namespace quantization {

/// `rows` x `columns` positions of the result times `vectors` registers of output channels.
struct RegisterTile {
  int64_t rows, columns, vectors;
};

/// The tile with the least estimated time for `rows` x `columns` positions of `outputs` channels. `vectors` fixes that part of it;
/// 0 leaves it open.
RegisterTile chooseRegisterTile(const DotKernel &kernel, int64_t rows, int64_t columns, int64_t outputs, int64_t vectors = 0);

} // namespace quantization

#endif // QUANTIZATION_TARGET_REGISTERTILE_H

//===- AdditionWeights.h - weights that become instructions -----*- C++ -*-===//
//
// This file declares what code made of additions is made from.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_LIB_TARGET_X86_ADDITIONWEIGHTS_H
#define QUANTIZATION_LIB_TARGET_X86_ADDITIONWEIGHTS_H

#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Ternary/SignedSums.h"

namespace quantization {

/// [outputs][channel, row, column], of weights packed as [1, 1, rows, columns * channels, lanes, 1].
std::vector<int32_t> additionWeights(fixed::ContractOp op);

/// Their chunks; nothing where they are not ternary.
std::optional<SignedSums> additionSums(fixed::ContractOp op, const std::vector<int32_t> &weights);

} // namespace quantization

#endif // QUANTIZATION_LIB_TARGET_X86_ADDITIONWEIGHTS_H

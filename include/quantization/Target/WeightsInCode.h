//===- WeightsInCode.h - weights that become instructions -------*- C++ -*-===//
//
// This file declares what can be told of contractions whose kernel knows their weights, while the code is not written yet.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_TARGET_WEIGHTSINCODE_H
#define QUANTIZATION_TARGET_WEIGHTSINCODE_H

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "quantization/Dialect/Fixed/Fixed.h"
#include "quantization/Target/TargetModel.h"
#include "quantization/Ternary/SignedSums.h"

namespace quantization {

/// Of code, for each weight that is not 0: what adds256 takes in the layers of a ResNet.
constexpr int64_t kBytesOfAddition = 5;

/// The constant of which the weights of `op` are a view; null for an argument.
mlir::memref::GetGlobalOp weightConstant(fixed::ContractOp op);

/// Whether the kernel that `op` names makes instructions of its weights.
bool knowsWeights(fixed::ContractOp op, const TargetModel &target);

/// Why the weights of `op` cannot become instructions; empty if they can: they are a constant in the order of its packing, and ternary.
std::string whyNoAdditions(fixed::ContractOp op);

/// [outputs][channel, row, column], of constant weights packed as [1, 1, rows, columns * channels, lanes, 1]; empty for others.
std::vector<int32_t> additionWeights(fixed::ContractOp op);

/// Their chunks; nothing where they are not ternary.
std::optional<SignedSums> additionSums(fixed::ContractOp op, const std::vector<int32_t> &weights);

/// What takes the place of the products of `op`: additions and subtractions, before any is shared, and multiplications of sums by the factors
/// of their clusters. Nothing where the weights cannot become instructions.
struct SumOperations {
  int64_t additions, factors;
};
std::optional<SumOperations> operationsOfSums(fixed::ContractOp op);

/// Those additions that are left where sums are shared by as many outputs as have registers, all outputs being computed together. Takes time.
int64_t countSharedAdditions(fixed::ContractOp op, const DotKernel &kernel);

} // namespace quantization

#endif // QUANTIZATION_TARGET_WEIGHTSINCODE_H

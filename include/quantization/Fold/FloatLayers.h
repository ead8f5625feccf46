//===- FloatLayers.h - which layers stay float, and why ---------*- C++ -*-===//
//
// This file declares the question that the remark, the report and the driver's last lines share.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_FOLD_FLOATLAYERS_H
#define QUANTIZATION_FOLD_FLOATLAYERS_H

#include "mlir/IR/BuiltinOps.h"
#include <string>
#include <vector>

namespace quantization {

/// The attribute with the reason why a layer stays float: the policy (assign-precision) or its integers (absorb-quantization).
inline constexpr llvm::StringLiteral kWhyFloat = "nn.why_float";

/// Whether somebody decided that the layer stays float, even between integers.
inline bool isKeptFloat(mlir::Operation *op) { return op->hasAttr(kWhyFloat); }

struct FloatLayer {
  mlir::Operation *op;
  std::string layer, reason;
};

/// The layers of a simulated or integral network that compute in f32, in order.
std::vector<FloatLayer> findFloatLayers(mlir::ModuleOp module);

} // namespace quantization

#endif // QUANTIZATION_FOLD_FLOATLAYERS_H

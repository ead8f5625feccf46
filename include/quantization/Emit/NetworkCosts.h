//===- NetworkCosts.h - widths and shapes of a network ----------*- C++ -*-===//
//
// This file declares how the facts behind a report of costs are read off a network.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_EMIT_NETWORKCOSTS_H
#define QUANTIZATION_EMIT_NETWORKCOSTS_H

#include "mlir/IR/BuiltinOps.h"
#include "quantization/Assign/Costs.h"

namespace quantization {

struct NetworkCosts {
  std::vector<LayerWork> layers;
  std::vector<Sublayer> sublayers;
  /// Whether `sublayers` are those of the file, and not what the compiler has left of them.
  bool asDrawn = false;
  /// Values between layers and those of the caller; steps are named after their layers.
  std::vector<LiveValue> values;
  std::vector<std::string> steps;
};

/// The share of zeros in what each layer with weights reads, as observers have counted them; by layer.
std::map<std::string, double> zeroSharesOf(mlir::ModuleOp observed);

/// Of a network in any form from network to additive. Widths are those of `#nn.precision`, and of types once there are quantized ones.
NetworkCosts networkCostsOf(mlir::ModuleOp network, const std::map<std::string, double> &zeroShares);

} // namespace quantization

#endif // QUANTIZATION_EMIT_NETWORKCOSTS_H

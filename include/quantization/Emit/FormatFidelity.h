//===- FormatFidelity.h - what formats lose ---------------------*- C++ -*-===//
//
// This file declares the part of a report that names the layers whose formats lose most.
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_EMIT_FORMATFIDELITY_H
#define QUANTIZATION_EMIT_FORMATFIDELITY_H

#include "mlir/IR/BuiltinOps.h"
#include "quantization/Calibrate/Fidelity.h"
#include "llvm/Support/JSON.h"
#include <string>
#include <vector>

namespace quantization {

/// What a format loses of the weights of a layer, or of its result.
struct FormatFidelity {
  std::string layer, format;
  bool ofWeights;
  /// The grid that the format has chosen, as a user would write it: `q3.13`, or a scale and a zero point.
  std::string grid;
  Fidelity fidelity;
};

/// Of each value and weight of a network in the assigned form that a format other than float holds, the worst first, be it as a whole or in
/// most of its channels; values without statistics are left out.
std::vector<FormatFidelity> fidelityOf(mlir::ModuleOp assigned);

/// Of weights alone, those in formats of no more than `mostBits`, the worst as a whole first.
std::vector<FormatFidelity> fidelityOfWeights(mlir::ModuleOp assigned, unsigned mostBits);

/// Adds it to a report under the key `fidelity`.
void reportOnFidelity(llvm::ArrayRef<FormatFidelity> formats, llvm::json::Object &report);

} // namespace quantization

#endif // QUANTIZATION_EMIT_FORMATFIDELITY_H

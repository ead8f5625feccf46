//===- Passes.td - passes of the room Ternary ---*- tablegen -*-===//

#ifndef QUANTIZATION_TERNARY_PASSES_TD
#define QUANTIZATION_TERNARY_PASSES_TD

include "mlir/Pass/PassBase.td"


#endif // QUANTIZATION_TERNARY_PASSES_TD

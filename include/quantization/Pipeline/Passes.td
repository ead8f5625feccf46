//===- Passes.td - passes of the room Pipeline ---*- tablegen -*-===//

#ifndef QUANTIZATION_PIPELINE_PASSES_TD
#define QUANTIZATION_PIPELINE_PASSES_TD

include "mlir/Pass/PassBase.td"

def VerifyForm : Pass<"verify-form", "::mlir::ModuleOp"> {
  let summary = "check what the form at the end of a room promises";
  let description = [{
    Each form is described in the documentation of the walk. The message names the op, its layer, and the pass that
    should have dealt with it. See test/Pipeline/verify-form.mlir.
  }];
  let options = [
    Option<"form", "form", "std::string", "\"network\"", "network, observed, assigned, simulated, integral, additive, tiled or lowered">];
}

#endif // QUANTIZATION_PIPELINE_PASSES_TD

//===- Passes.td - passes of the room Pipeline ---*- tablegen -*-===//

#ifndef QUANTIZATION_PIPELINE_PASSES_TD
#define QUANTIZATION_PIPELINE_PASSES_TD

include "mlir/Pass/PassBase.td"

def VerifyForm : Pass<"verify-form", "::mlir::ModuleOp"> {
  let summary = "check what the form at the end of a room promises";
  let description = [{
    Forms are described in docs/Walk.md. All that breaks the form is reported, each with its layer, the fact, and the pass
    that should have dealt with it:

      raw                    only `nn` and `func`
      network to additive    no `nn.onnx`, `nn.none` or `nn.batch_norm`; static shapes
      observed, assigned     also `nn.observe`; in the assigned form each has a precision
      simulated              no `nn.observe`
      integral, additive     also `fixed`, each rescale with multipliers; no layer in f32 between codes on all sides,
                             unless its `nn.why_float` says why
      tiled                  only `func`, `linalg`, `scf`, `affine`, `memref`, `arith` and `math`; no allocation
      lowered                only `llvm`

    From network to additive every layer has a name, and no two the same. See test/Pipeline/verify-form.mlir.
  }];
  let options = [
    Option<"form", "form", "std::string", "\"network\"", "raw, network, observed, assigned, simulated, integral, additive, tiled or lowered">];
}

#endif // QUANTIZATION_PIPELINE_PASSES_TD

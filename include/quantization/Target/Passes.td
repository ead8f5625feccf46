//===- Passes.td - passes of the room Target ---*- tablegen -*-===//

#ifndef QUANTIZATION_TARGET_PASSES_TD
#define QUANTIZATION_TARGET_PASSES_TD

include "mlir/Pass/PassBase.td"

def ExposeEntry : Pass<"expose-entry", "::mlir::ModuleOp"> {
  let summary = "give the network the entry of the artifact";
  let description = [{
    Renames the network's function to `quantization_sample`, tells LLVM that its arguments do not overlap, and makes
    every other function private. See test/Target/expose-entry.mlir.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def ExpandCopies : Pass<"expand-copies", "::mlir::ModuleOp"> {
  let summary = "copies become loops";
  let description = [{
    Turns `memref.copy` between buffers of different strides into loops, so that no run-time library is needed, and leaves
    dense ones, which become memcpy. See test/Target/expand-copies.mlir.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

#endif // QUANTIZATION_TARGET_PASSES_TD

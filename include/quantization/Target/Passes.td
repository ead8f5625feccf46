//===- Passes.td - passes of the room Target ---*- tablegen -*-===//

#ifndef QUANTIZATION_TARGET_PASSES_TD
#define QUANTIZATION_TARGET_PASSES_TD

include "mlir/Pass/PassBase.td"

def ExposeEntry : Pass<"expose-entry", "::mlir::ModuleOp"> {
  let summary = "give the network the entry of the artifact";
  let description = [{
    Renames the network, the module's only public function with a body, to `quantization_sample`, drops the attributes of
    its arguments and results (names are on the module), and marks its buffers `llvm.noalias`: inputs, outputs and arena do
    not overlap. None or several public functions are an error. See test/Target/expose-entry.mlir.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def ExpandCopies : Pass<"expand-copies", "::mlir::ModuleOp"> {
  let summary = "copies become loops";
  let description = [{
    Turns each `memref.copy` from or to a buffer with a layout (strides, an offset) into a `linalg.generic`; MLIR would call
    a run-time library for it. Copies between dense buffers are left alone: they become memcpy. See test/Target/expand-copies.mlir.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def OutlineLayers : Pass<"outline-layers", "::mlir::ModuleOp"> {
  let summary = "one function per distinct loop nest";
  let description = [{
    Moves each loop nest of the network into a private function whose arguments are the buffers it uses, without alias; equal nests
    share one function. See test/Target/outline-layers.mlir.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
  let statistics = [
    Statistic<"numFunctions", "num-functions", "functions made">,
    Statistic<"numShared", "num-nests-shared", "loop nests that share another's function">];
}

#endif // QUANTIZATION_TARGET_PASSES_TD

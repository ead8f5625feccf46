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
    share one function. With `profile`, copies between buffers get functions too, and each call says as `fixed.step` what it computes and
    moves. See test/Target/outline-layers.mlir.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::quantization::fixed::FixedDialect"];
  let options = [Option<"profile", "profile", "bool", "false", "describe each call, for profile-steps">];
  let statistics = [
    Statistic<"numFunctions", "num-functions", "functions made">,
    Statistic<"numShared", "num-nests-shared", "loop nests that share another's function">];
}

def ExpandContract : Pass<"expand-contract", "::mlir::ModuleOp"> {
  let summary = "write micro-kernels out";
  let description = [{
    Turns each `fixed.contract` on buffers into loops around the micro-kernel that its `lowering` names: a tile of the result
    stays in vector registers for all products of it, and its region is applied before it is stored. The last tiles of a row
    or column overlap their neighbours; nothing outside the buffers is read or written. See test/Target/expand-contract.mlir.
  }];
  let dependentDialects = ["::mlir::amx::AMXDialect", "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
                           "::mlir::LLVM::LLVMDialect"];
  let statistics = [Statistic<"numExpanded", "num-kernels-expanded", "contractions written out">];
}

def VectorizeElementwise : Pass<"vectorize-elementwise", "::mlir::ModuleOp"> {
  let summary = "loops over neighbours in memory take a vector at a time";
  let description = [{
    Turns each `linalg.generic` on buffers into loops on vectors, where its innermost loop is parallel, its operands lie side by
    side along it or do not depend on it, and its body works on values one by one. Sums and maxima over other loops stay in
    registers. Inputs may also lie side by side along one other loop: then squares of 4, 8 or 16 values of both loops are transposed by
    shuffles. Others are left to `convert-linalg-to-loops`, and so is everything where the target has no kernels. See
    test/Target/vectorize-elementwise.mlir.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
  let statistics = [Statistic<"numVectorized", "num-loops-vectorized", "loop nests on vectors">];
}

def ShareLoops : Pass<"share-loops", "::mlir::ModuleOp"> {
  let summary = "loops are shared between threads";
  let description = [{
    Where the module's `fixed.target` has several threads, gives each private function of `scf.parallel` loops another argument, the
    number of a share, which restricts one loop of each nest to that share of its turns: the one that spreads most evenly. Each of its
    calls becomes one call a share, with a stack of its own. Functions that do anything else, whose loops are too short, or that are not
    worth waking a thread for, are left alone. See test/Target/share-loops.mlir and share-loops-tiles.mlir.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::quantization::fixed::FixedDialect"];
  let options = [Option<"leastWork", "least-work", "double", "20000",
                        "operations, roughly, below which a layer stays on one thread; some microseconds">];
  let statistics = [Statistic<"numShared", "num-functions-shared", "functions shared between threads">];
}

def ForkShares : Pass<"fork-shares", "::mlir::ModuleOp"> {
  let summary = "the shares of a layer run side by side";
  let description = [{
    Where the module's `fixed.target` has several threads, gives the entry another argument, the pool, and turns the calls of all shares
    of a function, which follow each other, into one call of the run-time code: it calls the function for each share, on any thread, and
    returns when all are done. See test/Target/fork-shares.mlir.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
  let statistics = [Statistic<"numForks", "num-forks", "layers whose shares run side by side">];
}

def ProfileSteps : Pass<"profile-steps", "::mlir::ModuleOp"> {
  let summary = "read the clock between the steps of a run";
  let description = [{
    Around each call with a `fixed.step`, the entry reads the clock of the run-time code and adds the difference to the step's place in a
    table. What the steps are moves to the module, as `fixed.steps` in their order. See test/Target/profile-steps.mlir.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::quantization::fixed::FixedDialect"];
  let statistics = [Statistic<"numSteps", "num-steps-timed", "steps between readings of the clock">];
}

def ExpandRequantize : Pass<"expand-requantize", "::mlir::ModuleOp"> {
  let summary = "write requantization out";
  let description = [{
    Turns each `fixed.requantize` into arith: on scalars in i64; on vectors of i32 with the 64-bit products of even and odd lanes
    apart. The bits are the same (Numerics R1, R15 to R17). See test/Target/expand-requantize.mlir.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::vector::VectorDialect"];
}

#endif // QUANTIZATION_TARGET_PASSES_TD

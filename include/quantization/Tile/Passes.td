//===- Passes.td - passes of the room Tile ---*- tablegen -*-===//

#ifndef QUANTIZATION_TILE_PASSES_TD
#define QUANTIZATION_TILE_PASSES_TD

include "mlir/Pass/PassBase.td"

def ChooseLayout : Pass<"choose-layout", "::mlir::ModuleOp"> {
  let summary = "choose the memory order of every value";
  let description = [{
    Layers over channels and space get channels last, the layers between follow, and `fixed.relayout` stands where
    two orders meet. See test/Tile/choose-layout.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::quantization::fixed::FixedDialect"];
  let statistics = [
    Statistic<"numRelayouts", "num-relayouts", "changes of order left in the network">];
}

def ConvertNNToLinalg : Pass<"convert-nn-to-linalg", "::mlir::ModuleOp"> {
  let summary = "layers become loops over plain tensors";
  let description = [{
    Turns `nn` and `fixed` ops into linalg and tensor ops on plain integers and f32. Quantized types and layouts end
    here: shapes are those of memory afterwards. See test/Tile/convert-nn-to-linalg.mlir.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect", "::mlir::scf::SCFDialect"];
}

def TileAndFuse : Pass<"tile-and-fuse", "::mlir::ModuleOp"> {
  let summary = "compute a contraction row by row with what follows it";
  let description = [{
    Tiles the elementwise end of a layer over batch and the outer spatial dimension and fuses the contraction into
    the loop, so that accumulators stay in cache. See test/Tile/tile-and-fuse.mlir.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect", "::mlir::linalg::LinalgDialect", "::mlir::affine::AffineDialect"];
  let statistics = [
    Statistic<"numFused", "num-contractions-fused", "contractions computed inside the loop of their reader">];
}

def PlanMemory : Pass<"plan-memory", "::mlir::ModuleOp"> {
  let summary = "put all buffers into one arena";
  let description = [{
    Replaces every static allocation by a view of the last argument of the function, the arena, at an offset chosen
    so that buffers alive at the same time do not overlap. See test/Tile/plan-memory.mlir.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numBuffers", "num-buffers", "buffers placed">,
    Statistic<"arenaBytes", "arena-bytes", "bytes of the arena">];
}

#endif // QUANTIZATION_TILE_PASSES_TD

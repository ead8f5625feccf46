//===- Passes.td - passes of the room Tile ---*- tablegen -*-===//

#ifndef QUANTIZATION_TILE_PASSES_TD
#define QUANTIZATION_TILE_PASSES_TD

include "mlir/Pass/PassBase.td"

def ChooseLayout : Pass<"choose-layout", "::mlir::ModuleOp"> {
  let summary = "choose the memory order of every value";
  let description = [{
    Writes the order of dimensions in memory into the types, as `#fixed.layout`; row-major is written as none. Operands and
    results of layers with the trait ChannelsLast (convolutions, pools, LRN) are stored as [N, spatial..., C], weights of
    convolutions [O, I, kernel...] as [kernel..., I, O]. Layers with the trait RowMajor (matrix products, reshapes, softmax) and
    the network's inputs and outputs are row-major. A transpose only renames dimensions; every other layer follows its first
    operand of the result's rank that is no constant. Where two orders meet stands a `fixed.relayout`, one per value and order; constants are stored
    as they are wanted. See test/Tile/choose-layout.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::quantization::fixed::FixedDialect"];
  let statistics = [
    Statistic<"numRelayouts", "num-relayouts", "changes of order left in the network">];
}

def PackValues : Pass<"pack-values", "::mlir::ModuleOp"> {
  let summary = "values of few bits share bytes between layers";
  let description = [{
    Puts a `fixed.pack_values` behind each layer with the attribute `storage = "packed"`, which a policy asks for, and a
    `fixed.unpack_values` before each of its readers; a change of shape alone is done again for each of its own. Codes of up to 1, 2 and 4
    bits lie in so many. A value of more is an error; one that goes to the caller, or of which a row is a single code, stays as it is. See
    test/Tile/pack-values.mlir.
  }];
  let dependentDialects = ["::quantization::fixed::FixedDialect"];
  let statistics = [Statistic<"numPacked", "num-packed", "values that share bytes">];
}

def FusePacking : Pass<"fuse-packing", "::mlir::ModuleOp"> {
  let summary = "compute packed values from packed values, some rows at a time";
  let description = [{
    Borders around values that are unpacked are written around the packed ones instead, once for all readers, and other readers find the
    values inside. Then what makes a packed value, or reads one, is computed in a loop over some rows, with the unpacking before it and the
    packing behind it, so that whole values exist in shared bytes only. Rows that windows share are unpacked again. Where several threads
    share loops there are no such loops over rows, as their buffers would be shared too. See test/Tile/fuse-packing.mlir.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect", "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numPaddings", "num-paddings", "borders of packed values">,
    Statistic<"numLoops", "num-loops", "layers computed some rows at a time">];
}

def ExpandPacking : Pass<"expand-packing", "::mlir::ModuleOp"> {
  let summary = "pack and unpack values in loops over bytes";
  let description = [{
    Writes `fixed.unpack_values` as a loop for each field of the bytes, which shifts and masks, and `fixed.pack_values` as one that puts
    the fields together, two where the last one has no codes for all bytes. See test/Tile/expand-packing.mlir.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numLoops", "num-loops", "loops written">];
}

def SetTarget : Pass<"set-target", "::mlir::ModuleOp"> {
  let summary = "write the machine to compile for on the module";
  let description = [{
    Sets `fixed.target`, unless the module has one or no triple is given.
  }];
  let dependentDialects = ["::quantization::fixed::FixedDialect"];
  let options = [
    Option<"triple", "triple", "std::string", "", "as --mtriple">,
    Option<"cpu", "cpu", "std::string", "", "as --mcpu">,
    Option<"features", "features", "std::string", "", "as --mattr">,
    Option<"emulated", "emulated", "bool", "false", "spell out the instructions of kernels in plain ones">,
    Option<"threads", "threads", "int64_t", "1", "that share the loops of one run">];
}

def SelectLowering : Pass<"select-lowering", "::mlir::ModuleOp"> {
  let summary = "choose the target's micro-kernel for each contraction";
  let description = [{
    Asks the model of the module's `fixed.target` which micro-kernel computes each convolution and matrix product, and writes its
    name as `lowering`. One that is there already is kept, or refused when the target has none of that name or the layer is none
    that kernels compute. Layers without a lowering become plain loops. Every target has "loops", and "shift": loops in which weights
    that are powers of two shift, and +1 and -1 add and subtract. `requests`, each GLOB:NAME, write lowerings by the layer's name, the
    last that matches. See test/Tile/select-lowering.mlir.
  }];
  let options = [ListOption<"requests", "requests", "std::string", "lowerings by layer, as GLOB:NAME">];
  let statistics = [Statistic<"numKernels", "num-kernels", "layers computed by a micro-kernel">];
}

def FuseEpilogue : Pass<"fuse-epilogue", "::mlir::ModuleOp"> {
  let summary = "compute what follows a contraction while it is in registers";
  let description = [{
    Moves an elementwise `linalg.generic` that alone reads the result of a `fixed.contract`, index by index, into its region;
    repeatedly, so that a residual sum behind the rescale moves too. What else it reads is of the result's shape or a constant
    per channel, which is brought into the kernel's order. See test/Tile/fuse-epilogue.mlir.
  }];
  let statistics = [Statistic<"numFused", "num-epilogues-fused", "loops computed inside a contraction">];
}

def ConvertNNToLinalg : Pass<"convert-nn-to-linalg", "::mlir::ModuleOp"> {
  let summary = "layers become loops over plain tensors";
  let description = [{
    Turns `nn` and `fixed` ops into linalg and tensor ops on plain integers and f32. Quantized types and layouts end
    here: shapes are those of memory afterwards. Zero points of inputs fold into constant biases (Numerics R9), loops over
    output channels are innermost, sums run in the order of R20, and changes of format get their plain meaning (R3, R4, R15
    to R19). The interface, with its grids, is kept on the module as `nn.inputs` and `nn.outputs`. A rescale without
    multipliers is an error. See test/Tile/convert-nn-to-linalg.mlir.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect", "::mlir::scf::SCFDialect"];
}

def FuseElementwise : Pass<"fuse-elementwise", "::mlir::ModuleOp"> {
  let summary = "one loop for a chain of elementwise layers";
  let description = [{
    Fuses elementwise linalg ops with one reader into it, unless the reader reduces: that would compute each value many times. See
    test/Tile/fuse-elementwise.mlir.
  }];
  let statistics = [Statistic<"numFused", "num-producers-fused", "producers computed inside their reader">];
}

def ExpandPadding : Pass<"expand-padding", "::mlir::ModuleOp"> {
  let summary = "write borders around values";
  let description = [{
    Turns each `tensor.pad` of one value into fills of the strips around, and an insertion of the value between them, which
    bufferization turns into nothing: the value's producer writes there. A padding that is not static, or of more than one value, is an
    error. See test/Tile/expand-padding.mlir.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numPaddings", "num-paddings", "paddings written out">];
}

def SeparateResults : Pass<"separate-results", "::mlir::ModuleOp"> {
  let summary = "a buffer for every result";
  let description = [{
    Copies results that are inputs, constants or other results too, so that each can be written into the caller's own buffer. See
    test/Tile/separate-results.mlir.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect"];
  let statistics = [Statistic<"numCopies", "num-results-copied", "results that needed a copy">];
}

def TileAndFuse : Pass<"tile-and-fuse", "::mlir::ModuleOp"> {
  let summary = "compute a contraction row by row with what follows it";
  let description = [{
    An elementwise `linalg.generic` that alone reads the result of a reduction (a contraction or a pool), index by index, is
    tiled by 1 over its two outer dimensions (batch and the first spatial one), and the reduction and what starts its
    accumulator are fused into the loop, so that accumulators stay in cache. Results of rank below 3, or with one row, are
    left alone, and layers before the reduction are never fused: their rows overlap. See test/Tile/tile-and-fuse.mlir.
  }];
  let dependentDialects = ["::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect", "::mlir::linalg::LinalgDialect", "::mlir::affine::AffineDialect"];
  let statistics = [
    Statistic<"numFused", "num-contractions-fused", "contractions computed inside the loop of their reader">];
}

def PlanMemory : Pass<"plan-memory", "::mlir::ModuleOp"> {
  let summary = "put all buffers into one arena";
  let description = [{
    Replaces every allocation by a view of a new last argument of the function, the arena, `memref<BYTESxi8>`, at an offset
    that is a multiple of 64 and chosen so that buffers alive at the same time do not overlap. A buffer is alive from the first
    op of the function's body that uses it, views and nested uses included, to the last. The arena's size is kept on the
    module as `nn.arena_bytes`. An allocation of dynamic size is an error. See test/Tile/plan-memory.mlir.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect", "::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numBuffers", "num-buffers", "buffers placed">,
    Statistic<"arenaBytes", "arena-bytes", "bytes of the arena">];
}

#endif // QUANTIZATION_TILE_PASSES_TD

//===- Passes.td - passes of the room Fold ---*- tablegen -*-===//

#ifndef QUANTIZATION_FOLD_PASSES_TD
#define QUANTIZATION_FOLD_PASSES_TD

include "mlir/Pass/PassBase.td"

def AbsorbQuantization : Pass<"absorb-quantization", "::mlir::ModuleOp"> {
  let summary = "put layers on integers";
  let description = [{
    A layer between dequantized operands and one quantize becomes the same layer on stored integers, whose result is its
    exact accumulator (Numerics R9, R10, R12, R13), followed by one `fixed.rescale` with real factors; clamps before the
    quantize become the bounds of that rescale (R14). A constant bias becomes plain i32. Layers that only move values work
    on codes, each operand first rescaled where it is on another grid (R18). A quantize right behind a dequantize is a
    rescale, too. What nobody reads any more goes away. A layer that stays float leaves a `missed` remark that says why.
    See test/Fold/absorb-quantization.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::quantization::fixed::FixedDialect", "::mlir::quant::QuantDialect"];
  let statistics = [
    Statistic<"numIntegral", "num-layers-integral", "layers that compute on integers">,
    Statistic<"numFloat", "num-layers-float", "layers that stay float">];
}

def LowerActivations : Pass<"lower-activations", "::mlir::ModuleOp"> {
  let summary = "functions of one variable become tables";
  let description = [{
    A function of one value between a dequantize of at most 8 bits per tensor and its only reader, a quantize, becomes a
    `fixed.lookup` in a constant with the result of every code (Numerics R19).
    See test/Fold/lower-activations.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::quantization::fixed::FixedDialect", "::mlir::quant::QuantDialect"];
  let statistics = [
    Statistic<"numLookups", "num-lookups", "tables made">];
}

def ConvertInterface : Pass<"convert-interface", "::mlir::ModuleOp"> {
  let summary = "give the network the element types its caller uses";
  let description = [{
    `io` is one type for inputs and outputs, or one for each: `io=u8,f32`. `u8` and `i8` take the quantize off the inputs and
    the dequantize off the outputs, so that callers pass stored values, on the network's grid moved by 128 where the
    network's own storage has the other sign; with `mean` and `std` (one number, or one per channel) an input takes 8-bit
    pixels, and (pixel - mean) / std in f32 and the quantization (Numerics R3) become one table. An input that a layer reads
    in float or in more than 8 bits is an error; an output that is computed in float, in more than 8 bits or per channel
    stays f32. `f32` changes nothing. See test/Fold/convert-interface.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::quantization::fixed::FixedDialect", "::mlir::quant::QuantDialect"];
  let options = [
    Option<"io", "io", "std::string", "\"f32\"", "f32, u8 or i8, or one for inputs and one for outputs: u8,f32">,
    ListOption<"mean", "mean", "double", "mean per channel of the pixels">,
    ListOption<"std", "std", "double", "standard deviation per channel of the pixels">];
  let statistics = [
    Statistic<"numConverted", "num-values-converted", "inputs and outputs converted">];
}

def FoldScales : Pass<"fold-scales", "::mlir::ModuleOp"> {
  let summary = "drop rescales that change nothing";
  let description = [{
    Removes a `fixed.rescale` by 1 between equal types that does not clamp; factors per channel that are all equal become
    one. Rescales that have multipliers already are left alone. See test/Fold/fold-scales.mlir.
  }];
  let dependentDialects = ["::quantization::fixed::FixedDialect"];
  let statistics = [
    Statistic<"numFolded", "num-scales-folded", "rescales or factors removed">];
}

def MaterializeRescale : Pass<"materialize-rescale", "::mlir::ModuleOp"> {
  let summary = "scales become integer multipliers and shifts";
  let description = [{
    Gives each `fixed.rescale` multipliers and shifts in place of its real factors (Numerics R11, shortened by R16), and
    rounds half-up instead of half-even where its bound proves ties impossible for every channel (R17). A factor that no
    multiplier expresses is an error that names the layer. See test/Fold/materialize-rescale.mlir.
  }];
  let dependentDialects = ["::quantization::fixed::FixedDialect"];
  let statistics = [
    Statistic<"numRescales", "num-rescales", "rescales given multipliers">,
    Statistic<"numHalfUp", "num-rescales-half-up", "rescales whose ties are impossible">];
}

def ExposeLayers : Pass<"expose-layers", "::mlir::ModuleOp"> {
  let summary = "make every layer's value an output";
  let description = [{
    On the simulated form. `mode=outputs` returns, besides the network's outputs, every quantized value as its codes and
    the f32 result of every layer that nothing quantizes. `mode=isolated` returns the quantized values only, and also makes
    each one an input that its readers use instead, so that every layer can be checked against a reference of its own. New
    inputs and outputs carry `nn.name`, the layer, and `nn.layer`, the ONNX node whose value it is. See test/Fold/expose-layers.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect"];
  let options = [
    Option<"mode", "mode", "std::string", "\"outputs\"", "outputs or isolated">];
  let statistics = [
    Statistic<"numExposed", "num-values-exposed", "values that became outputs">];
}

#endif // QUANTIZATION_FOLD_PASSES_TD

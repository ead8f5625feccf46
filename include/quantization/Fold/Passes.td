//===- Passes.td - passes of the room Fold ---*- tablegen -*-===//

#ifndef QUANTIZATION_FOLD_PASSES_TD
#define QUANTIZATION_FOLD_PASSES_TD

include "mlir/Pass/PassBase.td"

def AbsorbQuantization : Pass<"absorb-quantization", "::mlir::ModuleOp"> {
  let summary = "put layers on integers";
  let description = [{
    A layer between dequantized operands and one quantize becomes the same layer on stored integers, followed by one
    `fixed.rescale`; a clamp before the quantize becomes the bounds of that rescale. A layer that stays float leaves
    a `missed` remark that says why. See test/Fold/absorb-quantization.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::quantization::fixed::FixedDialect", "::mlir::quant::QuantDialect"];
  let statistics = [
    Statistic<"numIntegral", "num-layers-integral", "layers that compute on integers">,
    Statistic<"numFloat", "num-layers-float", "layers that stay float">];
}

def LowerActivations : Pass<"lower-activations", "::mlir::ModuleOp"> {
  let summary = "functions of one variable become tables";
  let description = [{
    A function between a dequantize and a quantize of at most 8 bits becomes a `fixed.lookup` of precomputed codes.
    See test/Fold/lower-activations.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::quantization::fixed::FixedDialect", "::mlir::quant::QuantDialect"];
  let statistics = [
    Statistic<"numLookups", "num-lookups", "tables made">];
}

def ConvertInterface : Pass<"convert-interface", "::mlir::ModuleOp"> {
  let summary = "give the network the element types its caller uses";
  let description = [{
    `io=u8` and `io=i8` take the quantize off the inputs and the dequantize off the outputs, so that callers pass
    stored values; with `mean` and `std` an input takes 8-bit pixels, and (pixel - mean) / std and the quantization
    become one table. See test/Fold/convert-interface.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::quantization::fixed::FixedDialect", "::mlir::quant::QuantDialect"];
  let options = [
    Option<"io", "io", "std::string", "\"f32\"", "f32, u8 or i8">,
    ListOption<"mean", "mean", "double", "mean per channel of the pixels">,
    ListOption<"std", "std", "double", "standard deviation per channel of the pixels">];
  let statistics = [
    Statistic<"numConverted", "num-values-converted", "inputs and outputs converted">];
}

def FoldScales : Pass<"fold-scales", "::mlir::ModuleOp"> {
  let summary = "drop rescales that change nothing";
  let description = [{
    Removes a `fixed.rescale` between equal types and merges equal neighbours; per-channel factors that are all
    equal become one. See test/Fold/fold-scales.mlir.
  }];
  let dependentDialects = ["::quantization::fixed::FixedDialect"];
  let statistics = [
    Statistic<"numFolded", "num-scales-folded", "rescales or factors removed">];
}

def MaterializeRescale : Pass<"materialize-rescale", "::mlir::ModuleOp"> {
  let summary = "scales become integer multipliers and shifts";
  let description = [{
    Gives each `fixed.rescale` its multipliers and shifts (Numerics R11), and rounds half-up instead of half-even
    where ties are proved impossible. See test/Fold/materialize-rescale.mlir.
  }];
  let dependentDialects = ["::quantization::fixed::FixedDialect"];
  let statistics = [
    Statistic<"numRescales", "num-rescales", "rescales given multipliers">,
    Statistic<"numHalfUp", "num-rescales-half-up", "rescales whose ties are impossible">];
}

def ExposeLayers : Pass<"expose-layers", "::mlir::ModuleOp"> {
  let summary = "make every layer's value an output";
  let description = [{
    `mode=outputs` returns each quantized (or observed) value of the network besides its outputs; `mode=isolated`
    also makes each one an input that its readers use instead, so that every layer can be checked against a
    reference of its own. See test/Fold/expose-layers.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect"];
  let options = [
    Option<"mode", "mode", "std::string", "\"outputs\"", "outputs or isolated">];
  let statistics = [
    Statistic<"numExposed", "num-values-exposed", "values that became outputs">];
}

#endif // QUANTIZATION_FOLD_PASSES_TD

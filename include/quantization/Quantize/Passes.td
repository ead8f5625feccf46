//===- Passes.td - passes of the room Quantize ---*- tablegen -*-===//

#ifndef QUANTIZATION_QUANTIZE_PASSES_TD
#define QUANTIZATION_QUANTIZE_PASSES_TD

include "mlir/Pass/PassBase.td"

def CompleteQuantization : Pass<"complete-quantization", "::mlir::ModuleOp"> {
  let summary = "write down what a quantized file leaves implicit";
  let description = [{
    For a network that brings its quantization as `nn.quantize` and `nn.dequantize`; others stay as they are. Values that layers
    only move are quantized where they are made, which commutes; codes that are moved stay codes. The weights of a layer with a
    quantized input are put around zero, codes and scales kept, and its bias becomes i32 codes on the accumulator's scale (Numerics
    R8, R29). Layers that stay float read f32 constants. A layer of codes whose result is read in f32, or on several grids, is
    marked `nn.exact` (R26). See test/Quantize/complete-quantization.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::mlir::quant::QuantDialect"];
  let statistics = [
    Statistic<"numPairs", "num-pairs-inserted", "values that got a quantize and a dequantize">,
    Statistic<"numExact", "num-layers-exact", "layers whose accumulator becomes f32">];
}

def EqualizeRanges : Pass<"equalize-ranges", "::mlir::ModuleOp"> {
  let summary = "even out the ranges of channels between two layers";
  let description = [{
    Cross-layer equalization (1906.04721) of the float network, before it is calibrated: where a layer with weights alone reads
    the result of another, through layers that positive factors of a channel pass (ReLU, pools), each channel of the first is
    divided by a factor, and what the second multiplies it by has it more, so that both have the same range there (Numerics R37).
    Formats with one scale for all weights of a layer gain most. A Clip with a finite end stands in the way, with a remark;
    `open-clips` takes that end off, which changes the network. See test/Quantize/equalize-ranges.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect"];
  let options = [
    Option<"openClips", "open-clips", "bool", "false", "take the upper end off a Clip from 0 that lies between two layers">];
  let statistics = [
    Statistic<"numPairs", "num-pairs-equalized", "pairs of layers whose ranges were evened out">,
    Statistic<"numOpened", "num-clips-opened", "clips that lost their upper end">];
}

def CorrectBias : Pass<"correct-bias", "::mlir::ModuleOp"> {
  let summary = "give quantized layers the means that they have in float";
  let description = [{
    Empirical bias correction (1906.04721): weights in few bits move the mean of a layer's result. On the samples of calibration, layer
    after layer in the order of the network, the bias of each channel is set so that the mean is that of the float network, which
    `record-moments` has kept; what is corrected is what the next layers read (Numerics R38). The simulated network is compiled once,
    with biases as inputs. See test/Quantize/correct-bias.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::mlir::quant::QuantDialect"];
  let statistics = [
    Statistic<"numLayers", "num-layers-corrected", "layers with another bias">,
    Statistic<"numRuns", "num-runs", "times that the samples were run through the network">];
}

def FeedBackErrors : Pass<"feed-back-errors", "::mlir::ModuleOp"> {
  let summary = "round weights one after the other, each error made up for by those to come";
  let description = [{
    For layers whose weights have a format that rounds them in an order (ternary): runs the float network on every sample through the
    NetworkRunner of the pass, which the driver sets, adds up the products of each two inputs of a result, and rounds the weights of every
    output channel input by input, while the weights still to come take over the error, so that the layer's results change least
    (2210.17323, Numerics R41). The weights stay f32, on the grid that the format then chooses. See test/Quantize/feed-back-errors.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect"];
  let statistics = [
    Statistic<"numLayers", "num-layers-rounded", "layers whose weights were rounded">];
}

def ReestimateStatistics : Pass<"reestimate-statistics", "::mlir::ModuleOp"> {
  let summary = "give quantized layers the means and the deviations that they have in float";
  let description = [{
    As `correct-bias`, and each channel also gets the deviation that it has in float: what the re-estimation of batch normalization
    does after weights are quantized (1701.08978), for networks where that is part of the weights already. The factor goes into the
    scale of the channel's weights, whose codes stay (Numerics R39); where all channels have one scale, only the bias is set. See
    test/Quantize/reestimate-statistics.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::mlir::quant::QuantDialect"];
  let statistics = [
    Statistic<"numLayers", "num-layers-corrected", "layers with other scales or another bias">,
    Statistic<"numRuns", "num-runs", "times that the samples were run through the network">];
}

def InsertQuantization : Pass<"insert-quantization", "::mlir::ModuleOp"> {
  let summary = "turn precisions into quantize/dequantize pairs";
  let description = [{
    Replaces each `nn.observe` that has a quantized precision by `nn.quantize` (half-even) and `nn.dequantize`. The
    precision's method reduces the statistics to a range (Numerics R22 to R25), and its format chooses a type for that (R5,
    R6). Observers with a float precision or none are dropped. Quantized ones without statistics are one error that lists
    their layers. See test/Quantize/insert-quantization.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::mlir::quant::QuantDialect"];
  let options = [
    Option<"exactResults", "exact-results", "bool", "false",
           "leave a layer's value in f32 where only float layers or the caller read it: it comes straight from the accumulator">];
  let statistics = [
    Statistic<"numQuantized", "num-values-quantized", "values that got a quantized type">];
}

def QuantizeConstants : Pass<"quantize-constants", "::mlir::ModuleOp"> {
  let summary = "encode weights and biases";
  let description = [{
    Encodes each weight constant with a quantized precision as codes of the type that its format chooses (Numerics R7), and
    the bias of such a layer as i32 codes on the scale of its accumulator; a bias beyond i32 raises the weight scale of its
    channel (R8). Each becomes an `nn.constant` of codes and an `nn.dequantize`. A half-even `nn.quantize` of a constant
    becomes a constant of codes. Weights stay float, with a remark, where the layer's input is not quantized per tensor or
    its bias is not a constant. See test/Quantize/quantize-constants.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect", "::mlir::quant::QuantDialect"];
  let statistics = [
    Statistic<"numWeights", "num-weights-quantized", "weight tensors encoded">,
    Statistic<"numBiases", "num-biases-quantized", "bias tensors encoded">];
}

#endif // QUANTIZATION_QUANTIZE_PASSES_TD

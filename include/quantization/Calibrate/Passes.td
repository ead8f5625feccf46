//===- Passes.td - passes of the room Calibrate ---*- tablegen -*-===//

#ifndef QUANTIZATION_CALIBRATE_PASSES_TD
#define QUANTIZATION_CALIBRATE_PASSES_TD

include "mlir/Pass/PassBase.td"

def InsertObservers : Pass<"insert-observers", "::mlir::ModuleOp"> {
  let summary = "mark every value that may get a number format";
  let description = [{
    Puts an `nn.observe` after each f32 value that a quantizable layer makes or reads, network inputs and constants that
    are no weights or biases included. A clamp that alone reads a layer's result belongs to that layer: there is one
    observer, behind the clamp, with the layer's name. Names of observers are unique. Running the pass again changes
    nothing. See test/Calibrate/insert-observers.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect"];
  let statistics = [
    Statistic<"numObservers", "num-observers", "observers inserted">];
}

def RecordStatistics : Pass<"record-statistics", "::mlir::ModuleOp"> {
  let summary = "run the network on samples and keep what each observer sees";
  let description = [{
    Runs the float network on every sample through the NetworkRunner of the pass (set by the driver, which is why the
    pass alone asks for samples) and stores `#nn.statistics` on each observer (Numerics R21). Memory does not grow with the
    number of samples. NaN and infinity are errors that name layer and sample. See test/Calibrate/record-statistics.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect"];
  let statistics = [
    Statistic<"numSamples", "num-samples", "samples run">];
}

def RecordMoments : Pass<"record-moments", "::mlir::ModuleOp"> {
  let summary = "keep the mean and the deviation of each channel of the layers with weights";
  let description = [{
    Runs the float network on every sample through the NetworkRunner of the pass, which the driver sets, and stores on each layer with
    trained weights what its result is like before anything follows it, channel by channel: `nn.mean` and `nn.deviation` (Numerics R38).
    `correct-bias` and `reestimate-statistics` bring the quantized network there. `corrections` is left on the module as
    `nn.corrections`. See test/Calibrate/record-moments.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect"];
  let options = [
    ListOption<"corrections", "corrections", "std::string", "the corrections that are to follow">];
  let statistics = [
    Statistic<"numLayers", "num-layers-recorded", "layers whose moments were kept">];
}

def LoadStatistics : Pass<"load-statistics", "::mlir::ModuleOp"> {
  let summary = "read statistics from a JSON file";
  let description = [{
    Puts the statistics of a file written by `save-statistics` on the observers of the same layers. A file of another
    model (module attribute `nn.model_hash`) or schema is refused, and so is one that lacks a layer. See test/Calibrate/load-statistics.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect"];
  let options = [
    Option<"file", "file", "std::string", "\"\"", "the JSON file">];
  let statistics = [
    Statistic<"numLoaded", "num-statistics-loaded", "observers that got statistics">];
}

def SaveStatistics : Pass<"save-statistics", "::mlir::ModuleOp"> {
  let summary = "write statistics to a JSON file";
  let description = [{
    Writes the statistics of all observers, with the schema version and the hash of the model; whole or not at all. See
    test/Calibrate/save-statistics.mlir.
  }];
  let options = [
    Option<"file", "file", "std::string", "\"\"", "the JSON file">];
  let statistics = [
    Statistic<"numSaved", "num-statistics-saved", "observers written">];
}

#endif // QUANTIZATION_CALIBRATE_PASSES_TD

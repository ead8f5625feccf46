//===- Passes.td - passes of the room Assign ---*- tablegen -*-===//

#ifndef QUANTIZATION_ASSIGN_PASSES_TD
#define QUANTIZATION_ASSIGN_PASSES_TD

include "mlir/Pass/PassBase.td"

def CheckPolicy : Pass<"check-policy", "::mlir::ModuleOp"> {
  let summary = "compare a policy with the network before anything is calibrated";
  let description = [{
    Reports at once, each at its line, all that makes a policy unfit for the network: globs that match no layer, and the
    hash of another model. A rule all of whose layers fall under earlier rules is a warning. A network that brings its own
    quantization leaves nothing to choose: `flags`, with which the caller did, are an error then. Changes nothing.
    See test/Assign/check-policy.mlir.
  }];
  let options = [
    Option<"policy", "policy", "std::string", "\"int8\"", "a policy's name or a YAML or JSON file">,
    Option<"flags", "flags", "std::string", "", "the flags with which the caller chose formats">,
    Option<"onlyWidths", "only-widths", "bool", "false", "formats whose name tells their width will do">];
}

def AssignPrecision : Pass<"assign-precision", "::mlir::ModuleOp"> {
  let summary = "give each value the number format that the policy names";
  let description = [{
    The first layer glob of the policy that matches a layer wins; observers and weights get `#nn.precision`. The network's
    inputs take the policy's `input`, or without one the format of the layer that reads them, as constants do.

    Values that layers only move (`keepsFormat`) agree on one format, that of their first source, and share their
    statistics; one float source makes all of them float. A layer is float as a whole: where its weights, its result or
    its bias cannot be integers, its weights and its result are float, and each quantized reader of a float value gets an
    observer of its own on that edge. Weights that several layers share are copied.

    One remark per layer says which rule chose, or (`missed`) why it stays float. All that is wrong with the policy is
    reported at once. See test/Assign/assign-precision.mlir and test/Assign/shared-formats.mlir.
  }];
  let dependentDialects = ["::quantization::nn::NNDialect"];
  let options = [
    Option<"policy", "policy", "std::string", "\"int8\"", "a policy's name or a YAML or JSON file">,
    Option<"onlyWidths", "only-widths", "bool", "false", "formats whose name tells their width will do: for reports of costs">];
  let statistics = [
    Statistic<"numQuantized", "num-layers-quantized", "layers with quantized weights or results">,
    Statistic<"numFloat", "num-layers-float", "layers that stay float">];
}

#endif // QUANTIZATION_ASSIGN_PASSES_TD

//===- NNAttributes.td - facts that ops of nn carry --------*- tablegen -*-===//

#ifndef QUANTIZATION_NNATTRIBUTES_TD
#define QUANTIZATION_NNATTRIBUTES_TD

include "quantization/Dialect/NN/NNDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def NN_Rounding : I32EnumAttr<"RoundingMode", "how a value between two codes is rounded (Numerics R1)", [
    I32EnumAttrCase<"HalfEven", 0, "half_even">,
    I32EnumAttrCase<"HalfAway", 1, "half_away">,
    I32EnumAttrCase<"HalfUp", 2, "half_up">,
    I32EnumAttrCase<"Truncate", 3, "truncate">,
    I32EnumAttrCase<"Sign", 4, "sign">]> {
  let cppNamespace = "::quantization::nn";
}

class NN_Attr<string name, string attrMnemonic> : AttrDef<NN_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def NN_StatisticsAttr : NN_Attr<"Statistics", "statistics"> {
  let summary = "what calibration saw at one value";
  let description = [{
    The extremes, the number of values and of zeros, and a histogram of equal bins over (-2^exponent, 2^exponent), run-length coded: -k stands for k empty bins. The
    method (min-max, percentile, KL, MSE) reduces it to a range later, when the width is known.
  }];
  let parameters = (ins "::mlir::FloatAttr":$min, "::mlir::FloatAttr":$max, "int64_t":$count, "int64_t":$zeros, "int64_t":$exponent,
                        "::mlir::DenseI64ArrayAttr":$bins);
  let assemblyFormat = "`<` struct(params) `>`";
}

def NN_PrecisionAttr : NN_Attr<"Precision", "precision"> {
  let summary = "the number format that a policy gave to a value";
  let description = [{
    `format` is written as in a policy, for example `"int8{per=channel}"`; `method` is how statistics become a range:
    `"min-max"`, `"percentile=99.99"`, `"overflow=0.01"`, `"kl"` or `"mse"`.
  }];
  let parameters = (ins StringRefParameter<"format">:$format, StringRefParameter<"method">:$method);
  let assemblyFormat = "`<` $format `,` $method `>`";
}

def NN_SublayerAttr : NN_Attr<"Sublayer", "sublayer"> {
  let summary = "one layer as the network's author drew it, before anything is folded";
  let description = [{
    `layer` is the name of the ONNX node and `type` its operator; `inputs` are the sublayers or inputs of the network whose values it reads,
    through nodes that only change a shape; `in` and `out` count the elements that it reads and writes, constants aside; `weights` counts
    its trained weights, 0 where it has none.
  }];
  let parameters = (ins StringRefParameter<"layer">:$layer, StringRefParameter<"type">:$type, "::mlir::ArrayAttr":$inputs,
                        "int64_t":$in, "int64_t":$out, "int64_t":$weights);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // QUANTIZATION_NNATTRIBUTES_TD

//===- NNOps.td - the layers -------------------------------*- tablegen -*-===//

#ifndef QUANTIZATION_NNOPS_TD
#define QUANTIZATION_NNOPS_TD

include "quantization/Dialect/NN/NNAttributes.td"
include "quantization/Dialect/NN/NNInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class NN_Op<string mnemonic, list<Trait> traits = []> : Op<NN_Dialect, mnemonic, !listconcat(traits, [Pure])> {
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

/// Results and input are best stored with the channels last: loops run over them side by side.
def NN_ChannelsLast : NativeOpTrait<"ChannelsLast"> { let cppNamespace = "::quantization::nn"; }
/// Operands and results are row-major: the layer speaks about the order of values.
def NN_RowMajor : NativeOpTrait<"RowMajor"> { let cppNamespace = "::quantization::nn"; }

//===----------------------------------------------------------------------===//
// The raw network
//===----------------------------------------------------------------------===//

def NN_OnnxOp : NN_Op<"onnx"> {
  let summary = "an ONNX node before `convert-onnx-to-nn` understood it";
  let description = [{
    `type` is the ONNX operator, `domain` its domain ("" is ai.onnx), `version` the opset of that domain that the model imports,
    `node_attributes` the node's attributes by name (integers i64, floats f32, strings, arrays, tensors as elements attributes). An
    operand that ONNX leaves out is an `nn.none`. Results not known to the file have the type `tensor<*xf32>`.
  }];
  let arguments = (ins Variadic<AnyType>:$inputs, StrAttr:$type, StrAttr:$domain, I64Attr:$version,
                       DictionaryAttr:$node_attributes, StrAttr:$layer);
  let results = (outs Variadic<AnyTensor>:$outputs);
}

def NN_NoneOp : NN_Op<"none"> {
  let summary = "an optional operand that the ONNX node leaves out";
  let arguments = (ins);
  let results = (outs NoneType:$result);
}

def NN_ConstantOp : NN_Op<"constant"> {
  let summary = "a tensor known at compile time";
  let description = [{
    `value` holds the stored values: f32 for a float constant, the integer codes where the result has a quantized element type.
    `precision` is set by `assign-precision` on weights.
  }];
  let arguments = (ins ElementsAttr:$value, StrAttr:$layer, OptionalAttr<NN_PrecisionAttr>:$precision);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

class NN_Quantizable<list<string> methods> : DeclareOpInterfaceMethods<QuantizableOpInterface, methods>;

def NN_ConvOp : NN_Op<"conv", [NN_ChannelsLast, NN_Quantizable<["getWeightsIndex", "getBiasIndex", "getInputChannelAxis", "buildAccumulator"]>]> {
  let summary = "convolution over one to three spatial dimensions";
  let description = [{
    input [N, C, spatial...], weights [O, C/groups, kernel...], bias [O]; result [N, O, spatial...]. `pads` lists the begins of all spatial
    dimensions, then the ends. On quantized operands the result is the i32 or i64 accumulator (Numerics R10) of (input - zero
    point) * weights + bias, with an i32 bias, and the padding is the input's zero point (R9). In f32 sums start with the bias
    and run over kernel positions, then input channels, each step one fused multiply-add (R20). `lowering` names the target's
    micro-kernel, where `select-lowering` found one.
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$weights, Optional<AnyRankedTensor>:$bias,
                       DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
                       I64Attr:$groups, StrAttr:$layer, OptionalAttr<StrAttr>:$lowering);
  let results = (outs AnyRankedTensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$input, "::mlir::Value":$weights, "::mlir::Value":$bias,
                                 "::llvm::ArrayRef<int64_t>":$strides, "::llvm::ArrayRef<int64_t>":$pads,
                                 "::llvm::ArrayRef<int64_t>":$dilations, "int64_t":$groups, "::llvm::StringRef":$layer), [{
    build($_builder, $_state, result, input, weights, bias, strides, pads, dilations, groups, layer, ::mlir::StringAttr());
  }]>];
  let hasVerifier = 1;
}

def NN_MatmulOp : NN_Op<"matmul", [NN_RowMajor, NN_Quantizable<["getWeightsIndex", "getBiasIndex", "getWeightsChannelAxis", "getResultChannelAxis",
                                                    "getInputChannelAxis", "getWeightsInputAxis", "buildAccumulator"]>]> {
  let summary = "matrix product";
  let description = [{
    input [..., M, K] or [K], weights [K, O] or [..., K, O] with the leading dimensions of the input, bias [O]; result [..., M, O]
    or [O]. On quantized operands the result is the i32 or i64 accumulator (Numerics R10) of (input - zero point) * (weights -
    zero point) + bias, with an i32 bias. In f32 as `nn.conv` (R20).
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$weights, Optional<AnyRankedTensor>:$bias, StrAttr:$layer,
                       OptionalAttr<StrAttr>:$lowering);
  let results = (outs AnyRankedTensor:$result);
  let builders = [OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$input, "::mlir::Value":$weights, "::mlir::Value":$bias,
                                 "::llvm::StringRef":$layer), [{
    build($_builder, $_state, result, input, weights, bias, layer, ::mlir::StringAttr());
  }]>];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

class NN_BinaryOp<string mnemonic, list<Trait> traits> : NN_Op<mnemonic, traits> {
  let arguments = (ins AnyRankedTensor:$lhs, AnyRankedTensor:$rhs, StrAttr:$layer);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}
def NN_AddOp : NN_BinaryOp<"add", [NN_Quantizable<["buildAccumulator"]>]> {
  let summary = "sum, with NumPy's broadcasting; on integers operands and result are i32 on one scale (Numerics R12)";
}
def NN_SubOp : NN_BinaryOp<"sub", [NN_Quantizable<["buildAccumulator"]>]> {
  let summary = "difference, with NumPy's broadcasting; on integers operands and result are i32 on one scale (Numerics R12)";
}
def NN_MulOp : NN_BinaryOp<"mul", [NN_Quantizable<["buildAccumulator"]>]> {
  let summary = "product, with NumPy's broadcasting; on quantized operands the i32 product of (value - zero point) (Numerics R12)";
}
def NN_DivOp : NN_BinaryOp<"div", []> {
  let summary = "quotient, with NumPy's broadcasting; float only";
}

def NN_ClampOp : NN_Op<"clamp", [NN_Quantizable<["getClampRange", "getHomogeneousAxis"]>]> {
  let summary = "min(max(input, min), max): ReLU, ReLU6, Clip; f32 only, on integers it is the bounds of a rescale (Numerics R14)";
  let arguments = (ins AnyRankedTensor:$input, F32Attr:$min, F32Attr:$max, StrAttr:$layer);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}

def NN_FunctionKind : I32EnumAttr<"FunctionKind", "a function of one variable", [
    I32EnumAttrCase<"Sigmoid", 0, "sigmoid">, I32EnumAttrCase<"Tanh", 1, "tanh">, I32EnumAttrCase<"Exp", 2, "exp">,
    I32EnumAttrCase<"LeakyRelu", 3, "leaky_relu">, I32EnumAttrCase<"HardSigmoid", 4, "hard_sigmoid">,
    I32EnumAttrCase<"HardSwish", 5, "hard_swish">, I32EnumAttrCase<"Sqrt", 6, "sqrt">, I32EnumAttrCase<"Abs", 7, "abs">,
    I32EnumAttrCase<"Neg", 8, "neg">, I32EnumAttrCase<"Elu", 9, "elu">, I32EnumAttrCase<"Softplus", 10, "softplus">,
    I32EnumAttrCase<"Erf", 11, "erf">, I32EnumAttrCase<"Gelu", 12, "gelu">, I32EnumAttrCase<"GeluTanh", 13, "gelu_tanh">]> {
  let cppNamespace = "::quantization::nn";
}

def NN_FunctionOp : NN_Op<"function", [NN_Quantizable<["evaluate", "getHomogeneousAxis"]>]> {
  let summary = "a function of one variable applied to every value; a table of codes where input and output are quantized";
  let description = [{
    `alpha` and `beta` are the parameters of the ONNX operator of that name; 0 where it has none. The op is f32 only (Numerics R20);
    between codes it becomes a `fixed.lookup` (R19).
  }];
  let arguments = (ins AnyRankedTensor:$input, NN_FunctionKind:$kind, F32Attr:$alpha, F32Attr:$beta, StrAttr:$layer);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}

def NN_BatchNormOp : NN_Op<"batch_norm"> {
  let summary = "(input - mean) / sqrt(variance + epsilon) * scale + bias per channel; folded by `simplify-network`";
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$scale, AnyRankedTensor:$bias, AnyRankedTensor:$mean,
                       AnyRankedTensor:$variance, F32Attr:$epsilon, StrAttr:$layer);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}

def NN_LrnOp : NN_Op<"lrn", [NN_ChannelsLast]> {
  let summary = "local response normalization across channels (ONNX LRN); float only";
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$size, F32Attr:$alpha, F32Attr:$beta, F32Attr:$bias, StrAttr:$layer);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}

def NN_SoftmaxOp : NN_Op<"softmax", [NN_RowMajor]> {
  let summary = "softmax along one axis; float only";
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$axis, StrAttr:$layer);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}

def NN_LayerNormOp : NN_Op<"layer_norm", [NN_RowMajor]> {
  let summary = "(input - mean) / sqrt(variance + epsilon) * scale + bias over all dimensions from `axis` on; float only";
  let description = [{
    Mean and variance are those of each part of the input that the dimensions from `axis` on make up, in the order of Numerics
    R27. `scale` and `bias` have the shape of such a part.
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$scale, Optional<AnyRankedTensor>:$bias, I64Attr:$axis,
                       F32Attr:$epsilon, StrAttr:$layer);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

class NN_PoolOp<string mnemonic, list<Trait> traits> : NN_Op<mnemonic, traits> {
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}
def NN_MaxPoolOp : NN_PoolOp<"max_pool", [NN_ChannelsLast, NN_Quantizable<["keepsFormat", "getHomogeneousAxis"]>]> {
  let summary = "largest value of each window";
  let description = [{
    input [N, C, spatial...]. The result's shape says how many windows there are (ONNX ceil_mode included); a part of a
    window beyond the input is ignored. On quantized values it moves codes (Numerics R18).
  }];
  let arguments = (ins AnyRankedTensor:$input, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
                       DenseI64ArrayAttr:$dilations, StrAttr:$layer);
}
def NN_AveragePoolOp : NN_PoolOp<"average_pool", [NN_ChannelsLast, NN_Quantizable<["buildAccumulator", "getHomogeneousAxis"]>]> {
  let summary = "mean of each window";
  let description = [{
    As `nn.max_pool`; `count_include_pad` counts padding (not the overhang of ceil_mode) as zeros. On quantized operands the
    result is the i32 sum of (value - zero point) times lcm/count, where lcm is the least common multiple of all counts (Numerics R13).
  }];
  let arguments = (ins AnyRankedTensor:$input, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads,
                       DenseI64ArrayAttr:$dilations, BoolAttr:$count_include_pad, StrAttr:$layer);
  let extraClassDeclaration = [{
    /// The divisor of each window, row-major over the spatial dimensions of the result.
    ::llvm::SmallVector<int64_t> getCounts();
  }];
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

class NN_MoveOp<string mnemonic, list<Trait> traits = [], list<string> answers = []>
    : NN_Op<mnemonic, !listconcat(traits, [NN_Quantizable<!listconcat(["keepsFormat"], answers)>])> {
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}
def NN_ConcatOp : NN_MoveOp<"concat"> {
  let summary = "tensors joined along an axis";
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, I64Attr:$axis, StrAttr:$layer);
}
def NN_ReshapeOp : NN_MoveOp<"reshape", [NN_RowMajor], ["getHomogeneousAxis"]> {
  let summary = "the same values in row-major order under another shape";
  let arguments = (ins AnyRankedTensor:$input, StrAttr:$layer);
}
def NN_TransposeOp : NN_MoveOp<"transpose", [], ["getHomogeneousAxis"]> {
  let summary = "dimension i of the result is dimension permutation[i] of the input";
  let arguments = (ins AnyRankedTensor:$input, DenseI64ArrayAttr:$permutation, StrAttr:$layer);
}
def NN_SliceOp : NN_MoveOp<"slice"> {
  let summary = "every steps[i]-th index of dimension i from starts[i]; the result's shape gives the counts";
  let arguments = (ins AnyRankedTensor:$input, DenseI64ArrayAttr:$starts, DenseI64ArrayAttr:$steps, StrAttr:$layer);
}
def NN_PadOp : NN_MoveOp<"pad", [], ["getHomogeneousAxis"]> {
  let summary = "the input surrounded by a constant";
  let description = "`low` and `high` are counts per dimension; `value` is expressed in f32 also where the element type is quantized (Numerics R18).";
  let arguments = (ins AnyRankedTensor:$input, DenseI64ArrayAttr:$low, DenseI64ArrayAttr:$high, F32Attr:$value, StrAttr:$layer);
}

//===----------------------------------------------------------------------===//
// Number formats
//===----------------------------------------------------------------------===//

def NN_ObserveOp : NN_Op<"observe"> {
  let summary = "a value whose range calibration watches and whose format a policy chooses";
  let description = "`layer` is the layer that made the value. An identity in arithmetic.";
  let arguments = (ins AnyRankedTensor:$input, StrAttr:$layer, OptionalAttr<NN_StatisticsAttr>:$statistics,
                       OptionalAttr<NN_PrecisionAttr>:$precision);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}
def NN_QuantizeOp : NN_Op<"quantize"> {
  let summary = "saturate(round(input / scale) + zero point): f32 to the result's quantized type, per tensor or per channel (Numerics R3)";
  let arguments = (ins AnyRankedTensor:$input, NN_Rounding:$rounding, StrAttr:$layer);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}
def NN_DequantizeOp : NN_Op<"dequantize"> {
  let summary = "(stored value - zero point) * scale in f32 (Numerics R4)";
  let arguments = (ins AnyRankedTensor:$input, StrAttr:$layer);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}

#endif // QUANTIZATION_NNOPS_TD

//===- Fixed.td - integer ops that upstream lacks ----------*- tablegen -*-===//

#ifndef QUANTIZATION_FIXED_TD
#define QUANTIZATION_FIXED_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/TensorEncoding.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "quantization/Dialect/NN/NNAttributes.td"

def Fixed_Dialect : Dialect {
  let name = "fixed";
  let summary = "exact integer arithmetic between layers";
  let description = [{
    Every op has a plain meaning in linalg and arith, which `convert-nn-to-linalg` writes out and which is the oracle of any faster
    lowering, bit for bit.
  }];
  let cppNamespace = "::quantization::fixed";
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::quant::QuantDialect"];
  let hasOperationAttrVerify = 1;
}

def Fixed_LayoutAttr : AttrDef<Fixed_Dialect, "Layout", [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let mnemonic = "layout";
  let summary = "the order of a tensor's dimensions in memory, outermost first";
  let parameters = (ins ArrayRefParameter<"int64_t">:$order);
  let assemblyFormat = "`<` `[` $order `]` `>`";
}

class Fixed_Op<string mnemonic, list<Trait> traits = []> : Op<Fixed_Dialect, mnemonic, !listconcat(traits, [Pure])> {
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Fixed_RescaleOp : Fixed_Op<"rescale"> {
  let summary = "integers moved from one scale to another with one rounding (Numerics R11, R15-R17)";
  let description = [{
    result = clamp(round((input - input's zero point) * multiplier * 2^-shift) + result's zero point, clamp[0], clamp[1]).

    The input is i32 or i64 (no zero point), or a quantized tensor; the result is a quantized tensor or i32 (no zero point), of the
    input's shape. `multipliers` and `shifts` (0 to 62) have one entry, or one per index of `axis`. Until `materialize-rescale`,
    `scales` (real factors, same count) stand in their place. `bound` is a proved bound of |input - zero point|: with it the product
    and its rounding fit 63 bits (R16), and ties can be excluded (R17).
  }];
  let arguments = (ins AnyRankedTensor:$input, OptionalAttr<DenseF64ArrayAttr>:$scales,
                       OptionalAttr<DenseI32ArrayAttr>:$multipliers, OptionalAttr<DenseI32ArrayAttr>:$shifts,
                       I64Attr:$axis, DenseI64ArrayAttr:$clamp, I64Attr:$bound, NN_Rounding:$rounding, StrAttr:$layer);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}

def Fixed_LookupOp : Fixed_Op<"lookup"> {
  let summary = "each stored value replaced by table[value - least value of its storage] (Numerics R19)";
  let description = [{
    The input has at most 8 bits. `table` is a constant [2^width] or, with `axis` >= 0, [size of axis, 2^width], of the result's
    stored values; `axis` is -1 for one table.
  }];
  let arguments = (ins AnyRankedTensor:$input, AnyRankedTensor:$table, I64Attr:$axis, StrAttr:$layer);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}

def Fixed_RelayoutOp : Fixed_Op<"relayout"> {
  let summary = "the same tensor in another memory order";
  let arguments = (ins AnyRankedTensor:$input, StrAttr:$layer);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}

def Fixed_PackValuesOp : Fixed_Op<"pack_values"> {
  let summary = "codes of 1, 2 or 4 bits, as many to a byte as there is room for";
  let description = [{
    Along the dimension that is innermost in memory, the n codes of a row lie in m = ceil(n * bits / 8) bytes: byte j holds code j + f * m,
    less `least`, in its bits from f * bits on. (So a vector of bytes is the codes of as many vectors that follow each other, as with
    weights that share bytes.) Bits for which there is no code do not matter. `least` is the least code that there is. Codes are those of a
    quantized tensor, or i8 in memory order; bytes are i8.
  }];
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$bits, I64Attr:$least, StrAttr:$layer);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}

def Fixed_UnpackValuesOp : Fixed_Op<"unpack_values"> {
  let summary = "the codes that fixed.pack_values has packed";
  let arguments = (ins AnyRankedTensor:$input, I64Attr:$bits, I64Attr:$least, StrAttr:$layer);
  let results = (outs AnyRankedTensor:$result);
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Below the layers: ops on plain integers in memory order
//===----------------------------------------------------------------------===//

def Fixed_TargetAttr : AttrDef<Fixed_Dialect, "Target"> {
  let mnemonic = "target";
  let summary = "the machine to compile for";
  let description = [{
    On the module as `fixed.target`. Triple, processor and features ("+x,-y", those that differ from the processor's) mean what
    they mean in llc and are resolved: never "native". Passes ask `TargetModel`, never these names. With `emulated`, kernels are
    those of this machine but their instructions are spelt out in plain ones, so that their results can be tested on any. Loops are
    shared between `threads` threads.
  }];
  let parameters = (ins StringRefParameter<>:$triple, StringRefParameter<>:$cpu, StringRefParameter<>:$features,
                        DefaultValuedParameter<"bool", "false">:$emulated, DefaultValuedParameter<"int64_t", "1">:$threads);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Fixed_StepAttr : AttrDef<Fixed_Dialect, "Step"> {
  let mnemonic = "step";
  let summary = "what one step of a run computes and moves";
  let description = [{
    On a call as `fixed.step` while an artifact with a profile is made; on the module as `fixed.steps`, an array of all in their order,
    from then on. `layers` are the names of the layers whose values it computes, `kernel` is a micro-kernel, "loops" or "copy", `macs`
    counts the multiplications of convolutions and matrix products, without those that only fill a kernel's registers. `read` and
    `written` are bytes of activations, `weights` those of constants, each byte once. `multiplications` are those of `macs` that the
    kernel makes: none where it counts bits or reads tables, and those of sums by the factors of their clusters where weights are
    instructions, whose `additions` take the place of the others. `rescales` counts multiplications by which values are rescaled.
  }];
  let parameters = (ins "::mlir::ArrayAttr":$layers, StringRefParameter<>:$kernel, "int64_t":$macs, "int64_t":$read,
                        "int64_t":$written, "int64_t":$weights, DefaultValuedParameter<"int64_t", "0">:$additions,
                        DefaultValuedParameter<"int64_t", "0">:$multiplications, DefaultValuedParameter<"int64_t", "0">:$rescales);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def Fixed_RequantizeOp : Fixed_Op<"requantize", [Elementwise, Scalarizable, Vectorizable, Tensorizable]> {
  let summary = "clamp(round(value * multiplier * 2^-shift), clamp[0], clamp[1]) (Numerics R15 to R17)";
  let description = [{
    What a `fixed.rescale` does to one value, or to a vector of them, before the zero point is added. `value` is i32 or i64,
    `multiplier` and `shift` (0 to 62) are i32, the result is i32; |value * multiplier| stays below 2^62. `largest` is a proved bound
    of the result's magnitude before the clamp: below 2^31 the high bits need not be looked at. No shift is below `least_shift`: from 33
    on, the lower half of the product does not matter to rounding half up.
  }];
  let arguments = (ins AnyType:$value, AnyType:$multiplier, AnyType:$shift, NN_Rounding:$rounding, DenseI64ArrayAttr:$clamp,
                       I64Attr:$largest, DefaultValuedAttr<I64Attr, "0">:$least_shift);
  let results = (outs AnyType:$result);
  let hasVerifier = 1;
}

def Fixed_YieldOp : Op<Fixed_Dialect, "yield", [Pure, Terminator, ParentOneOf<["ContractOp"]>]> {
  let summary = "the value that a contraction stores";
  let arguments = (ins AnyType:$value);
  let assemblyFormat = "operands attr-dict `:` type(operands)";
}

def Fixed_ContractOp : Op<Fixed_Dialect, "contract", [
    AttrSizedOperandSegments, SingleBlock, DestinationStyleOpInterface, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "a convolution or matrix product that a micro-kernel of the target computes, with all that follows it value by value";
  let description = [{
    Tensors before bufferization, buffers after it, in memory order and already padded:
    - `input`: [batch, spatial..., groups * channels] for a convolution of as many spatial dimensions as `kernel` has entries (1 or 2);
      [rows..., channels] for a matrix product (`kernel` is empty);
      kernels that take several channels at once read codes of them (DotKind), and `channels` says how many there are in a group;
    - `weights`: [groups, blocks, kernel rows, steps, lanes of a block, codes of a step], zero where the layer has no more; where elements
      have weights for `packing` codes each, fewer of those, or else of steps;
      the kernel row's (columns * channels) values are cut into equal parts that the kernel multiplies at once, of one step or more; the
      last part ends with the row, overlapping the one before;
      where every channel is a group of its own (depthwise): [1, blocks, groups of rows, columns, lanes, rows of a group]; where each
      matrix has a second one of its own (batched): [matrices, ...], as many as `input` has dimensions before its last two;
    - `bias`, i32 or f32, and `others` of rank 1: [groups, blocks, lanes of a block] in one dimension (1 group if depthwise);
    - other `others`: of the result's shape;
    - `init`: overwritten with the result [batch, spatial..., output channels].

    The region takes the accumulator (bias + sum of products, in the order of kernel rows, columns and channels) and a value of each of
    `others`, and yields what is stored. It holds elementwise ops only. `lowering` names the micro-kernel, `layer` the layer. `columns`
    are those of the layer's kernel, where `kernel` has more to fill a step.
  }];
  let arguments = (ins AnyShaped:$input, AnyShaped:$weights, Optional<AnyShaped>:$bias, Variadic<AnyShaped>:$others, AnyShaped:$init,
                       DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, I64Attr:$groups,
                       OptionalAttr<I64Attr>:$columns, OptionalAttr<I64Attr>:$channels, OptionalAttr<I64Attr>:$packing,
                       StrAttr:$lowering, StrAttr:$layer);
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region SizedRegion<1>:$body);
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getInitMutable(); }
    /// Each output channel reads the input channel of its number alone.
    bool isDepthwise();
    /// A matrix product with weights for each matrix.
    bool isBatched();
    /// Groups as the weights have them: 1 if depthwise.
    int64_t getPackedGroups();
    /// Multiplications of the layer.
    int64_t countProducts();
  }];
}

#endif // QUANTIZATION_FIXED_TD

//===- Fixed.td - integer ops that upstream lacks ----------*- tablegen -*-===//

#ifndef QUANTIZATION_FIXED_TD
#define QUANTIZATION_FIXED_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"
include "mlir/IR/TensorEncoding.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
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

#endif // QUANTIZATION_FIXED_TD

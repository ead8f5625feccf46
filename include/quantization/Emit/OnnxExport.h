//===- OnnxExport.h - a network as an ONNX file -----------------*- C++ -*-===//
//
// This file declares the writer of standard ONNX with QuantizeLinear and DequantizeLinear (QDQ).
//
//===----------------------------------------------------------------------===//

#ifndef QUANTIZATION_EMIT_ONNXEXPORT_H
#define QUANTIZATION_EMIT_ONNXEXPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

namespace quantization {

/// Writes the network of `simulated`, a module with one function in the simulated form (or the network form, which has no
/// number formats), as ONNX of the lowest opset from 13 on that has all its operators.
///
/// Inputs and outputs keep their `nn.name`; a layer is a node of the same name. The value of layer V is the tensor V where it
/// is f32, `V_quantized` behind its QuantizeLinear or as stored constant, and `V_dequantized` behind that; its parameters are
/// the initializers `V_scale` and `V_zero_point`. A leading batch of 1 becomes the symbolic dimension "N" where every layer
/// keeps it apart; any other stays fixed.
///
/// Fails, naming the layer, where ONNX has no form for a layer or a number format. Nothing is written then.
llvm::Error exportOnnxQdq(mlir::ModuleOp simulated, llvm::raw_ostream &os);

} // namespace quantization

#endif // QUANTIZATION_EMIT_ONNXEXPORT_H

// RUN: quantization-opt %s --expose-layers --split-input-file --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefixes=BOTH,OUTPUTS
// RUN: quantization-opt %s --expose-layers=mode=isolated --split-input-file --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefixes=BOTH,ISOLATED

!u8 = !quant.uniform<u8:f32, 0.5:10>
// The name of a value is its layer's; nn.layer is the ONNX node that computes it, the last name of a folded location.
// BOTH-LABEL: func.func @quantized
// OUTPUTS-SAME: (%arg0: tensor<2xf32> {nn.name = "x"}
// OUTPUTS-SAME: -> (tensor<2xf32> {nn.name = "y"},
// OUTPUTS-SAME: tensor<2x!quant.uniform<u8:f32, 5.000000e-01:10>> {nn.layer = "x", nn.name = "x"},
// OUTPUTS-SAME: tensor<2x!quant.uniform<u8:f32, 5.000000e-01:10>> {nn.layer = "relu", nn.name = "sum"})
// OUTPUTS-NEXT: %[[QX:.*]] = nn.quantize %arg0
// OUTPUTS-NEXT: %[[X:.*]] = nn.dequantize %[[QX]]
// OUTPUTS-NEXT: nn.add %[[X]], %[[X]]
// OUTPUTS: %[[QS:.*]] = nn.quantize
// OUTPUTS-NEXT: %[[S:.*]] = nn.dequantize %[[QS]]
// OUTPUTS-NEXT: return %[[S]], %[[QX]], %[[QS]] :

// Readers take what the caller gives for a layer, not what the layer computed.
// ISOLATED-SAME: %arg1: tensor<2x!quant.uniform<u8:f32, 5.000000e-01:10>> {nn.layer = "x", nn.name = "x"}
// ISOLATED-SAME: %arg2: tensor<2x!quant.uniform<u8:f32, 5.000000e-01:10>> {nn.layer = "relu", nn.name = "sum"}
// ISOLATED-NEXT: %[[QX:.*]] = nn.quantize %arg0
// ISOLATED-NEXT: %[[X:.*]] = nn.dequantize %arg1
// ISOLATED-NEXT: nn.add %[[X]], %[[X]]
// ISOLATED: %[[QS:.*]] = nn.quantize
// ISOLATED-NEXT: %[[S:.*]] = nn.dequantize %arg2
// ISOLATED-NEXT: return %[[S]], %[[QX]], %[[QS]] :
func.func @quantized(%x: tensor<2xf32> {nn.name = "x"}) -> (tensor<2xf32> {nn.name = "y"}) {
  %0 = nn.quantize %x {rounding = 0 : i32, layer = "x"} : (tensor<2xf32>) -> tensor<2x!u8>
  %1 = nn.dequantize %0 {layer = "x"} : (tensor<2x!u8>) -> tensor<2xf32>
  %2 = nn.add %1, %1 {layer = "sum"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %3 = nn.clamp %2 {min = 0.0 : f32, max = 6.0 : f32, layer = "relu"} : (tensor<2xf32>) -> tensor<2xf32> loc(fused["add", "relu"])
  %4 = nn.quantize %3 {rounding = 0 : i32, layer = "sum"} : (tensor<2xf32>) -> tensor<2x!u8>
  %5 = nn.dequantize %4 {layer = "sum"} : (tensor<2x!u8>) -> tensor<2xf32>
  return %5 : tensor<2xf32>
}

// -----

// In float each layer's value is exposed, but not what only its clamp reads; nothing is isolated.
// BOTH-LABEL: func.func @float
// OUTPUTS-SAME: -> (tensor<2xf32>, tensor<2xf32> {nn.layer = "relu", nn.name = "relu"}, tensor<2xf32> {nn.layer = "last", nn.name = "last"})
// OUTPUTS: nn.add
// OUTPUTS-NEXT: %[[R:.*]] = nn.clamp
// OUTPUTS-NEXT: %[[L:.*]] = nn.function
// OUTPUTS-NEXT: return %[[L]], %[[R]], %[[L]] :
// ISOLATED-SAME: (%arg0: tensor<2xf32>{{.*}}) -> tensor<2xf32> {
// ISOLATED: return %{{[0-9]+}} :
func.func @float(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = nn.add %x, %x {layer = "sum"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %1 = nn.clamp %0 {min = 0.0 : f32, max = 6.0 : f32, layer = "relu"} : (tensor<2xf32>) -> tensor<2xf32>
  %2 = nn.function %1 {kind = 8 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "last"} : (tensor<2xf32>) -> tensor<2xf32>
  return %2 : tensor<2xf32>
}

// REQUIRES: onnxruntime
// RUN: quantization-opt %s --from=simulated --emit=onnx-qdq -o %t.onnx
// RUN: %python %S/Inputs/print-onnx.py %t.onnx | FileCheck %s

// GELU needs opset 20. A normalization over features takes any number of samples.
// CHECK: ir {{[0-9]+}}, opset 20, graph transformer
// CHECK-NEXT: input x: {{[A-Za-z_]+}}x3x4
// CHECK: LayerNormalization norm: (x, s) -> norm {axis=2, epsilon=0.5}
// CHECK: LayerNormalization biased: (norm, s, b) -> biased {axis=2, epsilon=0.25}
// CHECK: Erf erf: (biased) -> erf
// CHECK: Gelu gelu: (erf) -> gelu
// CHECK: Gelu gelu_tanh: (gelu) -> y {approximate=b'tanh'}
func.func @transformer(%x: tensor<1x3x4xf32> {nn.name = "x"}) -> (tensor<1x3x4xf32> {nn.name = "y"}) {
  %s = nn.constant {layer = "s", value = dense<1.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %b = nn.constant {layer = "b", value = dense<2.0> : tensor<4xf32>} : () -> tensor<4xf32>
  %0 = nn.layer_norm %x, %s {axis = 2 : i64, epsilon = 0.5 : f32, layer = "norm"} : (tensor<1x3x4xf32>, tensor<4xf32>) -> tensor<1x3x4xf32>
  %1 = nn.layer_norm %0, %s, %b {axis = 2 : i64, epsilon = 0.25 : f32, layer = "biased"} : (tensor<1x3x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x3x4xf32>
  %2 = nn.function %1 {kind = 11 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "erf"} : (tensor<1x3x4xf32>) -> tensor<1x3x4xf32>
  %3 = nn.function %2 {kind = 12 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "gelu"} : (tensor<1x3x4xf32>) -> tensor<1x3x4xf32>
  %4 = nn.function %3 {kind = 13 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "gelu_tanh"} : (tensor<1x3x4xf32>) -> tensor<1x3x4xf32>
  return %4 : tensor<1x3x4xf32>
}

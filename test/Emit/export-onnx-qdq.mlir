// REQUIRES: onnxruntime
// RUN: quantization-opt %s --from=simulated --emit=onnx-qdq -o %t.onnx
// RUN: %python %S/Inputs/print-onnx.py %t.onnx | FileCheck %s

// CHECK: ir 8, opset 13, graph tiny
// CHECK-NEXT: input image: Nx1x4x4
// CHECK-DAG: initializer image_scale: float32[] = 0.05
// CHECK-DAG: initializer image_zero_point: uint8[] = 3
// CHECK-DAG: initializer conv1.weight_scale: float32[2] = [0.125, 0.25]
// CHECK-DAG: initializer conv1.weight_zero_point: int8[2] = [0, 0]
// CHECK-DAG: initializer conv1.weight_quantized: int8[2, 1, 1, 1] = {{\[\[\[\[}}2]]], {{\[\[\[}}-3]]]]
// CHECK-DAG: initializer conv1.bias_scale: float32[2] = [0.00625
// CHECK-DAG: initializer conv1.bias_quantized: int32[2] = [100, -200]
// CHECK-DAG: initializer flatten_shape: int64[2] = [0, 18]
// CHECK-DAG: initializer fc.weight_quantized: int8[18, 3]
// CHECK-DAG: initializer fc.bias: float32[3] = [1.0, 2.0, 3.0]
// CHECK: QuantizeLinear image_quantize: (image, image_scale, image_zero_point) -> image_quantized
// CHECK: DequantizeLinear image_dequantize: (image_quantized, image_scale, image_zero_point) -> image_dequantized
// CHECK: DequantizeLinear conv1.weight_dequantize: (conv1.weight_quantized, conv1.weight_scale, conv1.weight_zero_point) -> conv1.weight_dequantized {axis=0}
// CHECK: DequantizeLinear conv1.bias_dequantize: (conv1.bias_quantized, conv1.bias_scale) -> conv1.bias_dequantized {axis=0}
// CHECK: Conv conv1: (image_dequantized, conv1.weight_dequantized, conv1.bias_dequantized) -> conv1 {kernel_shape=[1, 1], strides=[1, 1], pads=[0, 0, 1, 1], dilations=[1, 1], group=1}
// CHECK: Relu relu1: (conv1) -> relu1
// CHECK: QuantizeLinear conv1_quantize: (relu1, conv1_scale, conv1_zero_point) -> conv1_quantized
// CHECK: DequantizeLinear conv1_dequantize: (conv1_quantized, conv1_scale, conv1_zero_point) -> conv1_dequantized
// CHECK: MaxPool pool1: (conv1_dequantized) -> pool1 {kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 0, 0], ceil_mode=1, dilations=[1, 1]}
// CHECK: Reshape flatten: (pool1_dequantized, flatten_shape) -> flatten
// CHECK: DequantizeLinear fc.weight_dequantize: (fc.weight_quantized, fc.weight_scale, fc.weight_zero_point) -> fc.weight_dequantized
// CHECK-NOT: axis
// CHECK: Gemm fc: (flatten, fc.weight_dequantized, fc.bias) -> fc
// CHECK: DequantizeLinear fc_dequantize: (fc_quantized, fc_scale, fc_zero_point) -> logits
// CHECK-NEXT: output logits: Nx3

!u8 = !quant.uniform<u8:f32, 0.05:3>
!u8b = !quant.uniform<u8:f32, 0.5:0>
!w = !quant.uniform<i8<-127:127>:f32:0, {0.125, 0.25}>
!b = !quant.uniform<i32:f32:0, {0.00625, 0.0125}>
// Codes of fewer bits are stored in bytes.
!w4 = !quant.uniform<i4<-7:7>:f32, 0.5>
module {
  func.func @tiny(%x: tensor<1x1x4x4xf32> {nn.name = "image"}) -> (tensor<1x3xf32> {nn.name = "logits"}) {
    %xq = nn.quantize %x {rounding = 0 : i32, layer = "image"} : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4x!u8>
    %xd = nn.dequantize %xq {layer = "image"} : (tensor<1x1x4x4x!u8>) -> tensor<1x1x4x4xf32>
    %w = nn.constant {layer = "conv1.weight", value = dense<[[[[2]]],[[[-3]]]]> : tensor<2x1x1x1xi8>} : () -> tensor<2x1x1x1x!w>
    %wd = nn.dequantize %w {layer = "conv1.weight"} : (tensor<2x1x1x1x!w>) -> tensor<2x1x1x1xf32>
    %b = nn.constant {layer = "conv1.bias", value = dense<[100, -200]> : tensor<2xi32>} : () -> tensor<2x!b>
    %bd = nn.dequantize %b {layer = "conv1.bias"} : (tensor<2x!b>) -> tensor<2xf32>
    %c = nn.conv %xd, %wd, %bd {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layer = "conv1"} : (tensor<1x1x4x4xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x5x5xf32>
    %r = nn.clamp %c {min = 0.0 : f32, max = 0x7F800000 : f32, layer = "relu1"} : (tensor<1x2x5x5xf32>) -> tensor<1x2x5x5xf32>
    %rq = nn.quantize %r {rounding = 0 : i32, layer = "conv1"} : (tensor<1x2x5x5xf32>) -> tensor<1x2x5x5x!u8b>
    %rd = nn.dequantize %rq {layer = "conv1"} : (tensor<1x2x5x5x!u8b>) -> tensor<1x2x5x5xf32>
    %p = nn.max_pool %rd {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layer = "pool1"} : (tensor<1x2x5x5xf32>) -> tensor<1x2x3x3xf32>
    %pq = nn.quantize %p {rounding = 0 : i32, layer = "pool1"} : (tensor<1x2x3x3xf32>) -> tensor<1x2x3x3x!u8b>
    %pd = nn.dequantize %pq {layer = "pool1"} : (tensor<1x2x3x3x!u8b>) -> tensor<1x2x3x3xf32>
    %f = nn.reshape %pd {layer = "flatten"} : (tensor<1x2x3x3xf32>) -> tensor<1x18xf32>
    %v = nn.constant {layer = "fc.weight", value = dense<3> : tensor<18x3xi8>} : () -> tensor<18x3x!w4>
    %vd = nn.dequantize %v {layer = "fc.weight"} : (tensor<18x3x!w4>) -> tensor<18x3xf32>
    %fb = nn.constant {layer = "fc.bias", value = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>} : () -> tensor<3xf32>
    %g = nn.matmul %f, %vd, %fb {layer = "fc"} : (tensor<1x18xf32>, tensor<18x3xf32>, tensor<3xf32>) -> tensor<1x3xf32>
    %gq = nn.quantize %g {rounding = 0 : i32, layer = "fc"} : (tensor<1x3xf32>) -> tensor<1x3x!u8>
    %gd = nn.dequantize %gq {layer = "fc"} : (tensor<1x3x!u8>) -> tensor<1x3xf32>
    return %gd : tensor<1x3xf32>
  }
}

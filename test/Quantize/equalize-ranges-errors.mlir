// A network that is quantized already is left alone, and so are weights without numbers: quantize-constants names those.
// RUN: quantization-opt %s --equalize-ranges --split-input-file | FileCheck %s --implicit-check-not=remark

// CHECK-LABEL: func.func @not_finite
func.func @not_finite(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
  // CHECK: layer = "w1", value = dense<0x7FC00000>
  // CHECK: layer = "w2", value = dense<4.000000e+00>
  %w1 = nn.constant {value = dense<0x7FC00000> : tensor<1x1xf32>, layer = "w1"} : () -> tensor<1x1xf32>
  %w2 = nn.constant {value = dense<4.0> : tensor<1x1xf32>, layer = "w2"} : () -> tensor<1x1xf32>
  %0 = nn.matmul %x, %w1 {layer = "fc1"} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %1 = nn.matmul %0, %w2 {layer = "fc2"} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  return %1 : tensor<1x1xf32>
}

// -----

// CHECK-LABEL: func.func @by_the_file
func.func @by_the_file(%x: tensor<1x1xf32>) -> tensor<1x1x!quant.uniform<u8:f32, 0.5:10>> {
  // CHECK: layer = "w1", value = dense<8.000000e+00>
  %w1 = nn.constant {value = dense<8.0> : tensor<1x1xf32>, layer = "w1"} : () -> tensor<1x1xf32>
  %w2 = nn.constant {value = dense<2.0> : tensor<1x1xf32>, layer = "w2"} : () -> tensor<1x1xf32>
  %0 = nn.matmul %x, %w1 {layer = "fc1"} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %1 = nn.matmul %0, %w2 {layer = "fc2"} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %2 = nn.quantize %1 {layer = "fc2", rounding = 0 : i32} : (tensor<1x1xf32>) -> tensor<1x1x!quant.uniform<u8:f32, 0.5:10>>
  return %2 : tensor<1x1x!quant.uniform<u8:f32, 0.5:10>>
}

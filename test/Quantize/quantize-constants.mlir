// RUN: quantization-opt %s --quantize-constants --split-input-file | FileCheck %s
// RUN: quantization-opt %s --quantize-constants --split-input-file -o %t.mlir --remarks-filter=quantize-constants 2>&1 | FileCheck %s --check-prefix=REMARKS

!a = !quant.uniform<u8:f32, 0.5:10>
// Channel 0: 127/127 = 1; channel 1: 0.5. The all-zero channel 2 gets scale 1 (Numerics R8). The bias is on 0.5 * those (R10).
// CHECK-LABEL: func.func @per_channel
func.func @per_channel(%x: tensor<1x1x1x2x!a>) -> tensor<1x3x1x1xf32> {
  // CHECK-NEXT: %[[W:.*]] = nn.constant {{.*}}layer = "w", value = dense<{{\[}}{{\[}}{{\[}}[127, -3]]], {{\[}}{{\[}}[-127, 2]]], {{\[}}{{\[}}[0, 0]]]]> : tensor<3x1x1x2xi8>} : () -> tensor<3x1x1x2x!quant.uniform<i8<-127:127>:f32:0, {1.000000e+00,5.000000e-01,1.000000e+00}>>
  // CHECK-NEXT: %[[B:.*]] = nn.constant {{.*}}layer = "b", value = dense<[3, -4, 2]> : tensor<3xi32>} : () -> tensor<3x!quant.uniform<i32:f32:0, {5.000000e-01,2.500000e-01,5.000000e-01}>>
  // CHECK-NEXT: %[[X:.*]] = nn.dequantize %arg0
  // CHECK-NEXT: %[[DB:.*]] = nn.dequantize %[[B]] {layer = "b"}
  // CHECK-NEXT: %[[DW:.*]] = nn.dequantize %[[W]] {layer = "w"}
  // CHECK-NEXT: nn.conv %[[X]], %[[DW]], %[[DB]]
  %w = nn.constant {value = dense<[[[[127.0, -3.0]]], [[[-63.5, 1.0]]], [[[0.0, 0.0]]]]> : tensor<3x1x1x2xf32>, layer = "w", precision = #nn.precision<"int8{per=channel}", "min-max">} : () -> tensor<3x1x1x2xf32>
  %b = nn.constant {value = dense<[1.5, -1.0, 1.25]> : tensor<3xf32>, layer = "b"} : () -> tensor<3xf32>
  %d = nn.dequantize %x {layer = "x"} : (tensor<1x1x1x2x!a>) -> tensor<1x1x1x2xf32>
  %0 = nn.conv %d, %w, %b {layer = "conv", strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1} : (tensor<1x1x1x2xf32>, tensor<3x1x1x2xf32>, tensor<3xf32>) -> tensor<1x3x1x1xf32>
  return %0 : tensor<1x3x1x1xf32>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:10>
// A matrix numbers its channels by the last axis; one scale for the tensor gives one for the bias.
// CHECK-LABEL: func.func @matmul
func.func @matmul(%x: tensor<1x1x!a>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  // CHECK-DAG: layer = "w", value = dense<127> : tensor<1x2xi8>} : () -> tensor<1x2x!quant.uniform<i8<-127:127>:f32:1, {1.000000e+00,5.000000e-01}>>
  // CHECK-DAG: layer = "v", value = dense<{{\[}}[70, 35]]> : tensor<1x2xi8>} : () -> tensor<1x2x!quant.uniform<i8<-127:127>:f32, 1.8142857551574707>>
  // A bias that two layers share is on the scale of each.
  // CHECK-DAG: layer = "b", value = dense<1> : tensor<2xi32>} : () -> tensor<2x!quant.uniform<i32:f32, 0.90714287757873535>>
  // CHECK-DAG: layer = "b_for_fc1", value = dense<[2, 4]> : tensor<2xi32>} : () -> tensor<2x!quant.uniform<i32:f32:0, {5.000000e-01,2.500000e-01}>>
  // CHECK-NOT: value = {{.*}}xf32
  %w = nn.constant {value = dense<[[127.0, 63.5]]> : tensor<1x2xf32>, layer = "w", precision = #nn.precision<"int8{per=channel}", "min-max">} : () -> tensor<1x2xf32>
  %v = nn.constant {value = dense<[[127.0, 63.7]]> : tensor<1x2xf32>, layer = "v", precision = #nn.precision<"int8{per=tensor}", "min-max">} : () -> tensor<1x2xf32>
  %b = nn.constant {value = dense<1.0> : tensor<2xf32>, layer = "b"} : () -> tensor<2xf32>
  %d = nn.dequantize %x {layer = "x"} : (tensor<1x1x!a>) -> tensor<1x1xf32>
  %0 = nn.matmul %d, %w, %b {layer = "fc1"} : (tensor<1x1xf32>, tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %1 = nn.matmul %d, %v, %b {layer = "fc2"} : (tensor<1x1xf32>, tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %0, %1 : tensor<1x2xf32>, tensor<1x2xf32>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:10>
// A bias of 2^31 has a code of 2^32 on the scale 0.5 * 1; to leave half of i32 to the products, the scale of its channel is raised to 4, and
// its weight 127 has the code 32 (R8).
// REMARKS: [Passed] fc | Category:quantize-constants | {{.*}}Remark="weight scales of 1 channels raised, so that their biases fit 32 bits"
// CHECK-LABEL: func.func @large_bias
func.func @large_bias(%x: tensor<1x1x!a>) -> tensor<1x2xf32> {
  // CHECK-DAG: layer = "w", value = dense<{{\[}}[32, 127]]> : tensor<1x2xi8>} : () -> tensor<1x2x!quant.uniform<i8<-127:127>:f32:1, {4.000000e+00,1.000000e+00}>>
  // CHECK-DAG: layer = "b", value = dense<[1073741824, 2]> : tensor<2xi32>}
  %w = nn.constant {value = dense<[[127.0, 127.0]]> : tensor<1x2xf32>, layer = "w", precision = #nn.precision<"int8{per=channel}", "min-max">} : () -> tensor<1x2xf32>
  %b = nn.constant {value = dense<[2147483648.0, 1.0]> : tensor<2xf32>, layer = "b"} : () -> tensor<2xf32>
  %d = nn.dequantize %x {layer = "x"} : (tensor<1x1x!a>) -> tensor<1x1xf32>
  %0 = nn.matmul %d, %w, %b {layer = "fc"} : (tensor<1x1xf32>, tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:10>
// What a quantize makes of a constant is known (u8 codes print as i8, so -1 is 255); a constant with another reader stays for that one.
// CHECK-LABEL: func.func @folded
func.func @folded() -> (tensor<3x!a>, tensor<2x!a>, tensor<2xf32>) {
  // CHECK-DAG: layer = "k", value = dense<[8, 12, -1]> : tensor<3xi8>} : () -> tensor<3x!quant.uniform<u8:f32, 5.000000e-01:10>>
  // CHECK-DAG: layer = "m", value = dense<1.000000e+00> : tensor<2xf32>} : () -> tensor<2xf32>
  // CHECK-DAG: layer = "m_2", value = dense<12> : tensor<2xi8>} : () -> tensor<2x!quant.uniform<u8:f32, 5.000000e-01:10>>
  // CHECK-NOT: nn.quantize
  %k = nn.constant {value = dense<[-1.0, 1.0, 1000.0]> : tensor<3xf32>, layer = "k"} : () -> tensor<3xf32>
  %m = nn.constant {value = dense<1.0> : tensor<2xf32>, layer = "m"} : () -> tensor<2xf32>
  %0 = nn.quantize %k {rounding = 0 : i32, layer = "k"} : (tensor<3xf32>) -> tensor<3x!a>
  %1 = nn.quantize %m {rounding = 0 : i32, layer = "m"} : (tensor<2xf32>) -> tensor<2x!a>
  return %0, %1, %m : tensor<3x!a>, tensor<2x!a>, tensor<2xf32>
}

// -----

// Weights of a layer in float stay as they are, with a reason where that was not asked for.
// REMARKS: [Missed] fc1 | Category:quantize-constants | {{.*}}Remark="weights stay float: the input is not quantized"
// CHECK-LABEL: func.func @float
func.func @float(%x: tensor<1x1xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  // CHECK-NEXT: nn.constant {{.*}}layer = "w"{{.*}} : () -> tensor<1x2xf32>
  // CHECK-NEXT: nn.constant {{.*}}layer = "v"{{.*}} : () -> tensor<1x2xf32>
  // CHECK-NEXT: nn.matmul
  %w = nn.constant {value = dense<1.0> : tensor<1x2xf32>, layer = "w", precision = #nn.precision<"int8", "min-max">} : () -> tensor<1x2xf32>
  %v = nn.constant {value = dense<1.0> : tensor<1x2xf32>, layer = "v", precision = #nn.precision<"float", "min-max">} : () -> tensor<1x2xf32>
  %0 = nn.matmul %x, %w {layer = "fc1"} : (tensor<1x1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = nn.matmul %x, %v {layer = "fc2"} : (tensor<1x1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %0, %1 : tensor<1x2xf32>, tensor<1x2xf32>
}

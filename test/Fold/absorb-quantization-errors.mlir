// Layers that integers cannot hold stay float and say why; the integral form admits them.
// RUN: quantization-opt %s --absorb-quantization --verify-form=form=integral --split-input-file --verify-diagnostics -o %t.mlir && FileCheck %s < %t.mlir

!a = !quant.uniform<u8:f32:0, {0.5, 0.25}>
!w = !quant.uniform<i8<-127:127>:f32, 1.0>
// CHECK-LABEL: func.func @input_per_channel
func.func @input_per_channel(%x: tensor<2x2x!a>) -> tensor<2x2x!w> {
  %w = nn.constant {value = dense<1> : tensor<2x2xi8>, layer = "w"} : () -> tensor<2x2x!w>
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x2x!a>) -> tensor<2x2xf32>
  %1 = nn.dequantize %w {layer = "w"} : (tensor<2x2x!w>) -> tensor<2x2xf32>
  // CHECK: nn.{{.*}}layer = "fc"{{.*}}nn.why_float = "its input has a scale per channel, which integers cannot add up"{{.*}}xf32>
  %2 = nn.matmul %0, %1 {layer = "fc"} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %3 = nn.quantize %2 {rounding = 0 : i32, layer = "fc"} : (tensor<2x2xf32>) -> tensor<2x2x!w>
  return %3 : tensor<2x2x!w>
}

// -----

!a = !quant.uniform<u8:f32:0, {0.5, 0.25}>
!y = !quant.uniform<u8:f32, 1.0>
// CHECK-LABEL: func.func @operands_per_channel
func.func @operands_per_channel(%x: tensor<2x2x4x!a>) -> (tensor<2x2x4x!y>, tensor<2x2x4x!y>, tensor<2x2x4x!y>) {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x2x4x!a>) -> tensor<2x2x4xf32>
  // CHECK: nn.{{.*}}layer = "sum"{{.*}}nn.why_float = "an operand is not quantized with one scale"{{.*}}xf32>
  %1 = nn.add %0, %0 {layer = "sum"} : (tensor<2x2x4xf32>, tensor<2x2x4xf32>) -> tensor<2x2x4xf32>
  %q1 = nn.quantize %1 {rounding = 0 : i32, layer = "sum"} : (tensor<2x2x4xf32>) -> tensor<2x2x4x!y>
  // CHECK: nn.{{.*}}layer = "product"{{.*}}nn.why_float = "an operand is not quantized with one scale"{{.*}}xf32>
  %2 = nn.mul %0, %0 {layer = "product"} : (tensor<2x2x4xf32>, tensor<2x2x4xf32>) -> tensor<2x2x4xf32>
  %q2 = nn.quantize %2 {rounding = 0 : i32, layer = "product"} : (tensor<2x2x4xf32>) -> tensor<2x2x4x!y>
  // CHECK: nn.{{.*}}layer = "pool"{{.*}}nn.why_float = "its input is not quantized with one scale"{{.*}}xf32>
  %3 = nn.average_pool %0 {kernel = array<i64: 1>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "pool"} : (tensor<2x2x4xf32>) -> tensor<2x2x4xf32>
  %q3 = nn.quantize %3 {rounding = 0 : i32, layer = "pool"} : (tensor<2x2x4xf32>) -> tensor<2x2x4x!y>
  return %q1, %q2, %q3 : tensor<2x2x4x!y>, tensor<2x2x4x!y>, tensor<2x2x4x!y>
}

// -----

!i32 = !quant.uniform<i32:f32, 1.0>
// 2^31 * 2^31 is beyond 62 bits.
// CHECK-LABEL: func.func @wide_accumulator
func.func @wide_accumulator(%x: tensor<1x1x!i32>) -> tensor<1x1x!i32> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<1x1x!i32>) -> tensor<1x1xf32>
  // CHECK: nn.{{.*}}layer = "fc"{{.*}}nn.why_float = "its accumulator can exceed 62 bits"{{.*}}xf32>
  %1 = nn.matmul %0, %0 {layer = "fc"} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "fc"} : (tensor<1x1xf32>) -> tensor<1x1x!i32>
  return %2 : tensor<1x1x!i32>
}

// -----

!a = !quant.uniform<u8:f32, 0.5>
// Windows of 13 to 25 values at the left edge: their least common multiple is 26771144400.
// CHECK-LABEL: func.func @edges
func.func @edges(%x: tensor<1x1x25x!a>) -> tensor<1x1x13x!a> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<1x1x25x!a>) -> tensor<1x1x25xf32>
  // CHECK: nn.{{.*}}layer = "pool"{{.*}}nn.why_float = "the window sizes at its edges have no common multiple within 32 bits"{{.*}}xf32>
  %1 = nn.average_pool %0 {kernel = array<i64: 25>, strides = array<i64: 1>, pads = array<i64: 12, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "pool"} : (tensor<1x1x25xf32>) -> tensor<1x1x13xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "pool"} : (tensor<1x1x13xf32>) -> tensor<1x1x13x!a>
  return %2 : tensor<1x1x13x!a>
}

// -----

!i16 = !quant.uniform<i16:f32, 0.5>
// A function of more codes than a table has entries.
// CHECK-LABEL: func.func @function
func.func @function(%x: tensor<2x!i16>) -> tensor<2x!i16> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x!i16>) -> tensor<2xf32>
  // CHECK: nn.{{.*}}layer = "neg"{{.*}}nn.why_float = "it has no integer form"{{.*}}xf32>
  %1 = nn.function %0 {kind = 8 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "neg"} : (tensor<2xf32>) -> tensor<2xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "neg"} : (tensor<2xf32>) -> tensor<2x!i16>
  return %2 : tensor<2x!i16>
}

// -----

!a = !quant.uniform<u8:f32, 0.5>
// What the policy keeps in float stays so: layer, clamp and function.
// CHECK-LABEL: func.func @policy
// CHECK-NOT: fixed.
// CHECK: nn.add {{.*}} -> tensor<2xf32>
// CHECK: nn.quantize
// CHECK: nn.clamp {{.*}} -> tensor<2xf32>
// CHECK: nn.quantize
// CHECK: nn.function {{.*}} -> tensor<2xf32>
// CHECK: nn.quantize
func.func @policy(%x: tensor<2x!a>) -> (tensor<2x!a>, tensor<2x!a>, tensor<2x!a>) {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x!a>) -> tensor<2xf32>
  %1 = nn.add %0, %0 {layer = "sum", nn.why_float = "policy.yaml:3: the policy says float"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "sum"} : (tensor<2xf32>) -> tensor<2x!a>
  %3 = nn.clamp %0 {min = 0.0 : f32, max = 1.0 : f32, layer = "clip", nn.why_float = "policy.yaml:3: the policy says float"} : (tensor<2xf32>) -> tensor<2xf32>
  %4 = nn.quantize %3 {rounding = 0 : i32, layer = "clip"} : (tensor<2xf32>) -> tensor<2x!a>
  %5 = nn.function %0 {kind = 8 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "neg", nn.why_float = "policy.yaml:3: the policy says float"} : (tensor<2xf32>) -> tensor<2xf32>
  %6 = nn.quantize %5 {rounding = 0 : i32, layer = "neg"} : (tensor<2xf32>) -> tensor<2x!a>
  return %2, %4, %6 : tensor<2x!a>, tensor<2x!a>, tensor<2x!a>
}

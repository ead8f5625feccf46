// RUN: quantization-opt %s --absorb-quantization --split-input-file | FileCheck %s
// RUN: quantization-opt %s --absorb-quantization --split-input-file -o %t.mlir --remarks-filter=absorb-quantization 2>&1 | FileCheck %s --check-prefix=REMARKS

!a = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8<-127:127>:f32:0, {1.0, 0.25}>
!b = !quant.uniform<i32:f32:0, {0.5, 0.125}>
!y = !quant.uniform<u8:f32, 2.0:3>
// Factors are 0.5 * {1, 0.25} / 2 per channel. The products reach 4 * 245 * 127 and the bias 7 (R10). The clamp to [0, 100] is that of
// codes [3, 53] (R14).
// CHECK-LABEL: func.func @conv
// CHECK-DAG: %[[W:.*]] = nn.constant {layer = "w", value = dense<1> : tensor<2x1x2x2xi8>}
// CHECK-DAG: %[[B:.*]] = nn.constant {layer = "b", value = dense<[5, -7]> : tensor<2xi32>} : () -> tensor<2xi32>
// CHECK: %[[A:.*]] = nn.conv %arg0, %[[W]], %[[B]] {dilations = array<i64: 1, 1>, groups = 1 : i64, layer = "conv", pads = array<i64: 1, 1, 0, 0>, strides = array<i64: 1, 1>} : (tensor<1x1x3x3x!quant.uniform<u8:f32, 5.000000e-01:10>>, {{.*}}, tensor<2xi32>) -> tensor<1x2x3x3xi32>
// CHECK-NEXT: %[[Q:.*]] = fixed.rescale %[[A]] {axis = 1 : i64, bound = 987 : i64, clamp = array<i64: 3, 53>, layer = "conv", rounding = 0 : i32, scales = array<f64: 2.500000e-01, 6.250000e-02>} : (tensor<1x2x3x3xi32>) -> tensor<1x2x3x3x!quant.uniform<u8:f32, 2.000000e+00:3>>
// CHECK-NEXT: return %[[Q]]
func.func @conv(%x: tensor<1x1x3x3x!a>) -> tensor<1x2x3x3x!y> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<1x1x3x3x!a>) -> tensor<1x1x3x3xf32>
  %w = nn.constant {value = dense<1> : tensor<2x1x2x2xi8>, layer = "w"} : () -> tensor<2x1x2x2x!w>
  %1 = nn.dequantize %w {layer = "w"} : (tensor<2x1x2x2x!w>) -> tensor<2x1x2x2xf32>
  %b = nn.constant {value = dense<[5, -7]> : tensor<2xi32>, layer = "b"} : () -> tensor<2x!b>
  %2 = nn.dequantize %b {layer = "b"} : (tensor<2x!b>) -> tensor<2xf32>
  %3 = nn.conv %0, %1, %2 {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x1x3x3xf32>, tensor<2x1x2x2xf32>, tensor<2xf32>) -> tensor<1x2x3x3xf32>
  %4 = nn.clamp %3 {min = 0.0 : f32, max = 100.0 : f32, layer = "relu"} : (tensor<1x2x3x3xf32>) -> tensor<1x2x3x3xf32>
  %5 = nn.quantize %4 {rounding = 0 : i32, layer = "conv"} : (tensor<1x2x3x3xf32>) -> tensor<1x2x3x3x!y>
  return %5 : tensor<1x2x3x3x!y>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8<-127:127>:f32:1, {1.0, 0.25, 0.5}>
!b = !quant.uniform<i32:f32:0, {0.5, 0.125, 0.25}>
// The channels of a matrix product are its last axis. Products and a bias of 2^31 - 1 leave 32 bits.
// CHECK-LABEL: func.func @matmul
// CHECK: %[[A:.*]] = nn.matmul %arg0, {{.*}} -> tensor<4x3xi64>
// CHECK-NEXT: fixed.rescale %[[A]] {axis = 1 : i64, bound = 2147484137 : i64, clamp = array<i64: 0, 255>, {{.*}}scales = array<f64: 1.000000e+00, 2.500000e-01, 5.000000e-01>}
func.func @matmul(%x: tensor<4x2x!a>) -> tensor<4x3x!a> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<4x2x!a>) -> tensor<4x2xf32>
  %w = nn.constant {value = dense<1> : tensor<2x3xi8>, layer = "w"} : () -> tensor<2x3x!w>
  %1 = nn.dequantize %w {layer = "w"} : (tensor<2x3x!w>) -> tensor<2x3xf32>
  %b = nn.constant {value = dense<[0, -2147483647, 5]> : tensor<3xi32>, layer = "b"} : () -> tensor<3x!b>
  %2 = nn.dequantize %b {layer = "b"} : (tensor<3x!b>) -> tensor<3xf32>
  %3 = nn.matmul %0, %1, %2 {layer = "fc"} : (tensor<4x2xf32>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<4x3xf32>
  %4 = nn.quantize %3 {rounding = 0 : i32, layer = "fc"} : (tensor<4x3xf32>) -> tensor<4x3x!a>
  return %4 : tensor<4x3x!a>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:10>
!b = !quant.uniform<u8:f32, 0.25:0>
// Both inputs on one scale: 245 * 0.5 is the largest value, so the step is 2^(7 - 29) and the multipliers are 2^21 and 2^20 (R12).
// CHECK-LABEL: func.func @sum
// CHECK-NEXT: %[[L:.*]] = fixed.rescale %arg0 {axis = 0 : i64, bound = 245 : i64, clamp = array<i64: -2147483648, 2147483647>, layer = "sum", multipliers = array<i32: 2097152>, {{.*}}shifts = array<i32: 0>} : {{.*}} -> tensor<2xi32>
// CHECK-NEXT: %[[R:.*]] = fixed.rescale %arg1 {axis = 0 : i64, bound = 255 : i64, {{.*}}multipliers = array<i32: 1048576>, {{.*}}shifts = array<i32: 0>} : {{.*}} -> tensor<2xi32>
// CHECK-NEXT: %[[S:.*]] = nn.sub %[[L]], %[[R]] {layer = "sum"} : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
// 245 * 2^21 + 255 * 2^20; 2^-22 / 0.5 = 2^-21.
// CHECK-NEXT: fixed.rescale %[[S]] {{{.*}}bound = 781189120 : i64, clamp = array<i64: 0, 255>, layer = "sum", rounding = 0 : i32, scales = array<f64: 4.76837158203125E-7>}
func.func @sum(%x: tensor<2x!a>, %y: tensor<2x!b>) -> tensor<2x!a> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x!a>) -> tensor<2xf32>
  %1 = nn.dequantize %y {layer = "y"} : (tensor<2x!b>) -> tensor<2xf32>
  %2 = nn.sub %0, %1 {layer = "sum"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %3 = nn.quantize %2 {rounding = 0 : i32, layer = "sum"} : (tensor<2xf32>) -> tensor<2x!a>
  return %3 : tensor<2x!a>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:10>
// CHECK-LABEL: func.func @product
// CHECK-NEXT: %[[P:.*]] = nn.mul %arg0, %arg0 {layer = "mul"} : {{.*}} -> tensor<2xi32>
// CHECK-NEXT: fixed.rescale %[[P]] {{{.*}}bound = 60025 : i64, {{.*}}scales = array<f64: 5.000000e-01>}
func.func @product(%x: tensor<2x!a>) -> tensor<2x!a> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x!a>) -> tensor<2xf32>
  %1 = nn.mul %0, %0 {layer = "mul"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "mul"} : (tensor<2xf32>) -> tensor<2x!a>
  return %2 : tensor<2x!a>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:10>
// Windows of 2 and 3 values: with their multiple 6 the factor is 1/6 (R13). `half_away` is kept.
// CHECK-LABEL: func.func @average
// CHECK-NEXT: %[[P:.*]] = nn.average_pool %arg0 {{.*}} -> tensor<1x1x2xi32>
// CHECK-NEXT: fixed.rescale %[[P]] {{{.*}}bound = 1470 : i64, {{.*}}rounding = 1 : i32, scales = array<f64: 0.16666666666666666>}
func.func @average(%x: tensor<1x1x5x!a>) -> tensor<1x1x2x!a> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<1x1x5x!a>) -> tensor<1x1x5xf32>
  %1 = nn.average_pool %0 {kernel = array<i64: 3>, strides = array<i64: 3>, pads = array<i64: 1, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "pool"} : (tensor<1x1x5xf32>) -> tensor<1x1x2xf32>
  %2 = nn.quantize %1 {rounding = 1 : i32, layer = "pool"} : (tensor<1x1x2xf32>) -> tensor<1x1x2x!a>
  return %2 : tensor<1x1x2x!a>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:10>
!b = !quant.uniform<u8:f32, 0.25:0>
// Moves work on codes (R18). Operands on another grid come onto the result's first.
// CHECK-LABEL: func.func @moves
// CHECK-NEXT: %[[M:.*]] = nn.max_pool %arg0 {{.*}} -> tensor<1x1x2x!quant.uniform<u8:f32, 5.000000e-01:10>>
// CHECK-NEXT: %[[R:.*]] = fixed.rescale %arg1 {axis = 0 : i64, bound = 255 : i64, clamp = array<i64: 0, 255>, layer = "joined", rounding = 0 : i32, scales = array<f64: 5.000000e-01>}
// CHECK-NEXT: %[[C:.*]] = nn.concat %[[M]], %[[R]]
// CHECK-NEXT: return %[[C]]
func.func @moves(%x: tensor<1x1x4x!a>, %y: tensor<1x1x3x!b>) -> tensor<1x1x5x!a> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<1x1x4x!a>) -> tensor<1x1x4xf32>
  %1 = nn.max_pool %0 {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, layer = "pool"} : (tensor<1x1x4xf32>) -> tensor<1x1x2xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "pool"} : (tensor<1x1x2xf32>) -> tensor<1x1x2x!a>
  %3 = nn.dequantize %2 {layer = "pool"} : (tensor<1x1x2x!a>) -> tensor<1x1x2xf32>
  %4 = nn.dequantize %y {layer = "y"} : (tensor<1x1x3x!b>) -> tensor<1x1x3xf32>
  %5 = nn.concat %3, %4 {axis = 2, layer = "joined"} : (tensor<1x1x2xf32>, tensor<1x1x3xf32>) -> tensor<1x1x5xf32>
  %6 = nn.quantize %5 {rounding = 0 : i32, layer = "joined"} : (tensor<1x1x5xf32>) -> tensor<1x1x5x!a>
  return %6 : tensor<1x1x5x!a>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:10>
!b = !quant.uniform<u8:f32, 0.25:0>
// A change of format is a rescale; a clamp of a clamp is their intersection: [1, 2] is [4, 8] in steps of 0.25.
// CHECK-LABEL: func.func @formats
// CHECK-NEXT: %[[A:.*]] = fixed.rescale %arg0 {{{.*}}clamp = array<i64: 0, 255>, layer = "x2", {{.*}}scales = array<f64: 2.000000e+00>}
// CHECK-NEXT: %[[B:.*]] = fixed.rescale %arg0 {{{.*}}bound = 245 : i64, clamp = array<i64: 4, 8>, layer = "clamped"
// No change at all needs nothing.
// CHECK-NEXT: return %[[A]], %[[B]], %arg0
func.func @formats(%x: tensor<2x!a>) -> (tensor<2x!b>, tensor<2x!b>, tensor<2x!a>) {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x!a>) -> tensor<2xf32>
  %1 = nn.quantize %0 {rounding = 0 : i32, layer = "x2"} : (tensor<2xf32>) -> tensor<2x!b>
  %2 = nn.clamp %0 {min = -1.0 : f32, max = 2.0 : f32, layer = "clip1"} : (tensor<2xf32>) -> tensor<2xf32>
  %3 = nn.clamp %2 {min = 1.0 : f32, max = 6.0 : f32, layer = "clip2"} : (tensor<2xf32>) -> tensor<2xf32>
  %4 = nn.quantize %3 {rounding = 0 : i32, layer = "clamped"} : (tensor<2xf32>) -> tensor<2x!b>
  %5 = nn.quantize %0 {rounding = 0 : i32, layer = "same"} : (tensor<2xf32>) -> tensor<2x!a>
  return %1, %4, %5 : tensor<2x!b>, tensor<2x!b>, tensor<2x!a>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8<-127:127>:f32, 1.0>
// What stays float says why.
// REMARKS: [Missed] {{.*}}Function=softmax | Reason="layer softmax (nn.softmax) stays float: it has no integer form
// REMARKS: [Missed] {{.*}}Function=fc1 | Reason="layer fc1 (nn.matmul) stays float: the policy keeps it in float
// REMARKS: [Missed] {{.*}}Function=fc2 | Reason="layer fc2 (nn.matmul) stays float: its input "fc1" is not quantized
// REMARKS: [Missed] {{.*}}Function=fc3 | Reason="layer fc3 (nn.matmul) stays float: its weights are not quantized
// REMARKS: [Missed] {{.*}}Function=fc4 | Reason="layer fc4 (nn.matmul) stays float: its bias is not quantized
// REMARKS: [Missed] {{.*}}Function=fc5 | Reason="layer fc5 (nn.matmul) stays float: its result is not quantized
// CHECK-LABEL: func.func @float
// CHECK-NOT: fixed.rescale
// CHECK: nn.matmul {{.*}}layer = "fc5"{{.*}} -> tensor<2x2xf32>
func.func @float(%x: tensor<2x2x!a>, %bias: tensor<2xf32>) -> (tensor<2x2xf32>, tensor<2x2x!a>, tensor<2x2x!a>, tensor<2x2x!a>, tensor<2x2xf32>) {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x2x!a>) -> tensor<2x2xf32>
  %w = nn.constant {value = dense<1.0> : tensor<2x2xf32>, precision = #nn.precision<"float", "min-max">, layer = "w"} : () -> tensor<2x2xf32>
  %v = nn.constant {value = dense<1.0> : tensor<2x2xf32>, layer = "v"} : () -> tensor<2x2xf32>
  %u = nn.constant {value = dense<1> : tensor<2x2xi8>, layer = "u"} : () -> tensor<2x2x!w>
  %q = nn.dequantize %u {layer = "u"} : (tensor<2x2x!w>) -> tensor<2x2xf32>
  %1 = nn.softmax %0 {axis = 1, layer = "softmax"} : (tensor<2x2xf32>) -> tensor<2x2xf32>
  %2 = nn.matmul %0, %w {layer = "fc1"} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %3 = nn.matmul %2, %q {layer = "fc2"} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %q3 = nn.quantize %3 {rounding = 0 : i32, layer = "fc2"} : (tensor<2x2xf32>) -> tensor<2x2x!a>
  %4 = nn.matmul %0, %v {layer = "fc3"} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %q4 = nn.quantize %4 {rounding = 0 : i32, layer = "fc3"} : (tensor<2x2xf32>) -> tensor<2x2x!a>
  %5 = nn.matmul %0, %q, %bias {layer = "fc4"} : (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  %q5 = nn.quantize %5 {rounding = 0 : i32, layer = "fc4"} : (tensor<2x2xf32>) -> tensor<2x2x!a>
  %6 = nn.matmul %0, %q {layer = "fc5"} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %1, %q3, %q4, %q5, %6 : tensor<2x2xf32>, tensor<2x2x!a>, tensor<2x2x!a>, tensor<2x2x!a>, tensor<2x2xf32>
}

// R12: the common scale of a sum is the least power of two that keeps 2^29: of 255 * 2^-8 and 128 * 2^-7 = 1 that is 2^-29, so the
// multipliers are 2^21 and 2^22.
!p = !quant.uniform<u8:f32, 0.00390625>
!q = !quant.uniform<i8:f32, 0.0078125>
// CHECK-LABEL: @sum_at_power_of_two
func.func @sum_at_power_of_two(%x: tensor<2x!p>, %y: tensor<2x!q>) -> tensor<2x!p> {
  // CHECK: fixed.rescale %arg0 {{.*}}multipliers = array<i32: 2097152>
  // CHECK: fixed.rescale %arg1 {{.*}}multipliers = array<i32: 4194304>
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x!p>) -> tensor<2xf32>
  %1 = nn.dequantize %y {layer = "y"} : (tensor<2x!q>) -> tensor<2xf32>
  %2 = nn.add %0, %1 {layer = "sum"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %3 = nn.quantize %2 {rounding = 0 : i32, layer = "sum"} : (tensor<2xf32>) -> tensor<2x!p>
  return %3 : tensor<2x!p>
}

// RUN: quantization-opt %s --simplify-network --split-input-file | FileCheck %s

// scale = 2 / sqrt(3 + 1) = 1 and 8 / sqrt(15 + 1) = 2; shift = 1 - 3 * 1 = -2 and 0 - 1 * 2 = -2.
// CHECK-LABEL: func @batch_norm_into_conv
// CHECK-DAG: %[[W:.*]] = nn.constant {layer = "w", value = dense<{{\[\[\[}}[1.000000e+00]]], {{\[\[}}[4.000000e+00]]]]>
// CHECK-DAG: %[[B:.*]] = nn.constant {layer = "conv_bias", value = dense<-2.000000e+00> : tensor<2xf32>}
// CHECK: %[[R:.*]] = nn.conv %arg0, %[[W]], %[[B]] {{.*}}layer = "conv"
// CHECK-NOT: nn.batch_norm
// CHECK: return %[[R]]
func.func @batch_norm_into_conv(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %w = nn.constant {layer = "w", value = dense<[[[[1.0]]], [[[2.0]]]]> : tensor<2x1x1x1xf32>} : () -> tensor<2x1x1x1xf32>
  %scale = nn.constant {layer = "scale", value = dense<[2.0, 8.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %bias = nn.constant {layer = "bias", value = dense<[1.0, 0.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %mean = nn.constant {layer = "mean", value = dense<[3.0, 1.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %variance = nn.constant {layer = "variance", value = dense<[3.0, 15.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %c = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layer = "conv"} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>) -> tensor<1x2x2x2xf32>
  %n = nn.batch_norm %c, %scale, %bias, %mean, %variance {epsilon = 1.0 : f32, layer = "norm"} : (tensor<1x2x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  return %n : tensor<1x2x2x2xf32>
}

// -----

// CHECK-LABEL: func @batch_norm_alone
// CHECK-DAG: %[[W:.*]] = nn.constant {layer = "norm_weights", value = dense<{{\[\[\[}}1.000000e+00]], {{\[\[}}2.000000e+00]]]> : tensor<2x1x1xf32>}
// CHECK-DAG: %[[B:.*]] = nn.constant {layer = "norm_bias", value = dense<[-1.000000e+00, -2.000000e+00]> : tensor<2xf32>}
// CHECK: nn.conv %arg0, %[[W]], %[[B]] {dilations = array<i64: 1>, groups = 2 : i64, layer = "norm", pads = array<i64: 0, 0>, strides = array<i64: 1>}
// CHECK-NOT: nn.add
func.func @batch_norm_alone(%x: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  %scale = nn.constant {layer = "scale", value = dense<[2.0, 8.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %bias = nn.constant {layer = "bias", value = dense<[1.0, 0.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %mean = nn.constant {layer = "mean", value = dense<[3.0, 1.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %variance = nn.constant {layer = "variance", value = dense<[3.0, 15.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %one = nn.constant {layer = "one", value = dense<[[1.0], [0.0]]> : tensor<2x1xf32>} : () -> tensor<2x1xf32>
  %n = nn.batch_norm %x, %scale, %bias, %mean, %variance {epsilon = 1.0 : f32, layer = "norm"} : (tensor<1x2x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  %s = nn.add %n, %one {layer = "sum"} : (tensor<1x2x4xf32>, tensor<2x1xf32>) -> tensor<1x2x4xf32>
  return %s : tensor<1x2x4xf32>
}

// -----

// CHECK-LABEL: func @batch_norm_without_spatial_dimensions
// CHECK-DAG: %[[SCALE:.*]] = nn.constant {layer = "norm_scale", value = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>}
// CHECK-DAG: %[[SHIFT:.*]] = nn.constant {layer = "norm_shift", value = dense<-2.000000e+00> : tensor<2xf32>}
// CHECK: %[[P:.*]] = nn.mul %arg0, %[[SCALE]] {layer = "norm_product"}
// CHECK: nn.add %[[P]], %[[SHIFT]] {layer = "norm"}
func.func @batch_norm_without_spatial_dimensions(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %scale = nn.constant {layer = "scale", value = dense<[2.0, 8.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %bias = nn.constant {layer = "bias", value = dense<[1.0, 0.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %mean = nn.constant {layer = "mean", value = dense<[3.0, 1.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %variance = nn.constant {layer = "variance", value = dense<[3.0, 15.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %n = nn.batch_norm %x, %scale, %bias, %mean, %variance {epsilon = 1.0 : f32, layer = "norm"} : (tensor<1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %n : tensor<1x2xf32>
}

// -----

// ((w x + 5) * [2, 4] - 1) / 2, then 3 minus it: weights * [-1, -2], bias 3 - ([10, 20] - 1) / 2.
// CHECK-LABEL: func @arithmetic_into_conv
// CHECK-DAG: %[[W:.*]] = nn.constant {layer = "w", value = dense<{{\[\[\[}}[-1.000000e+00]]], {{\[\[}}[-4.000000e+00]]]]>
// CHECK-DAG: %[[B:.*]] = nn.constant {layer = "b", value = dense<[-1.500000e+00, -6.500000e+00]>
// CHECK: %[[R:.*]] = nn.conv %arg0, %[[W]], %[[B]] {{.*}}layer = "conv"
// CHECK: return %[[R]]
func.func @arithmetic_into_conv(%x: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32> {
  %w = nn.constant {layer = "w", value = dense<[[[[1.0]]], [[[2.0]]]]> : tensor<2x1x1x1xf32>} : () -> tensor<2x1x1x1xf32>
  %b = nn.constant {layer = "b", value = dense<5.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %two_four = nn.constant {layer = "two_four", value = dense<[[[2.0]], [[4.0]]]> : tensor<2x1x1xf32>} : () -> tensor<2x1x1xf32>
  %one = nn.constant {layer = "one", value = dense<1.0> : tensor<1x2x1x1xf32>} : () -> tensor<1x2x1x1xf32>
  %two = nn.constant {layer = "two", value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
  %three = nn.constant {layer = "three", value = dense<3.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %c = nn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layer = "conv"} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  %m = nn.mul %two_four, %c {layer = "mul"} : (tensor<2x1x1xf32>, tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %s = nn.sub %m, %one {layer = "sub"} : (tensor<1x2x2x2xf32>, tensor<1x2x1x1xf32>) -> tensor<1x2x2x2xf32>
  %d = nn.div %s, %two {layer = "div"} : (tensor<1x2x2x2xf32>, tensor<f32>) -> tensor<1x2x2x2xf32>
  %n = nn.sub %three, %d {layer = "reversed"} : (tensor<1xf32>, tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  return %n : tensor<1x2x2x2xf32>
}

// -----

// The weights are a reshaped constant; the summand becomes the bias.
// CHECK-LABEL: func @reshaped_weights_of_matmul
// CHECK-DAG: %[[W:.*]] = nn.constant {layer = "reshape", value = dense<{{\[\[}}1.000000e+00, 2.000000e+00], [3.000000e+00, 4.000000e+00]]> : tensor<2x2xf32>}
// CHECK-DAG: %[[B:.*]] = nn.constant {layer = "matmul_bias", value = dense<[5.000000e+00, 6.000000e+00]> : tensor<2xf32>}
// CHECK: %[[R:.*]] = nn.matmul %arg0, %[[W]], %[[B]] {layer = "matmul"}
// CHECK: return %[[R]]
func.func @reshaped_weights_of_matmul(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = nn.constant {layer = "w", value = dense<[[[1.0, 2.0]], [[3.0, 4.0]]]> : tensor<2x1x2xf32>} : () -> tensor<2x1x2xf32>
  %b = nn.constant {layer = "b", value = dense<[[5.0, 6.0]]> : tensor<1x2xf32>} : () -> tensor<1x2xf32>
  %r = nn.reshape %w {layer = "reshape"} : (tensor<2x1x2xf32>) -> tensor<2x2xf32>
  %m = nn.matmul %x, %r {layer = "matmul"} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %s = nn.add %m, %b {layer = "plus"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %s : tensor<1x2xf32>
}

// -----

// CHECK-LABEL: func @transposed_constant
// CHECK: nn.constant {layer = "transpose", value = dense<{{\[\[}}[1.000000e+00, 4.000000e+00]], {{\[\[}}2.000000e+00, 5.000000e+00]], {{\[\[}}3.000000e+00, 6.000000e+00]]]> : tensor<3x1x2xf32>}
func.func @transposed_constant() -> tensor<3x1x2xf32> {
  %w = nn.constant {layer = "w", value = dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]> : tensor<1x2x3xf32>} : () -> tensor<1x2x3xf32>
  %t = nn.transpose %w {permutation = array<i64: 2, 0, 1>, layer = "transpose"} : (tensor<1x2x3xf32>) -> tensor<3x1x2xf32>
  return %t : tensor<3x1x2xf32>
}

// -----

// Weights that two layers share are copied for the one that changes.
// CHECK-LABEL: func @shared_weights
// CHECK-DAG: %[[W:.*]] = nn.constant {layer = "w", value = dense<1.000000e+00> : tensor<1x1xf32>}
// CHECK-DAG: %[[W2:.*]] = nn.constant {layer = "first_w", value = dense<2.000000e+00> : tensor<1x1xf32>}
// CHECK: nn.matmul %arg0, %[[W2]] {layer = "first"}
// CHECK: nn.matmul %{{.*}}, %[[W]] {layer = "second"}
func.func @shared_weights(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %w = nn.constant {layer = "w", value = dense<[[1.0]]> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %two = nn.constant {layer = "two", value = dense<2.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %a = nn.matmul %x, %w {layer = "first"} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %b = nn.mul %a, %two {layer = "double"} : (tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  %c = nn.matmul %b, %w {layer = "second"} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  return %c : tensor<1x1xf32>
}

// -----

// CHECK-LABEL: func @pad_into_conv
// CHECK-NOT: nn.pad
// CHECK: nn.conv %arg0, {{.*}}pads = array<i64: 1, 1, 1, 3>
func.func @pad_into_conv(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x4x6xf32> {
  %w = nn.constant {layer = "w", value = dense<1.0> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %p = nn.pad %x {low = array<i64: 0, 0, 1, 0>, high = array<i64: 0, 0, 1, 2>, value = 0.0 : f32, layer = "pad"} : (tensor<1x1x2x2xf32>) -> tensor<1x1x4x4xf32>
  %c = nn.conv %p, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 1, 0, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layer = "conv"} : (tensor<1x1x4x4xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x4x6xf32>
  return %c : tensor<1x1x4x6xf32>
}

// -----

// CHECK-LABEL: func @identities
// CHECK-NEXT: return %arg0
func.func @identities(%x: tensor<1x2x3x1xf32>) -> tensor<1x2x3x1xf32> {
  %unused = nn.constant {layer = "unused", value = dense<1.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = nn.pad %x {low = array<i64: 0, 0, 0, 0>, high = array<i64: 0, 0, 0, 0>, value = 7.0 : f32, layer = "pad"} : (tensor<1x2x3x1xf32>) -> tensor<1x2x3x1xf32>
  %1 = nn.slice %0 {starts = array<i64: 0, 0, 0, 0>, steps = array<i64: -1, 1, 1, 2>, layer = "slice"} : (tensor<1x2x3x1xf32>) -> tensor<1x2x3x1xf32>
  %2 = nn.transpose %1 {permutation = array<i64: 0, 1, 2, 3>, layer = "transpose"} : (tensor<1x2x3x1xf32>) -> tensor<1x2x3x1xf32>
  %3 = nn.reshape %2 {layer = "reshape"} : (tensor<1x2x3x1xf32>) -> tensor<1x2x3x1xf32>
  %4 = nn.concat %3 {axis = 1 : i64, layer = "concat"} : (tensor<1x2x3x1xf32>) -> tensor<1x2x3x1xf32>
  %5 = nn.clamp %4 {min = 0xFF800000 : f32, max = 0x7F800000 : f32, layer = "clamp"} : (tensor<1x2x3x1xf32>) -> tensor<1x2x3x1xf32>
  %6 = nn.max_pool %5 {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layer = "max"} : (tensor<1x2x3x1xf32>) -> tensor<1x2x3x1xf32>
  %7 = nn.average_pool %6 {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, count_include_pad = false, layer = "average"} : (tensor<1x2x3x1xf32>) -> tensor<1x2x3x1xf32>
  return %7 : tensor<1x2x3x1xf32>
}

// -----

// CHECK-LABEL: func @chains
// CHECK: %[[C:.*]] = nn.clamp %arg0 {layer = "relu6", max = 6.000000e+00 : f32, min = 0.000000e+00 : f32}
// CHECK: %[[T:.*]] = nn.transpose %[[C]] {layer = "transpose2", permutation = array<i64: 1, 2, 0>}
// CHECK: %[[R:.*]] = nn.reshape %[[T]] {layer = "reshape2"} : (tensor<2x3x1xf32>) -> tensor<6xf32>
// CHECK: return %[[R]]
func.func @chains(%x: tensor<1x2x3xf32>) -> tensor<6xf32> {
  %0 = nn.clamp %x {min = 0.0 : f32, max = 0x7F800000 : f32, layer = "relu"} : (tensor<1x2x3xf32>) -> tensor<1x2x3xf32>
  %1 = nn.clamp %0 {min = -1.0 : f32, max = 6.0 : f32, layer = "relu6"} : (tensor<1x2x3xf32>) -> tensor<1x2x3xf32>
  %2 = nn.transpose %1 {permutation = array<i64: 2, 0, 1>, layer = "transpose1"} : (tensor<1x2x3xf32>) -> tensor<3x1x2xf32>
  %3 = nn.transpose %2 {permutation = array<i64: 2, 0, 1>, layer = "transpose2"} : (tensor<3x1x2xf32>) -> tensor<2x3x1xf32>
  %4 = nn.reshape %3 {layer = "reshape1"} : (tensor<2x3x1xf32>) -> tensor<3x2xf32>
  %5 = nn.reshape %4 {layer = "reshape2"} : (tensor<3x2xf32>) -> tensor<6xf32>
  return %5 : tensor<6xf32>
}

// RUN: quantization-opt %s --simplify-network --split-input-file --verify-diagnostics | FileCheck %s

// What others see as well stays.
// CHECK-LABEL: func @two_uses
// CHECK: %[[C:.*]] = nn.matmul %arg0, %{{.*}} {layer = "matmul"}
// CHECK: %[[S:.*]] = nn.add %[[C]], %{{.*}} {layer = "plus"}
// CHECK: return %[[C]], %[[S]]
func.func @two_uses(%x: tensor<1x2xf32>) -> (tensor<1x1xf32>, tensor<1x1xf32>) {
  %w = nn.constant {layer = "w", value = dense<[[1.0], [2.0]]> : tensor<2x1xf32>} : () -> tensor<2x1xf32>
  %b = nn.constant {layer = "b", value = dense<3.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %m = nn.matmul %x, %w {layer = "matmul"} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  %s = nn.add %m, %b {layer = "plus"} : (tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %m, %s : tensor<1x1xf32>, tensor<1x1xf32>
}

// -----

// CHECK-LABEL: func @no_constants
// CHECK: nn.matmul %arg0, %arg1 {layer = "matmul"}
// CHECK: nn.mul {{.*}} {layer = "mul"}
// CHECK: nn.add %{{.*}}, %arg2 {layer = "plus"}
func.func @no_constants(%x: tensor<1x2xf32>, %w: tensor<2x1xf32>, %b: tensor<1xf32>) -> tensor<1x1xf32> {
  %two = nn.constant {layer = "two", value = dense<2.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %m = nn.matmul %x, %w {layer = "matmul"} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  %d = nn.mul %m, %two {layer = "mul"} : (tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  %s = nn.add %d, %b {layer = "plus"} : (tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %s : tensor<1x1xf32>
}

// -----

// [2, 1] numbers the rows, not the output channels; [1, 1, 2] adds a dimension.
// CHECK-LABEL: func @other_axis
// CHECK: nn.matmul
// CHECK: nn.add
// CHECK: nn.add
func.func @other_axis(%x: tensor<2x1xf32>) -> tensor<1x2x2xf32> {
  %w = nn.constant {layer = "w", value = dense<[[1.0, 2.0]]> : tensor<1x2xf32>} : () -> tensor<1x2xf32>
  %rows = nn.constant {layer = "rows", value = dense<[[3.0], [4.0]]> : tensor<2x1xf32>} : () -> tensor<2x1xf32>
  %more = nn.constant {layer = "more", value = dense<[[[3.0, 4.0]]]> : tensor<1x1x2xf32>} : () -> tensor<1x1x2xf32>
  %m = nn.matmul %x, %w {layer = "matmul"} : (tensor<2x1xf32>, tensor<1x2xf32>) -> tensor<2x2xf32>
  %s = nn.add %m, %rows {layer = "by_row"} : (tensor<2x2xf32>, tensor<2x1xf32>) -> tensor<2x2xf32>
  %t = nn.add %s, %more {layer = "by_rank"} : (tensor<2x2xf32>, tensor<1x1x2xf32>) -> tensor<1x2x2xf32>
  return %t : tensor<1x2x2xf32>
}

// -----

// Neither a division by zero nor weights beyond f32 are folded.
// CHECK-LABEL: func @beyond_f32
// CHECK: nn.matmul
// CHECK: nn.div
// CHECK: nn.matmul
// CHECK: nn.mul
func.func @beyond_f32(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %w = nn.constant {layer = "w", value = dense<[[1.0e30]]> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %zero = nn.constant {layer = "zero", value = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %large = nn.constant {layer = "large", value = dense<1.0e30> : tensor<1xf32>} : () -> tensor<1xf32>
  %m = nn.matmul %x, %w {layer = "first"} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %d = nn.div %m, %zero {layer = "div"} : (tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  %n = nn.matmul %d, %w {layer = "second"} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %e = nn.mul %n, %large {layer = "mul"} : (tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %e : tensor<1x1xf32>
}

// -----

// A convolution pads with zero and in space only; an average does not count its padding.
// CHECK-LABEL: func @pads
// CHECK: nn.pad {{.*}} {high = array<i64: 0, 0, 1>, layer = "one"
// CHECK: nn.conv
// CHECK: nn.pad {{.*}} {high = array<i64: 0, 1, 0>, layer = "channels"
// CHECK: nn.conv
// CHECK: nn.pad {{.*}} {high = array<i64: 0, 0, 1>, layer = "average_zero"
// CHECK: nn.average_pool
func.func @pads(%x: tensor<1x1x4xf32>) -> tensor<1x1x5xf32> {
  %w1 = nn.constant {layer = "w1", value = dense<1.0> : tensor<1x1x2xf32>} : () -> tensor<1x1x2xf32>
  %w2 = nn.constant {layer = "w2", value = dense<1.0> : tensor<1x2x1xf32>} : () -> tensor<1x2x1xf32>
  %0 = nn.pad %x {low = array<i64: 0, 0, 0>, high = array<i64: 0, 0, 1>, value = 1.0 : f32, layer = "one"} : (tensor<1x1x4xf32>) -> tensor<1x1x5xf32>
  %1 = nn.conv %0, %w1 {strides = array<i64: 1>, pads = array<i64: 0, 1>, dilations = array<i64: 1>, groups = 1 : i64, layer = "conv1"} : (tensor<1x1x5xf32>, tensor<1x1x2xf32>) -> tensor<1x1x5xf32>
  %2 = nn.pad %1 {low = array<i64: 0, 0, 0>, high = array<i64: 0, 1, 0>, value = 0.0 : f32, layer = "channels"} : (tensor<1x1x5xf32>) -> tensor<1x2x5xf32>
  %3 = nn.conv %2, %w2 {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1 : i64, layer = "conv2"} : (tensor<1x2x5xf32>, tensor<1x2x1xf32>) -> tensor<1x1x5xf32>
  %4 = nn.pad %3 {low = array<i64: 0, 0, 0>, high = array<i64: 0, 0, 1>, value = 0.0 : f32, layer = "average_zero"} : (tensor<1x1x5xf32>) -> tensor<1x1x6xf32>
  %5 = nn.average_pool %4 {kernel = array<i64: 2>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "average"} : (tensor<1x1x6xf32>) -> tensor<1x1x5xf32>
  return %5 : tensor<1x1x5xf32>
}

// -----

// CHECK-LABEL: func @clamp_with_two_uses
// CHECK: nn.clamp {{.*}} {layer = "relu"
// CHECK: nn.clamp {{.*}} {layer = "relu6"
func.func @clamp_with_two_uses(%x: tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %0 = nn.clamp %x {min = 0.0 : f32, max = 0x7F800000 : f32, layer = "relu"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = nn.clamp %0 {min = 0.0 : f32, max = 6.0 : f32, layer = "relu6"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %0, %1 : tensor<1x2xf32>, tensor<1x2xf32>
}

// -----

func.func @parameters_at_run_time(%x: tensor<1x2x4xf32>, %p: tensor<2xf32>) -> tensor<1x2x4xf32> {
  // expected-error @below {{'nn.batch_norm' op (layer "norm") has parameters that are computed at run time; make them initializers of the model}}
  %n = nn.batch_norm %x, %p, %p, %p, %p {epsilon = 1.0e-5 : f32, layer = "norm"} : (tensor<1x2x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  return %n : tensor<1x2x4xf32>
}

// -----

func.func @negative_variance(%x: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  %p = nn.constant {layer = "p", value = dense<[1.0, -1.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  // expected-error @below {{(layer "norm") has a channel whose scale / sqrt(variance + epsilon) is no finite f32 number; correct its variance in the model}}
  %n = nn.batch_norm %x, %p, %p, %p, %p {epsilon = 1.0e-5 : f32, layer = "norm"} : (tensor<1x2x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x4xf32>
  return %n : tensor<1x2x4xf32>
}

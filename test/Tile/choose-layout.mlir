// RUN: quantization-opt %s --choose-layout --split-input-file | FileCheck %s

// Channels last around the convolution, its constants stored so, and the layers between follow; the caller keeps row-major.
// CHECK-LABEL: func.func @conv
// CHECK-SAME: (%arg0: tensor<1x3x4x4xf32>) -> tensor<1x8x1x1xf32>
// CHECK-NEXT: %[[X:.*]] = fixed.relayout %arg0 {layer = "input0"} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32, #fixed.layout<[0, 2, 3, 1]>>
// CHECK-NEXT: %[[W:.*]] = nn.constant {{.*}} : () -> tensor<8x3x3x3xf32, #fixed.layout<[2, 3, 1, 0]>>
// CHECK-NEXT: %[[B:.*]] = nn.constant {{.*}} : () -> tensor<8xf32>
// CHECK-NEXT: %[[A:.*]] = nn.conv %[[X]], %[[W]], %[[B]] {{.*}} -> tensor<1x8x2x2xf32, #fixed.layout<[0, 2, 3, 1]>>
// CHECK-NEXT: %[[K:.*]] = nn.constant {{.*}} : () -> tensor<1x8x1x1xf32, #fixed.layout<[0, 2, 3, 1]>>
// CHECK-NEXT: %[[S:.*]] = nn.add %[[A]], %[[K]] {{.*}} -> tensor<1x8x2x2xf32, #fixed.layout<[0, 2, 3, 1]>>
// CHECK-NEXT: %[[P:.*]] = nn.average_pool %[[S]] {{.*}} -> tensor<1x8x1x1xf32, #fixed.layout<[0, 2, 3, 1]>>
// CHECK-NEXT: %[[Y:.*]] = fixed.relayout %[[P]] {layer = "pool"} : (tensor<1x8x1x1xf32, #fixed.layout<[0, 2, 3, 1]>>) -> tensor<1x8x1x1xf32>
// CHECK-NEXT: return %[[Y]]
func.func @conv(%x: tensor<1x3x4x4xf32>) -> tensor<1x8x1x1xf32> {
  %w = nn.constant {value = dense<1.0> : tensor<8x3x3x3xf32>, layer = "w"} : () -> tensor<8x3x3x3xf32>
  %b = nn.constant {value = dense<1.0> : tensor<8xf32>, layer = "b"} : () -> tensor<8xf32>
  %0 = nn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x3x4x4xf32>, tensor<8x3x3x3xf32>, tensor<8xf32>) -> tensor<1x8x2x2xf32>
  %k = nn.constant {value = dense<1.0> : tensor<1x8x1x1xf32>, layer = "k"} : () -> tensor<1x8x1x1xf32>
  %1 = nn.add %0, %k {layer = "sum"} : (tensor<1x8x2x2xf32>, tensor<1x8x1x1xf32>) -> tensor<1x8x2x2xf32>
  %2 = nn.average_pool %1 {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, count_include_pad = false, layer = "pool"} : (tensor<1x8x2x2xf32>) -> tensor<1x8x1x1xf32>
  return %2 : tensor<1x8x1x1xf32>
}

// -----

// A reshape reads values in order: it, and what follows, is row-major again. Each order of a value is made once.
// CHECK-LABEL: func.func @reshape
// CHECK-NEXT: %[[X:.*]] = fixed.relayout %arg0
// CHECK-NEXT: %[[A:.*]] = nn.max_pool %[[X]] {{.*}}layer = "a"
// CHECK-NEXT: %[[R:.*]] = fixed.relayout %[[A]] {layer = "a"} : (tensor<1x3x4x4xf32, #fixed.layout<[0, 2, 3, 1]>>) -> tensor<1x3x4x4xf32>
// CHECK-NEXT: %[[B:.*]] = nn.max_pool %[[X]] {{.*}}layer = "b"
// CHECK-NEXT: %[[RB:.*]] = fixed.relayout %[[B]] {layer = "b"}
// CHECK-NEXT: %[[F:.*]] = nn.reshape %[[R]] {layer = "flat"} : (tensor<1x3x4x4xf32>) -> tensor<1x48xf32>
// CHECK-NEXT: return %[[F]], %[[R]], %[[RB]]
func.func @reshape(%x: tensor<1x3x4x4xf32>) -> (tensor<1x48xf32>, tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>) {
  %0 = nn.max_pool %x {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layer = "a"} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %1 = nn.max_pool %x {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layer = "b"} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %2 = nn.reshape %0 {layer = "flat"} : (tensor<1x3x4x4xf32>) -> tensor<1x48xf32>
  return %2, %0, %1 : tensor<1x48xf32>, tensor<1x3x4x4xf32>, tensor<1x3x4x4xf32>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:10>
// A transpose to NHWC of what lies so in memory moves nothing: its result is row-major.
// CHECK-LABEL: func.func @transpose
// CHECK: %[[A:.*]] = nn.max_pool {{.*}} -> tensor<1x3x4x5x!quant.uniform<u8:f32, 5.000000e-01:10>, #fixed.layout<[0, 2, 3, 1]>>
// CHECK-NEXT: %[[T:.*]] = nn.transpose %[[A]] {{.*}} -> tensor<1x4x5x3x!quant.uniform<u8:f32, 5.000000e-01:10>>
// CHECK-NEXT: return %[[T]]
func.func @transpose(%x: tensor<1x3x4x5x!a>) -> tensor<1x4x5x3x!a> {
  %0 = nn.max_pool %x {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layer = "a"} : (tensor<1x3x4x5x!a>) -> tensor<1x3x4x5x!a>
  %1 = nn.transpose %0 {permutation = array<i64: 0, 2, 3, 1>, layer = "nhwc"} : (tensor<1x3x4x5x!a>) -> tensor<1x4x5x3x!a>
  return %1 : tensor<1x4x5x3x!a>
}

// -----

// Constants that two layers want in different orders are stored twice.
// CHECK-LABEL: func.func @shared
// CHECK: %[[K:.*]] = nn.constant {{.*}}layer = "k"{{.*}} : () -> tensor<1x2x2x2xf32>{{$}}
// CHECK-NEXT: %[[L:.*]] = nn.constant {{.*}}layer = "k"{{.*}} : () -> tensor<1x2x2x2xf32, #fixed.layout<[0, 2, 3, 1]>>
// CHECK: nn.add %{{.*}}, %[[L]]
// CHECK: nn.add %arg0, %[[K]]
func.func @shared(%x: tensor<1x2x2x2xf32>) -> (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>) {
  %k = nn.constant {value = dense<[[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]]> : tensor<1x2x2x2xf32>, layer = "k"} : () -> tensor<1x2x2x2xf32>
  %0 = nn.max_pool %x {kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layer = "a"} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %1 = nn.add %0, %k {layer = "last"} : (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %2 = nn.add %x, %k {layer = "first"} : (tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  return %1, %2 : tensor<1x2x2x2xf32>, tensor<1x2x2x2xf32>
}

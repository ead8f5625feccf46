// REQUIRES: onnxruntime
// RUN: quantization-opt %s --from=simulated --emit=onnx-qdq -o %t.onnx
// RUN: %python %S/Inputs/print-onnx.py %t.onnx | FileCheck %s

// A network without number formats; the transposition mixes samples, so that the batch is fixed.
// CHECK: ir 8, opset 14, graph float
// CHECK-NEXT: input x: 1x4x6
// CHECK-DAG: initializer slice_starts: int64[2] = [3, 1]
// CHECK-DAG: initializer slice_ends: int64[2] = [-9223372036854775808, 7]
// CHECK-DAG: initializer slice_axes: int64[2] = [1, 2]
// CHECK-DAG: initializer slice_steps: int64[2] = [-1, 2]
// CHECK-DAG: initializer relu6_min: float32[] = 0.0
// CHECK-DAG: initializer relu6_max: float32[] = 6.0
// CHECK-DAG: initializer cap_max: float32[] = 0.5
// CHECK-DAG: initializer pad_pads: int64[6] = [0, 1, 0, 0, 0, 2]
// CHECK-DAG: initializer pad_value: float32[] = 1.5
// CHECK-DAG: initializer reshape_shape: int64[2] = [5, 5]
// CHECK: Slice slice: (x, slice_starts, slice_ends, slice_axes, slice_steps) -> slice
// CHECK: Clip relu6: (slice, relu6_min, relu6_max) -> relu6
// CHECK: Clip cap: (relu6, , cap_max) -> cap
// CHECK: HardSwish swish: (cap) -> swish
// CHECK: LeakyRelu leaky: (swish) -> leaky {alpha=0.25}
// CHECK: Pad pad: (leaky, pad_pads, pad_value) -> pad
// CHECK: Softmax softmax: (pad) -> softmax {axis=2}
// CHECK: AveragePool average: (softmax) -> average {kernel_shape=[2], strides=[1], pads=[1, 0], ceil_mode=0, count_include_pad=1}
// CHECK: Concat concat: (average, softmax) -> concat {axis=2}
// CHECK: MatMul matmul: (concat, w) -> matmul_product
// CHECK: Add matmul_add: (matmul_product, b) -> matmul
// CHECK: Reshape reshape: (matmul, reshape_shape) -> reshape
// CHECK: Transpose transpose: (reshape) -> y {perm=[1, 0]}
// CHECK: Identity copy: (y) -> copy
// CHECK-NEXT: output y: 5x5
// CHECK-NEXT: output copy: 5x5
func.func @float(%x: tensor<1x4x6xf32> {nn.name = "x"}) -> (tensor<5x5xf32> {nn.name = "y"}, tensor<5x5xf32> {nn.name = "copy"}) {
  %w = nn.constant {layer = "w", value = dense<1.0> : tensor<10x5xf32>} : () -> tensor<10x5xf32>
  %b = nn.constant {layer = "b", value = dense<2.0> : tensor<5xf32>} : () -> tensor<5xf32>
  %0 = nn.slice %x {starts = array<i64: 0, 3, 1>, steps = array<i64: 1, -1, 2>, layer = "slice"} : (tensor<1x4x6xf32>) -> tensor<1x4x3xf32>
  %1 = nn.clamp %0 {min = 0.0 : f32, max = 6.0 : f32, layer = "relu6"} : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
  %2 = nn.clamp %1 {min = 0xFF800000 : f32, max = 0.5 : f32, layer = "cap"} : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
  %3 = nn.function %2 {kind = 5 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "swish"} : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
  %4 = nn.function %3 {kind = 3 : i32, alpha = 0.25 : f32, beta = 0.0 : f32, layer = "leaky"} : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
  %5 = nn.pad %4 {low = array<i64: 0, 1, 0>, high = array<i64: 0, 0, 2>, value = 1.5 : f32, layer = "pad"} : (tensor<1x4x3xf32>) -> tensor<1x5x5xf32>
  %6 = nn.softmax %5 {axis = 2 : i64, layer = "softmax"} : (tensor<1x5x5xf32>) -> tensor<1x5x5xf32>
  %7 = nn.average_pool %6 {kernel = array<i64: 2>, strides = array<i64: 1>, pads = array<i64: 1, 0>, dilations = array<i64: 1>, count_include_pad = true, layer = "average"} : (tensor<1x5x5xf32>) -> tensor<1x5x5xf32>
  %8 = nn.concat %7, %6 {axis = 2 : i64, layer = "concat"} : (tensor<1x5x5xf32>, tensor<1x5x5xf32>) -> tensor<1x5x10xf32>
  %9 = nn.matmul %8, %w, %b {layer = "matmul"} : (tensor<1x5x10xf32>, tensor<10x5xf32>, tensor<5xf32>) -> tensor<1x5x5xf32>
  %10 = nn.reshape %9 {layer = "reshape"} : (tensor<1x5x5xf32>) -> tensor<5x5xf32>
  %11 = nn.transpose %10 {permutation = array<i64: 1, 0>, layer = "transpose"} : (tensor<5x5xf32>) -> tensor<5x5xf32>
  return %11, %11 : tensor<5x5xf32>, tensor<5x5xf32>
}

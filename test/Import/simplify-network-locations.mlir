// A location ends with the name of the node whose value the layer computes, and begins with the layer that was kept.
// RUN: quantization-opt %s --simplify-network --mlir-print-debuginfo | FileCheck %s

// CHECK: nn.conv {{.*}}layer = "conv"{{.*}} loc(#[[CONV:.*]])
// CHECK: nn.clamp {{.*}}layer = "relu"{{.*}} loc(#[[RELU:.*]])
// CHECK-DAG: #[[C:.*]] = loc("conv")
// CHECK-DAG: #[[N:.*]] = loc("norm")
// CHECK-DAG: #[[S:.*]] = loc("sum")
// CHECK-DAG: #[[RELU]] = loc("relu")
// CHECK-DAG: #[[CONV]] = loc(fused[#[[C]], #[[N]], #[[S]]])
func.func @network(%x: tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> {
  %w = nn.constant {value = dense<2.0> : tensor<1x1x1x1xf32>, layer = "w"} : () -> tensor<1x1x1x1xf32>
  %one = nn.constant {value = dense<1.0> : tensor<1xf32>, layer = "one"} : () -> tensor<1xf32>
  %0 = nn.conv %x, %w {layer = "conv", strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1} : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x2x2xf32> loc("conv")
  %1 = nn.batch_norm %0, %one, %one, %one, %one {layer = "norm", epsilon = 0.0 : f32} : (tensor<1x1x2x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x1x2x2xf32> loc("norm")
  %2 = nn.add %1, %one {layer = "sum"} : (tensor<1x1x2x2xf32>, tensor<1xf32>) -> tensor<1x1x2x2xf32> loc("sum")
  %3 = nn.clamp %2 {layer = "relu", min = 0.0 : f32, max = 0x7F800000 : f32} : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32> loc("relu")
  return %3 : tensor<1x1x2x2xf32>
}

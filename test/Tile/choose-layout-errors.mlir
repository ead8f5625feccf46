// Nothing is wrong with a network that has no channels and space; it stays row-major.
// RUN: quantization-opt %s --choose-layout --verify-diagnostics -o %t.mlir && FileCheck %s < %t.mlir

// CHECK-NOT: fixed.layout
// CHECK-NOT: fixed.relayout
// CHECK-LABEL: func.func @matrices
func.func @matrices(%x: tensor<3x2xf32>) -> tensor<3x4xf32> {
  %w = nn.constant {value = dense<1.0> : tensor<2x4xf32>, layer = "w"} : () -> tensor<2x4xf32>
  %0 = nn.matmul %x, %w {layer = "fc"} : (tensor<3x2xf32>, tensor<2x4xf32>) -> tensor<3x4xf32>
  %1 = nn.softmax %0 {axis = 1, layer = "softmax"} : (tensor<3x4xf32>) -> tensor<3x4xf32>
  return %1 : tensor<3x4xf32>
}

// A scalar has no order at all.
// CHECK-LABEL: func.func @scalar
// CHECK-NEXT: nn.add %arg0, %arg0
func.func @scalar(%x: tensor<f32>) -> tensor<f32> {
  %0 = nn.add %x, %x {layer = "sum"} : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// CHECK: func.func private @external(tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
func.func private @external(tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>

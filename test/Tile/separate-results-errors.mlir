// Nothing is wrong with results of their own; they stay as they are.
// RUN: quantization-opt %s --separate-results --verify-diagnostics -o %t.mlir && FileCheck %s < %t.mlir

// CHECK-LABEL: func.func @own
// CHECK: %[[Y:.*]] = linalg.fill
// CHECK: %[[Z:.*]] = linalg.copy ins(%arg0
// CHECK-NEXT: %[[V:.*]] = tensor.expand_shape %[[Z]]
// CHECK-NEXT: return %[[Y]], %[[V]]
func.func @own(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<2x2xf32>) {
  %0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %y = linalg.fill ins(%0 : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %z = linalg.copy ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %v = tensor.expand_shape %z [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
  return %y, %v : tensor<4xf32>, tensor<2x2xf32>
}

// CHECK: func.func private @external(tensor<4xf32>) -> tensor<4xf32>
func.func private @external(tensor<4xf32>) -> tensor<4xf32>

// RUN: quantization-opt %s --separate-results | FileCheck %s

// An input, a constant and a value returned before are copied, also behind a reshape.
// CHECK-LABEL: func.func @shared
// CHECK: %[[Y:.*]] = linalg.fill
// CHECK: %[[K:.*]] = arith.constant dense
// CHECK: %[[V:.*]] = tensor.expand_shape %[[Y]]
// CHECK: %[[C1:.*]] = bufferization.alloc_tensor() copy(%arg0) : tensor<4xf32>
// CHECK: %[[C2:.*]] = bufferization.alloc_tensor() copy(%[[K]])
// CHECK: %[[C3:.*]] = bufferization.alloc_tensor() copy(%[[V]]) : tensor<2x2xf32>
// CHECK: return %[[C1]], %[[Y]], %[[C2]], %[[C3]]
func.func @shared(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<2x2xf32>) {
  %0 = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4xf32>
  %y = linalg.fill ins(%0 : f32) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  %k = arith.constant dense<1.0> : tensor<4xf32>
  %v = tensor.expand_shape %y [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
  return %x, %y, %k, %v : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<2x2xf32>
}

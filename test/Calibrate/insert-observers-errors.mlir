// Nothing is wrong with a network that has nothing to observe, or is observed already; both stay as they are.
// RUN: quantization-opt %s --insert-observers -o %t.mlir --verify-diagnostics && FileCheck %s < %t.mlir

// CHECK-LABEL: func.func @integers
// CHECK-NOT: nn.observe
// CHECK: return
func.func @integers(%x: tensor<1x4xi64>) -> tensor<4xi64> {
  %0 = nn.reshape %x {layer = "flat"} : (tensor<1x4xi64>) -> tensor<4xi64>
  return %0 : tensor<4xi64>
}

// CHECK-LABEL: func.func @float_only
// CHECK-NOT: nn.observe
// CHECK: return
func.func @float_only(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = nn.softmax %x {layer = "softmax", axis = 1} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

func.func private @external(tensor<1x4xf32>) -> tensor<1x4xf32>

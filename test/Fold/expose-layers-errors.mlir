// RUN: not quantization-opt %s --expose-layers=mode=all 2>&1 | FileCheck %s --check-prefix=MODE
// MODE: error: mode must be outputs or isolated, not "all"

// A network without layers, and one that is only declared, stay as they are.
// RUN: quantization-opt %s --expose-layers --verify-diagnostics -o %t.mlir && FileCheck %s < %t.mlir
// RUN: quantization-opt %s --expose-layers=mode=isolated --verify-diagnostics -o %t.mlir && FileCheck %s < %t.mlir

// CHECK-LABEL: func.func @nothing
// CHECK-SAME: (%arg0: tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT: return %arg0 : tensor<2xf32>
func.func @nothing(%x: tensor<2xf32>) -> tensor<2xf32> {
  return %x : tensor<2xf32>
}

// CHECK: func.func private @external(tensor<2xf32>) -> tensor<2xf32>
func.func private @external(tensor<2xf32>) -> tensor<2xf32>

// Nothing is wrong with copies between dense buffers; they become memcpy.
// RUN: quantization-opt %s --expand-copies --verify-diagnostics -o %t.mlir && FileCheck %s < %t.mlir

// CHECK-NOT: linalg.generic
// CHECK-LABEL: func.func @dense
// CHECK-NEXT: memref.copy %arg0, %arg1
// CHECK-NEXT: memref.copy %arg2, %arg3
func.func @dense(%x: memref<4x4xi8>, %y: memref<4x4xi8>, %s: memref<f32>, %t: memref<f32>) {
  memref.copy %x, %y : memref<4x4xi8> to memref<4x4xi8>
  memref.copy %s, %t : memref<f32> to memref<f32>
  return
}

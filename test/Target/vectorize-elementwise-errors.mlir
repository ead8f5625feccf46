// Nothing is wrong with loops that cannot take vectors; without a target that has kernels all are left to LLVM.
// RUN: quantization-opt %s --vectorize-elementwise --verify-diagnostics -o %t.mlir && FileCheck %s < %t.mlir

// CHECK-NOT: vector.
// CHECK: linalg.generic
func.func @portable(%x: memref<64xi32>, %y: memref<64xi32>) {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
    ins(%x : memref<64xi32>) outs(%y : memref<64xi32>) {
  ^bb0(%a: i32, %b: i32):
    linalg.yield %a : i32
  }
  return
}

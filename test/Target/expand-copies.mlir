// RUN: quantization-opt %s --expand-copies --mlir-print-local-scope | FileCheck %s

// Copies into a part, out of a part, and between layouts become loops over all indices.
// CHECK-LABEL: func.func @parts
// CHECK-NOT: memref.copy
// CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]} ins(%arg0 : memref<4x4xi8>) outs(%arg1 : memref<4x4xi8, strided<[8, 1], offset: 4>>) {
// CHECK-NEXT: ^bb0(%[[IN:.*]]: i8, %{{.*}}: i8):
// CHECK-NEXT: linalg.yield %[[IN]] : i8
// CHECK: linalg.generic {{.*}} ins(%arg1 : memref<4x4xi8, strided<[8, 1], offset: 4>>) outs(%arg0 : memref<4x4xi8>)
func.func @parts(%dense: memref<4x4xi8>, %part: memref<4x4xi8, strided<[8, 1], offset: 4>>) {
  memref.copy %dense, %part : memref<4x4xi8> to memref<4x4xi8, strided<[8, 1], offset: 4>>
  memref.copy %part, %dense : memref<4x4xi8, strided<[8, 1], offset: 4>> to memref<4x4xi8>
  return
}

// A copy onto itself is none.
// CHECK-LABEL: func.func @self
// CHECK-NEXT: return
func.func @self(%part: memref<4x4xi8, strided<[8, 1]>>, %dense: memref<4xi8>) {
  memref.copy %part, %part : memref<4x4xi8, strided<[8, 1]>> to memref<4x4xi8, strided<[8, 1]>>
  memref.copy %dense, %dense : memref<4xi8> to memref<4xi8>
  return
}

// Also inside a loop.
// CHECK-LABEL: func.func @loop
// CHECK: scf.for
// CHECK-NEXT: linalg.generic
func.func @loop(%x: memref<4xf32, strided<[2]>>, %y: memref<4xf32>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  scf.for %i = %0 to %1 step %1 {
    memref.copy %x, %y : memref<4xf32, strided<[2]>> to memref<4xf32>
  }
  return
}

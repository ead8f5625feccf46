// Nothing is wrong with a network without loop nests, nor with private functions; they stay as they are.
// RUN: quantization-opt %s --outline-layers --verify-diagnostics -o %t.mlir && FileCheck %s < %t.mlir

// CHECK-NOT: @layer0
// CHECK-LABEL: func.func @network
// CHECK-NEXT: memref.copy %arg0, %arg1
// CHECK-NEXT: return
func.func @network(%in: memref<4xi8>, %out: memref<4xi8>) {
  memref.copy %in, %out : memref<4xi8> to memref<4xi8>
  return
}

// CHECK-LABEL: func.func private @helper
// CHECK-NEXT: linalg.fill
func.func private @helper(%v: i8, %out: memref<4xi8>) {
  linalg.fill ins(%v : i8) outs(%out : memref<4xi8>)
  return
}

// CHECK: func.func private @external(memref<4xi8>)
func.func private @external(memref<4xi8>)

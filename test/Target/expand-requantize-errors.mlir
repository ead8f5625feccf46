// Nothing is wrong with what is no fixed.requantize: it stays. Inside loops they are written out too. The verifier is in ../Dialect/Fixed.
// RUN: quantization-opt %s --expand-requantize --verify-diagnostics -o %t.mlir && FileCheck %s < %t.mlir

// CHECK-LABEL: func.func @untouched
// CHECK-NEXT: fixed.rescale
// CHECK-NEXT: arith.addi
// CHECK-NEXT: return
func.func @untouched(%x: tensor<2xi32>, %y: i32) -> (tensor<2xi32>, i32) {
  %0 = fixed.rescale %x {multipliers = array<i32: 3>, shifts = array<i32: 1>, axis = 0, clamp = array<i64: -5, 5>, bound = 245, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2xi32>
  %1 = arith.addi %y, %y : i32
  return %0, %1 : tensor<2xi32>, i32
}

// CHECK-LABEL: func.func @inside
// CHECK: linalg.generic
// CHECK-NOT: fixed.requantize
// CHECK: arith.muli
func.func @inside(%x: memref<2xi32>) {
  %m = arith.constant 3 : i32
  %s = arith.constant 1 : i32
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : memref<2xi32>) {
  ^bb0(%in: i32):
    %0 = fixed.requantize %in, %m, %s {rounding = 0 : i32, clamp = array<i64: -5, 5>, largest = 9} : (i32, i32, i32) -> i32
    linalg.yield %0 : i32
  }
  return
}

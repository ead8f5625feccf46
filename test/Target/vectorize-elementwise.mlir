// RUN: quantization-opt %s --vectorize-elementwise --mlir-print-local-scope | FileCheck %s

module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver3", features = "">} {

// Dense buffers that all walk alike are one long loop; 19 values of 32 bits are 2 vectors of 8 and the rest, 2 + 1.
// CHECK-LABEL: func.func @add
// CHECK-DAG: %[[X:.*]] = memref.collapse_shape %arg0 {{\[}}[0, 1]] : memref<1x19xi32> into memref<19xi32>
// CHECK-DAG: %[[Y:.*]] = memref.collapse_shape %arg1
// CHECK: scf.parallel (%[[I:.*]]) = (%{{.*}}) to (%c16{{.*}}) step (%c8{{.*}}) {
// CHECK-NEXT: %[[A:.*]] = vector.load %[[X]][%[[I]]] : memref<19xi32>, vector<8xi32>
// CHECK-NEXT: %[[ONES:.*]] = arith.constant dense<1> : vector<8xi32>
// CHECK-NEXT: %[[S:.*]] = arith.addi %[[A]], %[[ONES]] : vector<8xi32>
// CHECK-NEXT: vector.store %[[S]], %[[Y]][%[[I]]]
// CHECK: vector.load {{.*}} vector<2xi32>
// CHECK: vector.load {{.*}} vector<1xi32>
// CHECK: arith.addi {{.*}} : vector<4xi32>
// CHECK: vector.store {{.*}} vector<2xi32>
// CHECK: vector.store {{.*}} vector<1xi32>
// CHECK-NOT: linalg.generic
func.func @add(%x: memref<1x19xi32>, %y: memref<1x19xi32>) {
  %one = arith.constant 1 : i32
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
    ins(%x : memref<1x19xi32>) outs(%y : memref<1x19xi32>) {
  ^bb0(%a: i32, %b: i32):
    %0 = arith.addi %a, %one : i32
    linalg.yield %0 : i32
  }
  return
}

// A maximum over a window stays in a register; bytes fill vectors of 32. What says the window's size only is not read.
// CHECK-LABEL: func.func @pool
// CHECK: scf.parallel (%[[O:.*]]) = (%c0{{.*}}) to (%c2{{.*}}) step (%c1
// CHECK: %[[START:.*]] = vector.load %arg2[%[[O]], %{{.*}}] : memref<2x32xi8>, vector<32xi8>
// CHECK: %[[R:.*]] = scf.for %[[K:.*]] = %c0{{.*}} to %c3{{.*}} step %c1{{.*}} iter_args(%[[M:.*]] = %[[START]]) -> (vector<32xi8>) {
// CHECK: vector.load %arg0[%{{.*}}, %{{.*}}] : memref<4x32xi8>, vector<32xi8>
// CHECK-NEXT: %[[N:.*]] = arith.maxui %{{.*}}, %[[M]] : vector<32xi8>
// CHECK-NEXT: scf.yield %[[N]]
// CHECK: vector.store %[[R]], %arg2
func.func @pool(%x: memref<4x32xi8>, %window: memref<3xi1>, %y: memref<2x32xi8>) {
  linalg.generic {indexing_maps = [affine_map<(o, k, c) -> (o + k, c)>, affine_map<(o, k, c) -> (k)>, affine_map<(o, k, c) -> (o, c)>],
                  iterator_types = ["parallel", "reduction", "parallel"]}
    ins(%x, %window : memref<4x32xi8>, memref<3xi1>) outs(%y : memref<2x32xi8>) {
  ^bb0(%a: i8, %w: i1, %m: i8):
    %0 = arith.maxui %a, %m : i8
    linalg.yield %0 : i8
  }
  return
}

// Neighbours of the result that are no neighbours in the input, and sums over neighbours, stay loops.
// CHECK-LABEL: func.func @others
// CHECK: linalg.generic
// CHECK: linalg.generic
// CHECK-NOT: vector.
func.func @others(%x: memref<8x8xf32>, %y: memref<8x8xf32>, %z: memref<8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
    ins(%x : memref<8x8xf32>) outs(%y : memref<8x8xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]}
    ins(%x : memref<8x8xf32>) outs(%z : memref<8xf32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}
}

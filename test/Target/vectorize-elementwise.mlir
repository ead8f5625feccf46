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

// Where neighbours of the result are no neighbours in the input, squares are turned over in registers, here 4 by 4 of 6 by 5 values: the
// last ones overlap. Shuffles bring together what lies 2 apart, then 1.
// CHECK-LABEL: func.func @turn
// CHECK: scf.parallel (%[[I:.*]]) = (%c0{{.*}}) to (%c2{{.*}}) step (%c1
// CHECK: %[[FROM:.*]] = arith.muli %[[I]], %c4
// CHECK: %[[X:.*]] = arith.minsi %[[FROM]], %c2
// CHECK: scf.parallel (%[[J:.*]]) = (%c0{{.*}}) to (%c2{{.*}}) step (%c1
// CHECK: %[[FROM:.*]] = arith.muli %[[J]], %c4
// CHECK: %[[C:.*]] = arith.minsi %[[FROM]], %c1
// CHECK: %[[R0:.*]] = vector.load %arg0[%{{.*}}, %[[X]]] : memref<5x6xi8>, vector<4xi8>
// CHECK: %[[R1:.*]] = vector.load %arg0[%{{.*}}, %[[X]]]
// CHECK: %[[R2:.*]] = vector.load %arg0[%{{.*}}, %[[X]]]
// CHECK: %[[R3:.*]] = vector.load %arg0[%{{.*}}, %[[X]]]
// CHECK-NEXT: %[[A:.*]] = vector.shuffle %[[R0]], %[[R2]] [0, 4, 1, 5] : vector<4xi8>, vector<4xi8>
// CHECK-NEXT: %[[B:.*]] = vector.shuffle %[[R0]], %[[R2]] [2, 6, 3, 7]
// CHECK-NEXT: %[[D:.*]] = vector.shuffle %[[R1]], %[[R3]] [0, 4, 1, 5]
// CHECK-NEXT: vector.shuffle %[[R1]], %[[R3]] [2, 6, 3, 7]
// CHECK-NEXT: %[[T:.*]] = vector.shuffle %[[A]], %[[D]] [0, 4, 1, 5]
// CHECK-NEXT: vector.shuffle %[[A]], %[[D]] [2, 6, 3, 7]
// CHECK: %[[WIDE:.*]] = arith.extui %[[T]] : vector<4xi8> to vector<4xi32>
// CHECK: vector.store %[[WIDE]], %arg1[%{{.*}}, %[[C]]] : memref<6x5xi32>, vector<4xi32>
// CHECK-COUNT-3: vector.store
// CHECK-NOT: linalg.generic
func.func @turn(%x: memref<5x6xi8>, %y: memref<6x5xi32>) {
  linalg.generic {indexing_maps = [affine_map<(x, c) -> (c, x)>, affine_map<(x, c) -> (x, c)>], iterator_types = ["parallel", "parallel"]}
    ins(%x : memref<5x6xi8>) outs(%y : memref<6x5xi32>) {
  ^bb0(%a: i8, %b: i32):
    %0 = arith.extui %a : i8 to i32
    linalg.yield %0 : i32
  }
  return
}

// Another input may lie where the result goes, so no square is written twice: only whole ones are turned over.
// CHECK-LABEL: func.func @in_place
// CHECK: linalg.generic
// CHECK: vector.shuffle
// CHECK-NOT: linalg.generic
func.func @in_place(%x: memref<9x8xf32>, %y: memref<8x9xf32>, %z: memref<8x8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(x, c) -> (c, x)>, affine_map<(x, c) -> (x, c)>, affine_map<(x, c) -> (x, c)>],
                  iterator_types = ["parallel", "parallel"]}
    ins(%x, %y : memref<9x8xf32>, memref<8x9xf32>) outs(%y : memref<8x9xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  }
  %turned = memref.subview %x[0, 0] [8, 8] [1, 1] : memref<9x8xf32> to memref<8x8xf32, strided<[8, 1]>>
  linalg.generic {indexing_maps = [affine_map<(x, c) -> (c, x)>, affine_map<(x, c) -> (x, c)>, affine_map<(x, c) -> (x, c)>],
                  iterator_types = ["parallel", "parallel"]}
    ins(%turned, %z : memref<8x8xf32, strided<[8, 1]>>, memref<8x8xf32>) outs(%z : memref<8x8xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}

// Squares of fewer than 4 by 4 values, and sums over neighbours, stay loops.
// CHECK-LABEL: func.func @others
// CHECK: linalg.generic
// CHECK: linalg.generic
// CHECK-NOT: vector.
func.func @others(%x: memref<3x8xf32>, %y: memref<8x3xf32>, %z: memref<3xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
    ins(%x : memref<3x8xf32>) outs(%y : memref<8x3xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>], iterator_types = ["parallel", "reduction"]}
    ins(%x : memref<3x8xf32>) outs(%z : memref<3xf32>) {
  ^bb0(%a: f32, %b: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  }
  return
}
}

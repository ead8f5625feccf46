// RUN: quantization-opt %s --allow-unregistered-dialect --plan-memory --split-input-file | FileCheck %s

// The largest lies first, at 0 to 100. The others each meet it, not one another: both lie at the next multiple of 64.
// CHECK: module attributes {nn.arena_bytes = 192 : i64}
// CHECK-LABEL: func.func @chain
// CHECK-SAME: (%[[IN:.*]]: memref<64xi8>, %[[OUT:.*]]: memref<64xi8>, %[[ARENA:.*]]: memref<192xi8>)
// CHECK-NEXT: %[[O1:.*]] = arith.constant 128 : index
// CHECK-NEXT: %[[A:.*]] = memref.view %[[ARENA]][%[[O1]]][] : memref<192xi8> to memref<64xi8>
// CHECK-NEXT: %[[O2:.*]] = arith.constant 0 : index
// CHECK-NEXT: %[[B:.*]] = memref.view %[[ARENA]][%[[O2]]][] : memref<192xi8> to memref<25xf32>
// CHECK-NEXT: %[[O3:.*]] = arith.constant 128 : index
// CHECK-NEXT: %[[C:.*]] = memref.view %[[ARENA]][%[[O3]]][] : memref<192xi8> to memref<64xi8>
// CHECK-NOT: memref.alloc
func.func @chain(%in: memref<64xi8>, %out: memref<64xi8>) {
  %a = memref.alloc() : memref<64xi8>
  %b = memref.alloc() : memref<25xf32>
  %c = memref.alloc() : memref<64xi8>
  memref.copy %in, %a : memref<64xi8> to memref<64xi8>
  "test.layer"(%a, %b) : (memref<64xi8>, memref<25xf32>) -> ()
  "test.layer"(%b, %c) : (memref<25xf32>, memref<64xi8>) -> ()
  memref.copy %c, %out : memref<64xi8> to memref<64xi8>
  return
}

// -----

// What is used in a loop is alive for all of it: the three buffers meet there, though each turn of the loop needs two at a time.
// CHECK: module attributes {nn.arena_bytes = 192 : i64}
// CHECK-LABEL: func.func @loop
// CHECK-DAG: arith.constant 0 : index
// CHECK-DAG: arith.constant 64 : index
// CHECK-DAG: arith.constant 128 : index
// CHECK: scf.for
// CHECK-NOT: memref.alloc
func.func @loop(%in: memref<64xi8>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %a = memref.alloc() : memref<64xi8>
  %b = memref.alloc() : memref<64xi8>
  scf.for %i = %0 to %1 step %1 {
    %c = memref.alloc() : memref<64xi8>
    "test.layer"(%a, %c) : (memref<64xi8>, memref<64xi8>) -> ()
    "test.layer"(%c, %b) : (memref<64xi8>, memref<64xi8>) -> ()
  }
  return
}

// -----

// A view keeps its buffer alive: %a is read through %part after %b is written.
// CHECK: module attributes {nn.arena_bytes = 128 : i64}
// CHECK-LABEL: func.func @view
func.func @view(%in: memref<32xi8>, %out: memref<64xi8>) {
  %a = memref.alloc() : memref<64xi8>
  %b = memref.alloc() : memref<64xi8>
  %part = memref.subview %a[0] [32] [1] : memref<64xi8> to memref<32xi8>
  "test.layer"(%in, %a) : (memref<32xi8>, memref<64xi8>) -> ()
  "test.layer"(%in, %b) : (memref<32xi8>, memref<64xi8>) -> ()
  "test.layer"(%part, %b) : (memref<32xi8>, memref<64xi8>) -> ()
  return
}

// -----

// Bits are stored as bytes; a network without buffers has an arena all the same.
// CHECK: module attributes {nn.arena_bytes = 128 : i64}
// CHECK-LABEL: func.func @bits
func.func @bits() {
  %a = memref.alloc() : memref<65xi1>
  "test.layer"(%a) : (memref<65xi1>) -> ()
  return
}

// -----

// CHECK: module attributes {nn.arena_bytes = 0 : i64}
// CHECK-LABEL: func.func @none
// CHECK-SAME: memref<0xi8>
func.func @none(%in: memref<64xi8>, %out: memref<64xi8>) {
  memref.copy %in, %out : memref<64xi8> to memref<64xi8>
  return
}

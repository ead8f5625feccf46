// Sums of bytes in 16 bits: several steps together, as many as the kernel's name says, and then widened; or each step by itself.
// RUN: quantization-opt %s --expand-contract --canonicalize --cse --split-input-file | FileCheck %s
// RUN: sed "s/features = \"\"/features = \"\", emulated = true/" %s | quantization-opt --expand-contract --canonicalize --cse --split-input-file | FileCheck %s --check-prefix=EMULATED --implicit-check-not=call_intrinsic

// Runs of 15 values: 3 whole steps and a last one from 11 on. Two at a time, so two chains: of two steps, and of the last whole step and
// the last. Products of a chain's first step are its first sums. 5 positions.
// CHECK-LABEL: func.func @tail(
// CHECK-SAME: %[[X:.*]]: memref<5x15xi8>, %[[W6:.*]]: memref<1x1x1x4x8x4xi8>, %[[B:.*]]: memref<8xi32>
// CHECK-DAG: %[[ONES:.*]] = arith.constant dense<1> : vector<16xi16>
// CHECK: %[[W:.*]] = memref.collapse_shape %[[W6]]
// CHECK: %[[START:.*]] = vector.load %[[B]]
// CHECK: %[[P0:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"(%{{.*}}, %{{.*}}) : (vector<32xi8>, vector<32xi8>) -> vector<16xi16>
// CHECK-COUNT-4: pmadd.ub.sw
// CHECK: %[[P1:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// CHECK-NEXT: %[[FIRST:.*]] = arith.addi %[[P0]], %[[P1]] : vector<16xi16>
// CHECK-COUNT-4: pmadd.ub.sw
// CHECK: %[[D0:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"(%[[FIRST]], %[[ONES]]) : (vector<16xi16>, vector<16xi16>) -> vector<8xi32>
// CHECK-NEXT: %[[S0:.*]] = arith.addi %[[START]], %[[D0]] : vector<8xi32>
// CHECK-COUNT-4: pmadd.wd
// CHECK: vector.load %[[W]][%c64]
// CHECK: vector.load %[[X]][%c0, %c8] : memref<5x15xi8>, vector<4xi8>
// CHECK-COUNT-5: pmadd.ub.sw
// CHECK: vector.load %[[W]][%c96]
// CHECK: vector.load %[[X]][%c0, %c11] : memref<5x15xi8>, vector<4xi8>
// CHECK-COUNT-5: pmadd.ub.sw
// CHECK: %[[D1:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// CHECK-NEXT: arith.addi %[[S0]], %[[D1]] : vector<8xi32>
// CHECK-COUNT-4: pmadd.wd
// CHECK-NOT: call_intrinsic

// Emulated: pairs are added up and saturate; the sums of a lane are added to its accumulator.
// EMULATED-LABEL: func.func @tail(
// EMULATED-DAG: %[[MOST:.*]] = arith.constant dense<32767> : vector<16xi32>
// EMULATED-DAG: %[[LEAST:.*]] = arith.constant dense<-32768> : vector<16xi32>
// EMULATED: %[[A:.*]] = arith.extui %{{.*}} : vector<32xi8> to vector<32xi32>
// EMULATED-NEXT: %[[B:.*]] = arith.extsi %{{.*}} : vector<32xi8> to vector<32xi32>
// EMULATED-NEXT: %[[P:.*]] = arith.muli %[[A]], %[[B]]
// EMULATED-NEXT: %[[EVEN:.*]] = vector.shuffle %[[P]], %[[P]] [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30]
// EMULATED-NEXT: %[[ODD:.*]] = vector.shuffle %[[P]], %[[P]] [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31]
// EMULATED-NEXT: %[[SUM:.*]] = arith.addi %[[EVEN]], %[[ODD]]
// EMULATED-NEXT: %[[HIGH:.*]] = arith.minsi %[[SUM]], %[[MOST]]
// EMULATED-NEXT: %[[LOW:.*]] = arith.maxsi %[[HIGH]], %[[LEAST]]
// EMULATED-NEXT: %[[PAIRS:.*]] = arith.trunci %[[LOW]] : vector<16xi32> to vector<16xi16>
// EMULATED: arith.addi %{{.*}} : vector<16xi16>
// EMULATED: %[[WIDE:.*]] = arith.extsi %{{.*}} : vector<16xi16> to vector<16xi32>
// EMULATED-NEXT: %[[W0:.*]] = vector.shuffle %[[WIDE]], %[[WIDE]] [0, 2, 4, 6, 8, 10, 12, 14]
// EMULATED-NEXT: %[[W1:.*]] = vector.shuffle %[[WIDE]], %[[WIDE]] [1, 3, 5, 7, 9, 11, 13, 15]
// EMULATED-NEXT: %[[TWO:.*]] = arith.addi %[[W0]], %[[W1]]
// EMULATED-NEXT: arith.addi %{{.*}}, %[[TWO]] : vector<8xi32>
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = "">} {
func.func @tail(%x: memref<5x15xi8>, %w: memref<1x1x1x4x8x4xi8>, %b: memref<8xi32>, %y: memref<5x8xi32>) {
  "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "maddub256x2", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<5x15xi8>, memref<1x1x1x4x8x4xi8>, memref<8xi32>, memref<5x8xi32>) -> ()
  return
}
}

// -----

// 12 steps, 8 at a time at most: two chains of 6, the first of which starts it.
// CHECK-LABEL: func.func @even(
// CHECK: %[[SUMS:.*]]:5 = scf.for %[[C:.*]] = %c0 to %c2 step %c1 iter_args(%{{.*}} = %[[START:[a-z0-9_]+]], {{.*}}vector<8xi32>
// CHECK: scf.for %{{.*}} = %c0 to %c5 step %c1 iter_args({{.*}}vector<16xi16>
// CHECK-COUNT-5: pmadd.ub.sw
// CHECK: scf.yield
// CHECK-COUNT-5: pmadd.wd
// CHECK: scf.yield
// CHECK-NOT: call_intrinsic
// EMULATED-LABEL: func.func @even(
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = "">} {
func.func @even(%x: memref<5x48xi8>, %w: memref<1x1x1x12x8x4xi8>, %y: memref<5x8xi32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "maddub256x8", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<5x48xi8>, memref<1x1x1x12x8x4xi8>, memref<5x8xi32>) -> ()
  return
}
}

// -----

// Wide, and each step by itself.
// CHECK-LABEL: func.func @single(
// CHECK: scf.for {{.*}} iter_args(%[[A:[a-z0-9]+]] = %{{.*}}vector<16xi32>
// CHECK: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx512.pmaddubs.w.512"{{.*}} -> vector<32xi16>
// CHECK-NEXT: %[[D:.*]] = llvm.call_intrinsic "llvm.x86.avx512.pmaddw.d.512"(%[[P]], %{{.*}}) : (vector<32xi16>, vector<32xi16>) -> vector<16xi32>
// CHECK-NEXT: arith.addi %[[A]], %[[D]] : vector<16xi32>
// EMULATED-LABEL: func.func @single(
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "skylake-avx512", features = "">} {
func.func @single(%x: memref<5x16xi8>, %w: memref<1x1x1x4x16x4xi8>, %y: memref<5x16xi32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "maddub512", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<5x16xi8>, memref<1x1x1x4x16x4xi8>, memref<5x16xi32>) -> ()
  return
}
}

// -----

// Two weights to a byte, three vectors: the first two from one vector of bytes, the third from half a one, at 32 of 48 bytes a step.
// CHECK-LABEL: func.func @packed(
// CHECK-DAG: %[[MASK:.*]] = arith.constant dense<15> : vector<32xi8>
// CHECK-DAG: %[[OFFSET:.*]] = arith.constant dense<8> : vector<32xi8>
// CHECK-DAG: %[[FOUR:.*]] = arith.constant dense<4> : vector<32xi8>
// CHECK-DAG: %[[FOUR16:.*]] = arith.constant dense<4> : vector<16xi8>
// CHECK: %[[W:.*]] = memref.collapse_shape
// CHECK: scf.for %[[S:.*]] = %c0 to %c3 step %c1
// CHECK: %[[NEXT:.*]] = arith.addi %[[S]], %c1
// CHECK: %[[PLACE:.*]] = arith.muli %[[NEXT]], %c48
// CHECK-NEXT: %[[BYTES:.*]] = vector.load %[[W]][%[[PLACE]]] : memref<192xi8>, vector<32xi8>
// CHECK-NEXT: %[[LOW:.*]] = arith.andi %[[BYTES]], %[[MASK]]
// CHECK-NEXT: %[[W0:.*]] = arith.subi %[[LOW]], %[[OFFSET]]
// CHECK-NEXT: %[[SHIFTED:.*]] = arith.shrui %[[BYTES]], %[[FOUR]]
// CHECK-NEXT: %[[HIGH:.*]] = arith.andi %[[SHIFTED]], %[[MASK]]
// CHECK-NEXT: %[[W1:.*]] = arith.subi %[[HIGH]], %[[OFFSET]]
// CHECK-NEXT: %[[AT:.*]] = arith.addi %[[PLACE]], %c32
// CHECK-NEXT: %[[HALF:.*]] = vector.load %[[W]][%[[AT]]] : memref<192xi8>, vector<16xi8>
// CHECK-NEXT: %[[UPPER:.*]] = arith.shrui %[[HALF]], %[[FOUR16]]
// CHECK-NEXT: %[[BOTH:.*]] = vector.shuffle %[[HALF]], %[[UPPER]] [0, 1, 2, {{.*}}, 31]
// CHECK-NEXT: %[[FIELD:.*]] = arith.andi %[[BOTH]], %[[MASK]]
// CHECK-NEXT: %[[W2:.*]] = arith.subi %[[FIELD]], %[[OFFSET]]
// CHECK: pmadd.ub.sw"(%{{.*}}, %[[W0]])
// CHECK: pmadd.ub.sw"(%{{.*}}, %[[W1]])
// CHECK: pmadd.ub.sw"(%{{.*}}, %[[W2]])
// EMULATED-LABEL: func.func @packed(
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = "">} {
func.func @packed(%x: memref<3x16xi8>, %w: memref<1x1x1x4x24x2xi8>, %y: memref<3x24xi32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, packing = 2 : i64, lowering = "maddub256x8-w4", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<3x16xi8>, memref<1x1x1x4x24x2xi8>, memref<3x24xi32>) -> ()
  return
}
}

// -----

// For 8 tiles and more the weights of a block are taken apart once, into the function's memory: 4 steps of 16 lanes of 4 codes.
// CHECK-LABEL: func.func @unpacked(
// CHECK: %[[BLOCK:.*]] = memref.alloca() {alignment = 32 : i64} : memref<256xi8>
// CHECK: scf.parallel (%[[B:.*]]) = (%c0) to (%c2) step (%c1)
// CHECK: scf.for %[[S:.*]] = %c0 to %c4 step %c1 {
// CHECK: %[[BEFORE:.*]] = arith.muli %[[B]], %c4
// CHECK-NEXT: %[[STEP:.*]] = arith.addi %[[BEFORE]], %[[S]]
// CHECK-NEXT: %[[PLACE:.*]] = arith.muli %[[STEP]], %c32
// CHECK-NEXT: vector.load %{{.*}}[%[[PLACE]]] : memref<256xi8>, vector<32xi8>
// CHECK: %[[TO:.*]] = arith.muli %[[S]], %c64
// CHECK-NEXT: vector.store %{{.*}}, %[[BLOCK]][%[[TO]]]
// CHECK: vector.store %{{.*}}, %[[BLOCK]]
// CHECK: scf.parallel
// CHECK-NOT: arith.shrui
// CHECK: %[[W0:.*]] = vector.load %[[BLOCK]][%c0]
// CHECK: pmadd.ub.sw"(%{{.*}}, %[[W0]])
// EMULATED-LABEL: func.func @unpacked(
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = "">} {
func.func @unpacked(%x: memref<32x16xi8>, %w: memref<1x2x1x4x16x2xi8>, %y: memref<32x32xi32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, packing = 2 : i64, lowering = "maddub256x8-w4", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<32x16xi8>, memref<1x2x1x4x16x2xi8>, memref<32x32xi32>) -> ()
  return
}
}

// -----

// For the instruction that adds four products; four vectors from two of bytes.
// CHECK-LABEL: func.func @packed_vnni(
// CHECK: vector.load %{{.*}} : memref<512xi8>, vector<64xi8>
// CHECK-NEXT: arith.andi
// CHECK: arith.shrui
// CHECK: vector.load %{{.*}} : memref<512xi8>, vector<64xi8>
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// EMULATED-LABEL: func.func @packed_vnni(
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "">} {
func.func @packed_vnni(%x: memref<3x16xi8>, %w: memref<1x1x1x4x64x2xi8>, %y: memref<3x64xi32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, packing = 2 : i64, lowering = "vnni512-w4", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<3x16xi8>, memref<1x1x1x4x64x2xi8>, memref<3x64xi32>) -> ()
  return
}
}

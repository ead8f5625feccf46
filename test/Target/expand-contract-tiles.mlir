// Kernels on tile registers: 2 tiles of channels by 2 of positions, or 1 by up to 4. How rows are cut is in ../unit/RegisterTileTest.cpp.
// RUN: quantization-opt %s --expand-contract --canonicalize --cse --split-input-file | FileCheck %s --implicit-check-not=vpdpbusd --implicit-check-not=pmadd
// RUN: sed "s/features = \"\"/features = \"\", emulated = true/" %s | quantization-opt --expand-contract --canonicalize --cse --split-input-file | FileCheck %s --check-prefix=EMULATED --implicit-check-not=amx.

// 40 columns are 2 parts of 20, which are 2 tiles of 10; 3 columns of 40 channels are a run of 120, 2 times 60, or 15 steps of 4. Sums start
// as the bias, the same in every row, and reach the region through memory that the function has once. Weights lie 128 bytes a step, for
// both tiles of channels.
// CHECK-LABEL: func.func @conv(
// CHECK-SAME: %[[X:.*]]: memref<1x3x42x40xi8>, %[[W6:.*]]: memref<1x2x1x30x32x4xi8>, %[[B:.*]]: memref<64xi32>, %[[M:.*]]: memref<64xi32>, %[[O:.*]]: memref<1x3x40x40xi32>, %[[Y:.*]]: memref<1x3x40x40xi32>)
// CHECK-DAG: %[[SMALL:.*]] = memref.alloca() {alignment = 64 : i64} : memref<2x10x16xi32>
// CHECK-DAG: %[[SUMS:.*]] = memref.alloca() {alignment = 64 : i64} : memref<4x10x16xi32>
// CHECK-DAG: %[[W:.*]] = memref.collapse_shape %[[W6]] {{\[}}[0, 1, 2, 3], [4, 5]] : memref<1x2x1x30x32x4xi8> into memref<60x128xi8>
// CHECK: scf.parallel (%[[ROW:.*]], %[[PART:.*]]) = (%c0, %c0) to (%c3, %c2) step (%c1, %c1) {
// CHECK-NEXT: %[[COLUMN:.*]] = arith.muli %[[PART]], %c20
// CHECK-NEXT: %[[B0:.*]] = amx.tile_load %[[B]][%c0], %c0 : memref<64xi32> into !amx.tile<10x16xi32>
// CHECK-NEXT: %[[B1:.*]] = amx.tile_load %[[B]][%c16], %c0
// CHECK-NEXT: %[[B2:.*]] = amx.tile_load %[[B]][%c0], %c0
// CHECK-NEXT: %[[B3:.*]] = amx.tile_load %[[B]][%c16], %c0
// CHECK-NEXT: %[[R:.*]]:4 = scf.for %[[S:.*]] = %c0 to %c2 step %c1 iter_args(%[[S00:.*]] = %[[B0]], %[[S01:.*]] = %[[B1]], %[[S10:.*]] = %[[B2]], %[[S11:.*]] = %[[B3]])
// CHECK: %[[PLACE:.*]] = arith.muli %[[S]], %c1920
// CHECK-NEXT: %[[AT0:.*]] = memref.reinterpret_cast %[[W]] to offset: [%[[PLACE]]], sizes: [15, 64], strides: [128, 1]
// CHECK-NEXT: %[[NEXT:.*]] = arith.addi %[[PLACE]], %c64
// CHECK-NEXT: %[[AT1:.*]] = memref.reinterpret_cast %[[W]] to offset: [%[[NEXT]]], sizes: [15, 64], strides: [128, 1]
// CHECK: %[[FIRST:.*]] = memref.reinterpret_cast %[[X]] to offset: [%{{.*}}], sizes: [10, 60], strides: [40, 1]
// CHECK: %[[SECOND:.*]] = memref.reinterpret_cast %[[X]] to offset: [%{{.*}}], sizes: [10, 60], strides: [40, 1]
// CHECK-NEXT: %[[W0:.*]] = amx.tile_load %[[AT0]][%c0, %c0] : {{.*}} into !amx.tile<15x64xi8>
// CHECK-NEXT: %[[W1:.*]] = amx.tile_load %[[AT1]][%c0, %c0] : {{.*}} into !amx.tile<15x64xi8>
// CHECK-NEXT: %[[X0:.*]] = amx.tile_load %[[FIRST]][%c0, %c0] : {{.*}} into !amx.tile<10x60xi8>
// CHECK-NEXT: %[[N00:.*]] = amx.tile_muli %[[X0]] zext, %[[W0]], %[[S00]]
// CHECK-NEXT: %[[N01:.*]] = amx.tile_muli %[[X0]] zext, %[[W1]], %[[S01]]
// CHECK-NEXT: %[[X1:.*]] = amx.tile_load %[[SECOND]][%c0, %c0]
// CHECK-NEXT: %[[N10:.*]] = amx.tile_muli %[[X1]] zext, %[[W0]], %[[S10]]
// CHECK-NEXT: %[[N11:.*]] = amx.tile_muli %[[X1]] zext, %[[W1]], %[[S11]]
// CHECK-NEXT: scf.yield %[[N00]], %[[N01]], %[[N10]], %[[N11]]
// CHECK: amx.tile_store %[[SUMS]][%c0, %c0, %c0], %[[R]]#0
// CHECK-NEXT: amx.tile_store %[[SUMS]][%c1, %c0, %c0], %[[R]]#1
// CHECK-NEXT: amx.tile_store %[[SUMS]][%c2, %c0, %c0], %[[R]]#2
// CHECK-NEXT: amx.tile_store %[[SUMS]][%c3, %c0, %c0], %[[R]]#3
// CHECK-NEXT: %[[M0:.*]] = vector.load %[[M]][%c0]
// CHECK-NEXT: %[[M1:.*]] = vector.load %[[M]][%c16]
// CHECK-NEXT: scf.for %[[P:.*]] = %c0 to %c10 step %c1 {
// CHECK-NEXT: %[[SUM:.*]] = vector.load %[[SUMS]][%c0, %[[P]], %c0] : memref<4x10x16xi32>, vector<16xi32>
// CHECK-NEXT: %[[HERE:.*]] = arith.addi %[[COLUMN]], %[[P]]
// CHECK-NEXT: %[[OTHER:.*]] = vector.load %[[O]][%c0, %[[ROW]], %[[HERE]], %c0]
// CHECK-NEXT: %[[PRODUCT:.*]] = arith.muli %[[SUM]], %[[M0]]
// CHECK-NEXT: %[[RESULT:.*]] = arith.addi %[[PRODUCT]], %[[OTHER]]
// CHECK-NEXT: vector.store %[[RESULT]], %[[Y]][%c0, %[[ROW]], %[[HERE]], %c0]
// CHECK-NEXT: vector.load %[[SUMS]][%c1, %[[P]], %c0]
// CHECK: vector.store %{{.*}}, %[[Y]][%c0, %[[ROW]], %[[HERE]], %c16]
// CHECK: scf.for %[[P:.*]] = %c0 to %c10 step %c1 {
// CHECK-NEXT: vector.load %[[SUMS]][%c2, %[[P]], %c0]
// CHECK: vector.load %[[SUMS]][%c3, %[[P]], %c0]

// The last 8 of the 40 channels are one tile, whose weights lie 30 steps behind.
// CHECK: amx.tile_load %[[B]][%c32], %c0
// CHECK-NEXT: amx.tile_load %[[B]][%c32], %c0
// CHECK: %[[STEP:.*]] = arith.addi %{{.*}}, %c30
// CHECK: %[[PLACE:.*]] = arith.muli %[[STEP]], %c128
// CHECK: memref.reinterpret_cast %[[W]] to offset: [%[[PLACE]]], sizes: [15, 64], strides: [128, 1]
// CHECK-COUNT-2: amx.tile_muli
// CHECK-NOT: amx.tile_muli
// CHECK: amx.tile_store %[[SMALL]][%c1, %c0, %c0]
// CHECK: vector.store %{{.*}}, %[[Y]][%c0, %{{.*}}, %{{.*}}, %c32] : memref<1x3x40x40xi32>, vector<8xi32>

// Emulated, sums lie in memory from the start. The same rows and bytes are read, a step of 4 codes at a time.
// EMULATED-LABEL: func.func @conv(
// EMULATED: %[[SUMS:.*]] = memref.alloca() {alignment = 64 : i64} : memref<4x10x16xi32>
// EMULATED: %[[BIAS:.*]] = vector.load %arg2[%c0] : memref<64xi32>, vector<16xi32>
// EMULATED-NEXT: scf.for %[[P:.*]] = %c0 to %c10
// EMULATED-NEXT: vector.store %[[BIAS]], %[[SUMS]][%c0, %[[P]], %c0]
// EMULATED: %[[WEIGHTS:.*]] = memref.reinterpret_cast %{{.*}}, sizes: [15, 64], strides: [128, 1]
// EMULATED: %[[CODES:.*]] = memref.reinterpret_cast %arg0 {{.*}}, sizes: [10, 60], strides: [40, 1]
// EMULATED: scf.for %[[P:.*]] = %c0 to %c10
// EMULATED-NEXT: scf.for %[[S:.*]] = %c0 to %c15
// EMULATED-NEXT: %[[FOUR:.*]] = arith.muli %[[S]], %c4
// EMULATED-NEXT: vector.load %[[CODES]][%[[P]], %[[FOUR]]] : {{.*}}, vector<4xi8>
// EMULATED: %[[W:.*]] = vector.load %[[WEIGHTS]][%[[S]], %c0] : {{.*}}, vector<64xi8>
// EMULATED-NEXT: %[[BEFORE:.*]] = vector.load %[[SUMS]][%c0, %[[P]], %c0]
// EMULATED: arith.extui %{{.*}} : vector<64xi8> to vector<64xi32>
// EMULATED-NEXT: arith.extsi %[[W]] : vector<64xi8> to vector<64xi32>
// EMULATED: %[[AFTER:.*]] = arith.addi %[[BEFORE]], %{{.*}} : vector<16xi32>
// EMULATED-NEXT: vector.store %[[AFTER]], %[[SUMS]][%c0, %[[P]], %c0]
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "">} {
func.func @conv(%x: memref<1x3x42x40xi8>, %w: memref<1x2x1x30x32x4xi8>, %b: memref<64xi32>, %m: memref<64xi32>, %o: memref<1x3x40x40xi32>, %y: memref<1x3x40x40xi32>) {
  "fixed.contract"(%x, %w, %b, %m, %o, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "amx", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 2, 1>}> ({
  ^bb0(%a: i32, %m0: i32, %o0: i32):
    %0 = arith.muli %a, %m0 : i32
    %1 = arith.addi %0, %o0 : i32
    fixed.yield %1 : i32
  }) : (memref<1x3x42x40xi8>, memref<1x2x1x30x32x4xi8>, memref<64xi32>, memref<64xi32>, memref<1x3x40x40xi32>, memref<1x3x40x40xi32>) -> ()
  return
}
}

// -----

// Rows of 6 positions are a tile each, 3 rows at a time, the last from 2 on. Without a bias sums start at 0, each in a tile of its own:
// a shared one would be copied through memory. Positions are 2 columns of 20 channels apart, rows 13.
// CHECK-LABEL: func.func @short_rows(
// CHECK: %[[SUMS:.*]] = memref.alloca() {alignment = 64 : i64} : memref<3x6x16xi32>
// CHECK: %[[FREE:.*]] = arith.muli %{{.*}}, %c3
// CHECK-NEXT: %[[ROW:.*]] = arith.minsi %[[FREE]], %c2
// CHECK-NEXT: %[[Z0:.*]] = amx.tile_zero : !amx.tile<6x16xi32>
// CHECK-NEXT: %[[Z1:.*]] = amx.tile_zero : !amx.tile<6x16xi32>
// CHECK-NEXT: %[[Z2:.*]] = amx.tile_zero : !amx.tile<6x16xi32>
// CHECK-NEXT: scf.for %[[KY:.*]] = %c0 to %c3 step %c1 iter_args(%{{.*}} = %[[Z0]], %{{.*}} = %[[Z1]], %{{.*}} = %[[Z2]])
// CHECK: memref.reinterpret_cast %{{.*}}, sizes: [15, 64], strides: [64, 1]
// CHECK: %[[AT:.*]] = arith.muli %{{.*}}, %c260
// CHECK-NEXT: memref.reinterpret_cast %arg0 to offset: [%[[AT]]], sizes: [6, 60], strides: [40, 1]
// CHECK-COUNT-3: amx.tile_muli
// CHECK-NOT: amx.tile_muli
// CHECK: scf.for %[[P:.*]] = %c0 to %c6
// CHECK: vector.store %{{.*}}, %arg2[%c0, %[[ROW]], %[[P]], %c0] : memref<1x5x6x10xi32>, vector<8xi32>
// CHECK: vector.store %{{.*}}, %arg2[%c0, %[[ROW]], %[[P]], %c8] : memref<1x5x6x10xi32>, vector<2xi32>
// EMULATED-LABEL: func.func @short_rows(
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "">} {
func.func @short_rows(%x: memref<1x9x13x20xi8>, %w: memref<1x1x3x15x16x4xi8>, %y: memref<1x5x6x10xi32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64: 3, 3>, strides = array<i64: 1, 2>, dilations = array<i64: 2, 1>, groups = 1 : i64, lowering = "amx", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x9x13x20xi8>, memref<1x1x3x15x16x4xi8>, memref<1x5x6x10xi32>) -> ()
  return
}
}

// -----

// All tiles of codes have one shape: a run of 66 is 36 from 0 on, and 36 from 30 on, whose weights are 9 steps behind. A slice of the
// channels of another buffer starts where it does.
// CHECK-LABEL: func.func @rest(
// CHECK: memref.reinterpret_cast %arg0 to offset: [8], sizes: [5, 36], strides: [80, 1]
// CHECK: amx.tile_muli
// CHECK: memref.reinterpret_cast %{{.*}} to offset: [576], sizes: [9, 64], strides: [64, 1]
// CHECK: memref.reinterpret_cast %arg0 to offset: [38], sizes: [5, 36], strides: [80, 1]
// CHECK: amx.tile_muli
// CHECK-NOT: amx.tile_muli
// EMULATED-LABEL: func.func @rest(
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "">} {
func.func @rest(%x: memref<5x66xi8, strided<[80, 1], offset: 8>>, %w: memref<1x1x1x18x16x4xi8>, %y: memref<5x16xi32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "amx", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<5x66xi8, strided<[80, 1], offset: 8>>, memref<1x1x1x18x16x4xi8>, memref<5x16xi32>) -> ()
  return
}
}

// -----

// Results that end as bytes are packed four vectors at a time, as those of vectors are: 2 positions of 32 channels, here all there are, so
// that 64 bytes lie side by side.
// CHECK-LABEL: func.func @packed(
// CHECK: scf.for %[[P:.*]] = %c0 to %c6 step %c2 {
// CHECK-NEXT: %[[S00:.*]] = vector.load %{{.*}}[%c0, %[[P]], %c0] : memref<2x6x16xi32>, vector<16xi32>
// CHECK-NEXT: %[[R00:.*]] = fixed.requantize %[[S00]], {{.*}}clamp = array<i64: -2147483648, 2147483647>
// CHECK-NEXT: %[[S01:.*]] = vector.load %{{.*}}[%c1, %[[P]], %c0]
// CHECK-NEXT: %[[R01:.*]] = fixed.requantize %[[S01]],
// CHECK-NEXT: %[[NEXT:.*]] = arith.addi %[[P]], %c1
// CHECK-NEXT: %[[S10:.*]] = vector.load %{{.*}}[%c0, %[[NEXT]], %c0]
// CHECK-NEXT: %[[R10:.*]] = fixed.requantize %[[S10]],
// CHECK-NEXT: %[[S11:.*]] = vector.load %{{.*}}[%c1, %[[NEXT]], %c0]
// CHECK-NEXT: %[[R11:.*]] = fixed.requantize %[[S11]],
// CHECK-NEXT: %[[A:.*]] = llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"(%[[R00]], %[[R01]])
// CHECK-NEXT: %[[B:.*]] = llvm.call_intrinsic "llvm.x86.avx512.packssdw.512"(%[[R10]], %[[R11]])
// CHECK-NEXT: llvm.call_intrinsic "llvm.x86.avx512.packuswb.512"(%[[A]], %[[B]])
// CHECK: vector.store %{{.*}}, %arg4[%[[P]], %c0] : memref<6x32xi8>, vector<64xi8>
// CHECK-NOT: vector.store

// 4 positions of 16 channels.
// CHECK-LABEL: func.func @packed_narrow(
// CHECK: scf.for %[[P:.*]] = %c0 to %c8 step %c4 {
// CHECK-COUNT-4: fixed.requantize
// CHECK: packuswb
// CHECK: vector.store %{{.*}}, %arg4[%[[P]], %c0] : memref<8x16xi8>, vector<64xi8>
// CHECK-NOT: vector.store

// As many of 10 and of 5 positions as divide them; a block of 32 of 48 channels lies by itself, and so do the 16 behind it.
// CHECK-LABEL: func.func @packed_in_part(
// CHECK: scf.for %[[P:.*]] = %c0 to %c10 step %c2 {
// CHECK: %[[NEXT:.*]] = arith.addi %[[P]], %c1
// CHECK-COUNT-2: fixed.requantize
// CHECK-NOT: fixed.requantize
// CHECK: vector.store %{{.*}}, %arg4[%[[P]], %c0] : memref<10x48xi8>, vector<32xi8>
// CHECK: vector.store %{{.*}}, %arg4[%[[NEXT]], %c0] : memref<10x48xi8>, vector<32xi8>
// CHECK: scf.for %[[P:.*]] = %c0 to %c10 step %c2 {
// CHECK-COUNT-2: fixed.requantize
// CHECK-NOT: fixed.requantize
// CHECK: vector.store %{{.*}}, %arg4[%[[P]], %c32] : memref<10x48xi8>, vector<16xi8>
// CHECK: vector.store %{{.*}}, %arg4[%{{.*}}, %c32] : memref<10x48xi8>, vector<16xi8>
// CHECK-LABEL: func.func @packed_alone(
// CHECK: scf.for %[[P:.*]] = %c0 to %c5 step %c1 {
// CHECK-COUNT-2: fixed.requantize
// CHECK-NOT: fixed.requantize
// CHECK: vector.store %{{.*}}, %arg4[%[[P]], %c0] : memref<5x32xi8>, vector<32xi8>
// EMULATED-LABEL: func.func @packed(
// EMULATED: scf.for %{{.*}} = %c0 to %c6 step %c1 {
// EMULATED: fixed.requantize {{.*}}clamp = array<i64: 0, 255>
// EMULATED: arith.trunci
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "">} {
func.func @packed(%x: memref<6x64xi8>, %w: memref<1x1x1x16x32x4xi8>, %m: memref<32xi32>, %s: memref<32xi32>, %y: memref<6x32xi8>) {
  "fixed.contract"(%x, %w, %m, %s, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "amx", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 2, 1>}> ({
  ^bb0(%a: i32, %factor: i32, %shift: i32):
    %0 = fixed.requantize %a, %factor, %shift {rounding = 2 : i32, clamp = array<i64: 0, 255>, largest = 1000, least_shift = 33 : i64} : (i32, i32, i32) -> i32
    %1 = arith.trunci %0 : i32 to i8
    fixed.yield %1 : i8
  }) : (memref<6x64xi8>, memref<1x1x1x16x32x4xi8>, memref<32xi32>, memref<32xi32>, memref<6x32xi8>) -> ()
  return
}
func.func @packed_narrow(%x: memref<8x64xi8>, %w: memref<1x1x1x16x16x4xi8>, %m: memref<16xi32>, %s: memref<16xi32>, %y: memref<8x16xi8>) {
  "fixed.contract"(%x, %w, %m, %s, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "amx", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 2, 1>}> ({
  ^bb0(%a: i32, %factor: i32, %shift: i32):
    %0 = fixed.requantize %a, %factor, %shift {rounding = 2 : i32, clamp = array<i64: 0, 255>, largest = 1000, least_shift = 33 : i64} : (i32, i32, i32) -> i32
    %1 = arith.trunci %0 : i32 to i8
    fixed.yield %1 : i8
  }) : (memref<8x64xi8>, memref<1x1x1x16x16x4xi8>, memref<16xi32>, memref<16xi32>, memref<8x16xi8>) -> ()
  return
}
func.func @packed_in_part(%x: memref<10x64xi8>, %w: memref<1x2x1x16x32x4xi8>, %m: memref<64xi32>, %s: memref<64xi32>, %y: memref<10x48xi8>) {
  "fixed.contract"(%x, %w, %m, %s, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "amx", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 2, 1>}> ({
  ^bb0(%a: i32, %factor: i32, %shift: i32):
    %0 = fixed.requantize %a, %factor, %shift {rounding = 2 : i32, clamp = array<i64: 0, 255>, largest = 1000, least_shift = 33 : i64} : (i32, i32, i32) -> i32
    %1 = arith.trunci %0 : i32 to i8
    fixed.yield %1 : i8
  }) : (memref<10x64xi8>, memref<1x2x1x16x32x4xi8>, memref<64xi32>, memref<64xi32>, memref<10x48xi8>) -> ()
  return
}
func.func @packed_alone(%x: memref<5x64xi8>, %w: memref<1x1x1x16x32x4xi8>, %m: memref<32xi32>, %s: memref<32xi32>, %y: memref<5x32xi8>) {
  "fixed.contract"(%x, %w, %m, %s, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "amx", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 2, 1>}> ({
  ^bb0(%a: i32, %factor: i32, %shift: i32):
    %0 = fixed.requantize %a, %factor, %shift {rounding = 2 : i32, clamp = array<i64: 0, 255>, largest = 1000, least_shift = 33 : i64} : (i32, i32, i32) -> i32
    %1 = arith.trunci %0 : i32 to i8
    fixed.yield %1 : i8
  }) : (memref<5x64xi8>, memref<1x1x1x16x32x4xi8>, memref<32xi32>, memref<32xi32>, memref<5x32xi8>) -> ()
  return
}
}

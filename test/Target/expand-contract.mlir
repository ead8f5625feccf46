// Kernels of 8 lanes and 16 registers, where not said otherwise. What stays in registers is chosen as ../unit/RegisterTileTest.cpp says.
// RUN: quantization-opt %s --expand-contract --canonicalize --cse --split-input-file | FileCheck %s
// RUN: sed "s/features = \"\"/features = \"\", emulated = true/" %s | quantization-opt --expand-contract --canonicalize --cse --split-input-file | FileCheck %s --check-prefix=EMULATED --implicit-check-not=call_intrinsic

// A convolution along one dimension: 17 positions as 2 tiles of 9, the last from 8 on. A kernel row has 9 values, 2 steps of 4 in a loop
// and a last one from 5 on, at 2 * 32 weights. A step loads the weights once, and for each position 4 codes into every lane.
// CHECK-LABEL: func.func @conv(
// CHECK-SAME: %[[X:.*]]: memref<1x19x3xi8>, %[[W6:.*]]: memref<1x1x1x3x8x4xi8>, %[[B:.*]]: memref<8xi32>, %[[M:.*]]: memref<8xi32>, %[[O:.*]]: memref<1x17x3xi32>, %[[Y:.*]]: memref<1x17x3xi32>)
// CHECK: %[[W:.*]] = memref.collapse_shape %[[W6]] {{\[}}[0, 1, 2, 3, 4, 5]] : memref<1x1x1x3x8x4xi8> into memref<96xi8>
// CHECK: scf.parallel (%[[T:.*]]) = (%c0) to (%c2) step (%c1) {
// CHECK-NEXT: %[[FREE:.*]] = arith.muli %[[T]], %c9
// CHECK-NEXT: %[[AT:.*]] = arith.minsi %[[FREE]], %c8
// CHECK-NEXT: %[[START:.*]] = vector.load %[[B]][%c0] : memref<8xi32>, vector<8xi32>
// CHECK-NEXT: %[[SUMS:.*]]:9 = scf.for %[[S:.*]] = %c0 to %c2 step %c1 iter_args(%[[A0:[a-z0-9]+]] = %[[START]], %[[A1:[a-z0-9]+]] = %[[START]],
// CHECK-NEXT: %[[CODE:.*]] = arith.muli %[[S]], %c4
// CHECK-NEXT: %[[STEP:.*]] = arith.muli %[[S]], %c32
// CHECK-NEXT: %[[WEIGHTS:.*]] = vector.load %[[W]][%[[STEP]]] : memref<96xi8>, vector<32xi8>
// CHECK-NEXT: %[[FOUR:.*]] = vector.load %[[X]][%c0, %[[AT]], %[[CODE]]] : memref<1x19x3xi8>, vector<4xi8>
// CHECK-NEXT: %[[WORD:.*]] = vector.bitcast %[[FOUR]] : vector<4xi8> to vector<1xi32>
// CHECK-NEXT: %[[ONE:.*]] = vector.extract %[[WORD]][0]
// CHECK-NEXT: %[[ALL:.*]] = vector.broadcast %[[ONE]] : i32 to vector<8xi32>
// CHECK-NEXT: %[[CODES:.*]] = vector.bitcast %[[ALL]] : vector<8xi32> to vector<32xi8>
// CHECK-NEXT: %[[NEXT0:.*]] = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"(%[[A0]], %[[CODES]], %[[WEIGHTS]])
// CHECK-NEXT: %[[AT1:.*]] = arith.addi %[[AT]], %c1
// CHECK-NEXT: vector.load %[[X]][%c0, %[[AT1]], %[[CODE]]] : memref<1x19x3xi8>, vector<4xi8>
// CHECK: %[[NEXT1:.*]] = llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.256"(%[[A1]], %{{.*}}, %[[WEIGHTS]])
// CHECK-COUNT-7: call_intrinsic
// CHECK-NEXT: scf.yield %[[NEXT0]], %[[NEXT1]],
// CHECK: %[[LAST:.*]] = vector.load %[[W]][%c64] : memref<96xi8>, vector<32xi8>
// CHECK-NEXT: vector.load %[[X]][%c0, %[[AT]], %c5] : memref<1x19x3xi8>, vector<4xi8>
// CHECK: %[[SUM:.*]] = llvm.call_intrinsic {{.*}}(%[[SUMS]]#0, %{{.*}}, %[[LAST]])
// CHECK-COUNT-8: call_intrinsic
// CHECK-NOT: call_intrinsic

// Then the region, on lanes. A constant per channel is there for all of them; of the result's shape there are 3 channels, as 2 and 1.
// CHECK: %[[FACTORS:.*]] = vector.load %[[M]][%c0] : memref<8xi32>, vector<8xi32>
// CHECK-NEXT: %[[O01:.*]] = vector.load %[[O]][%c0, %[[AT]], %c0] : memref<1x17x3xi32>, vector<2xi32>
// CHECK-NEXT: %[[OTHER2:.*]] = vector.insert_strided_slice %[[O01]], %{{.*}} {offsets = [0], strides = [1]}
// CHECK-NEXT: %[[O2:.*]] = vector.load %[[O]][%c0, %[[AT]], %c2] : memref<1x17x3xi32>, vector<1xi32>
// CHECK-NEXT: %[[OTHER:.*]] = vector.insert_strided_slice %[[O2]], %[[OTHER2]] {offsets = [2], strides = [1]}
// CHECK-NEXT: %[[P:.*]] = arith.muli %[[SUM]], %[[FACTORS]] : vector<8xi32>
// CHECK-NEXT: %[[S1:.*]] = arith.addi %[[P]], %[[OTHER]] : vector<8xi32>
// CHECK-NEXT: %[[R:.*]] = arith.addi %[[S1]], %{{.*}} : vector<8xi32>
// CHECK-NEXT: %[[R01:.*]] = vector.extract_strided_slice %[[R]] {offsets = [0], sizes = [2], strides = [1]}
// CHECK-NEXT: vector.store %[[R01]], %[[Y]][%c0, %[[AT]], %c0] : memref<1x17x3xi32>, vector<2xi32>
// CHECK-NEXT: %[[R2:.*]] = vector.extract_strided_slice %[[R]] {offsets = [2], sizes = [1], strides = [1]}
// CHECK-NEXT: vector.store %[[R2]], %[[Y]][%c0, %[[AT]], %c2] : memref<1x17x3xi32>, vector<1xi32>
// CHECK-COUNT-16: vector.store
// CHECK-NOT: vector.store

// Emulated, the products and their sums are spelt out: codes without sign, weights with it, neighbours by four.
// EMULATED-LABEL: func.func @conv(
// EMULATED: scf.parallel
// EMULATED: scf.for {{.*}} iter_args(%[[A0:[a-z0-9]+]] = 
// EMULATED: %[[CODES:.*]] = vector.bitcast %{{.*}} : vector<8xi32> to vector<32xi8>
// EMULATED-NEXT: %[[CODES32:.*]] = arith.extui %[[CODES]] : vector<32xi8> to vector<32xi32>
// EMULATED-NEXT: %[[WEIGHTS32:.*]] = arith.extsi %{{.*}} : vector<32xi8> to vector<32xi32>
// EMULATED-NEXT: %[[P:.*]] = arith.muli %[[CODES32]], %[[WEIGHTS32]] : vector<32xi32>
// EMULATED-NEXT: %[[P0:.*]] = vector.shuffle %[[P]], %[[P]] [0, 4, 8, 12, 16, 20, 24, 28]
// EMULATED-NEXT: %[[P1:.*]] = vector.shuffle %[[P]], %[[P]] [1, 5, 9, 13, 17, 21, 25, 29]
// EMULATED-NEXT: %[[S1:.*]] = arith.addi %[[P0]], %[[P1]]
// EMULATED-NEXT: %[[P2:.*]] = vector.shuffle %[[P]], %[[P]] [2, 6, 10, 14, 18, 22, 26, 30]
// EMULATED-NEXT: %[[S2:.*]] = arith.addi %[[S1]], %[[P2]]
// EMULATED-NEXT: %[[P3:.*]] = vector.shuffle %[[P]], %[[P]] [3, 7, 11, 15, 19, 23, 27, 31]
// EMULATED-NEXT: %[[S3:.*]] = arith.addi %[[S2]], %[[P3]]
// EMULATED-NEXT: arith.addi %[[A0]], %[[S3]] : vector<8xi32>
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "alderlake", features = "">} {
func.func @conv(%x: memref<1x19x3xi8>, %w: memref<1x1x1x3x8x4xi8>, %b: memref<8xi32>, %m: memref<8xi32>, %o: memref<1x17x3xi32>, %y: memref<1x17x3xi32>) {
  "fixed.contract"(%x, %w, %b, %m, %o, %y) <{kernel = array<i64: 3>, strides = array<i64: 1>, dilations = array<i64: 1>, groups = 1 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 2, 1>}> ({
  ^bb0(%a: i32, %m0: i32, %o0: i32):
    %four = arith.constant 4 : i32
    %0 = arith.muli %a, %m0 : i32
    %1 = arith.addi %0, %o0 : i32
    %2 = arith.addi %1, %four : i32
    fixed.yield %2 : i32
  }) : (memref<1x19x3xi8>, memref<1x1x1x3x8x4xi8>, memref<8xi32>, memref<8xi32>, memref<1x17x3xi32>, memref<1x17x3xi32>) -> ()
  return
}
}

// -----

// The rows of a matrix product are one row of positions, whatever their rank: 3 * 2 in one tile. Weights are bytes until they are used, as
// 16 bits. Without a bias sums start at 0. Five values: 2 steps of 2, and a last one from 3 on, at 2 * 16 weights.
// CHECK-LABEL: func.func @matmul(
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0> : vector<8xi32>
// CHECK-DAG: %[[X:.*]] = memref.collapse_shape %arg0 {{\[}}[0, 1], [2]] : memref<3x2x5xi16> into memref<6x5xi16>
// CHECK-DAG: %[[Y:.*]] = memref.collapse_shape %arg2 {{\[}}[0, 1], [2]] : memref<3x2x2xi32> into memref<6x2xi32>
// CHECK-DAG: %[[W:.*]] = memref.collapse_shape %arg1
// CHECK: %[[SUMS:.*]]:6 = scf.for %{{.*}} = %c0 to %c2 step %c1 iter_args(%[[A:[a-z0-9]+]] = %[[ZERO]], %{{.*}} = %[[ZERO]],
// CHECK: %[[BYTES:.*]] = vector.load %[[W]][%{{.*}}] : memref<48xi8>, vector<16xi8>
// CHECK-NEXT: %[[WEIGHTS:.*]] = arith.extsi %[[BYTES]] : vector<16xi8> to vector<16xi16>
// CHECK-NEXT: vector.load %[[X]][%c0, %{{.*}}] : memref<6x5xi16>, vector<2xi16>
// CHECK: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"(%{{.*}}, %[[WEIGHTS]])
// CHECK-NEXT: arith.addi %[[A]], %[[P]] : vector<8xi32>
// CHECK-COUNT-5: call_intrinsic
// CHECK: scf.yield
// CHECK: vector.load %[[W]][%c32]
// CHECK: vector.load %[[X]][%c0, %c3] : memref<6x5xi16>, vector<2xi16>
// CHECK-COUNT-6: call_intrinsic
// CHECK-NOT: call_intrinsic
// CHECK: vector.store %{{.*}}, %[[Y]][%c0, %c0] : memref<6x2xi32>, vector<2xi32>
// CHECK: vector.store %{{.*}}, %[[Y]][%c5, %c0] : memref<6x2xi32>, vector<2xi32>
// CHECK-NEXT: return
// EMULATED-LABEL: func.func @matmul(
// EMULATED-COUNT-2: arith.extsi %{{.*}} : vector<16xi16> to vector<16xi32>
// EMULATED: vector.shuffle {{.*}} [0, 2, 4, 6, 8, 10, 12, 14]
// EMULATED: vector.shuffle {{.*}} [1, 3, 5, 7, 9, 11, 13, 15]
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "alderlake", features = "">} {
func.func @matmul(%x: memref<3x2x5xi16>, %w: memref<1x1x1x3x8x2xi8>, %y: memref<3x2x2xi32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "madd256", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<3x2x5xi16>, memref<1x1x1x3x8x2xi8>, memref<3x2x2xi32>) -> ()
  return
}
}

// -----

// Rows of 4 are short: a tile takes 3 of the 5, the last from 2 on. In groups each column of the kernel has steps of its own: 3 channels
// are one step from 0 on, and one from 1 on. Weights: 2 * 3 * 2 steps of 16 for a group; rows are 4 apart.
// CHECK-LABEL: func.func @groups(
// CHECK: %[[W:.*]] = memref.collapse_shape
// CHECK: scf.parallel (%[[G:.*]], %[[T:.*]]) = (%c0, %c0) to (%c2, %c2) step (%c1, %c1) {
// CHECK-NEXT: %[[FREE:.*]] = arith.muli %[[T]], %c3
// CHECK-NEXT: %[[AT:.*]] = arith.minsi %[[FREE]], %c2
// CHECK-NEXT: %[[SUMS:.*]]:12 = scf.for %[[KY:.*]] = %c0 to %c2 step %c1
// CHECK-NEXT: scf.for %[[KX:.*]] = %c0 to %c3 step %c1
// CHECK-NEXT: %[[ROWS:.*]] = arith.muli %[[KY]], %c6
// CHECK-NEXT: %[[COLUMNS:.*]] = arith.muli %[[KX]], %c2
// CHECK-NEXT: %[[INNER:.*]] = arith.addi %[[ROWS]], %[[COLUMNS]]
// CHECK-NEXT: %[[GROUP:.*]] = arith.muli %[[G]], %c12
// CHECK-NEXT: %[[STEP:.*]] = arith.addi %[[GROUP]], %[[INNER]]
// CHECK-NEXT: %[[PLACE:.*]] = arith.muli %[[STEP]], %c16
// CHECK-NEXT: vector.load %[[W]][%[[PLACE]]] : memref<384xi8>, vector<16xi8>
// CHECK: %[[C:.*]] = arith.muli %[[G]], %c3
// CHECK-NEXT: %[[DILATED:.*]] = arith.muli %[[KY]], %c4
// CHECK-NEXT: %[[ROW:.*]] = arith.addi %[[AT]], %[[DILATED]]
// CHECK-NEXT: vector.load %arg0[%c0, %[[ROW]], %[[KX]], %[[C]]] : memref<1x9x6x6xi16>, vector<2xi16>
// CHECK-COUNT-12: call_intrinsic
// CHECK: %[[C1:.*]] = arith.addi %[[C]], %c1
// CHECK-NEXT: vector.load %arg0[%c0, %[[ROW]], %[[KX]], %[[C1]]] : memref<1x9x6x6xi16>, vector<2xi16>
// CHECK-COUNT-12: call_intrinsic
// CHECK-NEXT: arith.addi
// CHECK-NEXT: scf.yield
// CHECK: %[[OUT:.*]] = arith.muli %[[G]], %c4
// CHECK: vector.store %{{.*}}, %arg2[%c0, %[[AT]], %c0, %[[OUT]]] : memref<1x5x4x8xi32>, vector<4xi32>
// CHECK: vector.store %{{.*}}, %arg2[%c0, %{{.*}}, %c3, %[[OUT]]] : memref<1x5x4x8xi32>, vector<4xi32>
// EMULATED-LABEL: func.func @groups(
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "alderlake", features = "">} {
func.func @groups(%x: memref<1x9x6x6xi16>, %w: memref<2x1x2x6x8x2xi8>, %y: memref<1x5x4x8xi32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64: 2, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 4, 1>, groups = 2 : i64, lowering = "madd256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x9x6x6xi16>, memref<2x1x2x6x8x2xi8>, memref<1x5x4x8xi32>) -> ()
  return
}
}

// -----

// 11 channels are a block of 8 and one of 3, whose weights lie 2 steps of 8 behind. Floats are one fused multiply-add per value (R20), also
// where emulated.
// CHECK-LABEL: func.func @blocks(
// CHECK-DAG: %[[ZERO:.*]] = arith.constant dense<0.000000e+00> : vector<8xf32>
// CHECK-DAG: %[[W:.*]] = memref.collapse_shape
// CHECK: %[[SUM:.*]] = scf.for %[[S:.*]] = %c0 to %c2 step %c1 iter_args(%[[A:.*]] = %[[ZERO]])
// CHECK-NEXT: %[[PLACE:.*]] = arith.muli %[[S]], %c8
// CHECK-NEXT: %[[WEIGHTS:.*]] = vector.load %[[W]][%[[PLACE]]] : memref<32xf32>, vector<8xf32>
// CHECK-NEXT: %[[VALUE:.*]] = memref.load %arg0[%c0, %[[S]]] : memref<1x2xf32>
// CHECK-NEXT: %[[ALL:.*]] = vector.broadcast %[[VALUE]] : f32 to vector<8xf32>
// CHECK-NEXT: %[[NEXT:.*]] = math.fma %[[ALL]], %[[WEIGHTS]], %[[A]] : vector<8xf32>
// CHECK-NEXT: scf.yield %[[NEXT]]
// CHECK: vector.store %[[SUM]], %arg2[%c0, %c0] : memref<1x11xf32>, vector<8xf32>
// CHECK-NEXT: %[[REST:.*]] = scf.for %[[S:.*]] = %c0 to %c2
// CHECK-NEXT: %[[STEP:.*]] = arith.addi %[[S]], %c2
// CHECK-NEXT: %[[PLACE:.*]] = arith.muli %[[STEP]], %c8
// CHECK-NEXT: vector.load %[[W]][%[[PLACE]]]
// CHECK: %[[R01:.*]] = vector.extract_strided_slice %[[REST]] {offsets = [0], sizes = [2], strides = [1]}
// CHECK-NEXT: vector.store %[[R01]], %arg2[%c0, %c8] : memref<1x11xf32>, vector<2xf32>
// CHECK-NEXT: %[[R2:.*]] = vector.extract_strided_slice %[[REST]] {offsets = [2], sizes = [1], strides = [1]}
// CHECK-NEXT: vector.store %[[R2]], %arg2[%c0, %c10] : memref<1x11xf32>, vector<1xf32>
// CHECK-NEXT: return
// EMULATED-LABEL: func.func @blocks(
// EMULATED-COUNT-2: math.fma
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "alderlake", features = "">} {
func.func @blocks(%x: memref<1x2xf32>, %w: memref<1x2x1x2x8x1xf32>, %y: memref<1x11xf32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "fma256", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: f32):
    fixed.yield %a : f32
  }) : (memref<1x2xf32>, memref<1x2x1x2x8x1xf32>, memref<1x11xf32>) -> ()
  return
}
}

// -----

// Kernels of 16 lanes, with channels for all of them.
// CHECK-LABEL: func.func @vnni512(
// CHECK: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"(%{{.*}}) : (vector<16xi32>, vector<64xi8>, vector<64xi8>) -> vector<16xi32>
// CHECK-NEXT: vector.store %{{.*}}, %arg2[%c0, %c0] : memref<1x16xi32>, vector<16xi32>
// CHECK-LABEL: func.func @madd512(
// CHECK: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx512.pmaddw.d.512"(%{{.*}}) : (vector<32xi16>, vector<32xi16>) -> vector<16xi32>
// CHECK-NEXT: arith.addi %{{.*}}, %[[P]] : vector<16xi32>
// CHECK-LABEL: func.func @fma512(
// CHECK: math.fma %{{.*}} : vector<16xf32>
// EMULATED-LABEL: func.func @vnni512(
// EMULATED: arith.muli %{{.*}} : vector<64xi32>
// EMULATED-LABEL: func.func @madd512(
// EMULATED: arith.muli %{{.*}} : vector<32xi32>
// EMULATED-LABEL: func.func @fma512(
// EMULATED: math.fma
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "">} {
func.func @vnni512(%x: memref<1x4xi8>, %w: memref<1x1x1x1x16x4xi8>, %y: memref<1x16xi32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "vnni512", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x4xi8>, memref<1x1x1x1x16x4xi8>, memref<1x16xi32>) -> ()
  return
}
func.func @madd512(%x: memref<1x2xi16>, %w: memref<1x1x1x1x16x2xi8>, %b: memref<16xi32>, %y: memref<1x16xi32>) {
  "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "madd512", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x2xi16>, memref<1x1x1x1x16x2xi8>, memref<16xi32>, memref<1x16xi32>) -> ()
  return
}
func.func @fma512(%x: memref<1x1xf32>, %w: memref<1x1x1x1x16x1xf32>, %y: memref<1x16xf32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "fma512", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: f32):
    fixed.yield %a : f32
  }) : (memref<1x1xf32>, memref<1x1x1x1x16x1xf32>, memref<1x16xf32>) -> ()
  return
}
}

// -----

// Results that end as bytes are packed four vectors at a time by instructions that saturate, so the clamp to 0..255 is left to them; what
// lies side by side is stored at once: here the four positions of a row with 8 channels each.
// CHECK-LABEL: func.func @packed(
// CHECK: %[[R:.*]] = fixed.requantize %{{.*}} {clamp = array<i64: -2147483648, 2147483647>
// CHECK: %[[Z:.*]] = arith.addi %[[R]], %{{.*}} : vector<8xi32>
// CHECK: %[[A:.*]] = llvm.call_intrinsic "llvm.x86.avx2.packssdw"(%[[Z]], %{{.*}}) : (vector<8xi32>, vector<8xi32>) -> vector<16xi16>
// CHECK: %[[B:.*]] = llvm.call_intrinsic "llvm.x86.avx2.packssdw"
// CHECK: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx2.packuswb"(%[[A]], %[[B]]) : (vector<16xi16>, vector<16xi16>) -> vector<32xi8>
// CHECK: %[[W:.*]] = vector.bitcast %[[P]] : vector<32xi8> to vector<8xi32>
// CHECK: %[[O:.*]] = vector.shuffle %[[W]], %[[W]] [0, 4, 1, 5, 2, 6, 3, 7]
// CHECK: %[[BYTES:.*]] = vector.bitcast %[[O]] : vector<8xi32> to vector<32xi8>
// CHECK-NEXT: vector.store %[[BYTES]], %{{.*}}[%c0, %c0] : memref<4x8xi8>, vector<32xi8>
// CHECK-NEXT: return
// Signed codes within a narrower range keep their clamp.
// CHECK-LABEL: func.func @narrower(
// CHECK: fixed.requantize %{{.*}} {clamp = array<i64: -100, 127>
// CHECK: packsswb
// EMULATED-LABEL: func.func @packed(
// EMULATED: fixed.requantize %{{.*}} {clamp = array<i64: -3, 252>
// EMULATED: arith.trunci
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "alderlake", features = "">} {
func.func @packed(%x: memref<1x4x4xi8>, %w: memref<1x1x1x1x8x4xi8>, %b: memref<8xi32>, %m: memref<8xi32>, %s: memref<8xi32>, %y: memref<1x4x8xi8>) {
  %zero = arith.constant 3 : i32
  "fixed.contract"(%x, %w, %b, %m, %s, %y) <{kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, groups = 1 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 2, 1>}> ({
  ^bb0(%a: i32, %factor: i32, %shift: i32):
    %0 = fixed.requantize %a, %factor, %shift {rounding = 2 : i32, clamp = array<i64: -3, 252>, largest = 1000, least_shift = 33 : i64} : (i32, i32, i32) -> i32
    %1 = arith.addi %0, %zero : i32
    %2 = arith.trunci %1 : i32 to i8
    fixed.yield %2 : i8
  }) : (memref<1x4x4xi8>, memref<1x1x1x1x8x4xi8>, memref<8xi32>, memref<8xi32>, memref<8xi32>, memref<1x4x8xi8>) -> ()
  return
}
func.func @narrower(%x: memref<1x4x4xi8>, %w: memref<1x1x1x1x8x4xi8>, %b: memref<8xi32>, %m: memref<8xi32>, %s: memref<8xi32>, %y: memref<1x4x8xi8>) {
  "fixed.contract"(%x, %w, %b, %m, %s, %y) <{kernel = array<i64: 1>, strides = array<i64: 1>, dilations = array<i64: 1>, groups = 1 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 2, 1>}> ({
  ^bb0(%a: i32, %factor: i32, %shift: i32):
    %0 = fixed.requantize %a, %factor, %shift {rounding = 2 : i32, clamp = array<i64: -100, 127>, largest = 1000, least_shift = 33 : i64} : (i32, i32, i32) -> i32
    %1 = arith.trunci %0 : i32 to i8
    fixed.yield %1 : i8
  }) : (memref<1x4x4xi8>, memref<1x1x1x1x8x4xi8>, memref<8xi32>, memref<8xi32>, memref<8xi32>, memref<1x4x8xi8>) -> ()
  return
}
}

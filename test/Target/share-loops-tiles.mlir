// Layers on tile registers: threads share loops over whole tiles, never those over the positions of one, each of which needs all its sums.
// RUN: quantization-opt %s --expand-contract --share-loops="least-work=100" --canonicalize --cse --split-input-file | FileCheck %s
// RUN: sed "s/threads = 2/threads = 2, emulated = true/" %s | quantization-opt --expand-contract --share-loops="least-work=100" --canonicalize --cse --split-input-file | FileCheck %s --check-prefix=EMULATED

// 3 blocks of channels, whose 6 positions would spread more evenly.
// CHECK-LABEL: func.func private @fc(
// CHECK-SAME: %[[SHARE:[a-z0-9]+]]: index) attributes {fixed.shares = 2 : i64} {
// CHECK: %[[A:.*]] = arith.muli %[[SHARE]], %c3 : index
// CHECK-NEXT: %[[FROM:.*]] = arith.divui %[[A]], %c2
// CHECK: %[[TO:.*]] = arith.divui %{{.*}}, %c2
// CHECK: memref.alloca()
// CHECK: scf.parallel (%{{.*}}) = (%[[FROM]]) to (%[[TO]]) step (%c1) {
// CHECK: amx.tile_muli
// CHECK: amx.tile_store
// CHECK: scf.for %{{.*}} = %c0 to %c6 step %c2 {
// CHECK-NOT: scf.parallel
// EMULATED-LABEL: func.func private @fc(
// EMULATED: %[[FROM:.*]] = arith.divui
// EMULATED: %[[TO:.*]] = arith.divui
// EMULATED: scf.parallel (%{{.*}}) = (%[[FROM]]) to (%[[TO]]) step (%c1) {
// EMULATED: scf.for %{{.*}} = %c0 to %c6 step %c1 {
// EMULATED-NOT: scf.parallel
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "", threads = 2>} {
func.func private @fc(%x: memref<6x64xi8>, %w: memref<1x3x1x16x32x4xi8>, %m: memref<96xi32>, %s: memref<96xi32>, %y: memref<6x96xi8>) {
  "fixed.contract"(%x, %w, %m, %s, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "amx", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 2, 1>}> ({
  ^bb0(%a: i32, %factor: i32, %shift: i32):
    %0 = fixed.requantize %a, %factor, %shift {rounding = 2 : i32, clamp = array<i64: 0, 255>, largest = 1000, least_shift = 33 : i64} : (i32, i32, i32) -> i32
    %1 = arith.trunci %0 : i32 to i8
    fixed.yield %1 : i8
  }) : (memref<6x64xi8>, memref<1x3x1x16x32x4xi8>, memref<96xi32>, memref<96xi32>, memref<6x96xi8>) -> ()
  return
}
}

// -----

// Rows are 2 parts of 20 columns, and there are 3: parts spread evenly. The last 8 of 40 channels are a nest of their own.
// CHECK-LABEL: func.func private @conv(
// CHECK: arith.muli %{{.*}}, %c2 : index
// CHECK: scf.parallel (%{{.*}}, %{{.*}}) = (%c0, %{{.*}}) to (%c3, %{{.*}}) step (%c1, %c1) {
// CHECK-COUNT-4: amx.tile_muli
// CHECK: scf.for %{{.*}} = %c0 to %c10 step %c1 {
// CHECK: scf.for %{{.*}} = %c0 to %c10 step %c1 {
// CHECK: scf.parallel (%{{.*}}, %{{.*}}) = (%c0, %{{.*}}) to (%c3, %{{.*}}) step (%c1, %c1) {
// CHECK-COUNT-2: amx.tile_muli
// CHECK-NOT: scf.parallel
// EMULATED-LABEL: func.func private @conv(
// EMULATED: scf.parallel (%{{.*}}, %{{.*}}) = (%c0, %{{.*}}) to (%c3, %{{.*}}) step (%c1, %c1) {
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "", threads = 2>} {
func.func private @conv(%x: memref<1x3x42x40xi8>, %w: memref<1x2x1x30x32x4xi8>, %y: memref<1x3x40x40xi32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "amx", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x3x42x40xi8>, memref<1x2x1x30x32x4xi8>, memref<1x3x40x40xi32>) -> ()
  return
}
}

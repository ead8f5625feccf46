// With `profile`, calls say which layers they compute, with what, and how many multiplications and bytes that takes.
// RUN: quantization-opt %s --outline-layers=profile | FileCheck %s

// CHECK-LABEL: func.func @network

// A kernel: 2 x 2 results of 8 channels, from 3 x 3 values of 3 (not the 4 of the filled step), 3 channels each. Its weights and its bias
// are constants; 4 x 5 positions of 3 values of 2 bytes are read.
// CHECK: call @layer0({{.*}}) {fixed.step = #fixed.step<layers = ["conv1", "relu1"], kernel = "madd256", macs = 864, read = 120, written = 32, weights = 320, multiplications = 864>}

// A product with computed weights, in a loop by rows that keeps its accumulator in the arena: 4 rows of 8 sums of 8 products. Buffers
// count once, however often they are read.
// CHECK: call @layer1({{.*}}) {fixed.step = #fixed.step<layers = ["matmul"], kernel = "loops", macs = 256, read = 128, written = 64, weights = 0, multiplications = 256>}

// A sum of squares has no product of two buffers.
// CHECK: call @layer2({{.*}}) {fixed.step = #fixed.step<layers = ["norm"], kernel = "loops", macs = 0, read = 36, written = 4, weights = 0>}

// A part of a buffer has its own size, and values that only move are a copy, as loops or as one.
// CHECK: call @layer3({{.*}}) {fixed.step = #fixed.step<layers = ["concat"], kernel = "copy", macs = 0, read = 16, written = 16, weights = 0>}
// CHECK: call @layer4({{.*}}) {fixed.step = #fixed.step<layers = ["identity"], kernel = "copy", macs = 0, read = 32, written = 32, weights = 0>}
// CHECK-NOT: memref.copy
#same = affine_map<(i, j) -> (i, j)>
#out = affine_map<(i, j, k) -> (i, j)>
#left = affine_map<(i, j, k) -> (i, k)>
#right = affine_map<(i, j, k) -> (k, j)>
#row = affine_map<(i, j) -> (i)>
memref.global "private" constant @w : memref<1x1x3x6x8x2xi8> = dense<1>
memref.global "private" constant @b : memref<8xi32> = dense<1>
func.func @network(%in: memref<1x4x5x3xi16>, %out: memref<1x2x2x8xi8>, %part: memref<8x4xi8>, %arena: memref<1024xi8>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %4 = arith.constant 4 : index
  %a0 = memref.view %arena[%0][] : memref<1024xi8> to memref<4x8xi8>
  %64 = arith.constant 64 : index
  %a1 = memref.view %arena[%64][] : memref<1024xi8> to memref<8x8xi8>
  %128 = arith.constant 128 : index
  %a2 = memref.view %arena[%128][] : memref<1024xi8> to memref<1x8xi32>
  %192 = arith.constant 192 : index
  %a3 = memref.view %arena[%192][] : memref<1024xi8> to memref<4x8xi8>
  %256 = arith.constant 256 : index
  %a4 = memref.view %arena[%256][] : memref<1024xi8> to memref<4xi8>
  %320 = arith.constant 320 : index
  %a5 = memref.view %arena[%320][] : memref<1024xi8> to memref<4x4xi8>
  %w = memref.get_global @w : memref<1x1x3x6x8x2xi8>
  %b = memref.get_global @b : memref<8xi32>
  "fixed.contract"(%in, %w, %b, %out) <{columns = 3, dilations = array<i64: 1, 1>, groups = 1, kernel = array<i64: 3, 4>, layer = "conv1", lowering = "madd256", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>, strides = array<i64: 1, 1>}> ({
  ^bb0(%a: i32):
    %zero = arith.constant 0 : i32 loc("pool7")
    %positive = arith.maxsi %a, %zero : i32 loc("relu1")
    %code = arith.trunci %positive : i32 to i8 loc("relu1")
    fixed.yield %code : i8
  }) : (memref<1x4x5x3xi16>, memref<1x1x3x6x8x2xi8>, memref<8xi32>, memref<1x2x2x8xi8>) -> () loc("conv1")
  scf.for %i = %0 to %4 step %1 {
    %x = memref.subview %a0[%i, 0] [1, 8] [1, 1] : memref<4x8xi8> to memref<1x8xi8, strided<[8, 1], offset: ?>>
    linalg.generic {indexing_maps = [#left, #right, #out], iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%x, %a1 : memref<1x8xi8, strided<[8, 1], offset: ?>>, memref<8x8xi8>) outs(%a2 : memref<1x8xi32>) {
    ^bb0(%l: i8, %r: i8, %s: i32):
      %lw = arith.extsi %l : i8 to i32 loc("matmul")
      %rw = arith.extsi %r : i8 to i32 loc("matmul")
      %product = arith.muli %lw, %rw : i32 loc("matmul")
      %sum = arith.addi %s, %product : i32 loc("matmul")
      linalg.yield %sum : i32
    } loc("matmul")
    %y = memref.subview %a3[%i, 0] [1, 8] [1, 1] : memref<4x8xi8> to memref<1x8xi8, strided<[8, 1], offset: ?>>
    linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel"]}
        ins(%a2 : memref<1x8xi32>) outs(%y : memref<1x8xi8, strided<[8, 1], offset: ?>>) {
    ^bb0(%s: i32, %old: i8):
      %code = arith.trunci %s : i32 to i8 loc("matmul")
      linalg.yield %code : i8
    } loc("matmul")
  } loc("matmul")
  linalg.generic {indexing_maps = [#same, #row], iterator_types = ["parallel", "reduction"]} ins(%a3 : memref<4x8xi8>) outs(%a4 : memref<4xi8>) {
  ^bb0(%x: i8, %s: i8):
    %square = arith.muli %x, %x : i8 loc("norm")
    %sum = arith.addi %s, %square : i8 loc("norm")
    linalg.yield %sum : i8
  } loc("norm")
  %lower = memref.subview %part[4, 0] [4, 4] [1, 1] : memref<8x4xi8> to memref<4x4xi8, strided<[4, 1], offset: 16>>
  linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel"]}
      ins(%a5 : memref<4x4xi8>) outs(%lower : memref<4x4xi8, strided<[4, 1], offset: 16>>) {
  ^bb0(%x: i8, %old: i8):
    linalg.yield %x : i8
  } loc("concat")
  memref.copy %a0, %a3 : memref<4x8xi8> to memref<4x8xi8> loc("identity")
  return
}

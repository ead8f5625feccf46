// Steps whose weights are instructions count additions and multiplications by factors in place of products: 2 x 3 positions of two outputs of
// four channels. Five weights are not zero; factors change after two channels, so there are two for each result; and each is rescaled.
// RUN: quantization-opt %s --outline-layers=profile | FileCheck %s

// CHECK: call @layer0({{.*}}) {fixed.step = #fixed.step<layers = ["conv"], kernel = "adds256", macs = 48, read = 24, written = 12, weights = 32, additions = 30, multiplications = 24, rescales = 12>}
// The same by multiplications.
// CHECK: call @layer1({{.*}}) {fixed.step = #fixed.step<layers = ["conv"], kernel = "maddub256", macs = 48, read = 24, written = 12, weights = 32, multiplications = 48, rescales = 12>}
// What expand-contract will refuse is described all the same.
// CHECK: call @layer2({{.*}}) {fixed.step = #fixed.step<layers = ["fc"], kernel = "adds256", macs = 32, read = 4, written = 32, weights = 32>}
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = "">} {
  // [channel][output], the first two of eight.
  memref.global "private" constant @w : memref<1x1x1x4x8x1xi8> = dense<[[[[[[3], [5], [0], [0], [0], [0], [0], [0]], [[-3], [0], [0], [0], [0], [0], [0], [0]],
                                                                          [[2], [0], [0], [0], [0], [0], [0], [0]], [[0], [-4], [0], [0], [0], [0], [0], [0]]]]]]>
  memref.global "private" constant @v : memref<1x1x1x4x8x1xi8> = dense<1>
  func.func @network(%in: memref<1x2x3x4xi8>, %out: memref<1x2x3x2xi8>, %other: memref<1x2x3x2xi8>, %row: memref<1x4xi8>, %sums: memref<1x8xi32>) {
    %w = memref.get_global @w : memref<1x1x1x4x8x1xi8>
    %multiplier = arith.constant 5 : i32
    %shift = arith.constant 40 : i32
    "fixed.contract"(%in, %w, %out) <{dilations = array<i64: 1, 1>, groups = 1, kernel = array<i64: 1, 1>, layer = "conv", lowering = "adds256", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>, strides = array<i64: 1, 1>}> ({
    ^bb0(%sum: i32):
      %code = fixed.requantize %sum, %multiplier, %shift {clamp = array<i64: 0, 255>, largest = 412 : i64, least_shift = 38 : i64, rounding = 2 : i32} : (i32, i32, i32) -> i32
      %byte = arith.trunci %code : i32 to i8
      fixed.yield %byte : i8
    }) : (memref<1x2x3x4xi8>, memref<1x1x1x4x8x1xi8>, memref<1x2x3x2xi8>) -> ()
    "fixed.contract"(%in, %w, %other) <{dilations = array<i64: 1, 1>, groups = 1, kernel = array<i64: 1, 1>, layer = "conv", lowering = "maddub256", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>, strides = array<i64: 1, 1>}> ({
    ^bb0(%sum: i32):
      %code = fixed.requantize %sum, %multiplier, %shift {clamp = array<i64: 0, 255>, largest = 412 : i64, least_shift = 38 : i64, rounding = 2 : i32} : (i32, i32, i32) -> i32
      %byte = arith.trunci %code : i32 to i8
      fixed.yield %byte : i8
    }) : (memref<1x2x3x4xi8>, memref<1x1x1x4x8x1xi8>, memref<1x2x3x2xi8>) -> ()
    %v = memref.get_global @v : memref<1x1x1x4x8x1xi8>
    "fixed.contract"(%row, %v, %sums) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "adds256", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
    ^bb0(%sum: i32):
      fixed.yield %sum : i32
    }) : (memref<1x4xi8>, memref<1x1x1x4x8x1xi8>, memref<1x8xi32>) -> ()
    return
  }
}

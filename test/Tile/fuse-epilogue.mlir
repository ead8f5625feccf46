// RUN: quantization-opt %s --fuse-epilogue --mlir-print-local-scope | FileCheck %s

#same = affine_map<(n, h, w, c) -> (n, h, w, c)>
#channel = affine_map<(n, h, w, c) -> (c)>

// Two groups of 3 output channels, in blocks of 8 lanes. Constants per channel are placed as the lanes are: 5 of each 8 are nobody's. The
// residual sum behind the rescale moves too, and reads the other operand at its place; scalars from outside stay there. What is stored is
// the last loop's result.
// CHECK-LABEL: func.func @layer
// CHECK-SAME: %[[X:.*]]: tensor<1x2x4x8xi8>, %[[W:.*]]: tensor<2x1x1x1x8x4xi8>, %[[O:.*]]: tensor<1x2x4x6xi8>)
// CHECK-DAG: %[[SHIFT:.*]] = arith.constant 3 : i32
// CHECK-DAG: %[[M:.*]] = arith.constant dense<[1, 2, 3, 0, 0, 0, 0, 0, 4, 5, 6, 0, 0, 0, 0, 0]> : tensor<16xi32>
// CHECK-DAG: %[[E:.*]] = tensor.empty() : tensor<1x2x4x6xi8>
// CHECK: %[[Y:.*]] = "fixed.contract"(%[[X]], %[[W]], %[[M]], %[[O]], %{{.*}}) <{dilations = array<i64: 1, 1>, groups = 2 : i64, kernel = array<i64: 1, 1>, layer = "conv", lowering = "vnni256", operandSegmentSizes = array<i32: 1, 1, 0, 2, 1>, strides = array<i64: 1, 1>}> ({
// CHECK-NEXT: ^bb0(%[[A:.*]]: i32, %[[AM:.*]]: i32, %[[AO:.*]]: i8):
// CHECK-NEXT: %[[R:.*]] = fixed.requantize %[[A]], %[[AM]], %[[SHIFT]] {{.*}} : (i32, i32, i32) -> i32
// CHECK-NEXT: %[[Q:.*]] = arith.trunci %[[R]] : i32 to i8
// CHECK-NEXT: %[[S:.*]] = arith.addi %[[AO]], %[[Q]] : i8
// CHECK-NEXT: fixed.yield %[[S]] : i8
// CHECK-NEXT: }) : (tensor<1x2x4x8xi8>, tensor<2x1x1x1x8x4xi8>, tensor<16xi32>, tensor<1x2x4x6xi8>, tensor<1x2x4x6xi8>) -> tensor<1x2x4x6xi8>
// CHECK-NOT: linalg.generic
// CHECK: return %[[Y]]
func.func @layer(%x: tensor<1x2x4x8xi8>, %w: tensor<2x1x1x1x8x4xi8>, %other: tensor<1x2x4x6xi8>) -> tensor<1x2x4x6xi8> {
  %m = arith.constant dense<[1, 2, 3, 4, 5, 6]> : tensor<6xi32>
  %s = arith.constant 3 : i32
  %e = tensor.empty() : tensor<1x2x4x6xi32>
  %acc = "fixed.contract"(%x, %w, %e) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x2x4x8xi8>, tensor<2x1x1x1x8x4xi8>, tensor<1x2x4x6xi32>) -> tensor<1x2x4x6xi32>
  %q = tensor.empty() : tensor<1x2x4x6xi8>
  %codes = linalg.generic {indexing_maps = [#same, #channel, #same], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc, %m : tensor<1x2x4x6xi32>, tensor<6xi32>) outs(%q : tensor<1x2x4x6xi8>) {
  ^bb0(%in: i32, %multiplier: i32, %out: i8):
    %0 = fixed.requantize %in, %multiplier, %s {rounding = 0 : i32, clamp = array<i64: -100, 100>, largest = 1000} : (i32, i32, i32) -> i32
    %1 = arith.trunci %0 : i32 to i8
    linalg.yield %1 : i8
  } -> tensor<1x2x4x6xi8>
  %sum = linalg.generic {indexing_maps = [#same, #same, #same], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%other, %codes : tensor<1x2x4x6xi8>, tensor<1x2x4x6xi8>) outs(%q : tensor<1x2x4x6xi8>) {
  ^bb0(%in: i8, %code: i8, %out: i8):
    %0 = arith.addi %in, %code : i8
    linalg.yield %0 : i8
  } -> tensor<1x2x4x6xi8>
  return %sum : tensor<1x2x4x6xi8>
}

// A result of another width, a constant that is the same in all channels, and an operand computed between the two.
// CHECK-LABEL: func.func @splat
// CHECK-DAG: %[[F:.*]] = arith.constant dense<[5.000000e-01, 5.000000e-01, 5.000000e-01, 0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00, 5.000000e-01, 5.000000e-01, 5.000000e-01, 0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00]> : tensor<16xf32>
// CHECK-DAG: %[[LATE:.*]] = tensor.collapse_shape %arg2
// CHECK: "fixed.contract"(%arg0, %arg1, %[[F]], %{{.*}}, %{{.*}})
// CHECK-NEXT: ^bb0(%[[A:.*]]: i32, %[[AF:.*]]: f32, %[[AL:.*]]: f32):
// CHECK-NEXT: %[[R:.*]] = arith.sitofp %[[A]] : i32 to f32
// CHECK-NEXT: %[[P:.*]] = arith.mulf %[[R]], %[[AF]] : f32
// CHECK-NEXT: %[[S:.*]] = arith.addf %[[P]], %[[AL]] : f32
// CHECK-NEXT: fixed.yield %[[S]] : f32
func.func @splat(%x: tensor<1x2x4x8xi8>, %w: tensor<2x1x1x1x8x4xi8>, %late: tensor<1x2x4x3x2xf32>) -> tensor<1x2x4x6xf32> {
  %f = arith.constant dense<0.5> : tensor<6xf32>
  %e = tensor.empty() : tensor<1x2x4x6xi32>
  %acc = "fixed.contract"(%x, %w, %e) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x2x4x8xi8>, tensor<2x1x1x1x8x4xi8>, tensor<1x2x4x6xi32>) -> tensor<1x2x4x6xi32>
  %other = tensor.collapse_shape %late [[0], [1], [2], [3, 4]] : tensor<1x2x4x3x2xf32> into tensor<1x2x4x6xf32>
  %q = tensor.empty() : tensor<1x2x4x6xf32>
  %y = linalg.generic {indexing_maps = [#same, #channel, #same, #same], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc, %f, %other : tensor<1x2x4x6xi32>, tensor<6xf32>, tensor<1x2x4x6xf32>) outs(%q : tensor<1x2x4x6xf32>) {
  ^bb0(%in: i32, %factor: f32, %o: f32, %out: f32):
    %0 = arith.sitofp %in : i32 to f32
    %1 = arith.mulf %0, %factor : f32
    %2 = arith.addf %1, %o : f32
    linalg.yield %2 : f32
  } -> tensor<1x2x4x6xf32>
  return %y : tensor<1x2x4x6xf32>
}

// Every op and attribute of fixed is printed as it was written, and read back.
// RUN: quantization-opt %s | quantization-opt | FileCheck %s
// RUN: quantization-opt %s --mlir-print-op-generic | quantization-opt | FileCheck %s
// RUN: quantization-opt %s --verify-roundtrip -o %t.mlir

!u8 = !quant.uniform<u8:f32, 5.000000e-01:10>
#nhwc = #fixed.layout<[0, 2, 3, 1]>

// CHECK-LABEL: func.func @rescale
// CHECK-NEXT: fixed.rescale %arg0 {axis = 0 : i64, bound = 1000 : i64, clamp = array<i64: 10, 255>, layer = "real", rounding = 0 : i32, scales = array<f64: 2.500000e-01>} : (tensor<1x2x1x1xi32>) -> tensor<1x2x1x1x!quant.uniform<u8:f32, 5.000000e-01:10>>
// CHECK-NEXT: fixed.rescale %arg0 {axis = 1 : i64, bound = 1000 : i64, clamp = array<i64: 0, 255>, layer = "integer", multipliers = array<i32: 1073741824, 1610612736>, rounding = 2 : i32, shifts = array<i32: 32, 33>} : (tensor<1x2x1x1xi32>) -> tensor<1x2x1x1x!quant.uniform<u8:f32, 5.000000e-01:10>>
// CHECK-NEXT: fixed.rescale %arg1 {{.*}} : (tensor<2xi64>) -> tensor<2x!quant.uniform<u8:f32, 5.000000e-01:10>>
// CHECK-NEXT: fixed.rescale %arg2 {{.*}} : (tensor<2x!quant.uniform<u8:f32, 5.000000e-01:10>>) -> tensor<2xi32>
func.func @rescale(%x: tensor<1x2x1x1xi32>, %wide: tensor<2xi64>, %q: tensor<2x!u8>) {
  %0 = fixed.rescale %x {scales = array<f64: 0.25>, axis = 0, clamp = array<i64: 10, 255>, bound = 1000, rounding = 0 : i32, layer = "real"} : (tensor<1x2x1x1xi32>) -> tensor<1x2x1x1x!u8>
  %1 = fixed.rescale %x {multipliers = array<i32: 1073741824, 1610612736>, shifts = array<i32: 32, 33>, axis = 1, clamp = array<i64: 0, 255>, bound = 1000, rounding = 2 : i32, layer = "integer"} : (tensor<1x2x1x1xi32>) -> tensor<1x2x1x1x!u8>
  %2 = fixed.rescale %wide {scales = array<f64: 0.25>, axis = 0, clamp = array<i64: 0, 255>, bound = 1000, rounding = 0 : i32, layer = "wide"} : (tensor<2xi64>) -> tensor<2x!u8>
  %3 = fixed.rescale %q {multipliers = array<i32: 3>, shifts = array<i32: 0>, axis = 0, clamp = array<i64: -2147483648, 2147483647>, bound = 245, rounding = 0 : i32, layer = "finer"} : (tensor<2x!u8>) -> tensor<2xi32>
  return
}

// CHECK-LABEL: func.func @lookup
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<1x2x!quant.uniform<u8<0:3>:f32, 1.000000e+00>>
// CHECK-NEXT: fixed.lookup %[[X]], %{{.*}} {axis = -1 : i64, layer = "one"} : (tensor<1x2x!quant.uniform<u8<0:3>:f32, 1.000000e+00>>, tensor<256x!quant.uniform<u8:f32, 5.000000e-01:10>>) -> tensor<1x2x!quant.uniform<u8:f32, 5.000000e-01:10>>
// CHECK-NEXT: fixed.lookup %[[X]], %{{.*}} {axis = 1 : i64, layer = "each"}
func.func @lookup(%x: tensor<1x2x!quant.uniform<u8<0:3>:f32, 1.0>>, %one: tensor<256x!u8>, %each: tensor<2x256x!u8>) {
  %0 = fixed.lookup %x, %one {axis = -1, layer = "one"} : (tensor<1x2x!quant.uniform<u8<0:3>:f32, 1.0>>, tensor<256x!u8>) -> tensor<1x2x!u8>
  %1 = fixed.lookup %x, %each {axis = 1, layer = "each"} : (tensor<1x2x!quant.uniform<u8<0:3>:f32, 1.0>>, tensor<2x256x!u8>) -> tensor<1x2x!u8>
  return
}

// CHECK-LABEL: func.func @relayout
// CHECK-NEXT: fixed.relayout %arg0 {layer = "x"} : (tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32, #fixed.layout<[0, 2, 3, 1]>>
func.func @relayout(%x: tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32, #nhwc> {
  %0 = fixed.relayout %x {layer = "x"} : (tensor<1x2x3x4xf32>) -> tensor<1x2x3x4xf32, #nhwc>
  return %0 : tensor<1x2x3x4xf32, #nhwc>
}

// CHECK-LABEL: func.func @requantize
// CHECK-NEXT: fixed.requantize %arg0, %arg2, %arg2 {clamp = array<i64: -128, 127>, largest = 1000 : i64, rounding = 1 : i32} : (i32, i32, i32) -> i32
// CHECK-NEXT: fixed.requantize %arg1, %arg2, %arg2 {clamp = array<i64: -2147483648, 2147483647>, largest = 8589934592 : i64, rounding = 0 : i32} : (i64, i32, i32) -> i32
// CHECK-NEXT: fixed.requantize %arg3, %arg3, %arg3 {{.*}} : (vector<8xi32>, vector<8xi32>, vector<8xi32>) -> vector<8xi32>
func.func @requantize(%x: i32, %wide: i64, %m: i32, %v: vector<8xi32>) {
  %0 = fixed.requantize %x, %m, %m {rounding = 1 : i32, clamp = array<i64: -128, 127>, largest = 1000} : (i32, i32, i32) -> i32
  %1 = fixed.requantize %wide, %m, %m {rounding = 0 : i32, clamp = array<i64: -2147483648, 2147483647>, largest = 8589934592} : (i64, i32, i32) -> i32
  %2 = fixed.requantize %v, %v, %v {rounding = 2 : i32, clamp = array<i64: 0, 255>, largest = 1000} : (vector<8xi32>, vector<8xi32>, vector<8xi32>) -> vector<8xi32>
  return
}

// Two groups of 3 output channels in blocks of 8, 3 columns of 2 channels: one column per step of 2. A vector per channel has 16 places.
// CHECK-LABEL: func.func @conv
// CHECK-NEXT: "fixed.contract"(%arg0, %arg1, %arg2, %arg3, %arg4, %arg5) <{dilations = array<i64: 1, 1>, groups = 2 : i64, kernel = array<i64: 1, 3>, layer = "conv", lowering = "madd256", operandSegmentSizes = array<i32: 1, 1, 1, 2, 1>, strides = array<i64: 1, 2>}> ({
// CHECK-NEXT: ^bb0(%[[A:.*]]: i32, %[[C:.*]]: i32, %[[O:.*]]: i8):
// CHECK-NEXT: %[[S:.*]] = arith.addi %[[A]], %[[C]] : i32
// CHECK-NEXT: %[[T:.*]] = arith.trunci %[[S]] : i32 to i8
// CHECK-NEXT: %[[Y:.*]] = arith.addi %[[T]], %[[O]] : i8
// CHECK-NEXT: fixed.yield %[[Y]] : i8
// CHECK-NEXT: }) : (tensor<1x4x7x4xi16>, tensor<2x1x1x3x8x2xi8>, tensor<16xi32>, tensor<16xi32>, tensor<1x4x3x6xi8>, tensor<1x4x3x6xi8>) -> tensor<1x4x3x6xi8>
func.func @conv(%x: tensor<1x4x7x4xi16>, %w: tensor<2x1x1x3x8x2xi8>, %b: tensor<16xi32>, %c: tensor<16xi32>, %o: tensor<1x4x3x6xi8>, %y: tensor<1x4x3x6xi8>) -> tensor<1x4x3x6xi8> {
  %0 = "fixed.contract"(%x, %w, %b, %c, %o, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 2>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "madd256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 2, 1>}> ({
  ^bb0(%a: i32, %channel: i32, %other: i8):
    %1 = arith.addi %a, %channel : i32
    %2 = arith.trunci %1 : i32 to i8
    %3 = arith.addi %2, %other : i8
    fixed.yield %3 : i8
  }) : (tensor<1x4x7x4xi16>, tensor<2x1x1x3x8x2xi8>, tensor<16xi32>, tensor<16xi32>, tensor<1x4x3x6xi8>, tensor<1x4x3x6xi8>) -> tensor<1x4x3x6xi8>
  return %0 : tensor<1x4x3x6xi8>
}

// Of rank 3, without a bias, on buffers: no result.
// CHECK-LABEL: func.func @matmul
// CHECK-NEXT: "fixed.contract"(%arg0, %arg1, %arg2) <{dilations = array<i64>, groups = 1 : i64, kernel = array<i64>, layer = "fc", lowering = "fma256", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>, strides = array<i64>}> ({
// CHECK: }) : (memref<2x5x4xf32>, memref<1x1x1x4x8x1xf32>, memref<2x5x3xf32>) -> ()
func.func @matmul(%x: memref<2x5x4xf32>, %w: memref<1x1x1x4x8x1xf32>, %y: memref<2x5x3xf32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "fma256", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: f32):
    fixed.yield %a : f32
  }) : (memref<2x5x4xf32>, memref<1x1x1x4x8x1xf32>, memref<2x5x3xf32>) -> ()
  return
}

// What is not emulated is not said.
// CHECK: module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "+avx2,-fma", emulated = true>}
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "+avx2,-fma", emulated = true>} {
}
// CHECK: module attributes {fixed.target = #fixed.target<triple = "aarch64-unknown-linux-gnu", cpu = "", features = "">}
module attributes {fixed.target = #fixed.target<triple = "aarch64-unknown-linux-gnu", cpu = "", features = "", emulated = false>} {
}

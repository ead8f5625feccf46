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

// Nothing is wrong with rescales that do change something; they stay as they are.
// RUN: quantization-opt %s --fold-scales --verify-diagnostics -o %t.mlir && FileCheck %s < %t.mlir

!a = !quant.uniform<u8:f32, 0.5:10>
!b = !quant.uniform<u8:f32, 0.5:20>

// CHECK-LABEL: func.func @changes
// CHECK-NEXT: fixed.rescale %arg0 {{{.*}}scales = array<f64: 2.000000e+00>}
// CHECK-NEXT: fixed.rescale %arg0 {{{.*}}clamp = array<i64: 10, 255>, {{.*}}scales = array<f64: 1.000000e+00>}
// CHECK-NEXT: fixed.rescale %arg0 {{{.*}}clamp = array<i64: 0, 254>, {{.*}}scales = array<f64: 1.000000e+00>}
// CHECK-NEXT: fixed.rescale %arg0 {{.*}} -> tensor<1x2x!quant.uniform<u8:f32, 5.000000e-01:20>>
// CHECK-NEXT: fixed.rescale %arg0 {axis = 1 : i64, {{.*}}scales = array<f64: 1.000000e+00, 2.000000e+00>}
// CHECK-NEXT: fixed.rescale %arg0 {{{.*}}multipliers = array<i32: 1073741824, 1073741824>, {{.*}}shifts = array<i32: 30, 30>}
func.func @changes(%x: tensor<1x2x!a>) -> (tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!b>, tensor<1x2x!a>, tensor<1x2x!a>) {
  %0 = fixed.rescale %x {scales = array<f64: 2.0>, axis = 0, clamp = array<i64: 0, 255>, bound = 245, rounding = 0 : i32, layer = "factor"} : (tensor<1x2x!a>) -> tensor<1x2x!a>
  %1 = fixed.rescale %x {scales = array<f64: 1.0>, axis = 0, clamp = array<i64: 10, 255>, bound = 245, rounding = 0 : i32, layer = "relu"} : (tensor<1x2x!a>) -> tensor<1x2x!a>
  %2 = fixed.rescale %x {scales = array<f64: 1.0>, axis = 0, clamp = array<i64: 0, 254>, bound = 245, rounding = 0 : i32, layer = "clip"} : (tensor<1x2x!a>) -> tensor<1x2x!a>
  %3 = fixed.rescale %x {scales = array<f64: 1.0>, axis = 0, clamp = array<i64: 0, 255>, bound = 245, rounding = 0 : i32, layer = "zero"} : (tensor<1x2x!a>) -> tensor<1x2x!b>
  %4 = fixed.rescale %x {scales = array<f64: 1.0, 2.0>, axis = 1, clamp = array<i64: 0, 255>, bound = 245, rounding = 0 : i32, layer = "channels"} : (tensor<1x2x!a>) -> tensor<1x2x!a>
  %5 = fixed.rescale %x {multipliers = array<i32: 1073741824, 1073741824>, shifts = array<i32: 30, 30>, axis = 1, clamp = array<i64: 0, 255>, bound = 245, rounding = 0 : i32, layer = "integer"} : (tensor<1x2x!a>) -> tensor<1x2x!a>
  return %0, %1, %2, %3, %4, %5 : tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!b>, tensor<1x2x!a>, tensor<1x2x!a>
}

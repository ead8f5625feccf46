// RUN: quantization-opt %s --fold-scales | FileCheck %s

!a = !quant.uniform<u8:f32, 0.5:10>

// CHECK-LABEL: func.func @nothing_changes
// CHECK-NEXT: return %arg0, %arg1
func.func @nothing_changes(%x: tensor<1x2x!a>, %y: tensor<1x2x!a>) -> (tensor<1x2x!a>, tensor<1x2x!a>) {
  %0 = fixed.rescale %x {scales = array<f64: 1.0>, axis = 0, clamp = array<i64: 0, 255>, bound = 245, rounding = 0 : i32, layer = "x"} : (tensor<1x2x!a>) -> tensor<1x2x!a>
  %1 = fixed.rescale %y {scales = array<f64: 1.0, 1.0>, axis = 1, clamp = array<i64: 0, 255>, bound = 245, rounding = 0 : i32, layer = "y"} : (tensor<1x2x!a>) -> tensor<1x2x!a>
  return %0, %1 : tensor<1x2x!a>, tensor<1x2x!a>
}

// CHECK-LABEL: func.func @one_factor
// CHECK-NEXT: fixed.rescale %arg0 {axis = 0 : i64, {{.*}}scales = array<f64: 5.000000e-01>}
func.func @one_factor(%x: tensor<1x2xi32>) -> tensor<1x2x!a> {
  %0 = fixed.rescale %x {scales = array<f64: 0.5, 0.5>, axis = 1, clamp = array<i64: 0, 255>, bound = 1000, rounding = 0 : i32, layer = "x"} : (tensor<1x2xi32>) -> tensor<1x2x!a>
  return %0 : tensor<1x2x!a>
}

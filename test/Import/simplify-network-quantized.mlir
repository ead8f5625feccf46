// RUN: quantization-opt %s --simplify-network --split-input-file | FileCheck %s

!a = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32:0, {0.25, 0.125}>

// Codes are turned and reshaped at compile time, and the axis of their scales with them. What is expressed and put on the same grid
// again stays as it is.
// CHECK-LABEL: func.func @moves(
// CHECK-SAME:    %[[X:.*]]: tensor<1x3xf32>)
// CHECK:         %[[Q:.*]] = nn.quantize %[[X]]
// CHECK:         %[[D:.*]] = nn.dequantize %[[Q]]
// CHECK:         nn.constant {layer = "w", value = dense<{{.*1, 4.*2, 5.*3, 6.*}}> : tensor<3x2xi8>} : () -> tensor<3x2x!quant.uniform<i8:f32:1, {2.500000e-01,1.250000e-01}>>
// CHECK:         nn.matmul %[[D]], %{{.*}} {layer = "fc"}
func.func @moves(%x: tensor<1x3xf32>) -> tensor<1x2xf32> {
  %q = nn.quantize %x {rounding = 0 : i32, layer = "x"} : (tensor<1x3xf32>) -> tensor<1x3x!a>
  %d = nn.dequantize %q {layer = "x"} : (tensor<1x3x!a>) -> tensor<1x3xf32>
  %q2 = nn.quantize %d {rounding = 0 : i32, layer = "x2"} : (tensor<1x3xf32>) -> tensor<1x3x!a>
  %d2 = nn.dequantize %q2 {layer = "x2"} : (tensor<1x3x!a>) -> tensor<1x3xf32>
  %w = nn.constant {value = dense<[[[1, 2, 3]], [[4, 5, 6]]]> : tensor<2x1x3xi8>, layer = "w"} : () -> tensor<2x1x3x!w>
  %dw = nn.dequantize %w {layer = "w"} : (tensor<2x1x3x!w>) -> tensor<2x1x3xf32>
  %m = nn.reshape %dw {layer = "flat"} : (tensor<2x1x3xf32>) -> tensor<2x3xf32>
  %t = nn.transpose %m {permutation = array<i64: 1, 0>, layer = "turned"} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %y = nn.matmul %d2, %t {layer = "fc"} : (tensor<1x3xf32>, tensor<3x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

!a = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>
!b = !quant.uniform<i32:f32, 0.125>

// A factor goes into the scales of weights, its sign into the codes; the first sum becomes the bias as it is, the second is added to it.
// CHECK-LABEL: func.func @arithmetic(
// CHECK-DAG:     nn.constant {layer = "w", value = dense<{{.*}}1, -2{{.*}}> : tensor<1x2xi8>} : () -> tensor<1x2x!quant.uniform<i8<-127:127>:f32:1, {5.000000e-01,7.500000e-01}>>
// CHECK-DAG:     %[[B:.*]] = nn.constant {layer = {{.*}}, value = dense<[1.750000e+00, 2.500000e-01]> : tensor<2xf32>}
// CHECK:         %[[M:.*]] = nn.matmul %{{.*}}, %{{.*}}, %[[B]] {layer = "fc"}
// CHECK:         return %[[M]]
func.func @arithmetic(%x: tensor<1x1xf32>) -> tensor<1x2xf32> {
  %q = nn.quantize %x {rounding = 0 : i32, layer = "x"} : (tensor<1x1xf32>) -> tensor<1x1x!a>
  %d = nn.dequantize %q {layer = "x"} : (tensor<1x1x!a>) -> tensor<1x1xf32>
  %w = nn.constant {value = dense<[[1, 2]]> : tensor<1x2xi8>, layer = "w"} : () -> tensor<1x2x!w>
  %dw = nn.dequantize %w {layer = "w"} : (tensor<1x2x!w>) -> tensor<1x2xf32>
  %b = nn.constant {value = dense<[3, 2]> : tensor<2xi32>, layer = "b"} : () -> tensor<2x!b>
  %db = nn.dequantize %b {layer = "b"} : (tensor<2x!b>) -> tensor<2xf32>
  %f = nn.constant {value = dense<[2.0, -3.0]> : tensor<2xf32>, layer = "f"} : () -> tensor<2xf32>
  %one = nn.constant {value = dense<1.0> : tensor<f32>, layer = "one"} : () -> tensor<f32>
  %m = nn.matmul %d, %dw {layer = "fc"} : (tensor<1x1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %s = nn.add %m, %db {layer = "sum"} : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %p = nn.mul %s, %f {layer = "scaled"} : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %y = nn.add %p, %one {layer = "shifted"} : (tensor<1x2xf32>, tensor<f32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// -----

!a = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.25>
!b = !quant.uniform<i32:f32, 0.125>

// CHECK-LABEL: func.func @bias(
// CHECK:         %[[B:.*]] = nn.constant {layer = {{.*}}, value = dense<[3, 2]> : tensor<2xi32>} : () -> tensor<2x!quant.uniform<i32:f32, 1.250000e-01>>
// CHECK:         %[[D:.*]] = nn.dequantize %[[B]]
// CHECK:         nn.matmul %{{.*}}, %{{.*}}, %[[D]] {layer = "fc"}
func.func @bias(%x: tensor<1x1xf32>) -> tensor<1x2xf32> {
  %q = nn.quantize %x {rounding = 0 : i32, layer = "x"} : (tensor<1x1xf32>) -> tensor<1x1x!a>
  %d = nn.dequantize %q {layer = "x"} : (tensor<1x1x!a>) -> tensor<1x1xf32>
  %w = nn.constant {value = dense<[[1, 2]]> : tensor<1x2xi8>, layer = "w"} : () -> tensor<1x2x!w>
  %dw = nn.dequantize %w {layer = "w"} : (tensor<1x2x!w>) -> tensor<1x2xf32>
  %b = nn.constant {value = dense<[[3, 2]]> : tensor<1x2xi32>, layer = "b"} : () -> tensor<1x2x!b>
  %db = nn.dequantize %b {layer = "b"} : (tensor<1x2x!b>) -> tensor<1x2xf32>
  %m = nn.matmul %d, %dw {layer = "fc"} : (tensor<1x1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %s = nn.add %db, %m {layer = "sum"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %s : tensor<1x2xf32>
}

// -----

!w = !quant.uniform<i8:f32, 0.25>

// A network that quantizes no value is a float network, whatever its weights were stored in.
// CHECK-LABEL: func.func @stored(
// CHECK:         nn.constant {layer = "w", value = dense<{{.*2.5.*e-01, 5.0.*e-01.*}}> : tensor<1x2xf32>}
// CHECK-NOT:     nn.dequantize
func.func @stored(%x: tensor<1x1xf32>) -> tensor<1x2xf32> {
  %w = nn.constant {value = dense<[[1, 2]]> : tensor<1x2xi8>, layer = "w"} : () -> tensor<1x2x!w>
  %dw = nn.dequantize %w {layer = "w"} : (tensor<1x2x!w>) -> tensor<1x2xf32>
  %m = nn.matmul %x, %dw {layer = "fc"} : (tensor<1x1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %m : tensor<1x2xf32>
}

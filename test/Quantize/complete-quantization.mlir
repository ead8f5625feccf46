// RUN: quantization-opt %s --complete-quantization --split-input-file | FileCheck %s

!a = !quant.uniform<u8:f32, 0.5:3>
!b = !quant.uniform<u8:f32, 0.25>
!w = !quant.uniform<u8:f32, 0.125:128>
!c = !quant.uniform<i32:f32, 0.0625>

// The quantize behind moved values goes to where they are made; weights are put around zero, codes and scales kept; the bias keeps
// its codes, since its scale is the accumulator's.
// CHECK-LABEL: func.func @hoist(
// CHECK:         nn.constant {layer = "w", value = dense<{{.*}}-127{{.*}}127{{.*}}> : tensor<2x1x1x1xi8>} : () -> tensor<2x1x1x1x!quant.uniform<i8<-127:127>:f32, 1.250000e-01>>
// CHECK:         %[[C:.*]] = nn.conv
// CHECK:         %[[R:.*]] = nn.clamp %[[C]]
// CHECK:         %[[Q:.*]] = nn.quantize %[[R]] {layer = "conv", {{.*}} -> tensor<1x2x2x2x[[B:.*]]>
// CHECK:         %[[D:.*]] = nn.dequantize %[[Q]] {layer = "conv"}
// CHECK:         %[[P:.*]] = nn.max_pool %[[D]]
// CHECK:         nn.quantize %[[P]] {layer = "pool", {{.*}} -> tensor<1x2x1x1x[[B]]>
func.func @hoist(%x: tensor<1x1x2x2xf32> {nn.name = "x"}) -> tensor<1x2x1x1xf32> {
  %q = nn.quantize %x {rounding = 0 : i32, layer = "q"} : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2x!a>
  %d = nn.dequantize %q {layer = "q"} : (tensor<1x1x2x2x!a>) -> tensor<1x1x2x2xf32>
  %w = nn.constant {value = dense<[[[[1]]], [[[255]]]]> : tensor<2x1x1x1xi8>, layer = "w"} : () -> tensor<2x1x1x1x!w>
  %dw = nn.dequantize %w {layer = "w"} : (tensor<2x1x1x1x!w>) -> tensor<2x1x1x1xf32>
  %b = nn.constant {value = dense<[77, -77]> : tensor<2xi32>, layer = "b"} : () -> tensor<2x!c>
  %db = nn.dequantize %b {layer = "b"} : (tensor<2x!c>) -> tensor<2xf32>
  %y = nn.conv %d, %dw, %db {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layer = "conv"} : (tensor<1x1x2x2xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<1x2x2x2xf32>
  %r = nn.clamp %y {min = 0.0 : f32, max = 6.0 : f32, layer = "relu"} : (tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
  %p = nn.max_pool %r {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layer = "pool"} : (tensor<1x2x2x2xf32>) -> tensor<1x2x1x1xf32>
  %qp = nn.quantize %p {rounding = 0 : i32, layer = "qp"} : (tensor<1x2x1x1xf32>) -> tensor<1x2x1x1x!b>
  %dp = nn.dequantize %qp {layer = "qp"} : (tensor<1x2x1x1x!b>) -> tensor<1x2x1x1xf32>
  return %dp : tensor<1x2x1x1xf32>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<u8:f32, 0.125:7>

// Codes that are moved stay on their grid. Weights that 8 bits around zero do not hold take 16. A bias in f32 is encoded, and a layer
// whose result nobody quantizes gives its accumulator. CHECK-DAG lines: 255 - 7 = 248, 0 - 7 = -7, 0.3 / 0.0625 = 4.8.
// CHECK-LABEL: func.func @sink(
// CHECK:         %[[S:.*]] = nn.slice
// CHECK:         %[[Q:.*]] = nn.quantize %[[S]] {layer = "slice"
// CHECK:         %[[D:.*]] = nn.dequantize %[[Q]] {layer = "slice"}
// CHECK-DAG:     nn.constant {layer = "w", value = dense<{{.*}}248{{.*}}-7{{.*}}> : tensor<2x1xi16>} : () -> tensor<2x1x!quant.uniform<i16<-32767:32767>:f32, 1.250000e-01>>
// CHECK-DAG:     nn.constant {layer = "b", value = dense<5> : tensor<1xi32>} : () -> tensor<1x!quant.uniform<i32:f32, 6.250000e-02>>
// CHECK:         nn.matmul %[[D]], {{.*}} {layer = "fc", nn.exact}
func.func @sink(%x: tensor<1x4xf32> {nn.name = "x"}) -> tensor<1x1xf32> {
  %q = nn.quantize %x {rounding = 0 : i32, layer = "q"} : (tensor<1x4xf32>) -> tensor<1x4x!a>
  %d = nn.dequantize %q {layer = "q"} : (tensor<1x4x!a>) -> tensor<1x4xf32>
  %s = nn.slice %d {starts = array<i64: 0, 1>, steps = array<i64: 1, 2>, layer = "slice"} : (tensor<1x4xf32>) -> tensor<1x2xf32>
  %w = nn.constant {value = dense<[[255], [0]]> : tensor<2x1xi8>, layer = "w"} : () -> tensor<2x1x!w>
  %dw = nn.dequantize %w {layer = "w"} : (tensor<2x1x!w>) -> tensor<2x1xf32>
  %b = nn.constant {value = dense<0.3> : tensor<1xf32>, layer = "b"} : () -> tensor<1xf32>
  %y = nn.matmul %s, %dw, %b {layer = "fc"} : (tensor<1x2xf32>, tensor<2x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %y : tensor<1x1xf32>
}

// -----

!a = !quant.uniform<u8:f32, 0.5>
!b = !quant.uniform<u8:f32, 0.25>
!c = !quant.uniform<i8:f32, 0.25>

// Two quantizes to one grid are one. A clamp between two grids is one for each, and the sum that both read gives its accumulator.
// CHECK-LABEL: func.func @readers(
// CHECK:         %[[S:.*]] = nn.add {{.*}} {layer = "sum", nn.exact}
// CHECK:         %[[R1:.*]] = nn.clamp %[[S]] {layer = "relu"
// CHECK-DAG:     %[[R2:.*]] = nn.clamp %[[S]] {layer = "relu_2"
// CHECK-DAG:     %[[Q1:.*]] = nn.quantize %{{.*}} -> tensor<1x2x!quant.uniform<u8:f32, 2.500000e-01>>
// CHECK-NOT:     -> tensor<1x2x!quant.uniform<u8:f32, 2.500000e-01>>
// CHECK:         nn.quantize %{{.*}} -> tensor<1x2x!quant.uniform<i8:f32, 2.500000e-01>>
// CHECK:         nn.mul
func.func @readers(%x: tensor<1x2xf32> {nn.name = "x"}) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %q = nn.quantize %x {rounding = 0 : i32, layer = "q"} : (tensor<1x2xf32>) -> tensor<1x2x!a>
  %d = nn.dequantize %q {layer = "q"} : (tensor<1x2x!a>) -> tensor<1x2xf32>
  %s = nn.add %d, %d {layer = "sum"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %r = nn.clamp %s {min = 0.0 : f32, max = 6.0 : f32, layer = "relu"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %q1 = nn.quantize %r {rounding = 0 : i32, layer = "q1"} : (tensor<1x2xf32>) -> tensor<1x2x!b>
  %q2 = nn.quantize %r {rounding = 0 : i32, layer = "q2"} : (tensor<1x2xf32>) -> tensor<1x2x!b>
  %q3 = nn.quantize %r {rounding = 0 : i32, layer = "q3"} : (tensor<1x2xf32>) -> tensor<1x2x!c>
  %d1 = nn.dequantize %q1 {layer = "q1"} : (tensor<1x2x!b>) -> tensor<1x2xf32>
  %d2 = nn.dequantize %q2 {layer = "q2"} : (tensor<1x2x!b>) -> tensor<1x2xf32>
  %d3 = nn.dequantize %q3 {layer = "q3"} : (tensor<1x2x!c>) -> tensor<1x2xf32>
  %m = nn.mul %d1, %d3 {layer = "product"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %m, %d2 : tensor<1x2xf32>, tensor<1x2xf32>
}

// -----

!a = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32:0, {0.125, 0.25}>

// What the file leaves in float reads floats: a convolution of values that are not quantized, and one whose weights have scales along
// the channels of the input. A bias too large for its scale raises that of the weights (R8); an only weight per channel is a code.
// CHECK-LABEL: func.func @float(
// CHECK-DAG:     nn.constant {layer = "w_f32", value = dense<{{.*}}1.250000e-01{{.*}}5.000000e-01{{.*}}> : tensor<2x2xf32>}
// CHECK:         nn.matmul %{{.*}} {layer = "open"}
// CHECK:         nn.matmul %{{.*}} {layer = "turned", nn.why_float = "its weights have a scale for each index of dimension 0, but integers need one for each output channel"}
// CHECK-DAG:     nn.constant {layer = "k", value = dense<{{.*}}1{{.*}}-64{{.*}}> : tensor<2x1x1xi8>} : () -> tensor<2x1x1x!quant.uniform<i8<-127:127>:f32:0, {1.862645{{.*}},4.687500e-02}>>
// CHECK-DAG:     nn.constant {layer = "kb", value = dense<[1073741{{.*}}, 128]> : tensor<2xi32>}
// CHECK:         nn.conv {{.*}}layer = "norm"{{.*}}nn.exact
func.func @float(%x: tensor<1x2xf32> {nn.name = "x"}, %z: tensor<1x2x1xf32> {nn.name = "z"}) -> (tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2x1xf32>) {
  %w = nn.constant {value = dense<[[1, 2], [1, 2]]> : tensor<2x2xi8>, layer = "w"} : () -> tensor<2x2x!w>
  %dw = nn.dequantize %w {layer = "w"} : (tensor<2x2x!w>) -> tensor<2x2xf32>
  %open = nn.matmul %x, %dw {layer = "open"} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %q = nn.quantize %x {rounding = 0 : i32, layer = "q"} : (tensor<1x2xf32>) -> tensor<1x2x!a>
  %d = nn.dequantize %q {layer = "q"} : (tensor<1x2x!a>) -> tensor<1x2xf32>
  %turned = nn.matmul %d, %dw {layer = "turned"} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %qz = nn.quantize %z {rounding = 0 : i32, layer = "qz"} : (tensor<1x2x1xf32>) -> tensor<1x2x1x!a>
  %dz = nn.dequantize %qz {layer = "qz"} : (tensor<1x2x1x!a>) -> tensor<1x2x1xf32>
  %k = nn.constant {value = dense<[[[1.0]], [[-3.0]]]> : tensor<2x1x1xf32>, layer = "k"} : () -> tensor<2x1x1xf32>
  %kb = nn.constant {value = dense<[1.0e9, 3.0]> : tensor<2xf32>, layer = "kb"} : () -> tensor<2xf32>
  %n = nn.conv %dz, %k, %kb {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 2 : i64, layer = "norm"} : (tensor<1x2x1xf32>, tensor<2x1x1xf32>, tensor<2xf32>) -> tensor<1x2x1xf32>
  return %open, %turned, %n : tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2x1xf32>
}

// -----

// A network that is not quantized stays as it is.
// CHECK-LABEL: func.func @other(
// CHECK-NEXT:    nn.add {{.*}} {layer = "sum"}
func.func @other(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %s = nn.add %x, %x {layer = "sum"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %s : tensor<1x2xf32>
}

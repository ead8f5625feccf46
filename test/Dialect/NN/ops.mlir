// Every op of nn is printed as it was written, and read back.
// RUN: quantization-opt %s | quantization-opt | FileCheck %s
// RUN: quantization-opt %s --mlir-print-op-generic | quantization-opt | FileCheck %s
// RUN: quantization-opt %s --verify-roundtrip -o %t.mlir

!u8 = !quant.uniform<u8:f32, 5.000000e-01:10>
!i8 = !quant.uniform<i8<-127:127>:f32:0, {1.000000e+00,2.000000e+00}>
!w1 = !quant.uniform<i8<-127:127>:f32:1, {1.000000e+00,2.000000e+00}>

// CHECK-LABEL: func.func @raw
// CHECK-NEXT: %[[NONE:.*]] = nn.none {{.*}}: () -> none
// CHECK-NEXT: nn.onnx %arg0, %[[NONE]] {domain = "", layer = "clip", node_attributes = {axis = 1 : i64, mode = "floor"}, type = "Clip", version = 13 : i64} : (tensor<1x2xf32>, none) -> tensor<*xf32>
func.func @raw(%x: tensor<1x2xf32>) -> tensor<*xf32> {
  %none = nn.none : () -> none
  %0 = nn.onnx %x, %none {type = "Clip", domain = "", version = 13 : i64, node_attributes = {axis = 1 : i64, mode = "floor"}, layer = "clip"} : (tensor<1x2xf32>, none) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// CHECK-LABEL: func.func @constants
// CHECK-NEXT: nn.constant {layer = "f", precision = #nn.precision<"int8{per=channel}", "percentile=99.9">, value = dense<[1.000000e+00, -2.500000e+00]> : tensor<2xf32>} : () -> tensor<2xf32>
// CHECK-NEXT: nn.constant {layer = "q", value = dense<[1, -1]> : tensor<2xi8>} : () -> tensor<2x!quant.uniform<u8:f32, 5.000000e-01:10>>
// CHECK-NEXT: nn.constant {layer = "i", value = dense<7> : tensor<i64>} : () -> tensor<i64>
// CHECK-NEXT: nn.constant {layer = "large", value = dense_resource<large> : tensor<2xf32>} : () -> tensor<2xf32>
func.func @constants() {
  %0 = nn.constant {value = dense<[1.0, -2.5]> : tensor<2xf32>, layer = "f", precision = #nn.precision<"int8{per=channel}", "percentile=99.9">} : () -> tensor<2xf32>
  %1 = nn.constant {value = dense<[1, -1]> : tensor<2xi8>, layer = "q"} : () -> tensor<2x!u8>
  %2 = nn.constant {value = dense<7> : tensor<i64>, layer = "i"} : () -> tensor<i64>
  %3 = nn.constant {value = dense_resource<large> : tensor<2xf32>, layer = "large"} : () -> tensor<2xf32>
  return
}

// CHECK-LABEL: func.func @contractions
// CHECK-NEXT: nn.conv %arg0, %arg1 {dilations = array<i64: 1>, groups = 1 : i64, layer = "float", pads = array<i64: 1, 0>, strides = array<i64: 2>} : (tensor<1x1x4xf32>, tensor<2x1x3xf32>) -> tensor<1x2x2xf32>
// CHECK-NEXT: nn.conv %arg2, %arg3, %arg4 {{.*}}groups = 2 : i64, layer = "codes"{{.*}} : (tensor<1x2x4x4x!quant.uniform<u8:f32, 5.000000e-01:10>>, tensor<2x1x3x3x!quant.uniform<i8<-127:127>:f32:0, {1.000000e+00,2.000000e+00}>>, tensor<2xi32>) -> tensor<1x2x2x2xi32>
// CHECK-NEXT: nn.conv {{.*}} -> tensor<1x2x2x2xi64>
// CHECK-NEXT: nn.matmul %arg5, %arg6, %arg7 {layer = "fc"} : (tensor<3x2xf32>, tensor<2x4xf32>, tensor<4xf32>) -> tensor<3x4xf32>
// CHECK-NEXT: nn.matmul %arg8, %arg9 {layer = "batched"} : (tensor<5x3x2xf32>, tensor<5x2x4xf32>) -> tensor<5x3x4xf32>
func.func @contractions(%x: tensor<1x1x4xf32>, %w: tensor<2x1x3xf32>, %qx: tensor<1x2x4x4x!u8>, %qw: tensor<2x1x3x3x!i8>, %qb: tensor<2xi32>,
                        %m: tensor<3x2xf32>, %n: tensor<2x4xf32>, %b: tensor<4xf32>, %p: tensor<5x3x2xf32>, %q: tensor<5x2x4xf32>) {
  %0 = nn.conv %x, %w {strides = array<i64: 2>, pads = array<i64: 1, 0>, dilations = array<i64: 1>, groups = 1, layer = "float"} : (tensor<1x1x4xf32>, tensor<2x1x3xf32>) -> tensor<1x2x2xf32>
  %1 = nn.conv %qx, %qw, %qb {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2, layer = "codes"} : (tensor<1x2x4x4x!u8>, tensor<2x1x3x3x!i8>, tensor<2xi32>) -> tensor<1x2x2x2xi32>
  %2 = nn.conv %qx, %qw {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2, layer = "wide"} : (tensor<1x2x4x4x!u8>, tensor<2x1x3x3x!i8>) -> tensor<1x2x2x2xi64>
  %3 = nn.matmul %m, %n, %b {layer = "fc"} : (tensor<3x2xf32>, tensor<2x4xf32>, tensor<4xf32>) -> tensor<3x4xf32>
  %4 = nn.matmul %p, %q {layer = "batched"} : (tensor<5x3x2xf32>, tensor<5x2x4xf32>) -> tensor<5x3x4xf32>
  return
}

// CHECK-LABEL: func.func @elementwise
// CHECK-NEXT: nn.add %arg0, %arg1 {layer = "add"} : (tensor<3x2xf32>, tensor<2xf32>) -> tensor<3x2xf32>
// CHECK-NEXT: nn.add %arg2, %arg2 {layer = "add_codes"} : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
// CHECK-NEXT: nn.sub %arg1, %arg0 {layer = "sub"} : (tensor<2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
// CHECK-NEXT: nn.mul %arg3, %arg3 {layer = "mul"} : (tensor<2x!quant.uniform<u8:f32, 5.000000e-01:10>>, tensor<2x!quant.uniform<u8:f32, 5.000000e-01:10>>) -> tensor<2xi32>
// CHECK-NEXT: nn.div %arg0, %arg1 {layer = "div"} : (tensor<3x2xf32>, tensor<2xf32>) -> tensor<3x2xf32>
// CHECK-NEXT: nn.clamp %arg0 {layer = "relu", max = 0x7F800000 : f32, min = 0.000000e+00 : f32} : (tensor<3x2xf32>) -> tensor<3x2xf32>
// CHECK-NEXT: nn.function %arg0 {alpha = 1.000000e-01 : f32, beta = 0.000000e+00 : f32, kind = 3 : i32, layer = "leaky"} : (tensor<3x2xf32>) -> tensor<3x2xf32>
func.func @elementwise(%x: tensor<3x2xf32>, %y: tensor<2xf32>, %i: tensor<2xi32>, %q: tensor<2x!u8>) {
  %0 = nn.add %x, %y {layer = "add"} : (tensor<3x2xf32>, tensor<2xf32>) -> tensor<3x2xf32>
  %1 = nn.add %i, %i {layer = "add_codes"} : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  %2 = nn.sub %y, %x {layer = "sub"} : (tensor<2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
  %3 = nn.mul %q, %q {layer = "mul"} : (tensor<2x!u8>, tensor<2x!u8>) -> tensor<2xi32>
  %4 = nn.div %x, %y {layer = "div"} : (tensor<3x2xf32>, tensor<2xf32>) -> tensor<3x2xf32>
  %5 = nn.clamp %x {min = 0.0 : f32, max = 0x7F800000 : f32, layer = "relu"} : (tensor<3x2xf32>) -> tensor<3x2xf32>
  %6 = nn.function %x {kind = 3 : i32, alpha = 0.1 : f32, beta = 0.0 : f32, layer = "leaky"} : (tensor<3x2xf32>) -> tensor<3x2xf32>
  return
}

// CHECK-LABEL: func.func @normalizations
// CHECK-NEXT: nn.batch_norm %arg0, %arg1, %arg1, %arg1, %arg1 {epsilon = 9.99999974E-6 : f32, layer = "bn"} : (tensor<1x2x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x3xf32>
// CHECK-NEXT: nn.lrn %arg0 {alpha = 9.99999974E-5 : f32, beta = 7.500000e-01 : f32, bias = 1.000000e+00 : f32, layer = "lrn", size = 5 : i64} : (tensor<1x2x3xf32>) -> tensor<1x2x3xf32>
// CHECK-NEXT: nn.softmax %arg0 {axis = 2 : i64, layer = "softmax"} : (tensor<1x2x3xf32>) -> tensor<1x2x3xf32>
// CHECK-NEXT: nn.layer_norm %arg0, %arg2 {axis = 1 : i64, epsilon = 9.99999974E-6 : f32, layer = "norm"} : (tensor<1x2x3xf32>, tensor<2x3xf32>) -> tensor<1x2x3xf32>
// CHECK-NEXT: nn.layer_norm %arg0, %arg2, %arg2 {axis = 1 : i64, epsilon = 5.000000e-01 : f32, layer = "biased"} : (tensor<1x2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<1x2x3xf32>
func.func @normalizations(%x: tensor<1x2x3xf32>, %c: tensor<2xf32>, %d: tensor<2x3xf32>) {
  %0 = nn.batch_norm %x, %c, %c, %c, %c {epsilon = 1.0e-5 : f32, layer = "bn"} : (tensor<1x2x3xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x3xf32>
  %1 = nn.lrn %x {size = 5, alpha = 1.0e-4 : f32, beta = 0.75 : f32, bias = 1.0 : f32, layer = "lrn"} : (tensor<1x2x3xf32>) -> tensor<1x2x3xf32>
  %2 = nn.softmax %x {axis = 2, layer = "softmax"} : (tensor<1x2x3xf32>) -> tensor<1x2x3xf32>
  %3 = nn.layer_norm %x, %d {axis = 1, epsilon = 1.0e-5 : f32, layer = "norm"} : (tensor<1x2x3xf32>, tensor<2x3xf32>) -> tensor<1x2x3xf32>
  %4 = nn.layer_norm %x, %d, %d {axis = 1, epsilon = 0.5 : f32, layer = "biased"} : (tensor<1x2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<1x2x3xf32>
  return
}

// A pool has as many windows as ONNX's floor (2) or ceiling (3) gives.
// CHECK-LABEL: func.func @pools
// CHECK-NEXT: nn.max_pool {{.*}}kernel = array<i64: 2>, layer = "max", pads = array<i64: 0, 0>, strides = array<i64: 2>} : (tensor<1x2x5xf32>) -> tensor<1x2x2xf32>
// CHECK-NEXT: nn.max_pool {{.*}}layer = "max_ceil"{{.*}} -> tensor<1x2x3xf32>
// CHECK-NEXT: nn.average_pool {{.*}}count_include_pad = true, {{.*}}layer = "average"{{.*}} : (tensor<1x2x5x!quant.uniform<u8:f32, 5.000000e-01:10>>) -> tensor<1x2x2xi32>
func.func @pools(%x: tensor<1x2x5xf32>, %q: tensor<1x2x5x!u8>) {
  %0 = nn.max_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, layer = "max"} : (tensor<1x2x5xf32>) -> tensor<1x2x2xf32>
  %1 = nn.max_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, layer = "max_ceil"} : (tensor<1x2x5xf32>) -> tensor<1x2x3xf32>
  %2 = nn.average_pool %q {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = true, layer = "average"} : (tensor<1x2x5x!u8>) -> tensor<1x2x2xi32>
  return
}

// CHECK-LABEL: func.func @moves
// CHECK-NEXT: nn.concat %arg0, %arg0 {axis = 1 : i64, layer = "concat"} : (tensor<1x2x3xf32>, tensor<1x2x3xf32>) -> tensor<1x4x3xf32>
// CHECK-NEXT: nn.reshape %arg0 {layer = "flat"} : (tensor<1x2x3xf32>) -> tensor<6xf32>
// CHECK-NEXT: nn.transpose %arg0 {layer = "transpose", permutation = array<i64: 2, 0, 1>} : (tensor<1x2x3xf32>) -> tensor<3x1x2xf32>
// CHECK-NEXT: nn.slice %arg0 {layer = "slice", starts = array<i64: 0, 1, 2>, steps = array<i64: 1, -1, -2>} : (tensor<1x2x3xf32>) -> tensor<1x2x2xf32>
// CHECK-NEXT: nn.pad %arg0 {high = array<i64: 0, 0, 1>, layer = "pad", low = array<i64: 0, 0, 2>, value = 5.000000e-01 : f32} : (tensor<1x2x3xf32>) -> tensor<1x2x6xf32>
func.func @moves(%x: tensor<1x2x3xf32>) {
  %0 = nn.concat %x, %x {axis = 1, layer = "concat"} : (tensor<1x2x3xf32>, tensor<1x2x3xf32>) -> tensor<1x4x3xf32>
  %1 = nn.reshape %x {layer = "flat"} : (tensor<1x2x3xf32>) -> tensor<6xf32>
  %2 = nn.transpose %x {permutation = array<i64: 2, 0, 1>, layer = "transpose"} : (tensor<1x2x3xf32>) -> tensor<3x1x2xf32>
  %3 = nn.slice %x {starts = array<i64: 0, 1, 2>, steps = array<i64: 1, -1, -2>, layer = "slice"} : (tensor<1x2x3xf32>) -> tensor<1x2x2xf32>
  %4 = nn.pad %x {low = array<i64: 0, 0, 2>, high = array<i64: 0, 0, 1>, value = 0.5 : f32, layer = "pad"} : (tensor<1x2x3xf32>) -> tensor<1x2x6xf32>
  return
}

// CHECK-LABEL: func.func @formats
// CHECK-NEXT: %[[O:.*]] = nn.observe %arg0 {layer = "x", precision = #nn.precision<"uint8", "min-max">, statistics = #nn.statistics<min = -1.000000e+00 : f32, max = 4.000000e+00 : f32, count = 2, zeros = 0, exponent = 3, bins = [-1791, 1, -1280, 1, -1023]>} : (tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT: %[[Q:.*]] = nn.quantize %[[O]] {layer = "x", rounding = 1 : i32} : (tensor<2xf32>) -> tensor<2x!quant.uniform<u8:f32, 5.000000e-01:10>>
// CHECK-NEXT: nn.dequantize %[[Q]] {layer = "x"} : (tensor<2x!quant.uniform<u8:f32, 5.000000e-01:10>>) -> tensor<2xf32>
// CHECK-NEXT: nn.quantize {{.*}} -> tensor<3x2x!quant.uniform<i8<-127:127>:f32:1, {1.000000e+00,2.000000e+00}>>
func.func @formats(%x: tensor<2xf32>, %y: tensor<3x2xf32>) {
  %0 = nn.observe %x {layer = "x", precision = #nn.precision<"uint8", "min-max">, statistics = #nn.statistics<min = -1.0 : f32, max = 4.0 : f32, count = 2, zeros = 0, exponent = 3, bins = [-1791, 1, -1280, 1, -1023]>} : (tensor<2xf32>) -> tensor<2xf32>
  %1 = nn.quantize %0 {layer = "x", rounding = 1 : i32} : (tensor<2xf32>) -> tensor<2x!u8>
  %2 = nn.dequantize %1 {layer = "x"} : (tensor<2x!u8>) -> tensor<2xf32>
  %3 = nn.quantize %y {layer = "y", rounding = 0 : i32} : (tensor<3x2xf32>) -> tensor<3x2x!w1>
  return
}

{-#
  dialect_resources: {
    builtin: {
      large: "0x040000000000803F00000040"
    }
  }
#-}

// RUN: quantization-opt %s --convert-onnx-to-nn=record-sublayers=true --split-input-file | FileCheck %s
// RUN: quantization-opt %s --convert-onnx-to-nn=record-sublayers=true --simplify-network --split-input-file | FileCheck %s
// RUN: quantization-opt %s --convert-onnx-to-nn --split-input-file | FileCheck %s --check-prefix=UNASKED
// UNASKED-NOT: nn.sublayers

// What is folded later (the normalization) and what becomes nothing (the dropout) is on record; what only changes a shape is not, and
// readers behind it read what is before it. Constants are not counted as read.
// CHECK: module attributes {nn.sublayers = [
// CHECK-SAME: #nn.sublayer<layer = "conv", type = "Conv", inputs = ["x"], in = 32, out = 64, weights = 72>,
// CHECK-SAME: #nn.sublayer<layer = "norm", type = "BatchNormalization", inputs = ["conv"], in = 64, out = 64, weights = 0>,
// CHECK-SAME: #nn.sublayer<layer = "relu", type = "Relu", inputs = ["norm"], in = 64, out = 64, weights = 0>,
// CHECK-SAME: #nn.sublayer<layer = "both", type = "Concat", inputs = ["relu", "norm"], in = 128, out = 128, weights = 0>,
// CHECK-SAME: #nn.sublayer<layer = "drop", type = "Dropout", inputs = ["both"], in = 128, out = 128, weights = 0>,
// CHECK-SAME: #nn.sublayer<layer = "fc", type = "Gemm", inputs = ["drop"], in = 128, out = 3, weights = 384>,
// CHECK-SAME: #nn.sublayer<layer = "twice", type = "Add", inputs = ["fc"], in = 6, out = 3, weights = 0>]}
// CHECK: func.func @network(
module {
  func.func @network(%x: tensor<1x2x4x4xf32> {nn.name = "x"}) -> tensor<*xf32> {
    %w = nn.constant {value = dense<1.0> : tensor<4x2x3x3xf32>, layer = "conv.weight"} : () -> tensor<4x2x3x3xf32>
    %s = nn.constant {value = dense<0.5> : tensor<4xf32>, layer = "norm.all"} : () -> tensor<4xf32>
    %shape = nn.constant {value = dense<[1, -1]> : tensor<2xi64>, layer = "shape"} : () -> tensor<2xi64>
    %fw = nn.constant {value = dense<2.0> : tensor<128x3xf32>, layer = "fc.weight"} : () -> tensor<128x3xf32>
    %fb = nn.constant {value = dense<5.0> : tensor<3xf32>, layer = "fc.bias"} : () -> tensor<3xf32>
    %c = nn.onnx %x, %w {type = "Conv", domain = "", version = 13 : i64, node_attributes = {auto_pad = "SAME_UPPER"}, layer = "conv"} : (tensor<1x2x4x4xf32>, tensor<4x2x3x3xf32>) -> tensor<*xf32>
    %n = nn.onnx %c, %s, %s, %s, %s {type = "BatchNormalization", domain = "", version = 13 : i64, node_attributes = {}, layer = "norm"} : (tensor<*xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<*xf32>
    %r = nn.onnx %n {type = "Relu", domain = "", version = 13 : i64, node_attributes = {}, layer = "relu"} : (tensor<*xf32>) -> tensor<*xf32>
    %j = nn.onnx %r, %n {type = "Concat", domain = "", version = 13 : i64, node_attributes = {axis = 1 : i64}, layer = "both"} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
    %d, %mask = nn.onnx %j {type = "Dropout", domain = "", version = 13 : i64, node_attributes = {}, layer = "drop"} : (tensor<*xf32>) -> (tensor<*xf32>, tensor<*xf32>)
    %i = nn.onnx %d {type = "Identity", domain = "", version = 13 : i64, node_attributes = {}, layer = "identity"} : (tensor<*xf32>) -> tensor<*xf32>
    %f = nn.onnx %i, %shape {type = "Reshape", domain = "", version = 13 : i64, node_attributes = {}, layer = "flat"} : (tensor<*xf32>, tensor<2xi64>) -> tensor<*xf32>
    %m = nn.onnx %f, %fw, %fb {type = "Gemm", domain = "", version = 13 : i64, node_attributes = {}, layer = "fc"} : (tensor<*xf32>, tensor<128x3xf32>, tensor<3xf32>) -> tensor<*xf32>
    %t = nn.onnx %m, %m {type = "Add", domain = "", version = 13 : i64, node_attributes = {}, layer = "twice"} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
    return %t : tensor<*xf32>
  }
}

// -----

// What only carries a number format is no sublayer; weights are weights, also where codes stand for them and are turned on the way.
// CHECK: module attributes {nn.sublayers = [
// CHECK-SAME: #nn.sublayer<layer = "fc", type = "Gemm", inputs = ["x"], in = 2, out = 3, weights = 6>]}
module {
  func.func @codes(%x: tensor<1x2xf32> {nn.name = "x"}) -> tensor<*xf32> {
    %s = nn.constant {value = dense<0.5> : tensor<f32>, layer = "s"} : () -> tensor<f32>
    %z = nn.constant {value = dense<0> : tensor<i8>, layer = "z"} : () -> tensor<i8>
    %w = nn.constant {value = dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi8>, layer = "w"} : () -> tensor<3x2xi8>
    %q = nn.onnx %x, %s, %z {type = "QuantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "q"} : (tensor<1x2xf32>, tensor<f32>, tensor<i8>) -> tensor<*xf32>
    %d = nn.onnx %q, %s, %z {type = "DequantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "d"} : (tensor<*xf32>, tensor<f32>, tensor<i8>) -> tensor<*xf32>
    %dw = nn.onnx %w, %s, %z {type = "DequantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "dw"} : (tensor<3x2xi8>, tensor<f32>, tensor<i8>) -> tensor<*xf32>
    %m = nn.onnx %d, %dw {type = "Gemm", domain = "", version = 13 : i64, node_attributes = {transB = 1 : i64}, layer = "fc"} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
    return %m : tensor<*xf32>
  }
}

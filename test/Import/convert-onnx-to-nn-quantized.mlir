// RUN: quantization-opt %s --convert-onnx-to-nn --split-input-file | FileCheck %s

// Scale and zero point become the type. Codes of constants stay as they are; where each channel has a zero point, it is subtracted.
// CHECK-LABEL: func.func @qdq(
// CHECK-SAME:    %[[X:.*]]: tensor<1x1x2x2xf32>) -> tensor<1x2x2x2xf32>
// CHECK:         %[[Q:.*]] = nn.quantize %[[X]] {layer = "q", rounding = 0 : i32} : {{.*}} -> tensor<1x1x2x2x!quant.uniform<u8:f32, 5.000000e-01:3>>
// CHECK:         %[[D:.*]] = nn.dequantize %[[Q]] {layer = "dq"}
// CHECK:         %[[W:.*]] = nn.constant {layer = "w", value = dense<{{.*-1.*1.*}}> : tensor<2x1x1x1xi8>} : () -> tensor<2x1x1x1x!quant.uniform<i8<-127:127>:f32:0, {2.500000e-01,1.250000e-01}>>
// CHECK:         %[[DW:.*]] = nn.dequantize %[[W]]
// CHECK:         %[[C:.*]] = nn.conv %[[D]], %[[DW]]
// CHECK:         nn.quantize %[[C]] {{.*}} -> tensor<1x2x2x2x!quant.uniform<i16:f32, 1.000000e+00>>
func.func @qdq(%x: tensor<1x1x2x2xf32>) -> tensor<*xf32> {
  %s = nn.constant {value = dense<0.5> : tensor<f32>, layer = "s"} : () -> tensor<f32>
  %z = nn.constant {value = dense<3> : tensor<ui8>, layer = "z"} : () -> tensor<ui8>
  %w = nn.constant {value = dense<[[[[1]]], [[[5]]]]> : tensor<2x1x1x1xui8>, layer = "w"} : () -> tensor<2x1x1x1xui8>
  %ws = nn.constant {value = dense<[0.25, 0.125]> : tensor<2xf32>, layer = "ws"} : () -> tensor<2xf32>
  %wz = nn.constant {value = dense<[2, 4]> : tensor<2xui8>, layer = "wz"} : () -> tensor<2xui8>
  %one = nn.constant {value = dense<1.0> : tensor<1xf32>, layer = "one"} : () -> tensor<1xf32>
  %z16 = nn.constant {value = dense<0> : tensor<1xi16>, layer = "z16"} : () -> tensor<1xi16>
  %q = nn.onnx %x, %s, %z {type = "QuantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "q"} : (tensor<1x1x2x2xf32>, tensor<f32>, tensor<ui8>) -> tensor<*xf32>
  %d = nn.onnx %q, %s, %z {type = "DequantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "dq"} : (tensor<*xf32>, tensor<f32>, tensor<ui8>) -> tensor<*xf32>
  %dw = nn.onnx %w, %ws, %wz {type = "DequantizeLinear", domain = "", version = 13 : i64, node_attributes = {axis = 0 : i64}, layer = "dw"} : (tensor<2x1x1x1xui8>, tensor<2xf32>, tensor<2xui8>) -> tensor<*xf32>
  %c = nn.onnx %d, %dw {type = "Conv", domain = "", version = 13 : i64, node_attributes = {}, layer = "conv"} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %qy = nn.onnx %c, %one, %z16 {type = "QuantizeLinear", domain = "com.microsoft", version = 1 : i64, node_attributes = {}, layer = "qy"} : (tensor<*xf32>, tensor<1xf32>, tensor<1xi16>) -> tensor<*xf32>
  %y = nn.onnx %qy, %one, %z16 {type = "DequantizeLinear", domain = "com.microsoft", version = 1 : i64, node_attributes = {}, layer = "y"} : (tensor<*xf32>, tensor<1xf32>, tensor<1xi16>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// A clip of codes narrows the grid; the one of constants is computed. 3.0 / 0.5 is code 6, clipped to 4, expressed as 2.0.
// CHECK-LABEL: func.func @clip(
// CHECK:         nn.quantize %{{.*}} -> tensor<1x2x!quant.uniform<i8<-8:7>:f32, 5.000000e-01>>
// CHECK:         nn.constant {layer = "c", value = dense<[4, -4]> : tensor<2xi8>} : () -> tensor<2x!quant.uniform<i8:f32, 5.000000e-01>>
func.func @clip(%x: tensor<1x2xf32>) -> tensor<*xf32> {
  %s = nn.constant {value = dense<0.5> : tensor<f32>, layer = "s"} : () -> tensor<f32>
  %z = nn.constant {value = dense<0> : tensor<i8>, layer = "z"} : () -> tensor<i8>
  %low = nn.constant {value = dense<-8> : tensor<i8>, layer = "low"} : () -> tensor<i8>
  %high = nn.constant {value = dense<7> : tensor<i8>, layer = "high"} : () -> tensor<i8>
  %four = nn.constant {value = dense<4> : tensor<i8>, layer = "four"} : () -> tensor<i8>
  %c = nn.constant {value = dense<[3.0, -2.0]> : tensor<2xf32>, layer = "c"} : () -> tensor<2xf32>
  %q = nn.onnx %x, %s, %z {type = "QuantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "q"} : (tensor<1x2xf32>, tensor<f32>, tensor<i8>) -> tensor<*xf32>
  %n = nn.onnx %q, %low, %high {type = "Clip", domain = "", version = 13 : i64, node_attributes = {}, layer = "narrow"} : (tensor<*xf32>, tensor<i8>, tensor<i8>) -> tensor<*xf32>
  %d = nn.onnx %n, %s, %z {type = "DequantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "dq"} : (tensor<*xf32>, tensor<f32>, tensor<i8>) -> tensor<*xf32>
  %qc = nn.onnx %c, %s, %z {type = "QuantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "qc"} : (tensor<2xf32>, tensor<f32>, tensor<i8>) -> tensor<*xf32>
  %nc = nn.onnx %qc, %low, %four {type = "Clip", domain = "", version = 13 : i64, node_attributes = {}, layer = "nc"} : (tensor<*xf32>, tensor<i8>, tensor<i8>) -> tensor<*xf32>
  %dc = nn.onnx %nc, %s, %z {type = "DequantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "dc"} : (tensor<*xf32>, tensor<f32>, tensor<i8>) -> tensor<*xf32>
  %y = nn.onnx %d, %dc {type = "Add", domain = "", version = 13 : i64, node_attributes = {}, layer = "y"} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// Layers that move values work on codes. A padding with code 1 is one with (1 - 3) * 0.5.
// CHECK-LABEL: func.func @codes(
// CHECK:         %[[P:.*]] = nn.max_pool %{{.*}} {{.*}}layer = "pool"
// CHECK:         %[[Q:.*]] = nn.quantize %[[P]]
// CHECK:         %[[D:.*]] = nn.dequantize %[[Q]]
// CHECK:         %[[PAD:.*]] = nn.pad %[[D]] {{.*}}layer = "pad", {{.*}}value = -1.000000e+00 : f32}
// CHECK:         nn.quantize %[[PAD]] {{.*}} -> tensor<1x1x3x1x!quant.uniform<u8:f32, 5.000000e-01:3>>
func.func @codes(%x: tensor<1x1x2x2xf32>) -> tensor<*xf32> {
  %s = nn.constant {value = dense<0.5> : tensor<f32>, layer = "s"} : () -> tensor<f32>
  %z = nn.constant {value = dense<3> : tensor<ui8>, layer = "z"} : () -> tensor<ui8>
  %one = nn.constant {value = dense<1> : tensor<ui8>, layer = "one"} : () -> tensor<ui8>
  %pads = nn.constant {value = dense<[0, 0, 1, 0, 0, 0, 1, 0]> : tensor<8xi64>, layer = "pads"} : () -> tensor<8xi64>
  %q = nn.onnx %x, %s, %z {type = "QuantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "q"} : (tensor<1x1x2x2xf32>, tensor<f32>, tensor<ui8>) -> tensor<*xf32>
  %p = nn.onnx %q {type = "MaxPool", domain = "", version = 13 : i64, node_attributes = {kernel_shape = array<i64: 2, 2>}, layer = "pool"} : (tensor<*xf32>) -> tensor<*xf32>
  %pad = nn.onnx %p, %pads, %one {type = "Pad", domain = "", version = 13 : i64, node_attributes = {}, layer = "pad"} : (tensor<*xf32>, tensor<8xi64>, tensor<ui8>) -> tensor<*xf32>
  %y = nn.onnx %pad, %s, %z {type = "DequantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "y"} : (tensor<*xf32>, tensor<f32>, tensor<ui8>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// Operators on codes are the operator on floats between DequantizeLinear and QuantizeLinear; the bias has the product of the scales.
// CHECK-LABEL: func.func @qlinear(
// CHECK-DAG:     nn.constant {layer = "b", value = dense<[7, -9]> : tensor<2xi32>} : () -> tensor<2x!quant.uniform<i32:f32:0, {1.250000e-01,2.500000e-01}>>
// CHECK:         %[[C:.*]] = nn.conv %{{.*}} {{.*}}layer = "conv"
// CHECK:         %[[QC:.*]] = nn.quantize %[[C]]
// CHECK:         %[[DC:.*]] = nn.dequantize %[[QC]]
// CHECK:         %[[S:.*]] = nn.add %[[DC]], %{{.*}} {layer = "add"}
// CHECK:         %[[QS:.*]] = nn.quantize %[[S]]
// CHECK:         %[[J:.*]] = nn.concat %{{.*}} {axis = 1 : i64, layer = "concat"}
// CHECK:         %[[G:.*]] = nn.average_pool %{{.*}} {{.*}}kernel = array<i64: 2, 2>, layer = "gap"
// CHECK:         nn.function %{{.*}} {{.*}}kind = 0 : i32, layer = "sigmoid"
// CHECK:         nn.softmax %{{.*}} {axis = 1 : i64, layer = "softmax"}
func.func @qlinear(%x: tensor<1x1x2x2xf32>) -> tensor<*xf32> {
  %s = nn.constant {value = dense<0.5> : tensor<f32>, layer = "s"} : () -> tensor<f32>
  %z = nn.constant {value = dense<3> : tensor<ui8>, layer = "z"} : () -> tensor<ui8>
  %w = nn.constant {value = dense<1> : tensor<2x1x1x1xi8>, layer = "w"} : () -> tensor<2x1x1x1xi8>
  %ws = nn.constant {value = dense<[0.25, 0.5]> : tensor<2xf32>, layer = "ws"} : () -> tensor<2xf32>
  %wz = nn.constant {value = dense<0> : tensor<2xi8>, layer = "wz"} : () -> tensor<2xi8>
  %b = nn.constant {value = dense<[7, -9]> : tensor<2xi32>, layer = "b"} : () -> tensor<2xi32>
  %q = nn.onnx %x, %s, %z {type = "QuantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "q"} : (tensor<1x1x2x2xf32>, tensor<f32>, tensor<ui8>) -> tensor<*xf32>
  %c = nn.onnx %q, %s, %z, %w, %ws, %wz, %s, %z, %b {type = "QLinearConv", domain = "", version = 13 : i64, node_attributes = {}, layer = "conv"} : (tensor<*xf32>, tensor<f32>, tensor<ui8>, tensor<2x1x1x1xi8>, tensor<2xf32>, tensor<2xi8>, tensor<f32>, tensor<ui8>, tensor<2xi32>) -> tensor<*xf32>
  %a = nn.onnx %c, %s, %z, %c, %s, %z, %s, %z {type = "QLinearAdd", domain = "com.microsoft", version = 1 : i64, node_attributes = {}, layer = "add"} : (tensor<*xf32>, tensor<f32>, tensor<ui8>, tensor<*xf32>, tensor<f32>, tensor<ui8>, tensor<f32>, tensor<ui8>) -> tensor<*xf32>
  %j = nn.onnx %s, %z, %a, %s, %z, %c, %s, %z {type = "QLinearConcat", domain = "com.microsoft", version = 1 : i64, node_attributes = {axis = 1 : i64}, layer = "concat"} : (tensor<f32>, tensor<ui8>, tensor<*xf32>, tensor<f32>, tensor<ui8>, tensor<*xf32>, tensor<f32>, tensor<ui8>) -> tensor<*xf32>
  %g = nn.onnx %j, %s, %z, %s, %z {type = "QLinearGlobalAveragePool", domain = "com.microsoft", version = 1 : i64, node_attributes = {channels_last = 0 : i64}, layer = "gap"} : (tensor<*xf32>, tensor<f32>, tensor<ui8>, tensor<f32>, tensor<ui8>) -> tensor<*xf32>
  %f = nn.onnx %g, %s, %z, %s, %z {type = "QLinearSigmoid", domain = "com.microsoft", version = 1 : i64, node_attributes = {}, layer = "sigmoid"} : (tensor<*xf32>, tensor<f32>, tensor<ui8>, tensor<f32>, tensor<ui8>) -> tensor<*xf32>
  %m = nn.onnx %f, %s, %z, %s, %z {type = "QLinearSoftmax", domain = "com.microsoft", version = 1 : i64, node_attributes = {axis = 1 : i64, opset = 13 : i64}, layer = "softmax"} : (tensor<*xf32>, tensor<f32>, tensor<ui8>, tensor<f32>, tensor<ui8>) -> tensor<*xf32>
  %y = nn.onnx %m, %s, %z {type = "DequantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "y"} : (tensor<*xf32>, tensor<f32>, tensor<ui8>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// -----

// A product of integers is one of what they stand for, where the weights have the inverse scale of the input.
// CHECK-LABEL: func.func @integers(
// CHECK:         nn.constant {layer = "w", value = dense<{{.*5.*7.*}}> : tensor<2x1xi8>} : () -> tensor<2x1x!quant.uniform<u8:f32, 2.000000e+00:1>>
// CHECK:         %[[M:.*]] = nn.matmul %{{.*}} {layer = "product"}
// CHECK:         nn.mul %[[M]]
func.func @integers(%x: tensor<1x2xf32>) -> tensor<*xf32> {
  %s = nn.constant {value = dense<0.5> : tensor<f32>, layer = "s"} : () -> tensor<f32>
  %z = nn.constant {value = dense<3> : tensor<ui8>, layer = "z"} : () -> tensor<ui8>
  %w = nn.constant {value = dense<[[5], [7]]> : tensor<2x1xui8>, layer = "w"} : () -> tensor<2x1xui8>
  %wz = nn.constant {value = dense<1> : tensor<ui8>, layer = "wz"} : () -> tensor<ui8>
  %q = nn.onnx %x, %s, %z {type = "QuantizeLinear", domain = "", version = 10 : i64, node_attributes = {}, layer = "q"} : (tensor<1x2xf32>, tensor<f32>, tensor<ui8>) -> tensor<*xf32>
  %p = nn.onnx %q, %w, %z, %wz {type = "MatMulInteger", domain = "", version = 10 : i64, node_attributes = {}, layer = "product"} : (tensor<*xf32>, tensor<2x1xui8>, tensor<ui8>, tensor<ui8>) -> tensor<*xf32>
  %f = nn.onnx %p {type = "Cast", domain = "", version = 9 : i64, node_attributes = {to = 1 : i64}, layer = "cast"} : (tensor<*xf32>) -> tensor<*xf32>
  %y = nn.onnx %f, %s {type = "Mul", domain = "", version = 7 : i64, node_attributes = {}, layer = "scaled"} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  return %y : tensor<*xf32>
}

// RUN: quantization-opt %s --convert-onnx-to-nn --split-input-file --verify-diagnostics

func.func @scales(%x: tensor<1x2xf32>, %t: tensor<f32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
  %two = nn.constant {value = dense<[0.5, 0.25]> : tensor<2xf32>, layer = "two"} : () -> tensor<2xf32>
  %zero = nn.constant {value = dense<0.0> : tensor<f32>, layer = "zero"} : () -> tensor<f32>
  %s = nn.constant {value = dense<0.5> : tensor<f32>, layer = "s"} : () -> tensor<f32>
  %z = nn.constant {value = dense<0> : tensor<i32>, layer = "z"} : () -> tensor<i32>
  // expected-error@+1 {{node "a" (QuantizeLinear): operand scale must be known at compile time}}
  %a = nn.onnx %x, %t {type = "QuantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "a"} : (tensor<1x2xf32>, tensor<f32>) -> tensor<*xf32>
  // expected-error@+1 {{node "b" (QuantizeLinear): a scale per channel of a computed value is not supported, since integers of different scales cannot be added; one per tensor is}}
  %b = nn.onnx %x, %two {type = "QuantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "b"} : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<*xf32>
  // expected-error@+1 {{node "c" (QuantizeLinear): its scale 0 is no normal positive number}}
  %c = nn.onnx %x, %zero {type = "QuantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "c"} : (tensor<1x2xf32>, tensor<f32>) -> tensor<*xf32>
  // expected-error@+1 {{node "d" (QuantizeLinear): its codes must be (u)int4, (u)int8 or (u)int16}}
  %d = nn.onnx %x, %s, %z {type = "QuantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "d"} : (tensor<1x2xf32>, tensor<f32>, tensor<i32>) -> tensor<*xf32>
  // expected-error@+1 {{node "e" (QuantizeLinear): a scale per block is not supported; one per tensor or per channel is}}
  %e = nn.onnx %x, %s {type = "QuantizeLinear", domain = "", version = 21 : i64, node_attributes = {block_size = 2 : i64}, layer = "e"} : (tensor<1x2xf32>, tensor<f32>) -> tensor<*xf32>
  return %a, %b, %c, %d, %e : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}

// -----

func.func @codes(%x: tensor<1x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) {
  %s = nn.constant {value = dense<0.5> : tensor<f32>, layer = "s"} : () -> tensor<f32>
  %z = nn.constant {value = dense<3> : tensor<ui8>, layer = "z"} : () -> tensor<ui8>
  %q = nn.onnx %x, %s {type = "QuantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "q"} : (tensor<1x2xf32>, tensor<f32>) -> tensor<*xf32>
  // expected-error@+1 {{node "other" (DequantizeLinear): its scale 0.5 and zero point 3 differ from the scale 0.5 and zero point 0 with which its operand was quantized}}
  %d = nn.onnx %q, %s, %z {type = "DequantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "other"} : (tensor<*xf32>, tensor<f32>, tensor<ui8>) -> tensor<*xf32>
  // expected-error@+1 {{node "relu" (Relu): it computes on codes between QuantizeLinear and DequantizeLinear, where only layers that move values are supported}}
  %r = nn.onnx %q {type = "Relu", domain = "", version = 13 : i64, node_attributes = {}, layer = "relu"} : (tensor<*xf32>) -> tensor<*xf32>
  // expected-error@+1 {{node "float" (DequantizeLinear): operand x must be the result of a QuantizeLinear, or integers known at compile time}}
  %f = nn.onnx %x, %s {type = "DequantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "float"} : (tensor<1x2xf32>, tensor<f32>) -> tensor<*xf32>
  return %d, %r, %f : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}

// -----

func.func @integers(%x: tensor<1x2xf32>) -> (tensor<*xf32>, tensor<*xf32>) {
  %s = nn.constant {value = dense<0.5> : tensor<f32>, layer = "s"} : () -> tensor<f32>
  %z = nn.constant {value = dense<3> : tensor<ui8>, layer = "z"} : () -> tensor<ui8>
  %w = nn.constant {value = dense<1> : tensor<2x1xui8>, layer = "w"} : () -> tensor<2x1xui8>
  %q = nn.onnx %x, %s {type = "QuantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "q"} : (tensor<1x2xf32>, tensor<f32>) -> tensor<*xf32>
  // expected-error@+1 {{node "a" (MatMulInteger): the zero point of its input differs from the one with which that was quantized, 0}}
  %a = nn.onnx %q, %w, %z {type = "MatMulInteger", domain = "", version = 10 : i64, node_attributes = {}, layer = "a"} : (tensor<*xf32>, tensor<2x1xui8>, tensor<ui8>) -> tensor<*xf32>
  // expected-error@+1 {{node "b" (MatMulInteger): its first operand must be the result of a QuantizeLinear}}
  %b = nn.onnx %x, %w {type = "MatMulInteger", domain = "", version = 10 : i64, node_attributes = {}, layer = "b"} : (tensor<1x2xf32>, tensor<2x1xui8>) -> tensor<*xf32>
  return %a, %b : tensor<*xf32>, tensor<*xf32>
}

// -----

func.func @operators(%x: tensor<1x1x2x2xf32>) -> (tensor<*xf32>, tensor<*xf32>) {
  %s = nn.constant {value = dense<0.5> : tensor<f32>, layer = "s"} : () -> tensor<f32>
  %z = nn.constant {value = dense<3> : tensor<ui8>, layer = "z"} : () -> tensor<ui8>
  %q = nn.onnx %x, %s, %z {type = "QuantizeLinear", domain = "", version = 13 : i64, node_attributes = {}, layer = "q"} : (tensor<1x1x2x2xf32>, tensor<f32>, tensor<ui8>) -> tensor<*xf32>
  // expected-error@+1 {{node "conv" (QLinearConv): operand 4 is missing}}
  %a = nn.onnx %q, %s, %z, %q {type = "QLinearConv", domain = "", version = 10 : i64, node_attributes = {}, layer = "conv"} : (tensor<*xf32>, tensor<f32>, tensor<ui8>, tensor<*xf32>) -> tensor<*xf32>
  // expected-error@+1 {{node "pool" (QLinearAveragePool): attribute channels_last = 1 is not supported; supported is 0}}
  %b = nn.onnx %q, %s, %z, %s, %z {type = "QLinearAveragePool", domain = "com.microsoft", version = 1 : i64, node_attributes = {channels_last = 1 : i64}, layer = "pool"} : (tensor<*xf32>, tensor<f32>, tensor<ui8>, tensor<f32>, tensor<ui8>) -> tensor<*xf32>
  return %a, %b : tensor<*xf32>, tensor<*xf32>
}

// -----

// What computes its scales while it runs has none that could become types.
// expected-error@+1 {{1 operator is not supported: DynamicQuantizeLinear (1 node: "dynamic")}}
module {
  func.func @dynamic(%x: tensor<1x2xf32>) -> (tensor<*xf32>) {
    %q:3 = nn.onnx %x {type = "DynamicQuantizeLinear", domain = "", version = 11 : i64, node_attributes = {}, layer = "dynamic"} : (tensor<1x2xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
    return %q#0 : tensor<*xf32>
  }
}

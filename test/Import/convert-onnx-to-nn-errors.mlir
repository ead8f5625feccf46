// RUN: quantization-opt %s --convert-onnx-to-nn --split-input-file --verify-diagnostics

// Every unsupported operator is reported at once, with the attributes that are not supported elsewhere.
// expected-error@+1 {{model.onnx: 3 operators are not supported: Conv of opset 0 (1 node: "d"), Foo (2 nodes: "a", "b"), com.microsoft.Bar (1 node: "c")}}
module attributes {nn.model_file = "model.onnx"} {
  func.func @unsupported(%x: tensor<1x4xf32>) -> tensor<*xf32> {
    %pads = nn.constant {value = dense<0> : tensor<4xi64>, layer = "pads"} : () -> tensor<4xi64>
    %a = nn.onnx %x {type = "Foo", domain = "", version = 13 : i64, node_attributes = {}, layer = "a"} : (tensor<1x4xf32>) -> tensor<*xf32>
    %b = nn.onnx %a {type = "Foo", domain = "", version = 13 : i64, node_attributes = {}, layer = "b"} : (tensor<*xf32>) -> tensor<*xf32>
    %c = nn.onnx %b {type = "Bar", domain = "com.microsoft", version = 1 : i64, node_attributes = {}, layer = "c"} : (tensor<*xf32>) -> tensor<*xf32>
    %d = nn.onnx %c {type = "Conv", domain = "", version = 0 : i64, node_attributes = {}, layer = "d"} : (tensor<*xf32>) -> tensor<*xf32>
    // expected-error@+1 {{model.onnx: node "e" (Pad): attribute mode = "reflect" is not supported; supported is "constant"}}
    %e = nn.onnx %x, %pads {type = "Pad", domain = "", version = 13 : i64, node_attributes = {mode = "reflect"}, layer = "e"} : (tensor<1x4xf32>, tensor<4xi64>) -> tensor<*xf32>
    %f = nn.onnx %d, %e {type = "Add", domain = "", version = 13 : i64, node_attributes = {}, layer = "f"} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
    return %f : tensor<*xf32>
  }
}

// -----

func.func @attribute(%x: tensor<1x4xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{node "relu" (Relu): attribute "leak" is not known}}
  %0 = nn.onnx %x {type = "Relu", domain = "", version = 13 : i64, node_attributes = {leak = 1 : i64}, layer = "relu"} : (tensor<1x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @channels(%x: tensor<1x3x4x4xf32>) -> tensor<*xf32> {
  %w = nn.constant {value = dense<1.0> : tensor<2x4x3x3xf32>, layer = "w"} : () -> tensor<2x4x3x3xf32>
  // expected-error@+1 {{(layer "conv1") expected 3 input channels}}
  %0 = nn.onnx %x, %w {type = "Conv", domain = "", version = 13 : i64, node_attributes = {}, layer = "conv1"} : (tensor<1x3x4x4xf32>, tensor<2x4x3x3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @window(%x: tensor<1x3x4xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{node "pool" (MaxPool): its window of 5 does not fit into spatial dimension 0, which has 4 with padding}}
  %0 = nn.onnx %x {type = "MaxPool", domain = "", version = 13 : i64, node_attributes = {kernel_shape = array<i64: 5>}, layer = "pool"} : (tensor<1x3x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @indices(%x: tensor<1x3x4xf32>) -> (tensor<*xf32>, tensor<*xf32>) {
  // expected-error@+1 {{node "pool" (MaxPool): its output Indices is used, which is not supported}}
  %0:2 = nn.onnx %x {type = "MaxPool", domain = "", version = 13 : i64, node_attributes = {kernel_shape = array<i64: 2>}, layer = "pool"} : (tensor<1x3x4xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return %0#0, %0#1 : tensor<*xf32>, tensor<*xf32>
}

// -----

func.func @slope(%x: tensor<1x2x4xf32>) -> tensor<*xf32> {
  %s = nn.constant {value = dense<[[1.0], [2.0]]> : tensor<2x1xf32>, layer = "s"} : () -> tensor<2x1xf32>
  // expected-error@+1 {{node "prelu" (PRelu): a slope per channel is not supported; one slope for all values is}}
  %0 = nn.onnx %x, %s {type = "PRelu", domain = "", version = 13 : i64, node_attributes = {}, layer = "prelu"} : (tensor<1x2x4xf32>, tensor<2x1xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @shape(%x: tensor<1x4xf32>) -> tensor<*xf32> {
  %s = nn.constant {value = dense<[3, -1]> : tensor<2xi64>, layer = "s"} : () -> tensor<2xi64>
  // expected-error@+1 {{node "r" (Reshape): cannot reshape [1, 4] to [3, -1]}}
  %0 = nn.onnx %x, %s {type = "Reshape", domain = "", version = 13 : i64, node_attributes = {}, layer = "r"} : (tensor<1x4xf32>, tensor<2xi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @missing(%x: tensor<1x4xf32>) -> tensor<*xf32> {
  %none = nn.none : () -> none
  // expected-error@+1 {{node "add" (Add): operand B is missing}}
  %0 = nn.onnx %x, %none {type = "Add", domain = "", version = 13 : i64, node_attributes = {}, layer = "add"} : (tensor<1x4xf32>, none) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @integers(%x: tensor<1x4xf32>) -> tensor<*xf32> {
  %s = nn.constant {value = dense<3> : tensor<1x4xi64>, layer = "s"} : () -> tensor<1x4xi64>
  // expected-error@+1 {{node "add" (Add): an operand has element type i64, which is supported only where all operands are known at compile time}}
  %0 = nn.onnx %x, %s {type = "Add", domain = "", version = 13 : i64, node_attributes = {}, layer = "add"} : (tensor<1x4xf32>, tensor<1x4xi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

// expected-error@+1 {{input "ids" has type 'tensor<1x4xi64>'; only f32 tensors of a static shape can be inputs}}
func.func @input(%x: tensor<1x4xi64> {nn.name = "ids"}) -> tensor<*xf32> {
  %0 = nn.onnx %x {type = "Relu", domain = "", version = 13 : i64, node_attributes = {}, layer = "r"} : (tensor<1x4xi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

// expected-error@+1 {{output "sizes" has type 'tensor<2xi64>'; only f32 tensors can be outputs}}
func.func @output(%x: tensor<1x4xf32>) -> (tensor<*xf32> {nn.name = "sizes"}) {
  %0 = nn.onnx %x {type = "Shape", domain = "", version = 13 : i64, node_attributes = {}, layer = "s"} : (tensor<1x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @newer(%x: tensor<1x4xf32>) -> tensor<*xf32> {
  // expected-warning@+1 {{opset 99 is newer than 26, the newest one known here}}
  %0 = nn.onnx %x {type = "Relu", domain = "", version = 99 : i64, node_attributes = {}, layer = "r"} : (tensor<1x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @gelu(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{node "gelu" (Gelu): attribute approximate = "quick" is not supported; supported is "none" and "tanh"}}
  %0 = nn.onnx %x {type = "Gelu", domain = "", version = 20 : i64, node_attributes = {approximate = "quick"}, layer = "gelu"} : (tensor<2x3x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @power(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  %p = nn.constant {value = dense<2.5> : tensor<f32>, layer = "p"} : () -> tensor<f32>
  // expected-error@+1 {{node "pow" (Pow): the exponent 2.50 is not supported; 0.5, 1, 2 and 3 are}}
  %0 = nn.onnx %x, %p {type = "Pow", domain = "", version = 13 : i64, node_attributes = {}, layer = "pow"} : (tensor<2x3x4xf32>, tensor<f32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @powers(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  %p = nn.constant {value = dense<[1.0, 2.0, 3.0, 2.0]> : tensor<4xf32>, layer = "p"} : () -> tensor<4xf32>
  // expected-error@+1 {{node "pow" (Pow): an exponent per value is not supported; one exponent for all values is}}
  %0 = nn.onnx %x, %p {type = "Pow", domain = "", version = 13 : i64, node_attributes = {}, layer = "pow"} : (tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @exponent(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{node "pow" (Pow): operand Y must be known at compile time}}
  %0 = nn.onnx %x, %x {type = "Pow", domain = "", version = 13 : i64, node_attributes = {}, layer = "pow"} : (tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @norm_axis(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  %s = nn.constant {value = dense<1.0> : tensor<4xf32>, layer = "s"} : () -> tensor<4xf32>
  // expected-error@+1 {{node "norm" (LayerNormalization): axis 3 is outside a tensor of rank 3}}
  %0 = nn.onnx %x, %s {type = "LayerNormalization", domain = "", version = 17 : i64, node_attributes = {axis = 3 : i64}, layer = "norm"} : (tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @norm_type(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  %s = nn.constant {value = dense<1.0> : tensor<4xf32>, layer = "s"} : () -> tensor<4xf32>
  // expected-error@+1 {{node "norm" (LayerNormalization): attribute stash_type = 16 is not supported; supported is 1}}
  %0 = nn.onnx %x, %s {type = "LayerNormalization", domain = "", version = 17 : i64, node_attributes = {stash_type = 16 : i64}, layer = "norm"} : (tensor<2x3x4xf32>, tensor<4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @norm_rows(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  %r = nn.constant {value = dense<1.0> : tensor<3x4xf32>, layer = "r"} : () -> tensor<3x4xf32>
  // expected-error@+1 {{node "norm" (LayerNormalization): operand Scale of shape [3, 4] does not broadcast to the normalized [4]}}
  %0 = nn.onnx %x, %r {type = "LayerNormalization", domain = "", version = 17 : i64, node_attributes = {}, layer = "norm"} : (tensor<2x3x4xf32>, tensor<3x4xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @norm_bias(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  %s = nn.constant {value = dense<1.0> : tensor<4xf32>, layer = "s"} : () -> tensor<4xf32>
  %b = nn.constant {value = dense<1.0> : tensor<3xf32>, layer = "b"} : () -> tensor<3xf32>
  // expected-error@+1 {{node "norm" (LayerNormalization): operand B of shape [3] does not broadcast to the normalized [4]}}
  %0 = nn.onnx %x, %s, %b {type = "LayerNormalization", domain = "", version = 17 : i64, node_attributes = {}, layer = "norm"} : (tensor<2x3x4xf32>, tensor<4xf32>, tensor<3xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @norm_mean(%x: tensor<2x3x4xf32>) -> (tensor<*xf32>, tensor<*xf32>) {
  %s = nn.constant {value = dense<1.0> : tensor<4xf32>, layer = "s"} : () -> tensor<4xf32>
  // expected-error@+1 {{node "norm" (LayerNormalization): its output Mean is used, which is not supported}}
  %0:2 = nn.onnx %x, %s {type = "LayerNormalization", domain = "", version = 17 : i64, node_attributes = {}, layer = "norm"} : (tensor<2x3x4xf32>, tensor<4xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  return %0#0, %0#1 : tensor<*xf32>, tensor<*xf32>
}

// -----

func.func @power_shape(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  %p = nn.constant {value = dense<2.0> : tensor<5xf32>, layer = "p"} : () -> tensor<5xf32>
  // expected-error@+1 {{node "pow" (Pow): cannot broadcast [2, 3, 4] and [5]}}
  %0 = nn.onnx %x, %p {type = "Pow", domain = "", version = 13 : i64, node_attributes = {}, layer = "pow"} : (tensor<2x3x4xf32>, tensor<5xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @power_of_integers(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  %p = nn.constant {value = dense<2> : tensor<1xi64>, layer = "p"} : () -> tensor<1xi64>
  // expected-error@+1 {{node "pow" (Pow): powers of integers are not supported}}
  %0 = nn.onnx %p, %p {type = "Pow", domain = "", version = 13 : i64, node_attributes = {}, layer = "pow"} : (tensor<1xi64>, tensor<1xi64>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

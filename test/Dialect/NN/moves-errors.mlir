// Every verifier of pools, moves and changes of format, with the layer and the fact in its message.
// RUN: quantization-opt %s --split-input-file --verify-diagnostics

func.func @f(%x: tensor<1x2x4xf32>) {
  // expected-error@+1 {{(layer "u") expected one element type but found 'f32' and 'i32'}}
  %0 = nn.max_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, layer = "u"} : (tensor<1x2x4xf32>) -> tensor<1x2x2xi32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4xf32>) {
  // expected-error@+1 {{(layer "u") expected input and result of one rank, at least 3}}
  %0 = nn.max_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, layer = "u"} : (tensor<1x2x4xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+1 {{(layer "u") expected input and result of one rank, at least 3}}
  %0 = nn.max_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, layer = "u"} : (tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4xf32>) {
  // expected-error@+1 {{(layer "u") expected batch 1 and 2 channels but found [1, 3, 2]}}
  %0 = nn.max_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, layer = "u"} : (tensor<1x2x4xf32>) -> tensor<1x3x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4xf32>) {
  // expected-error@+1 {{(layer "u") expected 2 windows along spatial dimension 0 but found 4}}
  %0 = nn.max_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, layer = "u"} : (tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4xf32>) {
  // expected-error@+1 {{(layer "u") expected kernel, strides and dilations of 1 entries and pads of 2}}
  %0 = nn.max_pool %x {kernel = array<i64: 2, 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, layer = "u"} : (tensor<1x2x4xf32>) -> tensor<1x2x2xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @f(%x: tensor<1x2x4x!u8>) {
  // expected-error@+1 {{(layer "u") expected an i32 accumulator but found '!quant.uniform<u8:f32, 5.000000e-01:10>'}}
  %0 = nn.average_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "u"} : (tensor<1x2x4x!u8>) -> tensor<1x2x2x!u8>
  return
}

// -----

func.func @f(%x: tensor<1x2x4xf32>) {
  // expected-error@+1 {{(layer "u") expected f32 but found 'i32'}}
  %0 = nn.average_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "u"} : (tensor<1x2x4xf32>) -> tensor<1x2x2xi32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4xf32>) {
  // expected-error@+1 {{(layer "u") expected batch 1 and 2 channels but found [2, 2, 2]}}
  %0 = nn.average_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "u"} : (tensor<1x2x4xf32>) -> tensor<2x2x2xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{(layer "m") expected at least one input}}
  %0 = nn.concat {axis = 0, layer = "m"} : () -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>, %y: tensor<2xf32>) {
  // expected-error@+1 {{(layer "m") axis 1 is outside a tensor of rank 1}}
  %0 = nn.concat %x, %y {axis = 1, layer = "m"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>, %y: tensor<2xf32>) {
  // expected-error@+1 {{(layer "m") axis 1 is outside its inputs}}
  %0 = nn.concat %x, %y {axis = 1, layer = "m"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>, %y: tensor<2xi32>) {
  // expected-error@+1 {{(layer "m") expected one element type but found 'i32' and 'f32'}}
  %0 = nn.concat %x, %y {axis = 0, layer = "m"} : (tensor<2xf32>, tensor<2xi32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x2xf32>, %y: tensor<2xf32>) {
  // expected-error@+1 {{(layer "m") expected inputs of one rank}}
  %0 = nn.concat %x, %y {axis = 0, layer = "m"} : (tensor<2x2xf32>, tensor<2xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x2xf32>, %y: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") expected inputs that differ along axis 0 only but found [2, 3]}}
  %0 = nn.concat %x, %y {axis = 0, layer = "m"} : (tensor<2x2xf32>, tensor<2x3xf32>) -> tensor<4x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x2xf32>, %y: tensor<2x2xf32>) {
  // expected-error@+1 {{(layer "m") expected result shape [4, 2] but found [3, 2]}}
  %0 = nn.concat %x, %y {axis = 0, layer = "m"} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") cannot reshape [2, 3] to [5]}}
  %0 = nn.reshape %x {layer = "m"} : (tensor<2x3xf32>) -> tensor<5xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") expected one element type but found 'f32' and 'i32'}}
  %0 = nn.reshape %x {layer = "m"} : (tensor<2x3xf32>) -> tensor<6xi32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") expected a permutation of 2 dimensions but found [0, 0]}}
  %0 = nn.transpose %x {permutation = array<i64: 0, 0>, layer = "m"} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") expected a permutation of 2 dimensions but found [0]}}
  %0 = nn.transpose %x {permutation = array<i64: 0>, layer = "m"} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") expected result shape [3, 2] but found [2, 3]}}
  %0 = nn.transpose %x {permutation = array<i64: 1, 0>, layer = "m"} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") expected one element type but found 'f32' and 'i32'}}
  %0 = nn.transpose %x {permutation = array<i64: 1, 0>, layer = "m"} : (tensor<2x3xf32>) -> tensor<3x2xi32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") expected starts and steps for 2 dimensions}}
  %0 = nn.slice %x {starts = array<i64: 0>, steps = array<i64: 1, 1>, layer = "m"} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") dimension 1 reads outside [2, 3]}}
  %0 = nn.slice %x {starts = array<i64: 0, 2>, steps = array<i64: 1, 1>, layer = "m"} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") dimension 1 reads outside [2, 3]}}
  %0 = nn.slice %x {starts = array<i64: 0, 0>, steps = array<i64: 1, -1>, layer = "m"} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") dimension 0 reads outside [2, 3]}}
  %0 = nn.slice %x {starts = array<i64: 0, 0>, steps = array<i64: 0, 1>, layer = "m"} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") expected one element type but found 'f32' and 'i32'}}
  %0 = nn.slice %x {starts = array<i64: 0, 0>, steps = array<i64: 1, 1>, layer = "m"} : (tensor<2x3xf32>) -> tensor<2x2xi32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") expected low and high for 2 dimensions}}
  %0 = nn.pad %x {low = array<i64: 0>, high = array<i64: 0, 0>, value = 0.0 : f32, layer = "m"} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") expected non-negative padding}}
  %0 = nn.pad %x {low = array<i64: 0, -1>, high = array<i64: 0, 0>, value = 0.0 : f32, layer = "m"} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") expected result shape [2, 6] but found [2, 5]}}
  %0 = nn.pad %x {low = array<i64: 0, 1>, high = array<i64: 0, 2>, value = 0.0 : f32, layer = "m"} : (tensor<2x3xf32>) -> tensor<2x5xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{(layer "m") expected one element type but found 'f32' and 'i32'}}
  %0 = nn.pad %x {low = array<i64: 0, 0>, high = array<i64: 0, 0>, value = 0.0 : f32, layer = "m"} : (tensor<2x3xf32>) -> tensor<2x3xi32>
  return
}

// -----

func.func @f(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "m") is float only but found 'i32'}}
  %0 = nn.observe %x {layer = "m"} : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error@+1 {{(layer "m") expected result shape [2] but found [3]}}
  %0 = nn.observe %x {layer = "m"} : (tensor<2xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error@+1 {{(layer "m") expected f32 to a quantized type}}
  %0 = nn.quantize %x {rounding = 0 : i32, layer = "m"} : (tensor<2xf32>) -> tensor<2xi8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @f(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "m") expected f32 to a quantized type}}
  %0 = nn.quantize %x {rounding = 0 : i32, layer = "m"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @f(%x: tensor<2xf32>) {
  // expected-error@+1 {{(layer "m") expected result shape [2] but found [3]}}
  %0 = nn.quantize %x {rounding = 0 : i32, layer = "m"} : (tensor<2xf32>) -> tensor<3x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @f(%x: tensor<2xf32>) {
  // expected-error@+1 {{attribute 'rounding' failed to satisfy constraint: how a value between two codes is rounded}}
  %0 = nn.quantize %x {rounding = 5 : i32, layer = "m"} : (tensor<2xf32>) -> tensor<2x!u8>
  return
}

// -----

func.func @f(%x: tensor<2xi8>) {
  // expected-error@+1 {{(layer "m") expected a quantized type to f32}}
  %0 = nn.dequantize %x {layer = "m"} : (tensor<2xi8>) -> tensor<2xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @f(%x: tensor<2x!u8>) {
  // expected-error@+1 {{(layer "m") expected a quantized type to f32}}
  %0 = nn.dequantize %x {layer = "m"} : (tensor<2x!u8>) -> tensor<2xi32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @f(%x: tensor<2x!u8>) {
  // expected-error@+1 {{(layer "m") expected result shape [2] but found [3]}}
  %0 = nn.dequantize %x {layer = "m"} : (tensor<2x!u8>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error@+1 {{requires attribute 'layer'}}
  %0 = nn.reshape %x : (tensor<2xf32>) -> tensor<2xf32>
  return
}

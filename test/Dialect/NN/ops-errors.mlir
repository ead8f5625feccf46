// Every verifier of constants, contractions, elementwise layers and normalizations, with the layer and the fact in its message.
// RUN: quantization-opt %s --split-input-file --verify-diagnostics

func.func @f() {
  // expected-error@+1 {{(layer "c") expected a value of shape [2]}}
  %0 = nn.constant {value = dense<1.0> : tensor<1x2xf32>, layer = "c"} : () -> tensor<2xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @f() {
  // expected-error@+1 {{(layer "c") expected stored values of type 'i8' but found 'f32'}}
  %0 = nn.constant {value = dense<1.0> : tensor<2xf32>, layer = "c"} : () -> tensor<2x!u8>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{(layer "c") expected values of type 'f32' but found 'i32'}}
  %0 = nn.constant {value = dense<1> : tensor<2xi32>, layer = "c"} : () -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4x4xf32>, %w: tensor<3x2x3xf32>) {
  // expected-error@+1 {{(layer "conv") expected input, weights and result of one rank, at least 3}}
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x2x4x4xf32>, tensor<3x2x3xf32>) -> tensor<1x3x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2xf32>, %w: tensor<3x2xf32>) {
  // expected-error@+1 {{(layer "conv") expected input, weights and result of one rank, at least 3}}
  %0 = nn.conv %x, %w {strides = array<i64>, pads = array<i64>, dilations = array<i64>, groups = 1, layer = "conv"} : (tensor<1x2xf32>, tensor<3x2xf32>) -> tensor<1x3xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4x4xf32>, %w: tensor<3x1x3x3xf32>) {
  // expected-error@+1 {{(layer "conv") expected 2 input channels = groups * weights' second dimension, and groups to divide 3 output channels, but found groups 1 and weights [3, 1, 3, 3]}}
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x2x4x4xf32>, tensor<3x1x3x3xf32>) -> tensor<1x3x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4x4xf32>, %w: tensor<3x1x3x3xf32>) {
  // expected-error@+1 {{(layer "conv") expected 2 input channels = groups * weights' second dimension, and groups to divide 3 output channels, but found groups 2 and weights [3, 1, 3, 3]}}
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2, layer = "conv"} : (tensor<1x2x4x4xf32>, tensor<3x1x3x3xf32>) -> tensor<1x3x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4x4xf32>, %w: tensor<3x2x3x3xf32>) {
  // expected-error@+1 {{(layer "conv") expected 2 input channels = groups * weights' second dimension, and groups to divide 3 output channels, but found groups 0 and weights [3, 2, 3, 3]}}
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 0, layer = "conv"} : (tensor<1x2x4x4xf32>, tensor<3x2x3x3xf32>) -> tensor<1x3x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4x4xf32>, %w: tensor<3x2x3x3xf32>) {
  // expected-error@+1 {{(layer "conv") expected batch 1 and 3 channels but found [1, 2, 2, 2]}}
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x2x4x4xf32>, tensor<3x2x3x3xf32>) -> tensor<1x2x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4x4xf32>, %w: tensor<3x2x3x3xf32>, %b: tensor<2xf32>) {
  // expected-error@+1 {{(layer "conv") expected a bias of shape [3] but found [2]}}
  %0 = nn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x2x4x4xf32>, tensor<3x2x3x3xf32>, tensor<2xf32>) -> tensor<1x3x2x2xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @f(%x: tensor<1x2x4x4x!u8>, %w: tensor<3x2x3x3xf32>) {
  // expected-error@+1 {{(layer "conv") expected input and weights both quantized or both f32 but found '!quant.uniform<u8:f32, 5.000000e-01:10>' and 'f32'}}
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x2x4x4x!u8>, tensor<3x2x3x3xf32>) -> tensor<1x3x2x2xi32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!i8 = !quant.uniform<i8:f32, 0.5>
func.func @f(%x: tensor<1x2x4x4x!u8>, %w: tensor<3x2x3x3x!i8>) {
  // expected-error@+1 {{(layer "conv") expected an i32 or i64 accumulator but found 'f32'}}
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x2x4x4x!u8>, tensor<3x2x3x3x!i8>) -> tensor<1x3x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4x4xf32>, %w: tensor<3x2x3x3xf32>) {
  // expected-error@+1 {{(layer "conv") expected an f32 result but found 'i32'}}
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x2x4x4xf32>, tensor<3x2x3x3xf32>) -> tensor<1x3x2x2xi32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4x4xf32>, %w: tensor<3x2x3x3xf32>) {
  // expected-error@+1 {{(layer "conv") expected kernel, strides and dilations of 2 entries and pads of 4}}
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x2x4x4xf32>, tensor<3x2x3x3xf32>) -> tensor<1x3x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4x4xf32>, %w: tensor<3x2x3x3xf32>) {
  // expected-error@+1 {{(layer "conv") expected positive kernel, strides and dilations and non-negative pads}}
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, -1>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x2x4x4xf32>, tensor<3x2x3x3xf32>) -> tensor<1x3x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4x4xf32>, %w: tensor<3x2x3x3xf32>) {
  // expected-error@+1 {{(layer "conv") expected positive kernel, strides and dilations and non-negative pads}}
  %0 = nn.conv %x, %w {strides = array<i64: 1, 0>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x2x4x4xf32>, tensor<3x2x3x3xf32>) -> tensor<1x3x2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2x4x4xf32>, %w: tensor<3x2x3x3xf32>) {
  // expected-error@+1 {{(layer "conv") expected 2 windows along spatial dimension 1 but found 3}}
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x2x4x4xf32>, tensor<3x2x3x3xf32>) -> tensor<1x3x2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<3x2xf32>, %w: tensor<2xf32>) {
  // expected-error@+1 {{(layer "fc") expected weights of rank 2 or of the input's rank but found [2]}}
  %0 = nn.matmul %x, %w {layer = "fc"} : (tensor<3x2xf32>, tensor<2xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%x: tensor<3x2xf32>, %w: tensor<1x2x4xf32>) {
  // expected-error@+1 {{(layer "fc") expected weights of rank 2 or of the input's rank but found [1, 2, 4]}}
  %0 = nn.matmul %x, %w {layer = "fc"} : (tensor<3x2xf32>, tensor<1x2x4xf32>) -> tensor<3x4xf32>
  return
}

// -----

func.func @f(%x: tensor<3x2xf32>, %w: tensor<3x4xf32>) {
  // expected-error@+1 {{(layer "fc") cannot multiply [3, 2] by [3, 4]}}
  %0 = nn.matmul %x, %w {layer = "fc"} : (tensor<3x2xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  return
}

// -----

func.func @f(%x: tensor<5x3x2xf32>, %w: tensor<4x2x4xf32>) {
  // expected-error@+1 {{(layer "fc") expected equal batch dimensions but found [5, 3, 2] and [4, 2, 4]}}
  %0 = nn.matmul %x, %w {layer = "fc"} : (tensor<5x3x2xf32>, tensor<4x2x4xf32>) -> tensor<5x3x4xf32>
  return
}

// -----

func.func @f(%x: tensor<3x2xf32>, %w: tensor<2x4xf32>, %b: tensor<3xf32>) {
  // expected-error@+1 {{(layer "fc") expected a bias of shape [4] but found [3]}}
  %0 = nn.matmul %x, %w, %b {layer = "fc"} : (tensor<3x2xf32>, tensor<2x4xf32>, tensor<3xf32>) -> tensor<3x4xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!i8 = !quant.uniform<i8:f32, 0.5>
func.func @f(%x: tensor<3x2x!u8>, %w: tensor<2x4x!i8>) {
  // expected-error@+1 {{(layer "fc") expected an i32 or i64 accumulator but found 'f32'}}
  %0 = nn.matmul %x, %w {layer = "fc"} : (tensor<3x2x!u8>, tensor<2x4x!i8>) -> tensor<3x4xf32>
  return
}

// -----

func.func @f(%x: tensor<3x2xf32>, %w: tensor<2x4xf32>) {
  // expected-error@+1 {{(layer "fc") expected result shape [3, 4] but found [4, 3]}}
  %0 = nn.matmul %x, %w {layer = "fc"} : (tensor<3x2xf32>, tensor<2x4xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %y: tensor<2xf32>) {
  // expected-error@+1 {{(layer "b") cannot broadcast [2, 3] and [2]}}
  %0 = nn.add %x, %y {layer = "b"} : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %y: tensor<3xf32>) {
  // expected-error@+1 {{(layer "b") expected result shape [2, 3] but found [3]}}
  %0 = nn.add %x, %y {layer = "b"} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%x: tensor<3xi32>, %y: tensor<3xf32>) {
  // expected-error@+1 {{(layer "b") expected one element type but found 'i32' and 'f32'}}
  %0 = nn.add %x, %y {layer = "b"} : (tensor<3xi32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%x: tensor<3xf32>, %y: tensor<3xi32>) {
  // expected-error@+1 {{(layer "b") expected one element type but found 'i32' and 'f32'}}
  %0 = nn.sub %x, %y {layer = "b"} : (tensor<3xf32>, tensor<3xi32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>, %y: tensor<3xf32>) {
  // expected-error@+1 {{(layer "b") cannot broadcast [2] and [3]}}
  %0 = nn.sub %x, %y {layer = "b"} : (tensor<2xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @f(%x: tensor<3x!u8>, %y: tensor<3x!u8>) {
  // expected-error@+1 {{(layer "b") expected an i32 or i64 accumulator but found '!quant.uniform<u8:f32, 5.000000e-01:10>'}}
  %0 = nn.mul %x, %y {layer = "b"} : (tensor<3x!u8>, tensor<3x!u8>) -> tensor<3x!u8>
  return
}

// -----

func.func @f(%x: tensor<3xf32>, %y: tensor<3xf32>) {
  // expected-error@+1 {{(layer "b") expected result shape [3] but found [1]}}
  %0 = nn.mul %x, %y {layer = "b"} : (tensor<3xf32>, tensor<3xf32>) -> tensor<1xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @f(%x: tensor<3x!u8>, %y: tensor<3x!u8>) {
  // expected-error@+1 {{(layer "b") is float only}}
  %0 = nn.div %x, %y {layer = "b"} : (tensor<3x!u8>, tensor<3x!u8>) -> tensor<3x!u8>
  return
}

// -----

func.func @f(%x: tensor<2xf32>, %y: tensor<3xf32>) {
  // expected-error@+1 {{(layer "b") cannot broadcast [2] and [3]}}
  %0 = nn.div %x, %y {layer = "b"} : (tensor<2xf32>, tensor<3xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error@+1 {{(layer "u") expected min <= max}}
  %0 = nn.clamp %x {min = 2.0 : f32, max = 1.0 : f32, layer = "u"} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error@+1 {{(layer "u") expected min <= max}}
  %0 = nn.clamp %x {min = 0x7FC00000 : f32, max = 1.0 : f32, layer = "u"} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @f(%x: tensor<2x!u8>) {
  // expected-error@+1 {{(layer "u") is float only but found '!quant.uniform<u8:f32, 5.000000e-01:10>'}}
  %0 = nn.clamp %x {min = 0.0 : f32, max = 1.0 : f32, layer = "u"} : (tensor<2x!u8>) -> tensor<2x!u8>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error@+1 {{(layer "u") expected result shape [2] but found [3]}}
  %0 = nn.clamp %x {min = 0.0 : f32, max = 1.0 : f32, layer = "u"} : (tensor<2xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @f(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "u") is float only but found 'i32'}}
  %0 = nn.function %x {kind = 0 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "u"} : (tensor<2xi32>) -> tensor<2xi32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error@+1 {{(layer "u") expected one element type but found 'f32' and 'i32'}}
  %0 = nn.function %x {kind = 0 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "u"} : (tensor<2xf32>) -> tensor<2xi32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error@+1 {{attribute 'kind' failed to satisfy constraint: a function of one variable}}
  %0 = nn.function %x {kind = 14 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "u"} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error@+1 {{(layer "u") axis 1 is outside a tensor of rank 1}}
  %0 = nn.lrn %x {size = 5, alpha = 1.0 : f32, beta = 0.75 : f32, bias = 1.0 : f32, layer = "u"} : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2xi32>) {
  // expected-error@+1 {{(layer "u") is float only but found 'i32'}}
  %0 = nn.lrn %x {size = 5, alpha = 1.0 : f32, beta = 0.75 : f32, bias = 1.0 : f32, layer = "u"} : (tensor<1x2xi32>) -> tensor<1x2xi32>
  return
}

// -----

func.func @f(%x: tensor<1x2xf32>) {
  // expected-error@+1 {{(layer "u") expected a positive size but found 0}}
  %0 = nn.lrn %x {size = 0, alpha = 1.0 : f32, beta = 0.75 : f32, bias = 1.0 : f32, layer = "u"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2xf32>) {
  // expected-error@+1 {{(layer "u") axis -1 is outside a tensor of rank 2}}
  %0 = nn.softmax %x {axis = -1, layer = "u"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2xi32>) {
  // expected-error@+1 {{(layer "u") is float only but found 'i32'}}
  %0 = nn.softmax %x {axis = 1, layer = "u"} : (tensor<1x2xi32>) -> tensor<1x2xi32>
  return
}

// -----

func.func @f(%x: tensor<1x2xf32>, %c: tensor<2xf32>, %d: tensor<3xf32>) {
  // expected-error@+1 {{(layer "bn") expected parameters of shape [2] but found [3]}}
  %0 = nn.batch_norm %x, %c, %c, %d, %c {epsilon = 0.1 : f32, layer = "bn"} : (tensor<1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<3xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>, %c: tensor<2xf32>) {
  // expected-error@+1 {{(layer "bn") axis 1 is outside a tensor of rank 1}}
  %0 = nn.batch_norm %x, %c, %c, %c, %c {epsilon = 0.1 : f32, layer = "bn"} : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2xi32>, %c: tensor<2xf32>) {
  // expected-error@+1 {{(layer "bn") is float only but found 'i32'}}
  %0 = nn.batch_norm %x, %c, %c, %c, %c {epsilon = 0.1 : f32, layer = "bn"} : (tensor<1x2xi32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2xi32>
  return
}

// -----

// Values that were left out when the IR was printed are no zeros.
func.func @f() -> tensor<128xf32> {
  // expected-error@+1 {{(layer "w") expected 512 bytes of values but the resource "__elided__" has 0; print the IR without eliding its resources}}
  %0 = nn.constant {value = dense_resource<__elided__> : tensor<128xf32>, layer = "w"} : () -> tensor<128xf32>
  return %0 : tensor<128xf32>
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error@+1 {{'nn.exact' is a unit attribute of a layer that has integer forms, but found 1 : i32}}
  %0 = nn.add %x, %x {layer = "a", nn.exact = 1 : i32} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2xf32>) {
  // expected-error@+1 {{unknown attribute 'nn.wy_float'}}
  %0 = nn.add %x, %x {layer = "a", nn.wy_float = "typo"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

// expected-error@+1 {{'nn.name' is a string, but found 3}}
func.func @f(%x: tensor<2xf32> {nn.name = 3}) {
  return
}

// -----

func.func @f(%x: tensor<1x2xf32>, %s: tensor<2xf32>) {
  // expected-error@+1 {{(layer "n") axis 2 is outside a tensor of rank 2}}
  %0 = nn.layer_norm %x, %s {axis = 2, epsilon = 0.1 : f32, layer = "n"} : (tensor<1x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2xf32>, %s: tensor<1x2xf32>) {
  // expected-error@+1 {{(layer "n") expected parameters of shape [2] but found [1, 2]}}
  %0 = nn.layer_norm %x, %s {axis = 1, epsilon = 0.1 : f32, layer = "n"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2xf32>, %s: tensor<2xf32>, %b: tensor<3xf32>) {
  // expected-error@+1 {{(layer "n") expected parameters of shape [2] but found [3]}}
  %0 = nn.layer_norm %x, %s, %b {axis = 1, epsilon = 0.1 : f32, layer = "n"} : (tensor<1x2xf32>, tensor<2xf32>, tensor<3xf32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2xf32>, %s: tensor<2xi32>) {
  // expected-error@+1 {{(layer "n") expected f32 parameters but found 'i32'}}
  %0 = nn.layer_norm %x, %s {axis = 1, epsilon = 0.1 : f32, layer = "n"} : (tensor<1x2xf32>, tensor<2xi32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @f(%x: tensor<1x2xi32>, %s: tensor<2xf32>) {
  // expected-error@+1 {{(layer "n") is float only but found 'i32'}}
  %0 = nn.layer_norm %x, %s {axis = 1, epsilon = 0.1 : f32, layer = "n"} : (tensor<1x2xi32>, tensor<2xf32>) -> tensor<1x2xi32>
  return
}

// -----

// expected-error@+1 {{'nn.sublayers' is an array of #nn.sublayer on the module, but found "conv"}}
module attributes {nn.sublayers = "conv"} {}

// -----

// expected-error@+1 {{expected counts of sublayer "conv" that are not negative}}
module attributes {nn.sublayers = [#nn.sublayer<layer = "conv", type = "Conv", inputs = ["x"], in = 1, out = -1, weights = 0>]} {}

// -----

// expected-error@+1 {{expected the inputs of sublayer "conv" as names}}
module attributes {nn.sublayers = [#nn.sublayer<layer = "conv", type = "Conv", inputs = [1], in = 1, out = 1, weights = 0>]} {}

// -----

// expected-error@+1 {{expected a sublayer with a name}}
module attributes {nn.sublayers = [#nn.sublayer<layer = "", type = "Conv", inputs = ["x"], in = 1, out = 1, weights = 0>]} {}

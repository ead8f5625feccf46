// Every verifier of fixed, with the layer and the fact in its message.
// RUN: quantization-opt %s --split-input-file --verify-diagnostics

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @shapes(%x: tensor<1x2xi32>) {
  // expected-error@+1 {{(layer "r") expected input and result of one shape}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5>, axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<1x2xi32>) -> tensor<2x1x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @input(%x: tensor<2xf32>) {
  // expected-error@+1 {{(layer "r") expected a quantized, i32 or i64 input but found 'f32'}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5>, axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xf32>) -> tensor<2x!u8>
  return
}

// -----

func.func @result(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected a quantized or i32 result but found 'i64'}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5>, axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2xi64>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @no_factor(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected either scales, or multipliers and shifts}}
  %0 = fixed.rescale %x {axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @both_factors(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected either scales, or multipliers and shifts}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5>, multipliers = array<i32: 1>, shifts = array<i32: 1>, axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @no_shifts(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected either scales, or multipliers and shifts}}
  %0 = fixed.rescale %x {multipliers = array<i32: 1>, axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @few_shifts(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected as many shifts as multipliers}}
  %0 = fixed.rescale %x {multipliers = array<i32: 1, 1>, shifts = array<i32: 1>, axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @count(%x: tensor<1x3xi32>) {
  // expected-error@+1 {{(layer "r") expected one multiplier, or one per index of axis 1, but found 2}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5, 0.25>, axis = 1, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<1x3xi32>) -> tensor<1x3x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @axis(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected one multiplier, or one per index of axis 1, but found 2}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5, 0.25>, axis = 1, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @negative_axis(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected one multiplier, or one per index of axis -1, but found 2}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5, 0.25>, axis = -1, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @shift(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected shifts within [0, 62] but found 63}}
  %0 = fixed.rescale %x {multipliers = array<i32: 1>, shifts = array<i32: 63>, axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @empty_clamp(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected clamp = [low, high]}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5>, axis = 0, clamp = array<i64: 255, 0>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

// A wider clamp would let values wrap around in the storage.
!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @wide_clamp(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected a clamp within the result's codes [0, 255] but found [0, 256]}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5>, axis = 0, clamp = array<i64: 0, 256>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

func.func @wide_clamp_of_i32(%x: tensor<2xi64>) {
  // expected-error@+1 {{(layer "r") expected a clamp within the result's codes [-2147483648, 2147483647] but found [0, 2147483648]}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5>, axis = 0, clamp = array<i64: 0, 2147483648>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi64>) -> tensor<2xi32>
  return
}

// -----

!i16 = !quant.uniform<i16:f32, 0.5>
func.func @wide_codes(%x: tensor<2x!i16>, %t: tensor<256x!i16>) {
  // expected-error@+1 {{(layer "l") expected an input of at most 8 bits}}
  %0 = fixed.lookup %x, %t {axis = -1, layer = "l"} : (tensor<2x!i16>, tensor<256x!i16>) -> tensor<2x!i16>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @lookup_shapes(%x: tensor<2x!u8>, %t: tensor<256x!u8>) {
  // expected-error@+1 {{(layer "l") expected input and result of one shape}}
  %0 = fixed.lookup %x, %t {axis = -1, layer = "l"} : (tensor<2x!u8>, tensor<256x!u8>) -> tensor<3x!u8>
  return
}

// -----

!u4 = !quant.uniform<u4:f32, 0.5>
func.func @table_of_another_width(%x: tensor<2x!u4>, %t: tensor<256x!u4>) {
  // expected-error@+1 {{(layer "l") expected a table of 16 entries, or one for each channel}}
  %0 = fixed.lookup %x, %t {axis = -1, layer = "l"} : (tensor<2x!u4>, tensor<256x!u4>) -> tensor<2x!u4>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @table_of_other_channels(%x: tensor<1x2x!u8>, %t: tensor<3x256x!u8>) {
  // expected-error@+1 {{(layer "l") expected a table of 256 entries, or one for each channel}}
  %0 = fixed.lookup %x, %t {axis = 1, layer = "l"} : (tensor<1x2x!u8>, tensor<3x256x!u8>) -> tensor<1x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @table_of_another_axis(%x: tensor<1x2x!u8>, %t: tensor<2x256x!u8>) {
  // expected-error@+1 {{(layer "l") expected a table of 256 entries, or one for each channel}}
  %0 = fixed.lookup %x, %t {axis = 2, layer = "l"} : (tensor<1x2x!u8>, tensor<2x256x!u8>) -> tensor<1x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @table_of_another_type(%x: tensor<2x!u8>, %t: tensor<256xi32>) {
  // expected-error@+1 {{(layer "l") expected a table of the result's codes '!quant.uniform<u8:f32, 5.000000e-01:10>' but found 'i32'}}
  %0 = fixed.lookup %x, %t {axis = -1, layer = "l"} : (tensor<2x!u8>, tensor<256xi32>) -> tensor<2x!u8>
  return
}

// -----

func.func @relayout(%x: tensor<1x2x3xf32>) {
  // expected-error@+1 {{(layer "l") expected input and result that differ in layout only}}
  %0 = fixed.relayout %x {layer = "l"} : (tensor<1x2x3xf32>) -> tensor<1x3x2xf32>
  return
}

// -----

func.func @relayout_type(%x: tensor<1x2x3xf32>) {
  // expected-error@+1 {{(layer "l") expected input and result that differ in layout only}}
  %0 = fixed.relayout %x {layer = "l"} : (tensor<1x2x3xf32>) -> tensor<1x2x3xi32, #fixed.layout<[0, 2, 1]>>
  return
}

// -----

// expected-error@+1 {{expected a layout that orders 3 dimensions}}
func.func @layout_rank(%x: tensor<1x2x3xf32, #fixed.layout<[1, 0]>>) {
  return
}

// -----

// expected-error@+1 {{expected a layout that orders 3 dimensions}}
func.func @layout_order(%x: tensor<1x2x3xf32, #fixed.layout<[0, 1, 1]>>) {
  return
}

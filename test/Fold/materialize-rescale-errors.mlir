// RUN: quantization-opt %s --materialize-rescale --split-input-file --verify-diagnostics

!a = !quant.uniform<u8:f32, 0.5:10>
func.func @large(%x: tensor<2xi32>) -> tensor<2x!a> {
  // expected-error@+1 {{layer "conv1" needs a scaling factor of 2.147484e+09, which no 31-bit multiplier and shift expresses for sums of up to 1; its calibration data may be degenerate, its formats too wide, or keep the layer in float}}
  %0 = fixed.rescale %x {scales = array<f64: 2147483648.0>, axis = 0, clamp = array<i64: 0, 255>, bound = 1, rounding = 0 : i32, layer = "conv1"} : (tensor<2xi32>) -> tensor<2x!a>
  return %0 : tensor<2x!a>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:10>
func.func @zero(%x: tensor<1x2xi32>) -> tensor<1x2x!a> {
  // expected-error@+1 {{layer "conv1" needs a scaling factor of 0.000000e+00, which}}
  %0 = fixed.rescale %x {scales = array<f64: 1.0, 0.0>, axis = 1, clamp = array<i64: 0, 255>, bound = 1, rounding = 0 : i32, layer = "conv1"} : (tensor<1x2xi32>) -> tensor<1x2x!a>
  return %0 : tensor<1x2x!a>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:10>
func.func @no_number(%x: tensor<2xi32>) -> tensor<2x!a> {
  // expected-error@+1 {{layer "conv1" needs a scaling factor of nan, which}}
  %0 = fixed.rescale %x {scales = array<f64: 0x7FF8000000000000>, axis = 0, clamp = array<i64: 0, 255>, bound = 1, rounding = 0 : i32, layer = "conv1"} : (tensor<2xi32>) -> tensor<2x!a>
  return %0 : tensor<2x!a>
}

// -----

!a = !quant.uniform<u8:f32, 0.5:10>
// The product with an accumulator of 2^61 leaves no 16 bits for 1/3 (R16).
func.func @wide(%x: tensor<2xi64>) -> tensor<2x!a> {
  // expected-error@+1 {{layer "conv1" needs a scaling factor of 3.333333e-01, which}}
  %0 = fixed.rescale %x {scales = array<f64: 0.33333333333333331>, axis = 0, clamp = array<i64: 0, 255>, bound = 2305843009213693952, rounding = 0 : i32, layer = "conv1"} : (tensor<2xi64>) -> tensor<2x!a>
  return %0 : tensor<2x!a>
}

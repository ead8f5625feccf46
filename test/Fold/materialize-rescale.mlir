// RUN: quantization-opt %s --materialize-rescale | FileCheck %s

!a = !quant.uniform<u8:f32, 0.5:10>

// A factor is m * 2^-n with 2^30 <= m < 2^31, the nearest (R11).
// CHECK-LABEL: func.func @factors
// 1/4 = 2^30 * 2^-32: 2 / 4 is a tie, so with a bound of 2 half-even stays; with 1 there is none (R17).
// CHECK-NEXT: fixed.rescale %arg0 {{{.*}}layer = "quarter", multipliers = array<i32: 1073741824>, rounding = 0 : i32, shifts = array<i32: 32>}
// CHECK-NEXT: fixed.rescale %arg0 {{{.*}}layer = "no_tie", multipliers = array<i32: 1073741824>, rounding = 2 : i32, shifts = array<i32: 32>}
// 3 is exact: nothing is rounded.
// CHECK-NEXT: fixed.rescale %arg0 {{{.*}}layer = "three", multipliers = array<i32: 1610612736>, rounding = 2 : i32, shifts = array<i32: 29>}
// 2^32 / 3 = 1431655765.33
// CHECK-NEXT: fixed.rescale %arg0 {{{.*}}layer = "third", multipliers = array<i32: 1431655765>, rounding = 2 : i32, shifts = array<i32: 32>}
// One channel with ties is enough.
// CHECK-NEXT: fixed.rescale %arg0 {axis = 1 : i64, {{.*}}layer = "channels", multipliers = array<i32: 1431655765, 1073741824>, rounding = 0 : i32, shifts = array<i32: 32, 32>}
// Another rule for ties was asked for: it is kept where there are ties, and truncating always is.
// CHECK-NEXT: fixed.rescale %arg0 {{{.*}}layer = "away", multipliers = array<i32: 1073741824>, rounding = 1 : i32, shifts = array<i32: 32>}
// CHECK-NEXT: fixed.rescale %arg0 {{{.*}}layer = "no_tie_away", multipliers = array<i32: 1431655765>, rounding = 2 : i32, shifts = array<i32: 32>}
// CHECK-NEXT: fixed.rescale %arg0 {{{.*}}layer = "truncate", multipliers = array<i32: 1431655765>, rounding = 3 : i32, shifts = array<i32: 32>}
func.func @factors(%x: tensor<1x2xi32>) -> (tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!a>) {
  %0 = fixed.rescale %x {scales = array<f64: 0.25>, axis = 0, clamp = array<i64: 0, 255>, bound = 2, rounding = 0 : i32, layer = "quarter"} : (tensor<1x2xi32>) -> tensor<1x2x!a>
  %1 = fixed.rescale %x {scales = array<f64: 0.25>, axis = 0, clamp = array<i64: 0, 255>, bound = 1, rounding = 0 : i32, layer = "no_tie"} : (tensor<1x2xi32>) -> tensor<1x2x!a>
  %2 = fixed.rescale %x {scales = array<f64: 3.0>, axis = 0, clamp = array<i64: 0, 255>, bound = 1000, rounding = 0 : i32, layer = "three"} : (tensor<1x2xi32>) -> tensor<1x2x!a>
  %3 = fixed.rescale %x {scales = array<f64: 0.33333333333333331>, axis = 0, clamp = array<i64: 0, 255>, bound = 1000, rounding = 0 : i32, layer = "third"} : (tensor<1x2xi32>) -> tensor<1x2x!a>
  %4 = fixed.rescale %x {scales = array<f64: 0.33333333333333331, 0.25>, axis = 1, clamp = array<i64: 0, 255>, bound = 1000, rounding = 0 : i32, layer = "channels"} : (tensor<1x2xi32>) -> tensor<1x2x!a>
  %5 = fixed.rescale %x {scales = array<f64: 0.25>, axis = 0, clamp = array<i64: 0, 255>, bound = 1000, rounding = 1 : i32, layer = "away"} : (tensor<1x2xi32>) -> tensor<1x2x!a>
  %6 = fixed.rescale %x {scales = array<f64: 0.33333333333333331>, axis = 0, clamp = array<i64: 0, 255>, bound = 1000, rounding = 1 : i32, layer = "no_tie_away"} : (tensor<1x2xi32>) -> tensor<1x2x!a>
  %7 = fixed.rescale %x {scales = array<f64: 0.33333333333333331>, axis = 0, clamp = array<i64: 0, 255>, bound = 1000, rounding = 3 : i32, layer = "truncate"} : (tensor<1x2xi32>) -> tensor<1x2x!a>
  return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!a>, tensor<1x2x!a>
}

// With accumulators up to 2^40 the product has room for 24 bits: 2^24 / 3 = 5592405.33 (R16). A factor below 2^-32 keeps the shift 62:
// 2^-34 = 2^28 * 2^-62.
// CHECK-LABEL: func.func @limits
// CHECK-NEXT: fixed.rescale %arg0 {{{.*}}layer = "wide", multipliers = array<i32: 5592405>, rounding = 0 : i32, shifts = array<i32: 24>}
// CHECK-NEXT: fixed.rescale %arg1 {{{.*}}layer = "small", multipliers = array<i32: 268435456>, {{.*}}shifts = array<i32: 62>}
func.func @limits(%x: tensor<2xi64>, %y: tensor<2xi32>) -> (tensor<2x!a>, tensor<2x!a>) {
  %0 = fixed.rescale %x {scales = array<f64: 0.33333333333333331>, axis = 0, clamp = array<i64: 0, 255>, bound = 1099511627776, rounding = 0 : i32, layer = "wide"} : (tensor<2xi64>) -> tensor<2x!a>
  %1 = fixed.rescale %y {scales = array<f64: 5.8207660913467407e-11>, axis = 0, clamp = array<i64: 0, 255>, bound = 8589934592, rounding = 0 : i32, layer = "small"} : (tensor<2xi32>) -> tensor<2x!a>
  return %0, %1 : tensor<2x!a>, tensor<2x!a>
}

// What has multipliers keeps them.
// CHECK-LABEL: func.func @done
// CHECK-NEXT: fixed.rescale %arg0 {{{.*}}multipliers = array<i32: 2097152>, rounding = 0 : i32, shifts = array<i32: 0>}
func.func @done(%x: tensor<2x!a>) -> tensor<2xi32> {
  %0 = fixed.rescale %x {multipliers = array<i32: 2097152>, shifts = array<i32: 0>, axis = 0, clamp = array<i64: -2147483648, 2147483647>, bound = 245, rounding = 0 : i32, layer = "finer"} : (tensor<2x!a>) -> tensor<2xi32>
  return %0 : tensor<2xi32>
}

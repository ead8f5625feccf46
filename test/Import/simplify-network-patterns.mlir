// RUN: quantization-opt %s --simplify-network --split-input-file | FileCheck %s

// x * (1 + erf(x / sqrt 2)) * 0.5, as PyTorch writes it.
// CHECK-LABEL: func @gelu_torch
// CHECK-NEXT: %[[Y:.*]] = nn.function %arg0 {alpha = 0.000000e+00 : f32, beta = 0.000000e+00 : f32, kind = 12 : i32, layer = "y"}
// CHECK-NEXT: return %[[Y]]
func.func @gelu_torch(%x: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  %root = nn.constant {layer = "root", value = dense<1.41421354> : tensor<f32>} : () -> tensor<f32>
  %one = nn.constant {layer = "one", value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
  %half = nn.constant {layer = "half", value = dense<0.5> : tensor<f32>} : () -> tensor<f32>
  %d = nn.div %x, %root {layer = "d"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %e = nn.function %d {kind = 11 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "e"} : (tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %a = nn.add %e, %one {layer = "a"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %m = nn.mul %x, %a {layer = "m"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %y = nn.mul %m, %half {layer = "y"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  return %y : tensor<1x2x4xf32>
}

// -----

// Half of x first, a product with 1 / sqrt 2, constants on the left.
// CHECK-LABEL: func @gelu_half_first
// CHECK-NEXT: %[[Y:.*]] = nn.function %arg0 {{{.*}}kind = 12 : i32, layer = "y"}
// CHECK-NEXT: return %[[Y]]
func.func @gelu_half_first(%x: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  %inverse = nn.constant {layer = "inverse", value = dense<0.707106769> : tensor<f32>} : () -> tensor<f32>
  %one = nn.constant {layer = "one", value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
  %half = nn.constant {layer = "half", value = dense<0.5> : tensor<f32>} : () -> tensor<f32>
  %d = nn.mul %inverse, %x {layer = "d"} : (tensor<f32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %e = nn.function %d {kind = 11 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "e"} : (tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %a = nn.add %one, %e {layer = "a"} : (tensor<f32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %h = nn.mul %half, %x {layer = "h"} : (tensor<f32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %y = nn.mul %h, %a {layer = "y"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  return %y : tensor<1x2x4xf32>
}

// -----

// CHECK-LABEL: func @gelu_half_last
// CHECK-NEXT: nn.function %arg0 {{{.*}}kind = 12 : i32, layer = "y"}
// CHECK-NEXT: return
func.func @gelu_half_last(%x: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  %inverse = nn.constant {layer = "inverse", value = dense<0.707106769> : tensor<f32>} : () -> tensor<f32>
  %one = nn.constant {layer = "one", value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
  %half = nn.constant {layer = "half", value = dense<0.5> : tensor<f32>} : () -> tensor<f32>
  %d = nn.mul %x, %inverse {layer = "d"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %e = nn.function %d {kind = 11 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "e"} : (tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %a = nn.add %e, %one {layer = "a"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %h = nn.mul %a, %half {layer = "h"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %y = nn.mul %h, %x {layer = "y"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  return %y : tensor<1x2x4xf32>
}

// -----

// x * 0.5 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))
// CHECK-LABEL: func @gelu_tanh
// CHECK-NEXT: nn.function %arg0 {{{.*}}kind = 13 : i32, layer = "y"}
// CHECK-NEXT: return
func.func @gelu_tanh(%x: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  %cubic = nn.constant {layer = "cubic", value = dense<0.044715> : tensor<f32>} : () -> tensor<f32>
  %c = nn.constant {layer = "c", value = dense<0.797884583> : tensor<f32>} : () -> tensor<f32>
  %one = nn.constant {layer = "one", value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
  %half = nn.constant {layer = "half", value = dense<0.5> : tensor<f32>} : () -> tensor<f32>
  %s = nn.mul %x, %x {layer = "s"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %q = nn.mul %s, %x {layer = "q"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %r = nn.mul %q, %cubic {layer = "r"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %p = nn.add %x, %r {layer = "p"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %t = nn.mul %p, %c {layer = "t"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %h = nn.function %t {kind = 1 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "h"} : (tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %a = nn.add %h, %one {layer = "a"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %z = nn.mul %x, %half {layer = "z"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %y = nn.mul %z, %a {layer = "y"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  return %y : tensor<1x2x4xf32>
}

// -----

// Another factor than 1 / sqrt 2, another summand than 1, erf of another value: none is GELU.
// CHECK-LABEL: func @no_gelu
// CHECK-COUNT-3: kind = 11 : i32
// CHECK-NOT: kind = 12
// CHECK: return
func.func @no_gelu(%x: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  %inverse = nn.constant {layer = "inverse", value = dense<0.7> : tensor<f32>} : () -> tensor<f32>
  %exact = nn.constant {layer = "exact", value = dense<0.707106769> : tensor<f32>} : () -> tensor<f32>
  %one = nn.constant {layer = "one", value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
  %two = nn.constant {layer = "two", value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
  %half = nn.constant {layer = "half", value = dense<0.5> : tensor<f32>} : () -> tensor<f32>
  %d0 = nn.mul %x, %inverse {layer = "d0"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %e0 = nn.function %d0 {kind = 11 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "e0"} : (tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %a0 = nn.add %e0, %one {layer = "a0"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %h0 = nn.mul %a0, %half {layer = "h0"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %y0 = nn.mul %h0, %x {layer = "y0"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %d1 = nn.mul %x, %exact {layer = "d1"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %e1 = nn.function %d1 {kind = 11 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "e1"} : (tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %a1 = nn.add %e1, %two {layer = "a1"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %h1 = nn.mul %a1, %half {layer = "h1"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %y1 = nn.mul %h1, %x {layer = "y1"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %w = nn.add %x, %two {layer = "w"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %d2 = nn.mul %w, %exact {layer = "d2"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %e2 = nn.function %d2 {kind = 11 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "e2"} : (tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %a2 = nn.add %e2, %one {layer = "a2"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %h2 = nn.mul %a2, %half {layer = "h2"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %y2 = nn.mul %h2, %x {layer = "y2"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %u = nn.add %y0, %y1 {layer = "u"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %y = nn.add %u, %y2 {layer = "y"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  return %y : tensor<1x2x4xf32>
}

// -----

// Scale and bias are the constants of the model.
// CHECK-LABEL: func @layer_norm
// CHECK-DAG: %[[G:.*]] = nn.constant {layer = "gain"
// CHECK-DAG: %[[B:.*]] = nn.constant {layer = "shift"
// CHECK: %[[Y:.*]] = nn.layer_norm %arg0, %[[G]], %[[B]] {axis = 2 : i64, epsilon = 2.500000e-01 : f32, layer = "n"} : (tensor<1x2x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x2x4xf32>
// CHECK-NEXT: return %[[Y]]
func.func @layer_norm(%x: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  %epsilon = nn.constant {layer = "epsilon", value = dense<0.25> : tensor<f32>} : () -> tensor<f32>
  %gain = nn.constant {layer = "gain", value = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>} : () -> tensor<4xf32>
  %shift = nn.constant {layer = "shift", value = dense<[0.5, 0.5, 0.25, 0.25]> : tensor<4xf32>} : () -> tensor<4xf32>
  %m = nn.average_pool %x {kernel = array<i64: 4>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "m"} : (tensor<1x2x4xf32>) -> tensor<1x2x1xf32>
  %c = nn.sub %x, %m {layer = "c"} : (tensor<1x2x4xf32>, tensor<1x2x1xf32>) -> tensor<1x2x4xf32>
  %s = nn.mul %c, %c {layer = "s"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %v = nn.average_pool %s {kernel = array<i64: 4>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "v"} : (tensor<1x2x4xf32>) -> tensor<1x2x1xf32>
  %w = nn.add %v, %epsilon {layer = "w"} : (tensor<1x2x1xf32>, tensor<f32>) -> tensor<1x2x1xf32>
  %r = nn.function %w {kind = 6 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "r"} : (tensor<1x2x1xf32>) -> tensor<1x2x1xf32>
  %n = nn.div %c, %r {layer = "n"} : (tensor<1x2x4xf32>, tensor<1x2x1xf32>) -> tensor<1x2x4xf32>
  %g = nn.mul %n, %gain {layer = "g"} : (tensor<1x2x4xf32>, tensor<4xf32>) -> tensor<1x2x4xf32>
  %y = nn.add %g, %shift {layer = "y"} : (tensor<1x2x4xf32>, tensor<4xf32>) -> tensor<1x2x4xf32>
  return %y : tensor<1x2x4xf32>
}

// -----

// The difference twice, a product with the reciprocal, a number as the scale and the bias twice.
// CHECK-LABEL: func @layer_norm_variant
// CHECK-DAG: %[[G:.*]] = nn.constant {layer = "n_scale{{.*}}", value = dense<2.500000e-01> : tensor<4xf32>}
// CHECK-DAG: %[[B:.*]] = nn.constant {layer = "n_bias", value = dense<[7.500000e-01, 7.500000e-01, 5.000000e-01, 5.000000e-01]> : tensor<4xf32>}
// CHECK: %[[Y:.*]] = nn.layer_norm %arg0, %[[G]], %[[B]] {axis = 2 : i64, epsilon = 2.500000e-01 : f32, layer = "n"}
// CHECK-NEXT: return %[[Y]]
func.func @layer_norm_variant(%x: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  %epsilon = nn.constant {layer = "epsilon", value = dense<0.25> : tensor<f32>} : () -> tensor<f32>
  %gain = nn.constant {layer = "gain", value = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>} : () -> tensor<4xf32>
  %shift = nn.constant {layer = "shift", value = dense<[0.5, 0.5, 0.25, 0.25]> : tensor<4xf32>} : () -> tensor<4xf32>
  %one = nn.constant {layer = "one", value = dense<1.0> : tensor<f32>} : () -> tensor<f32>
  %m = nn.average_pool %x {kernel = array<i64: 4>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "m"} : (tensor<1x2x4xf32>) -> tensor<1x2x1xf32>
  %c = nn.sub %x, %m {layer = "c"} : (tensor<1x2x4xf32>, tensor<1x2x1xf32>) -> tensor<1x2x4xf32>
  %b = nn.sub %x, %m {layer = "b"} : (tensor<1x2x4xf32>, tensor<1x2x1xf32>) -> tensor<1x2x4xf32>
  %s = nn.mul %b, %b {layer = "s"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %v = nn.average_pool %s {kernel = array<i64: 4>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "v"} : (tensor<1x2x4xf32>) -> tensor<1x2x1xf32>
  %w = nn.add %epsilon, %v {layer = "w"} : (tensor<f32>, tensor<1x2x1xf32>) -> tensor<1x2x1xf32>
  %r = nn.function %w {kind = 6 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "r"} : (tensor<1x2x1xf32>) -> tensor<1x2x1xf32>
  %i = nn.div %one, %r {layer = "i"} : (tensor<f32>, tensor<1x2x1xf32>) -> tensor<1x2x1xf32>
  %n = nn.mul %i, %c {layer = "n"} : (tensor<1x2x1xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %g = nn.mul %n, %epsilon {layer = "g"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %h = nn.add %shift, %g {layer = "h"} : (tensor<4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %y = nn.add %h, %epsilon {layer = "y"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  return %y : tensor<1x2x4xf32>
}

// -----

// Over the last two dimensions the mean is a pool between reshapes. What others read stays.
// CHECK-LABEL: func @layer_norm_two_dimensions
// CHECK: nn.layer_norm %arg0, %{{.*}} {axis = 1 : i64, epsilon = 2.500000e-01 : f32, layer = "n"} : (tensor<1x2x4xf32>, tensor<2x4xf32>) -> tensor<1x2x4xf32>
// CHECK-NEXT: nn.mul {{.*}}layer = "g"
func.func @layer_norm_two_dimensions(%x: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  %epsilon = nn.constant {layer = "epsilon", value = dense<0.25> : tensor<f32>} : () -> tensor<f32>
  %gain = nn.constant {layer = "gain", value = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>} : () -> tensor<4xf32>
  %shift = nn.constant {layer = "shift", value = dense<[0.5, 0.5, 0.25, 0.25]> : tensor<4xf32>} : () -> tensor<4xf32>
  %p = nn.reshape %x {layer = "p"} : (tensor<1x2x4xf32>) -> tensor<1x1x8xf32>
  %m = nn.average_pool %p {kernel = array<i64: 8>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "m"} : (tensor<1x1x8xf32>) -> tensor<1x1x1xf32>
  %c = nn.sub %x, %m {layer = "c"} : (tensor<1x2x4xf32>, tensor<1x1x1xf32>) -> tensor<1x2x4xf32>
  %s = nn.mul %c, %c {layer = "s"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %o = nn.reshape %s {layer = "o"} : (tensor<1x2x4xf32>) -> tensor<1x1x8xf32>
  %v = nn.average_pool %o {kernel = array<i64: 8>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "v"} : (tensor<1x1x8xf32>) -> tensor<1x1x1xf32>
  %w = nn.add %v, %epsilon {layer = "w"} : (tensor<1x1x1xf32>, tensor<f32>) -> tensor<1x1x1xf32>
  %r = nn.function %w {kind = 6 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "r"} : (tensor<1x1x1xf32>) -> tensor<1x1x1xf32>
  %n = nn.div %c, %r {layer = "n"} : (tensor<1x2x4xf32>, tensor<1x1x1xf32>) -> tensor<1x2x4xf32>
  %g = nn.mul %n, %epsilon {layer = "g"} : (tensor<1x2x4xf32>, tensor<f32>) -> tensor<1x2x4xf32>
  %y = nn.add %g, %n {layer = "y"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  return %y : tensor<1x2x4xf32>
}

// -----

// The squares are those of another value.
// CHECK-LABEL: func @no_layer_norm
// CHECK-NOT: nn.layer_norm
// CHECK: return
func.func @no_layer_norm(%x: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  %epsilon = nn.constant {layer = "epsilon", value = dense<0.25> : tensor<f32>} : () -> tensor<f32>
  %gain = nn.constant {layer = "gain", value = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>} : () -> tensor<4xf32>
  %shift = nn.constant {layer = "shift", value = dense<[0.5, 0.5, 0.25, 0.25]> : tensor<4xf32>} : () -> tensor<4xf32>
  %m = nn.average_pool %x {kernel = array<i64: 4>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "m"} : (tensor<1x2x4xf32>) -> tensor<1x2x1xf32>
  %c = nn.sub %x, %m {layer = "c"} : (tensor<1x2x4xf32>, tensor<1x2x1xf32>) -> tensor<1x2x4xf32>
  %s = nn.mul %x, %x {layer = "s"} : (tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4xf32>
  %v = nn.average_pool %s {kernel = array<i64: 4>, strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "v"} : (tensor<1x2x4xf32>) -> tensor<1x2x1xf32>
  %w = nn.add %v, %epsilon {layer = "w"} : (tensor<1x2x1xf32>, tensor<f32>) -> tensor<1x2x1xf32>
  %r = nn.function %w {kind = 6 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "r"} : (tensor<1x2x1xf32>) -> tensor<1x2x1xf32>
  %y = nn.div %c, %r {layer = "y"} : (tensor<1x2x4xf32>, tensor<1x2x1xf32>) -> tensor<1x2x4xf32>
  return %y : tensor<1x2x4xf32>
}

// RUN: quantization-opt %s --lower-activations --split-input-file | FileCheck %s

// Codes of 2 bits stand for -1, -0.5, 0 and 0.5 (R4). Doubled below 0 by leaky_relu (alpha 2) that is -2, -1, 0, 0.5, and on the
// grid of step 1 with zero point 5 a tie is even: 3, 4, 5, 5 (R19). The table is in the order of the stored values.
!from = !quant.uniform<u2:f32, 0.5:2>
!to = !quant.uniform<u8:f32, 1.0:5>
// CHECK-LABEL: func.func @unsigned
// CHECK: %[[T:.*]] = nn.constant {layer = "leaky_table", value = dense<[3, 4, 5, 5]> : tensor<4xi8>} : () -> tensor<4x!quant.uniform<u8:f32, 1.000000e+00:5>>
// CHECK-NEXT: %[[Q:.*]] = fixed.lookup %arg0, %[[T]] {axis = -1 : i64, layer = "leaky"}
// CHECK-NEXT: return %[[Q]]
func.func @unsigned(%x: tensor<1x3x!from>) -> tensor<1x3x!to> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<1x3x!from>) -> tensor<1x3xf32>
  %1 = nn.function %0 {kind = 3 : i32, alpha = 2.0 : f32, beta = 0.0 : f32, layer = "leaky"} : (tensor<1x3xf32>) -> tensor<1x3xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "leaky"} : (tensor<1x3xf32>) -> tensor<1x3x!to>
  return %2 : tensor<1x3x!to>
}

// -----

// Signed codes -2, -1, 0, 1 stand for -1, -0.5, 0, 0.5; entry 0 belongs to -2. Negated: 1, 0.5, 0, -0.5. Here a tie goes up.
!from = !quant.uniform<i2:f32, 0.5>
!to = !quant.uniform<i8:f32, 1.0>
// CHECK-LABEL: func.func @signed
// CHECK: nn.constant {{.*}}value = dense<[1, 1, 0, 0]> : tensor<4xi8>
// CHECK-NEXT: fixed.lookup
func.func @signed(%x: tensor<3x!from>) -> tensor<3x!to> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<3x!from>) -> tensor<3xf32>
  %1 = nn.function %0 {kind = 8 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "neg"} : (tensor<3xf32>) -> tensor<3xf32>
  %2 = nn.quantize %1 {rounding = 2 : i32, layer = "neg"} : (tensor<3xf32>) -> tensor<3x!to>
  return %2 : tensor<3x!to>
}

// -----

// Stored values outside the range of their type never occur: they share the entry of its end.
!from = !quant.uniform<i2<-1:1>:f32, 3.0>
!to = !quant.uniform<u8:f32, 1.0>
// CHECK-LABEL: func.func @narrow_range
// CHECK: nn.constant {{.*}}value = dense<[3, 3, 0, 3]> : tensor<4xi8>
func.func @narrow_range(%x: tensor<3x!from>) -> tensor<3x!to> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<3x!from>) -> tensor<3xf32>
  %1 = nn.function %0 {kind = 7 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "abs"} : (tensor<3xf32>) -> tensor<3xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "abs"} : (tensor<3xf32>) -> tensor<3x!to>
  return %2 : tensor<3x!to>
}

// -----

// Every function at x = -8, 0, 8 (codes -1, 0, 1; entry 0 is that of -2, which does not occur) in steps of 1/8, saturated to i8.
!from = !quant.uniform<i2<-1:1>:f32, 8.0>
!to = !quant.uniform<i8:f32, 0.125>
// CHECK-LABEL: func.func @functions
// CHECK-DAG: layer = "sigmoid_table", value = dense<[0, 0, 4, 8]>
// CHECK-DAG: layer = "tanh_table", value = dense<[-8, -8, 0, 8]>
// CHECK-DAG: layer = "exp_table", value = dense<[0, 0, 8, 127]>
// CHECK-DAG: layer = "leaky_relu_table", value = dense<[-16, -16, 0, 64]>
// CHECK-DAG: layer = "hard_sigmoid_table", value = dense<[0, 0, 2, 8]>
// CHECK-DAG: layer = "hard_swish_table", value = dense<[0, 0, 0, 64]>
// CHECK-DAG: layer = "sqrt_table", value = dense<[0, 0, 0, 23]>
// CHECK-DAG: layer = "abs_table", value = dense<[64, 64, 0, 64]>
// CHECK-DAG: layer = "neg_table", value = dense<[64, 64, 0, -64]>
// CHECK-DAG: layer = "elu_table", value = dense<[-2, -2, 0, 64]>
// CHECK-DAG: layer = "softplus_table", value = dense<[0, 0, 6, 64]>
// CHECK-NOT: nn.function
func.func @functions(%x: tensor<3x!from>) -> (tensor<3x!to>, tensor<3x!to>, tensor<3x!to>, tensor<3x!to>, tensor<3x!to>, tensor<3x!to>,
                                              tensor<3x!to>, tensor<3x!to>, tensor<3x!to>, tensor<3x!to>, tensor<3x!to>) {
  %x0 = nn.dequantize %x {layer = "x"} : (tensor<3x!from>) -> tensor<3xf32>
  %0 = nn.function %x0 {kind = 0 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "sigmoid"} : (tensor<3xf32>) -> tensor<3xf32>
  %q0 = nn.quantize %0 {rounding = 0 : i32, layer = "sigmoid"} : (tensor<3xf32>) -> tensor<3x!to>
  %1 = nn.function %x0 {kind = 1 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "tanh"} : (tensor<3xf32>) -> tensor<3xf32>
  %q1 = nn.quantize %1 {rounding = 0 : i32, layer = "tanh"} : (tensor<3xf32>) -> tensor<3x!to>
  %2 = nn.function %x0 {kind = 2 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "exp"} : (tensor<3xf32>) -> tensor<3xf32>
  %q2 = nn.quantize %2 {rounding = 0 : i32, layer = "exp"} : (tensor<3xf32>) -> tensor<3x!to>
  %3 = nn.function %x0 {kind = 3 : i32, alpha = 0.25 : f32, beta = 0.0 : f32, layer = "leaky_relu"} : (tensor<3xf32>) -> tensor<3xf32>
  %q3 = nn.quantize %3 {rounding = 0 : i32, layer = "leaky_relu"} : (tensor<3xf32>) -> tensor<3x!to>
  %4 = nn.function %x0 {kind = 4 : i32, alpha = 0.25 : f32, beta = 0.25 : f32, layer = "hard_sigmoid"} : (tensor<3xf32>) -> tensor<3xf32>
  %q4 = nn.quantize %4 {rounding = 0 : i32, layer = "hard_sigmoid"} : (tensor<3xf32>) -> tensor<3x!to>
  %5 = nn.function %x0 {kind = 5 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "hard_swish"} : (tensor<3xf32>) -> tensor<3xf32>
  %q5 = nn.quantize %5 {rounding = 0 : i32, layer = "hard_swish"} : (tensor<3xf32>) -> tensor<3x!to>
  %6 = nn.function %x0 {kind = 6 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "sqrt"} : (tensor<3xf32>) -> tensor<3xf32>
  %q6 = nn.quantize %6 {rounding = 0 : i32, layer = "sqrt"} : (tensor<3xf32>) -> tensor<3x!to>
  %7 = nn.function %x0 {kind = 7 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "abs"} : (tensor<3xf32>) -> tensor<3xf32>
  %q7 = nn.quantize %7 {rounding = 0 : i32, layer = "abs"} : (tensor<3xf32>) -> tensor<3x!to>
  %8 = nn.function %x0 {kind = 8 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "neg"} : (tensor<3xf32>) -> tensor<3xf32>
  %q8 = nn.quantize %8 {rounding = 0 : i32, layer = "neg"} : (tensor<3xf32>) -> tensor<3x!to>
  %9 = nn.function %x0 {kind = 9 : i32, alpha = 0.25 : f32, beta = 0.0 : f32, layer = "elu"} : (tensor<3xf32>) -> tensor<3xf32>
  %q9 = nn.quantize %9 {rounding = 0 : i32, layer = "elu"} : (tensor<3xf32>) -> tensor<3x!to>
  %10 = nn.function %x0 {kind = 10 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "softplus"} : (tensor<3xf32>) -> tensor<3xf32>
  %q10 = nn.quantize %10 {rounding = 0 : i32, layer = "softplus"} : (tensor<3xf32>) -> tensor<3x!to>
  return %q0, %q1, %q2, %q3, %q4, %q5, %q6, %q7, %q8, %q9, %q10 : tensor<3x!to>, tensor<3x!to>, tensor<3x!to>, tensor<3x!to>,
      tensor<3x!to>, tensor<3x!to>, tensor<3x!to>, tensor<3x!to>, tensor<3x!to>, tensor<3x!to>, tensor<3x!to>
}

// -----

// -2, -1, 0 and 1 give -0.045, -0.159, 0 and 0.841 by gelu (-0.045, -0.159, 0, 0.841 with tanh) and -0.995, -0.843, 0, 0.843 by erf.
!from = !quant.uniform<u2:f32, 1.0:2>
!to = !quant.uniform<i8:f32, 0.0078125>
// CHECK-LABEL: func.func @gelu
// CHECK: value = dense<[-6, -20, 0, 108]> : tensor<4xi8>
// CHECK: value = dense<[-6, -20, 0, 108]> : tensor<4xi8>
// CHECK: value = dense<[-127, -108, 0, 108]> : tensor<4xi8>
// CHECK-NOT: nn.function
func.func @gelu(%x: tensor<3x!from>) -> (tensor<3x!to>, tensor<3x!to>, tensor<3x!to>) {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<3x!from>) -> tensor<3xf32>
  %1 = nn.function %0 {kind = 12 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "gelu"} : (tensor<3xf32>) -> tensor<3xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "gelu"} : (tensor<3xf32>) -> tensor<3x!to>
  %3 = nn.function %0 {kind = 13 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "tanh"} : (tensor<3xf32>) -> tensor<3xf32>
  %4 = nn.quantize %3 {rounding = 0 : i32, layer = "tanh"} : (tensor<3xf32>) -> tensor<3x!to>
  %5 = nn.function %0 {kind = 11 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "erf"} : (tensor<3xf32>) -> tensor<3xf32>
  %6 = nn.quantize %5 {rounding = 0 : i32, layer = "erf"} : (tensor<3xf32>) -> tensor<3x!to>
  return %2, %4, %6 : tensor<3x!to>, tensor<3x!to>, tensor<3x!to>
}

// Nothing is wrong with a function that no table can stand for; it stays as it is.
// RUN: quantization-opt %s --lower-activations --verify-diagnostics -o %t.mlir && FileCheck %s < %t.mlir

!i2 = !quant.uniform<i2:f32, 0.5>
!i16 = !quant.uniform<i16:f32, 0.5>
!per_channel = !quant.uniform<i8:f32:0, {0.5, 0.25}>

// CHECK-NOT: fixed.lookup
// CHECK-LABEL: func.func @float_input
// CHECK: nn.function
func.func @float_input(%x: tensor<2xf32>) -> tensor<2x!i2> {
  %1 = nn.function %x {kind = 8 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "neg"} : (tensor<2xf32>) -> tensor<2xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "neg"} : (tensor<2xf32>) -> tensor<2x!i2>
  return %2 : tensor<2x!i2>
}

// CHECK-LABEL: func.func @float_result
// CHECK: nn.function
func.func @float_result(%x: tensor<2x!i2>) -> tensor<2xf32> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x!i2>) -> tensor<2xf32>
  %1 = nn.function %0 {kind = 8 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "neg"} : (tensor<2xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// CHECK-LABEL: func.func @another_reader
// CHECK: nn.function
func.func @another_reader(%x: tensor<2x!i2>) -> (tensor<2x!i2>, tensor<2xf32>) {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x!i2>) -> tensor<2xf32>
  %1 = nn.function %0 {kind = 8 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "neg"} : (tensor<2xf32>) -> tensor<2xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "neg"} : (tensor<2xf32>) -> tensor<2x!i2>
  return %2, %1 : tensor<2x!i2>, tensor<2xf32>
}

// CHECK-LABEL: func.func @sixteen_bits
// CHECK: nn.function
func.func @sixteen_bits(%x: tensor<2x!i16>) -> tensor<2x!i2> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x!i16>) -> tensor<2xf32>
  %1 = nn.function %0 {kind = 8 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "neg"} : (tensor<2xf32>) -> tensor<2xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "neg"} : (tensor<2xf32>) -> tensor<2x!i2>
  return %2 : tensor<2x!i2>
}

// CHECK-LABEL: func.func @scale_per_channel
// CHECK: nn.function
func.func @scale_per_channel(%x: tensor<2x!per_channel>) -> tensor<2x!i2> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x!per_channel>) -> tensor<2xf32>
  %1 = nn.function %0 {kind = 8 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "neg"} : (tensor<2xf32>) -> tensor<2xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "neg"} : (tensor<2xf32>) -> tensor<2x!i2>
  return %2 : tensor<2x!i2>
}

// A layer that is no function of one value, between the same ops.
// CHECK-LABEL: func.func @no_function
// CHECK: nn.add
func.func @no_function(%x: tensor<2x!i2>) -> tensor<2x!i2> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x!i2>) -> tensor<2xf32>
  %1 = nn.add %0, %0 {layer = "sum"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "sum"} : (tensor<2xf32>) -> tensor<2x!i2>
  return %2 : tensor<2x!i2>
}

// What the policy keeps in float.
// CHECK-LABEL: func.func @policy
// CHECK: nn.function
func.func @policy(%x: tensor<2x!i2>) -> tensor<2x!i2> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x!i2>) -> tensor<2xf32>
  %1 = nn.function %0 {kind = 8 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "neg", nn.why_float = "policy.yaml:3: the policy says float"} : (tensor<2xf32>) -> tensor<2xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "neg"} : (tensor<2xf32>) -> tensor<2x!i2>
  return %2 : tensor<2x!i2>
}

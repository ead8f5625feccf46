// RUN: quantization-opt %s --quantize-constants --verify-diagnostics

!a = !quant.uniform<u8:f32, 0.5:10>
func.func @bad(%x: tensor<1x1x!a>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  // expected-error@+1 {{(layer "w") has a bad precision: unknown number format "posit7"}}
  %w = nn.constant {value = dense<1.0> : tensor<1x2xf32>, layer = "w", precision = #nn.precision<"posit7", "min-max">} : () -> tensor<1x2xf32>
  // expected-error@+1 {{(layer "v") has a bad precision: format int8 has no option "per=row"}}
  %v = nn.constant {value = dense<1.0> : tensor<1x2xf32>, layer = "v", precision = #nn.precision<"int8{per=row}", "min-max">} : () -> tensor<1x2xf32>
  %d = nn.dequantize %x {layer = "x"} : (tensor<1x1x!a>) -> tensor<1x1xf32>
  %0 = nn.matmul %d, %w {layer = "fc1"} : (tensor<1x1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = nn.matmul %d, %v {layer = "fc2"} : (tensor<1x1xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %0, %1 : tensor<1x2xf32>, tensor<1x2xf32>
}

// Codes exist for finite numbers only; all layers with others are named at once.
func.func @not_finite(%x: tensor<1x2x!a>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  %w = nn.constant {value = dense<[[1.0, 0x7FC00000], [0x7F800000, 2.0]]> : tensor<2x2xf32>, layer = "w", precision = #nn.precision<"int8", "min-max">} : () -> tensor<2x2xf32>
  %v = nn.constant {value = dense<1.0> : tensor<2x2xf32>, layer = "v", precision = #nn.precision<"int8", "min-max">} : () -> tensor<2x2xf32>
  %b = nn.constant {value = dense<[0.0, 0xFF800000]> : tensor<2xf32>, layer = "b"} : () -> tensor<2xf32>
  %d = nn.dequantize %x {layer = "x"} : (tensor<1x2x!a>) -> tensor<1x2xf32>
  // expected-error@+1 {{layer "fc3": 2 of its 4 weights are not finite, the first (index 1) is NaN; repair the model, or keep the layer in float}}
  %0 = nn.matmul %d, %w {layer = "fc3"} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  // expected-error@+1 {{layer "fc4": 1 of its 2 biases are not finite, the first (index 1) is -inf}}
  %1 = nn.matmul %d, %v, %b {layer = "fc4"} : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %0, %1 : tensor<1x2xf32>, tensor<1x2xf32>
}

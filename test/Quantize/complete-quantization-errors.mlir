// RUN: quantization-opt %s --complete-quantization --split-input-file --verify-diagnostics

!a = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8:f32, 0.125>

func.func @infinite(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %w = nn.constant {value = dense<1> : tensor<2x2xi8>, layer = "w"} : () -> tensor<2x2x!w>
  %dw = nn.dequantize %w {layer = "w"} : (tensor<2x2x!w>) -> tensor<2x2xf32>
  %b = nn.constant {value = dense<[1.0, 0x7F800000]> : tensor<2xf32>, layer = "b"} : () -> tensor<2xf32>
  %q = nn.quantize %x {rounding = 0 : i32, layer = "q"} : (tensor<1x2xf32>) -> tensor<1x2x!a>
  %d = nn.dequantize %q {layer = "q"} : (tensor<1x2x!a>) -> tensor<1x2xf32>
  // expected-error@+1 {{layer "fc": 1 of its 2 biases are not finite, the first (index 1) is inf; repair the model, or keep the layer in float}}
  %y = nn.matmul %d, %dw, %b {layer = "fc"} : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

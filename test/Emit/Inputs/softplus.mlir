// A network that needs libm (log1pf) and the C library (memcpy: its first output is its input).
func.func @network(%x: tensor<1x512xf32> {nn.name = "x"}) -> (tensor<1x512xf32> {nn.name = "same"}, tensor<1x512xf32> {nn.name = "y"}) {
  %0 = nn.function %x {kind = 10 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "softplus"} : (tensor<1x512xf32>) -> tensor<1x512xf32>
  return %x, %0 : tensor<1x512xf32>, tensor<1x512xf32>
}

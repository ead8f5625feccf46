func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}) -> (tensor<1x1xf32> {nn.name = "y"}) {
  %w1 = nn.constant {value = dense<[[3.0], [1.0]]> : tensor<2x1xf32>, layer = "w1"} : () -> tensor<2x1xf32>
  %w2 = nn.constant {value = dense<1.0> : tensor<1x1xf32>, layer = "w2"} : () -> tensor<1x1xf32>
  %b2 = nn.constant {value = dense<0.5> : tensor<1xf32>, layer = "b2"} : () -> tensor<1xf32>
  %0 = nn.matmul %x, %w1 {layer = "fc1"} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  %1 = nn.clamp %0 {layer = "relu1", min = 0.0 : f32, max = 0x7F800000 : f32} : (tensor<1x1xf32>) -> tensor<1x1xf32>
  %2 = nn.matmul %1, %w2, %b2 {layer = "fc2"} : (tensor<1x1xf32>, tensor<1x1xf32>, tensor<1xf32>) -> tensor<1x1xf32>
  return %2 : tensor<1x1xf32>
}

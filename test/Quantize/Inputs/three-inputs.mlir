func.func @network(%x: tensor<1x3xf32> {nn.name = "x"}) -> (tensor<1x1xf32> {nn.name = "y"}) {
  %w = nn.constant {value = dense<[[0.5], [0.3], [-0.25]]> : tensor<3x1xf32>, layer = "w"} : () -> tensor<3x1xf32>
  %0 = nn.matmul %x, %w {layer = "fc"} : (tensor<1x3xf32>, tensor<3x1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

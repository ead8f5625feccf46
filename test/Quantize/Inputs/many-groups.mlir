func.func @network(%x: tensor<1x64x1x2xf32> {nn.name = "x"}) -> (tensor<1x64x1x1xf32> {nn.name = "y"}) {
  %w = nn.constant {value = dense<0.5> : tensor<64x1x1x2xf32>, layer = "w"} : () -> tensor<64x1x1x2xf32>
  %0 = nn.conv %x, %w {layer = "conv", strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 64} : (tensor<1x64x1x2xf32>, tensor<64x1x1x2xf32>) -> tensor<1x64x1x1xf32>
  return %0 : tensor<1x64x1x1xf32>
}

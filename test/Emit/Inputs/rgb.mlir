// Three channels, a convolution, a pool and a matrix product.
func.func @network(%x: tensor<1x3x6x6xf32> {nn.name = "image"}) -> (tensor<1x2xf32> {nn.name = "scores"}) {
  %w = nn.constant {value = dense<[[[[0.5, -0.25], [0.125, 1.0]], [[-1.0, 0.75], [0.5, -0.5]], [[0.3, 0.2], [-0.1, 0.4]]],
                                   [[[-0.5, 0.25], [0.875, 0.1]], [[1.0, -0.75], [0.25, 0.5]], [[-0.3, 0.6], [0.7, -0.4]]]]> : tensor<2x3x2x2xf32>, layer = "w"} : () -> tensor<2x3x2x2xf32>
  %b = nn.constant {value = dense<[0.25, -0.5]> : tensor<2xf32>, layer = "b"} : () -> tensor<2xf32>
  %0 = nn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 1, 1>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x3x6x6xf32>, tensor<2x3x2x2xf32>, tensor<2xf32>) -> tensor<1x2x6x6xf32>
  %1 = nn.clamp %0 {min = 0.0 : f32, max = 0x7F800000 : f32, layer = "relu"} : (tensor<1x2x6x6xf32>) -> tensor<1x2x6x6xf32>
  %2 = nn.average_pool %1 {kernel = array<i64: 3, 3>, strides = array<i64: 3, 3>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, count_include_pad = false, layer = "pool"} : (tensor<1x2x6x6xf32>) -> tensor<1x2x2x2xf32>
  %3 = nn.reshape %2 {layer = "flat"} : (tensor<1x2x2x2xf32>) -> tensor<1x8xf32>
  %m = nn.constant {value = dense<[[1.0, -0.5], [-1.0, 0.5], [0.5, 0.25], [0.25, 1.0], [-0.5, 0.75], [0.75, -0.25], [0.1, 0.2], [-0.3, -0.4]]> : tensor<8x2xf32>, layer = "m"} : () -> tensor<8x2xf32>
  %4 = nn.matmul %3, %m {layer = "fc"} : (tensor<1x8xf32>, tensor<8x2xf32>) -> tensor<1x2xf32>
  return %4 : tensor<1x2xf32>
}

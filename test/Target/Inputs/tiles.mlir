// A convolution in the additive form with enough of everything for tile registers, and 256 times 64 values of a run.
!u8 = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>
func.func @tiles(%x: tensor<1x16384x8x8x!u8> {nn.name = "x"}) -> (tensor<1x32x8x8x!u8> {nn.name = "y"}) {
  %w = nn.constant {value = dense<1> : tensor<32x16384x1x1xi8>, layer = "w"} : () -> tensor<32x16384x1x1x!w>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x16384x8x8x!u8>, tensor<32x16384x1x1x!w>) -> tensor<1x32x8x8xi32>
  %1 = fixed.rescale %0 {multipliers = array<i32: 1073741824>, shifts = array<i32: 40>, axis = 0, clamp = array<i64: 0, 255>, bound = 250000000, rounding = 0 : i32, layer = "conv"} : (tensor<1x32x8x8xi32>) -> tensor<1x32x8x8x!u8>
  return %1 : tensor<1x32x8x8x!u8>
}

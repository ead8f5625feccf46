// Weights that are 1 or -1, and powers of two, by bytes; in the additive form, without a rescale, whose factors are no weights.
!x = !quant.uniform<i8:f32, 0.5>
!w = !quant.uniform<i8<-4:4>:f32, 0.5>
!b = !quant.uniform<i2<-1:1>:f32, 0.5>
func.func @convs(%x: tensor<1x4x8x8x!x> {nn.name = "x"}) -> (tensor<1x16x8x7xi32> {nn.name = "y"}, tensor<1x16x8x7xi32> {nn.name = "z"}) {
  %w = nn.constant {value = dense<"0x01FF0204FC00FE0101FFFF0102FE0400FF010204FC00FE0101FFFF0102FE040001FF0204FC00FE0101FFFF0102FE0400FF010204FC00FE0101FFFF0102FE040001FF0204FC00FE0101FFFF0102FE0400FF010204FC00FE0101FFFF0102FE040001FF0204FC00FE0101FFFF0102FE0400FF010204FC00FE0101FFFF0102FE0400"> : tensor<16x4x1x2xi8>, layer = "w"} : () -> tensor<16x4x1x2x!w>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "powers"} : (tensor<1x4x8x8x!x>, tensor<16x4x1x2x!w>) -> tensor<1x16x8x7xi32>
  %b = nn.constant {value = dense<"0x01FF0101FF01FF0101FFFF0101FF01FFFF0101FFFF01FF0101FFFF0101FF01FF01FFFF0101FFFF0101FFFF01FFFF01FFFF0101FF0101FF0101FF01FFFF01FF0101FF01FFFF01FF0101FFFF01FFFF0101FFFF01FFFF0101FF01FF01FFFF0101FF01FFFF01FF0101FFFF01FFFF01FF01FF01FFFF01FFFF01FF01FF01FF0101FF01"> : tensor<16x4x1x2xi8>, layer = "b"} : () -> tensor<16x4x1x2x!b>
  %1 = nn.conv %x, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "signs"} : (tensor<1x4x8x8x!x>, tensor<16x4x1x2x!b>) -> tensor<1x16x8x7xi32>
  return %0, %1 : tensor<1x16x8x7xi32>, tensor<1x16x8x7xi32>
}

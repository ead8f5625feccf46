// A convolution of bytes and one of floats in the additive form, with weights that no compiler sees through.
!u8 = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>
func.func @convs(%x: tensor<1x4x8x8x!u8> {nn.name = "x"}, %f: tensor<1x1x8x8xf32> {nn.name = "f"}) -> (tensor<1x16x8x7x!u8> {nn.name = "y"}, tensor<1x16x8x6xf32> {nn.name = "z"}) {
  %w = nn.constant {value = dense<"0x0C3156173C612247082D5213385D1E4304294E0F34591A3F64254A0B3055163B602146072C5112375C1D4203284D0E3358193E6324490A2F54153A5F2045062B5011365B1C4102274C0D3257183D622348092E5314395E1F44052A4F10355A1B4001264B0C3156173C612247082D5213385D1E4304294E0F34591A3F64254A0B"> : tensor<16x4x1x2xi8>, layer = "w"} : () -> tensor<16x4x1x2x!w>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "bytes"} : (tensor<1x4x8x8x!u8>, tensor<16x4x1x2x!w>) -> tensor<1x16x8x7xi32>
  %1 = fixed.rescale %0 {multipliers = array<i32: 1073741824>, shifts = array<i32: 40>, axis = 0, clamp = array<i64: 0, 255>, bound = 250000, rounding = 0 : i32, layer = "bytes"} : (tensor<1x16x8x7xi32>) -> tensor<1x16x8x7x!u8>
  %v = nn.constant {value = dense<[[[[0.25, 0.5, 0.75]]], [[[1.0, 1.25, 1.5]]], [[[1.75, 2.0, 2.25]]], [[[2.5, 2.75, 3.0]]], [[[3.25, 3.5, 3.75]]], [[[4.0, 4.25, 4.5]]], [[[4.75, 5.0, 5.25]]], [[[5.5, 5.75, 6.0]]], [[[6.25, 6.5, 6.75]]], [[[7.0, 7.25, 7.5]]], [[[7.75, 8.0, 8.25]]], [[[8.5, 8.75, 9.0]]], [[[9.25, 9.5, 9.75]]], [[[10.0, 10.25, 10.5]]], [[[10.75, 11.0, 11.25]]], [[[11.5, 11.75, 12.0]]]]> : tensor<16x1x1x3xf32>, layer = "v"} : () -> tensor<16x1x1x3xf32>
  %2 = nn.conv %f, %v {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "floats"} : (tensor<1x1x8x8xf32>, tensor<16x1x1x3xf32>) -> tensor<1x16x8x6xf32>
  return %1, %2 : tensor<1x16x8x7x!u8>, tensor<1x16x8x6xf32>
}

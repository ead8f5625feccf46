// Ternary weights become instructions where enough positions share them, and few sums are multiplied by factors.
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver4" --select-lowering | FileCheck %s -DADDS=adds512
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=haswell" --select-lowering | FileCheck %s -DADDS=adds256

!x = !quant.uniform<u8:f32, 0.5:10>
!t = !quant.uniform<i2<-1:1>:f32, 0.5>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>
// CHECK-LABEL: func.func @weights
// CHECK: layer = "many", lowering = "[[ADDS]]"
// One factor of an output counts little.
// CHECK: layer = "factors", lowering = "[[ADDS]]"
// Two factors of a channel are none.
// CHECK: layer = "magnitudes", lowering = "{{vnni512|madd256}}"
// Seven by seven positions are too few.
// CHECK: layer = "few", lowering = "{{vnni512|maddub256}}
func.func @weights(%x: tensor<1x16x8x8x!x>, %s: tensor<1x16x7x7x!x>) {
  %t = nn.constant {value = dense<"0x0000FF00000100000000FF00000100000000FF00000100000000FF00000100000000FF00000100000000FF00000100000000FF00000100000000FF00000100000000FF00000100000000FF00000100000000FF00000100000000FF00000100000000FF00000100000000FF00000100000000FF00000100000000FF0000010000"> : tensor<8x16x1x1xi8>, layer = "t"} : () -> tensor<8x16x1x1x!t>
  %0 = nn.conv %x, %t {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layer = "many"} : (tensor<1x16x8x8x!x>, tensor<8x16x1x1x!t>) -> tensor<1x8x8x8xi32>
  %f = nn.constant {value = dense<"0x050000FB00000000050000FB00000000030000FD00000000030000FD00000000050000FB00000000050000FB00000000030000FD00000000030000FD00000000050000FB00000000050000FB00000000030000FD00000000030000FD00000000050000FB00000000050000FB00000000030000FD00000000030000FD00000000"> : tensor<8x16x1x1xi8>, layer = "f"} : () -> tensor<8x16x1x1x!w>
  %1 = nn.conv %x, %f {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layer = "factors"} : (tensor<1x16x8x8x!x>, tensor<8x16x1x1x!w>) -> tensor<1x8x8x8xi32>
  %m = nn.constant {value = dense<"0x03050000000000000305000000000000030500000000000003050000000000000305000000000000030500000000000003050000000000000305000000000000030500000000000003050000000000000305000000000000030500000000000003050000000000000305000000000000030500000000000003050000000000000305000000000000030500000000000003050000000000000305000000000000030500000000000003050000000000000305000000000000030500000000000003050000000000000305000000000000030500000000000003050000000000000305000000000000030500000000000003050000000000000305000000000000"> : tensor<8x16x1x2xi8>, layer = "m"} : () -> tensor<8x16x1x2x!w>
  %2 = nn.conv %x, %m {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, layer = "magnitudes"} : (tensor<1x16x8x8x!x>, tensor<8x16x1x2x!w>) -> tensor<1x8x8x8xi32>
  %3 = nn.conv %s, %t {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64, layer = "few"} : (tensor<1x16x7x7x!x>, tensor<8x16x1x1x!t>) -> tensor<1x8x7x7xi32>
  return
}

// Each channel by itself: kernels of their own, at 256 bits for integers.
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver4" --select-lowering | FileCheck %s --check-prefixes=CHECK,ZNVER4
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=alderlake" --select-lowering | FileCheck %s --check-prefixes=CHECK,ALDERLAKE
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=haswell" --select-lowering | FileCheck %s --check-prefixes=CHECK,HASWELL

!u8 = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>
func.func @layers(%x: tensor<1x8x5x5x!u8>, %f: tensor<1x8x5x5xf32>, %l: tensor<1x8x5x!u8>) {
  %w = nn.constant {value = dense<1> : tensor<8x1x3x3xi8>, layer = "w"} : () -> tensor<8x1x3x3x!w>
  %wf = nn.constant {value = dense<1.0> : tensor<8x1x3x3xf32>, layer = "wf"} : () -> tensor<8x1x3x3xf32>
  %wd = nn.constant {value = dense<1> : tensor<16x1x3x3xi8>, layer = "wd"} : () -> tensor<16x1x3x3x!w>
  %wl = nn.constant {value = dense<1> : tensor<8x1x3xi8>, layer = "wl"} : () -> tensor<8x1x3x!w>
  // ZNVER4: layer = "integer", lowering = "depthwise-vnni512"
  // ALDERLAKE: layer = "integer", lowering = "depthwise-vnni256"
  // HASWELL: layer = "integer", lowering = "depthwise-madd256"
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 8, layer = "integer"} : (tensor<1x8x5x5x!u8>, tensor<8x1x3x3x!w>) -> tensor<1x8x3x3xi32>
  // ZNVER4: layer = "float", lowering = "depthwise-fma512"
  // ALDERLAKE: layer = "float", lowering = "depthwise-fma256"
  // HASWELL: layer = "float", lowering = "depthwise-fma256"
  %1 = nn.conv %f, %wf {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 8, layer = "float"} : (tensor<1x8x5x5xf32>, tensor<8x1x3x3xf32>) -> tensor<1x8x3x3xf32>
  // Two outputs of each channel, and one dimension, are plain loops.
  // CHECK: layer = "doubled", pads
  %2 = nn.conv %x, %wd {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 8, layer = "doubled"} : (tensor<1x8x5x5x!u8>, tensor<16x1x3x3x!w>) -> tensor<1x16x3x3xi32>
  // CHECK: layer = "line", pads
  %3 = nn.conv %l, %wl {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 8, layer = "line"} : (tensor<1x8x5x!u8>, tensor<8x1x3x!w>) -> tensor<1x8x3xi32>
  return
}

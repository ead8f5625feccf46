// Tile registers take the layers whose rows and runs fill enough of them; the others stay with vectors, which the same processor has.
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=sapphirerapids" --select-lowering | FileCheck %s -DTILES=amx
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=graniterapids" --select-lowering | FileCheck %s -DTILES=amx
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=sapphirerapids features=-amx-int8" --select-lowering | FileCheck %s -DTILES=vnni512
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=sapphirerapids features=-amx-tile" --select-lowering | FileCheck %s -DTILES=vnni512
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver4" --select-lowering | FileCheck %s -DTILES=vnni512

!u8 = !quant.uniform<u8:f32, 0.5:10>
!i16 = !quant.uniform<i16:f32, 0.5>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>

// Cycles, in tiles and in vectors: 32 + 16 for each multiplication, and half a position's dots of 4 codes, 16 positions at most.
//   rows:  3 * 16 + 32 = 80,  3 * 12 * 16 / 2 = 288     channels:  3 * 2 * 16 + 32 = 128,  3 * 3 * 16 / 2 = 72
//   stem:  7 * 2 * 16 + 32 = 256,  7 * 6 * 16 / 2 = 336   (21 codes are 20 and 1)
//   point: 16 + 32 = 48,  4 * 16 / 2 = 32                deep: 2 * 16 + 32 = 64,  32 * 16 / 2 = 256
//   short: 3 * 16 + 32 = 80,  3 * 12 * 7 / 2 = 126       narrow: 80,  3 * 12 * 4 / 2 = 72
// CHECK-LABEL: func.func @convolutions
// CHECK: layer = "rows", lowering = "[[TILES]]"
// CHECK: layer = "channels", lowering = "vnni512"
// CHECK: layer = "stem", lowering = "[[TILES]]"
// CHECK: layer = "point", lowering = "vnni512"
// CHECK: layer = "deep", lowering = "[[TILES]]"
// CHECK: layer = "short", lowering = "[[TILES]]"
// CHECK: layer = "narrow", lowering = "vnni512"
func.func @convolutions(%x3: tensor<1x3x40x40x!u8>, %x16: tensor<1x16x18x18x!u8>, %x9: tensor<1x16x9x9x!u8>, %x6: tensor<1x16x9x6x!u8>, %x128: tensor<1x128x4x4x!u8>) {
  %w3 = nn.constant {value = dense<1> : tensor<16x3x3x3xi8>, layer = "w"} : () -> tensor<16x3x3x3x!w>
  %w7 = nn.constant {value = dense<1> : tensor<16x3x7x7xi8>, layer = "w"} : () -> tensor<16x3x7x7x!w>
  %w16 = nn.constant {value = dense<1> : tensor<16x16x3x3xi8>, layer = "w"} : () -> tensor<16x16x3x3x!w>
  %p16 = nn.constant {value = dense<1> : tensor<16x16x1x1xi8>, layer = "w"} : () -> tensor<16x16x1x1x!w>
  %p128 = nn.constant {value = dense<1> : tensor<16x128x1x1xi8>, layer = "w"} : () -> tensor<16x128x1x1x!w>
  %0 = nn.conv %x16, %w16 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "rows"} : (tensor<1x16x18x18x!u8>, tensor<16x16x3x3x!w>) -> tensor<1x16x16x16xi32>
  %1 = nn.conv %x3, %w3 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "channels"} : (tensor<1x3x40x40x!u8>, tensor<16x3x3x3x!w>) -> tensor<1x16x38x38xi32>
  %2 = nn.conv %x3, %w7 {strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "stem"} : (tensor<1x3x40x40x!u8>, tensor<16x3x7x7x!w>) -> tensor<1x16x17x17xi32>
  %3 = nn.conv %x16, %p16 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "point"} : (tensor<1x16x18x18x!u8>, tensor<16x16x1x1x!w>) -> tensor<1x16x18x18xi32>
  // Rows of 4 are read as one of 16.
  %4 = nn.conv %x128, %p128 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "deep"} : (tensor<1x128x4x4x!u8>, tensor<16x128x1x1x!w>) -> tensor<1x16x4x4xi32>
  %5 = nn.conv %x9, %w16 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "short"} : (tensor<1x16x9x9x!u8>, tensor<16x16x3x3x!w>) -> tensor<1x16x7x7xi32>
  %6 = nn.conv %x6, %w16 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "narrow"} : (tensor<1x16x9x6x!u8>, tensor<16x16x3x3x!w>) -> tensor<1x16x7x4xi32>
  return
}

// Where columns are apart, each is a run of the channels alone: 9 * 16 + 32 = 176 against 9 * 8 * 16 / 2 = 576.
// CHECK-LABEL: func.func @apart
// CHECK: layer = "dilated", lowering = "[[TILES]]"
// CHECK: layer = "depthwise", lowering = "depthwise-vnni512"
func.func @apart(%x: tensor<1x32x20x20x!u8>) {
  %w = nn.constant {value = dense<1> : tensor<32x32x3x3xi8>, layer = "w"} : () -> tensor<32x32x3x3x!w>
  %d = nn.constant {value = dense<1> : tensor<32x1x3x3xi8>, layer = "w"} : () -> tensor<32x1x3x3x!w>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 2, 2>, groups = 1, layer = "dilated"} : (tensor<1x32x20x20x!u8>, tensor<32x32x3x3x!w>) -> tensor<1x32x16x16xi32>
  %1 = nn.conv %x, %d {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 32, layer = "depthwise"} : (tensor<1x32x20x20x!u8>, tensor<32x1x3x3x!w>) -> tensor<1x32x18x18xi32>
  return
}

// One image's matrix products have one position, and no tile is worth loading for it. By hand it can be had, short runs too; 16 bits are
// no tile's.
// CHECK-LABEL: func.func @products
// CHECK: layer = "one", lowering = "vnni512"
// CHECK: layer = "many", lowering = "[[TILES]]"
// CHECK: layer = "pairs", lowering = "madd512"
func.func @products(%one: tensor<1x512x!u8>, %many: tensor<16x512x!u8>, %pairs: tensor<16x512x!i16>) {
  %w = nn.constant {value = dense<1> : tensor<512x16xi8>, layer = "w"} : () -> tensor<512x16x!w>
  %0 = nn.matmul %one, %w {layer = "one"} : (tensor<1x512x!u8>, tensor<512x16x!w>) -> tensor<1x16xi32>
  %1 = nn.matmul %many, %w {layer = "many"} : (tensor<16x512x!u8>, tensor<512x16x!w>) -> tensor<16x16xi32>
  %2 = nn.matmul %pairs, %w {layer = "pairs"} : (tensor<16x512x!i16>, tensor<512x16x!w>) -> tensor<16x16xi32>
  return
}

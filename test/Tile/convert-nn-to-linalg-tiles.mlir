// Weights for tile registers: a run is cut into equal parts of up to 64 values, as many steps as a tile has rows; otherwise as in
// convert-nn-to-linalg-kernels.mlir.
// RUN: quantization-opt %s --convert-nn-to-linalg --mlir-print-local-scope --mlir-print-elementsattrs-with-hex-if-larger=-1 | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>
#nhwc = #fixed.layout<[0, 2, 3, 1]>
#hwio = #fixed.layout<[2, 3, 1, 0]>
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "">} {

// A run of 10 holds one part of 8, so there are two: 1 to 8, and 3 to 10, of which 9 and 10 are left. Each is 2 steps of 16 lanes.
// CHECK-LABEL: func.func private @short_run
// CHECK: arith.constant dense<[1, 2, 3, 4{{((, 0){60})}}, 5, 6, 7, 8{{((, 0){60})}}, 0, 0, 0, 0{{((, 0){60})}}, 0, 0, 9, 10{{((, 0){60})}}]> : tensor<256xi8>
// CHECK: "fixed.contract"
// CHECK: (tensor<16x10xi8>, tensor<1x1x1x4x16x4xi8>, tensor<16x1xi32>) -> tensor<16x1xi32>
func.func private @short_run(%x: tensor<16x10x!u8>) -> tensor<16x1xi32> {
  %w = nn.constant {value = dense<[[1], [2], [3], [4], [5], [6], [7], [8], [9], [10]]> : tensor<10x1xi8>, layer = "w"} : () -> tensor<10x1x!w>
  %0 = nn.matmul %x, %w {lowering = "amx", layer = "fc"} : (tensor<16x10x!u8>, tensor<10x1x!w>) -> tensor<16x1xi32>
  return %0 : tensor<16x1xi32>
}

// 72 are two parts of 36. 40 channels are a block of 2 tiles and one of which a quarter is used.
// CHECK-LABEL: func.func private @blocks
// CHECK: (tensor<16x72xi8>, tensor<1x2x1x18x32x4xi8>, tensor<16x40xi32>) -> tensor<16x40xi32>
func.func private @blocks(%x: tensor<16x72x!u8>) -> tensor<16x40xi32> {
  %w = nn.constant {value = dense<1> : tensor<72x40xi8>, layer = "w"} : () -> tensor<72x40x!w>
  %0 = nn.matmul %x, %w {lowering = "amx", layer = "fc"} : (tensor<16x72x!u8>, tensor<72x40x!w>) -> tensor<16x40xi32>
  return %0 : tensor<16x40xi32>
}

// Dilated, each of 2 columns has parts of its own: 6 channels are 4 and 4.
// CHECK-LABEL: func.func private @apart
// CHECK: kernel = array<i64: 1, 2>
// CHECK: (tensor<1x4x6x6xi8>, tensor<1x1x1x4x16x4xi8>, tensor<1x4x4x8xi32>) -> tensor<1x4x4x8xi32>
func.func private @apart(%x: tensor<1x6x4x6x!u8, #nhwc>) -> tensor<1x8x4x4xi32, #nhwc> {
  %w = nn.constant {value = dense<1> : tensor<8x6x1x2xi8>, layer = "w"} : () -> tensor<8x6x1x2x!w, #hwio>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 2>, groups = 1, lowering = "amx", layer = "conv"} : (tensor<1x6x4x6x!u8, #nhwc>, tensor<8x6x1x2x!w, #hwio>) -> tensor<1x8x4x4xi32, #nhwc>
  return %0 : tensor<1x8x4x4xi32, #nhwc>
}
}

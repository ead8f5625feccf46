// Sums of two products of bytes have 16 bits: without VNNI, kernels on them take what cannot saturate, and add up as many steps in
// 16 bits as fit. The largest codes are those of the types.
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=haswell" --select-lowering -o %t.haswell.mlir --remarks-filter=select-lowering 2>&1 | FileCheck %s --check-prefix=REMARKS
// RUN: FileCheck %s --input-file=%t.haswell.mlir -DBYTES=maddub256 -DPAIRS=madd256
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=skylake-avx512" --select-lowering | FileCheck %s -DBYTES=maddub512 -DPAIRS=madd512
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=alderlake" --select-lowering | FileCheck %s --check-prefix=VNNI --implicit-check-not=maddub
// VNNI: layer = "w64", lowering = "vnni256"
// REMARKS: remark: [Passed] Kernel | Category:select-lowering | Function=w64 | Reason=maddub256
// REMARKS: remark: [Passed] Kernel | Category:select-lowering | Function=w8 | Reason=maddub256x8

!u8 = !quant.uniform<u8:f32, 0.5:10>
!u7 = !quant.uniform<u7:f32, 0.5>
!u4 = !quant.uniform<u4:f32, 0.5>
!i8 = !quant.uniform<i8:f32, 0.5:-3>
!i4 = !quant.uniform<i4:f32, 0.5>
!i16 = !quant.uniform<i16:f32, 0.5>
!w127 = !quant.uniform<i8<-127:127>:f32, 0.5>
!w65 = !quant.uniform<i8<-65:64>:f32, 0.5>
!w64 = !quant.uniform<i8<-64:64>:f32, 0.5>
!w32 = !quant.uniform<i6:f32, 0.5>
!w16 = !quant.uniform<i5:f32, 0.5>
!w8 = !quant.uniform<i4:f32, 0.5>
!w3 = !quant.uniform<i3<-3:3>:f32, 0.5>
!w1 = !quant.uniform<i2<-1:1>:f32:1, {0.5, 0.25, 1.0, 2.0}>

// CHECK-LABEL: func.func @weights
// CHECK: layer = "w65", lowering = "[[PAIRS]]"
// CHECK: layer = "w64", lowering = "[[BYTES]]"
// CHECK: layer = "w32", lowering = "[[BYTES]]x2"
// CHECK: layer = "w16", lowering = "[[BYTES]]x4"
// CHECK: layer = "w8", lowering = "[[BYTES]]x8"
// CHECK: layer = "w3", lowering = "[[BYTES]]x16"
// CHECK: layer = "w1", lowering = "[[BYTES]]x64"
func.func @weights(%x: tensor<2x6x!u8>) {
  %w65 = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "c"} : () -> tensor<6x4x!w65>
  %0 = nn.matmul %x, %w65 {layer = "w65"} : (tensor<2x6x!u8>, tensor<6x4x!w65>) -> tensor<2x4xi32>
  %w64 = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "c"} : () -> tensor<6x4x!w64>
  %1 = nn.matmul %x, %w64 {layer = "w64"} : (tensor<2x6x!u8>, tensor<6x4x!w64>) -> tensor<2x4xi32>
  %w32 = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "c"} : () -> tensor<6x4x!w32>
  %2 = nn.matmul %x, %w32 {layer = "w32"} : (tensor<2x6x!u8>, tensor<6x4x!w32>) -> tensor<2x4xi32>
  %w16 = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "c"} : () -> tensor<6x4x!w16>
  %3 = nn.matmul %x, %w16 {layer = "w16"} : (tensor<2x6x!u8>, tensor<6x4x!w16>) -> tensor<2x4xi32>
  %w8 = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "c"} : () -> tensor<6x4x!w8>
  %4 = nn.matmul %x, %w8 {layer = "w8"} : (tensor<2x6x!u8>, tensor<6x4x!w8>) -> tensor<2x4xi32>
  %w3 = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "c"} : () -> tensor<6x4x!w3>
  %5 = nn.matmul %x, %w3 {layer = "w3"} : (tensor<2x6x!u8>, tensor<6x4x!w3>) -> tensor<2x4xi32>
  %w1 = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "c"} : () -> tensor<6x4x!w1>
  %6 = nn.matmul %x, %w1 {layer = "w1"} : (tensor<2x6x!u8>, tensor<6x4x!w1>) -> tensor<2x4xi32>
  return
}

// Narrow codes of the input leave room for larger weights. Signed ones are read with 128 added, and those of 16 bits are no bytes.
// CHECK-LABEL: func.func @inputs
// CHECK: layer = "u7", lowering = "[[BYTES]]"
// CHECK: layer = "u4", lowering = "[[BYTES]]x8"
// CHECK: layer = "i8", lowering = "[[BYTES]]x64"
// CHECK: layer = "i4", lowering = "[[PAIRS]]"
// CHECK: layer = "i16", lowering = "[[PAIRS]]"
func.func @inputs(%u7: tensor<2x6x!u7>, %u4: tensor<2x6x!u4>, %i8: tensor<2x6x!i8>, %i4: tensor<2x6x!i4>, %i16: tensor<2x6x!i16>) {
  %w127 = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "c"} : () -> tensor<6x4x!w127>
  %w1 = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "c"} : () -> tensor<6x4x!w1>
  %0 = nn.matmul %u7, %w127 {layer = "u7"} : (tensor<2x6x!u7>, tensor<6x4x!w127>) -> tensor<2x4xi32>
  %1 = nn.matmul %u4, %w127 {layer = "u4"} : (tensor<2x6x!u4>, tensor<6x4x!w127>) -> tensor<2x4xi32>
  %2 = nn.matmul %i8, %w1 {layer = "i8"} : (tensor<2x6x!i8>, tensor<6x4x!w1>) -> tensor<2x4xi32>
  %3 = nn.matmul %i4, %w127 {layer = "i4"} : (tensor<2x6x!i4>, tensor<6x4x!w127>) -> tensor<2x4xi32>
  %4 = nn.matmul %i16, %w1 {layer = "i16"} : (tensor<2x6x!i16>, tensor<6x4x!w1>) -> tensor<2x4xi32>
  return
}

// A filter for each channel; and a product of computed matrices, whose codes less their zero points have signs.
// CHECK-LABEL: func.func @others
// CHECK: layer = "depthwise", lowering = "depthwise-maddub256"
// CHECK: layer = "computed", lowering = "[[PAIRS]]"
func.func @others(%x: tensor<1x8x5x5x!u8>, %a: tensor<2x6x!u4>, %b: tensor<6x4x!w1>) {
  %w = nn.constant {value = dense<1> : tensor<8x1x3x3xi8>, layer = "c"} : () -> tensor<8x1x3x3x!w64>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 8, layer = "depthwise"} : (tensor<1x8x5x5x!u8>, tensor<8x1x3x3x!w64>) -> tensor<1x8x3x3xi32>
  %1 = nn.matmul %a, %b {layer = "computed"} : (tensor<2x6x!u4>, tensor<6x4x!w1>) -> tensor<2x4xi32>
  return
}

// The kernel of each layer by processor: the best that its features have. One function per layer, the same network for all targets.
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver4" --select-lowering -o %t.znver4.mlir
// RUN: FileCheck %s --input-file=%t.znver4.mlir -DBYTES=vnni512 -DNARROW=vnni512 -DPAIRS=madd512 -DFLOAT=fma512
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=alderlake" --select-lowering | FileCheck %s -DBYTES=vnni256 -DNARROW=vnni256 -DPAIRS=madd256 -DFLOAT=fma256
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=skylake-avx512" --select-lowering | FileCheck %s -DBYTES=madd512 -DNARROW=maddub512x8 -DPAIRS=madd512 -DFLOAT=fma512
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver3" --select-lowering | FileCheck %s -DBYTES=madd256 -DNARROW=maddub256x8 -DPAIRS=madd256 -DFLOAT=fma256
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=haswell" --select-lowering | FileCheck %s -DBYTES=madd256 -DNARROW=maddub256x8 -DPAIRS=madd256 -DFLOAT=fma256

// Features change what the processor has, and features that others need go with them.
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver4 features=-avx512vnni" --select-lowering | FileCheck %s -DBYTES=madd512 -DNARROW=maddub512x8 -DPAIRS=madd512 -DFLOAT=fma512
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver4 features=-avx512f" --select-lowering | FileCheck %s -DBYTES=madd256 -DNARROW=maddub256x8 -DPAIRS=madd256 -DFLOAT=fma256
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=haswell features=+avxvnni" --select-lowering | FileCheck %s -DBYTES=vnni256 -DNARROW=vnni256 -DPAIRS=madd256 -DFLOAT=fma256

// Emulation is no other machine.
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver4 emulated=true" --select-lowering | FileCheck %s -DBYTES=vnni512 -DNARROW=vnni512 -DPAIRS=madd512 -DFLOAT=fma512

// Machines without kernels, and no machine at all.
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=x86-64" --select-lowering | FileCheck %s --check-prefix=NONE --implicit-check-not=lowering
// RUN: quantization-opt %s --set-target="triple=aarch64-unknown-linux-gnu cpu=cortex-a76" --select-lowering | FileCheck %s --check-prefix=NONE --implicit-check-not=lowering
// RUN: quantization-opt %s --set-target="triple=i686-unknown-linux-gnu cpu=haswell" --select-lowering | FileCheck %s --check-prefix=NONE --implicit-check-not=lowering
// RUN: quantization-opt %s --select-lowering | FileCheck %s --check-prefix=NONE --implicit-check-not=lowering
// NONE: func.func @bytes

// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver4" --select-lowering -o /dev/null --remarks-filter=select-lowering 2>&1 | FileCheck %s --check-prefix=REMARKS
// REMARKS: remark: [Passed] Kernel | Category:select-lowering | Function=bytes | Reason=vnni512
// REMARKS: remark: [Missed] PlainLoops | Category:select-lowering | Function=u16 | Reason="plain loops: the target has no kernel for it"
// REMARKS: remark: [Missed] PlainLoops | Category:select-lowering | Function=wide | Reason="plain loops: the target has no kernel for it"
// REMARKS: remark: [Passed] Kernel | Category:select-lowering | Function=computed | Reason=madd512
// REMARKS: remark: [Missed] PlainLoops | Category:select-lowering | Function=bias | Reason="plain loops: its weights or biases are computed"
// REMARKS: remark: [Missed] PlainLoops | Category:select-lowering | Function=spatial | Reason="plain loops: it has three spatial dimensions"
// REMARKS: remark: [Passed] Kernel | Category:select-lowering | Function=batches | Reason=fma512
// REMARKS: remark: [Missed] PlainLoops | Category:select-lowering | Function=unsigned | Reason="plain loops: its weights are no signed integers around zero"
// REMARKS: remark: [Missed] PlainLoops | Category:select-lowering | Function=uncentered | Reason="plain loops: its weights are no signed integers around zero"
// REMARKS: remark: [Passed] Kernel | Category:select-lowering | Function=short_weights | Reason=madd512

!u8 = !quant.uniform<u8:f32, 0.5:10>
!i8 = !quant.uniform<i8:f32, 0.5:-3>
!u4 = !quant.uniform<u4:f32, 0.5>
!i16 = !quant.uniform<i16:f32, 0.5>
!u16 = !quant.uniform<u16:f32, 0.5>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>

//===----------------------------------------------------------------------===//
// A kernel for each
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func @bytes
// CHECK: layer = "bytes", lowering = "[[BYTES]]"
func.func @bytes(%x: tensor<1x8x5x5x!u8>) -> tensor<1x4x3x3xi32> {
  %w = nn.constant {value = dense<1> : tensor<4x8x3x3xi8>, layer = "w"} : () -> tensor<4x8x3x3x!w>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "bytes"} : (tensor<1x8x5x5x!u8>, tensor<4x8x3x3x!w>) -> tensor<1x4x3x3xi32>
  return %0 : tensor<1x4x3x3xi32>
}

// Signed codes are bytes too; narrower ones lie in bytes, and their products are smaller.
// CHECK-LABEL: func.func @matmul
// CHECK: layer = "signed", lowering = "[[BYTES]]"
// CHECK: layer = "narrow", lowering = "[[NARROW]]"
func.func @matmul(%x: tensor<2x6x!i8>, %y: tensor<2x6x!u4>) -> (tensor<2x4xi32>, tensor<2x4xi32>) {
  %w = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "w"} : () -> tensor<6x4x!w>
  %0 = nn.matmul %x, %w {layer = "signed"} : (tensor<2x6x!i8>, tensor<6x4x!w>) -> tensor<2x4xi32>
  %1 = nn.matmul %y, %w {layer = "narrow"} : (tensor<2x6x!u4>, tensor<6x4x!w>) -> tensor<2x4xi32>
  return %0, %1 : tensor<2x4xi32>, tensor<2x4xi32>
}

// 16 bits are multiplied in pairs. No signed lane holds an unsigned one.
// CHECK-LABEL: func.func @shorts
// CHECK: layer = "i16", lowering = "[[PAIRS]]"
// CHECK: layer = "u16"}
func.func @shorts(%x: tensor<2x6x!i16>, %y: tensor<2x6x!u16>) -> (tensor<2x4xi32>, tensor<2x4xi32>) {
  %w = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "w"} : () -> tensor<6x4x!w>
  %0 = nn.matmul %x, %w {layer = "i16"} : (tensor<2x6x!i16>, tensor<6x4x!w>) -> tensor<2x4xi32>
  %1 = nn.matmul %y, %w {layer = "u16"} : (tensor<2x6x!u16>, tensor<6x4x!w>) -> tensor<2x4xi32>
  return %0, %1 : tensor<2x4xi32>, tensor<2x4xi32>
}

// CHECK-LABEL: func.func @floats
// CHECK: layer = "conv", lowering = "[[FLOAT]]"
// CHECK: layer = "fc", lowering = "[[FLOAT]]"
func.func @floats(%x: tensor<1x2x5xf32>, %y: tensor<2x1xf32>) -> (tensor<1x4x3xf32>, tensor<2x4xf32>) {
  %w = nn.constant {value = dense<1.0> : tensor<4x2x3xf32>, layer = "w"} : () -> tensor<4x2x3xf32>
  %0 = nn.conv %x, %w {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1, layer = "conv"} : (tensor<1x2x5xf32>, tensor<4x2x3xf32>) -> tensor<1x4x3xf32>
  %v = nn.constant {value = dense<1.0> : tensor<1x4xf32>, layer = "v"} : () -> tensor<1x4xf32>
  %1 = nn.matmul %y, %v {layer = "fc"} : (tensor<2x1xf32>, tensor<1x4xf32>) -> tensor<2x4xf32>
  return %0, %1 : tensor<1x4x3xf32>, tensor<2x4xf32>
}

// Steps of 4 values: rows of 3 channels and 3 columns have 9; one channel and column reach 4 with columns of no weights. Where the
// columns of a row are apart (dilated, or in groups) only the channels count: 3 are enough for pairs, not for 4, and 1 for nothing.
// CHECK-LABEL: func.func @runs
// CHECK: layer = "nine", lowering = "[[BYTES]]"
// CHECK: layer = "widened", lowering = "[[BYTES]]"
// CHECK: layer = "dilated", lowering = "[[PAIRS]]"
// CHECK: layer = "dilated_one", pads
// CHECK: layer = "grouped", lowering = "[[PAIRS]]"
// CHECK: layer = "rows_apart", lowering = "[[BYTES]]"
func.func @runs(%x: tensor<1x3x9x9x!u8>, %y: tensor<1x1x9x9x!u8>, %z: tensor<1x6x9x9x!u8>) {
  %w3 = nn.constant {value = dense<1> : tensor<4x3x3x3xi8>, layer = "w"} : () -> tensor<4x3x3x3x!w>
  %w1 = nn.constant {value = dense<1> : tensor<4x1x1x1xi8>, layer = "w"} : () -> tensor<4x1x1x1x!w>
  %0 = nn.conv %x, %w3 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "nine"} : (tensor<1x3x9x9x!u8>, tensor<4x3x3x3x!w>) -> tensor<1x4x7x7xi32>
  %1 = nn.conv %y, %w1 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "widened"} : (tensor<1x1x9x9x!u8>, tensor<4x1x1x1x!w>) -> tensor<1x4x9x9xi32>
  %2 = nn.conv %x, %w3 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 2>, groups = 1, layer = "dilated"} : (tensor<1x3x9x9x!u8>, tensor<4x3x3x3x!w>) -> tensor<1x4x7x5xi32>
  %3 = nn.conv %y, %w1 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 2>, groups = 1, layer = "dilated_one"} : (tensor<1x1x9x9x!u8>, tensor<4x1x1x1x!w>) -> tensor<1x4x9x9xi32>
  %4 = nn.conv %z, %w3 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2, layer = "grouped"} : (tensor<1x6x9x9x!u8>, tensor<4x3x3x3x!w>) -> tensor<1x4x7x7xi32>
  %5 = nn.conv %x, %w3 {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 2, 1>, groups = 1, layer = "rows_apart"} : (tensor<1x3x9x9x!u8>, tensor<4x3x3x3x!w>) -> tensor<1x4x5x7xi32>
  return
}

//===----------------------------------------------------------------------===//
// Plain loops
//===----------------------------------------------------------------------===//

// Kernels have accumulators of 32 bits.
// CHECK-LABEL: func.func @wide
// CHECK: layer = "wide"}
func.func @wide(%x: tensor<2x6x!i16>) -> tensor<2x4xi64> {
  %w = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "w"} : () -> tensor<6x4x!w>
  %0 = nn.matmul %x, %w {layer = "wide"} : (tensor<2x6x!i16>, tensor<6x4x!w>) -> tensor<2x4xi64>
  return %0 : tensor<2x4xi64>
}

// A product of two computed matrices takes them as 16 bits less their zero points; with a bias that would fold one it is none.
// CHECK-LABEL: func.func @computed
// CHECK: layer = "computed", lowering = "[[PAIRS]]"
// CHECK: layer = "bias"}
func.func @computed(%x: tensor<2x6x!u8>, %w: tensor<6x4x!w>, %b: tensor<4xi32>) -> (tensor<2x4xi32>, tensor<2x4xi32>) {
  %0 = nn.matmul %x, %w {layer = "computed"} : (tensor<2x6x!u8>, tensor<6x4x!w>) -> tensor<2x4xi32>
  %c = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "c"} : () -> tensor<6x4x!w>
  %1 = nn.matmul %x, %c, %b {layer = "bias"} : (tensor<2x6x!u8>, tensor<6x4x!w>, tensor<4xi32>) -> tensor<2x4xi32>
  return %0, %1 : tensor<2x4xi32>, tensor<2x4xi32>
}

// CHECK-LABEL: func.func @spatial
// CHECK: layer = "spatial", pads
func.func @spatial(%x: tensor<1x4x3x3x3x!u8>) -> tensor<1x4x3x3x3xi32> {
  %w = nn.constant {value = dense<1> : tensor<4x4x1x1x1xi8>, layer = "w"} : () -> tensor<4x4x1x1x1x!w>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1, 1>, pads = array<i64: 0, 0, 0, 0, 0, 0>, dilations = array<i64: 1, 1, 1>, groups = 1, layer = "spatial"} : (tensor<1x4x3x3x3x!u8>, tensor<4x4x1x1x1x!w>) -> tensor<1x4x3x3x3xi32>
  return %0 : tensor<1x4x3x3x3xi32>
}

// A matrix per batch is packed like a computed one.
// CHECK-LABEL: func.func @batches
// CHECK: layer = "batches", lowering = "[[FLOAT]]"
func.func @batches(%x: tensor<3x2x6xf32>) -> tensor<3x2x4xf32> {
  %w = nn.constant {value = dense<1.0> : tensor<3x6x4xf32>, layer = "w"} : () -> tensor<3x6x4xf32>
  %0 = nn.matmul %x, %w {layer = "batches"} : (tensor<3x2x6xf32>, tensor<3x6x4xf32>) -> tensor<3x2x4xf32>
  return %0 : tensor<3x2x4xf32>
}

// CHECK-LABEL: func.func @weights
// CHECK: layer = "unsigned"}
// CHECK: layer = "uncentered"}
// CHECK: layer = "short_weights", lowering = "[[PAIRS]]"}
func.func @weights(%x: tensor<2x6x!u8>) {
  %u = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "u"} : () -> tensor<6x4x!quant.uniform<u8:f32, 0.5>>
  %0 = nn.matmul %x, %u {layer = "unsigned"} : (tensor<2x6x!u8>, tensor<6x4x!quant.uniform<u8:f32, 0.5>>) -> tensor<2x4xi32>
  %i = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "i"} : () -> tensor<6x4x!i8>
  %1 = nn.matmul %x, %i {layer = "uncentered"} : (tensor<2x6x!u8>, tensor<6x4x!i8>) -> tensor<2x4xi32>
  %s = nn.constant {value = dense<1> : tensor<6x4xi16>, layer = "s"} : () -> tensor<6x4x!i16>
  %2 = nn.matmul %x, %s {layer = "short_weights"} : (tensor<2x6x!u8>, tensor<6x4x!i16>) -> tensor<2x4xi32>
  return
}

// RUN: quantization-opt %s --pack-values --split-input-file | FileCheck %s
// RUN: quantization-opt %s --pack-values --split-input-file --remarks-filter=pack-values -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARKS

!u4 = !quant.uniform<u4:f32, 0.5:3>
!i4 = !quant.uniform<i4<-7:7>:f32, 0.5>
!u3 = !quant.uniform<u3:f32, 0.5>
!u2 = !quant.uniform<u2:f32, 0.5>
!b = !quant.uniform<i8<-1:1>:f32, 0.5>
!u1 = !quant.uniform<u1:f32, 0.5>
#nhwc = #fixed.layout<[0, 2, 3, 1]>

// One packed value, unpacked for each reader; the innermost dimension in memory is that of the channels, of which seven take four bytes. An op
// that reads it twice reads one copy.
// CHECK-LABEL: func.func @readers
// CHECK: %[[Y:.*]] = fixed.rescale
// CHECK-NOT: storage
// CHECK: %[[P:.*]] = fixed.pack_values %[[Y]] {bits = 4 : i64, layer = "y", least = 0 : i64} : (tensor<1x7x2x2x!{{.*}}u4{{.*}}>) -> tensor<1x4x2x2xi8, #fixed.layout<[0, 2, 3, 1]>>
// CHECK-NEXT: %[[A:.*]] = fixed.unpack_values %[[P]] {bits = 4 : i64, layer = "y", least = 0 : i64}
// CHECK-NEXT: nn.max_pool %[[A]]
// CHECK-NEXT: %[[B:.*]] = fixed.unpack_values %[[P]]
// CHECK-NEXT: nn.add %[[B]], %[[B]]
// REMARKS: Packed {{.*}}28 values in 16 bytes
func.func @readers(%acc: tensor<1x7x2x2xi32, #nhwc>) -> (tensor<1x7x1x1x!u4, #nhwc>, tensor<1x7x2x2x!u4, #nhwc>) {
  %y = fixed.rescale %acc {axis = 0, bound = 100, clamp = array<i64: 0, 15>, multipliers = array<i32: 3>, shifts = array<i32: 2>, layer = "y", rounding = 0 : i32, storage = "packed"} : (tensor<1x7x2x2xi32, #nhwc>) -> tensor<1x7x2x2x!u4, #nhwc>
  %a = nn.max_pool %y {kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layer = "a"} : (tensor<1x7x2x2x!u4, #nhwc>) -> tensor<1x7x1x1x!u4, #nhwc>
  %b = nn.add %y, %y {layer = "b"} : (tensor<1x7x2x2x!u4, #nhwc>, tensor<1x7x2x2x!u4, #nhwc>) -> tensor<1x7x2x2x!u4, #nhwc>
  return %a, %b : tensor<1x7x1x1x!u4, #nhwc>, tensor<1x7x2x2x!u4, #nhwc>
}

// -----

!u4 = !quant.uniform<u4:f32, 0.5:3>
!i4 = !quant.uniform<i4<-7:7>:f32, 0.5>
!u3 = !quant.uniform<u3:f32, 0.5>
!u2 = !quant.uniform<u2:f32, 0.5>
!b = !quant.uniform<i8<-1:1>:f32, 0.5>
!u1 = !quant.uniform<u1:f32, 0.5>

// Signed codes count from their least one; three bits take four, and -1, 0 and 1 take two.
// CHECK-LABEL: func.func @widths
// CHECK: fixed.pack_values {{.*}}bits = 4 : i64, layer = "i4", least = -7 : i64} : {{.*}} -> tensor<1x5xi8>
// CHECK: fixed.pack_values {{.*}}bits = 4 : i64, layer = "u3", least = 0 : i64} : {{.*}} -> tensor<1x5xi8>
// CHECK: fixed.pack_values {{.*}}bits = 2 : i64, layer = "u2", least = 0 : i64} : {{.*}} -> tensor<1x3xi8>
// CHECK: fixed.pack_values {{.*}}bits = 2 : i64, layer = "b", least = -1 : i64} : {{.*}} -> tensor<1x3xi8>
// CHECK: fixed.pack_values {{.*}}bits = 1 : i64, layer = "u1", least = 0 : i64} : {{.*}} -> tensor<1x2xi8>
func.func @widths(%x: tensor<1x10xf32>) -> (tensor<1x10xf32>, tensor<1x10xf32>, tensor<1x10xf32>, tensor<1x10xf32>, tensor<1x10xf32>) {
  %0 = nn.quantize %x {rounding = 0 : i32, layer = "i4", storage = "packed"} : (tensor<1x10xf32>) -> tensor<1x10x!i4>
  %1 = nn.dequantize %0 {layer = "r"} : (tensor<1x10x!i4>) -> tensor<1x10xf32>
  %2 = nn.quantize %x {rounding = 0 : i32, layer = "u3", storage = "packed"} : (tensor<1x10xf32>) -> tensor<1x10x!u3>
  %3 = nn.dequantize %2 {layer = "r"} : (tensor<1x10x!u3>) -> tensor<1x10xf32>
  %4 = nn.quantize %x {rounding = 0 : i32, layer = "u2", storage = "packed"} : (tensor<1x10xf32>) -> tensor<1x10x!u2>
  %5 = nn.dequantize %4 {layer = "r"} : (tensor<1x10x!u2>) -> tensor<1x10xf32>
  %6 = nn.quantize %x {rounding = 4 : i32, layer = "b", storage = "packed"} : (tensor<1x10xf32>) -> tensor<1x10x!b>
  %7 = nn.dequantize %6 {layer = "r"} : (tensor<1x10x!b>) -> tensor<1x10xf32>
  %8 = nn.quantize %x {rounding = 0 : i32, layer = "u1", storage = "packed"} : (tensor<1x10xf32>) -> tensor<1x10x!u1>
  %9 = nn.dequantize %8 {layer = "r"} : (tensor<1x10x!u1>) -> tensor<1x10xf32>
  return %1, %3, %5, %7, %9 : tensor<1x10xf32>, tensor<1x10xf32>, tensor<1x10xf32>, tensor<1x10xf32>, tensor<1x10xf32>
}

// -----

!u4 = !quant.uniform<u4:f32, 0.5:3>

// A change of shape is done again for each reader, and is not packed itself.
// CHECK-LABEL: func.func @reshape
// CHECK: %[[P:.*]] = fixed.pack_values
// CHECK-NEXT: %[[A:.*]] = fixed.unpack_values %[[P]]
// CHECK-NEXT: %[[RA:.*]] = nn.reshape %[[A]]
// CHECK-NEXT: nn.dequantize %[[RA]] {layer = "first"}
// CHECK-NEXT: %[[B:.*]] = fixed.unpack_values %[[P]]
// CHECK-NEXT: %[[RB:.*]] = nn.reshape %[[B]]
// CHECK-NEXT: nn.dequantize %[[RB]] {layer = "second"}
// CHECK-NOT: fixed.pack_values
func.func @reshape(%x: tensor<1x2x4xf32>) -> (tensor<1x8xf32>, tensor<1x8xf32>) {
  %0 = nn.quantize %x {rounding = 0 : i32, layer = "y", storage = "packed"} : (tensor<1x2x4xf32>) -> tensor<1x2x4x!u4>
  %1 = nn.reshape %0 {layer = "flat", storage = "packed"} : (tensor<1x2x4x!u4>) -> tensor<1x8x!u4>
  %2 = nn.dequantize %1 {layer = "first"} : (tensor<1x8x!u4>) -> tensor<1x8xf32>
  %3 = nn.dequantize %1 {layer = "second"} : (tensor<1x8x!u4>) -> tensor<1x8xf32>
  return %2, %3 : tensor<1x8xf32>, tensor<1x8xf32>
}

// -----

!u4 = !quant.uniform<u4:f32, 0.5:3>

// The caller takes whole bytes, and a row of one code is one byte in any case.
// CHECK-LABEL: func.func @left
// CHECK-NOT: fixed.pack_values
// REMARKS: InBytes {{.*}}in whole bytes: the caller reads them
// REMARKS: InBytes {{.*}}in whole bytes: a row of them is one byte
func.func @left(%x: tensor<8x1xf32>) -> (tensor<8x1x!u4>, tensor<8x1xf32>) {
  %0 = nn.quantize %x {rounding = 0 : i32, layer = "result", storage = "packed"} : (tensor<8x1xf32>) -> tensor<8x1x!u4>
  %1 = nn.quantize %x {rounding = 0 : i32, layer = "column", storage = "packed"} : (tensor<8x1xf32>) -> tensor<8x1x!u4>
  %2 = nn.dequantize %1 {layer = "r"} : (tensor<8x1x!u4>) -> tensor<8x1xf32>
  return %0, %2 : tensor<8x1x!u4>, tensor<8x1xf32>
}

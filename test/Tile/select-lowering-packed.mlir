// Weights of up to 4 bits share bytes where several positions share the work to take them apart, or where they are many.
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=haswell" --select-lowering -o %t.haswell.mlir --remarks-filter=select-lowering 2>&1 | FileCheck %s --check-prefix=REMARKS
// RUN: FileCheck %s --input-file=%t.haswell.mlir -DFOUR=maddub256x8 -DTWO=maddub256x64 -DTHREE=maddub256x16
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=skylake-avx512" --select-lowering | FileCheck %s -DFOUR=maddub512x8 -DTWO=maddub512x64 -DTHREE=maddub512x16
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=alderlake" --select-lowering | FileCheck %s -DFOUR=vnni256 -DTWO=vnni256 -DTHREE=vnni256
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver4" --select-lowering | FileCheck %s -DFOUR=vnni512 -DTWO=vnni512 -DTHREE=vnni512
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver4" --select-lowering | quantization-opt --convert-nn-to-linalg | FileCheck %s --check-prefix=WEIGHTS
// REMARKS: Function=w4 | Reason="maddub256x8-w4: 2 weights in a byte"
// REMARKS: Function=w2 | Reason="maddub256x64-w4: 2 weights in a byte"
// REMARKS: Function=one | Reason=maddub256x8

!u8 = !quant.uniform<u8:f32, 0.5:10>
!w5 = !quant.uniform<i5<-8:8>:f32, 0.5>
!w4 = !quant.uniform<i4:f32, 0.5>
!w3 = !quant.uniform<i3<-3:3>:f32, 0.5>
!w2 = !quant.uniform<i2<-1:1>:f32, 0.5>

// The largest weight of 4 bits is 7. A single position of few weights takes them as bytes.
// CHECK-LABEL: func.func @layers
// CHECK: layer = "w5", lowering = "[[FOUR]]"
// CHECK: layer = "w4", lowering = "[[FOUR]]-w4"
// CHECK: layer = "w3", lowering = "[[THREE]]-w4"
// CHECK: layer = "w2", lowering = "[[TWO]]-w4"
// CHECK: layer = "one", lowering = "[[FOUR]]"
// CHECK: layer = "many", lowering = "[[FOUR]]-w4"
// Codes are stored with 8 added; at 512 bits the 16 channels are one vector, of half as many bytes.
// WEIGHTS: tensor<1x1x1x2x16x2xi8>
func.func @layers(%x: tensor<4x8x!u8>, %y: tensor<1x8x!u8>, %z: tensor<1x1024x!u8>) {
  %w5 = nn.constant {value = dense<1> : tensor<8x16xi8>, layer = "c"} : () -> tensor<8x16x!w5>
  %0 = nn.matmul %x, %w5 {layer = "w5"} : (tensor<4x8x!u8>, tensor<8x16x!w5>) -> tensor<4x16xi32>
  %w4 = nn.constant {value = dense<1> : tensor<8x16xi8>, layer = "c"} : () -> tensor<8x16x!w4>
  %1 = nn.matmul %x, %w4 {layer = "w4"} : (tensor<4x8x!u8>, tensor<8x16x!w4>) -> tensor<4x16xi32>
  %w3 = nn.constant {value = dense<1> : tensor<8x16xi8>, layer = "c"} : () -> tensor<8x16x!w3>
  %2 = nn.matmul %x, %w3 {layer = "w3"} : (tensor<4x8x!u8>, tensor<8x16x!w3>) -> tensor<4x16xi32>
  %w2 = nn.constant {value = dense<1> : tensor<8x16xi8>, layer = "c"} : () -> tensor<8x16x!w2>
  %3 = nn.matmul %x, %w2 {layer = "w2"} : (tensor<4x8x!u8>, tensor<8x16x!w2>) -> tensor<4x16xi32>
  %4 = nn.matmul %y, %w4 {layer = "one"} : (tensor<1x8x!u8>, tensor<8x16x!w4>) -> tensor<1x16xi32>
  %many = nn.constant {value = dense<1> : tensor<1024x1024xi8>, layer = "c"} : () -> tensor<1024x1024x!w4>
  %5 = nn.matmul %z, %many {layer = "many"} : (tensor<1x1024x!u8>, tensor<1024x1024x!w4>) -> tensor<1x1024xi32>
  return
}

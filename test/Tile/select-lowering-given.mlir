// A lowering given by hand stays, though another would be chosen.
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver4" --select-lowering -o %t.mlir --remarks-filter=select-lowering 2>&1 | FileCheck %s --allow-empty --check-prefix=SILENT
// RUN: FileCheck %s < %t.mlir
// SILENT-NOT: Kernel

!u8 = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>
// CHECK-LABEL: func.func @given
// CHECK: layer = "given", lowering = "madd256"
func.func @given(%x: tensor<2x6x!u8>) -> tensor<2x4xi32> {
  %w = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "w"} : () -> tensor<6x4x!w>
  %0 = nn.matmul %x, %w {layer = "given", lowering = "madd256"} : (tensor<2x6x!u8>, tensor<6x4x!w>) -> tensor<2x4xi32>
  return %0 : tensor<2x4xi32>
}

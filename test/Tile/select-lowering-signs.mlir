// Weights that are 1 or -1 by values between -1 and 1: counted, or looked up; by other values they are bits where a large matrix is read once.
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver4" --select-lowering | FileCheck %s -DBITS=count512 -DSIGNED=count512-signed -DBYTES=vnni512 -DMATRIX=vnni512-w1
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=haswell" --select-lowering | FileCheck %s -DBITS=lookup256 -DSIGNED=lookup256 -DBYTES=maddub256 -DMATRIX=maddub256x8-w1

!u1 = !quant.uniform<u1:f32, 0.5>
!one = !quant.uniform<u1:f32, 0.5:1>
!sign = !quant.uniform<i2<-1:1>:f32, 0.5>
!u8 = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i2<-1:1>:f32, 0.5>
// CHECK-LABEL: func.func @values
// CHECK: layer = "bits", lowering = "[[BITS]]"
// CHECK: layer = "signs", lowering = "[[SIGNED]]"
// What fills up a word is the code 0, which here is no zero.
// CHECK: layer = "shifted", lowering = "[[BYTES]]
// With a weight of 0, or a matrix for each of several, there are none.
// CHECK: layer = "zero", lowering = "[[BYTES]]
// CHECK: layer = "several", lowering = "madd
// CHECK: layer = "large", lowering = "[[MATRIX]]"
func.func @values(%b: tensor<2x32x!u1>, %s: tensor<2x32x!sign>, %o: tensor<2x32x!one>, %l: tensor<1x1024x!u8>, %m: tensor<2x4x32x!sign>) {
  %w = nn.constant {value = dense<-1> : tensor<32x4xi8>, layer = "w"} : () -> tensor<32x4x!w>
  %0 = nn.matmul %b, %w {layer = "bits"} : (tensor<2x32x!u1>, tensor<32x4x!w>) -> tensor<2x4xi32>
  %1 = nn.matmul %s, %w {layer = "signs"} : (tensor<2x32x!sign>, tensor<32x4x!w>) -> tensor<2x4xi32>
  %2 = nn.matmul %o, %w {layer = "shifted"} : (tensor<2x32x!one>, tensor<32x4x!w>) -> tensor<2x4xi32>
  %z = nn.constant {value = dense<0> : tensor<32x4xi8>, layer = "z"} : () -> tensor<32x4x!w>
  %3 = nn.matmul %b, %z {layer = "zero"} : (tensor<2x32x!u1>, tensor<32x4x!w>) -> tensor<2x4xi32>
  %v = nn.constant {value = dense<1> : tensor<2x32x4xi8>, layer = "v"} : () -> tensor<2x32x4x!w>
  %4 = nn.matmul %m, %v {layer = "several"} : (tensor<2x4x32x!sign>, tensor<2x32x4x!w>) -> tensor<2x4x4xi32>
  %q = nn.constant {value = dense<1> : tensor<1024x1024xi8>, layer = "q"} : () -> tensor<1024x1024x!w>
  %5 = nn.matmul %l, %q {layer = "large"} : (tensor<1x1024x!u8>, tensor<1024x1024x!w>) -> tensor<1x1024xi32>
  return
}

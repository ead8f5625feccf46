// Weights that are 1 or -1 by values between -1 and 1: counted, or looked up; by other values they are bits where a large matrix is read once.
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver4" --select-lowering | FileCheck %s -DBITS=count512 -DSIGNED=count512-signed -DBYTES=vnni512 -DMATRIX=vnni512-w1 -DVECTOR=vnni512-w1 -DSMALL=vnni512
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=haswell" --select-lowering | FileCheck %s -DBITS=lookup256 -DSIGNED=lookup256 -DBYTES=maddub256 -DMATRIX=maddub256x8-w1 -DVECTOR=subsets256 -DSMALL=subsets256

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
// One vector reads the sums of any of its values from tables, unless few channels do.
// CHECK: layer = "vector", lowering = "[[VECTOR]]"
// CHECK: layer = "small", lowering = "[[SMALL]]"
// CHECK: layer = "few", lowering = "[[BYTES]]
func.func @values(%b: tensor<2x32x!u1>, %s: tensor<2x32x!sign>, %o: tensor<2x32x!one>, %l: tensor<2x1024x!u8>, %v8: tensor<1x1024x!u8>, %v9: tensor<1x9x!u8>, %m: tensor<2x4x32x!sign>) {
  %w = nn.constant {value = dense<-1> : tensor<32x4xi8>, layer = "w"} : () -> tensor<32x4x!w>
  %0 = nn.matmul %b, %w {layer = "bits"} : (tensor<2x32x!u1>, tensor<32x4x!w>) -> tensor<2x4xi32>
  %1 = nn.matmul %s, %w {layer = "signs"} : (tensor<2x32x!sign>, tensor<32x4x!w>) -> tensor<2x4xi32>
  %2 = nn.matmul %o, %w {layer = "shifted"} : (tensor<2x32x!one>, tensor<32x4x!w>) -> tensor<2x4xi32>
  %z = nn.constant {value = dense<0> : tensor<32x4xi8>, layer = "z"} : () -> tensor<32x4x!w>
  %3 = nn.matmul %b, %z {layer = "zero"} : (tensor<2x32x!u1>, tensor<32x4x!w>) -> tensor<2x4xi32>
  %v = nn.constant {value = dense<1> : tensor<2x32x4xi8>, layer = "v"} : () -> tensor<2x32x4x!w>
  %4 = nn.matmul %m, %v {layer = "several"} : (tensor<2x4x32x!sign>, tensor<2x32x4x!w>) -> tensor<2x4x4xi32>
  %q = nn.constant {value = dense<1> : tensor<1024x1024xi8>, layer = "q"} : () -> tensor<1024x1024x!w>
  %5 = nn.matmul %l, %q {layer = "large"} : (tensor<2x1024x!u8>, tensor<1024x1024x!w>) -> tensor<2x1024xi32>
  %6 = nn.matmul %v8, %q {layer = "vector"} : (tensor<1x1024x!u8>, tensor<1024x1024x!w>) -> tensor<1x1024xi32>
  %p = nn.constant {value = dense<1> : tensor<9x128xi8>, layer = "p"} : () -> tensor<9x128x!w>
  %7 = nn.matmul %v9, %p {layer = "small"} : (tensor<1x9x!u8>, tensor<9x128x!w>) -> tensor<1x128xi32>
  %f = nn.constant {value = dense<1> : tensor<9x127xi8>, layer = "f"} : () -> tensor<9x127x!w>
  %8 = nn.matmul %v9, %f {layer = "few"} : (tensor<1x9x!u8>, tensor<9x127x!w>) -> tensor<1x127xi32>
  return
}

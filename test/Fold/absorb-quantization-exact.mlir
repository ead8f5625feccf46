// RUN: quantization-opt %s --absorb-quantization | FileCheck %s

// The accumulator of an exact layer becomes f32 on its own scale, 0.5 * 0.25, without being rounded (Numerics R26).
!a = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
// CHECK-LABEL: @exact
func.func @exact(%x: tensor<1x2x!a>) -> tensor<1x2xf32> {
  // CHECK: %[[ACC:.*]] = nn.matmul %arg0, %{{.*}} {layer = "fc"} : {{.*}} -> tensor<1x2xi32>
  // CHECK: %[[CODES:.*]] = fixed.rescale %[[ACC]] {{.*}}multipliers = array<i32: 1>{{.*}}shifts = array<i32: 0>{{.*}} -> tensor<1x2x!quant.uniform<i32:f32, 1.250000e-01>>
  // CHECK: nn.dequantize %[[CODES]]
  // CHECK-NOT: nn.exact
  %d = nn.dequantize %x {layer = "x"} : (tensor<1x2x!a>) -> tensor<1x2xf32>
  %c = nn.constant {value = dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>, layer = "w"} : () -> tensor<2x2x!w>
  %e = nn.dequantize %c {layer = "w"} : (tensor<2x2x!w>) -> tensor<2x2xf32>
  %y = nn.matmul %d, %e {layer = "fc", nn.exact} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

// A scale that no f32 holds has no integer form; the layer says why.
!tiny = !quant.uniform<u8:f32, 1.0e-30:3>
!tinyw = !quant.uniform<i8<-127:127>:f32, 1.0e-20>
// CHECK-LABEL: @scale_underflows
func.func @scale_underflows(%x: tensor<1x2x!tiny>) -> tensor<1x2xf32> {
  // CHECK: nn.matmul {{.*}}nn.why_float = "the scale of its accumulator is below the smallest normal f32"{{.*}} -> tensor<1x2xf32>
  %d = nn.dequantize %x {layer = "x"} : (tensor<1x2x!tiny>) -> tensor<1x2xf32>
  %c = nn.constant {value = dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>, layer = "w"} : () -> tensor<2x2x!tinyw>
  %e = nn.dequantize %c {layer = "w"} : (tensor<2x2x!tinyw>) -> tensor<2x2xf32>
  %y = nn.matmul %d, %e {layer = "fc", nn.exact} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  return %y : tensor<1x2xf32>
}

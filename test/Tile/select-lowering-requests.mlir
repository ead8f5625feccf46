// Lowerings by the layer's name; the last that matches holds.
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=haswell" --select-lowering="requests=*:loops,fc1:shift" | FileCheck %s
// RUN: not quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=haswell" --select-lowering="requests=fc2:shift,conv*:loops,fc1,[fc:loops" 2>&1 | FileCheck %s --check-prefix=ERRORS
// CHECK: layer = "fc1", lowering = "shift"
// CHECK: layer = "fc2", lowering = "loops"
// ERRORS-DAG: error: --lowering=conv*:loops: no convolution and no matrix product has a name that matches "conv*"
// ERRORS-DAG: error: --lowering=fc1: expected GLOB:NAME, as in "conv*:shift"
// ERRORS-DAG: error: --lowering={{\[}}fc:loops: "{{\[}}fc" is no pattern: 
// ERRORS-DAG: error: layer "fc2" cannot use the lowering "shift": its weights are not all powers of two; give it weights such as pow24 or binary

!u8 = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>
func.func @layers(%x: tensor<2x6x!u8>) {
  %w = nn.constant {value = dense<-8> : tensor<6x4xi8>, layer = "w"} : () -> tensor<6x4x!w>
  %v = nn.constant {value = dense<3> : tensor<6x4xi8>, layer = "v"} : () -> tensor<6x4x!w>
  %0 = nn.matmul %x, %w {layer = "fc1"} : (tensor<2x6x!u8>, tensor<6x4x!w>) -> tensor<2x4xi32>
  %1 = nn.matmul %x, %v {layer = "fc2"} : (tensor<2x6x!u8>, tensor<6x4x!w>) -> tensor<2x4xi32>
  return
}

// The pass alone has no samples; the driver hands them in.
// RUN: not quantization-opt %s --correct-bias --split-input-file 2>&1 | FileCheck %s
// RUN: not quantization-opt %s --reestimate-statistics --split-input-file 2>&1 | FileCheck %s --check-prefix=OTHER
// CHECK: error: correct-bias needs samples: give --calibrate-with
// OTHER: error: reestimate-statistics needs samples: give --calibrate-with

!a = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i2<-1:1>:f32:1, {0.5}>
func.func @no_samples(%x: tensor<1x1x!a>) -> tensor<1x1xf32> {
  %w = nn.constant {value = dense<1> : tensor<1x1xi8>, layer = "w"} : () -> tensor<1x1x!w>
  %0 = nn.dequantize %x {layer = "x"} : (tensor<1x1x!a>) -> tensor<1x1xf32>
  %1 = nn.dequantize %w {layer = "w"} : (tensor<1x1x!w>) -> tensor<1x1xf32>
  %2 = nn.matmul %0, %1 {layer = "fc", nn.mean = array<f64: 1.0>, nn.deviation = array<f64: 1.0>} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  return %2 : tensor<1x1xf32>
}

// -----

// CHECK: error: correct-bias does not know what 2 layers are like in float: "fc1", "fc2"; run record-moments before values are quantized
// OTHER: error: reestimate-statistics does not know what 2 layers are like in float: "fc1", "fc2"; run record-moments before values are quantized
!a = !quant.uniform<u8:f32, 0.5>
!w = !quant.uniform<i2<-1:1>:f32:1, {0.5}>
func.func @unknown(%x: tensor<1x1x!a>) -> (tensor<1x1xf32>, tensor<1x1xf32>) {
  %w = nn.constant {value = dense<1> : tensor<1x1xi8>, layer = "w"} : () -> tensor<1x1x!w>
  %0 = nn.dequantize %x {layer = "x"} : (tensor<1x1x!a>) -> tensor<1x1xf32>
  %1 = nn.dequantize %w {layer = "w"} : (tensor<1x1x!w>) -> tensor<1x1xf32>
  %2 = nn.matmul %0, %1 {layer = "fc1"} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  %3 = nn.matmul %0, %1 {layer = "fc2", nn.mean = array<f64: 1.0, 2.0>, nn.deviation = array<f64: 1.0, 2.0>} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  return %2, %3 : tensor<1x1xf32>, tensor<1x1xf32>
}

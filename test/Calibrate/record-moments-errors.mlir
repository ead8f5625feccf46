// The pass alone has no samples; the driver hands them in.
// RUN: not quantization-opt %s --record-moments 2>&1 | FileCheck %s
// CHECK: error: record-moments needs samples: give --calibrate-with

func.func @network(%x: tensor<1x1xf32> {nn.name = "x"}) -> (tensor<1x1xf32> {nn.name = "y"}) {
  %w = nn.constant {value = dense<1.0> : tensor<1x1xf32>, layer = "w"} : () -> tensor<1x1xf32>
  %0 = nn.matmul %x, %w {layer = "fc"} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

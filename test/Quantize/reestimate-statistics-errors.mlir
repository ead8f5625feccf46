// What both passes refuse is in correct-bias-errors.mlir. A network without layers that have codes as weights needs no samples.
// RUN: quantization-opt %s --reestimate-statistics | FileCheck %s
// CHECK-LABEL: func.func @float
// CHECK-NOT: nn.mean
func.func @float(%x: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %w = nn.constant {value = dense<1.0> : tensor<1x1xf32>, layer = "w"} : () -> tensor<1x1xf32>
  %0 = nn.matmul %x, %w {layer = "fc", nn.mean = array<f64: 1.0>, nn.deviation = array<f64: 1.0>} : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

// The pass alone has no samples; the driver hands them in. Without layers that it would change it needs none.
// RUN: not quantization-opt %s --feed-back-errors --split-input-file 2>&1 | FileCheck %s
// CHECK: error: feed-back-errors needs samples: give --calibrate-with
func.func @no_samples(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %w = nn.constant {value = dense<1.0> : tensor<2x1xf32>, layer = "w", precision = #nn.precision<"ternary", "min-max">} : () -> tensor<2x1xf32>
  %0 = nn.matmul %x, %w {layer = "fc"} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

// -----

// CHECK: error: 'nn.constant' op (layer "w") has a bad precision: unknown number format "trit"
func.func @unknown(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %w = nn.constant {value = dense<1.0> : tensor<2x1xf32>, layer = "w", precision = #nn.precision<"trit", "min-max">} : () -> tensor<2x1xf32>
  %0 = nn.matmul %x, %w {layer = "fc"} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

// -----

// CHECK: warning: feed-back-errors changes nothing: no convolution or product by a matrix has weights of a format that is rounded step by step, such as ternary
func.func @float(%x: tensor<1x2xf32>) -> tensor<1x1xf32> {
  %w = nn.constant {value = dense<1.0> : tensor<2x1xf32>, layer = "w", precision = #nn.precision<"float", "min-max">} : () -> tensor<2x1xf32>
  %0 = nn.matmul %x, %w {layer = "fc"} : (tensor<1x2xf32>, tensor<2x1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

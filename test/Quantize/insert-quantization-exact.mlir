// RUN: quantization-opt %s --insert-quantization=exact-results --split-input-file | FileCheck %s
// RUN: quantization-opt %s --insert-quantization --split-input-file | FileCheck %s --check-prefix=ROUNDED

// The product reaches the caller under another shape only: it stays f32, and the layer says so. Its input is quantized.
#s = #nn.statistics<min = 0.0 : f32, max = 255.0 : f32, count = 2, zeros = 1, exponent = 8, bins = [-2048, 1, -2046, 1]>
#f = #nn.precision<"uint8{asymmetric}", "min-max">
// CHECK-LABEL: @returned
// ROUNDED-LABEL: @returned
func.func @returned(%x: tensor<1x2xf32>) -> tensor<2xf32> {
  // CHECK: nn.quantize %arg0
  // CHECK: nn.matmul {{.*}}nn.exact
  // CHECK-NOT: nn.quantize
  // ROUNDED-COUNT-3: nn.quantize
  %o = nn.observe %x {layer = "x", statistics = #s, precision = #f} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %w = nn.constant {value = dense<1.0> : tensor<2x2xf32>, layer = "w"} : () -> tensor<2x2xf32>
  %y = nn.matmul %o, %w {layer = "fc"} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %p = nn.observe %y {layer = "fc", statistics = #s, precision = #f} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %r = nn.reshape %p {layer = "flat"} : (tensor<1x2xf32>) -> tensor<2xf32>
  %q = nn.observe %r {layer = "flat", statistics = #s, precision = #f} : (tensor<2xf32>) -> tensor<2xf32>
  return %q : tensor<2xf32>
}

// -----

// Read by another integer layer as well: quantized as the policy says.
#s = #nn.statistics<min = 0.0 : f32, max = 255.0 : f32, count = 2, zeros = 1, exponent = 8, bins = [-2048, 1, -2046, 1]>
#f = #nn.precision<"uint8{asymmetric}", "min-max">
// CHECK-LABEL: @shared
// ROUNDED-LABEL: @shared
func.func @shared(%x: tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  // CHECK-COUNT-2: nn.quantize
  // CHECK: nn.exact
  %o = nn.observe %x {layer = "x", statistics = #s, precision = #f} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %w = nn.constant {value = dense<1.0> : tensor<2x2xf32>, layer = "w"} : () -> tensor<2x2xf32>
  %y = nn.matmul %o, %w {layer = "fc"} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %p = nn.observe %y {layer = "fc", statistics = #s, precision = #f} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %a = nn.add %p, %p {layer = "twice"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %q = nn.observe %a {layer = "twice", statistics = #s, precision = #f} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %p, %q : tensor<1x2xf32>, tensor<1x2xf32>
}

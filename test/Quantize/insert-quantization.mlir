// RUN: quantization-opt %s --insert-quantization --split-input-file | FileCheck %s

// -1 and 4.1: scale 5.1/255 = 0.02 and zero point 50.
#seen = #nn.statistics<min = -1.0 : f32, max = 4.1 : f32, count = 2, zeros = 0, exponent = 3, bins = [-1791, 1, -1305, 1, -998]>
// CHECK-LABEL: func.func @asymmetric
func.func @asymmetric(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  // CHECK-NEXT: %[[Q:.*]] = nn.quantize %arg0 {layer = "x", rounding = 0 : i32} : (tensor<1x2xf32>) -> tensor<1x2x!quant.uniform<u8:f32, 0.019999999552965164:50>>
  // CHECK-NEXT: %[[D:.*]] = nn.dequantize %[[Q]] {layer = "x"}
  // CHECK-NEXT: return %[[D]]
  %0 = nn.observe %x {layer = "x", precision = #nn.precision<"uint8", "min-max">, statistics = #seen} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

// Symmetric formats spread the larger end, here 4, over 127 codes on each side.
#seen = #nn.statistics<min = -1.0 : f32, max = 4.0 : f32, count = 2, zeros = 0, exponent = 3, bins = [-1791, 1, -1280, 1, -1023]>
// CHECK-LABEL: func.func @symmetric
func.func @symmetric(%x: tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  // CHECK: nn.quantize {{.*}} -> tensor<1x2x!quant.uniform<i8:f32, 0.031496062874794006>>
  // CHECK: nn.quantize {{.*}} -> tensor<1x2x!quant.uniform<u8:f32, 0.031496062874794006:128>>
  %0 = nn.observe %x {layer = "x", precision = #nn.precision<"int8", "min-max">, statistics = #seen} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = nn.observe %x {layer = "y", precision = #nn.precision<"uint8{symmetric}", "min-max">, statistics = #seen} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %0, %1 : tensor<1x2xf32>, tensor<1x2xf32>
}

// -----

// Nothing but zeros: scale 1 (Numerics R8). Float and unassigned values leave nothing behind.
#zeros = #nn.statistics<min = 0.0 : f32, max = 0.0 : f32, count = 2, zeros = 2, exponent = -116, bins = [-2048, 2, -2047]>
// CHECK-LABEL: func.func @float
func.func @float(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  // CHECK-NEXT: nn.quantize %arg0 {{.*}}!quant.uniform<u8:f32, 1.000000e+00>>
  // CHECK-NEXT: %[[D:.*]] = nn.dequantize
  // CHECK-NEXT: return %[[D]]
  %0 = nn.observe %x {layer = "x", precision = #nn.precision<"float", "min-max">} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = nn.observe %0 {layer = "y"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %2 = nn.observe %1 {layer = "z", precision = #nn.precision<"uint8", "kl">, statistics = #zeros} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}

// -----

// 9999 times a little above 1 (bin 16, of width 1/16) and once 100: the percentile keeps to the many.
#outlier = #nn.statistics<min = 0.0 : f32, max = 100.0 : f32, count = 10000, zeros = 0, exponent = 7, bins = [-2064, 9999, -1583, 1, -447]>
// CHECK-LABEL: func.func @percentile
func.func @percentile(%x: tensor<1x2xf32>) -> (tensor<1x2xf32>, tensor<1x2xf32>) {
  // CHECK: nn.quantize {{.*}}!quant.uniform<u8:f32, 0.00{{[34]}}
  // CHECK: nn.quantize {{.*}}!quant.uniform<u8:f32, 0.39215686917304993>
  %0 = nn.observe %x {layer = "x", precision = #nn.precision<"uint8", "percentile=99.9">, statistics = #outlier} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = nn.observe %x {layer = "y", precision = #nn.precision<"uint8", "min-max">, statistics = #outlier} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %0, %1 : tensor<1x2xf32>, tensor<1x2xf32>
}

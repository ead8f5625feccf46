// RUN: quantization-opt %s --insert-quantization --split-input-file --verify-diagnostics

// All layers without statistics, at once.
// expected-error@+1 {{no statistics for 2 layers: "x", "z"; give --calibrate-with or --load-statistics-from}}
module {
  func.func @missing(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
    %0 = nn.observe %x {layer = "x", precision = #nn.precision<"uint8", "min-max">} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %1 = nn.observe %0 {layer = "y", precision = #nn.precision<"float", "min-max">} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %2 = nn.observe %1 {layer = "z", precision = #nn.precision<"int8", "min-max">} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    return %2 : tensor<1x2xf32>
  }
}

// -----

#zeros = #nn.statistics<min = 0.0 : f32, max = 0.0 : f32, count = 2, zeros = 2, exponent = 0, bins = [-2048, 2, -2047]>
#short = #nn.statistics<min = 0.0 : f32, max = 0.0 : f32, count = 2, zeros = 2, exponent = 0, bins = [-2048, 2]>
#count = #nn.statistics<min = 0.0 : f32, max = 0.0 : f32, count = 3, zeros = 2, exponent = 0, bins = [-2048, 2, -2047]>
func.func @bad(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  // expected-error@+1 {{(layer "a") has a bad precision: unknown number format "posit7"}}
  %0 = nn.observe %x {layer = "a", precision = #nn.precision<"posit7", "min-max">, statistics = #zeros} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  // expected-error@+1 {{(layer "b") has an unknown calibration method "percentile=5"; expected min-max, percentile=99.99, overflow=0.01, kl or mse}}
  %1 = nn.observe %0 {layer = "b", precision = #nn.precision<"int8", "percentile=5">, statistics = #zeros} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  // expected-error@+1 {{(layer "c") has statistics that contradict themselves; calibrate again}}
  %2 = nn.observe %1 {layer = "c", precision = #nn.precision<"int8", "mse">, statistics = #short} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  // expected-error@+1 {{(layer "d") has statistics that contradict themselves; calibrate again}}
  %3 = nn.observe %2 {layer = "d", precision = #nn.precision<"int8", "mse">, statistics = #count} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %3 : tensor<1x2xf32>
}

// Statistics of a file go to the observers of the same layers, and back to a file that is the same.
// RUN: quantization-opt %s --load-statistics=file=%S/Inputs/statistics.json | FileCheck %s
// RUN: quantization-opt %s --load-statistics=file=%S/Inputs/statistics.json --save-statistics=file=%t.json -o %t.mlir
// RUN: diff %S/Inputs/statistics.json %t.json

module attributes {nn.model_hash = "abc123"} {
  func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}) -> tensor<1x2xf32> {
    // The values -1 and 1 in bins of 2/2048: a negative entry is a run of empty bins.
    // CHECK: nn.observe %arg0 {layer = "x", statistics = #nn.statistics<min = -1.000000e+00 : f32, max = 1.000000e+00 : f32, count = 2, zeros = 0, exponent = 1, bins = [-1023, 1, -2048, 1, -1023]>}
    %0 = nn.observe %x {layer = "x"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %1 = nn.add %0, %0 {layer = "sum"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    // CHECK: nn.observe {{.*}} {layer = "sum", statistics = #nn.statistics<min = -2.000000e+00 : f32, max = 2.000000e+00 : f32, count = 2, zeros = 0, exponent = 2, bins = [-1023, 1, -2048, 1, -1023]>}
    %2 = nn.observe %1 {layer = "sum"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    return %2 : tensor<1x2xf32>
  }
}

// The file holds each observer's statistics by layer; runs of empty bins are negative numbers.
// RUN: quantization-opt %s --save-statistics=file=%t.json -o %t.mlir
// RUN: FileCheck %s < %t.json
// CHECK: {"schema":1,"model":"abc123","samples":3,"values":
// CHECK-NEXT: "x":{"min":-1,"max":1,"count":6,"zeros":1,"exponent":1,"bins":[-1023,1,-1024,3,-1023,2,-1023]}

// Observers need statistics by then.
// RUN: not quantization-opt %s --insert-observers --save-statistics=file=%t.none.json 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: error: no valid statistics for 2 layers: "k", "product"; give --calibrate-with
// RUN: not ls %t.none.json

#seen = #nn.statistics<min = -1.0 : f32, max = 1.0 : f32, count = 6, zeros = 1, exponent = 1, bins = [-1023, 1, -1024, 3, -1023, 2, -1023]>
module attributes {nn.model_hash = "abc123"} {
  func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}) -> tensor<1x2xf32> {
    %k = nn.constant {value = dense<2.0> : tensor<1x2xf32>, layer = "k"} : () -> tensor<1x2xf32>
    %0 = nn.observe %x {layer = "x", statistics = #seen} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %1 = nn.mul %0, %k {layer = "product"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    return %1 : tensor<1x2xf32>
  }
}

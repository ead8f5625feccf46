// Values that layers only move agree on one format and share what was seen at their sources.
// RUN: quantization-opt %s --assign-precision=policy=%S/Inputs/branches.yaml --split-input-file | FileCheck %s

// -1 and 1; 0 and 3. The reshape is no source: its statistics are replaced.
#a = #nn.statistics<min = -1.0 : f32, max = 1.0 : f32, count = 2, zeros = 0, exponent = 1, bins = [-1023, 1, -2048, 1, -1023]>
#b = #nn.statistics<min = 0.0 : f32, max = 3.0 : f32, count = 2, zeros = 1, exponent = 2, bins = [-2048, 1, -1535, 1, -511]>
// CHECK-LABEL: func.func @concat
func.func @concat(%x: tensor<1x2xf32>) -> tensor<1x4xf32> {
  // CHECK: nn.observe {{.*}} {layer = "x", precision = #nn.precision<"int8", "min-max">}
  %ox = nn.observe %x {layer = "x"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  // CHECK: nn.observe {{.*}} {layer = "left", precision = #nn.precision<"uint8", "min-max">, statistics = [[BOTH:#nn.statistics<min = -1.000000e\+00 : f32, max = 3.000000e\+00 : f32, count = 4, zeros = 1, exponent = 2, bins = \[-1535, 1, -512, 1, -511, 1, -1023, 1, -511\]>]]}
  %0 = nn.add %ox, %ox {layer = "left"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %o0 = nn.observe %0 {layer = "left", statistics = #a} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  // CHECK: nn.observe {{.*}} {layer = "right", precision = #nn.precision<"uint8", "min-max">, statistics = [[BOTH]]}
  %1 = nn.mul %ox, %ox {layer = "right"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %o1 = nn.observe %1 {layer = "right", statistics = #b} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  // CHECK: nn.observe {{.*}} {layer = "joined", precision = #nn.precision<"uint8", "min-max">, statistics = [[BOTH]]}
  %2 = nn.concat %o0, %o1 {layer = "joined", axis = 1} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
  %o2 = nn.observe %2 {layer = "joined", statistics = #b} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %o2 : tensor<1x4xf32>
}

// -----

// One float source makes the whole group float, the layer beside it too; its quantized reader gets its own format.
// CHECK-LABEL: func.func @one_float
func.func @one_float(%x: tensor<1x2xf32>) -> tensor<1x4xf32> {
  // CHECK: nn.observe {{.*}} {layer = "x", precision = #nn.precision<"int8", "min-max">}
  %ox = nn.observe %x {layer = "x"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  // CHECK: nn.observe {{.*}} {layer = "left", precision = #nn.precision<"float", "min-max">}
  %0 = nn.add %ox, %ox {layer = "left"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %o0 = nn.observe %0 {layer = "left"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  // CHECK: nn.observe {{.*}} {layer = "right", precision = #nn.precision<"float", "min-max">}
  %1 = nn.softmax %ox {layer = "right", axis = 1} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %o1 = nn.observe %1 {layer = "right"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  // CHECK: nn.observe {{.*}} {layer = "joined", precision = #nn.precision<"float", "min-max">}
  // CHECK: nn.observe {{.*}} {layer = "joined_for_last", precision = #nn.precision<"uint8", "min-max">}
  %2 = nn.concat %o0, %o1 {layer = "joined", axis = 1} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
  %o2 = nn.observe %2 {layer = "joined"} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  // CHECK: nn.observe {{.*}} {layer = "last", precision = #nn.precision<"uint8", "min-max">}
  %3 = nn.add %o2, %o2 {layer = "last"} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %o3 = nn.observe %3 {layer = "last"} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %o3 : tensor<1x4xf32>
}

// -----

// A constant has the format of the layer that reads it; a bias that is computed keeps its layer in float.
// CHECK-LABEL: func.func @operands
func.func @operands(%x: tensor<1x2xf32>, %y: tensor<2xf32>) -> tensor<1x2xf32> {
  // CHECK: nn.observe {{.*}} {layer = "k", precision = #nn.precision<"uint8", "min-max">}
  %k = nn.constant {value = dense<1.0> : tensor<1x2xf32>, layer = "k"} : () -> tensor<1x2xf32>
  %ok = nn.observe %k {layer = "k"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  // CHECK: nn.constant {{.*}}layer = "w", precision = #nn.precision<"float", "min-max">
  %w = nn.constant {value = dense<1.0> : tensor<2x2xf32>, layer = "w"} : () -> tensor<2x2xf32>
  %ox = nn.observe %x {layer = "x"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %0 = nn.sub %ox, %ok {layer = "minus"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %o0 = nn.observe %0 {layer = "minus"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  // CHECK: nn.observe {{.*}} {layer = "fc", precision = #nn.precision<"float", "min-max">}
  %1 = nn.matmul %o0, %w, %y {layer = "fc"} : (tensor<1x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  %o1 = nn.observe %1 {layer = "fc"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %o1 : tensor<1x2xf32>
}

// RUN: quantization-opt %s --insert-observers --assign-precision="policy=%S/Inputs/mixed.yaml" | FileCheck %s
// RUN: quantization-opt %s --insert-observers --assign-precision="policy=%S/Inputs/mixed.yaml" --assign-precision="policy=%S/Inputs/mixed.yaml" | FileCheck %s
// RUN: quantization-opt %s --insert-observers --assign-precision="policy=%S/Inputs/mixed.yaml" -o %t.mlir --remarks-filter=assign-precision 2>&1 | FileCheck %s --check-prefix=REMARKS
// RUN: quantization-opt %s --insert-observers --assign-precision -o %t.mlir --remarks-filter=assign-precision 2>&1 | FileCheck %s --check-prefix=NAMED
// RUN: quantization-opt %s --insert-observers --assign-precision=policy=float | FileCheck %s --check-prefix=FLOAT

// By name: the first rule is all there is, and what has no integer form stays float.
// NAMED-DAG: [Passed] conv1 | Category:assign-precision | {{.*}}Remark="int8: weights int8{per=channel}, activations uint8{asymmetric}"
// NAMED-DAG: [Missed] softmax | Category:assign-precision | {{.*}}Remark="float: it has no integer form"

// FLOAT-NOT: #nn.precision<"{{u?}}int8
// FLOAT: nn.precision<"float", "min-max">
// FLOAT-NOT: #nn.precision<"{{u?}}int8

// REMARKS-DAG: [Passed] conv1 | {{.*}}Remark="{{.*}}mixed.yaml:5: weights int8{per=tensor}, activations int8"
// REMARKS-DAG: [Missed] relu1 | {{.*}}Remark="part of "conv1", which decides; {{.*}}mixed.yaml:10 has no effect on it"
// REMARKS-DAG: [Passed] pool1 | {{.*}}Remark="moves values: activations int8"
// REMARKS-DAG: [Missed] conv2 | {{.*}}Remark="float: {{.*}}mixed.yaml:8: weights are int8, but activations are float, so all of it is"
// REMARKS-DAG: [Missed] fc | {{.*}}Remark="float: {{.*}}mixed.yaml:12: the policy says float"
// REMARKS-DAG: [Passed] sum | {{.*}}Remark="{{.*}}mixed.yaml:15: activations uint8{asymmetric}"
// REMARKS-DAG: [Missed] softmax | {{.*}}Remark="float: it has no integer form"

// CHECK-LABEL: func.func @network
func.func @network(%x: tensor<1x1x4x4xf32> {nn.name = "image"}) -> tensor<1x4xf32> {
  // CHECK: nn.observe {{.*}} {layer = "image", precision = #nn.precision<"uint8", "percentile=99.9">}
  // CHECK: nn.constant {{.*}}layer = "w", precision = #nn.precision<"int8{per=tensor}", "percentile=99.9">
  // CHECK: nn.constant {{.*}}layer = "w_for_conv2", precision = #nn.precision<"float", "percentile=99.9">
  // CHECK: nn.constant {{.*}}layer = "b", value
  // CHECK: nn.constant {{.*}}layer = "v", precision = #nn.precision<"float", "percentile=99.9">
  %w = nn.constant {value = dense<1.0> : tensor<1x1x1x1xf32>, layer = "w"} : () -> tensor<1x1x1x1xf32>
  %b = nn.constant {value = dense<1.0> : tensor<1xf32>, layer = "b"} : () -> tensor<1xf32>
  %v = nn.constant {value = dense<1.0> : tensor<4x4xf32>, layer = "v"} : () -> tensor<4x4xf32>
  // A clamp follows its layer; a layer that moves values has their format.
  // CHECK: nn.observe {{.*}} {layer = "conv1", precision = #nn.precision<"int8", "percentile=99.9">}
  // CHECK: nn.observe {{.*}} {layer = "pool1", precision = #nn.precision<"int8", "percentile=99.9">}
  %0 = nn.conv %x, %w, %b {layer = "conv1", strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1} : (tensor<1x1x4x4xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>) -> tensor<1x1x4x4xf32>
  %1 = nn.clamp %0 {layer = "relu1", min = 0.0 : f32, max = 0x7F800000 : f32} : (tensor<1x1x4x4xf32>) -> tensor<1x1x4x4xf32>
  %2 = nn.max_pool %1 {layer = "pool1", kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>} : (tensor<1x1x4x4xf32>) -> tensor<1x1x2x2xf32>
  // CHECK: nn.observe {{.*}} {layer = "conv2", precision = #nn.precision<"float", "percentile=99.9">}
  %3 = nn.conv %2, %w {layer = "conv2", strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1} : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xf32>) -> tensor<1x1x2x2xf32>
  // CHECK: nn.observe {{.*}} {layer = "flat", precision = #nn.precision<"float", "percentile=99.9">}
  %4 = nn.reshape %3 {layer = "flat"} : (tensor<1x1x2x2xf32>) -> tensor<1x4xf32>
  // CHECK: nn.matmul
  // CHECK-NEXT: %[[FC:.*]] = nn.observe {{.*}} {layer = "fc", precision = #nn.precision<"float", "percentile=99.9">}
  %5 = nn.matmul %4, %v {layer = "fc"} : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  // The value is float, but one reader is not: it has a format on that edge, for both of its operands.
  // CHECK-NEXT: %[[EDGE:.*]] = nn.observe %[[FC]] {layer = "fc_for_sum", precision = #nn.precision<"uint8{asymmetric}", "percentile=99.9">}
  // CHECK-NEXT: nn.add %[[EDGE]], %[[EDGE]]
  // CHECK-NEXT: nn.observe {{.*}} {layer = "sum", precision = #nn.precision<"uint8{asymmetric}", "percentile=99.9">}
  // CHECK-NEXT: nn.softmax
  // CHECK-NEXT: return
  %6 = nn.add %5, %5 {layer = "sum"} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %7 = nn.softmax %6 {layer = "softmax", axis = 1} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  return %7 : tensor<1x4xf32>
}

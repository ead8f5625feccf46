// RUN: quantization-opt %s --insert-observers | FileCheck %s
// RUN: quantization-opt %s --insert-observers --insert-observers | FileCheck %s

// A clamp that alone reads a layer belongs to it; the observer behind it has the layer's name.
// CHECK-LABEL: func.func @follower
// CHECK-SAME: %[[X:.*]]: tensor<1x1x2x2xf32>
func.func @follower(%x: tensor<1x1x2x2xf32> {nn.name = "image"}) -> tensor<1x1x2x2xf32> {
  // CHECK-NEXT: %[[OX:.*]] = nn.observe %[[X]] {layer = "image"}
  // CHECK-NEXT: %[[W:.*]] = nn.constant
  // CHECK-NEXT: %[[B:.*]] = nn.constant
  %w = nn.constant {value = dense<1.0> : tensor<1x1x1x1xf32>, layer = "w"} : () -> tensor<1x1x1x1xf32>
  %b = nn.constant {value = dense<1.0> : tensor<1xf32>, layer = "b"} : () -> tensor<1xf32>
  // CHECK-NEXT: %[[C:.*]] = nn.conv %[[OX]], %[[W]], %[[B]]
  // CHECK-NEXT: %[[R:.*]] = nn.clamp %[[C]]
  // CHECK-NEXT: %[[O:.*]] = nn.observe %[[R]] {layer = "conv1"}
  // CHECK-NEXT: return %[[O]]
  %0 = nn.conv %x, %w, %b {layer = "conv1", strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1} : (tensor<1x1x2x2xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>) -> tensor<1x1x2x2xf32>
  %1 = nn.clamp %0 {layer = "relu1", min = 0.0 : f32, max = 0x7F800000 : f32} : (tensor<1x1x2x2xf32>) -> tensor<1x1x2x2xf32>
  return %1 : tensor<1x1x2x2xf32>
}

// A second reader, or a layer that only moves values, keeps the clamp apart.
// CHECK-LABEL: func.func @apart
func.func @apart(%x: tensor<1x4xf32>) -> (tensor<1x4xf32>, tensor<4xf32>) {
  // CHECK: nn.observe {{.*}} {layer = "input0"}
  // CHECK: %[[A:.*]] = nn.add
  // CHECK-NEXT: %[[OA:.*]] = nn.observe %[[A]] {layer = "add"}
  // CHECK-NEXT: nn.clamp %[[OA]]
  // CHECK-NEXT: nn.observe {{.*}} {layer = "relu_a"}
  %0 = nn.add %x, %x {layer = "add"} : (tensor<1x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
  %1 = nn.clamp %0 {layer = "relu_a", min = 0.0 : f32, max = 6.0 : f32} : (tensor<1x4xf32>) -> tensor<1x4xf32>
  // CHECK-NEXT: %[[R:.*]] = nn.reshape %[[OA]]
  // CHECK-NEXT: %[[OR:.*]] = nn.observe %[[R]] {layer = "flat"}
  // CHECK-NEXT: nn.clamp %[[OR]]
  // CHECK-NEXT: nn.observe {{.*}} {layer = "relu_b"}
  %2 = nn.reshape %0 {layer = "flat"} : (tensor<1x4xf32>) -> tensor<4xf32>
  %3 = nn.clamp %2 {layer = "relu_b", min = 0.0 : f32, max = 6.0 : f32} : (tensor<4xf32>) -> tensor<4xf32>
  return %1, %3 : tensor<1x4xf32>, tensor<4xf32>
}

// Constants that are no weights are observed, but only for the readers that may become integer.
// CHECK-LABEL: func.func @constant
func.func @constant(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  // CHECK: %[[K:.*]] = nn.constant
  // CHECK-NEXT: %[[OK:.*]] = nn.observe %[[K]] {layer = "k"}
  %k = nn.constant {value = dense<[[1.0, 2.0]]> : tensor<1x2xf32>, layer = "k"} : () -> tensor<1x2xf32>
  // CHECK: nn.add {{.*}}, %[[OK]]
  // CHECK: nn.div {{.*}}, %[[K]] {layer = "div"}
  // CHECK-NEXT: return
  %0 = nn.add %x, %k {layer = "sum"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = nn.div %0, %k {layer = "div"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}

// A float layer is observed when a quantizable one reads it, and not otherwise. Names stay unique across inputs and layers.
// CHECK-LABEL: func.func @float
func.func @float(%x: tensor<1x2xf32> {nn.name = "softmax"}) -> tensor<1x2xf32> {
  // CHECK-NEXT: nn.softmax
  // CHECK-NEXT: nn.observe {{.*}} {layer = "softmax"}
  // CHECK-NEXT: nn.add
  // CHECK-NEXT: nn.observe {{.*}} {layer = "sum_2"}
  // CHECK-NEXT: nn.softmax {{.*}} {axis = 1 : i64, layer = "last"}
  // CHECK-NEXT: return
  %0 = nn.softmax %x {layer = "softmax", axis = 1} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = nn.add %0, %0 {layer = "sum"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %2 = nn.softmax %1 {layer = "last", axis = 1} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}

// Values that calibration watches are handed to a function where they have been written, which tells their order in memory.
// RUN: quantization-opt %s --choose-layout --convert-nn-to-linalg | FileCheck %s

// CHECK-DAG: func.func private @calibration_observe_0(tensor<1x4x4x3xf32> {bufferization.access = "read"}) attributes {nn.order = array<i64: 0, 2, 3, 1>}
// CHECK-DAG: func.func private @calibration_observe_1(tensor<1x3x4x4xf32> {bufferization.access = "read"}) attributes {nn.order = array<i64: 0, 1, 2, 3>}
// CHECK: func.func @network(%[[X:.*]]: tensor<1x3x4x4xf32>
// CHECK: call @calibration_observe_1(%[[X]])
// CHECK: %[[SUM:.*]] = linalg.generic {{.*}}"reduction"
// CHECK: call @calibration_observe_0(%[[SUM]])
// CHECK: return{{$}}

func.func @network(%x: tensor<1x3x4x4xf32> {nn.name = "x"}) {
  %seen = nn.observe %x {layer = "x", nn.observer = 1 : i64} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  %w = nn.constant {layer = "w", value = dense<0.5> : tensor<3x3x1x1xf32>} : () -> tensor<3x3x1x1xf32>
  %0 = nn.conv %x, %w {layer = "conv", strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1} : (tensor<1x3x4x4xf32>, tensor<3x3x1x1xf32>) -> tensor<1x3x4x4xf32>
  %1 = nn.observe %0 {layer = "conv", nn.observer = 0 : i64} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return
}

// One that is read quantizes by its row of the last argument, in the order of its value: no value is moved.
// CHECK: func.func private @searched(%[[X:.*]]: tensor<1x3x4x4xf32>, %[[TABLE:.*]]: tensor<3x6xf32>)
// CHECK: %[[SUM:.*]] = linalg.generic {{.*}}"reduction"
// CHECK: linalg.generic {indexing_maps = [#[[HERE:[a-z0-9]+]], #{{.*}}, #{{.*}}, #{{.*}}, #{{.*}}, #{{.*}}, #{{.*}}, #[[HERE]]]
// CHECK-SAME: ins(%[[SUM]], %[[TABLE]], %[[TABLE]], %[[TABLE]], %[[TABLE]], %[[TABLE]], %[[TABLE]] :
// CHECK: ^bb0(%[[VALUE:[a-z_0-9]+]]: f32, %[[SCALE:[a-z_0-9]+]]: f32, %{{.*}}: f32
// CHECK: %[[STEPS:.*]] = arith.divf %[[VALUE]], %[[SCALE]]
// CHECK: math.roundeven %[[STEPS]]
// CHECK: arith.cmpf ord, %[[STEPS]], %[[STEPS]]
// CHECK: %[[CODE:.*]] = arith.addf
// CHECK: arith.mulf %[[CODE]], %[[SCALE]]
func.func private @searched(%x: tensor<1x3x4x4xf32>, %table: tensor<3x6xf32>) -> tensor<1x3x4x4xf32> {
  %w = nn.constant {layer = "w2", value = dense<0.5> : tensor<3x3x1x1xf32>} : () -> tensor<3x3x1x1xf32>
  %0 = nn.conv %x, %w {layer = "conv2", strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, groups = 1} : (tensor<1x3x4x4xf32>, tensor<3x3x1x1xf32>) -> tensor<1x3x4x4xf32>
  %1 = nn.observe %0 {layer = "conv2", nn.observer = 2 : i64} : (tensor<1x3x4x4xf32>) -> tensor<1x3x4x4xf32>
  return %1 : tensor<1x3x4x4xf32>
}

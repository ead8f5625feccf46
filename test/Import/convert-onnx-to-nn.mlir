// RUN: quantization-opt %s --convert-onnx-to-nn --split-input-file | FileCheck %s

// A chain: each node finds the shapes of the nodes before it.
// CHECK-LABEL: func.func @chain(
// CHECK-SAME:    %[[X:.*]]: tensor<1x2x4x4xf32>) -> tensor<1x3xf32>
// CHECK-DAG:     %[[W:.*]] = nn.constant {layer = "conv.weight", value = dense<1.0{{.*}}> : tensor<4x2x3x3xf32>}
// CHECK-DAG:     %[[B:.*]] = nn.constant {layer = "conv.bias"
// CHECK-DAG:     %[[FB:.*]] = nn.constant {layer = "fc.bias", value = dense<5.0{{.*}}> : tensor<3xf32>}
// CHECK:         %[[C:.*]] = nn.conv %[[X]], %[[W]], %[[B]] {dilations = array<i64: 1, 1>, groups = 1 : i64, layer = "conv", pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
// CHECK:         %[[R:.*]] = nn.clamp %[[C]] {layer = "relu", max = 0x7F800000 : f32, min = 0.0{{.*}}}
// CHECK:         %[[P:.*]] = nn.max_pool %[[R]] {dilations = array<i64: 1, 1>, kernel = array<i64: 2, 2>, layer = "pool", pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>}
// CHECK-SAME:      -> tensor<1x4x2x2xf32>
// CHECK:         %[[F:.*]] = nn.reshape %[[P]] {layer = "flat"} : (tensor<1x4x2x2xf32>) -> tensor<1x16xf32>
// CHECK:         %[[FW:.*]] = nn.constant {layer = "fc.weight", value = dense<2.0{{.*}}> : tensor<16x3xf32>}
// CHECK:         %[[M:.*]] = nn.matmul %[[F]], %[[FW]], %[[FB]] {layer = "fc"}
// CHECK:         %[[S:.*]] = nn.softmax %[[M]] {axis = 1 : i64, layer = "prob"}
// CHECK:         return %[[S]] : tensor<1x3xf32>
func.func @chain(%x: tensor<1x2x4x4xf32>) -> tensor<*xf32> {
  %w = nn.constant {value = dense<1.0> : tensor<4x2x3x3xf32>, layer = "conv.weight"} : () -> tensor<4x2x3x3xf32>
  %b = nn.constant {value = dense<0.5> : tensor<4xf32>, layer = "conv.bias"} : () -> tensor<4xf32>
  %fw = nn.constant {value = dense<2.0> : tensor<3x16xf32>, layer = "fc.weight"} : () -> tensor<3x16xf32>
  %fb = nn.constant {value = dense<5.0> : tensor<3xf32>, layer = "fc.bias"} : () -> tensor<3xf32>
  %c = nn.onnx %x, %w, %b {type = "Conv", domain = "", version = 13 : i64, node_attributes = {auto_pad = "SAME_UPPER"}, layer = "conv"} : (tensor<1x2x4x4xf32>, tensor<4x2x3x3xf32>, tensor<4xf32>) -> tensor<*xf32>
  %r = nn.onnx %c {type = "Relu", domain = "", version = 13 : i64, node_attributes = {}, layer = "relu"} : (tensor<*xf32>) -> tensor<*xf32>
  %p = nn.onnx %r {type = "MaxPool", domain = "", version = 13 : i64, node_attributes = {kernel_shape = array<i64: 2, 2>, strides = array<i64: 2, 2>}, layer = "pool"} : (tensor<*xf32>) -> tensor<*xf32>
  %f = nn.onnx %p {type = "Flatten", domain = "", version = 13 : i64, node_attributes = {}, layer = "flat"} : (tensor<*xf32>) -> tensor<*xf32>
  %m = nn.onnx %f, %fw, %fb {type = "Gemm", domain = "", version = 13 : i64, node_attributes = {transB = 1 : i64}, layer = "fc"} : (tensor<*xf32>, tensor<3x16xf32>, tensor<3xf32>) -> tensor<*xf32>
  %s = nn.onnx %m {type = "Softmax", domain = "", version = 13 : i64, node_attributes = {}, layer = "prob"} : (tensor<*xf32>) -> tensor<*xf32>
  return %s : tensor<*xf32>
}

// -----

// Shape arithmetic is computed; nothing of it is left. Unused nodes are not even looked at.
// CHECK-LABEL: func.func @shapes(
// CHECK-SAME:    %[[X:.*]]: tensor<2x3x4xf32>) -> tensor<2x12xf32>
// CHECK-NEXT:    %[[R:.*]] = nn.reshape %[[X]] {layer = "reshape"} : (tensor<2x3x4xf32>) -> tensor<2x12xf32>
// CHECK-NEXT:    return %[[R]]
func.func @shapes(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  %zero = nn.constant {value = dense<0> : tensor<1xi64>, layer = "zero"} : () -> tensor<1xi64>
  %open = nn.constant {value = dense<-1> : tensor<1xi64>, layer = "open"} : () -> tensor<1xi64>
  %dead = nn.onnx %x {type = "Nonsense", domain = "", version = 13 : i64, node_attributes = {}, layer = "dead"} : (tensor<2x3x4xf32>) -> tensor<*xf32>
  %s = nn.onnx %x {type = "Shape", domain = "", version = 13 : i64, node_attributes = {}, layer = "shape"} : (tensor<2x3x4xf32>) -> tensor<*xf32>
  %g = nn.onnx %s, %zero {type = "Gather", domain = "", version = 13 : i64, node_attributes = {}, layer = "gather"} : (tensor<*xf32>, tensor<1xi64>) -> tensor<*xf32>
  %c = nn.onnx %g, %open {type = "Concat", domain = "", version = 13 : i64, node_attributes = {axis = 0 : i64}, layer = "concat"} : (tensor<*xf32>, tensor<1xi64>) -> tensor<*xf32>
  %r = nn.onnx %x, %c {type = "Reshape", domain = "", version = 13 : i64, node_attributes = {}, layer = "reshape"} : (tensor<2x3x4xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %r : tensor<*xf32>
}

// -----

// Integer and float constants are computed alike: [2, 3] -> cast, * 0.5 -> [1.0, 1.5].
// CHECK-LABEL: func.func @constants(
// CHECK:         %[[C:.*]] = nn.constant {layer = "half", value = dense<[1.0{{0*e?\+?0*}}, 1.5{{.*}}]> : tensor<2xf32>}
// CHECK-NEXT:    nn.add %{{.*}}, %[[C]] {layer = "sum"}
// CHECK-NEXT:    return
func.func @constants(%x: tensor<1x2xf32>) -> tensor<*xf32> {
  %i = nn.constant {value = dense<[2, 3]> : tensor<2xi64>, layer = "i"} : () -> tensor<2xi64>
  %k = nn.onnx {type = "Constant", domain = "", version = 13 : i64, node_attributes = {value_float = 0.5 : f32}, layer = "k"} : () -> tensor<*xf32>
  %f = nn.onnx %i {type = "Cast", domain = "", version = 13 : i64, node_attributes = {to = 1 : i64}, layer = "cast"} : (tensor<2xi64>) -> tensor<*xf32>
  %h = nn.onnx %f, %k {type = "Mul", domain = "", version = 13 : i64, node_attributes = {}, layer = "half"} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %s = nn.onnx %x, %h {type = "Add", domain = "", version = 13 : i64, node_attributes = {}, layer = "sum"} : (tensor<1x2xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %s : tensor<*xf32>
}

// -----

// alpha goes into constant weights, beta into a constant row; the rest takes layers of their own.
// CHECK-LABEL: func.func @gemm(
// CHECK-SAME:    %[[A:.*]]: tensor<2x3xf32>, %[[C:.*]]: tensor<3x1xf32>
// CHECK:         %[[T:.*]] = nn.transpose %[[A]] {layer = "fc.transpose", permutation = array<i64: 1, 0>}
// CHECK:         %[[W:.*]] = nn.constant {layer = "w", value = dense<2.0{{.*}}> : tensor<2x4xf32>}
// CHECK:         %[[M:.*]] = nn.matmul %[[T]], %[[W]] {layer = "fc"} : {{.*}} -> tensor<3x4xf32>
// CHECK:         nn.add %[[M]], %[[C]] {layer = "fc.add"}
func.func @gemm(%a: tensor<2x3xf32>, %c: tensor<3x1xf32>) -> tensor<*xf32> {
  %w = nn.constant {value = dense<4.0> : tensor<2x4xf32>, layer = "w"} : () -> tensor<2x4xf32>
  %m = nn.onnx %a, %w, %c {type = "Gemm", domain = "", version = 13 : i64, node_attributes = {transA = 1 : i64, alpha = 0.5 : f32}, layer = "fc"} : (tensor<2x3xf32>, tensor<2x4xf32>, tensor<3x1xf32>) -> tensor<*xf32>
  return %m : tensor<*xf32>
}

// -----

// A constant on the left holds the weights: they move to the right.
// CHECK-LABEL: func.func @matmul(
// CHECK:         %[[W:.*]] = nn.constant {layer = "w", value = dense<{{\[}}[1.{{.*}}], [2.{{.*}}], [3.{{.*}}]]> : tensor<3x1xf32>}
// CHECK:         %[[T:.*]] = nn.transpose %{{.*}} {layer = "m.transpose", permutation = array<i64: 0, 2, 1>}
// CHECK:         %[[M:.*]] = nn.matmul %[[T]], %[[W]] {layer = "m"} : (tensor<2x4x3xf32>, tensor<3x1xf32>) -> tensor<2x4x1xf32>
// CHECK:         nn.transpose %[[M]] {layer = "m.transpose_1", permutation = array<i64: 0, 2, 1>} : {{.*}} -> tensor<2x1x4xf32>
func.func @matmul(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  %w = nn.constant {value = dense<[[1.0, 2.0, 3.0]]> : tensor<1x3xf32>, layer = "w"} : () -> tensor<1x3xf32>
  %m = nn.onnx %w, %x {type = "MatMul", domain = "", version = 13 : i64, node_attributes = {}, layer = "m"} : (tensor<1x3xf32>, tensor<2x3x4xf32>) -> tensor<*xf32>
  return %m : tensor<*xf32>
}

// -----

// CHECK-LABEL: func.func @elementwise(
// CHECK:         nn.clamp %{{.*}} {layer = "clip6", max = 6.0{{.*}} : f32, min = 0.0{{.*}} : f32}
// CHECK:         nn.clamp %{{.*}} {layer = "clip11", max = 1.0{{.*}} : f32, min = 0xFF800000 : f32}
// CHECK:         nn.function %{{.*}} {alpha = 0.0099999{{.*}} : f32, {{.*}}layer = "leaky"}
// CHECK:         nn.function %{{.*}} {alpha = 2.5{{.*}} : f32, {{.*}}layer = "prelu"}
// CHECK:         nn.function %{{.*}} {{{.*}}layer = "sigmoid"}
// CHECK:         nn.batch_norm %{{.*}} {epsilon = 9.9999{{.*}}E-6 : f32, layer = "bn"}
// CHECK:         nn.lrn %{{.*}} {alpha = {{.*}}, beta = 7.5{{.*}}, bias = 1.0{{.*}}, layer = "lrn", size = 5 : i64}
// CHECK:         nn.add %{{.*}} {layer = "sum"}
// CHECK:         nn.add %{{.*}} {layer = "sum.add"}
// CHECK:         nn.div %{{.*}} {layer = "div"}
func.func @elementwise(%x: tensor<1x2x2xf32>) -> tensor<*xf32> {
  %none = nn.none : () -> none
  %one = nn.constant {value = dense<1.0> : tensor<f32>, layer = "one"} : () -> tensor<f32>
  %slope = nn.constant {value = dense<0.25> : tensor<2x1xf32>, layer = "slope"} : () -> tensor<2x1xf32>
  %p = nn.constant {value = dense<1.0> : tensor<2xf32>, layer = "p"} : () -> tensor<2xf32>
  %0 = nn.onnx %x {type = "Clip", domain = "", version = 10 : i64, node_attributes = {min = 0.0 : f32, max = 6.0 : f32}, layer = "clip6"} : (tensor<1x2x2xf32>) -> tensor<*xf32>
  %1 = nn.onnx %0, %none, %one {type = "Clip", domain = "", version = 11 : i64, node_attributes = {}, layer = "clip11"} : (tensor<*xf32>, none, tensor<f32>) -> tensor<*xf32>
  %2 = nn.onnx %1 {type = "LeakyRelu", domain = "", version = 13 : i64, node_attributes = {}, layer = "leaky"} : (tensor<*xf32>) -> tensor<*xf32>
  %3 = nn.onnx %2, %slope {type = "PRelu", domain = "", version = 13 : i64, node_attributes = {}, layer = "prelu"} : (tensor<*xf32>, tensor<2x1xf32>) -> tensor<*xf32>
  %4 = nn.onnx %3 {type = "Sigmoid", domain = "", version = 13 : i64, node_attributes = {}, layer = "sigmoid"} : (tensor<*xf32>) -> tensor<*xf32>
  %5 = nn.onnx %4, %p, %p, %p, %p {type = "BatchNormalization", domain = "", version = 13 : i64, node_attributes = {}, layer = "bn"} : (tensor<*xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<*xf32>
  %6 = nn.onnx %5 {type = "LRN", domain = "", version = 13 : i64, node_attributes = {size = 5 : i64}, layer = "lrn"} : (tensor<*xf32>) -> tensor<*xf32>
  %7 = nn.onnx %6, %x, %one {type = "Sum", domain = "", version = 13 : i64, node_attributes = {}, layer = "sum"} : (tensor<*xf32>, tensor<1x2x2xf32>, tensor<f32>) -> tensor<*xf32>
  %8 = nn.onnx %7, %p {type = "Div", domain = "", version = 13 : i64, node_attributes = {}, layer = "div"} : (tensor<*xf32>, tensor<2xf32>) -> tensor<*xf32>
  return %8 : tensor<*xf32>
}

// -----

// SAME_LOWER puts the odd padding first; ceil_mode rounds the number of windows up; the mean over spatial axes is a pool.
// CHECK-LABEL: func.func @pools(
// CHECK:         nn.average_pool %{{.*}} {count_include_pad = false, {{.*}}kernel = array<i64: 2>, layer = "same", pads = array<i64: 1, 0>, strides = array<i64: 1>} : {{.*}} -> tensor<1x2x8xf32>
// CHECK:         nn.max_pool %{{.*}} {{{.*}}layer = "ceil"{{.*}}} : {{.*}} -> tensor<1x2x4xf32>
// CHECK:         %[[M:.*]] = nn.average_pool %{{.*}} {{{.*}}kernel = array<i64: 4>, layer = "mean"{{.*}}} : {{.*}} -> tensor<1x2x1xf32>
// CHECK:         nn.reshape %[[M]] {layer = "mean.reshape"} : {{.*}} -> tensor<1x2xf32>
func.func @pools(%x: tensor<1x2x8xf32>) -> tensor<*xf32> {
  %0 = nn.onnx %x {type = "AveragePool", domain = "", version = 13 : i64, node_attributes = {kernel_shape = array<i64: 2>, auto_pad = "SAME_LOWER"}, layer = "same"} : (tensor<1x2x8xf32>) -> tensor<*xf32>
  %1 = nn.onnx %0 {type = "MaxPool", domain = "", version = 13 : i64, node_attributes = {kernel_shape = array<i64: 3>, strides = array<i64: 2>, ceil_mode = 1 : i64}, layer = "ceil"} : (tensor<*xf32>) -> tensor<*xf32>
  %2 = nn.onnx %1 {type = "ReduceMean", domain = "", version = 13 : i64, node_attributes = {axes = array<i64: -1>, keepdims = 0 : i64}, layer = "mean"} : (tensor<*xf32>) -> tensor<*xf32>
  return %2 : tensor<*xf32>
}

// -----

// Before opset 13 softmax flattens from its axis on; where that is one dimension it stays in place.
// CHECK-LABEL: func.func @softmax(
// CHECK:         %[[F:.*]] = nn.reshape %{{.*}} {layer = "flat.reshape"} : {{.*}} -> tensor<2x12xf32>
// CHECK:         %[[S:.*]] = nn.softmax %[[F]] {axis = 1 : i64, layer = "flat"}
// CHECK:         %[[U:.*]] = nn.reshape %[[S]] {layer = "flat.reshape_1"} : {{.*}} -> tensor<2x3x4xf32>
// CHECK:         nn.softmax %[[U]] {axis = 2 : i64, layer = "last"}
func.func @softmax(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  %0 = nn.onnx %x {type = "Softmax", domain = "", version = 11 : i64, node_attributes = {}, layer = "flat"} : (tensor<2x3x4xf32>) -> tensor<*xf32>
  %1 = nn.onnx %0 {type = "Softmax", domain = "", version = 11 : i64, node_attributes = {axis = -1 : i64}, layer = "last"} : (tensor<*xf32>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

// -----

// CHECK-LABEL: func.func @moves(
// CHECK-SAME:    %[[X:.*]]: tensor<1x4x6xf32>) -> tensor<6x2x1xf32>
// CHECK:         %[[S:.*]] = nn.slice %[[X]] {layer = "slice", starts = array<i64: 0, 3, 0>, steps = array<i64: 1, -2, 1>} : {{.*}} -> tensor<1x2x6xf32>
// CHECK:         %[[C:.*]] = nn.slice %[[S]] {layer = "pad.slice", starts = array<i64: 0, 0, 1>, steps = array<i64: 1, 1, 1>} : {{.*}} -> tensor<1x2x5xf32>
// CHECK:         %[[P:.*]] = nn.pad %[[C]] {high = array<i64: 0, 0, 1>, layer = "pad", low = array<i64: 0, 0, 0>, value = 0.0{{.*}} : f32} : {{.*}} -> tensor<1x2x6xf32>
// CHECK:         %[[A:.*]] = nn.slice %[[P]] {layer = "split", starts = array<i64: 0, 0, 0>
// CHECK:         %[[B:.*]] = nn.slice %[[P]] {layer = "split.slice_1", starts = array<i64: 0, 1, 0>
// CHECK:         %[[J:.*]] = nn.concat %[[B]], %[[A]] {axis = 1 : i64, layer = "join"}
// CHECK:         %[[T:.*]] = nn.transpose %[[J]] {layer = "turn", permutation = array<i64: 2, 1, 0>}
// CHECK:         return %[[T]]
func.func @moves(%x: tensor<1x4x6xf32>) -> tensor<*xf32> {
  %none = nn.none : () -> none
  %start = nn.constant {value = dense<-1> : tensor<1xi64>, layer = "start"} : () -> tensor<1xi64>
  %end = nn.constant {value = dense<-9223372036854775808> : tensor<1xi64>, layer = "end"} : () -> tensor<1xi64>
  %axis = nn.constant {value = dense<1> : tensor<1xi64>, layer = "axis"} : () -> tensor<1xi64>
  %step = nn.constant {value = dense<-2> : tensor<1xi64>, layer = "step"} : () -> tensor<1xi64>
  %pads = nn.constant {value = dense<[0, 0, -1, 0, 0, 1]> : tensor<6xi64>, layer = "pads"} : () -> tensor<6xi64>
  %0 = nn.onnx %x, %start, %end, %axis, %step {type = "Slice", domain = "", version = 13 : i64, node_attributes = {}, layer = "slice"} : (tensor<1x4x6xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<*xf32>
  %1 = nn.onnx %0, %pads, %none {type = "Pad", domain = "", version = 13 : i64, node_attributes = {}, layer = "pad"} : (tensor<*xf32>, tensor<6xi64>, none) -> tensor<*xf32>
  %2:2 = nn.onnx %1 {type = "Split", domain = "", version = 11 : i64, node_attributes = {axis = 1 : i64}, layer = "split"} : (tensor<*xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  %3 = nn.onnx %2#1, %2#0 {type = "Concat", domain = "", version = 13 : i64, node_attributes = {axis = -2 : i64}, layer = "join"} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %4:2 = nn.onnx %3 {type = "Dropout", domain = "", version = 10 : i64, node_attributes = {ratio = 0.5 : f32}, layer = "drop"} : (tensor<*xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  %5 = nn.onnx %4#0 {type = "Transpose", domain = "ai.onnx", version = 13 : i64, node_attributes = {}, layer = "turn"} : (tensor<*xf32>) -> tensor<*xf32>
  return %5 : tensor<*xf32>
}

// -----

// Powers are products or a root; the scale of a normalization grows to what is normalized.
// CHECK-LABEL: func.func @transformer(
// CHECK-SAME:    %[[X:.*]]: tensor<2x3x4xf32>)
// CHECK:         %[[S:.*]] = nn.constant {layer = "{{[^"]*}}", value = dense<{{.*}}> : tensor<3x4xf32>}
// CHECK:         %[[N:.*]] = nn.layer_norm %[[X]], %[[S]] {axis = 1 : i64, epsilon = 9.9999{{.*}}E-6 : f32, layer = "norm"} : (tensor<2x3x4xf32>, tensor<3x4xf32>) -> tensor<2x3x4xf32>
// CHECK:         %[[L:.*]] = nn.layer_norm %[[N]], %{{.*}}, %{{.*}} {axis = 2 : i64, epsilon = 2.5{{.*}} : f32, layer = "last"} : (tensor<2x3x4xf32>, tensor<4xf32>, tensor<4xf32>)
// CHECK:         %[[E:.*]] = nn.function %[[L]] {alpha = 0.0{{.*}} : f32, beta = 0.0{{.*}} : f32, kind = 11 : i32, layer = "erf"}
// CHECK:         %[[G:.*]] = nn.function %[[E]] {{{.*}}kind = 12 : i32, layer = "gelu"}
// CHECK:         %[[H:.*]] = nn.function %[[G]] {{{.*}}kind = 13 : i32, layer = "gelu_tanh"}
// CHECK:         %[[P:.*]] = nn.mul %[[H]], %[[H]] {layer = "square"}
// CHECK:         %[[C:.*]] = nn.mul %[[P]], %[[P]] {layer = "cube.mul"}
// CHECK:         %[[D:.*]] = nn.mul %[[C]], %[[P]] {layer = "cube"}
// CHECK:         %[[R:.*]] = nn.function %[[D]] {{{.*}}kind = 6 : i32, layer = "root"}
// CHECK:         %[[O:.*]] = nn.constant {layer = "{{[^"]*}}", value = dense<1.0{{.*}}> : tensor<f32>}
// CHECK:         %[[I:.*]] = nn.div %[[O]], %[[R]] {layer = "inverse"}
// CHECK:         nn.add %[[I]], %{{.*}} {layer = "sum"}
func.func @transformer(%x: tensor<2x3x4xf32>) -> tensor<*xf32> {
  %s = nn.constant {value = dense<[[[1.0, 2.0, 3.0, 4.0]]]> : tensor<1x1x4xf32>, layer = "s"} : () -> tensor<1x1x4xf32>
  %b = nn.constant {value = dense<0.5> : tensor<4xf32>, layer = "b"} : () -> tensor<4xf32>
  %half = nn.constant {value = dense<0.5> : tensor<f32>, layer = "half"} : () -> tensor<f32>
  %one = nn.constant {value = dense<1> : tensor<i64>, layer = "one"} : () -> tensor<i64>
  %two = nn.constant {value = dense<2.0> : tensor<f32>, layer = "two"} : () -> tensor<f32>
  %three = nn.constant {value = dense<3> : tensor<1xi64>, layer = "three"} : () -> tensor<1xi64>
  %0 = nn.onnx %x, %s {type = "LayerNormalization", domain = "", version = 17 : i64, node_attributes = {axis = 1 : i64, stash_type = 1 : i64}, layer = "norm"} : (tensor<2x3x4xf32>, tensor<1x1x4xf32>) -> tensor<*xf32>
  %1 = nn.onnx %0, %s, %b {type = "LayerNormalization", domain = "", version = 17 : i64, node_attributes = {epsilon = 0.25 : f32}, layer = "last"} : (tensor<*xf32>, tensor<1x1x4xf32>, tensor<4xf32>) -> tensor<*xf32>
  %2 = nn.onnx %1 {type = "Erf", domain = "", version = 13 : i64, node_attributes = {}, layer = "erf"} : (tensor<*xf32>) -> tensor<*xf32>
  %3 = nn.onnx %2 {type = "Gelu", domain = "", version = 20 : i64, node_attributes = {}, layer = "gelu"} : (tensor<*xf32>) -> tensor<*xf32>
  %4 = nn.onnx %3 {type = "Gelu", domain = "", version = 20 : i64, node_attributes = {approximate = "tanh"}, layer = "gelu_tanh"} : (tensor<*xf32>) -> tensor<*xf32>
  %5 = nn.onnx %4, %two {type = "Pow", domain = "", version = 15 : i64, node_attributes = {}, layer = "square"} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  %6 = nn.onnx %5, %three {type = "Pow", domain = "", version = 12 : i64, node_attributes = {}, layer = "cube"} : (tensor<*xf32>, tensor<1xi64>) -> tensor<*xf32>
  %7 = nn.onnx %6, %one {type = "Pow", domain = "", version = 12 : i64, node_attributes = {}, layer = "identity"} : (tensor<*xf32>, tensor<i64>) -> tensor<*xf32>
  %8 = nn.onnx %7, %half {type = "Pow", domain = "", version = 13 : i64, node_attributes = {}, layer = "root"} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  %9 = nn.onnx %8 {type = "Reciprocal", domain = "", version = 13 : i64, node_attributes = {}, layer = "inverse"} : (tensor<*xf32>) -> tensor<*xf32>
  %10 = nn.onnx %two, %half {type = "Pow", domain = "", version = 13 : i64, node_attributes = {}, layer = "known"} : (tensor<f32>, tensor<f32>) -> tensor<*xf32>
  %11 = nn.onnx %9, %10 {type = "Add", domain = "", version = 13 : i64, node_attributes = {}, layer = "sum"} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  return %11 : tensor<*xf32>
}

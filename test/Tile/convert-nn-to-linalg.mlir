// Layers and formats on integers, one function per family; float layers are in convert-nn-to-linalg-float.mlir.
// RUN: quantization-opt %s --convert-nn-to-linalg --mlir-print-local-scope | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:10>
!i8 = !quant.uniform<i8:f32, 0.5:-3>
!y = !quant.uniform<u8:f32, 2.0:3>
!u8w = !quant.uniform<u8:f32, 0.5>
!w1 = !quant.uniform<i8<-127:127>:f32, 0.5>
!w = !quant.uniform<i8<-127:127>:f32:0, {1.0, 2.0}>
#nhwc = #fixed.layout<[0, 2, 3, 1]>
#hwio = #fixed.layout<[2, 3, 1, 0]>

// What the caller must know: names, shapes as in the model, number formats. Private functions are no interface.
// CHECK: module attributes {nn.inputs = [{layer = "x", name = "x", type = tensor<1x1x3x3x!quant.uniform<u8:f32, 5.000000e-01:10>>}],
// CHECK-SAME: nn.outputs = [{layer = "node7", name = "y", type = tensor<1x2x3x3xi32>}]}

//===----------------------------------------------------------------------===//
// Contractions
//===----------------------------------------------------------------------===//

// In memory order, on plain integers. Weights lie as kernel, input, output channel. The padding is the zero point 10; it folds into the
// bias: 5 - 10 * (1 + 2 + 3 + 4) and -7 + 10 * (1 + 1 + 1 + 2) (R9).
// CHECK-LABEL: func.func @conv(
// CHECK-SAME: %[[X:.*]]: tensor<1x3x3x1xi8> {{.*}} -> (tensor<1x3x3x2xi32>
// CHECK-DAG: %[[FLAT:.*]] = arith.constant dense<[1, -1, 2, -1, 3, -1, 4, -2]> : tensor<8xi8>
// CHECK-DAG: %[[W:.*]] = tensor.expand_shape %[[FLAT]] {{.*}} : tensor<8xi8> into tensor<2x2x1x2xi8>
// CHECK-DAG: %[[ZERO:.*]] = arith.constant 10 : i8
// CHECK: %[[PADDED:.*]] = tensor.pad %[[X]] low[0, 1, 1, 0] high[0, 0, 0, 0] {
// CHECK: tensor.yield %[[ZERO]] : i8
// CHECK-NEXT: } : tensor<1x3x3x1xi8> to tensor<1x4x4x1xi8>
// CHECK: %[[BIAS:.*]] = arith.constant dense<[-95, 43]> : tensor<2xi32>
// CHECK: %[[START:.*]] = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d3)>, {{.*}} ins(%[[BIAS]] : tensor<2xi32>)
// CHECK: linalg.generic
// CHECK-SAME: affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1 + d3, d2 + d4, d5)>
// CHECK-SAME: affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d3, d4, d5, d6)>
// CHECK-SAME: affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d6)>
// CHECK-SAME: iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction", "parallel"]
// CHECK-SAME: ins(%[[PADDED]], %[[W]] : {{.*}}) outs(%[[START]]
// CHECK-NEXT: ^bb0(%[[A:.*]]: i8, %[[B:.*]]: i8, %[[C:.*]]: i32):
// CHECK-NEXT: %[[XA:.*]] = arith.extui %[[A]] : i8 to i32
// CHECK-NEXT: %[[XB:.*]] = arith.extsi %[[B]] : i8 to i32
// CHECK-NEXT: %[[P:.*]] = arith.muli %[[XA]], %[[XB]] : i32
// CHECK-NEXT: %[[S:.*]] = arith.addi %[[C]], %[[P]] : i32
// CHECK-NEXT: linalg.yield %[[S]]
func.func @conv(%x: tensor<1x1x3x3x!u8, #nhwc> {nn.name = "x"}) -> (tensor<1x2x3x3xi32, #nhwc> {nn.name = "y", nn.layer = "node7"}) {
  %w = nn.constant {value = dense<[[[[1, 2], [3, 4]]], [[[-1, -1], [-1, -2]]]]> : tensor<2x1x2x2xi8>, layer = "w"} : () -> tensor<2x1x2x2x!w, #hwio>
  %b = nn.constant {value = dense<[5, -7]> : tensor<2xi32>, layer = "b"} : () -> tensor<2xi32>
  %0 = nn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv"} : (tensor<1x1x3x3x!u8, #nhwc>, tensor<2x1x2x2x!w, #hwio>, tensor<2xi32>) -> tensor<1x2x3x3xi32, #nhwc>
  return %0 : tensor<1x2x3x3xi32, #nhwc>
}

// Nor can one for several matrices.
// CHECK-LABEL: func.func private @matrices
// CHECK: linalg.generic
// CHECK: arith.subi %{{.*}}, %c10_i32
func.func private @matrices(%x: tensor<2x1x1x!u8>) -> tensor<2x1x1xi32> {
  %w = nn.constant {value = dense<[[[2]], [[3]]]> : tensor<2x1x1xi8>, layer = "w"} : () -> tensor<2x1x1x!w1>
  %0 = nn.matmul %x, %w {layer = "products"} : (tensor<2x1x1x!u8>, tensor<2x1x1x!w1>) -> tensor<2x1x1xi32>
  return %0 : tensor<2x1x1xi32>
}

// A bias that is computed cannot take the zero point: it is subtracted from every value. Codes of unsigned weights are 200, not -56.
// CHECK-LABEL: func.func private @computed_bias
// CHECK: arith.extui
// CHECK: arith.subi
// CHECK-LABEL: func.func private @unsigned_weights
// CHECK: arith.constant dense<-2000> : tensor<1xi32>
func.func private @computed_bias(%x: tensor<1x1x!u8>, %b: tensor<1xi32>) -> tensor<1x1xi32> {
  %w = nn.constant {value = dense<2> : tensor<1x1xi8>, layer = "w"} : () -> tensor<1x1x!w1>
  %0 = nn.matmul %x, %w, %b {layer = "fc"} : (tensor<1x1x!u8>, tensor<1x1x!w1>, tensor<1xi32>) -> tensor<1x1xi32>
  return %0 : tensor<1x1xi32>
}
func.func private @unsigned_weights(%x: tensor<1x1x!u8>) -> tensor<1x1xi32> {
  %w = nn.constant {value = dense<-56> : tensor<1x1xi8>, layer = "w"} : () -> tensor<1x1x!u8w>
  %0 = nn.matmul %x, %w {layer = "fc"} : (tensor<1x1x!u8>, tensor<1x1x!u8w>) -> tensor<1x1xi32>
  return %0 : tensor<1x1xi32>
}

// Without a bias the folded zero point is one; strides and dilations multiply indices. 64 bits where 32 are too few.
// CHECK-LABEL: func.func private @strided
// CHECK: arith.constant dense<[-30, 20]> : tensor<2xi64>
// CHECK: affine_map<(d0, d1, d2, d3, d4) -> (d0, d1 * 2 + d2 * 3, d3)>
// CHECK: arith.extui {{.*}} : i8 to i64
// CHECK: arith.muli {{.*}} : i64
func.func private @strided(%x: tensor<1x1x6x!u8, #fixed.layout<[0, 2, 1]>>) -> tensor<1x2x2xi64, #fixed.layout<[0, 2, 1]>> {
  %w = nn.constant {value = dense<[[[1, 2]], [[-1, -1]]]> : tensor<2x1x2xi8>, layer = "w"} : () -> tensor<2x1x2x!w, #fixed.layout<[2, 1, 0]>>
  %0 = nn.conv %x, %w {strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 3>, groups = 1, layer = "conv"} : (tensor<1x1x6x!u8, #fixed.layout<[0, 2, 1]>>, tensor<2x1x2x!w, #fixed.layout<[2, 1, 0]>>) -> tensor<1x2x2xi64, #fixed.layout<[0, 2, 1]>>
  return %0 : tensor<1x2x2xi64, #fixed.layout<[0, 2, 1]>>
}

// Depthwise: the channel is a parallel loop, and the input channel of the weights stands still.
// CHECK-LABEL: func.func private @depthwise
// CHECK: arith.constant dense<[-100, 50]> : tensor<2xi32>
// CHECK: linalg.generic
// CHECK: linalg.generic
// CHECK-SAME: affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1 + d3, d2 + d4, d5)>
// CHECK-SAME: affine_map<(d0, d1, d2, d3, d4, d5) -> (d3, d4, 0, d5)>
// CHECK-SAME: affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d5)>
// CHECK-SAME: iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "parallel"]
func.func private @depthwise(%x: tensor<1x2x3x3x!u8, #nhwc>) -> tensor<1x2x2x2xi32, #nhwc> {
  %w = nn.constant {value = dense<[[[[1, 2], [3, 4]]], [[[-1, -1], [-1, -2]]]]> : tensor<2x1x2x2xi8>, layer = "w"} : () -> tensor<2x1x2x2x!w, #hwio>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2, layer = "conv"} : (tensor<1x2x3x3x!u8, #nhwc>, tensor<2x1x2x2x!w, #hwio>) -> tensor<1x2x2x2xi32, #nhwc>
  return %0 : tensor<1x2x2x2xi32, #nhwc>
}

// Grouped: 4 input and 6 output channels as 2 groups of 2 and 3, a parallel loop over the group (d3).
// CHECK-LABEL: func.func private @grouped
// CHECK-DAG: %[[X:.*]] = tensor.expand_shape %arg0 {{\[}}[0], [1], [2], [3, 4]] output_shape [1, 3, 3, 2, 2]
// CHECK-DAG: %[[W:.*]] = tensor.expand_shape %arg1 {{\[}}[0], [1], [2], [3, 4]] output_shape [2, 2, 2, 2, 3]
// CHECK-DAG: %[[A:.*]] = tensor.expand_shape %{{.*}} {{\[}}[0], [1], [2], [3, 4]] output_shape [1, 2, 2, 2, 3]
// CHECK: %[[R:.*]] = linalg.generic
// CHECK-SAME: affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1 + d4, d2 + d5, d3, d6)>
// CHECK-SAME: affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d4, d5, d6, d3, d7)>
// CHECK-SAME: affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1, d2, d3, d7)>
// CHECK-SAME: iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction", "parallel"]
// CHECK-SAME: ins(%[[X]], %[[W]] : {{.*}}) outs(%[[A]]
// CHECK: tensor.collapse_shape %[[R]] {{\[}}[0], [1], [2], [3, 4]]
func.func private @grouped(%x: tensor<1x4x3x3xf32, #nhwc>, %w: tensor<6x2x2x2xf32, #hwio>) -> tensor<1x6x2x2xf32, #nhwc> {
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2, layer = "conv"} : (tensor<1x4x3x3xf32, #nhwc>, tensor<6x2x2x2xf32, #hwio>) -> tensor<1x6x2x2xf32, #nhwc>
  return %0 : tensor<1x6x2x2xf32, #nhwc>
}

// The channels of a matrix are its columns: -10 * (1 + 3) and -10 * (2 - 4), and the bias.
// CHECK-LABEL: func.func private @matmul
// CHECK: arith.constant dense<[-39, 22]> : tensor<2xi32>
// CHECK: linalg.generic
// CHECK: linalg.generic
// CHECK-SAME: affine_map<(d0, d1, d2) -> (d0, d1)>, affine_map<(d0, d1, d2) -> (d1, d2)>, affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-SAME: iterator_types = ["parallel", "reduction", "parallel"]
func.func private @matmul(%x: tensor<3x2x!u8>) -> tensor<3x2xi32> {
  %w = nn.constant {value = dense<[[1, 2], [3, -4]]> : tensor<2x2xi8>, layer = "w"} : () -> tensor<2x2x!quant.uniform<i8<-127:127>:f32:1, {1.0, 2.0}>>
  %b = nn.constant {value = dense<[1, 2]> : tensor<2xi32>, layer = "b"} : () -> tensor<2xi32>
  %0 = nn.matmul %x, %w, %b {layer = "fc"} : (tensor<3x2x!u8>, tensor<2x2x!quant.uniform<i8<-127:127>:f32:1, {1.0, 2.0}>>, tensor<2xi32>) -> tensor<3x2xi32>
  return %0 : tensor<3x2xi32>
}

// Nothing folds where both operands are computed, or a constant is not around 0: each value less its zero point.
// CHECK-LABEL: func.func private @both_centered
// CHECK: affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d2, d3)>
// CHECK: %[[A:.*]] = arith.extui %{{.*}} : i8 to i32
// CHECK-NEXT: %[[ZA:.*]] = arith.constant 10 : i32
// CHECK-NEXT: %[[CA:.*]] = arith.subi %[[A]], %[[ZA]] : i32
// CHECK-NEXT: %[[B:.*]] = arith.extsi %{{.*}} : i8 to i32
// CHECK-NEXT: %[[ZB:.*]] = arith.constant -3 : i32
// CHECK-NEXT: %[[CB:.*]] = arith.subi %[[B]], %[[ZB]] : i32
// CHECK-NEXT: arith.muli %[[CA]], %[[CB]] : i32
// CHECK: linalg.generic
// CHECK: arith.subi
// CHECK: arith.subi
func.func private @both_centered(%x: tensor<5x3x2x!u8>, %y: tensor<5x2x4x!i8>, %z: tensor<3x2x!u8>) -> (tensor<5x3x4xi32>, tensor<3x1xi32>) {
  %0 = nn.matmul %x, %y {layer = "fc"} : (tensor<5x3x2x!u8>, tensor<5x2x4x!i8>) -> tensor<5x3x4xi32>
  %w = nn.constant {value = dense<[[1], [3]]> : tensor<2x1xi8>, layer = "w"} : () -> tensor<2x1x!i8>
  %1 = nn.matmul %z, %w {layer = "fc2"} : (tensor<3x2x!u8>, tensor<2x1x!i8>) -> tensor<3x1xi32>
  return %0, %1 : tensor<5x3x4xi32>, tensor<3x1xi32>
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

// CHECK-LABEL: func.func private @sums
// CHECK: arith.addi %{{.*}}, %{{.*}} : i32
// CHECK: arith.subi %{{.*}}, %{{.*}} : i32
// CHECK: %[[A:.*]] = arith.extui
// CHECK-NEXT: %[[ZA:.*]] = arith.constant 10 : i32
// CHECK-NEXT: %[[CA:.*]] = arith.subi %[[A]], %[[ZA]] : i32
// CHECK-NEXT: %[[B:.*]] = arith.extsi
// CHECK-NEXT: %[[ZB:.*]] = arith.constant -3 : i32
// CHECK-NEXT: %[[CB:.*]] = arith.subi %[[B]], %[[ZB]] : i32
// CHECK-NEXT: arith.muli %[[CA]], %[[CB]] : i32
func.func private @sums(%x: tensor<2xi32>, %a: tensor<2x!u8>, %b: tensor<2x!i8>) -> (tensor<2xi32>, tensor<2xi32>, tensor<2xi32>) {
  %0 = nn.add %x, %x {layer = "sum"} : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  %1 = nn.sub %0, %x {layer = "difference"} : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
  %2 = nn.mul %a, %b {layer = "product"} : (tensor<2x!u8>, tensor<2x!i8>) -> tensor<2xi32>
  return %0, %1, %2 : tensor<2xi32>, tensor<2xi32>, tensor<2xi32>
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

// Beyond the input lies the least code, also where ceil_mode overhangs; stored values compare as they are signed.
// CHECK-LABEL: func.func private @max_pool
// CHECK: %[[LEAST:.*]] = arith.constant -128 : i8
// CHECK: linalg.fill ins(%[[LEAST]] : i8) outs(%{{.*}} : tensor<1x1x3xi8>)
// CHECK: %[[PADDED:.*]] = tensor.pad %arg0 low[0, 0, 0] high[0, 0, 1] {
// CHECK: tensor.yield %[[LEAST]] : i8
// CHECK-NEXT: } : tensor<1x1x5xi8> to tensor<1x1x6xi8>
// CHECK: %[[SIZE:.*]] = tensor.empty() : tensor<2xi1>
// CHECK: affine_map<(d0, d1, d2, d3) -> (d0, d3, d1 * 2 + d2)>, affine_map<(d0, d1, d2, d3) -> (d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d3, d1)>
// CHECK-SAME: ins(%[[PADDED]], %[[SIZE]] :
// CHECK: arith.maxsi
// CHECK: arith.constant 0 : i8
// CHECK: arith.maxui
func.func private @max_pool(%x: tensor<1x1x5x!i8>, %y: tensor<1x1x4x!u8>) -> (tensor<1x1x3x!i8>, tensor<1x1x2x!u8>) {
  %0 = nn.max_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, layer = "ceil"} : (tensor<1x1x5x!i8>) -> tensor<1x1x3x!i8>
  %1 = nn.max_pool %y {kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, layer = "unsigned"} : (tensor<1x1x4x!u8>) -> tensor<1x1x2x!u8>
  return %0, %1 : tensor<1x1x3x!i8>, tensor<1x1x2x!u8>
}

// Windows of 2 and 3 values: their sums times 3 and 2 are both on a sixth (R13). With the padding counted all are of 3, and nothing is
// multiplied.
// CHECK-LABEL: func.func private @average_pool
// CHECK: %[[ZERO:.*]] = arith.constant 10 : i8
// CHECK: tensor.pad %arg0 low[0, 0, 1] high[0, 0, 0] {
// CHECK: tensor.yield %[[ZERO]] : i8
// CHECK-NEXT: } : tensor<1x1x5xi8> to tensor<1x1x6xi8>
// CHECK: %[[SUM:.*]] = linalg.generic
// CHECK: %[[X:.*]] = arith.extui
// CHECK-NEXT: %[[Z:.*]] = arith.constant 10 : i32
// CHECK-NEXT: %[[C:.*]] = arith.subi %[[X]], %[[Z]] : i32
// CHECK-NEXT: arith.addi %{{.*}}, %[[C]] : i32
// CHECK: %[[FACTORS:.*]] = arith.constant dense<[3, 2]> : tensor<2xi32>
// CHECK: %[[RESULT:.*]] = linalg.generic {{.*}} affine_map<(d0, d1, d2) -> (d2)>, {{.*}} ins(%[[SUM]], %[[FACTORS]] :
// CHECK-NEXT: ^bb0
// CHECK-NEXT: arith.muli
// CHECK: %[[COUNTED:.*]] = linalg.generic
// CHECK-NOT: arith.muli
// CHECK: return %[[RESULT]], %[[COUNTED]]
func.func private @average_pool(%x: tensor<1x1x5x!u8>) -> (tensor<1x1x2xi32>, tensor<1x1x2xi32>) {
  %0 = nn.average_pool %x {kernel = array<i64: 3>, strides = array<i64: 3>, pads = array<i64: 1, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "pool"} : (tensor<1x1x5x!u8>) -> tensor<1x1x2xi32>
  %1 = nn.average_pool %x {kernel = array<i64: 3>, strides = array<i64: 3>, pads = array<i64: 1, 0>, dilations = array<i64: 1>, count_include_pad = true, layer = "counted"} : (tensor<1x1x5x!u8>) -> tensor<1x1x2xi32>
  return %0, %1 : tensor<1x1x2xi32>, tensor<1x1x2xi32>
}

//===----------------------------------------------------------------------===//
// Formats
//===----------------------------------------------------------------------===//

// Per channel, half-even; the arithmetic is in ../Target/expand-requantize.mlir. Before the clamp a value is at most 1000 / 4 or 1000 * 3
// / 16, and one more by rounding. The clamp of a ReLU starts at 3 (R14); it is taken before the zero point is added.
// CHECK-LABEL: func.func private @rescale_per_channel
// CHECK-DAG: %[[M:.*]] = arith.constant dense<[1073741824, 1610612736]> : tensor<2xi32>
// CHECK-DAG: %[[N:.*]] = arith.constant dense<[32, 33]> : tensor<2xi32>
// CHECK: linalg.generic {{.*}} affine_map<(d0, d1, d2, d3) -> (d3)>, affine_map<(d0, d1, d2, d3) -> (d3)>, {{.*}} ins(%arg0, %[[M]], %[[N]] :
// CHECK-NEXT: ^bb0(%[[A:.*]]: i32, %[[AM:.*]]: i32, %[[AN:.*]]: i32, %{{.*}}: i8):
// CHECK-NEXT: %[[R:.*]] = fixed.requantize %[[A]], %[[AM]], %[[AN]] {clamp = array<i64: 0, 252>, largest = 251 : i64,{{.*}} rounding = 0 : i32} : (i32, i32, i32) -> i32
// CHECK-NEXT: %[[Z:.*]] = arith.constant 3 : i32
// CHECK-NEXT: %[[RZ:.*]] = arith.addi %[[R]], %[[Z]] : i32
// CHECK-NEXT: %[[CODE:.*]] = arith.trunci %[[RZ]] : i32 to i8
// CHECK-NEXT: linalg.yield %[[CODE]]
func.func private @rescale_per_channel(%x: tensor<1x2x1x1xi32, #nhwc>) -> tensor<1x2x1x1x!y, #nhwc> {
  %0 = fixed.rescale %x {multipliers = array<i32: 1073741824, 1610612736>, shifts = array<i32: 32, 33>, axis = 1, clamp = array<i64: 3, 255>, bound = 1000, rounding = 0 : i32, layer = "r"} : (tensor<1x2x1x1xi32, #nhwc>) -> tensor<1x2x1x1x!y, #nhwc>
  return %0 : tensor<1x2x1x1x!y, #nhwc>
}

// From codes, half-up (R17): the zero point goes first. 245 / 4 is below 62.
// CHECK-LABEL: func.func private @rescale_half_up
// CHECK: %[[X:.*]] = arith.extui %{{.*}} : i8 to i32
// CHECK-NEXT: %[[Z:.*]] = arith.constant 10 : i32
// CHECK-NEXT: %[[C:.*]] = arith.subi %[[X]], %[[Z]] : i32
// CHECK-DAG: %[[M:.*]] = arith.constant 1073741824 : i32
// CHECK-DAG: %[[N:.*]] = arith.constant 32 : i32
// CHECK: %[[R:.*]] = fixed.requantize %[[C]], %[[M]], %[[N]] {clamp = array<i64: -3, 252>, largest = 62 : i64,{{.*}} rounding = 2 : i32} : (i32, i32, i32) -> i32
// CHECK: arith.addi %[[R]],
func.func private @rescale_half_up(%x: tensor<2x!u8>) -> tensor<2x!y> {
  %0 = fixed.rescale %x {multipliers = array<i32: 1073741824>, shifts = array<i32: 32>, axis = 0, clamp = array<i64: 0, 255>, bound = 245, rounding = 2 : i32, layer = "r"} : (tensor<2x!u8>) -> tensor<2x!y>
  return %0 : tensor<2x!y>
}

// Half-away; and a sum of 64 bits, which goes in as it is. What leaves 32 bits before the clamp is told: 2^40 * 3 / 4, and one.
// CHECK-LABEL: func.func private @rescale_half_away
// CHECK: fixed.requantize %{{.*}} {clamp = array<i64: -3, 252>, largest = 62 : i64,{{.*}} rounding = 1 : i32} : (i32, i32, i32) -> i32
// CHECK-LABEL: func.func private @rescale_wide
// CHECK: ^bb0(%[[A:.*]]: i64,
// CHECK: fixed.requantize %[[A]], %{{.*}} {clamp = array<i64: -3, 252>, largest = 824633720833 : i64,{{.*}} rounding = 0 : i32} : (i64, i32, i32) -> i32
func.func private @rescale_half_away(%x: tensor<2xi32>) -> tensor<2x!y> {
  %0 = fixed.rescale %x {multipliers = array<i32: 1073741824>, shifts = array<i32: 32>, axis = 0, clamp = array<i64: 0, 255>, bound = 245, rounding = 1 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!y>
  return %0 : tensor<2x!y>
}
func.func private @rescale_wide(%x: tensor<2xi64>) -> tensor<2x!y> {
  %0 = fixed.rescale %x {multipliers = array<i32: 3>, shifts = array<i32: 2>, axis = 0, clamp = array<i64: 0, 255>, bound = 1099511627776, rounding = 0 : i32, layer = "r"} : (tensor<2xi64>) -> tensor<2x!y>
  return %0 : tensor<2x!y>
}

// Onto a finer scale nothing is rounded, and 32 bits hold it; without a zero point and a tighter clamp that is all (R12).
// CHECK-LABEL: func.func private @rescale_exact
// CHECK: %[[X:.*]] = arith.extui %{{.*}} : i8 to i32
// CHECK-NEXT: %[[Z:.*]] = arith.constant 10 : i32
// CHECK-NEXT: %[[C:.*]] = arith.subi %[[X]], %[[Z]] : i32
// CHECK-NEXT: %[[M:.*]] = arith.constant 2097152 : i32
// CHECK-NEXT: %[[P:.*]] = arith.muli %[[C]], %[[M]] : i32
// CHECK-NEXT: linalg.yield %[[P]]
// CHECK: %[[LOW:.*]] = arith.constant -5 : i32
// CHECK-NEXT: arith.maxsi %{{.*}}, %[[LOW]] : i32
func.func private @rescale_exact(%x: tensor<2x!u8>) -> (tensor<2xi32>, tensor<2xi32>) {
  %0 = fixed.rescale %x {multipliers = array<i32: 2097152>, shifts = array<i32: 0>, axis = 0, clamp = array<i64: -2147483648, 2147483647>, bound = 245, rounding = 0 : i32, layer = "r"} : (tensor<2x!u8>) -> tensor<2xi32>
  %1 = fixed.rescale %x {multipliers = array<i32: 2>, shifts = array<i32: 0>, axis = 0, clamp = array<i64: -5, 5>, bound = 245, rounding = 0 : i32, layer = "clamped"} : (tensor<2x!u8>) -> tensor<2xi32>
  return %0, %1 : tensor<2xi32>, tensor<2xi32>
}

// Entry 0 belongs to the least stored value, -2 for two signed bits; a table per channel is indexed by the channel too (R19).
// CHECK-LABEL: func.func private @lookup
// CHECK: %[[T:.*]] = tensor.expand_shape %{{.*}} : tensor<8xi8> into tensor<2x4xi8>
// CHECK: %[[X:.*]] = arith.extsi %{{.*}} : i8 to i32
// CHECK-NEXT: %[[TWO:.*]] = arith.constant 2 : i32
// CHECK-NEXT: %[[I:.*]] = arith.addi %[[X]], %[[TWO]] : i32
// CHECK-NEXT: %[[C:.*]] = linalg.index 2 : index
// CHECK-NEXT: %[[AT:.*]] = arith.index_castui %[[I]] : i32 to index
// CHECK-NEXT: %[[Q:.*]] = tensor.extract %[[T]][%[[C]], %[[AT]]] : tensor<2x4xi8>
// CHECK-NEXT: linalg.yield %[[Q]]
func.func private @lookup(%x: tensor<1x2x3x!quant.uniform<i2:f32, 1.0>, #fixed.layout<[0, 2, 1]>>) -> tensor<1x2x3x!u8, #fixed.layout<[0, 2, 1]>> {
  %t = nn.constant {value = dense<[[1, 2, 3, 4], [5, 6, 7, 8]]> : tensor<2x4xi8>, layer = "t"} : () -> tensor<2x4x!u8>
  %0 = fixed.lookup %x, %t {axis = 1, layer = "l"} : (tensor<1x2x3x!quant.uniform<i2:f32, 1.0>, #fixed.layout<[0, 2, 1]>>, tensor<2x4x!u8>) -> tensor<1x2x3x!u8, #fixed.layout<[0, 2, 1]>>
  return %0 : tensor<1x2x3x!u8, #fixed.layout<[0, 2, 1]>>
}

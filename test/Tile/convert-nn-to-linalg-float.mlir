// Layers in f32, changes of format, and moves, one function per family.
// RUN: quantization-opt %s --convert-nn-to-linalg --mlir-print-local-scope | FileCheck %s

!u8 = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8:f32:1, {0.5, 0.25}>
#nhwc = #fixed.layout<[0, 2, 3, 1]>

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

// Sums start with the bias; each step is one fused multiply-add, over kernel positions, then input channels (R20).
// CHECK-LABEL: func.func private @conv
// CHECK: %[[START:.*]] = linalg.generic {{.*}} ins(%arg2 : tensor<2xf32>)
// CHECK: linalg.generic
// CHECK-SAME: affine_map<(d0, d1, d2, d3, d4) -> (d0, d3, d1 + d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d4, d3, d2)>, affine_map<(d0, d1, d2, d3, d4) -> (d0, d4, d1)>
// CHECK-SAME: iterator_types = ["parallel", "parallel", "reduction", "reduction", "parallel"]
// CHECK-SAME: outs(%[[START]]
// CHECK-NEXT: ^bb0(%[[X:.*]]: f32, %[[W:.*]]: f32, %[[A:.*]]: f32):
// CHECK-NEXT: %[[S:.*]] = math.fma %[[X]], %[[W]], %[[A]] : f32
// CHECK-NEXT: linalg.yield %[[S]]
func.func private @conv(%x: tensor<1x3x4xf32>, %w: tensor<2x3x2xf32>, %b: tensor<2xf32>) -> tensor<1x2x3xf32> {
  %0 = nn.conv %x, %w, %b {strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, groups = 1, layer = "conv"} : (tensor<1x3x4xf32>, tensor<2x3x2xf32>, tensor<2xf32>) -> tensor<1x2x3xf32>
  return %0 : tensor<1x2x3xf32>
}

// A vector times a matrix.
// CHECK-LABEL: func.func private @matmul
// CHECK: linalg.fill ins(%{{.*}} : f32)
// CHECK: affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>], iterator_types = ["reduction", "parallel"]
// CHECK: math.fma
func.func private @matmul(%x: tensor<3xf32>, %w: tensor<3x2xf32>) -> tensor<2xf32> {
  %0 = nn.matmul %x, %w {layer = "fc"} : (tensor<3xf32>, tensor<3x2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// What is broadcast stands still, in whatever order the result lies in memory.
// CHECK-LABEL: func.func private @broadcast
// CHECK: affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>, affine_map<(d0, d1, d2, d3) -> (d3, 0, 0)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK: arith.addf
// CHECK: arith.subf
// CHECK: arith.mulf
// CHECK: arith.divf
func.func private @broadcast(%x: tensor<1x2x2x3xf32, #nhwc>, %y: tensor<2x1x1xf32>, %z: tensor<2xf32>) -> (tensor<1x2x2x3xf32, #nhwc>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %0 = nn.add %x, %y {layer = "sum"} : (tensor<1x2x2x3xf32, #nhwc>, tensor<2x1x1xf32>) -> tensor<1x2x2x3xf32, #nhwc>
  %1 = nn.sub %z, %z {layer = "difference"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %2 = nn.mul %z, %z {layer = "product"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %3 = nn.div %z, %z {layer = "quotient"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %0, %1, %2, %3 : tensor<1x2x2x3xf32, #nhwc>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// An infinite end needs no comparison.
// CHECK-LABEL: func.func private @clamp
// CHECK: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-NEXT: %[[LESS:.*]] = arith.cmpf ogt, %[[X:.*]], %[[ZERO]] : f32
// CHECK-NEXT: %[[MAX:.*]] = arith.select %[[LESS]], %[[X]], %[[ZERO]] : f32
// CHECK-NEXT: linalg.yield %[[MAX]]
// CHECK: arith.cmpf ogt
// CHECK: arith.cmpf olt
func.func private @clamp(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %0 = nn.clamp %x {min = 0.0 : f32, max = 0x7F800000 : f32, layer = "relu"} : (tensor<2xf32>) -> tensor<2xf32>
  %1 = nn.clamp %x {min = 0.0 : f32, max = 6.0 : f32, layer = "relu6"} : (tensor<2xf32>) -> tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}

// exp is a polynomial of fused multiply-adds scaled by 2^k, not a library's.
// CHECK-LABEL: func.func private @functions
// CHECK: math.roundeven
// CHECK-COUNT-9: math.fma
// CHECK: arith.fptosi
// CHECK: arith.shli
// CHECK: arith.bitcast {{.*}} : i32 to f32
// CHECK-NOT: math.exp
// leaky_relu
// CHECK: arith.cmpf olt, %[[X:[a-z0-9_]+]],
// CHECK: arith.select
func.func private @functions(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %0 = nn.function %x {kind = 0 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "sigmoid"} : (tensor<2xf32>) -> tensor<2xf32>
  %1 = nn.function %x {kind = 3 : i32, alpha = 0.1 : f32, beta = 0.0 : f32, layer = "leaky"} : (tensor<2xf32>) -> tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}

// erf is a polynomial, cut at -1 and 1; no division, nothing of a library. gelu is x / 2 * erf + x / 2.
// CHECK-LABEL: func.func private @erf
// CHECK: %[[SQUARE:.*]] = arith.mulf
// CHECK-COUNT-15: math.fma
// CHECK-COUNT-3: arith.select
// CHECK: linalg.yield
// CHECK: %[[HALF:.*]] = arith.mulf
// CHECK-COUNT-15: math.fma
// CHECK: %[[ERF:.*]] = arith.select
// CHECK: %[[ERF:.*]] = arith.select
// CHECK: %[[ERF:.*]] = arith.select
// CHECK: math.fma %[[HALF]], %[[ERF]], %[[HALF]]
// CHECK-NOT: math.{{erf|tanh|exp}}
// CHECK: arith.divf
func.func private @erf(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %0 = nn.function %x {kind = 11 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "erf"} : (tensor<2xf32>) -> tensor<2xf32>
  %1 = nn.function %x {kind = 12 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "gelu"} : (tensor<2xf32>) -> tensor<2xf32>
  %2 = nn.function %x {kind = 13 : i32, alpha = 0.0 : f32, beta = 0.0 : f32, layer = "gelu_tanh"} : (tensor<2xf32>) -> tensor<2xf32>
  return %0, %1, %2 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// Windows of 2 and 3 values are divided by their own counts; -infinity lies beyond the input of a max pool.
// CHECK-LABEL: func.func private @pools
// CHECK: %[[SUM:.*]] = linalg.generic
// CHECK: arith.addf
// CHECK: %[[COUNTS:.*]] = arith.constant dense<[2.000000e+00, 3.000000e+00]> : tensor<2xf32>
// CHECK: ins(%[[SUM]], %[[COUNTS]] :
// CHECK: arith.divf
// CHECK: arith.constant 0xFF800000 : f32
// CHECK: arith.cmpf ogt
func.func private @pools(%x: tensor<1x1x5xf32>) -> (tensor<1x1x2xf32>, tensor<1x1x2xf32>) {
  %0 = nn.average_pool %x {kernel = array<i64: 3>, strides = array<i64: 3>, pads = array<i64: 1, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "average"} : (tensor<1x1x5xf32>) -> tensor<1x1x2xf32>
  %1 = nn.max_pool %x {kernel = array<i64: 3>, strides = array<i64: 3>, pads = array<i64: 1, 0>, dilations = array<i64: 1>, layer = "max"} : (tensor<1x1x5xf32>) -> tensor<1x1x2xf32>
  return %0, %1 : tensor<1x1x2xf32>, tensor<1x1x2xf32>
}

// Less the largest value of the row, exp, over the sum of the row.
// CHECK-LABEL: func.func private @softmax
// CHECK: %[[LARGEST:.*]] = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>], iterator_types = ["reduction", "parallel"]} ins(%arg0 :
// CHECK: arith.cmpf ogt
// CHECK: %[[POWERS:.*]] = linalg.generic {{.*}} ins(%arg0, %[[LARGEST]] :
// CHECK: arith.subf
// CHECK: %[[SUM:.*]] = linalg.generic {{.*}}iterator_types = ["reduction", "parallel"]} ins(%[[POWERS]] :
// CHECK: arith.addf
// CHECK: linalg.generic {{.*}} ins(%[[POWERS]], %[[SUM]] :
// CHECK: arith.divf
func.func private @softmax(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = nn.softmax %x {axis = 0, layer = "softmax"} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// Rows of 3 * 8 = 24 values are 3 steps of 8 lanes (R27): sums by lane, over the lanes, the same for squares, then the values.
// CHECK-LABEL: func.func private @layer_norm
// CHECK: %[[CUT:.*]] = tensor.expand_shape %{{.*}} output_shape [2, 3, 8] : tensor<48xf32> into tensor<2x3x8xf32>
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "reduction", "parallel"]} ins(%[[CUT]] : tensor<2x3x8xf32>) outs(%{{.*}} : tensor<2x8xf32>)
// CHECK: arith.addf %out, %in
// CHECK: linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]} {{.*}} outs(%{{.*}} : tensor<2xf32>)
// CHECK: arith.addf
// CHECK: arith.constant 2.400000e+01 : f32
// CHECK: arith.divf
// CHECK: linalg.generic {{.*}} ins(%[[CUT]], %{{.*}} : tensor<2x3x8xf32>, tensor<2xf32>)
// CHECK: %[[C:.*]] = arith.subf
// CHECK: math.fma %[[C]], %[[C]], %out
// CHECK: arith.constant 5.000000e-01 : f32
// CHECK: math.sqrt
// CHECK: arith.subf
// CHECK: %[[N:.*]] = arith.mulf
// CHECK: math.fma %[[N]], %
// CHECK: tensor<48xf32> into tensor<2x3x8xf32>
func.func private @layer_norm(%x: tensor<2x3x8xf32>, %s: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %0 = nn.layer_norm %x, %s, %s {axis = 1, epsilon = 0.5 : f32, layer = "norm"} : (tensor<2x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<2x3x8xf32>
  return %0 : tensor<2x3x8xf32>
}

// A window of 5 channels, padded by 2 on each side with zeros; base^0.75 is a product of square roots.
// CHECK-LABEL: func.func private @lrn
// CHECK: tensor.pad %arg0 low[0, 2] high[0, 2] {
// CHECK: } : tensor<1x3xf32> to tensor<1x7xf32>
// CHECK: affine_map<(d0, d1, d2) -> (d0, d1 + d2)>
// CHECK: math.fma %[[X:.*]], %[[X]], %{{.*}} : f32
// CHECK: math.fma
// CHECK: %[[ROOT:.*]] = math.sqrt
// CHECK-NEXT: %[[FOURTH:.*]] = math.sqrt %[[ROOT]]
// CHECK-NEXT: %[[POWER:.*]] = arith.mulf %[[ROOT]], %[[FOURTH]]
// CHECK-NEXT: arith.divf %{{.*}}, %[[POWER]]
func.func private @lrn(%x: tensor<1x3xf32>) -> tensor<1x3xf32> {
  %0 = nn.lrn %x {size = 5, alpha = 1.0e-4 : f32, beta = 0.75 : f32, bias = 1.0 : f32, layer = "lrn"} : (tensor<1x3xf32>) -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

//===----------------------------------------------------------------------===//
// Formats
//===----------------------------------------------------------------------===//

// A division in f32, rounded, no number made 0, saturated to [0 - 10, 255 - 10] before it becomes an integer (R2, R3).
// CHECK-LABEL: func.func private @quantize
// CHECK: ^bb0(%[[X:.*]]: f32, %{{.*}}: i8):
// CHECK-NEXT: %[[SCALE:.*]] = arith.constant 5.000000e-01 : f32
// CHECK-NEXT: %[[STEPS:.*]] = arith.divf %[[X]], %[[SCALE]] : f32
// CHECK-NEXT: %[[ROUNDED:.*]] = math.roundeven %[[STEPS]] : f32
// CHECK-NEXT: %[[IS:.*]] = arith.cmpf ord, %[[ROUNDED]], %[[ROUNDED]] : f32
// CHECK-NEXT: %[[NONE:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-NEXT: %[[NUMBER:.*]] = arith.select %[[IS]], %[[ROUNDED]], %[[NONE]] : f32
// CHECK-NEXT: %[[LOW:.*]] = arith.constant -1.000000e+01 : f32
// CHECK-NEXT: arith.cmpf ogt, %[[NUMBER]], %[[LOW]] : f32
// CHECK-NEXT: %[[MAX:.*]] = arith.select
// CHECK-NEXT: %[[HIGH:.*]] = arith.constant 2.450000e+02 : f32
// CHECK-NEXT: arith.cmpf olt, %[[MAX]], %[[HIGH]] : f32
// CHECK-NEXT: %[[MIN:.*]] = arith.select
// CHECK-NEXT: %[[INTEGER:.*]] = arith.fptosi %[[MIN]] : f32 to i32
// CHECK-NEXT: %[[ZERO:.*]] = arith.constant 10 : i32
// CHECK-NEXT: %[[CODE:.*]] = arith.addi %[[INTEGER]], %[[ZERO]] : i32
// CHECK-NEXT: %[[BYTE:.*]] = arith.trunci %[[CODE]] : i32 to i8
// CHECK-NEXT: linalg.yield %[[BYTE]]
// Half-away rounds as C does; half-up looks at the exact fraction (R1).
// CHECK: math.round %
// CHECK: %[[BELOW:.*]] = math.floor %[[S:.*]] : f32
// CHECK-NEXT: %[[FRACTION:.*]] = arith.subf %[[S]], %[[BELOW]] : f32
// CHECK-NEXT: %[[HALF:.*]] = arith.constant 5.000000e-01 : f32
// CHECK-NEXT: %[[UP:.*]] = arith.cmpf oge, %[[FRACTION]], %[[HALF]] : f32
// CHECK-NEXT: %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK-NEXT: %[[ABOVE:.*]] = arith.addf %[[BELOW]], %[[ONE]] : f32
// CHECK-NEXT: arith.select %[[UP]], %[[ABOVE]], %[[BELOW]] : f32
func.func private @quantize(%x: tensor<2xf32>) -> (tensor<2x!u8>, tensor<2x!u8>, tensor<2x!u8>) {
  %0 = nn.quantize %x {rounding = 0 : i32, layer = "even"} : (tensor<2xf32>) -> tensor<2x!u8>
  %1 = nn.quantize %x {rounding = 1 : i32, layer = "away"} : (tensor<2xf32>) -> tensor<2x!u8>
  %2 = nn.quantize %x {rounding = 2 : i32, layer = "up"} : (tensor<2xf32>) -> tensor<2x!u8>
  return %0, %1, %2 : tensor<2x!u8>, tensor<2x!u8>, tensor<2x!u8>
}

// (code - zero point) * scale (R4); a scale per channel beside the values.
// CHECK-LABEL: func.func private @dequantize
// CHECK: %[[X:.*]] = arith.extui %{{.*}} : i8 to i32
// CHECK-NEXT: %[[ZERO:.*]] = arith.constant 10 : i32
// CHECK-NEXT: %[[C:.*]] = arith.subi %[[X]], %[[ZERO]] : i32
// CHECK-NEXT: %[[R:.*]] = arith.sitofp %[[C]] : i32 to f32
// CHECK-NEXT: %[[SCALE:.*]] = arith.constant 5.000000e-01 : f32
// CHECK-NEXT: arith.mulf %[[R]], %[[SCALE]] : f32
// CHECK: %[[SCALES:.*]] = arith.constant dense<[5.000000e-01, 2.500000e-01]> : tensor<2xf32>
// CHECK: affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d1)>, {{.*}} ins(%arg1, %[[SCALES]] :
// CHECK: arith.extsi
func.func private @dequantize(%x: tensor<2x!u8>, %w: tensor<3x2x!w>) -> (tensor<2xf32>, tensor<3x2xf32>) {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x!u8>) -> tensor<2xf32>
  %1 = nn.dequantize %w {layer = "w"} : (tensor<3x2x!w>) -> tensor<3x2xf32>
  return %0, %1 : tensor<2xf32>, tensor<3x2xf32>
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

// A constant is stored in the order of its layout.
// CHECK-LABEL: func.func private @constant
// CHECK: arith.constant dense<[1, 3, 2, 4]> : tensor<4xi8>
// CHECK: tensor.expand_shape {{.*}} : tensor<4xi8> into tensor<2x2xi8>
func.func private @constant() -> tensor<2x2x!u8, #fixed.layout<[1, 0]>> {
  %0 = nn.constant {value = dense<[[1, 2], [3, 4]]> : tensor<2x2xi8>, layer = "k"} : () -> tensor<2x2x!u8, #fixed.layout<[1, 0]>>
  return %0 : tensor<2x2x!u8, #fixed.layout<[1, 0]>>
}

// CHECK-LABEL: func.func private @reshape
// CHECK-NEXT: %[[FLAT:.*]] = tensor.collapse_shape %arg0 {{\[}}[0, 1]] : tensor<2x3xi8> into tensor<6xi8>
// CHECK-NEXT: tensor.expand_shape %[[FLAT]] {{\[}}[0, 1, 2]] output_shape [1, 3, 2]
func.func private @reshape(%x: tensor<2x3x!u8>) -> tensor<1x3x2x!u8> {
  %0 = nn.reshape %x {layer = "r"} : (tensor<2x3x!u8>) -> tensor<1x3x2x!u8>
  return %0 : tensor<1x3x2x!u8>
}

// A transpose copies, unless the layouts say that the values already lie so.
// CHECK-LABEL: func.func private @transpose
// CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>, affine_map<(d0, d1) -> (d0, d1)>]
// CHECK-NOT: linalg.generic
// CHECK: return %{{.*}}, %arg1
func.func private @transpose(%x: tensor<2x3xf32>, %y: tensor<2x3xf32, #fixed.layout<[1, 0]>>) -> (tensor<3x2xf32>, tensor<3x2xf32>) {
  %0 = nn.transpose %x {permutation = array<i64: 1, 0>, layer = "t"} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = nn.transpose %y {permutation = array<i64: 1, 0>, layer = "u"} : (tensor<2x3xf32, #fixed.layout<[1, 0]>>) -> tensor<3x2xf32>
  return %0, %1 : tensor<3x2xf32>, tensor<3x2xf32>
}

// One channel may stand anywhere: nothing moves. Two channels do.
// CHECK-LABEL: func.func private @relayout
// CHECK-NEXT: tensor.collapse_shape %arg0
// CHECK-NEXT: tensor.expand_shape {{.*}} into tensor<1x4x5x1xf32>
// CHECK: linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3) -> (d0, d3, d1, d2)>, affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>]
func.func private @relayout(%x: tensor<1x1x4x5xf32>, %y: tensor<1x2x4x5xf32>) -> (tensor<1x1x4x5xf32, #nhwc>, tensor<1x2x4x5xf32, #nhwc>) {
  %0 = fixed.relayout %x {layer = "x"} : (tensor<1x1x4x5xf32>) -> tensor<1x1x4x5xf32, #nhwc>
  %1 = fixed.relayout %y {layer = "y"} : (tensor<1x2x4x5xf32>) -> tensor<1x2x4x5xf32, #nhwc>
  return %0, %1 : tensor<1x1x4x5xf32, #nhwc>, tensor<1x2x4x5xf32, #nhwc>
}

// Forward steps are a part of the tensor, backward steps a lookup. A first part keeps its own extent.
// CHECK-LABEL: func.func private @slice
// CHECK: tensor.extract_slice %arg0[1] [2] [2] : tensor<5xf32> to tensor<2xf32>
// CHECK: %[[I:.*]] = linalg.index 0 : index
// CHECK-NEXT: %[[STEP:.*]] = arith.constant -2 : index
// CHECK-NEXT: %[[START:.*]] = arith.constant 4 : index
// CHECK-NEXT: %[[BACK:.*]] = arith.muli %[[I]], %[[STEP]] : index
// CHECK-NEXT: %[[AT:.*]] = arith.addi %[[BACK]], %[[START]] : index
// CHECK-NEXT: tensor.extract %arg0[%[[AT]]]
func.func private @slice(%x: tensor<5xf32>) -> (tensor<2xf32>, tensor<3xf32>) {
  %0 = nn.slice %x {starts = array<i64: 1>, steps = array<i64: 2>, layer = "forward"} : (tensor<5xf32>) -> tensor<2xf32>
  %1 = nn.slice %x {starts = array<i64: 4>, steps = array<i64: -2>, layer = "backward"} : (tensor<5xf32>) -> tensor<3xf32>
  return %0, %1 : tensor<2xf32>, tensor<3xf32>
}

// CHECK-LABEL: func.func private @first_part
// CHECK: %[[PART:.*]] = tensor.extract_slice %arg0[0, 0] [2, 4] [1, 1] : tensor<2x8xf32> to tensor<2x4xf32>
// CHECK: linalg.generic {{.*}} ins(%[[PART]] : tensor<2x4xf32>) outs(%{{.*}} : tensor<2x4xf32>)
func.func private @first_part(%x: tensor<2x8xf32>) -> tensor<2x4xf32> {
  %0 = nn.slice %x {starts = array<i64: 0, 0>, steps = array<i64: 1, 1>, layer = "first"} : (tensor<2x8xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// The value of a pad is expressed: 1.0 is the code 12. Places follow the layout.
// CHECK-LABEL: func.func private @pad
// CHECK: %[[V:.*]] = arith.constant 12 : i8
// CHECK: tensor.pad %arg0 low[0, 1, 2] high[0, 1, 1] {
// CHECK: tensor.yield %[[V]] : i8
// CHECK-NEXT: } : tensor<1x1x3xi8> to tensor<1x3x6xi8>
func.func private @pad(%x: tensor<1x3x1x!u8, #fixed.layout<[0, 2, 1]>>) -> tensor<1x6x3x!u8, #fixed.layout<[0, 2, 1]>> {
  %0 = nn.pad %x {low = array<i64: 0, 2, 1>, high = array<i64: 0, 1, 1>, value = 1.0 : f32, layer = "p"} : (tensor<1x3x1x!u8, #fixed.layout<[0, 2, 1]>>) -> tensor<1x6x3x!u8, #fixed.layout<[0, 2, 1]>>
  return %0 : tensor<1x6x3x!u8, #fixed.layout<[0, 2, 1]>>
}

// CHECK-LABEL: func.func private @concat
// CHECK: %[[A:.*]] = tensor.insert_slice %arg0 into %{{.*}}[0, 0, 0] [1, 4, 2] [1, 1, 1] : tensor<1x4x2xf32> into tensor<1x4x5xf32>
// CHECK: tensor.insert_slice %arg1 into %[[A]][0, 0, 2] [1, 4, 3] [1, 1, 1] : tensor<1x4x3xf32> into tensor<1x4x5xf32>
func.func private @concat(%x: tensor<1x2x4xf32, #fixed.layout<[0, 2, 1]>>, %y: tensor<1x3x4xf32, #fixed.layout<[0, 2, 1]>>) -> tensor<1x5x4xf32, #fixed.layout<[0, 2, 1]>> {
  %0 = nn.concat %x, %y {axis = 1, layer = "c"} : (tensor<1x2x4xf32, #fixed.layout<[0, 2, 1]>>, tensor<1x3x4xf32, #fixed.layout<[0, 2, 1]>>) -> tensor<1x5x4xf32, #fixed.layout<[0, 2, 1]>>
  return %0 : tensor<1x5x4xf32, #fixed.layout<[0, 2, 1]>>
}

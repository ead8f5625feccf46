// Layers with a lowering become fixed.contract, with weights and biases packed as the kernel reads them: [groups, blocks, kernel rows,
// steps, lanes, codes], zero where the layer has no more. Kernels of 8 lanes keep the numbers few.
// RUN: quantization-opt %s --convert-nn-to-linalg --mlir-print-local-scope --mlir-print-elementsattrs-with-hex-if-larger=-1 | FileCheck %s
// RUN: quantization-opt %s --convert-nn-to-linalg | FileCheck %s --check-prefix=RESOURCES

!u8 = !quant.uniform<u8:f32, 0.5:10>
!u8_0 = !quant.uniform<u8:f32, 0.5>
!i8 = !quant.uniform<i8:f32, 0.5:-3>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>
!sign = !quant.uniform<i2<-1:1>:f32, 0.5>
#nhwc = #fixed.layout<[0, 2, 3, 1]>
#hwio = #fixed.layout<[2, 3, 1, 0]>
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "alderlake", features = "">} {

// One channel and 3 columns, where a step has 4 codes: a fourth column without weights, which the input gets too. The padding is the
// zero point 10; it folds into the bias: 5 - 10 * (1 + 2 + 3) and -7 + 10 * (1 + 2 + 4) (R9). Bytes are read as they are.
// CHECK-LABEL: func.func private @widened_kernel
// CHECK-SAME: %[[X:.*]]: tensor<1x3x3x1xi8>
// CHECK: %[[ZERO:.*]] = arith.constant 10 : i8
// CHECK: %[[PADDED:.*]] = tensor.pad %[[X]] low[0, 0, 1, 0] high[0, 0, 2, 0] {
// CHECK: tensor.yield %[[ZERO]] : i8
// CHECK-NEXT: } : tensor<1x3x3x1xi8> to tensor<1x3x6x1xi8>
// CHECK-DAG: %[[B:.*]] = arith.constant dense<[-55, 63, 0, 0, 0, 0, 0, 0]> : tensor<8xi32>
// CHECK-DAG: %[[FLAT:.*]] = arith.constant dense<[1, 2, 3, 0, -1, -2, -4{{((, 0){25})}}]> : tensor<32xi8>
// CHECK-DAG: %[[W:.*]] = tensor.expand_shape %[[FLAT]] {{.*}} : tensor<32xi8> into tensor<1x1x1x1x8x4xi8>
// CHECK: %[[E:.*]] = tensor.empty() : tensor<1x3x3x2xi32>
// CHECK: %[[Y:.*]] = "fixed.contract"(%[[PADDED]], %[[W]], %[[B]], %[[E]]) <{columns = 3 : i64, dilations = array<i64: 1, 1>, groups = 1 : i64, kernel = array<i64: 1, 4>, layer = "conv", lowering = "vnni256", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>, strides = array<i64: 1, 1>}> ({
// CHECK-NEXT: ^bb0(%[[A:.*]]: i32):
// CHECK-NEXT: fixed.yield %[[A]] : i32
// CHECK: return %[[Y]]
func.func private @widened_kernel(%x: tensor<1x1x3x3x!u8, #nhwc>) -> tensor<1x2x3x3xi32, #nhwc> {
  %w = nn.constant {value = dense<[[[[1, 2, 3]]], [[[-1, -2, -4]]]]> : tensor<2x1x1x3xi8>, layer = "w"} : () -> tensor<2x1x1x3x!w, #hwio>
  %b = nn.constant {value = dense<[5, -7]> : tensor<2xi32>, layer = "b"} : () -> tensor<2xi32>
  %0 = nn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 1, 0, 1>, dilations = array<i64: 1, 1>, groups = 1, lowering = "vnni256", layer = "conv"} : (tensor<1x1x3x3x!u8, #nhwc>, tensor<2x1x1x3x!w, #hwio>, tensor<2xi32>) -> tensor<1x2x3x3xi32, #nhwc>
  return %0 : tensor<1x2x3x3xi32, #nhwc>
}

// 2 columns of 3 channels are 6 values in 2 steps of 4: 1 3 5 2, and 5 2 4 6, of which the first two had their turn. Signed codes are
// moved up by 128 for vpdpbusd, the zero point with them: 125, and a bias of -125 * 23. Two kernel rows follow each other.
// CHECK-LABEL: func.func private @last_step_overlaps
// CHECK: %[[BYTES:.*]] = linalg.generic {{.*}} ins(%arg0 : tensor<1x3x3x3xi8>)
// CHECK-NEXT: ^bb0(%[[IN:.*]]: i8, %{{.*}}: i8):
// CHECK-NEXT: %[[TOP:.*]] = arith.constant -128 : i8
// CHECK-NEXT: %[[FLIPPED:.*]] = arith.xori %[[IN]], %[[TOP]] : i8
// CHECK-NEXT: linalg.yield %[[FLIPPED]] : i8
// CHECK: %[[ZERO:.*]] = arith.constant 125 : i8
// CHECK: tensor.pad %[[BYTES]] low[0, 0, 0, 0] high[0, 1, 0, 0] {
// CHECK: tensor.yield %[[ZERO]] : i8
// CHECK: arith.constant dense<[-2875, 0, 0, 0, 0, 0, 0, 0]> : tensor<8xi32>
// CHECK: arith.constant dense<[1, 3, 5, 2{{((, 0){28})}}, 0, 0, 4, 6{{((, 0){28})}}, 1, 0, 0, 0{{((, 0){28})}}, 0, 0, 0, 1{{((, 0){28})}}]> : tensor<128xi8>
// CHECK: "fixed.contract"{{.*}} kernel = array<i64: 2, 2>
// CHECK: (tensor<1x4x3x3xi8>, tensor<1x1x2x2x8x4xi8>, tensor<8xi32>, tensor<1x3x2x1xi32>) -> tensor<1x3x2x1xi32>
func.func private @last_step_overlaps(%x: tensor<1x3x3x3x!i8, #nhwc>) -> tensor<1x1x3x2xi32, #nhwc> {
  %w = nn.constant {value = dense<[[[[1, 2], [1, 0]], [[3, 4], [0, 0]], [[5, 6], [0, 1]]]]> : tensor<1x3x2x2xi8>, layer = "w"} : () -> tensor<1x3x2x2x!w, #hwio>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 1, 0>, dilations = array<i64: 1, 1>, groups = 1, lowering = "vnni256", layer = "conv"} : (tensor<1x3x3x3x!i8, #nhwc>, tensor<1x3x2x2x!w, #hwio>) -> tensor<1x1x3x2xi32, #nhwc>
  return %0 : tensor<1x1x3x2xi32, #nhwc>
}

// Pairs are read in 16 bits. Three channels are 2 steps of 2: 1 2, and 2 3, of which 2 had its turn. Nothing is padded.
// CHECK-LABEL: func.func private @pairs
// CHECK: %[[SHORTS:.*]] = linalg.generic {{.*}} ins(%arg0 : tensor<1x2x2x3xi8>) outs(%{{.*}} : tensor<1x2x2x3xi16>)
// CHECK-NEXT: ^bb0(%[[IN:.*]]: i8, %{{.*}}: i16):
// CHECK-NEXT: %[[WIDE:.*]] = arith.extui %[[IN]] : i8 to i16
// CHECK-NEXT: linalg.yield %[[WIDE]] : i16
// CHECK-NOT: tensor.pad
// CHECK: arith.constant dense<[-60, -150, 0, 0, 0, 0, 0, 0]> : tensor<8xi32>
// CHECK: arith.constant dense<[1, 2, 4, 5{{((, 0){12})}}, 0, 3, 0, 6{{((, 0){12})}}]> : tensor<32xi8>
// CHECK: "fixed.contract"(%[[SHORTS]], {{.*}} strides = array<i64: 2, 1>
// CHECK: (tensor<1x2x2x3xi16>, tensor<1x1x1x2x8x2xi8>, tensor<8xi32>, tensor<1x1x2x2xi32>) -> tensor<1x1x2x2xi32>
func.func private @pairs(%x: tensor<1x3x2x2x!u8, #nhwc>) -> tensor<1x2x1x2xi32, #nhwc> {
  %w = nn.constant {value = dense<[[[[1]], [[2]], [[3]]], [[[4]], [[5]], [[6]]]]> : tensor<2x3x1x1xi8>, layer = "w"} : () -> tensor<2x3x1x1x!w, #hwio>
  %0 = nn.conv %x, %w {strides = array<i64: 2, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, lowering = "madd256", layer = "conv"} : (tensor<1x3x2x2x!u8, #nhwc>, tensor<2x3x1x1x!w, #hwio>) -> tensor<1x2x1x2xi32, #nhwc>
  return %0 : tensor<1x2x1x2xi32, #nhwc>
}

// In groups, the columns of a kernel row are apart: each has steps of its own. So have the groups' biases. A zero point of 0 changes none.
// CHECK-LABEL: func.func private @groups
// CHECK: arith.constant dense<[10, 0, 0, 0, 0, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0]> : tensor<16xi32>
// CHECK: arith.constant dense<[1, 3{{((, 0){14})}}, 2, 4{{((, 0){14})}}, 5, 7{{((, 0){14})}}, 6, 8{{((, 0){14})}}]> : tensor<64xi8>
// CHECK: "fixed.contract"{{.*}} groups = 2 : i64, kernel = array<i64: 1, 2>
// CHECK: (tensor<1x2x3x4xi16>, tensor<2x1x1x2x8x2xi8>, tensor<16xi32>, tensor<1x2x2x2xi32>) -> tensor<1x2x2x2xi32>
func.func private @groups(%x: tensor<1x4x2x3x!u8_0, #nhwc>) -> tensor<1x2x2x2xi32, #nhwc> {
  %w = nn.constant {value = dense<[[[[1, 2]], [[3, 4]]], [[[5, 6]], [[7, 8]]]]> : tensor<2x2x1x2xi8>, layer = "w"} : () -> tensor<2x2x1x2x!w, #hwio>
  %b = nn.constant {value = dense<[10, 20]> : tensor<2xi32>, layer = "b"} : () -> tensor<2xi32>
  %0 = nn.conv %x, %w, %b {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 2, lowering = "madd256", layer = "conv"} : (tensor<1x4x2x3x!u8_0, #nhwc>, tensor<2x2x1x2x!w, #hwio>, tensor<2xi32>) -> tensor<1x2x2x2xi32, #nhwc>
  return %0 : tensor<1x2x2x2xi32, #nhwc>
}

// So they are where the kernel is dilated along the row: 1 3, 5, then 2 4, 6. Neither a bias nor a zero point: no bias.
// CHECK-LABEL: func.func private @dilated
// CHECK-NOT: tensor<8xi32>
// CHECK: arith.constant dense<[1, 3{{((, 0){14})}}, 0, 5{{((, 0){14})}}, 2, 4{{((, 0){14})}}, 0, 6{{((, 0){14})}}]> : tensor<64xi8>
// CHECK: "fixed.contract"(%{{[^,]*}}, %{{[^,]*}}, %{{[^,]*}}) <{dilations = array<i64: 1, 2>, {{.*}}kernel = array<i64: 1, 2>, {{.*}}operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>
// CHECK: (tensor<1x2x3x3xi16>, tensor<1x1x1x4x8x2xi8>, tensor<1x2x1x1xi32>) -> tensor<1x2x1x1xi32>
func.func private @dilated(%x: tensor<1x3x2x3x!u8_0, #nhwc>) -> tensor<1x1x2x1xi32, #nhwc> {
  %w = nn.constant {value = dense<[[[[1, 2]], [[3, 4]], [[5, 6]]]]> : tensor<1x3x1x2xi8>, layer = "w"} : () -> tensor<1x3x1x2x!w, #hwio>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 2>, groups = 1, lowering = "madd256", layer = "conv"} : (tensor<1x3x2x3x!u8_0, #nhwc>, tensor<1x3x1x2x!w, #hwio>) -> tensor<1x1x2x1xi32, #nhwc>
  return %0 : tensor<1x1x2x1xi32, #nhwc>
}

// Floats, one spatial dimension: steps of one value, columns before channels. The bias lies as it is.
// CHECK-LABEL: func.func private @float_conv
// CHECK: arith.constant 0.000000e+00 : f32
// CHECK: tensor.pad %arg0 low[0, 0, 0] high[0, 1, 0] {
// CHECK: arith.constant dense<[1.000000e+00, 5.000000e+00{{((, 0\.000000e\+00){6})}}, 3.000000e+00, 7.000000e+00{{((, 0\.000000e\+00){6})}}, 2.000000e+00, 6.000000e+00{{((, 0\.000000e\+00){6})}}, 4.000000e+00, 8.000000e+00{{((, 0\.000000e\+00){6})}}]> : tensor<32xf32>
// CHECK: arith.constant dense<[5.000000e-01, 2.500000e-01{{((, 0\.000000e\+00){6})}}]> : tensor<8xf32>
// CHECK: "fixed.contract"{{.*}} kernel = array<i64: 2>, layer = "conv", lowering = "fma256"
// CHECK: (tensor<1x5x2xf32>, tensor<1x1x1x4x8x1xf32>, tensor<8xf32>, tensor<1x4x2xf32>) -> tensor<1x4x2xf32>
func.func private @float_conv(%x: tensor<1x2x4xf32, #fixed.layout<[0, 2, 1]>>) -> tensor<1x2x4xf32, #fixed.layout<[0, 2, 1]>> {
  %w = nn.constant {value = dense<[[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]> : tensor<2x2x2xf32>, layer = "w"} : () -> tensor<2x2x2xf32, #fixed.layout<[2, 1, 0]>>
  %b = nn.constant {value = dense<[0.5, 0.25]> : tensor<2xf32>, layer = "b"} : () -> tensor<2xf32>
  %0 = nn.conv %x, %w, %b {strides = array<i64: 1>, pads = array<i64: 0, 1>, dilations = array<i64: 1>, groups = 1, lowering = "fma256", layer = "conv"} : (tensor<1x2x4xf32, #fixed.layout<[0, 2, 1]>>, tensor<2x2x2xf32, #fixed.layout<[2, 1, 0]>>, tensor<2xf32>) -> tensor<1x2x4xf32, #fixed.layout<[0, 2, 1]>>
  return %0 : tensor<1x2x4xf32, #fixed.layout<[0, 2, 1]>>
}

// A matrix lies [input, output]: its columns are the lanes. Nothing stands around it, and the kernel has no dimensions. 5 channels are
// 1 2 3 4, and 2 3 4 5, of which 5 is new; 4 - 10 * 15 and -10 * 7.
// CHECK-LABEL: func.func private @matmul
// CHECK: arith.constant dense<[-146, -70, 0, 0, 0, 0, 0, 0]> : tensor<8xi32>
// CHECK: arith.constant dense<[1, 2, 3, 4, 0, 0, 0, 0{{((, 0){24})}}, 0, 0, 0, 5, 0, 0, 0, 7{{((, 0){24})}}]> : tensor<64xi8>
// CHECK: "fixed.contract"(%arg0, {{.*}} <{dilations = array<i64>, groups = 1 : i64, kernel = array<i64>, {{.*}}strides = array<i64>}>
// CHECK: (tensor<3x2x5xi8>, tensor<1x1x1x2x8x4xi8>, tensor<8xi32>, tensor<3x2x2xi32>) -> tensor<3x2x2xi32>
func.func private @matmul(%x: tensor<3x2x5x!u8>) -> tensor<3x2x2xi32> {
  %w = nn.constant {value = dense<[[1, 0], [2, 0], [3, 0], [4, 0], [5, 7]]> : tensor<5x2xi8>, layer = "w"} : () -> tensor<5x2x!w>
  %b = nn.constant {value = dense<[4, 0]> : tensor<2xi32>, layer = "b"} : () -> tensor<2xi32>
  %0 = nn.matmul %x, %w, %b {lowering = "vnni256", layer = "fc"} : (tensor<3x2x5x!u8>, tensor<5x2x!w>, tensor<2xi32>) -> tensor<3x2x2xi32>
  return %0 : tensor<3x2x2xi32>
}

// 72 channels and one position: a step of 5 vectors takes no longer than one of 1, and two blocks of 40 lanes hold them. The last 8 are
// none. Constants of this size stand in hexadecimal at the end: 72 times 2 and 3, 8 times 0.
// CHECK-LABEL: func.func private @blocks
// CHECK: (tensor<1x1xf32>, tensor<1x2x1x1x40x1xf32>, tensor<80xf32>, tensor<1x72xf32>) -> tensor<1x72xf32>
// RESOURCES: "0x40000000{{((00000040){72}(00000000){8})}}"
// RESOURCES: "0x40000000{{((00004040){72}(00000000){8})}}"
func.func private @blocks(%x: tensor<1x1xf32>) -> tensor<1x72xf32> {
  %w = nn.constant {value = dense<2.0> : tensor<1x72xf32>, layer = "w"} : () -> tensor<1x72xf32>
  %b = nn.constant {value = dense<3.0> : tensor<72xf32>, layer = "b"} : () -> tensor<72xf32>
  %0 = nn.matmul %x, %w, %b {lowering = "fma256", layer = "fc"} : (tensor<1x1xf32>, tensor<1x72xf32>, tensor<72xf32>) -> tensor<1x72xf32>
  return %0 : tensor<1x72xf32>
}

// Two computed operands: the second is packed while the network runs, a matrix at a time. Both come without their zero points and in 16
// bits; 3 values of a row are filled up to 2 steps of 2, and 5 columns to a block of 8, with zeros.
// CHECK-LABEL: func.func private @two_matrices
// CHECK: linalg.generic {{.*}} ins(%arg0 : tensor<2x3x3xi8>) outs(%{{.*}} : tensor<2x3x3xi16>)
// CHECK: arith.extui %{{.*}} : i8 to i16
// CHECK: arith.subi
// CHECK: tensor.pad %{{.*}} low[0, 0, 0] high[0, 0, 1]
// CHECK: linalg.generic {{.*}} ins(%arg1 : tensor<2x3x5xi8>) outs(%{{.*}} : tensor<2x3x5xi16>)
// CHECK: tensor.pad %{{.*}} low[0, 0, 0] high[0, 1, 3]
// CHECK: %[[W:.*]] = linalg.generic {indexing_maps = [affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d3 * 2 + d5, d1 * 8 + d4)>, affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d3, d4, d5)>]
// CHECK: "fixed.contract"(%{{.*}}, %[[W]], %{{.*}}) <{dilations = array<i64>, groups = 1 : i64, kernel = array<i64>
// CHECK: (tensor<2x3x4xi16>, tensor<2x1x1x2x8x2xi16>, tensor<2x3x5xi32>) -> tensor<2x3x5xi32>
func.func private @two_matrices(%x: tensor<2x3x3x!u8>, %y: tensor<2x3x5x!i8>) -> tensor<2x3x5xi32> {
  %0 = nn.matmul %x, %y {lowering = "madd256", layer = "product"} : (tensor<2x3x3x!u8>, tensor<2x3x5x!i8>) -> tensor<2x3x5xi32>
  return %0 : tensor<2x3x5xi32>
}

// A vector by weights of 1 and -1: 9 values are filled up with zeros, whatever the zero point, to two steps of 8. Of 4 values there are 8
// words of sums: the last two values count in words where theirs is a bit of the number, the first two in bytes. A weight of -1 is a bit, and
// the bytes of 4 vectors are interleaved: the second channel is lane 1 of the first. Zero points are in the biases as always (90 and -90), and
// with them the sum of all values.
// CHECK-LABEL: func.func private @sums_of_values
// CHECK: tensor.pad %arg0 low[0, 0] high[0, 7]
// CHECK: %[[GROUPS:.*]] = tensor.expand_shape %{{.*}} : tensor<1x16xi8> into tensor<1x4x4xi8>
// CHECK: %[[TABLES:.*]] = linalg.generic {{.*}}(d0, d1, 0){{.*}}(d0, d1, 1){{.*}}(d0, d1, 2){{.*}}(d0, d1, 3){{.*}} outs(%{{.*}} : tensor<1x4x8xi32>)
// CHECK: linalg.index 2
// CHECK: %[[CODES:.*]] = tensor.collapse_shape %[[TABLES]] {{.*}} into tensor<1x32xi32>
// CHECK-DAG: arith.constant dense<[90, -90{{((, 0){30})}}]> : tensor<32xi32>
// CHECK-DAG: arith.constant dense<[-1{{((, 0){31})}}, 1{{((, 0){31})}}]> : tensor<64xi8>
// CHECK: %[[SUM:.*]] = linalg.generic {{.*}}iterator_types = ["parallel", "reduction"]} ins(%{{.*}} : tensor<1x16xi8>) outs(%{{.*}} : tensor<1xi32>)
// CHECK: %[[B:.*]] = linalg.generic {{.*}} ins(%[[SUM]], %{{.*}} : tensor<1xi32>, tensor<32xi32>) outs(%{{.*}} : tensor<32xi32>)
// CHECK: "fixed.contract"(%[[CODES]], %{{.*}}, %[[B]], %{{.*}}) <{channels = 9 : i64, {{.*}}lowering = "subsets256", {{.*}}packing = 16 : i64
// CHECK: (tensor<1x32xi32>, tensor<1x1x1x2x32x1xi8>, tensor<32xi32>, tensor<1x2xi32>) -> tensor<1x2xi32>
func.func private @sums_of_values(%x: tensor<1x9x!u8>) -> tensor<1x2xi32> {
  %w = nn.constant {value = dense<[[-1, 1], [-1, 1], [-1, 1], [-1, 1], [-1, 1], [-1, 1], [-1, 1], [-1, 1], [-1, 1]]> : tensor<9x2xi8>, layer = "w"} : () -> tensor<9x2x!sign>
  %0 = nn.matmul %x, %w {lowering = "subsets256", layer = "fc"} : (tensor<1x9x!u8>, tensor<9x2x!sign>) -> tensor<1x2xi32>
  return %0 : tensor<1x2xi32>
}
}

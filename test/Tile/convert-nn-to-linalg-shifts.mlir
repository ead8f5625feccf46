// With the lowering "shift" a weight that is a power of two is an exponent and a sign: the loop shifts, masks, subtracts and adds.
// RUN: quantization-opt %s --convert-nn-to-linalg --mlir-print-local-scope | FileCheck %s --implicit-check-not=arith.muli

!x = !quant.uniform<i8:f32, 0.5>
!w = !quant.uniform<i8<-64:64>:f32, 0.5>
!b = !quant.uniform<i2<-1:1>:f32, 0.5>

// 4, -1, 0 and 64: 64 says that a weight is not 0, 128 that it is negative, what is left is the exponent.
// CHECK-LABEL: func.func private @powers
// CHECK: arith.constant dense<[66, -64, 0, 70]> : tensor<4xi8>
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "reduction", "parallel"]
// CHECK-NEXT: ^bb0(%[[A:.*]]: i8, %[[B:.*]]: i8, %[[C:.*]]: i32):
// CHECK-NEXT: %[[X:.*]] = arith.extsi %[[A]] : i8 to i32
// CHECK-NEXT: %[[CODE:.*]] = arith.extsi %[[B]] : i8 to i32
// CHECK: %[[SIGN:.*]] = arith.shrsi %[[CODE]], %{{.*}} : i32
// CHECK: %[[EXPONENT:.*]] = arith.andi %[[CODE]], %{{.*}} : i32
// CHECK-NEXT: %[[SHIFTED:.*]] = arith.shli %[[X]], %[[EXPONENT]] : i32
// CHECK: %[[MASK:.*]] = arith.shrsi %{{.*}}, %{{.*}} : i32
// CHECK-NEXT: %[[MASKED:.*]] = arith.andi %[[SHIFTED]], %[[MASK]] : i32
// CHECK-NEXT: %[[FLIPPED:.*]] = arith.xori %[[MASKED]], %[[SIGN]] : i32
// CHECK-NEXT: %[[P:.*]] = arith.subi %[[FLIPPED]], %[[SIGN]] : i32
// CHECK-NEXT: %[[S:.*]] = arith.addi %[[C]], %[[P]] : i32
// CHECK-NEXT: linalg.yield %[[S]]
func.func private @powers(%x: tensor<1x2x!x>) -> tensor<1x2xi32> {
  %w = nn.constant {value = dense<[[4, -1], [0, 64]]> : tensor<2x2xi8>, layer = "w"} : () -> tensor<2x2x!w>
  %0 = nn.matmul %x, %w {layer = "fc", lowering = "shift"} : (tensor<1x2x!x>, tensor<2x2x!w>) -> tensor<1x2xi32>
  return %0 : tensor<1x2xi32>
}

// Of 1 and -1 only the sign is left, in the memory order of the weights.
// CHECK-LABEL: func.func private @signs
// CHECK: arith.constant dense<[0, -1, -1, 0]> : tensor<4xi8>
// CHECK: linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction", "parallel"]
// CHECK-NEXT: ^bb0(%[[A:.*]]: i8, %[[B:.*]]: i8, %[[C:.*]]: i32):
// CHECK-NEXT: %[[X:.*]] = arith.extsi %[[A]] : i8 to i32
// CHECK-NEXT: %[[SIGN:.*]] = arith.extsi %[[B]] : i8 to i32
// CHECK-NEXT: %[[FLIPPED:.*]] = arith.xori %[[X]], %[[SIGN]] : i32
// CHECK-NEXT: %[[P:.*]] = arith.subi %[[FLIPPED]], %[[SIGN]] : i32
// CHECK-NEXT: %[[S:.*]] = arith.addi %[[C]], %[[P]] : i32
func.func private @signs(%x: tensor<1x2x4x4x!x, #fixed.layout<[0, 2, 3, 1]>>) -> tensor<1x2x4x4xi32, #fixed.layout<[0, 2, 3, 1]>> {
  %w = nn.constant {value = dense<[[[[1]], [[-1]]], [[[-1]], [[1]]]]> : tensor<2x2x1x1xi8>, layer = "w"} : () -> tensor<2x2x1x1x!b, #fixed.layout<[2, 3, 1, 0]>>
  %0 = nn.conv %x, %w {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1, layer = "conv", lowering = "shift"} : (tensor<1x2x4x4x!x, #fixed.layout<[0, 2, 3, 1]>>, tensor<2x2x1x1x!b, #fixed.layout<[2, 3, 1, 0]>>) -> tensor<1x2x4x4xi32, #fixed.layout<[0, 2, 3, 1]>>
  return %0 : tensor<1x2x4x4xi32, #fixed.layout<[0, 2, 3, 1]>>
}

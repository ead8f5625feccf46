// RUN: quantization-opt %s --expand-packing | FileCheck %s

// Field f of byte j is code j + 2 f: the second loop has one code less, and the fields of the last byte are three.
// CHECK-LABEL: func.func @odd
// CHECK-DAG: %[[A:.*]] = tensor.extract_slice %arg0[0, 0] [3, 1] [1, 1]
// CHECK-DAG: %[[B:.*]] = tensor.extract_slice %arg0[0, 2] [3, 1] [1, 1]
// CHECK-DAG: %[[C:.*]] = tensor.extract_slice %arg0[0, 4] [3, 1] [1, 1]
// CHECK-DAG: %[[D:.*]] = tensor.extract_slice %arg0[0, 6] [3, 1] [1, 1]
// CHECK: linalg.generic {{.*}} ins(%[[A]], %[[B]], %[[C]], %[[D]] :
// CHECK: %[[LOW:.*]] = arith.subi %{{.*}}, %c-1_i8
// CHECK: arith.shli %{{.*}}, %c2_i8
// CHECK: arith.shli %{{.*}}, %c4_i8
// CHECK: arith.shli %{{.*}}, %c6_i8
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 0] [3, 1] [1, 1]
// CHECK-DAG: tensor.extract_slice %arg0[0, 1] [3, 1] [1, 1]
// CHECK-DAG: tensor.extract_slice %arg0[0, 3] [3, 1] [1, 1]
// CHECK-DAG: tensor.extract_slice %arg0[0, 5] [3, 1] [1, 1]
// CHECK: linalg.generic
// CHECK-NOT: %c6_i8
// CHECK: %[[P:.*]] = tensor.insert_slice %{{.*}} into %{{.*}}[0, 1] [3, 1] [1, 1]
// CHECK: linalg.generic {{.*}} ins(%[[P]] :
// CHECK: %[[F:.*]] = arith.andi %{{.*}}, %c3_i8
// CHECK: arith.addi %[[F]], %c-1_i8
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 0] [3, 2] [1, 1]
// CHECK: arith.shrui %{{.*}}, %c2_i8
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 2] [3, 2] [1, 1]
// CHECK: arith.shrui %{{.*}}, %c4_i8
// CHECK: arith.andi
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[0, 4] [3, 2] [1, 1]
// CHECK: %[[HALF:.*]] = tensor.extract_slice %[[P]][0, 0] [3, 1] [1, 1]
// CHECK: linalg.generic {{.*}} ins(%[[HALF]] :
// CHECK: arith.shrui %{{.*}}, %c6_i8
// CHECK-NOT: arith.andi
// CHECK: %[[U:.*]] = tensor.insert_slice %{{.*}} into %{{.*}}[0, 6] [3, 1] [1, 1]
// CHECK: return %[[P]], %[[U]]
func.func @odd(%x: tensor<3x7xi8>) -> (tensor<3x2xi8>, tensor<3x7xi8>) {
  %0 = fixed.pack_values %x {bits = 2 : i64, least = -1 : i64, layer = "y"} : (tensor<3x7xi8>) -> tensor<3x2xi8>
  %1 = fixed.unpack_values %0 {bits = 2 : i64, least = -1 : i64, layer = "y"} : (tensor<3x2xi8>) -> tensor<3x7xi8>
  return %0, %1 : tensor<3x2xi8>, tensor<3x7xi8>
}

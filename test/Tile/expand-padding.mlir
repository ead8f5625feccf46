// RUN: quantization-opt %s --expand-padding | FileCheck %s

// Strips that do not overlap: whole rows above and below, then what is left at the sides, then the value itself.
// CHECK-LABEL: func.func @around
// CHECK: %[[Z:.*]] = arith.constant 7 : i8
// CHECK: %[[E:.*]] = tensor.empty() : tensor<1x5x6x2xi8>
// CHECK: %[[S1:.*]] = tensor.extract_slice %[[E]][0, 0, 0, 0] [1, 1, 6, 2] [1, 1, 1, 1]
// CHECK: %[[F1:.*]] = linalg.fill ins(%[[Z]] : i8) outs(%[[S1]]
// CHECK: %[[I1:.*]] = tensor.insert_slice %[[F1]] into %[[E]][0, 0, 0, 0] [1, 1, 6, 2] [1, 1, 1, 1]
// CHECK: tensor.extract_slice %[[I1]][0, 4, 0, 0] [1, 1, 6, 2] [1, 1, 1, 1]
// CHECK: tensor.extract_slice %{{.*}}[0, 1, 0, 0] [1, 3, 2, 2] [1, 1, 1, 1]
// CHECK: tensor.extract_slice %{{.*}}[0, 1, 5, 0] [1, 3, 1, 2] [1, 1, 1, 1]
// CHECK-NOT: tensor.extract_slice
// CHECK: %[[P:.*]] = tensor.insert_slice %arg0 into %{{.*}}[0, 1, 2, 0] [1, 3, 3, 2] [1, 1, 1, 1]
// CHECK: return %[[P]]
func.func @around(%x: tensor<1x3x3x2xi8>) -> tensor<1x5x6x2xi8> {
  %z = arith.constant 7 : i8
  %0 = tensor.pad %x low[0, 1, 2, 0] high[0, 1, 1, 0] {
  ^bb0(%a: index, %b: index, %c: index, %d: index):
    tensor.yield %z : i8
  } : tensor<1x3x3x2xi8> to tensor<1x5x6x2xi8>
  return %0 : tensor<1x5x6x2xi8>
}

// Nothing before: no strip there.
// CHECK-LABEL: func.func @behind
// CHECK: tensor.extract_slice %{{.*}}[3] [1] [1]
// CHECK-NOT: linalg.fill {{.*}}linalg.fill
// CHECK: tensor.insert_slice %arg0 into %{{.*}}[0] [3] [1]
func.func @behind(%x: tensor<3xf32>) -> tensor<4xf32> {
  %z = arith.constant 0.0 : f32
  %0 = tensor.pad %x low[0] high[1] {
  ^bb0(%a: index):
    tensor.yield %z : f32
  } : tensor<3xf32> to tensor<4xf32>
  return %0 : tensor<4xf32>
}

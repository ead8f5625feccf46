// Nothing is wrong with contractions that are better left whole: one row, two readers, another order, no reader of values.
// RUN: quantization-opt %s --tile-and-fuse --verify-diagnostics -o %t.mlir && FileCheck %s < %t.mlir

#input = affine_map<(n, h, k) -> (n, h, k)>
#result = affine_map<(n, h, k) -> (n, h)>
#rows = affine_map<(n, h) -> (n, h)>
#input4 = affine_map<(n, h, c, k) -> (n, h, c, k)>
#result4 = affine_map<(n, h, c, k) -> (n, h, c)>
#same = affine_map<(n, h, c) -> (n, h, c)>
#turned = affine_map<(n, h, c) -> (h, n, c)>

// CHECK-NOT: scf.for
// CHECK-LABEL: func.func @rank_2
func.func @rank_2(%x: tensor<2x4x3xf32>, %s: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %acc = linalg.generic {indexing_maps = [#input, #result], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x : tensor<2x4x3xf32>) outs(%s : tensor<2x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %in, %out : f32
    linalg.yield %0 : f32
  } -> tensor<2x4xf32>
  %y = linalg.generic {indexing_maps = [#rows, #rows], iterator_types = ["parallel", "parallel"]} ins(%acc : tensor<2x4xf32>) outs(%s : tensor<2x4xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<2x4xf32>
  return %y : tensor<2x4xf32>
}

// CHECK-LABEL: func.func @one_row
func.func @one_row(%x: tensor<2x1x5x3xf32>, %s: tensor<2x1x5xf32>) -> tensor<2x1x5xf32> {
  %acc = linalg.generic {indexing_maps = [#input4, #result4], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x : tensor<2x1x5x3xf32>) outs(%s : tensor<2x1x5xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %in, %out : f32
    linalg.yield %0 : f32
  } -> tensor<2x1x5xf32>
  %y = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel", "parallel"]} ins(%acc : tensor<2x1x5xf32>) outs(%s : tensor<2x1x5xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<2x1x5xf32>
  return %y : tensor<2x1x5xf32>
}

// CHECK-LABEL: func.func @two_readers
func.func @two_readers(%x: tensor<2x4x5x3xf32>, %s: tensor<2x4x5xf32>) -> (tensor<2x4x5xf32>, tensor<2x4x5xf32>) {
  %acc = linalg.generic {indexing_maps = [#input4, #result4], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x : tensor<2x4x5x3xf32>) outs(%s : tensor<2x4x5xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %in, %out : f32
    linalg.yield %0 : f32
  } -> tensor<2x4x5xf32>
  %y = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel", "parallel"]} ins(%acc : tensor<2x4x5xf32>) outs(%s : tensor<2x4x5xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<2x4x5xf32>
  return %y, %acc : tensor<2x4x5xf32>, tensor<2x4x5xf32>
}

// CHECK-LABEL: func.func @another_order
func.func @another_order(%x: tensor<4x4x5x3xf32>, %s: tensor<4x4x5xf32>) -> tensor<4x4x5xf32> {
  %acc = linalg.generic {indexing_maps = [#input4, #result4], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x : tensor<4x4x5x3xf32>) outs(%s : tensor<4x4x5xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %in, %out : f32
    linalg.yield %0 : f32
  } -> tensor<4x4x5xf32>
  %y = linalg.generic {indexing_maps = [#turned, #same], iterator_types = ["parallel", "parallel", "parallel"]} ins(%acc : tensor<4x4x5xf32>) outs(%s : tensor<4x4x5xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<4x4x5xf32>
  return %y : tensor<4x4x5xf32>
}

// CHECK-LABEL: func.func @no_reader
func.func @no_reader(%x: tensor<2x4x5x3xf32>, %s: tensor<2x4x5xf32>) -> tensor<2x4x5xf32> {
  %acc = linalg.generic {indexing_maps = [#input4, #result4], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%x : tensor<2x4x5x3xf32>) outs(%s : tensor<2x4x5xf32>) {
  ^bb0(%in: f32, %out: f32):
    %0 = arith.addf %in, %out : f32
    linalg.yield %0 : f32
  } -> tensor<2x4x5xf32>
  return %acc : tensor<2x4x5xf32>
}

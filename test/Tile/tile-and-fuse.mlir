// RUN: quantization-opt %s --tile-and-fuse --canonicalize --split-input-file --mlir-print-local-scope | FileCheck %s

#input = affine_map<(n, h, k, c) -> (n, h, k)>
#weights = affine_map<(n, h, k, c) -> (k, c)>
#result = affine_map<(n, h, k, c) -> (n, h, c)>
#same = affine_map<(n, h, c) -> (n, h, c)>
#channel = affine_map<(n, h, c) -> (c)>
// One row of the accumulator at a time: started from the bias, accumulated, and taken to codes, inside a loop over batch and rows. The
// layer before is not computed again.
// CHECK-LABEL: func.func @layer
// CHECK: %[[X:.*]] = linalg.generic {{.*}} outs(%{{.*}} : tensor<2x4x3xi8>)
// CHECK: scf.for %[[N:.*]] = %c0 to %c2 step %c1 {{.*}} -> (tensor<2x4x5xi8>)
// CHECK-NEXT: scf.for %[[H:.*]] = %c0 to %c4 step %c1 {{.*}} -> (tensor<2x4x5xi8>)
// CHECK: %[[ROW:.*]] = tensor.extract_slice %[[X]][%[[N]], %[[H]], 0] [1, 1, 3] [1, 1, 1]
// CHECK: %[[START:.*]] = linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "parallel"]} ins(%arg2 : tensor<5xi32>) outs(%{{.*}} : tensor<1x1x5xi32>)
// CHECK: %[[ACC:.*]] = linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "reduction", "parallel"]} ins(%[[ROW]], %arg1 : tensor<1x1x3xi8>, tensor<3x5xi8>) outs(%[[START]] : tensor<1x1x5xi32>)
// CHECK: %[[CODES:.*]] = linalg.generic {{.*}} ins(%[[ACC]] : tensor<1x1x5xi32>) outs(%{{.*}} : tensor<1x1x5xi8>)
// CHECK: tensor.insert_slice %[[CODES]] into %{{.*}}[%[[N]], %[[H]], 0] [1, 1, 5] [1, 1, 1]
// CHECK-NOT: tensor<2x4x5xi32>
func.func @layer(%image: tensor<2x4x3xi8>, %w: tensor<3x5xi8>, %b: tensor<5xi32>) -> tensor<2x4x5xi8> {
  %e = tensor.empty() : tensor<2x4x3xi8>
  %x = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel", "parallel"]} ins(%image : tensor<2x4x3xi8>) outs(%e : tensor<2x4x3xi8>) {
  ^bb0(%in: i8, %out: i8):
    %0 = arith.addi %in, %in : i8
    linalg.yield %0 : i8
  } -> tensor<2x4x3xi8>
  %a = tensor.empty() : tensor<2x4x5xi32>
  %start = linalg.generic {indexing_maps = [#channel, #same], iterator_types = ["parallel", "parallel", "parallel"]} ins(%b : tensor<5xi32>) outs(%a : tensor<2x4x5xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<2x4x5xi32>
  %acc = linalg.generic {indexing_maps = [#input, #weights, #result], iterator_types = ["parallel", "parallel", "reduction", "parallel"]} ins(%x, %w : tensor<2x4x3xi8>, tensor<3x5xi8>) outs(%start : tensor<2x4x5xi32>) {
  ^bb0(%in: i8, %weight: i8, %out: i32):
    %0 = arith.extsi %in : i8 to i32
    %1 = arith.extsi %weight : i8 to i32
    %2 = arith.muli %0, %1 : i32
    %3 = arith.addi %out, %2 : i32
    linalg.yield %3 : i32
  } -> tensor<2x4x5xi32>
  %q = tensor.empty() : tensor<2x4x5xi8>
  %codes = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel", "parallel"]} ins(%acc : tensor<2x4x5xi32>) outs(%q : tensor<2x4x5xi8>) {
  ^bb0(%in: i32, %out: i8):
    %0 = arith.trunci %in : i32 to i8
    linalg.yield %0 : i8
  } -> tensor<2x4x5xi8>
  return %codes : tensor<2x4x5xi8>
}

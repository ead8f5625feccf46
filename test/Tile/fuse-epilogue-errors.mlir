// Nothing is wrong with loops that cannot move into the contraction before them; they stay behind it.
// RUN: quantization-opt %s --fuse-epilogue --verify-diagnostics -o %t.mlir && FileCheck %s < %t.mlir

#same = affine_map<(n, h, w, c) -> (n, h, w, c)>
#channel = affine_map<(n, h, w, c) -> (c)>
#row = affine_map<(n, h, w, c) -> (h)>
#turned = affine_map<(n, h, w, c) -> (n, w, h, c)>
#rows = affine_map<(n, h, w, c) -> (n, h, w)>

// Another reader needs the accumulators.
// CHECK-LABEL: func.func @two_readers
// CHECK: fixed.yield %{{.*}} : i32
// CHECK: linalg.generic
func.func @two_readers(%x: tensor<1x2x4x8xi8>, %w: tensor<2x1x1x1x8x4xi8>) -> (tensor<1x2x4x6xi32>, tensor<1x2x4x6xi32>) {
  %e = tensor.empty() : tensor<1x2x4x6xi32>
  %acc = "fixed.contract"(%x, %w, %e) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x2x4x8xi8>, tensor<2x1x1x1x8x4xi8>, tensor<1x2x4x6xi32>) -> tensor<1x2x4x6xi32>
  %y = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc : tensor<1x2x4x6xi32>) outs(%e : tensor<1x2x4x6xi32>) {
  ^bb0(%in: i32, %out: i32):
    %0 = arith.addi %in, %in : i32
    linalg.yield %0 : i32
  } -> tensor<1x2x4x6xi32>
  return %y, %acc : tensor<1x2x4x6xi32>, tensor<1x2x4x6xi32>
}

// Two operands are two readers.
// CHECK-LABEL: func.func @sum_with_itself
// CHECK: fixed.yield %{{.*}} : i32
// CHECK: linalg.generic
func.func @sum_with_itself(%x: tensor<1x2x4x8xi8>, %w: tensor<2x1x1x1x8x4xi8>) -> tensor<1x2x4x6xi32> {
  %e = tensor.empty() : tensor<1x2x4x6xi32>
  %acc = "fixed.contract"(%x, %w, %e) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x2x4x8xi8>, tensor<2x1x1x1x8x4xi8>, tensor<1x2x4x6xi32>) -> tensor<1x2x4x6xi32>
  %y = linalg.generic {indexing_maps = [#same, #same, #same], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc, %acc : tensor<1x2x4x6xi32>, tensor<1x2x4x6xi32>) outs(%e : tensor<1x2x4x6xi32>) {
  ^bb0(%in: i32, %again: i32, %out: i32):
    %0 = arith.addi %in, %again : i32
    linalg.yield %0 : i32
  } -> tensor<1x2x4x6xi32>
  return %y : tensor<1x2x4x6xi32>
}

// CHECK-LABEL: func.func @no_reader
// CHECK: fixed.yield %{{.*}} : i32
// CHECK-NEXT: }) :
// CHECK-NEXT: return
func.func @no_reader(%x: tensor<1x2x4x8xi8>, %w: tensor<2x1x1x1x8x4xi8>) -> tensor<1x2x4x6xi32> {
  %e = tensor.empty() : tensor<1x2x4x6xi32>
  %acc = "fixed.contract"(%x, %w, %e) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x2x4x8xi8>, tensor<2x1x1x1x8x4xi8>, tensor<1x2x4x6xi32>) -> tensor<1x2x4x6xi32>
  return %acc : tensor<1x2x4x6xi32>
}

// Another order of reading, and of writing.
// CHECK-LABEL: func.func @permuted
// CHECK: fixed.yield %{{.*}} : i32
// CHECK: linalg.generic
func.func @permuted(%x: tensor<1x2x4x8xi8>, %w: tensor<2x1x1x1x8x4xi8>) -> tensor<1x4x2x6xi32> {
  %e = tensor.empty() : tensor<1x2x4x6xi32>
  %acc = "fixed.contract"(%x, %w, %e) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x2x4x8xi8>, tensor<2x1x1x1x8x4xi8>, tensor<1x2x4x6xi32>) -> tensor<1x2x4x6xi32>
  %t = tensor.empty() : tensor<1x4x2x6xi32>
  %y = linalg.generic {indexing_maps = [#turned, #same], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc : tensor<1x2x4x6xi32>) outs(%t : tensor<1x4x2x6xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x4x2x6xi32>
  return %y : tensor<1x4x2x6xi32>
}

// CHECK-LABEL: func.func @permuted_result
// CHECK: fixed.yield %{{.*}} : i32
// CHECK: linalg.generic
func.func @permuted_result(%x: tensor<1x2x4x8xi8>, %w: tensor<2x1x1x1x8x4xi8>) -> tensor<1x4x2x6xi32> {
  %e = tensor.empty() : tensor<1x2x4x6xi32>
  %acc = "fixed.contract"(%x, %w, %e) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x2x4x8xi8>, tensor<2x1x1x1x8x4xi8>, tensor<1x2x4x6xi32>) -> tensor<1x2x4x6xi32>
  %t = tensor.empty() : tensor<1x4x2x6xi32>
  %y = linalg.generic {indexing_maps = [#same, #turned], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc : tensor<1x2x4x6xi32>) outs(%t : tensor<1x4x2x6xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<1x4x2x6xi32>
  return %y : tensor<1x4x2x6xi32>
}

// A table is read lane by lane.
// CHECK-LABEL: func.func @lookup
// CHECK: fixed.yield %{{.*}} : i32
// CHECK: linalg.generic
func.func @lookup(%x: tensor<1x2x4x8xi8>, %w: tensor<2x1x1x1x8x4xi8>, %table: tensor<256xi8>) -> tensor<1x2x4x6xi8> {
  %e = tensor.empty() : tensor<1x2x4x6xi32>
  %acc = "fixed.contract"(%x, %w, %e) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x2x4x8xi8>, tensor<2x1x1x1x8x4xi8>, tensor<1x2x4x6xi32>) -> tensor<1x2x4x6xi32>
  %q = tensor.empty() : tensor<1x2x4x6xi8>
  %y = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc : tensor<1x2x4x6xi32>) outs(%q : tensor<1x2x4x6xi8>) {
  ^bb0(%in: i32, %out: i8):
    %0 = arith.index_cast %in : i32 to index
    %1 = tensor.extract %table[%0] : tensor<256xi8>
    linalg.yield %1 : i8
  } -> tensor<1x2x4x6xi8>
  return %y : tensor<1x2x4x6xi8>
}

// The region knows no indices.
// CHECK-LABEL: func.func @index
// CHECK: fixed.yield %{{.*}} : i32
// CHECK: linalg.generic
func.func @index(%x: tensor<1x2x4x8xi8>, %w: tensor<2x1x1x1x8x4xi8>) -> tensor<1x2x4x6xi32> {
  %e = tensor.empty() : tensor<1x2x4x6xi32>
  %acc = "fixed.contract"(%x, %w, %e) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x2x4x8xi8>, tensor<2x1x1x1x8x4xi8>, tensor<1x2x4x6xi32>) -> tensor<1x2x4x6xi32>
  %y = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc : tensor<1x2x4x6xi32>) outs(%e : tensor<1x2x4x6xi32>) {
  ^bb0(%in: i32, %out: i32):
    %0 = linalg.index 3 : index
    %1 = arith.index_cast %0 : index to i32
    %2 = arith.addi %in, %1 : i32
    linalg.yield %2 : i32
  } -> tensor<1x2x4x6xi32>
  return %y : tensor<1x2x4x6xi32>
}

// A sum over what other lanes hold.
// CHECK-LABEL: func.func @reduction
// CHECK: fixed.yield %{{.*}} : i32
// CHECK: linalg.generic
func.func @reduction(%x: tensor<1x2x4x8xi8>, %w: tensor<2x1x1x1x8x4xi8>, %s: tensor<1x2x4xi32>) -> tensor<1x2x4xi32> {
  %e = tensor.empty() : tensor<1x2x4x6xi32>
  %acc = "fixed.contract"(%x, %w, %e) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x2x4x8xi8>, tensor<2x1x1x1x8x4xi8>, tensor<1x2x4x6xi32>) -> tensor<1x2x4x6xi32>
  %y = linalg.generic {indexing_maps = [#same, #rows], iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%acc : tensor<1x2x4x6xi32>) outs(%s : tensor<1x2x4xi32>) {
  ^bb0(%in: i32, %out: i32):
    %0 = arith.addi %in, %out : i32
    linalg.yield %0 : i32
  } -> tensor<1x2x4xi32>
  return %y : tensor<1x2x4xi32>
}

// Only constants can be placed as the lanes are; and only those of channels.
// CHECK-LABEL: func.func @computed_channel
// CHECK: fixed.yield %{{.*}} : i32
// CHECK: linalg.generic
func.func @computed_channel(%x: tensor<1x2x4x8xi8>, %w: tensor<2x1x1x1x8x4xi8>, %m: tensor<6xi32>) -> tensor<1x2x4x6xi32> {
  %e = tensor.empty() : tensor<1x2x4x6xi32>
  %acc = "fixed.contract"(%x, %w, %e) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x2x4x8xi8>, tensor<2x1x1x1x8x4xi8>, tensor<1x2x4x6xi32>) -> tensor<1x2x4x6xi32>
  %y = linalg.generic {indexing_maps = [#same, #channel, #same], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc, %m : tensor<1x2x4x6xi32>, tensor<6xi32>) outs(%e : tensor<1x2x4x6xi32>) {
  ^bb0(%in: i32, %factor: i32, %out: i32):
    %0 = arith.muli %in, %factor : i32
    linalg.yield %0 : i32
  } -> tensor<1x2x4x6xi32>
  return %y : tensor<1x2x4x6xi32>
}

// CHECK-LABEL: func.func @constant_of_rows
// CHECK: fixed.yield %{{.*}} : i32
// CHECK: linalg.generic
func.func @constant_of_rows(%x: tensor<1x2x4x8xi8>, %w: tensor<2x1x1x1x8x4xi8>) -> tensor<1x2x4x6xi32> {
  %e = tensor.empty() : tensor<1x2x4x6xi32>
  %acc = "fixed.contract"(%x, %w, %e) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x2x4x8xi8>, tensor<2x1x1x1x8x4xi8>, tensor<1x2x4x6xi32>) -> tensor<1x2x4x6xi32>
  %m = arith.constant dense<[1, 2]> : tensor<2xi32>
  %y = linalg.generic {indexing_maps = [#same, #row, #same], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc, %m : tensor<1x2x4x6xi32>, tensor<2xi32>) outs(%e : tensor<1x2x4x6xi32>) {
  ^bb0(%in: i32, %factor: i32, %out: i32):
    %0 = arith.muli %in, %factor : i32
    linalg.yield %0 : i32
  } -> tensor<1x2x4x6xi32>
  return %y : tensor<1x2x4x6xi32>
}

// What is there before is read, and overwritten.
// CHECK-LABEL: func.func @reads_its_result
// CHECK: fixed.yield %{{.*}} : i32
// CHECK: linalg.generic
func.func @reads_its_result(%x: tensor<1x2x4x8xi8>, %w: tensor<2x1x1x1x8x4xi8>, %s: tensor<1x2x4x6xi32>) -> tensor<1x2x4x6xi32> {
  %e = tensor.empty() : tensor<1x2x4x6xi32>
  %acc = "fixed.contract"(%x, %w, %e) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x2x4x8xi8>, tensor<2x1x1x1x8x4xi8>, tensor<1x2x4x6xi32>) -> tensor<1x2x4x6xi32>
  %y = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc : tensor<1x2x4x6xi32>) outs(%s : tensor<1x2x4x6xi32>) {
  ^bb0(%in: i32, %out: i32):
    %0 = arith.addi %in, %out : i32
    linalg.yield %0 : i32
  } -> tensor<1x2x4x6xi32>
  return %y : tensor<1x2x4x6xi32>
}

// CHECK-LABEL: func.func @two_results
// CHECK: fixed.yield %{{.*}} : i32
// CHECK: linalg.generic
func.func @two_results(%x: tensor<1x2x4x8xi8>, %w: tensor<2x1x1x1x8x4xi8>) -> (tensor<1x2x4x6xi32>, tensor<1x2x4x6xi32>) {
  %e = tensor.empty() : tensor<1x2x4x6xi32>
  %acc = "fixed.contract"(%x, %w, %e) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x2x4x8xi8>, tensor<2x1x1x1x8x4xi8>, tensor<1x2x4x6xi32>) -> tensor<1x2x4x6xi32>
  %y:2 = linalg.generic {indexing_maps = [#same, #same, #same], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%acc : tensor<1x2x4x6xi32>) outs(%e, %e : tensor<1x2x4x6xi32>, tensor<1x2x4x6xi32>) {
  ^bb0(%in: i32, %out: i32, %second: i32):
    %0 = arith.addi %in, %in : i32
    linalg.yield %0, %in : i32, i32
  } -> (tensor<1x2x4x6xi32>, tensor<1x2x4x6xi32>)
  return %y#0, %y#1 : tensor<1x2x4x6xi32>, tensor<1x2x4x6xi32>
}

// Nothing is wrong with what is better left whole: a border of what no code says, one along the row of a byte, values read in another order.
// RUN: quantization-opt %s --fuse-packing --verify-diagnostics -o %t.mlir && FileCheck %s < %t.mlir

// CHECK-LABEL: func.func @other_border
// CHECK: %[[U:.*]] = fixed.unpack_values %arg0
// CHECK: tensor.pad %[[U]] low[0, 1]
func.func @other_border(%x: tensor<4x4xi8>) -> tensor<4x9xi8> {
  %z = arith.constant 16 : i8
  %u = fixed.unpack_values %x {bits = 4 : i64, least = 0 : i64, layer = "x"} : (tensor<4x4xi8>) -> tensor<4x8xi8>
  %b = tensor.pad %u low[0, 1] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %z : i8
  } : tensor<4x8xi8> to tensor<4x9xi8>
  return %b : tensor<4x9xi8>
}

// The rows get theirs packed, of -1 as of every field of 0; what stands beside the codes of a row comes later.
// CHECK-LABEL: func.func @innermost
// CHECK: tensor.pad %arg0 low[1, 0] high[0, 0]
// CHECK: tensor.yield %c0_i8
// CHECK: %[[U:.*]] = fixed.unpack_values %{{.*}} -> tensor<5x8xi8>
// CHECK: tensor.pad %[[U]] low[0, 1] high[0, 0]
// CHECK: tensor.yield %c-1_i8
func.func @innermost(%x: tensor<4x2xi8>) -> tensor<5x9xi8> {
  %z = arith.constant -1 : i8
  %u = fixed.unpack_values %x {bits = 2 : i64, least = -1 : i64, layer = "x"} : (tensor<4x2xi8>) -> tensor<4x8xi8>
  %b = tensor.pad %u low[1, 1] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %z : i8
  } : tensor<4x8xi8> to tensor<5x9xi8>
  return %b : tensor<5x9xi8>
}

#same = affine_map<(n, c, h, w) -> (n, c, h, w)>
#turned = affine_map<(n, c, h, w) -> (n, h, w, c)>
// CHECK-LABEL: func.func @turned
// CHECK-NOT: scf.for
func.func @turned(%x: tensor<1x64x64x4xi8>) -> tensor<1x8x64x64xi8> {
  %u = fixed.unpack_values %x {bits = 4 : i64, least = 0 : i64, layer = "x"} : (tensor<1x64x64x4xi8>) -> tensor<1x64x64x8xi8>
  %e = tensor.empty() : tensor<1x8x64x64xi8>
  %y = linalg.generic {indexing_maps = [#turned, #same], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%u : tensor<1x64x64x8xi8>) outs(%e : tensor<1x8x64x64xi8>) {
  ^bb0(%in: i8, %out: i8):
    linalg.yield %in : i8
  } -> tensor<1x8x64x64xi8>
  return %y : tensor<1x8x64x64xi8>
}

// RUN: quantization-opt %s --fuse-packing --canonicalize --mlir-print-local-scope --split-input-file | FileCheck %s
// RUN: quantization-opt %s --set-target="triple=x86_64-linux-gnu cpu=haswell threads=2" --fuse-packing --split-input-file | FileCheck %s --check-prefix=THREADS

#same = affine_map<(n, h, w, c) -> (n, h, w, c)>
// The border is packed, once, and who reads the value without it finds it inside. Eight rows at a time are unpacked, with those around them,
// convolved and packed; then of both values as many as there are of the sum.
// CHECK-LABEL: func.func @layers
// CHECK-DAG: %[[C:.*]] = arith.constant 51 : i8
// CHECK: %[[B:.*]] = tensor.pad %arg0 low[0, 1, 1, 0] high[0, 1, 1, 0]
// CHECK: tensor.yield %[[C]]
// CHECK: tensor<1x64x64x2xi8> to tensor<1x66x66x2xi8>
// CHECK: %[[X:.*]] = tensor.extract_slice %[[B]][0, 1, 1, 0] [1, 64, 64, 2] [1, 1, 1, 1]
// CHECK: %[[P:.*]] = scf.for %[[I:.*]] = %c0 to %c64 step %c8 {{.*}} -> (tensor<1x64x64x4xi8>)
// CHECK-NEXT: %[[ROWS:.*]] = tensor.extract_slice %[[B]][0, %[[I]], 0, 0] [1, 10, 66, 2] [1, 1, 1, 1]
// CHECK-NEXT: %[[U:.*]] = fixed.unpack_values %[[ROWS]] {{.*}} -> tensor<1x10x66x4xi8>
// CHECK: %[[Y:.*]] = "fixed.contract"(%[[U]],
// CHECK: -> tensor<1x8x64x8xi8>
// CHECK-NEXT: %[[Q:.*]] = fixed.pack_values %[[Y]] {{.*}} -> tensor<1x8x64x4xi8>
// CHECK-NEXT: tensor.insert_slice %[[Q]] into %{{.*}}[0, %[[I]], 0, 0] [1, 8, 64, 4] [1, 1, 1, 1]
// CHECK: scf.for %[[J:.*]] = %c0 to %c64 step %[[STEP:.*]] iter_args
// CHECK: tensor.extract_slice %[[X]][0, %[[J]], 0, 0]
// CHECK: fixed.unpack_values
// CHECK: linalg.generic
// THREADS-LABEL: func.func @layers
// THREADS: tensor.pad %arg0
// THREADS-NOT: scf.for
func.func @layers(%x: tensor<1x64x64x2xi8>, %w: tensor<1x1x3x3x8x4xi8>) -> (tensor<1x64x64x8xi8>, tensor<1x64x64x4xi8>) {
  %z = arith.constant 3 : i8
  %u = fixed.unpack_values %x {bits = 4 : i64, least = 0 : i64, layer = "x"} : (tensor<1x64x64x2xi8>) -> tensor<1x64x64x4xi8>
  %b = tensor.pad %u low[0, 1, 1, 0] high[0, 1, 1, 0] {
  ^bb0(%i: index, %j: index, %k: index, %l: index):
    tensor.yield %z : i8
  } : tensor<1x64x64x4xi8> to tensor<1x66x66x4xi8>
  %e = tensor.empty() : tensor<1x64x64x8xi8>
  %y = "fixed.contract"(%b, %w, %e) <{kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    %t = arith.trunci %a : i32 to i8
    fixed.yield %t : i8
  }) : (tensor<1x66x66x4xi8>, tensor<1x1x3x3x8x4xi8>, tensor<1x64x64x8xi8>) -> tensor<1x64x64x8xi8>
  %p = fixed.pack_values %y {bits = 4 : i64, least = 0 : i64, layer = "conv"} : (tensor<1x64x64x8xi8>) -> tensor<1x64x64x4xi8>
  %v = fixed.unpack_values %p {bits = 4 : i64, least = 0 : i64, layer = "conv"} : (tensor<1x64x64x4xi8>) -> tensor<1x64x64x8xi8>
  %s = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%v : tensor<1x64x64x8xi8>) outs(%e : tensor<1x64x64x8xi8>) {
  ^bb0(%in: i8, %out: i8):
    %0 = arith.addi %in, %in : i8
    linalg.yield %0 : i8
  } -> tensor<1x64x64x8xi8>
  %again = fixed.unpack_values %x {bits = 4 : i64, least = 0 : i64, layer = "x"} : (tensor<1x64x64x2xi8>) -> tensor<1x64x64x4xi8>
  %f = tensor.empty() : tensor<1x64x64x4xi8>
  %t = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel", "parallel", "parallel"]} ins(%again : tensor<1x64x64x4xi8>) outs(%f : tensor<1x64x64x4xi8>) {
  ^bb0(%in: i8, %out: i8):
    %0 = arith.addi %in, %in : i8
    linalg.yield %0 : i8
  } -> tensor<1x64x64x4xi8>
  return %s, %t : tensor<1x64x64x8xi8>, tensor<1x64x64x4xi8>
}

// -----

#window = affine_map<(n, h, w, kh, kw, c) -> (n, 2 * h + kh, 2 * w + kw, c)>
#size = affine_map<(n, h, w, kh, kw, c) -> (kh, kw)>
#result = affine_map<(n, h, w, kh, kw, c) -> (n, h, w, c)>
// Every image by itself; a window starts where its step says.
// CHECK-LABEL: func.func @pool
// CHECK: scf.for %[[N:.*]] = %c0 to %c2
// CHECK: scf.for %[[H:.*]] = %c0 to %c32 step %[[S:.*]] iter_args
// CHECK: %[[F:.*]] = arith.muli %[[H]], %c2
// CHECK: tensor.extract_slice %arg0[%[[N]], %[[F]], 0, 0]
// CHECK: fixed.unpack_values
// CHECK: linalg.fill
// CHECK: linalg.generic
// CHECK: fixed.pack_values
// CHECK: tensor.insert_slice %{{.*}} into %{{.*}}[%[[N]], %[[H]], 0, 0]
func.func @pool(%x: tensor<2x65x65x4xi8>) -> tensor<2x32x32x4xi8> {
  %z = arith.constant 0 : i8
  %u = fixed.unpack_values %x {bits = 4 : i64, least = 0 : i64, layer = "x"} : (tensor<2x65x65x4xi8>) -> tensor<2x65x65x8xi8>
  %k = tensor.empty() : tensor<3x3xi1>
  %e = tensor.empty() : tensor<2x32x32x8xi8>
  %0 = linalg.fill ins(%z : i8) outs(%e : tensor<2x32x32x8xi8>) -> tensor<2x32x32x8xi8>
  %1 = linalg.generic {indexing_maps = [#window, #size, #result], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "parallel"]} ins(%u, %k : tensor<2x65x65x8xi8>, tensor<3x3xi1>) outs(%0 : tensor<2x32x32x8xi8>) {
  ^bb0(%in: i8, %size: i1, %out: i8):
    %2 = arith.maxui %in, %out : i8
    linalg.yield %2 : i8
  } -> tensor<2x32x32x8xi8>
  %p = fixed.pack_values %1 {bits = 4 : i64, least = 0 : i64, layer = "pool"} : (tensor<2x32x32x8xi8>) -> tensor<2x32x32x4xi8>
  return %p : tensor<2x32x32x4xi8>
}

// -----

// Of two borders one holds the value for all, the other one too.
// CHECK-LABEL: func.func @two_borders
// CHECK: %[[B:.*]] = tensor.pad %arg0
// CHECK: %[[X:.*]] = tensor.extract_slice %[[B]]
// CHECK: tensor.pad %[[X]]
func.func @two_borders(%x: tensor<4x2xi8>) -> (tensor<5x4xi8>, tensor<6x4xi8>) {
  %z = arith.constant 1 : i8
  %u = fixed.unpack_values %x {bits = 4 : i64, least = 0 : i64, layer = "x"} : (tensor<4x2xi8>) -> tensor<4x4xi8>
  %0 = tensor.pad %u low[1, 0] high[0, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %z : i8
  } : tensor<4x4xi8> to tensor<5x4xi8>
  %v = fixed.unpack_values %x {bits = 4 : i64, least = 0 : i64, layer = "x"} : (tensor<4x2xi8>) -> tensor<4x4xi8>
  %1 = tensor.pad %v low[1, 0] high[1, 0] {
  ^bb0(%i: index, %j: index):
    tensor.yield %z : i8
  } : tensor<4x4xi8> to tensor<6x4xi8>
  return %0, %1 : tensor<5x4xi8>, tensor<6x4xi8>
}

// RUN: quantization-opt %s --expand-contract --mlir-print-local-scope | FileCheck %s

// Sixteen channels, three rows of three columns, as pairs of rows: rows 0 and 1, then row 2 and zeros. Every column of the input is read
// once and serves the positions that see it: 3 positions of a row of 3 see 5 columns, of 2 rows and of 1.
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver3", features = "">} {
// CHECK-LABEL: func.func @pairs
// CHECK-COUNT-2: vector.load %arg0{{.*}} vector<16xi8>
// CHECK: %[[R0:.*]] = arith.extui {{.*}} : vector<16xi8> to vector<16xi16>
// CHECK: vector.shuffle {{.*}} [0, 16, 1, 17, 2, 18, 3, 19, 8, 24, 9, 25, 10, 26, 11, 27]
// CHECK: vector.shuffle {{.*}} [4, 20, 5, 21, 6, 22, 7, 23, 12, 28, 13, 29, 14, 30, 15, 31]
// CHECK: vector.load %{{.*}} : memref<192xi16>, vector<16xi16>
// CHECK: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// 9 positions and taps, 2 vectors of channels, 2 groups of rows: 36 products.
// CHECK-COUNT-35: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
// CHECK-NOT: llvm.call_intrinsic
// Back in the order of channels, and only then stored.
// CHECK: vector.shuffle {{.*}} [0, 1, 2, 3, 8, 9, 10, 11] : vector<8xi32>, vector<8xi32>
// CHECK: vector.shuffle {{.*}} [4, 5, 6, 7, 12, 13, 14, 15] : vector<8xi32>, vector<8xi32>
// CHECK-COUNT-6: vector.store {{.*}} vector<8xi32>
// CHECK-NOT: fixed.contract
func.func @pairs(%x: memref<1x3x5x16xi8>, %w: memref<1x1x2x3x16x2xi16>, %y: memref<1x1x3x16xi32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 16 : i64, lowering = "depthwise-madd256", layer = "dw", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x3x5x16xi8>, memref<1x1x2x3x16x2xi16>, memref<1x1x3x16xi32>) -> ()
  return
}

// Sums of bytes: rows by four, of which one is zeros.
// CHECK-LABEL: func.func @bytes
// CHECK-COUNT-3: vector.load %arg0{{.*}} vector<32xi8>
// CHECK: vector.load %{{.*}} : memref<384xi8>, vector<32xi8>
// CHECK: %[[P:.*]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"
// CHECK: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"(%[[P]],
func.func @bytes(%x: memref<1x3x5x32xi8>, %w: memref<1x1x1x3x32x4xi8>, %y: memref<1x1x3x32xi32>) {
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 32 : i64, lowering = "depthwise-maddub256", layer = "dw", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x3x5x32xi8>, memref<1x1x1x3x32x4xi8>, memref<1x1x3x32xi32>) -> ()
  return
}
}

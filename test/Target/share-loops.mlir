// RUN: quantization-opt %s --share-loops="least-work=100" --canonicalize --cse --split-input-file | FileCheck %s
// RUN: quantization-opt %s --share-loops="least-work=1000000" --split-input-file | FileCheck %s --check-prefix=SMALL --implicit-check-not=fixed.shares
// RUN: quantization-opt %s --share-loops="least-work=100" --split-input-file --remarks-filter=share-loops 2>&1 | FileCheck %s --check-prefix=REMARK

// 7 blocks do not spread evenly over two threads, 56 rows do.
// REMARK: [Passed] Shared | Category:share-loops | Function=rows | Reason="56 turns between 2 threads"
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "", threads = 2>} {
  // CHECK-LABEL: func.func private @rows(
  // CHECK-SAME: %[[OUT:.*]]: memref<7x56x8xi8>, %[[SHARE:.*]]: index) attributes {fixed.shares = 2 : i64} {
  // CHECK: %[[A:.*]] = arith.muli %[[SHARE]], %c56
  // CHECK: %[[FROM:.*]] = arith.divui %[[A]], %c2
  // CHECK: %[[NEXT:.*]] = arith.addi %[[SHARE]], %c1
  // CHECK: %[[B:.*]] = arith.muli %[[NEXT]], %c56
  // CHECK: %[[TO:.*]] = arith.divui %[[B]], %c2
  // CHECK-NEXT: scf.parallel (%{{.*}}, %{{.*}}) = (%c0, %[[FROM]]) to (%c7, %[[TO]]) step (%c1, %c1) {
  // SMALL: func.func private @rows(%{{.*}}: memref<7x56x8xi8>) {
  func.func private @rows(%out: memref<7x56x8xi8>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c7 = arith.constant 7 : index
    %c56 = arith.constant 56 : index
    %v = arith.constant dense<1> : vector<8xi8>
    scf.parallel (%b) = (%c0) to (%c7) step (%c1) {
      scf.parallel (%r) = (%c0) to (%c56) step (%c1) {
        vector.store %v, %out[%b, %r, %c0] : memref<7x56x8xi8>, vector<8xi8>
        scf.reduce
      }
      scf.reduce
    }
    return
  }

  // What is left over of the columns adds to sums, which only one share may do: the rows are shared, though they spread less evenly.
  // CHECK-LABEL: func.func private @sums(
  // CHECK: %[[PART:.*]] = arith.muli %{{.*}}, %c5
  // CHECK: scf.parallel (%{{.*}}) = (%{{.*}}) to (%{{.*}}) step (%c1) {
  // CHECK-NEXT: scf.parallel (%{{.*}}) = (%c0) to (%c56) step (%c8) {
  func.func private @sums(%out: memref<5x60xi32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c5 = arith.constant 5 : index
    %c8 = arith.constant 8 : index
    %c56 = arith.constant 56 : index
    %v = arith.constant dense<1> : vector<8xi32>
    %t = arith.constant dense<1> : vector<4xi32>
    scf.parallel (%r) = (%c0) to (%c5) step (%c1) {
      scf.parallel (%c) = (%c0) to (%c56) step (%c8) {
        %a = vector.load %out[%r, %c] : memref<5x60xi32>, vector<8xi32>
        %b = arith.addi %a, %v : vector<8xi32>
        vector.store %b, %out[%r, %c] : memref<5x60xi32>, vector<8xi32>
        scf.reduce
      }
      %d = vector.load %out[%r, %c56] : memref<5x60xi32>, vector<4xi32>
      %e = arith.addi %d, %t : vector<4xi32>
      vector.store %e, %out[%r, %c56] : memref<5x60xi32>, vector<4xi32>
      scf.reduce
    }
    return
  }

  // A step above one: the turns are shared, not the range; and what is left over is a nest of its own.
  // CHECK-LABEL: func.func private @steps(
  // CHECK: %[[WHOLE:.*]] = arith.muli %{{.*}}, %c62
  // CHECK: %[[TURN:.*]] = arith.divui %[[WHOLE]], %c2
  // CHECK: %[[START:.*]] = arith.muli %[[TURN]], %c16
  // CHECK: scf.parallel (%{{.*}}) = (%[[START]]) to (%{{.*}}) step (%c16) {
  // CHECK: scf.parallel
  // CHECK-NOT: to (%c8)
  // CHECK: return
  func.func private @steps(%out: memref<1000xi8>, %rest: memref<8xi8>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c8 = arith.constant 8 : index
    %c16 = arith.constant 16 : index
    %c992 = arith.constant 992 : index
    %v = arith.constant dense<1> : vector<16xi8>
    %x = arith.constant 1 : i8
    scf.parallel (%i) = (%c0) to (%c992) step (%c16) {
      vector.store %v, %out[%i] : memref<1000xi8>, vector<16xi8>
      %y = vector.load %out[%i] : memref<1000xi8>, vector<16xi8>
      vector.store %y, %out[%i] : memref<1000xi8>, vector<16xi8>
      scf.reduce
    }
    scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
      memref.store %x, %rest[%i] : memref<8xi8>
      scf.reduce
    }
    return
  }

  // A loop whose turns depend on each other, or a store outside of loops: every share would do it again.
  // CHECK-LABEL: func.func private @serial(
  // CHECK-SAME: %{{.*}}: memref<1000xi8>) {
  func.func private @serial(%out: memref<1000xi8>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c1000 = arith.constant 1000 : index
    %x = arith.constant 1 : i8
    scf.for %i = %c0 to %c1000 step %c1 {
      memref.store %x, %out[%i] : memref<1000xi8>
    }
    scf.parallel (%i) = (%c0) to (%c1000) step (%c1) {
      memref.store %x, %out[%i] : memref<1000xi8>
      scf.reduce
    }
    return
  }

  // Memory on the stack: each share is a call and has its own. An operation on a tile register counts as 16, or these 8 were not worth it.
  // CHECK-LABEL: func.func private @tiles(
  // CHECK-SAME: index) attributes {fixed.shares = 2 : i64} {
  // CHECK: memref.alloca()
  // CHECK: scf.parallel (%{{.*}}) = (%{{.*}}) to (%{{.*}}) step (%c1) {
  func.func private @tiles(%out: memref<4x16xi32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c4 = arith.constant 4 : index
    %sums = memref.alloca() : memref<16x16xi32>
    scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
      %sum = amx.tile_zero : !amx.tile<16x16xi32>
      amx.tile_store %sums[%c0, %c0], %sum : memref<16x16xi32>, !amx.tile<16x16xi32>
      %last = vector.load %sums[%c4, %c0] : memref<16x16xi32>, vector<16xi32>
      vector.store %last, %out[%i, %c0] : memref<4x16xi32>, vector<16xi32>
      scf.reduce
    }
    return
  }

  // CHECK-LABEL: func.func @network(
  // CHECK: call @rows(%arg0, %c0) : (memref<7x56x8xi8>, index) -> ()
  // CHECK-NEXT: call @rows(%arg0, %c1) : (memref<7x56x8xi8>, index) -> ()
  // CHECK-NEXT: call @steps(%arg1, %arg2, %c0) {fixed.step = #fixed.step<layers = ["a"], kernel = "loops", macs = 0, read = 8, written = 8, weights = 0>}
  // CHECK-NEXT: call @steps(%arg1, %arg2, %c1) {fixed.step = #fixed.step<layers = ["a"], kernel = "loops", macs = 0, read = 8, written = 8, weights = 0>}
  // CHECK-NEXT: call @serial(%arg1) : (memref<1000xi8>) -> ()
  // CHECK-NEXT: call @tiles(%arg3, %c0)
  // CHECK-NEXT: call @tiles(%arg3, %c1)
  func.func @network(%a: memref<7x56x8xi8>, %b: memref<1000xi8>, %c: memref<8xi8>, %d: memref<4x16xi32>) {
    func.call @rows(%a) : (memref<7x56x8xi8>) -> ()
    func.call @steps(%b, %c) {fixed.step = #fixed.step<layers = ["a"], kernel = "loops", macs = 0, read = 8, written = 8, weights = 0>} : (memref<1000xi8>, memref<8xi8>) -> ()
    func.call @serial(%b) : (memref<1000xi8>) -> ()
    func.call @tiles(%d) : (memref<4x16xi32>) -> ()
    return
  }
}

// -----

// One thread: nothing to share.
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "">} {
  // CHECK-LABEL: func.func private @alone(
  // CHECK-SAME: %{{.*}}: memref<1000xi8>) {
  func.func private @alone(%out: memref<1000xi8>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c1000 = arith.constant 1000 : index
    %x = arith.constant 1 : i8
    scf.parallel (%i) = (%c0) to (%c1000) step (%c1) {
      memref.store %x, %out[%i] : memref<1000xi8>
      scf.reduce
    }
    return
  }
}

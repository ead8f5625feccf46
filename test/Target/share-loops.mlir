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

  // Tiling makes loops over rows of which each turn has its own: pooling into one buffer, then widening it into another.
  // CHECK-LABEL: func.func private @own_rows(
  // CHECK-SAME: fixed.shares = 2
  // CHECK: scf.for %{{.*}} = %{{[0-9]+}} to %{{[0-9]+}} step %c1 {
  func.func private @own_rows(%in: memref<13x60xi8>, %max: memref<6x60xi8>, %out: memref<6x60xi16>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c6 = arith.constant 6 : index
    %c60 = arith.constant 60 : index
    scf.for %i = %c0 to %c6 step %c1 {
      %m = memref.subview %max[%i, 0] [1, 60] [1, 1] : memref<6x60xi8> to memref<1x60xi8, strided<[60, 1], offset: ?>>
      %o = memref.subview %out[%i, 0] [1, 60] [1, 1] : memref<6x60xi16> to memref<1x60xi16, strided<[60, 1], offset: ?>>
      scf.parallel (%c) = (%c0) to (%c60) step (%c1) {
        %a = memref.load %in[%i, %c] : memref<13x60xi8>
        memref.store %a, %m[%c0, %c] : memref<1x60xi8, strided<[60, 1], offset: ?>>
        %b = memref.load %m[%c0, %c] : memref<1x60xi8, strided<[60, 1], offset: ?>>
        %w = arith.extui %b : i8 to i16
        memref.store %w, %o[%c0, %c] : memref<1x60xi16, strided<[60, 1], offset: ?>>
        scf.reduce
      }
    }
    return
  }
  // A buffer that all turns use, a row that a turn before has written, and sums over the turns: none is shared.
  // CHECK-LABEL: func.func private @scratch(
  // CHECK-NOT: fixed.shares
  // CHECK: return
  func.func private @scratch(%in: memref<6x600xi8>, %row: memref<600xi8>, %out: memref<6x600xi8>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c6 = arith.constant 6 : index
    %c600 = arith.constant 600 : index
    scf.for %i = %c0 to %c6 step %c1 {
      %o = memref.subview %out[%i, 0] [1, 600] [1, 1] : memref<6x600xi8> to memref<1x600xi8, strided<[600, 1], offset: ?>>
      scf.parallel (%c) = (%c0) to (%c600) step (%c1) {
        %a = memref.load %in[%i, %c] : memref<6x600xi8>
        memref.store %a, %row[%c] : memref<600xi8>
        %b = memref.load %row[%c] : memref<600xi8>
        memref.store %b, %o[%c0, %c] : memref<1x600xi8, strided<[600, 1], offset: ?>>
        scf.reduce
      }
    }
    return
  }
  // CHECK-LABEL: func.func private @before(
  // CHECK-NOT: fixed.shares
  // CHECK: return
  func.func private @before(%out: memref<7x600xi8>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c6 = arith.constant 6 : index
    %c600 = arith.constant 600 : index
    scf.for %i = %c1 to %c6 step %c1 {
      %p = arith.subi %i, %c1 : index
      %o = memref.subview %out[%i, 0] [1, 600] [1, 1] : memref<7x600xi8> to memref<1x600xi8, strided<[600, 1], offset: ?>>
      scf.parallel (%c) = (%c0) to (%c600) step (%c1) {
        %a = memref.load %out[%p, %c] : memref<7x600xi8>
        memref.store %a, %o[%c0, %c] : memref<1x600xi8, strided<[600, 1], offset: ?>>
        scf.reduce
      }
    }
    return
  }
  // CHECK-LABEL: func.func private @carried(
  // CHECK-NOT: fixed.shares
  // CHECK: return
  func.func private @carried(%in: memref<600xi32>, %out: memref<1xi32>) {
    %c0 = arith.constant 0 : index
    %c1 = arith.constant 1 : index
    %c600 = arith.constant 600 : index
    %z = arith.constant 0 : i32
    %s = scf.for %i = %c0 to %c600 step %c1 iter_args(%sum = %z) -> i32 {
      %a = memref.load %in[%i] : memref<600xi32>
      %n = arith.addi %sum, %a : i32
      scf.yield %n : i32
    }
    memref.store %s, %out[%c0] : memref<1xi32>
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

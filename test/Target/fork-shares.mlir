// RUN: quantization-opt %s --fork-shares --split-input-file | FileCheck %s

module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "", threads = 2>} {
  // CHECK: llvm.func @quantization_artifact_parallel(!llvm.ptr, !llvm.ptr, !llvm.ptr, i64)
  // CHECK: llvm.func internal @layer0_share(%[[CONTEXT:.*]]: !llvm.ptr, %[[SHARE:.*]]: i64) {
  // CHECK: %[[FIRST:.*]] = llvm.getelementptr %[[CONTEXT]][0]
  // CHECK: %[[IN:.*]] = llvm.load %[[FIRST]]
  // CHECK: %[[SECOND:.*]] = llvm.getelementptr %[[CONTEXT]][1]
  // CHECK: %[[OUT:.*]] = llvm.load %[[SECOND]]
  // CHECK: llvm.call @layer0(%[[IN]], %[[OUT]], %[[SHARE]])
  // CHECK: llvm.func @layer0(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr, %{{.*}}: i64) {
  llvm.func @layer0(%in: !llvm.ptr, %out: !llvm.ptr, %share: i64) attributes {fixed.shares = 2 : i64} {
    llvm.return
  }
  llvm.func @layer1(%in: !llvm.ptr) {
    llvm.return
  }
  // Calls of a layer that is not shared stay; two uses of one function are two forks.
  // CHECK: llvm.func @quantization_sample(%[[X:.*]]: !llvm.ptr {llvm.noalias}, %[[Y:.*]]: !llvm.ptr, %[[ARENA:.*]]: !llvm.ptr, %[[POOL:.*]]: !llvm.ptr) {
  // CHECK: %[[PLACE:.*]] = llvm.alloca %{{.*}} x !llvm.ptr
  // CHECK: llvm.store %[[X]], %{{.*}}
  // CHECK: llvm.store %[[ARENA]], %{{.*}}
  // CHECK: %[[TASK:.*]] = llvm.mlir.addressof @layer0_share
  // CHECK: %[[TWO:.*]] = llvm.mlir.constant(2 : i64)
  // CHECK: llvm.call @quantization_artifact_parallel(%[[POOL]], %[[TASK]], %[[PLACE]], %[[TWO]])
  // CHECK-NOT: @layer0(
  // CHECK: llvm.call @layer1(%[[ARENA]])
  // CHECK: llvm.store %[[ARENA]], %{{.*}}
  // CHECK: llvm.store %[[Y]], %{{.*}}
  // CHECK: llvm.call @quantization_artifact_parallel(%[[POOL]], %{{.*}}, %[[PLACE]], %{{.*}})
  // CHECK-NOT: @layer0(
  // CHECK: llvm.return
  llvm.func @quantization_sample(%x: !llvm.ptr {llvm.noalias}, %y: !llvm.ptr, %arena: !llvm.ptr) {
    %0 = llvm.mlir.constant(0 : i64) : i64
    %1 = llvm.mlir.constant(1 : i64) : i64
    llvm.call @layer0(%x, %arena, %0) : (!llvm.ptr, !llvm.ptr, i64) -> ()
    llvm.call @layer0(%x, %arena, %1) : (!llvm.ptr, !llvm.ptr, i64) -> ()
    llvm.call @layer1(%arena) : (!llvm.ptr) -> ()
    llvm.call @layer0(%arena, %y, %0) : (!llvm.ptr, !llvm.ptr, i64) -> ()
    llvm.call @layer0(%arena, %y, %1) : (!llvm.ptr, !llvm.ptr, i64) -> ()
    llvm.return
  }
}

// -----

// Nothing is shared, but the entry of an artifact for several threads takes a pool.
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "", threads = 2>} {
  // CHECK: llvm.func @quantization_sample(%{{.*}}: !llvm.ptr, %{{.*}}: !llvm.ptr)
  // CHECK-NOT: alloca
  llvm.func @quantization_sample(%arena: !llvm.ptr) {
    llvm.return
  }
}

// -----

module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "">} {
  // CHECK: llvm.func @quantization_sample(%{{.*}}: !llvm.ptr) {
  llvm.func @quantization_sample(%arena: !llvm.ptr) {
    llvm.return
  }
}

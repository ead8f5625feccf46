// RUN: quantization-opt %s --profile-steps | FileCheck %s

// CHECK: module attributes {fixed.steps = [#fixed.step<layers = ["conv1", "relu1"], kernel = "madd256", macs = 1024, read = 64, written = 32, weights = 512>,
// CHECK-SAME: #fixed.step<layers = [], kernel = "copy", macs = 0, read = 32, written = 32, weights = 0>]}
module {
  // CHECK-DAG: llvm.func @quantization_artifact_clock() -> i64
  // CHECK-DAG: llvm.mlir.global internal @quantization_artifact_ticks() {{.*}} : !llvm.array<2 x i64> {
  llvm.func @layer0(%in: !llvm.ptr, %out: !llvm.ptr) {
    llvm.return
  }
  // Only what stands between two readings counts for a step: the second step's begins where the first's ends. A call that is no step is
  // part of the one behind it.
  // CHECK: llvm.func @quantization_sample(%[[X:.*]]: !llvm.ptr, %[[Y:.*]]: !llvm.ptr, %[[ARENA:.*]]: !llvm.ptr) {
  // CHECK: %[[START:.*]] = llvm.call @quantization_artifact_clock() : () -> i64
  // CHECK-NEXT: llvm.call @layer0(%[[X]], %[[ARENA]]) : (!llvm.ptr, !llvm.ptr) -> ()
  // CHECK-NEXT: %[[MIDDLE:.*]] = llvm.call @quantization_artifact_clock()
  // CHECK: %[[FIRST:.*]] = llvm.sub %[[MIDDLE]], %[[START]] : i64
  // CHECK: %[[TABLE:.*]] = llvm.mlir.addressof @quantization_artifact_ticks
  // CHECK: %[[PLACE:.*]] = llvm.getelementptr %[[TABLE]][0]
  // CHECK: llvm.atomicrmw add %[[PLACE]], %[[FIRST]] monotonic
  // CHECK: llvm.call @layer0(%[[Y]], %[[ARENA]])
  // CHECK: llvm.call @layer0(%[[ARENA]], %[[Y]]) : (!llvm.ptr, !llvm.ptr) -> ()
  // CHECK-NEXT: %[[END:.*]] = llvm.call @quantization_artifact_clock()
  // CHECK: %[[SECOND:.*]] = llvm.sub %[[END]], %[[MIDDLE]]
  // CHECK: llvm.getelementptr %{{.*}}[1]
  // CHECK: llvm.atomicrmw add %{{.*}}, %[[SECOND]]
  // CHECK-NEXT: llvm.return
  llvm.func @quantization_sample(%x: !llvm.ptr, %y: !llvm.ptr, %arena: !llvm.ptr) {
    llvm.call @layer0(%x, %arena) {fixed.step = #fixed.step<layers = ["conv1", "relu1"], kernel = "madd256", macs = 1024, read = 64, written = 32, weights = 512>} : (!llvm.ptr, !llvm.ptr) -> ()
    llvm.call @layer0(%y, %arena) : (!llvm.ptr, !llvm.ptr) -> ()
    llvm.call @layer0(%arena, %y) {fixed.step = #fixed.step<layers = [], kernel = "copy", macs = 0, read = 32, written = 32, weights = 0>} : (!llvm.ptr, !llvm.ptr) -> ()
    llvm.return
  }
}

// RUN: quantization-opt %s --fork-shares --split-input-file --verify-diagnostics

// expected-error@+1 {{expected the network's entry, quantization_sample}}
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "", threads = 2>} {
}

// -----

module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "", threads = 2>} {
  llvm.func @layer0(%in: !llvm.ptr, %share: i64) attributes {fixed.shares = 2 : i64} {
    llvm.return
  }
  llvm.func @quantization_sample(%arena: !llvm.ptr) {
    %0 = llvm.mlir.constant(0 : i64) : i64
    // expected-error@+1 {{expected the calls of all 2 shares of a layer}}
    llvm.call @layer0(%arena, %0) : (!llvm.ptr, i64) -> ()
    llvm.return
  }
}

// -----

module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "", threads = 2>} {
  llvm.func @layer0(%in: !llvm.ptr, %share: i64) attributes {fixed.shares = 2 : i64} {
    llvm.return
  }
  llvm.func @quantization_sample(%x: !llvm.ptr, %arena: !llvm.ptr) {
    %0 = llvm.mlir.constant(0 : i64) : i64
    %1 = llvm.mlir.constant(1 : i64) : i64
    llvm.call @layer0(%x, %0) : (!llvm.ptr, i64) -> ()
    // expected-error@+1 {{expected the calls of all shares of a layer, in their order}}
    llvm.call @layer0(%arena, %1) : (!llvm.ptr, i64) -> ()
    llvm.return
  }
}

// RUN: quantization-opt %s --profile-steps --split-input-file --verify-diagnostics

// expected-error@+1 {{expected the network's entry, quantization_sample}}
module {
}

// -----

module {
  llvm.func @layer0(%in: !llvm.ptr)
  llvm.func @helper(%arena: !llvm.ptr) {
    // expected-error@+1 {{expected steps in the first block of quantization_sample alone, where each runs once}}
    llvm.call @layer0(%arena) {fixed.step = #fixed.step<layers = ["a"], kernel = "loops", macs = 0, read = 1, written = 1, weights = 0>} : (!llvm.ptr) -> ()
    llvm.return
  }
  llvm.func @quantization_sample(%arena: !llvm.ptr) {
    llvm.return
  }
}

// -----

module {
  llvm.func @layer0(%in: !llvm.ptr)
  llvm.func @quantization_sample(%arena: !llvm.ptr) {
    llvm.br ^again
  ^again:
    // expected-error@+1 {{expected steps in the first block of quantization_sample alone, where each runs once}}
    llvm.call @layer0(%arena) {fixed.step = #fixed.step<layers = ["a"], kernel = "loops", macs = 0, read = 1, written = 1, weights = 0>} : (!llvm.ptr) -> ()
    llvm.br ^again
  }
}

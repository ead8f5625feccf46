// RUN: quantization-opt %s --expose-entry --split-input-file --verify-diagnostics

module {
  func.func @first(%in: memref<4xi8>) {
    return
  }
  // expected-error@+1 {{expected one public function, the network, but also found "first"}}
  func.func @second(%in: memref<4xi8>) {
    return
  }
}

// -----

// expected-error@+1 {{expected a public function, the network}}
module {
  func.func private @helper(%in: memref<4xi8>) {
    return
  }
}

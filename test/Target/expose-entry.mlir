// RUN: quantization-opt %s --expose-entry | FileCheck %s

// Buffers do not overlap; names of arguments are on the module by now. What is private stays as it is.
module {
  // CHECK: func.func @quantization_sample(%arg0: memref<4xi8> {llvm.noalias}, %arg1: memref<4xi8> {llvm.noalias}, %arg2: index, %arg3: memref<64xi8> {llvm.noalias}) -> index
  // CHECK-NEXT: call @helper(%arg0) : (memref<4xi8>) -> ()
  func.func @network(%in: memref<4xi8> {nn.name = "x", nn.layer = "x"}, %out: memref<4xi8>, %n: index, %arena: memref<64xi8>) -> (index {nn.name = "y"}) {
    func.call @helper(%in) : (memref<4xi8>) -> ()
    return %n : index
  }
  // CHECK: func.func private @helper(%arg0: memref<4xi8> {nn.name = "kept"})
  func.func private @helper(%x: memref<4xi8> {nn.name = "kept"}) {
    return
  }
  // CHECK: func.func private @external(memref<4xi8>)
  func.func private @external(memref<4xi8>)
}

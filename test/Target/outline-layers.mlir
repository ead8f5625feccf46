// RUN: quantization-opt %s --outline-layers --mlir-print-local-scope | FileCheck %s

// Equal nests share a function: the first and the third double all values. The second differs in its body.
// CHECK: func.func private @layer0(%[[Y:[a-z0-9]+]]: memref<4xi8> {llvm.noalias}, %[[X:[a-z0-9]+]]: memref<4xi8> {llvm.noalias}) attributes {passthrough = ["noinline"]}
// CHECK-NEXT: linalg.generic {{.*}} ins(%[[X]] : memref<4xi8>) outs(%[[Y]] : memref<4xi8>)
// CHECK: arith.addi
// CHECK: return
// CHECK: func.func private @layer1
// CHECK: arith.muli
// A loop computes its bounds and its views inside; the arguments are whole buffers, here the input, the constants and the result.
// CHECK: func.func private @layer2(%{{[a-z0-9]+}}: memref<4xi8> {llvm.noalias}, %{{[a-z0-9]+}}: memref<2xi8> {llvm.noalias}, %{{[a-z0-9]+}}: memref<4xi8> {llvm.noalias})
// CHECK-DAG: arith.constant 2 : index
// CHECK-DAG: memref.subview
// CHECK: scf.for
// CHECK-LABEL: func.func @network
// CHECK: %[[A:.*]] = memref.view %arg2
// CHECK: %[[B:.*]] = memref.view %arg2
// CHECK-NOT: linalg.generic
// CHECK: call @layer0(%[[A]], %arg0)
// CHECK: call @layer1(%[[B]], %[[A]])
// CHECK: call @layer0(%arg1, %[[B]])
// CHECK-NOT: scf.for
// CHECK: call @layer2(
#same = affine_map<(i) -> (i)>
memref.global "private" constant @k : memref<2xi8> = dense<[1, 2]>
func.func @network(%in: memref<4xi8>, %out: memref<4xi8>, %arena: memref<128xi8>) {
  %0 = arith.constant 0 : index
  %64 = arith.constant 64 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 2 : index
  %a = memref.view %arena[%0][] : memref<128xi8> to memref<4xi8>
  %b = memref.view %arena[%64][] : memref<128xi8> to memref<4xi8>
  linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel"]} ins(%in : memref<4xi8>) outs(%a : memref<4xi8>) {
  ^bb0(%x: i8, %y: i8):
    %v = arith.addi %x, %x : i8
    linalg.yield %v : i8
  }
  linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel"]} ins(%a : memref<4xi8>) outs(%b : memref<4xi8>) {
  ^bb0(%x: i8, %y: i8):
    %v = arith.muli %x, %x : i8
    linalg.yield %v : i8
  }
  linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel"]} ins(%b : memref<4xi8>) outs(%out : memref<4xi8>) {
  ^bb0(%x: i8, %y: i8):
    %v = arith.addi %x, %x : i8
    linalg.yield %v : i8
  }
  %k = memref.get_global @k : memref<2xi8>
  %part = memref.subview %in[2] [2] [1] : memref<4xi8> to memref<2xi8, strided<[1], offset: 2>>
  scf.for %i = %0 to %2 step %1 {
    %x = memref.load %part[%i] : memref<2xi8, strided<[1], offset: 2>>
    %y = memref.load %k[%i] : memref<2xi8>
    %v = arith.addi %x, %y : i8
    memref.store %v, %out[%i] : memref<4xi8>
  }
  return
}

// A layer that the policy keeps in float computes in float, however many integer layers read it; so does one whose sums no integer holds.
// RUN: %python -c "import numpy, sys; numpy.savez(sys.argv[1], x=numpy.random.default_rng(0).normal(size=(5, 1, 25)).astype('f4'))" %t.npz
// RUN: quantization-opt %s --from=network --calibrate-with=%t.npz --policy=%S/Inputs/keep-float.yaml --to=integral -o %t.mlir 2> %t.log
// RUN: FileCheck %s < %t.mlir
// RUN: FileCheck %s --check-prefix=LOG < %t.log
// RUN: quantization-opt %t.mlir --from=integral --emit=obj -o %t.o

// LOG: layer "keep" (nn.add) stays float: {{.*}}keep-float.yaml:3: the policy says float
// LOG: layer "pool" (nn.average_pool) stays float: the window sizes at its edges have no common multiple within 32 bits

// CHECK: nn.add {{.*}}layer = "first"{{.*}} -> tensor<1x1x25xi32>
// CHECK: nn.add {{.*}}layer = "keep"{{.*}} -> tensor<1x1x25xf32>
// CHECK-DAG: nn.add {{.*}}layer = "left"{{.*}} -> tensor<1x1x25xi32>
// CHECK-DAG: nn.mul {{.*}}layer = "right"{{.*}} -> tensor<1x1x25xi32>
// CHECK: nn.sub {{.*}}layer = "last"{{.*}} -> tensor<1x1x25xi32>
// CHECK: nn.average_pool {{.*}}layer = "pool"{{.*}} -> tensor<1x1x13xf32>
// CHECK: nn.add {{.*}}layer = "end"{{.*}} -> tensor<1x1x13xi32>
func.func @network(%x: tensor<1x1x25xf32> {nn.name = "x"}) -> (tensor<1x1x13xf32> {nn.name = "y"}) {
  %0 = nn.add %x, %x {layer = "first"} : (tensor<1x1x25xf32>, tensor<1x1x25xf32>) -> tensor<1x1x25xf32>
  %1 = nn.add %0, %0 {layer = "keep"} : (tensor<1x1x25xf32>, tensor<1x1x25xf32>) -> tensor<1x1x25xf32>
  %2 = nn.add %1, %1 {layer = "left"} : (tensor<1x1x25xf32>, tensor<1x1x25xf32>) -> tensor<1x1x25xf32>
  %3 = nn.mul %1, %1 {layer = "right"} : (tensor<1x1x25xf32>, tensor<1x1x25xf32>) -> tensor<1x1x25xf32>
  %4 = nn.sub %2, %3 {layer = "last"} : (tensor<1x1x25xf32>, tensor<1x1x25xf32>) -> tensor<1x1x25xf32>
  %5 = nn.average_pool %4 {kernel = array<i64: 25>, strides = array<i64: 1>, pads = array<i64: 12, 0>, dilations = array<i64: 1>, count_include_pad = false, layer = "pool"} : (tensor<1x1x25xf32>) -> tensor<1x1x13xf32>
  %6 = nn.add %5, %5 {layer = "end"} : (tensor<1x1x13xf32>, tensor<1x1x13xf32>) -> tensor<1x1x13xf32>
  return %6 : tensor<1x1x13xf32>
}

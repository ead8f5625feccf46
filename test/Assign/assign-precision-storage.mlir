// What a policy says about the storage of values stands on their observers, and on whatever gives the codes in their place.
// RUN: quantization-opt %s --assign-precision="policy=%S/Inputs/storage.yaml" | FileCheck %s
// RUN: quantization-opt %s --from=observed --to=integral --policy=%S/Inputs/storage.yaml | FileCheck %s --check-prefix=INTEGRAL
// RUN: quantization-opt %s --from=observed --to=additive --mtriple=x86_64-linux-gnu --mcpu=haswell --policy=%S/Inputs/storage.yaml -o %t.mlir
// RUN: quantization-opt %t.mlir --pack-values | FileCheck %s --check-prefix=PACKED
// CHECK: nn.matmul {{.*}}layer = "fc"
// CHECK: nn.observe {{.*}}layer = "fc", precision = #nn.precision<"uint4", "min-max">, {{.*}}storage = "packed"
// CHECK: nn.observe {{.*}}layer = "other"
// CHECK-NOT: storage = "packed"
// INTEGRAL: fixed.rescale {{.*}}layer = "fc"{{.*}}storage = "packed"{{.*}} -> tensor<1x6x!quant.uniform<u4:
// INTEGRAL-NOT: storage
// PACKED: fixed.pack_values {{.*}}bits = 4 : i64, layer = "fc", least = 0 : i64} : {{.*}} -> tensor<1x3xi8>

#s = #nn.statistics<min = -1.0, max = 1.0, count = 4, zeros = 0, exponent = 1, bins = [-1023, 2, -2048, 2, -1023]>
func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}) -> (tensor<1x2xf32> {nn.name = "y"}) {
  %0 = nn.observe %x {layer = "x", statistics = #s} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %w = nn.constant {value = dense<0.5> : tensor<2x6xf32>, layer = "w"} : () -> tensor<2x6xf32>
  %1 = nn.matmul %0, %w {layer = "fc"} : (tensor<1x2xf32>, tensor<2x6xf32>) -> tensor<1x6xf32>
  %2 = nn.observe %1 {layer = "fc", statistics = #s} : (tensor<1x6xf32>) -> tensor<1x6xf32>
  %v = nn.constant {value = dense<0.25> : tensor<6x2xf32>, layer = "v"} : () -> tensor<6x2xf32>
  %6 = nn.matmul %2, %v {layer = "other"} : (tensor<1x6xf32>, tensor<6x2xf32>) -> tensor<1x2xf32>
  %7 = nn.observe %6 {layer = "other", statistics = #s} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %7 : tensor<1x2xf32>
}

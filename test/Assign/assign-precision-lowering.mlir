// What a policy says about the code of a layer stands on those with weights, and on the ops on codes that take their place.
// RUN: quantization-opt %s --assign-precision="policy=%S/Inputs/lowering.yaml" | FileCheck %s
// RUN: quantization-opt %s --from=observed --to=integral --policy=%S/Inputs/lowering.yaml | FileCheck %s --check-prefix=INTEGRAL
// CHECK: nn.matmul {{.*}}layer = "fc", lowering = "shift"
// CHECK: nn.matmul {{.*}}layer = "other", lowering = "loops"
// INTEGRAL: nn.matmul {{.*}}layer = "fc", lowering = "shift"{{.*}} -> tensor<1x2xi32>
// INTEGRAL: nn.matmul {{.*}}layer = "other", lowering = "loops"{{.*}} -> tensor<1x2xi32>

#s = #nn.statistics<min = -1.0, max = 1.0, count = 4, zeros = 0, exponent = 1, bins = [-1023, 2, -2048, 2, -1023]>
func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}) -> (tensor<1x2xf32> {nn.name = "y"}) {
  %0 = nn.observe %x {layer = "x", statistics = #s} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %w = nn.constant {value = dense<[[0.5, 1.0], [-0.25, 0.125]]> : tensor<2x2xf32>, layer = "w"} : () -> tensor<2x2xf32>
  %1 = nn.matmul %0, %w {layer = "fc"} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %2 = nn.observe %1 {layer = "fc", statistics = #s} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %v = nn.constant {value = dense<[[0.5, 1.0], [-0.25, 0.125]]> : tensor<2x2xf32>, layer = "v"} : () -> tensor<2x2xf32>
  %6 = nn.matmul %2, %v {layer = "other"} : (tensor<1x2xf32>, tensor<2x2xf32>) -> tensor<1x2xf32>
  %7 = nn.observe %6 {layer = "other", statistics = #s} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %7 : tensor<1x2xf32>
}

// Two samples, [-1, 0.5] and [1, 0], run through x + x; bins are 2^(1-exponent)/2048 wide and negative entries are runs of empty ones.
// RUN: %python -c "import numpy, sys; numpy.savez(sys.argv[1], x=numpy.array([[-1, 0.5], [1, 0]], 'f4'))" %t.npz
// RUN: quantization-opt %s --from=observed --calibrate-with=%t.npz --to=observed | FileCheck %s

// CHECK: nn.observe {{.*}} {layer = "x", statistics = #nn.statistics<min = -1.000000e+00 : f32, max = 1.000000e+00 : f32, count = 4, zeros = 1, exponent = 1, bins = [-1023, 1, -1024, 1, -511, 1, -511, 1, -1023]>}
// CHECK: nn.observe {{.*}} {layer = "sum", statistics = #nn.statistics<min = -2.000000e+00 : f32, max = 2.000000e+00 : f32, count = 4, zeros = 1, exponent = 2, bins = [-1023, 1, -1024, 1, -511, 1, -511, 1, -1023]>}

func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}) -> (tensor<1x2xf32> {nn.name = "y"}) {
  %0 = nn.observe %x {layer = "x"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = nn.add %0, %0 {layer = "sum"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %2 = nn.observe %1 {layer = "sum"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}

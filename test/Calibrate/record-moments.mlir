// On the samples (1, 0) and (2, 1) the first layer gives 3 and 7: mean 5, deviation 2, before ReLU and whatever follows. The second adds a half.
// RUN: %python -c "import numpy, sys; numpy.savez(sys.argv[1], x=numpy.array([[1, 0], [2, 1]], 'f4'))" %t.npz
// RUN: quantization-opt %S/../Quantize/Inputs/two-layers.mlir --from=network --calibrate-with=%t.npz --policy=%S/../Quantize/Inputs/correct-bias.yaml --to=observed | FileCheck %s

// CHECK: nn.corrections = ["correct-bias"]
// CHECK: nn.matmul {{.*}} {layer = "fc1", nn.deviation = array<f64: 2.000000e+00>, nn.mean = array<f64: 5.000000e+00>}
// CHECK: nn.matmul {{.*}} {layer = "fc2", nn.deviation = array<f64: 2.000000e+00>, nn.mean = array<f64: 5.500000e+00>}

// Without corrections that compare layers nothing is kept.
// RUN: quantization-opt %S/../Quantize/Inputs/two-layers.mlir --from=network --calibrate-with=%t.npz --policy=int8 --to=observed | FileCheck %s --check-prefix=NONE
// NONE-NOT: nn.mean

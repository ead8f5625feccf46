// Weights 3 and 1 become 2 and 2. On the samples (1, 0) and (2, 1) the first layer gives 3 and 7 in float, 2 and 6 then: its bias, which it
// did not have, is 5 - 4 = 1, four steps of 2 * 2^-3. The second layer, whose weights lose nothing, reads the corrected values and stays.
// RUN: %python -c "import numpy, sys; numpy.savez(sys.argv[1], x=numpy.array([[1, 0], [2, 1]], 'f4'))" %t.npz
// RUN: quantization-opt %S/Inputs/two-layers.mlir --from=network --calibrate-with=%t.npz --policy=%S/Inputs/correct-bias.yaml --to=simulated -o %t.mlir --remarks-filter=correct-bias 2>&1 | FileCheck %s --check-prefix=REMARKS
// RUN: FileCheck %s --input-file=%t.mlir --implicit-check-not=nn.mean --implicit-check-not=nn.corrections

// CHECK-DAG: layer = "fc1_bias", value = dense<4> : tensor<1xi32>} : () -> tensor<1x!quant.uniform<i32:f32:0, {2.500000e-01}>>
// CHECK-DAG: %[[B:.*]] = nn.dequantize %{{.*}} {layer = "fc1_bias"}
// CHECK-DAG: layer = "b2", value = dense<4> : tensor<1xi32>} : () -> tensor<1x!quant.uniform<i32:f32:0, {1.250000e-01}>>
// CHECK: nn.matmul %{{.*}}, %{{.*}}, %[[B]] {layer = "fc1"}

// REMARKS-DAG: [Passed] fc1 | Category:correct-bias | Remark="biases moved by 0.500 deviations of their channel on average, 0.500 at most"
// REMARKS-DAG: [Passed] fc2 | Category:correct-bias | Remark="biases moved by 0.000 deviations of their channel on average, 0.000 at most"

// The assigned form says what is to come, and its layers what they were like.
// RUN: quantization-opt %S/Inputs/two-layers.mlir --from=network --calibrate-with=%t.npz --policy=%S/Inputs/correct-bias.yaml --to=assigned -o %t.assigned.mlir
// RUN: quantization-opt %t.assigned.mlir --from=assigned --calibrate-with=%t.npz --to=simulated -o %t.again.mlir
// RUN: cmp %t.mlir %t.again.mlir

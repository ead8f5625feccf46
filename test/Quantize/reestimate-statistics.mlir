// Weights 3 and 1 become 2 and 2. On the samples (1, 0) and (1, 2) the first layer gives 3 and 5 in float, 2 and 6 then: twice the deviation. So
// its weights are 1 and 1, which gives 1 and 3, and its bias is 2: sixteen steps of 1 * 2^-3. Codes stay.
// RUN: %python -c "import numpy, sys; numpy.savez(sys.argv[1], x=numpy.array([[1, 0], [1, 2]], 'f4'))" %t.npz
// RUN: quantization-opt %S/Inputs/two-layers.mlir --from=network --calibrate-with=%t.npz --policy=%S/Inputs/reestimate-statistics.yaml --to=simulated -o %t.mlir --remarks-filter=reestimate-statistics 2>&1 | FileCheck %s --check-prefix=REMARKS
// RUN: FileCheck %s --input-file=%t.mlir --implicit-check-not=nn.mean --implicit-check-not=nn.corrections

// CHECK-DAG: layer = "w1", value = dense<1> : tensor<2x1xi8>} : () -> tensor<2x1x!quant.uniform<i2<-1:1>:f32:1, {1.000000e+00}>>
// CHECK-DAG: layer = "fc1_bias", value = dense<16> : tensor<1xi32>} : () -> tensor<1x!quant.uniform<i32:f32:0, {1.250000e-01}>>
// CHECK-DAG: layer = "b2", value = dense<4> : tensor<1xi32>} : () -> tensor<1x!quant.uniform<i32:f32:0, {1.250000e-01}>>

// REMARKS-DAG: [Passed] fc1 | Category:reestimate-statistics | Remark="biases moved by 2.000 deviations of their channel on average, 2.000 at most; scales times 0.500 to 0.500"

// One scale for all channels stays; the bias is as correct-bias has it.
// RUN: sed 's/weights: binary/weights: binary{per=tensor}/' %S/Inputs/reestimate-statistics.yaml > %t.yaml
// RUN: quantization-opt %S/Inputs/two-layers.mlir --from=network --calibrate-with=%t.npz --policy=%t.yaml --to=simulated -o %t.tensor.mlir --remarks-filter=reestimate-statistics 2>&1 | FileCheck %s --check-prefix=TENSOR
// TENSOR: [Missed] fc1 | Category:reestimate-statistics | Remark="no scale re-estimated: its weights have one for all channels"
// TENSOR: [Passed] fc1 | Category:reestimate-statistics | Remark="biases moved by 0.000 deviations of their channel on average, 0.000 at most"

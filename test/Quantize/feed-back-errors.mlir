// Ternary weights are 0.35 times signs. Where all inputs are equal, the 0.15 that the first loses is made up for by the other two: the third is
// 0.25 less 0.1 then, nearer to 0 than to 0.35. Inputs that have nothing to do with each other leave each weight to itself.
// RUN: %python -c "import numpy, sys; numpy.savez(sys.argv[1], x=numpy.array([[1, 1, 1], [2, 2, 2]], 'f4')); numpy.savez(sys.argv[2], x=numpy.eye(3, dtype='f4'))" %t.npz %t.apart.npz
// RUN: quantization-opt %S/Inputs/three-inputs.mlir --from=network --calibrate-with=%t.npz --policy=%S/Inputs/feed-back-errors.yaml --to=simulated -o %t.mlir --remarks-filter=feed-back-errors 2>&1 | FileCheck %s --check-prefix=REMARKS
// RUN: FileCheck %s --input-file=%t.mlir --implicit-check-not=nn.mean --implicit-check-not=nn.corrections
// RUN: quantization-opt %S/Inputs/three-inputs.mlir --from=network --calibrate-with=%t.apart.npz --policy=%S/Inputs/feed-back-errors.yaml --to=simulated -o - | FileCheck %s --check-prefix=APART

// CHECK: layer = "w", value = dense<{{\[\[}}1], [1], [0]]> : tensor<3x1xi8>} : () -> tensor<3x1x!quant.uniform<i2<-1:1>:f32:1, {0.34999999403953552}>>
// APART: layer = "w", value = dense<{{\[\[}}1], [1], [-1]]> : tensor<3x1xi8>}
// REMARKS: [Passed] fc | Category:feed-back-errors | Remark="33.3 % of the weights are zero"

// From the assigned form on, too, which says that it is to come.
// RUN: quantization-opt %S/Inputs/three-inputs.mlir --from=network --calibrate-with=%t.npz --policy=%S/Inputs/feed-back-errors.yaml --to=assigned -o %t.assigned.mlir
// RUN: quantization-opt %t.assigned.mlir --from=assigned --calibrate-with=%t.npz --to=simulated -o - | FileCheck %s --implicit-check-not=nn.mean --implicit-check-not=nn.corrections

// Weights that are rounded one by one are left alone.
// RUN: sed 's/weights: ternary/weights: int4/' %S/Inputs/feed-back-errors.yaml > %t.yaml
// RUN: quantization-opt %S/Inputs/three-inputs.mlir --from=network --calibrate-with=%t.npz --policy=%t.yaml --to=simulated -o /dev/null --remarks-filter=feed-back-errors 2>&1 | FileCheck %s --check-prefix=ALONE
// ALONE: [Missed] fc | Category:feed-back-errors | Remark="its format rounds each weight by itself"

// All groups of a layer are rounded alike.
// RUN: %python -c "import numpy, sys; numpy.savez(sys.argv[1], x=numpy.ones((2, 64, 1, 2), 'f4'))" %t.groups.npz
// RUN: quantization-opt %S/Inputs/many-groups.mlir --from=network --calibrate-with=%t.groups.npz --policy=%S/Inputs/feed-back-errors.yaml --to=simulated -o - | FileCheck %s --check-prefix=GROUPS
// GROUPS: layer = "w", value = dense<1> : tensor<64x1x1x2xi8>}

// All that is wrong is reported at once, each at its line of the policy.
// RUN: not quantization-opt %s --assign-precision=policy=%S/Inputs/wrong.yaml 2>&1 | FileCheck %s --check-prefix=WRONG
// WRONG: wrong.yaml:3:1: error: unknown number format "posit7"
// WRONG: wrong.yaml:6:1: error: unknown number format "posit9"
// WRONG: wrong.yaml:7:1: error: format uint8 has no option "lossy"
// RUN: not quantization-opt %s --assign-precision=policy=%S/Inputs/unmatched.yaml 2>&1 | FileCheck %s --check-prefix=UNMATCHED
// UNMATCHED: unmatched.yaml:4:1: error: no layer matches "conv[2-9]"; layers are named as the nodes of the model
// UNMATCHED: unmatched.yaml:7:1: error: no layer matches "fc*"
// UNMATCHED: error: {{.*}}unmatched.yaml: meant for the model abc123, but this one is def456; search again, or remove the line "model"

// RUN: not quantization-opt %s --assign-precision=policy=%S/Inputs/misspelt.yaml 2>&1 | FileCheck %s --check-prefix=SYNTAX
// SYNTAX-DAG: misspelt.yaml:4:1: error: unknown key "weigths"
// SYNTAX-DAG: misspelt.yaml:5:1: error: unknown key "lowerings" in a layer rule
// SYNTAX-DAG: misspelt.yaml:6:1: error:

// The driver says `error` once, whatever the number of problems.
// RUN: not quantization-opt %s --from=observed --to=assigned --policy=%S/Inputs/wrong.yaml 2>&1 | FileCheck %s --check-prefix=DRIVER
// DRIVER: wrong.yaml:3:1: error: unknown number format "posit7"
// DRIVER-NOT: error:
// DRIVER: wrong.yaml:6:1: note: unknown number format "posit9"
// DRIVER-NOT: error:
// DRIVER: wrong.yaml:7:1: note: format uint8 has no option "lossy"
// DRIVER-NOT: error:
// A file that cannot be read as a policy is refused before anything else.
// RUN: not quantization-opt %s --from=observed --to=assigned --policy=%S/Inputs/misspelt.yaml 2>&1 | FileCheck %s --check-prefix=EARLY
// EARLY: misspelt.yaml:4:1: error: unknown key "weigths" in a layer rule; expected match, weights, activations, lowering or storage
// EARLY-NOT: error:
// EARLY: misspelt.yaml:5:1: note: unknown key "lowerings"
// EARLY-NOT: error:
// EARLY: misspelt.yaml:6:1: note:
// EARLY-NOT: error:

// RUN: not quantization-opt %s --assign-precision=policy=posit7 2>&1 | FileCheck %s --check-prefix=NAME
// NAME: error: no policy or policy file named "posit7" ({{[Nn]}}o such file or directory); known policies are int8, int8-symmetric, float, and number formats such as int4, int4{{[{]}}block=32}, dfp8 and q4.12

module attributes {nn.model_hash = "def456"} {
  func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}) -> tensor<1x2xf32> {
    %0 = nn.observe %x {layer = "x"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %1 = nn.add %0, %0 {layer = "conv1"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %2 = nn.observe %1 {layer = "conv1"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    return %2 : tensor<1x2xf32>
  }
}

// RUN: not quantization-opt %s --check-policy=policy=%S/Inputs/unmatched.yaml 2>&1 | FileCheck %s
// CHECK: unmatched.yaml:4:1: error: no layer matches "conv[2-9]"; layers are named as the nodes of the model
// CHECK: unmatched.yaml:7:1: error: no layer matches "fc*"
// CHECK: error: {{.*}}unmatched.yaml: meant for the model abc123, but this one is def456; search again, or remove the line "model"

// Formats that a place cannot have.
// RUN: not quantization-opt %s --check-policy=policy=%S/Inputs/weights.yaml 2>&1 | FileCheck %s --check-prefix=WEIGHTS
// WEIGHTS: weights.yaml:2:1: error: input cannot be uint8{per=channel}: values between layers have one scale, only weights have one per channel: leave per=channel out
// WEIGHTS: weights.yaml:5:1: error: rule "conv1": weights cannot be uint8: weights are symmetric: write int8{{$}}
// WEIGHTS: weights.yaml:8:1: error: rule "fc2": weights cannot be int8{asymmetric, per=tensor}: weights are symmetric: write int8{per=tensor}
// WEIGHTS: weights.yaml:9:1: error: rule "fc2": activations cannot be int8{per=channel}: values between layers have one scale
// WEIGHTS-NOT: error:

// The driver asks before anything is calibrated: these samples do not exist, and this network has no such layer.
// RUN: not quantization-opt %s --from=network --policy=%S/Inputs/unmatched.yaml --calibrate-with=%S --emit=obj -o %t.o 2>&1 | FileCheck %s --check-prefix=EARLY
// EARLY-NOT: calibrating
// EARLY: unmatched.yaml:4:1: error: no layer matches "conv[2-9]"
// EARLY: unmatched.yaml:7:1: note: no layer matches "fc*"
// EARLY-NOT: error:

module attributes {nn.model_hash = "def456"} {
  func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}) -> (tensor<1x2xf32> {nn.name = "conv1"}) {
    %0 = nn.add %x, %x {layer = "conv1"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    return %0 : tensor<1x2xf32>
  }
}

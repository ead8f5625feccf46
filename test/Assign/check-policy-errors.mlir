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

// A stage is made of layers of the network, or of those that it had.
// RUN: not quantization-opt %s --check-policy=policy=%S/Inputs/stages.yaml 2>&1 | FileCheck %s --check-prefix=STAGES
// STAGES-NOT: error:
// STAGES: stages.yaml:7:1: error: no layer matches the stage "nowhere"; layers are named as the nodes of the model
// STAGES-NOT: error:

// Formats of which no more is known than their width are for reports of costs.
// RUN: not quantization-opt %s --check-policy=policy=%S/Inputs/widths.yaml 2>&1 | FileCheck %s --check-prefix=WIDTHS
// WIDTHS: widths.yaml:4:1: error: unknown number format "posit5"
// WIDTHS: widths.yaml:5:1: error: unknown number format "fixed5"
// RUN: quantization-opt %s --check-policy="policy=%S/Inputs/widths.yaml only-widths=true" -o /dev/null
// A known format without such an option is no width alone.
// RUN: sed 's/posit5/int5{blocks=2}/' %S/Inputs/widths.yaml > %t.option.yaml
// RUN: not quantization-opt %s --check-policy="policy=%t.option.yaml only-widths=true" 2>&1 | FileCheck %s --check-prefix=OPTION
// OPTION: option.yaml:4:1: error: format int5 has no option "blocks=2"; known are symmetric, asymmetric, per=channel, per=tensor and block=NUMBER
// A width that cannot be is none.
// RUN: sed 's/posit5/posit77/' %S/Inputs/widths.yaml > %t.yaml
// RUN: not quantization-opt %s --check-policy="policy=%t.yaml only-widths=true" 2>&1 | FileCheck %s --check-prefix=WIDE
// WIDE: :4:1: error: unknown number format "posit77"
// WIDE-NOT: error:

// Values that share bytes have few bits and stay inside of the network.
// RUN: not quantization-opt %s --check-policy=policy=%S/Inputs/storage-wide.yaml 2>&1 | FileCheck %s --check-prefix=WIDE-STORAGE
// WIDE-STORAGE: storage-wide.yaml:3:1: error: rule "a": storage cannot be packed: activations are uint8, and only values of 4 bits or fewer share a byte; leave storage out
// WIDE-STORAGE: storage-wide.yaml:6:1: error: rule "b": storage cannot be packed: activations are uint5
// WIDE-STORAGE: storage-wide.yaml:9:1: error: rule "c": storage cannot be packed: activations are float
// WIDE-STORAGE-NOT: rule "d"
// WIDE-STORAGE: storage-wide.yaml:15:1: error: rule "e": storage cannot be packed: activations are float
// RUN: printf 'version: 1\nlayers:\n  - {match: conv1, activations: uint4, storage: packed}\n' > %t.result.yaml
// RUN: not quantization-opt %s --check-policy=policy=%t.result.yaml 2>&1 | FileCheck %s --check-prefix=RESULT
// RESULT: result.yaml:3:1: error: rule "conv1" has packed storage, which is for values between layers, and decides none; leave storage out

module attributes {nn.model_hash = "def456", nn.sublayers = [#nn.sublayer<layer = "drop2", type = "Dropout", inputs = ["conv1"], in = 2, out = 2, weights = 0>]} {
  func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}) -> (tensor<1x2xf32> {nn.name = "conv1"}) {
    %0 = nn.add %x, %x {layer = "conv1"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    return %0 : tensor<1x2xf32>
  }
}

// A rule whose layers all fall under earlier ones is a warning, and the network stays as it is. A last "*" may be left without layers.
// RUN: quantization-opt %s --check-policy=policy=%S/Inputs/shadowed.yaml 2> %t.txt | FileCheck %s
// RUN: FileCheck %s --check-prefix=WARN --input-file=%t.txt
// WARN: shadowed.yaml:6:1: warning: rule "conv1" decides nothing: the first rule that matches wins, and "conv*" (line 3) comes before it for all its layers; move it up or remove it
// WARN-NOT: warning:
// WARN: shadowed.yaml:12:1: warning: rule "fc[23]" decides nothing: the first rule that matches wins, and "[cf]*2" (line 9) comes before it
// WARN-NOT: warning:
// WARN: shadowed.yaml:18:1: warning: rule "*" decides nothing: {{.*}} "conv*" (line 3), "[cf]*2" (line 9), "*" (line 15) come before it
// WARN-NOT: warning:

// RUN: quantization-opt %s --check-policy=policy=int8 2>&1 | FileCheck %s --implicit-check-not=warning

// In the driver, once, although assign-precision reads the same policy.
// RUN: quantization-opt %s --from=network --to=assigned --policy=%S/Inputs/shadowed.yaml -o /dev/null 2>&1 | FileCheck %s --check-prefix=DRIVER
// DRIVER-COUNT-3: warning: rule
// DRIVER-NOT: warning: rule

// CHECK-LABEL: func.func @network
// CHECK-COUNT-3: nn.add
module {
  func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}) -> (tensor<1x2xf32> {nn.name = "y"}) {
    %0 = nn.add %x, %x {layer = "conv1"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %1 = nn.add %0, %0 {layer = "fc2"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %2 = nn.add %1, %1 {layer = "y"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    return %2 : tensor<1x2xf32>
  }
}

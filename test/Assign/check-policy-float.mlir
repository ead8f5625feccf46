// A rule that gives a format only to layers without an integer form is a warning; one that has other layers, too, is none.
// RUN: quantization-opt %s --check-policy=policy=%S/Inputs/float-layers.yaml 2> %t.txt | FileCheck %s
// RUN: FileCheck %s --check-prefix=WARN --input-file=%t.txt
// WARN-NOT: warning:
// WARN: float-layers.yaml:3:1: warning: rule "soft*" gives binary to "soft1", "soft2", which have no integer form and stay float
// WARN-NOT: warning:

// CHECK-LABEL: func.func @network
module {
  func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}) -> (tensor<1x2xf32> {nn.name = "y"}) {
    %0 = nn.softmax %x {axis = 1 : i64, layer = "soft1"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %1 = nn.softmax %0 {axis = 1 : i64, layer = "soft2"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %2 = nn.add %1, %1 {layer = "y"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %3 = nn.softmax %2 {axis = 1 : i64, layer = "last"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    return %3 : tensor<1x2xf32>
  }
}

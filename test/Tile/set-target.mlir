// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver4 features=+avx512f,-avx512vnni" --split-input-file | FileCheck %s
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=haswell emulated=true" --split-input-file | FileCheck %s --check-prefix=EMULATED
// RUN: quantization-opt %s --set-target=cpu=haswell --split-input-file | FileCheck %s --check-prefix=NONE

// Without a triple there is no machine to speak of.
// CHECK: module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "+avx512f,-avx512vnni">} {
// EMULATED: module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = "", emulated = true>} {
// NONE: module {
// NONE-NEXT: func.func private @plain()
module {
  func.func private @plain()
}

// -----

// What a file says about its target, someone wrote there.
// CHECK: module attributes {fixed.target = #fixed.target<triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "">} {
// CHECK-NOT: znver4
// EMULATED: module attributes {fixed.target = #fixed.target<triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "">} {
// NONE: module attributes {fixed.target = #fixed.target<triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "">} {
module attributes {fixed.target = #fixed.target<triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "">} {
  func.func private @given()
}

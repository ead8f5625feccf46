// A kernel that the target lacks is refused with the layer's name: one of another machine, and one that is none.
// RUN: quantization-opt %s --expand-contract --split-input-file --verify-diagnostics

module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "alderlake", features = "">} {
func.func @lacking(%x: memref<1x4xi8>, %w: memref<1x1x1x1x16x4xi8>, %y: memref<1x16xi32>) {
  // expected-error@+1 {{layer "fc" needs the kernel "vnni512", which the target lacks}}
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "vnni512", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x4xi8>, memref<1x1x1x1x16x4xi8>, memref<1x16xi32>) -> ()
  return
}
}

// -----

module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "">} {
func.func @lacking(%x: memref<1x4xi8>, %w: memref<1x1x1x1x16x4xi8>, %y: memref<1x16xi32>) {
  // expected-error@+1 {{layer "fc" needs the kernel "vnni384", which the target lacks}}
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "vnni384", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x4xi8>, memref<1x1x1x1x16x4xi8>, memref<1x16xi32>) -> ()
  return
}
}

// -----

module attributes {fixed.target = #fixed.target<triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "">} {
func.func @lacking(%x: memref<1x4xi8>, %w: memref<1x1x1x1x16x4xi8>, %y: memref<1x16xi32>) {
  // expected-error@+1 {{layer "fc" needs the kernel "vnni512", which the target lacks}}
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "vnni512", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x4xi8>, memref<1x1x1x1x16x4xi8>, memref<1x16xi32>) -> ()
  return
}
}

// -----

func.func @lacking(%x: memref<1x4xi8>, %w: memref<1x1x1x1x16x4xi8>, %y: memref<1x16xi32>) {
  // expected-error@+1 {{layer "fc" needs the kernel "vnni512", which the target lacks}}
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "vnni512", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x4xi8>, memref<1x1x1x1x16x4xi8>, memref<1x16xi32>) -> ()
  return
}

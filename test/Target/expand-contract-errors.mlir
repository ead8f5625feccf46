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

// -----

// A slice of the channels of another buffer: columns do not lie side by side, and a kernel that reads them as one run would read others.
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "">} {
  func.func @slice(%x: memref<1x3x4x8xi8, strided<[192, 64, 16, 1], offset: 8>>, %w: memref<1x1x3x6x16x4xi8>, %y: memref<1x1x2x16xi32>) {
    // expected-error@+1 {{layer "conv" does not suit the kernel "vnni512": the columns of its input do not lie side by side}}
    "fixed.contract"(%x, %w, %y) <{kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
    ^bb0(%a: i32):
      fixed.yield %a : i32
    }) : (memref<1x3x4x8xi8, strided<[192, 64, 16, 1], offset: 8>>, memref<1x1x3x6x16x4xi8>, memref<1x1x2x16xi32>) -> ()
    return
  }
}

// -----

module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "">} {
  func.func @packed_for_another(%x: memref<1x8xi8>, %w: memref<1x1x1x4x16x2xi8>, %y: memref<1x16xi32>) {
    // expected-error@+1 {{layer "fc" does not suit the kernel "vnni512": its weights are packed for another}}
    "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "vnni512", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
    ^bb0(%a: i32):
      fixed.yield %a : i32
    }) : (memref<1x8xi8>, memref<1x1x1x4x16x2xi8>, memref<1x16xi32>) -> ()
    return
  }
}

// -----

module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "">} {
  func.func @on_tensors(%x: tensor<1x8xi8>, %w: tensor<1x1x1x2x16x4xi8>, %y: tensor<1x16xi32>) {
    // expected-error@+1 {{layer "fc" does not suit the kernel "vnni512": it is on tensors; bufferize first}}
    %0 = "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "vnni512", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
    ^bb0(%a: i32):
      fixed.yield %a : i32
    }) : (tensor<1x8xi8>, tensor<1x1x1x2x16x4xi8>, tensor<1x16xi32>) -> tensor<1x16xi32>
    return
  }
}

// -----

// Steps as vectors take them, 3 tiles of channels, and a layout known only when it runs.
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "">} {
  func.func @tiles(%x: memref<16x66xi8>, %w: memref<1x1x1x17x16x4xi8>, %y: memref<16x16xi32>) {
    // expected-error@+1 {{layer "fc" does not suit the kernel "amx": its weights are packed for another}}
    "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "amx", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
    ^bb0(%a: i32):
      fixed.yield %a : i32
    }) : (memref<16x66xi8>, memref<1x1x1x17x16x4xi8>, memref<16x16xi32>) -> ()
    return
  }
}

// -----

module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "">} {
  func.func @wide_block(%x: memref<16x64xi8>, %w: memref<1x1x1x16x48x4xi8>, %y: memref<16x48xi32>) {
    // expected-error@+1 {{layer "fc" does not suit the kernel "amx": its weights are packed for another}}
    "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "amx", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
    ^bb0(%a: i32):
      fixed.yield %a : i32
    }) : (memref<16x64xi8>, memref<1x1x1x16x48x4xi8>, memref<16x48xi32>) -> ()
    return
  }
}

// -----

module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "">} {
  func.func @unknown_place(%x: memref<16x64xi8, strided<[80, 1], offset: ?>>, %w: memref<1x1x1x16x16x4xi8>, %y: memref<16x16xi32>) {
    // expected-error@+1 {{layer "fc" does not suit the kernel "amx": the places of its input's values are not known}}
    "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "amx", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
    ^bb0(%a: i32):
      fixed.yield %a : i32
    }) : (memref<16x64xi8, strided<[80, 1], offset: ?>>, memref<1x1x1x16x16x4xi8>, memref<16x16xi32>) -> ()
    return
  }
}

// -----

// A kernel of vectors takes no steps but its own.
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "sapphirerapids", features = "">} {
  func.func @steps_of_tiles(%x: memref<16x66xi8>, %w: memref<1x1x1x18x16x4xi8>, %y: memref<16x16xi32>) {
    // expected-error@+1 {{layer "fc" does not suit the kernel "vnni512": its weights are packed for another}}
    "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "vnni512", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
    ^bb0(%a: i32):
      fixed.yield %a : i32
    }) : (memref<16x66xi8>, memref<1x1x1x18x16x4xi8>, memref<16x16xi32>) -> ()
    return
  }
}

// -----

// Sums of values are read for one vector.
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = "">} {
func.func @two_vectors(%x: memref<2x16xi32>, %w: memref<1x1x1x1x32x1xi8>, %y: memref<2x32xi32>) {
  // expected-error@+1 {{layer "fc" does not suit the kernel "subsets256": it is no product of one vector by a matrix}}
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, packing = 16 : i64, lowering = "subsets256", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<2x16xi32>, memref<1x1x1x1x32x1xi8>, memref<2x32xi32>) -> ()
  return
}
}

// -----

// Weights that become instructions are known, and ternary.
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = "">} {
func.func @argument(%x: memref<1x3x3x2xi8>, %w: memref<1x1x1x2x8x1xi8>, %y: memref<1x3x3x8xi32>) {
  // expected-error@+1 {{layer "conv" does not suit the kernel "adds256": its weights are no constant of its function}}
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "adds256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x3x3x2xi8>, memref<1x1x1x2x8x1xi8>, memref<1x3x3x8xi32>) -> ()
  return
}
}

// -----

// A part of a constant is not in the order of its packing.
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = "">} {
memref.global "private" constant @w : memref<1x1x1x4x8x1xi8> = dense<1>
func.func @part(%x: memref<1x3x3x2xi8>, %y: memref<1x3x3x8xi32>) {
  %all = memref.get_global @w : memref<1x1x1x4x8x1xi8>
  %w = memref.subview %all[0, 0, 0, 2, 0, 0] [1, 1, 1, 2, 8, 1] [1, 1, 1, 1, 1, 1] : memref<1x1x1x4x8x1xi8> to memref<1x1x1x2x8x1xi8, strided<[32, 32, 32, 8, 1, 1], offset: 16>>
  // expected-error@+1 {{layer "conv" does not suit the kernel "adds256": its weights are no constant of its function}}
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64: 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "adds256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x3x3x2xi8>, memref<1x1x1x2x8x1xi8, strided<[32, 32, 32, 8, 1, 1], offset: 16>>, memref<1x3x3x8xi32>) -> ()
  return
}
}

// -----

module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "haswell", features = "">} {
memref.global "private" constant @w : memref<1x1x1x4x8x1xi8> = dense<[[[[[[1], [1], [1], [1], [1], [1], [1], [1]], [[1], [1], [1], [1], [1], [1], [1], [1]], [[2], [1], [1], [1], [1], [1], [1], [1]], [[1], [1], [1], [1], [1], [1], [1], [1]]]]]]>
func.func @magnitudes(%x: memref<1x3x3x2xi8>, %y: memref<1x3x2x8xi32>) {
  %w = memref.get_global @w : memref<1x1x1x4x8x1xi8>
  // expected-error@+1 {{layer "conv" does not suit the kernel "adds256": its weights are not ternary}}
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64: 1, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "adds256", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x3x3x2xi8>, memref<1x1x1x4x8x1xi8>, memref<1x3x2x8xi32>) -> ()
  return
}
}

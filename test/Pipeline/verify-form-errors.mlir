// What each form refuses: the message names the layer, the fact, and the pass that should have dealt with it.
// RUN: split-file %s %t
// RUN: quantization-opt %t/raw.mlir --verify-form=form=raw --split-input-file --verify-diagnostics
// RUN: quantization-opt %t/network.mlir --verify-form=form=network --split-input-file --verify-diagnostics
// RUN: quantization-opt %t/observed.mlir --verify-form=form=observed --split-input-file --verify-diagnostics
// RUN: quantization-opt %t/assigned.mlir --verify-form=form=assigned --split-input-file --verify-diagnostics
// RUN: quantization-opt %t/simulated.mlir --verify-form=form=simulated --split-input-file --verify-diagnostics
// RUN: quantization-opt %t/integral.mlir --verify-form=form=integral --split-input-file --verify-diagnostics
// RUN: sed 's/the integral form/the additive form/' %t/integral.mlir > %t/additive.mlir
// RUN: quantization-opt %t/additive.mlir --verify-form=form=additive --split-input-file --verify-diagnostics
// RUN: quantization-opt %t/tiled.mlir --verify-form=form=tiled --split-input-file --verify-diagnostics
// RUN: quantization-opt %t/lowered.mlir --verify-form=form=lowered --split-input-file --verify-diagnostics

// RUN: not quantization-opt %t/raw.mlir --verify-form=form=quantized 2>&1 | FileCheck %s
// CHECK: error: unknown form "quantized"; known are raw, network, observed, assigned, simulated, integral, additive, tiled, lowered

//--- raw.mlir
func.func @network(%x: f32) -> f32 {
  // expected-error@+1 {{'arith.addf' breaks the raw form: 'arith.addf' does not belong in it; the importer should have dealt with it}}
  %0 = arith.addf %x, %x : f32
  return %0 : f32
}

//--- network.mlir
func.func @network(%x: tensor<1x2xf32>) -> tensor<*xf32> {
  // expected-error@+1 {{'nn.none' breaks the network form: it is still an ONNX node; convert-onnx-to-nn should have dealt with it}}
  %none = nn.none : () -> none
  // expected-error@+2 {{layer "clip" breaks the network form: it is still an ONNX node; convert-onnx-to-nn should have dealt with it}}
  // expected-error@+1 {{layer "clip" breaks the network form: its shape is not static; convert-onnx-to-nn should have dealt with it}}
  %0 = nn.onnx %x, %none {type = "Clip", domain = "", version = 13 : i64, node_attributes = {}, layer = "clip"} : (tensor<1x2xf32>, none) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

func.func @batch_norm(%x: tensor<1x2xf32>, %c: tensor<2xf32>) -> tensor<1x2xf32> {
  // expected-error@+1 {{layer "bn" breaks the network form: it is still a batch normalization; simplify-network should have dealt with it}}
  %0 = nn.batch_norm %x, %c, %c, %c, %c {epsilon = 0.1 : f32, layer = "bn"} : (tensor<1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

func.func @dynamic(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // expected-error@+1 {{layer "sum" breaks the network form: its shape is not static; convert-onnx-to-nn should have dealt with it}}
  %0 = nn.add %x, %x {layer = "sum"} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// -----

func.func @names(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = nn.add %x, %x {layer = "same"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  // expected-error@+1 {{layer "same" breaks the network form: another layer has the same name; convert-onnx-to-nn should have dealt with it}}
  %1 = nn.mul %0, %0 {layer = "same"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  // expected-error@+1 {{layer "same" breaks the network form: it has no layer name; convert-onnx-to-nn should have dealt with it}}
  %2 = nn.sub %1, %0 {layer = ""} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %2 : tensor<2xf32>
}

// -----

func.func @foreign(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = nn.add %x, %x {layer = "sum"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  // expected-error@+1 {{layer "sum" breaks the network form: 'arith.addf' does not belong in it; convert-onnx-to-nn should have dealt with it}}
  %1 = arith.addf %0, %0 : tensor<2xf32>
  return %1 : tensor<2xf32>
}

//--- observed.mlir
func.func @foreign(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = nn.observe %x {layer = "x"} : (tensor<2xf32>) -> tensor<2xf32>
  // expected-error@+1 {{layer "x" breaks the observed form: 'arith.addf' does not belong in it; convert-onnx-to-nn should have dealt with it}}
  %1 = arith.addf %0, %0 : tensor<2xf32>
  return %1 : tensor<2xf32>
}

// -----

func.func @dynamic(%x: tensor<?xf32>) -> tensor<?xf32> {
  // expected-error@+1 {{layer "x" breaks the observed form: its shape is not static; convert-onnx-to-nn should have dealt with it}}
  %0 = nn.observe %x {layer = "x"} : (tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}

//--- assigned.mlir
func.func @precision(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error@+1 {{layer "x" breaks the assigned form: its value has no precision; assign-precision should have dealt with it}}
  %0 = nn.observe %x {layer = "x"} : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @foreign(%x: tensor<2x!u8>) -> tensor<2x!u8> {
  // expected-error@+1 {{layer "x" breaks the assigned form: 'fixed.rescale' does not belong in it; convert-onnx-to-nn should have dealt with it}}
  %0 = fixed.rescale %x {scales = array<f64: 2.0>, axis = 0, clamp = array<i64: 0, 255>, bound = 245, rounding = 0 : i32, layer = "x"} : (tensor<2x!u8>) -> tensor<2x!u8>
  return %0 : tensor<2x!u8>
}

//--- simulated.mlir
func.func @observer(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error@+1 {{layer "x" breaks the simulated form: an nn.observe is left; insert-quantization should have dealt with it}}
  %0 = nn.observe %x {layer = "x", precision = #nn.precision<"float", "min-max">} : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @foreign(%x: tensor<2x!u8>) -> tensor<2x!u8> {
  // expected-error@+1 {{layer "x" breaks the simulated form: 'fixed.rescale' does not belong in it; insert-quantization should have dealt with it}}
  %0 = fixed.rescale %x {scales = array<f64: 2.0>, axis = 0, clamp = array<i64: 0, 255>, bound = 245, rounding = 0 : i32, layer = "x"} : (tensor<2x!u8>) -> tensor<2x!u8>
  return %0 : tensor<2x!u8>
}

//--- integral.mlir
func.func @onnx(%x: tensor<1x2xf32>) -> tensor<*xf32> {
  // expected-error@+2 {{layer "clip" breaks the integral form: it is still an ONNX node; convert-onnx-to-nn should have dealt with it}}
  // expected-error@+1 {{layer "clip" breaks the integral form: its shape is not static; convert-onnx-to-nn should have dealt with it}}
  %0 = nn.onnx %x {type = "Clip", domain = "", version = 13 : i64, node_attributes = {}, layer = "clip"} : (tensor<1x2xf32>) -> tensor<*xf32>
  return %0 : tensor<*xf32>
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @sandwich(%x: tensor<2x!u8>) -> tensor<2x!u8> {
  %0 = nn.dequantize %x {layer = "x"} : (tensor<2x!u8>) -> tensor<2xf32>
  // expected-error@+1 {{layer "sum" breaks the integral form: 'nn.add' computes in floating point between integers; absorb-quantization should have dealt with it}}
  %1 = nn.add %0, %0 {layer = "sum"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "sum"} : (tensor<2xf32>) -> tensor<2x!u8>
  return %2 : tensor<2x!u8>
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @scales(%x: tensor<2x!u8>) -> tensor<2x!u8> {
  // expected-error@+1 {{layer "conv1" breaks the integral form: its rescale has floating-point scales; materialize-rescale should have dealt with it}}
  %0 = fixed.rescale %x {scales = array<f64: 2.0>, axis = 0, clamp = array<i64: 0, 255>, bound = 245, rounding = 0 : i32, layer = "conv1"} : (tensor<2x!u8>) -> tensor<2x!u8>
  return %0 : tensor<2x!u8>
}

// -----

func.func @observer(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error@+1 {{layer "x" breaks the integral form: an nn.observe is left; insert-quantization should have dealt with it}}
  %0 = nn.observe %x {layer = "x"} : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

// Every breach is reported.
!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @foreign(%x: tensor<2x!u8>, %i: tensor<2xi32>) -> (tensor<2xf32>, tensor<2xi32>) {
  %0 = nn.dequantize %x {layer = "conv3"} : (tensor<2x!u8>) -> tensor<2xf32>
  // expected-error@+1 {{layer "conv3" breaks the integral form: 'arith.mulf' is floating-point arithmetic; absorb-quantization should have dealt with it}}
  %1 = arith.mulf %0, %0 : tensor<2xf32>
  // expected-error@+1 {{'arith.muli' breaks the integral form: 'arith.muli' does not belong in it; absorb-quantization should have dealt with it}}
  %2 = arith.muli %i, %i : tensor<2xi32>
  return %1, %2 : tensor<2xf32>, tensor<2xi32>
}

//--- tiled.mlir
func.func @buffer() {
  // expected-error@+1 {{'memref.alloc' breaks the tiled form: a buffer lies outside the arena; plan-memory should have dealt with it}}
  %0 = memref.alloc() : memref<4xi8>
  return
}

// -----

func.func @tensor(%x: tensor<2xf32>) {
  // expected-error@+1 {{layer "conv1" breaks the tiled form: 'nn.add' does not belong in it; the room Tile should have dealt with it}}
  %0 = nn.add %x, %x {layer = "conv1"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  // expected-error@+1 {{layer "conv1" breaks the tiled form: 'tensor.extract_slice' does not belong in it; the room Tile should have dealt with it}}
  %1 = tensor.extract_slice %0[0] [1] [1] : tensor<2xf32> to tensor<1xf32>
  return
}

//--- lowered.mlir
// expected-error@+1 {{'func.func' breaks the lowered form: 'func.func' does not belong in it; the target's pipeline should have dealt with it}}
func.func @network(%x: i32) {
  // expected-error@+1 {{'arith.addi' breaks the lowered form: 'arith.addi' does not belong in it; the target's pipeline should have dealt with it}}
  %0 = arith.addi %x, %x : i32
  // expected-error@+1 {{'func.return' breaks the lowered form}}
  return
}

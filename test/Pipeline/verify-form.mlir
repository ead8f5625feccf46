// What each form admits.
// RUN: split-file %s %t
// RUN: quantization-opt %t/raw.mlir --verify-form=form=raw --verify-diagnostics -o %t/out
// RUN: quantization-opt %t/network.mlir --verify-form=form=network --verify-diagnostics -o %t/out
// RUN: quantization-opt %t/network.mlir --verify-form --verify-diagnostics -o %t/out
// RUN: quantization-opt %t/observed.mlir --verify-form=form=observed --verify-diagnostics -o %t/out
// RUN: quantization-opt %t/assigned.mlir --verify-form=form=assigned --verify-diagnostics -o %t/out
// RUN: quantization-opt %t/simulated.mlir --verify-form=form=simulated --verify-diagnostics -o %t/out
// RUN: quantization-opt %t/integral.mlir --verify-form=form=integral --verify-diagnostics -o %t/out
// RUN: quantization-opt %t/integral.mlir --verify-form=form=additive --verify-diagnostics -o %t/out
// RUN: quantization-opt %t/tiled.mlir --verify-form=form=tiled --verify-diagnostics -o %t/out
// RUN: quantization-opt %t/lowered.mlir --verify-form=form=lowered --verify-diagnostics -o %t/out

// A form admits what the one before left, where it is about the same ops.
// RUN: quantization-opt %t/network.mlir --verify-form=form=observed --verify-diagnostics -o %t/out
// RUN: quantization-opt %t/network.mlir --verify-form=form=integral --verify-diagnostics -o %t/out

// The pass changes nothing.
// RUN: quantization-opt %t/integral.mlir -o %t/before
// RUN: quantization-opt %t/integral.mlir --verify-form=form=integral -o %t/after
// RUN: diff %t/before %t/after

//--- raw.mlir
func.func @network(%x: tensor<1x2xf32>) -> tensor<*xf32> {
  %none = nn.none : () -> none
  %0 = nn.onnx %x, %none {type = "Clip", domain = "", version = 13 : i64, node_attributes = {}, layer = "same"} : (tensor<1x2xf32>, none) -> tensor<*xf32>
  %1 = nn.onnx %0 {type = "Relu", domain = "", version = 13 : i64, node_attributes = {}, layer = "same"} : (tensor<*xf32>) -> tensor<*xf32>
  return %1 : tensor<*xf32>
}

//--- network.mlir
func.func @network(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %k = nn.constant {value = dense<1.0> : tensor<1x2xf32>, layer = "k"} : () -> tensor<1x2xf32>
  %0 = nn.add %x, %k {layer = "sum"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = nn.softmax %0 {axis = 1, layer = "softmax"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}

//--- observed.mlir
// An observer bears the name of its layer.
func.func @network(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %0 = nn.add %x, %x {layer = "sum"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = nn.observe %0 {layer = "sum"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}

//--- assigned.mlir
func.func @network(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %0 = nn.add %x, %x {layer = "sum"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = nn.observe %0 {layer = "sum", precision = #nn.precision<"float", "min-max">} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %1 : tensor<1x2xf32>
}

//--- simulated.mlir
!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @network(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %0 = nn.add %x, %x {layer = "sum"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = nn.quantize %0 {rounding = 0 : i32, layer = "sum"} : (tensor<1x2xf32>) -> tensor<1x2x!u8>
  %2 = nn.dequantize %1 {layer = "sum"} : (tensor<1x2x!u8>) -> tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}

//--- integral.mlir
// Float are: layers without an integer form, layers whose operands or results are float, and what somebody keeps in float.
!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @network(%x: tensor<1x2xf32>) -> (tensor<1x2x!u8>, tensor<1x2xf32>, tensor<1x2x!u8>) {
  %0 = nn.quantize %x {rounding = 0 : i32, layer = "x"} : (tensor<1x2xf32>) -> tensor<1x2x!u8>
  %1 = nn.mul %0, %0 {layer = "product"} : (tensor<1x2x!u8>, tensor<1x2x!u8>) -> tensor<1x2xi32>
  %2 = fixed.rescale %1 {multipliers = array<i32: 1073741824>, shifts = array<i32: 31>, axis = 0, clamp = array<i64: 0, 255>, bound = 60025, rounding = 0 : i32, layer = "product"} : (tensor<1x2xi32>) -> tensor<1x2x!u8>
  %3 = nn.dequantize %2 {layer = "product"} : (tensor<1x2x!u8>) -> tensor<1x2xf32>
  %4 = nn.softmax %3 {axis = 1, layer = "softmax"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %5 = nn.quantize %4 {rounding = 0 : i32, layer = "softmax"} : (tensor<1x2xf32>) -> tensor<1x2x!u8>
  %6 = nn.add %4, %3 {layer = "float_operand"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %7 = nn.add %3, %3 {layer = "kept", nn.why_float = "policy.yaml:3: the policy says float"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %8 = nn.quantize %7 {rounding = 0 : i32, layer = "kept"} : (tensor<1x2xf32>) -> tensor<1x2x!u8>
  return %5, %6, %8 : tensor<1x2x!u8>, tensor<1x2xf32>, tensor<1x2x!u8>
}

//--- tiled.mlir
func.func @network(%x: memref<4xf32>, %y: memref<4xf32>, %arena: memref<64xi8>) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %2 = arith.constant 4 : index
  %a = memref.view %arena[%0][] : memref<64xi8> to memref<4xf32>
  scf.for %i = %0 to %2 step %1 {
    %v = memref.load %x[%i] : memref<4xf32>
    %w = math.sqrt %v : f32
    memref.store %w, %a[%i] : memref<4xf32>
  }
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%a : memref<4xf32>) outs(%y : memref<4xf32>) {
  ^bb0(%in: f32, %out: f32):
    %v = arith.addf %in, %in : f32
    linalg.yield %v : f32
  }
  return
}

//--- lowered.mlir
llvm.func @quantization_sample(%x: !llvm.ptr) {
  %0 = llvm.load %x : !llvm.ptr -> f32
  llvm.store %0, %x : f32, !llvm.ptr
  llvm.return
}

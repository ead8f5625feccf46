// RUN: quantization-opt %s --convert-nn-to-linalg --split-input-file --verify-diagnostics

!y = !quant.uniform<u8:f32, 2.0:3>
func.func @scales(%x: tensor<2xi32>) -> tensor<2x!y> {
  // expected-error@+2 {{layer "conv1" has a rescale without multipliers; run materialize-rescale first}}
  // expected-error@+1 {{failed to legalize operation 'fixed.rescale'}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5>, axis = 0, clamp = array<i64: 0, 255>, bound = 245, rounding = 0 : i32, layer = "conv1"} : (tensor<2xi32>) -> tensor<2x!y>
  return %0 : tensor<2x!y>
}

// -----

func.func @order(%x: tensor<2x3xf32, #fixed.layout<[1, 0]>>) -> tensor<6xf32> {
  // expected-error@+2 {{layer "flat" reshapes a tensor that is not row-major; run choose-layout first}}
  // expected-error@+1 {{failed to legalize operation 'nn.reshape'}}
  %0 = nn.reshape %x {layer = "flat"} : (tensor<2x3xf32, #fixed.layout<[1, 0]>>) -> tensor<6xf32>
  return %0 : tensor<6xf32>
}

// -----

func.func @onnx(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error@+1 {{failed to legalize operation 'nn.onnx'}}
  %0 = nn.onnx %x {type = "Clip", domain = "", version = 13 : i64, node_attributes = {}, layer = "clip"} : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

func.func @observer(%x: tensor<2xf32>) -> tensor<2xf32> {
  // expected-error@+1 {{failed to legalize operation 'nn.observe'}}
  %0 = nn.observe %x {layer = "x"} : (tensor<2xf32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}

// -----

func.func @batch_norm(%x: tensor<1x2xf32>, %c: tensor<2xf32>) -> tensor<1x2xf32> {
  // expected-error@+1 {{failed to legalize operation 'nn.batch_norm'}}
  %0 = nn.batch_norm %x, %c, %c, %c, %c {epsilon = 0.1 : f32, layer = "bn"} : (tensor<1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>
func.func @lowering(%x: tensor<2x6x!u8>) -> tensor<2x4xi32> {
  %w = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "w"} : () -> tensor<6x4x!w>
  // expected-error@+1 {{layer "fc" cannot use the lowering "vnni512": the target has none of that name; without one the target chooses, from loops, shift}}
  %0 = nn.matmul %x, %w {layer = "fc", lowering = "vnni512"} : (tensor<2x6x!u8>, tensor<6x4x!w>) -> tensor<2x4xi32>
  return %0 : tensor<2x4xi32>
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "">} {
  func.func @computed(%x: tensor<2x6x!u8>, %w: tensor<6x4x!w>) -> tensor<2x4xi32> {
    // expected-error@+1 {{layer "fc" cannot use the lowering "vnni512": the kernel computes other types or shapes}}
    %0 = nn.matmul %x, %w {layer = "fc", lowering = "vnni512"} : (tensor<2x6x!u8>, tensor<6x4x!w>) -> tensor<2x4xi32>
    return %0 : tensor<2x4xi32>
  }
}

// A lowering that the target lacks, or that the layer is none for, is refused with the layer's name. All of them are told.
// RUN: quantization-opt %s --set-target="triple=x86_64-unknown-linux-gnu cpu=znver3" --select-lowering --split-input-file --verify-diagnostics

!u8 = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>
func.func @lacking(%x: tensor<2x6x!u8>) {
  %w = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "w"} : () -> tensor<6x4x!w>
  // expected-error@+1 {{layer "fc1" cannot use the lowering "vnni512": the target has none of that name}}
  %0 = nn.matmul %x, %w {layer = "fc1", lowering = "vnni512"} : (tensor<2x6x!u8>, tensor<6x4x!w>) -> tensor<2x4xi32>
  // expected-error@+1 {{layer "fc2" cannot use the lowering "fast": the target has none of that name}}
  %1 = nn.matmul %x, %w {layer = "fc2", lowering = "fast"} : (tensor<2x6x!u8>, tensor<6x4x!w>) -> tensor<2x4xi32>
  // Sums of its products may leave 16 bits.
  // expected-error@+1 {{layer "fc3" cannot use the lowering "maddub256": the kernel computes other types or shapes}}
  %2 = nn.matmul %x, %w {layer = "fc3", lowering = "maddub256"} : (tensor<2x6x!u8>, tensor<6x4x!w>) -> tensor<2x4xi32>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>
func.func @computed(%x: tensor<2x6x!u8>, %w: tensor<6x4x!w>, %b: tensor<4xi32>) {
  // expected-error@+1 {{layer "fc" cannot use the lowering "madd256": its weights or biases are computed}}
  %0 = nn.matmul %x, %w, %b {layer = "fc", lowering = "madd256"} : (tensor<2x6x!u8>, tensor<6x4x!w>, tensor<4xi32>) -> tensor<2x4xi32>
  return
}

// -----

// On a machine without kernels all names are unknown.
!u8 = !quant.uniform<u8:f32, 0.5:10>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>
module attributes {fixed.target = #fixed.target<triple = "aarch64-unknown-linux-gnu", cpu = "cortex-a76", features = "">} {
  func.func @elsewhere(%x: tensor<2x6x!u8>) {
    %w = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "w"} : () -> tensor<6x4x!w>
    // expected-error@+1 {{layer "fc" cannot use the lowering "madd256": the target has none of that name}}
    %0 = nn.matmul %x, %w {layer = "fc", lowering = "madd256"} : (tensor<2x6x!u8>, tensor<6x4x!w>) -> tensor<2x4xi32>
    return
  }
}

// -----

// Of that name, but for other types: 16-bit values are no pairs of 8-bit products, and integers no f32.
!i16 = !quant.uniform<i16:f32, 0.5>
!w = !quant.uniform<i8<-127:127>:f32, 0.5>
func.func @misfit(%x: tensor<2x6x!i16>) {
  %w = nn.constant {value = dense<1> : tensor<6x4xi8>, layer = "w"} : () -> tensor<6x4x!w>
  // expected-error@+1 {{layer "fc1" cannot use the lowering "depthwise-madd256": the kernel computes other types or shapes; without one the target chooses, from madd256, loops}}
  %0 = nn.matmul %x, %w {layer = "fc1", lowering = "depthwise-madd256"} : (tensor<2x6x!i16>, tensor<6x4x!w>) -> tensor<2x4xi32>
  // expected-error@+1 {{layer "fc2" cannot use the lowering "fma256": the kernel computes other types or shapes}}
  %1 = nn.matmul %x, %w {layer = "fc2", lowering = "fma256"} : (tensor<2x6x!i16>, tensor<6x4x!w>) -> tensor<2x4xi32>
  // expected-error@+1 {{layer "fc3" cannot use the lowering "madd256": the kernel computes other types or shapes}}
  %2 = nn.matmul %x, %w {layer = "fc3", lowering = "madd256"} : (tensor<2x6x!i16>, tensor<6x4x!w>) -> tensor<2x4xi64>
  return
}

// RUN: not quantization-opt %s --convert-interface=io=u7 2>&1 | FileCheck %s --check-prefix=IO
// RUN: not quantization-opt %s --convert-interface=io=u8,u7 2>&1 | FileCheck %s --check-prefix=IO
// RUN: not quantization-opt %s --convert-interface=io=u8, 2>&1 | FileCheck %s --check-prefix=IO
// RUN: not quantization-opt %s --convert-interface=io=u8,u8,u8 2>&1 | FileCheck %s --check-prefix=IO
// IO: error: --io=u{{.*}} is unknown; known are f32, u8 and i8, one for both or --io=IN,OUT such as u8,f32

// RUN: not quantization-opt %s --convert-interface=mean=1 2>&1 | FileCheck %s --check-prefix=PIXELS
// RUN: not quantization-opt %s --convert-interface="io=f32,u8 std=1" 2>&1 | FileCheck %s --check-prefix=PIXELS
// PIXELS: error: mean and std describe 8-bit pixels: give --io=u8 with them

// RUN: not quantization-opt %s --convert-interface="io=u8 mean=1,2,3 std=1" 2>&1 | FileCheck %s --check-prefix=CHANNELS
// CHANNELS: error: input "x" has 2 channels, but mean and std have 3 and 1 entries
// RUN: not quantization-opt %s --convert-interface="io=u8 mean=1,2 std=1,2,3" 2>&1 | FileCheck %s --check-prefix=ENTRIES
// ENTRIES: error: input "x" has 2 channels, but mean and std have 2 and 3 entries

// RUN: not quantization-opt %s --convert-interface="io=u8 std=1,0" 2>&1 | FileCheck %s --check-prefix=ZERO
// ZERO: error: std must be positive, not 0

// RUN: sed s/u8:f32,/u16:f32,/ %s > %t.wide.mlir
// RUN: not quantization-opt %t.wide.mlir --convert-interface=io=u8 2>&1 | FileCheck %s --check-prefix=WIDE
// WIDE: error: input "x" cannot be u8: layer "x" reads it in more than 8 bits; quantize it in the policy, or use --io=f32

// RUN: sed "s/nn.softmax %1/nn.softmax %x/" %s > %t.float.mlir
// RUN: not quantization-opt %t.float.mlir --convert-interface=io=i8 2>&1 | FileCheck %s --check-prefix=FLOAT
// FLOAT: error: input "x" cannot be i8: layer "softmax" reads it in float; quantize it in the policy, or use --io=f32

// An input that nobody reads, and one that is no f32, keep their types.
// RUN: quantization-opt %s --convert-interface=io=u8 | FileCheck %s
// CHECK: func.func @network(%arg0: tensor<1x2x!quant.uniform<u8:f32, 1.000000e+00>> {nn.name = "x"}, %arg1: tensor<2xf32>, %arg2: tensor<2xi64>)
// CHECK-SAME: -> (tensor<1x2xf32>, tensor<2xi64>)
// CHECK-NOT: nn.quantize

!a = !quant.uniform<u8:f32, 1.0>
func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}, %unused: tensor<2xf32>, %i: tensor<2xi64>) -> (tensor<1x2xf32>, tensor<2xi64>) {
  %0 = nn.quantize %x {rounding = 0 : i32, layer = "x"} : (tensor<1x2xf32>) -> tensor<1x2x!a>
  %1 = nn.dequantize %0 {layer = "x"} : (tensor<1x2x!a>) -> tensor<1x2xf32>
  %2 = nn.softmax %1 {axis = 1, layer = "softmax"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %2, %i : tensor<1x2xf32>, tensor<2xi64>
}

// RUN: quantization-opt %s --convert-interface=io=u8 --split-input-file | FileCheck %s --check-prefix=U8
// RUN: quantization-opt %s --convert-interface=io=i8 --split-input-file | FileCheck %s --check-prefix=I8
// RUN: quantization-opt %s --convert-interface="io=u8 mean=1 std=2" --split-input-file | FileCheck %s --check-prefix=PIXELS
// RUN: quantization-opt %s --convert-interface="io=i8 mean=-127" --split-input-file | FileCheck %s --check-prefix=SIGNED
// RUN: quantization-opt %s --convert-interface="io=u8 mean=1,2 std=2,4" --split-input-file | FileCheck %s --check-prefix=CHANNELS
// RUN: quantization-opt %s --convert-interface --split-input-file | FileCheck %s --check-prefix=F32
// RUN: quantization-opt %s --convert-interface=io=u8,f32 --split-input-file | FileCheck %s --check-prefix=IN
// RUN: quantization-opt %s --convert-interface=io=f32,i8 --split-input-file | FileCheck %s --check-prefix=OUT
// RUN: quantization-opt %s --pass-pipeline="builtin.module(convert-interface{io=u8,f32 mean=1 std=2})" | FileCheck %s --check-prefix=PIXELS

!a = !quant.uniform<u8:f32, 0.5:10>
!b = !quant.uniform<u8:f32, 0.25:0>

// The caller passes stored values; a reader with a grid of its own gets them rescaled. What is computed in float stays f32.
// U8-LABEL: func.func @network
// U8-SAME: (%arg0: tensor<1x2x!quant.uniform<u8:f32, 5.000000e-01:10>> {nn.name = "x"}) -> (tensor<1x2x!quant.uniform<u8:f32, 5.000000e-01:10>> {nn.name = "y"}, tensor<1x2xf32>, tensor<1x2x!quant.uniform<u8:f32, 2.500000e-01>>)
// U8-NEXT: %[[X2:.*]] = fixed.rescale %arg0 {axis = 0 : i64, bound = 245 : i64, clamp = array<i64: 0, 255>, layer = "x_for_b", rounding = 0 : i32, scales = array<f64: 2.000000e+00>}
// U8-NEXT: %[[Y:.*]] = nn.transpose %arg0
// U8: %[[S:.*]] = nn.softmax
// U8-NEXT: return %[[Y]], %[[S]], %[[X2]] :

// As i8 the codes are those of u8 less 128: grid and numbers are the same.
// I8-LABEL: func.func @network
// I8-SAME: (%arg0: tensor<1x2x!quant.uniform<i8:f32, 5.000000e-01:-118>> {nn.name = "x"}) -> (tensor<1x2x!quant.uniform<i8:f32, 5.000000e-01:-118>> {nn.name = "y"}, tensor<1x2xf32>, tensor<1x2x!quant.uniform<i8:f32, 2.500000e-01:-128>>)
// I8-NEXT: %[[X:.*]] = fixed.rescale %arg0 {axis = 0 : i64, bound = 245 : i64, clamp = array<i64: 0, 255>, layer = "x", {{.*}}scales = array<f64: 1.000000e+00>}
// I8-NEXT: %[[X2:.*]] = fixed.rescale %arg0 {{{.*}}layer = "x_for_b", {{.*}}scales = array<f64: 2.000000e+00>}
// I8-NEXT: %[[Y:.*]] = nn.transpose %[[X]]
// I8-DAG: %[[R1:.*]] = fixed.rescale %[[Y]] {axis = 0 : i64, bound = 245 : i64, clamp = array<i64: -128, 127>, layer = "turn", {{.*}}scales = array<f64: 1.000000e+00>}
// I8-DAG: %[[R2:.*]] = fixed.rescale %[[X2]] {axis = 0 : i64, bound = 255 : i64, clamp = array<i64: -128, 127>, layer = "x_for_b", {{.*}}scales = array<f64: 1.000000e+00>}
// I8: return %[[R1]], %{{.*}}, %[[R2]] :

// One side each.
// IN-LABEL: func.func @network
// IN-SAME: (%arg0: tensor<1x2x!quant.uniform<u8:f32, 5.000000e-01:10>> {nn.name = "x"}) -> (tensor<1x2xf32> {nn.name = "y"}, tensor<1x2xf32>, tensor<1x2xf32>)
// IN-NOT: nn.quantize
// OUT-LABEL: func.func @network
// OUT-SAME: (%arg0: tensor<1x2xf32> {nn.name = "x"}) -> (tensor<1x2x!quant.uniform<i8:f32, 5.000000e-01:-118>> {nn.name = "y"}, tensor<1x2xf32>, tensor<1x2x!quant.uniform<i8:f32, 2.500000e-01:-128>>)
// OUT: nn.quantize %arg0

// (pixel - 1) / 2 on the grid of x is the code pixel + 9, saturated; on that of x_for_b it is 2 * pixel - 2.
// PIXELS-LABEL: func.func @network
// PIXELS-SAME: (%arg0: tensor<1x2x!quant.uniform<u8:f32, 1.000000e+00>> {nn.name = "x"})
// PIXELS-NEXT: %[[T:.*]] = nn.constant {layer = "x_pixels", value = dense<"0x090A0B0C{{.*}}FCFDFEFFFFFFFFFFFFFFFFFFFF"> : tensor<256xi8>} : () -> tensor<256x!quant.uniform<u8:f32, 5.000000e-01:10>>
// PIXELS-NEXT: %[[X:.*]] = fixed.lookup %arg0, %[[T]] {axis = -1 : i64, layer = "x"}
// PIXELS-NEXT: %[[T2:.*]] = nn.constant {layer = "x_for_b_pixels", value = dense<"0x0000020406{{.*}}FAFCFEFFFFFF{{.*}}FF"> : tensor<256xi8>}
// PIXELS-NEXT: %[[X2:.*]] = fixed.lookup %arg0, %[[T2]] {axis = -1 : i64, layer = "x_for_b"}
// PIXELS-NEXT: nn.transpose %[[X]]

// Signed pixels from -128: pixel + 127 is -1, 0, 1, ..., which are the codes 8, 10, 12, ...
// SIGNED-LABEL: func.func @network
// SIGNED-SAME: (%arg0: tensor<1x2x!quant.uniform<i8:f32, 1.000000e+00>> {nn.name = "x"})
// SIGNED-NEXT: nn.constant {layer = "x_pixels", value = dense<"0x080A0C0E{{.*}}FCFEFFFF{{.*}}"> : tensor<256xi8>}

// One table per channel; that of the second quantizes (pixel - 2) / 4: -1, -1/2, 0, 1/2, 1, 3/2, ... steps, ties to even.
// CHANNELS-LABEL: func.func @network
// CHANNELS-NEXT: %[[T:.*]] = nn.constant {layer = "x_pixels", value = dense_resource<[[X:constant[_0-9]*]]> : tensor<2x256xi8>}
// CHANNELS-NEXT: fixed.lookup %arg0, %[[T]] {axis = 1 : i64, layer = "x"}
// CHANNELS: [[X]]: "0x40000000090A0B0C{{.*}}FDFEFFFFFFFFFFFFFFFFFFFF090A0A0A0B0C0C0C0D

// F32-LABEL: func.func @network
// F32-SAME: (%arg0: tensor<1x2xf32> {nn.name = "x"}) -> (tensor<1x2xf32> {nn.name = "y"}, tensor<1x2xf32>, tensor<1x2xf32>)
// F32: nn.quantize %arg0
func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}) -> (tensor<1x2xf32> {nn.name = "y"}, tensor<1x2xf32>, tensor<1x2xf32>) {
  %0 = nn.quantize %x {rounding = 0 : i32, layer = "x"} : (tensor<1x2xf32>) -> tensor<1x2x!a>
  %1 = nn.quantize %x {rounding = 0 : i32, layer = "x_for_b"} : (tensor<1x2xf32>) -> tensor<1x2x!b>
  %2 = nn.transpose %0 {permutation = array<i64: 0, 1>, layer = "turn"} : (tensor<1x2x!a>) -> tensor<1x2x!a>
  %3 = nn.dequantize %2 {layer = "turn"} : (tensor<1x2x!a>) -> tensor<1x2xf32>
  %4 = nn.softmax %3 {axis = 1, layer = "softmax"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %5 = nn.dequantize %1 {layer = "x_for_b"} : (tensor<1x2x!b>) -> tensor<1x2xf32>
  return %3, %4, %5 : tensor<1x2xf32>, tensor<1x2xf32>, tensor<1x2xf32>
}

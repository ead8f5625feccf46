// Every verifier of fixed, with the layer and the fact in its message.
// RUN: quantization-opt %s --split-input-file --verify-diagnostics

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @shapes(%x: tensor<1x2xi32>) {
  // expected-error@+1 {{(layer "r") expected input and result of one shape}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5>, axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<1x2xi32>) -> tensor<2x1x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @input(%x: tensor<2xf32>) {
  // expected-error@+1 {{(layer "r") expected a quantized, i32 or i64 input but found 'f32'}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5>, axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xf32>) -> tensor<2x!u8>
  return
}

// -----

func.func @result(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected a quantized or i32 result but found 'i64'}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5>, axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2xi64>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @no_factor(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected either scales, or multipliers and shifts}}
  %0 = fixed.rescale %x {axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @both_factors(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected either scales, or multipliers and shifts}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5>, multipliers = array<i32: 1>, shifts = array<i32: 1>, axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @no_shifts(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected either scales, or multipliers and shifts}}
  %0 = fixed.rescale %x {multipliers = array<i32: 1>, axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @few_shifts(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected as many shifts as multipliers}}
  %0 = fixed.rescale %x {multipliers = array<i32: 1, 1>, shifts = array<i32: 1>, axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @count(%x: tensor<1x3xi32>) {
  // expected-error@+1 {{(layer "r") expected one multiplier, or one per index of axis 1, but found 2}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5, 0.25>, axis = 1, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<1x3xi32>) -> tensor<1x3x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @axis(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected one multiplier, or one per index of axis 1, but found 2}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5, 0.25>, axis = 1, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @negative_axis(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected one multiplier, or one per index of axis -1, but found 2}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5, 0.25>, axis = -1, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @shift(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected shifts within [0, 62] but found 63}}
  %0 = fixed.rescale %x {multipliers = array<i32: 1>, shifts = array<i32: 63>, axis = 0, clamp = array<i64: 0, 255>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @empty_clamp(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected clamp = [low, high]}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5>, axis = 0, clamp = array<i64: 255, 0>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

// A wider clamp would let values wrap around in the storage.
!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @wide_clamp(%x: tensor<2xi32>) {
  // expected-error@+1 {{(layer "r") expected a clamp within the result's codes [0, 255] but found [0, 256]}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5>, axis = 0, clamp = array<i64: 0, 256>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi32>) -> tensor<2x!u8>
  return
}

// -----

func.func @wide_clamp_of_i32(%x: tensor<2xi64>) {
  // expected-error@+1 {{(layer "r") expected a clamp within the result's codes [-2147483648, 2147483647] but found [0, 2147483648]}}
  %0 = fixed.rescale %x {scales = array<f64: 0.5>, axis = 0, clamp = array<i64: 0, 2147483648>, bound = 9, rounding = 0 : i32, layer = "r"} : (tensor<2xi64>) -> tensor<2xi32>
  return
}

// -----

!i16 = !quant.uniform<i16:f32, 0.5>
func.func @wide_codes(%x: tensor<2x!i16>, %t: tensor<256x!i16>) {
  // expected-error@+1 {{(layer "l") expected an input of at most 8 bits}}
  %0 = fixed.lookup %x, %t {axis = -1, layer = "l"} : (tensor<2x!i16>, tensor<256x!i16>) -> tensor<2x!i16>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @lookup_shapes(%x: tensor<2x!u8>, %t: tensor<256x!u8>) {
  // expected-error@+1 {{(layer "l") expected input and result of one shape}}
  %0 = fixed.lookup %x, %t {axis = -1, layer = "l"} : (tensor<2x!u8>, tensor<256x!u8>) -> tensor<3x!u8>
  return
}

// -----

!u4 = !quant.uniform<u4:f32, 0.5>
func.func @table_of_another_width(%x: tensor<2x!u4>, %t: tensor<256x!u4>) {
  // expected-error@+1 {{(layer "l") expected a table of 16 entries, or one for each channel}}
  %0 = fixed.lookup %x, %t {axis = -1, layer = "l"} : (tensor<2x!u4>, tensor<256x!u4>) -> tensor<2x!u4>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @table_of_other_channels(%x: tensor<1x2x!u8>, %t: tensor<3x256x!u8>) {
  // expected-error@+1 {{(layer "l") expected a table of 256 entries, or one for each channel}}
  %0 = fixed.lookup %x, %t {axis = 1, layer = "l"} : (tensor<1x2x!u8>, tensor<3x256x!u8>) -> tensor<1x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @table_of_another_axis(%x: tensor<1x2x!u8>, %t: tensor<2x256x!u8>) {
  // expected-error@+1 {{(layer "l") expected a table of 256 entries, or one for each channel}}
  %0 = fixed.lookup %x, %t {axis = 2, layer = "l"} : (tensor<1x2x!u8>, tensor<2x256x!u8>) -> tensor<1x2x!u8>
  return
}

// -----

!u8 = !quant.uniform<u8:f32, 0.5:10>
func.func @table_of_another_type(%x: tensor<2x!u8>, %t: tensor<256xi32>) {
  // expected-error@+1 {{(layer "l") expected a table of the result's codes '!quant.uniform<u8:f32, 5.000000e-01:10>' but found 'i32'}}
  %0 = fixed.lookup %x, %t {axis = -1, layer = "l"} : (tensor<2x!u8>, tensor<256xi32>) -> tensor<2x!u8>
  return
}

// -----

func.func @relayout(%x: tensor<1x2x3xf32>) {
  // expected-error@+1 {{(layer "l") expected input and result that differ in layout only}}
  %0 = fixed.relayout %x {layer = "l"} : (tensor<1x2x3xf32>) -> tensor<1x3x2xf32>
  return
}

// -----

func.func @relayout_type(%x: tensor<1x2x3xf32>) {
  // expected-error@+1 {{(layer "l") expected input and result that differ in layout only}}
  %0 = fixed.relayout %x {layer = "l"} : (tensor<1x2x3xf32>) -> tensor<1x2x3xi32, #fixed.layout<[0, 2, 1]>>
  return
}

// -----

// expected-error@+1 {{expected a layout that orders 3 dimensions}}
func.func @layout_rank(%x: tensor<1x2x3xf32, #fixed.layout<[1, 0]>>) {
  return
}

// -----

// expected-error@+1 {{expected a layout that orders 3 dimensions}}
func.func @layout_order(%x: tensor<1x2x3xf32, #fixed.layout<[0, 1, 1]>>) {
  return
}

// -----

func.func @requantize_value(%x: i8, %m: i32) {
  // expected-error@+1 {{expected a value of i32 or i64 but found 'i8'}}
  %0 = fixed.requantize %x, %m, %m {rounding = 0 : i32, clamp = array<i64: 0, 255>, largest = 9} : (i8, i32, i32) -> i32
  return
}

// -----

func.func @requantize_multiplier(%x: i32, %m: i64, %s: i32) {
  // expected-error@+1 {{expected multiplier, shift and result of i32 but found 'i64'}}
  %0 = fixed.requantize %x, %m, %s {rounding = 0 : i32, clamp = array<i64: 0, 255>, largest = 9} : (i32, i64, i32) -> i32
  return
}

// -----

func.func @requantize_shift(%x: i32, %m: i32, %s: i8) {
  // expected-error@+1 {{expected multiplier, shift and result of i32 but found 'i8'}}
  %0 = fixed.requantize %x, %m, %s {rounding = 0 : i32, clamp = array<i64: 0, 255>, largest = 9} : (i32, i32, i8) -> i32
  return
}

// -----

func.func @requantize_result(%x: i64, %m: i32) {
  // expected-error@+1 {{expected multiplier, shift and result of i32 but found 'i64'}}
  %0 = fixed.requantize %x, %m, %m {rounding = 0 : i32, clamp = array<i64: 0, 255>, largest = 9} : (i64, i32, i32) -> i64
  return
}

// -----

func.func @requantize_lanes(%x: vector<8xi32>, %m: vector<4xi32>) {
  // expected-error@+1 {{all non-scalar operands/results must have the same shape and base type}}
  %0 = fixed.requantize %x, %m, %m {rounding = 0 : i32, clamp = array<i64: 0, 255>, largest = 9} : (vector<8xi32>, vector<4xi32>, vector<4xi32>) -> vector<8xi32>
  return
}

// -----

func.func @requantize_empty_clamp(%x: i32, %m: i32) {
  // expected-error@+1 {{expected clamp = [low, high] within i32}}
  %0 = fixed.requantize %x, %m, %m {rounding = 0 : i32, clamp = array<i64: 1, 0>, largest = 9} : (i32, i32, i32) -> i32
  return
}

// -----

func.func @requantize_half_a_clamp(%x: i32, %m: i32) {
  // expected-error@+1 {{expected clamp = [low, high] within i32}}
  %0 = fixed.requantize %x, %m, %m {rounding = 0 : i32, clamp = array<i64: 0>, largest = 9} : (i32, i32, i32) -> i32
  return
}

// -----

func.func @requantize_wide_clamp(%x: i64, %m: i32) {
  // expected-error@+1 {{expected clamp = [low, high] within i32}}
  %0 = fixed.requantize %x, %m, %m {rounding = 0 : i32, clamp = array<i64: 0, 2147483648>, largest = 9} : (i64, i32, i32) -> i32
  return
}

// -----

// A contraction of 6 by 2 input channels along 1x3 columns, for 3 output channels in a block of 16; each below breaks one thing.
func.func @contract_result(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected one result of init's type for tensors, and none for buffers}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi8>
  return
}

// -----

func.func @contract_result_on_buffers(%x: memref<1x4x6x2xi8>, %w: memref<1x1x1x2x16x4xi8>, %b: memref<16xi32>, %y: memref<1x4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected one result of init's type for tensors, and none for buffers}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x4x6x2xi8>, memref<1x1x1x2x16x4xi8>, memref<16xi32>, memref<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_strides(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected kernel, strides and dilations of 0 to 2 dimensions}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_dilations(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected kernel, strides and dilations of 0 to 2 dimensions}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_three_dimensions(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected kernel, strides and dilations of 0 to 2 dimensions}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 1, 3>, strides = array<i64: 1, 1, 1>, dilations = array<i64: 1, 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_conv_rank(%x: tensor<4x6x2xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected input and init of rank 4}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<4x6x2xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<4x4x3xi32>) -> tensor<4x4x3xi32>
  return
}

// -----

func.func @contract_init_rank(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected input and init of rank 4}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<4x4x3xi32>) -> tensor<4x4x3xi32>
  return
}

// -----

func.func @contract_matrix_rank(%x: tensor<8xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<3xi32>) {
  // expected-error@+1 {{(layer "conv") expected input and init of rank 2 or more}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<8xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<3xi32>) -> tensor<3xi32>
  return
}

// -----

func.func @contract_weights_rank(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected weights [groups, blocks, kernel rows, steps, lanes, codes] of 1 groups}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_weights_groups(%x: tensor<1x4x6x2xi8>, %w: tensor<2x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected weights [groups, blocks, kernel rows, steps, lanes, codes] of 1 groups}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<2x1x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_output_groups(%x: tensor<1x4x6x2xi8>, %w: tensor<2x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected channels that 2 groups divide}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<2x1x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_input_groups(%x: tensor<1x4x6x2xi8>, %w: tensor<3x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected channels that 3 groups divide}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 3 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<3x1x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_no_groups(%x: tensor<1x4x6x2xi8>, %w: tensor<0x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected channels that 0 groups divide}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 0 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<0x1x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_few_blocks(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x17xi32>) {
  // expected-error@+1 {{(layer "conv") expected blocks for 17 output channels of each group}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x4x17xi32>) -> tensor<1x4x4x17xi32>
  return
}

// -----

// A block without a channel would be written beyond the result.
func.func @contract_many_blocks(%x: tensor<1x4x6x2xi8>, %w: tensor<1x2x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected blocks for 3 output channels of each group}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x2x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_reach(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x5x3xi32>) {
  // expected-error@+1 {{(layer "conv") reads 7 of 6 positions along dimension 2}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x5x3xi32>) -> tensor<1x4x5x3xi32>
  return
}

// -----

func.func @contract_strided_reach(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") reads 7 of 4 positions along dimension 1}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 2, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_dilated_reach(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x1x3x16x2xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") reads 8 of 6 positions along dimension 2}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 2>, groups = 1 : i64, lowering = "madd512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x1x3x16x2xi8>, tensor<16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_region(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected a region of the accumulator and one value for each of its 0 others}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32, %c: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_few_arguments(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>, %o: tensor<16xi32>) {
  // expected-error@+1 {{(layer "conv") expected a region of the accumulator and one value for each of its 1 others}}
  %0 = "fixed.contract"(%x, %w, %b, %o, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 1, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_few_channels(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>, %o: tensor<3xi32>) {
  // expected-error@+1 {{(layer "conv") expected others of the result's shape or of 16 channels, but found 'tensor<3xi32>'}}
  %0 = "fixed.contract"(%x, %w, %b, %o, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 1, 1>}> ({
  ^bb0(%a: i32, %c: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<3xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_other_shape(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>, %o: tensor<1x4x4x16xi32>) {
  // expected-error@+1 {{(layer "conv") expected others of the result's shape or of 16 channels, but found 'tensor<1x4x4x16xi32>'}}
  %0 = "fixed.contract"(%x, %w, %b, %o, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 1, 1>}> ({
  ^bb0(%a: i32, %c: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x4x16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_other_type(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>, %o: tensor<16xi8>) {
  // expected-error@+1 {{(layer "conv") expected others of the result's shape or of 16 channels, but found 'tensor<16xi8>'}}
  %0 = "fixed.contract"(%x, %w, %b, %o, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 1, 1>}> ({
  ^bb0(%a: i32, %c: i32):
    fixed.yield %a : i32
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<16xi8>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @contract_yield(%x: tensor<1x4x6x2xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<16xi32>, %y: tensor<1x4x4x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected its region to yield 'i32'}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64: 1, 3>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    %c = arith.constant 0 : i8
    fixed.yield %c : i8
  }) : (tensor<1x4x6x2xi8>, tensor<1x1x1x2x16x4xi8>, tensor<16xi32>, tensor<1x4x4x3xi32>) -> tensor<1x4x4x3xi32>
  return
}

// -----

func.func @yield_elsewhere(%x: i32) {
  // expected-error@+1 {{'fixed.yield' op expects parent op 'fixed.contract'}}
  fixed.yield %x : i32
}

// -----

// expected-error@+1 {{expected nothing but a #fixed.target as 'fixed.target' of the module, a number above 1 as 'fixed.shares' of a function, a #fixed.step as 'fixed.step' of a call, or an array of them as 'fixed.steps' of the module, but found 'fixed.target' = 1 : i64}}
module attributes {fixed.target = 1} {
}

// -----

func.func @requantize_mixed(%x: vector<8xi32>, %m: i32) {
  // expected-error@+1 {{expected value, multiplier, shift and result of one shape but found 'i32'}}
  %0 = fixed.requantize %x, %m, %m {rounding = 0 : i32, clamp = array<i64: 0, 255>, largest = 9} : (vector<8xi32>, i32, i32) -> vector<8xi32>
  return
}

// -----

func.func @contract_rows(%x: tensor<1x8xi8>, %w: tensor<1x1x1x2x16x4xi8>, %y: tensor<100x3xi32>) {
  // expected-error@+1 {{(layer "fc") expected as many images, or rows, in the result as in the input}}
  %0 = "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "vnni512", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x8xi8>, tensor<1x1x1x2x16x4xi8>, tensor<100x3xi32>) -> tensor<100x3xi32>
  return
}

// -----

func.func @contract_steps(%x: tensor<1x12xi8>, %w: tensor<1x1x1x2x16x4xi8>, %y: tensor<1x3xi32>) {
  // expected-error@+1 {{(layer "fc") expected weights for 1 kernel rows of 12 values}}
  %0 = "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "vnni512", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x12xi8>, tensor<1x1x1x2x16x4xi8>, tensor<1x3xi32>) -> tensor<1x3xi32>
  return
}

// -----

func.func @contract_bias(%x: tensor<1x8xi8>, %w: tensor<1x1x1x2x16x4xi8>, %b: tensor<3xi32>, %y: tensor<1x3xi32>) {
  // expected-error@+1 {{(layer "fc") expected a bias of the accumulator's type for 16 channels, but found 'tensor<3xi32>'}}
  %0 = "fixed.contract"(%x, %w, %b, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "vnni512", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 1, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x8xi8>, tensor<1x1x1x2x16x4xi8>, tensor<3xi32>, tensor<1x3xi32>) -> tensor<1x3xi32>
  return
}

// -----

func.func @contract_mixed(%x: memref<1x8xi8>, %w: tensor<1x1x1x2x16x4xi8>, %y: tensor<1x3xi32>) {
  // expected-error@+1 {{(layer "fc") expected static shapes, all tensors or all buffers, but found 'memref<1x8xi8>'}}
  %0 = "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "vnni512", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x8xi8>, tensor<1x1x1x2x16x4xi8>, tensor<1x3xi32>) -> tensor<1x3xi32>
  return
}

// -----

func.func private @other(i32) -> i32
func.func @contract_region(%x: tensor<1x8xi8>, %w: tensor<1x1x1x2x16x4xi8>, %y: tensor<1x3xi32>) {
  // expected-error@+1 {{(layer "fc") expected elementwise ops in its region but found 'func.call'}}
  %0 = "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "vnni512", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    %1 = func.call @other(%a) : (i32) -> i32
    fixed.yield %1 : i32
  }) : (tensor<1x8xi8>, tensor<1x1x1x2x16x4xi8>, tensor<1x3xi32>) -> tensor<1x3xi32>
  return
}

// -----

// expected-error@+1 {{'fixed.target' names the processor "native", which is another one on each machine}}
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "native", features = "">} {}

// -----

func.func @callee() {
  return
}
func.func @step_of_a_call() {
  // expected-error@+1 {{a #fixed.step as 'fixed.step' of a call, or an array of them as 'fixed.steps' of the module, but found 'fixed.step' = "conv1"}}
  func.call @callee() {fixed.step = "conv1"} : () -> ()
  return
}

// -----

// expected-error@+1 {{or an array of them as 'fixed.steps' of the module, but found 'fixed.steps' = [1]}}
module attributes {fixed.steps = [1]} {
}

// -----

// expected-error@+1 {{expected names of layers but found [1]}}
module attributes {fixed.steps = [#fixed.step<layers = [1], kernel = "loops", macs = 0, read = 0, written = 0, weights = 0>]} {
}

// -----

// expected-error@+1 {{expected no negative counts}}
module attributes {fixed.steps = [#fixed.step<layers = [], kernel = "loops", macs = -1, read = 0, written = 0, weights = 0>]} {
}

// -----

func.func @contract_columns(%x: memref<1x5x3xi8>, %w: memref<1x1x1x3x16x4xi8>, %y: memref<1x2x3xi32>) {
  // expected-error@+1 {{(layer "conv") expected columns of 1 to those of the kernel, where it is wider than the layer's}}
  "fixed.contract"(%x, %w, %y) <{columns = 4 : i64, kernel = array<i64: 4>, strides = array<i64: 1>, dilations = array<i64: 1>, groups = 1 : i64, lowering = "vnni512", layer = "conv", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<1x5x3xi8>, memref<1x1x1x3x16x4xi8>, memref<1x2x3xi32>) -> ()
  return
}

// -----

func.func @requantize_bound(%x: i32, %m: i32) {
  // expected-error@+1 {{'fixed.requantize' op expected no negative bound of the result}}
  %0 = fixed.requantize %x, %m, %m {rounding = 0 : i32, clamp = array<i64: 0, 255>, largest = -1} : (i32, i32, i32) -> i32
  return
}

// -----

func.func @requantize_least_shift(%x: i32, %m: i32) {
  %s = arith.constant 32 : i32
  // expected-error@+1 {{'fixed.requantize' op has a shift of 32 bits, below its least_shift}}
  %0 = fixed.requantize %x, %m, %s {rounding = 2 : i32, clamp = array<i64: 0, 255>, largest = 9, least_shift = 33 : i64} : (i32, i32, i32) -> i32
  return
}

// -----

func.func @requantize_far(%x: i32, %m: i32) {
  // expected-error@+1 {{'fixed.requantize' op expected shifts of 62 bits at most, not from 63 on}}
  %0 = fixed.requantize %x, %m, %m {rounding = 2 : i32, clamp = array<i64: 0, 255>, largest = 9, least_shift = 63 : i64} : (i32, i32, i32) -> i32
  return
}

// -----

func.func @contract_matrices(%x: memref<3x4x4xi16>, %w: memref<2x1x1x2x8x2xi16>, %y: memref<3x4x8xi32>) {
  // expected-error@+1 {{(layer "product") expected weights for each of 3 matrices}}
  "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "madd256", layer = "product", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (memref<3x4x4xi16>, memref<2x1x1x2x8x2xi16>, memref<3x4x8xi32>) -> ()
  return
}

// -----

func.func @packing(%x: tensor<1x8xi8>, %w: tensor<1x1x1x2x8x4xi8>, %y: tensor<1x8xi32>) {
  // expected-error@+1 {{(layer "fc") expected a packing of 1 to 64}}
  %0 = "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, packing = 4611686018427387904 : i64, lowering = "vnni256", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x8xi8>, tensor<1x1x1x2x8x4xi8>, tensor<1x8xi32>) -> tensor<1x8xi32>
  return
}

// -----

func.func @channels(%x: tensor<1x8xi8>, %w: tensor<1x1x1x2x8x4xi8>, %y: tensor<1x8xi32>) {
  // expected-error@+1 {{(layer "fc") expected channels of 1 to 64 for each code of the input}}
  %0 = "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, channels = 513 : i64, lowering = "vnni256", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x8xi8>, tensor<1x1x1x2x8x4xi8>, tensor<1x8xi32>) -> tensor<1x8xi32>
  return
}

// -----

func.func @no_codes(%x: tensor<1x8xi8>, %w: tensor<1x1x1x2x8x0xi8>, %y: tensor<1x8xi32>) {
  // expected-error@+1 {{(layer "fc") expected shapes that are not empty, but found}}
  %0 = "fixed.contract"(%x, %w, %y) <{kernel = array<i64>, strides = array<i64>, dilations = array<i64>, groups = 1 : i64, lowering = "vnni256", layer = "fc", operandSegmentSizes = array<i32: 1, 1, 0, 0, 1>}> ({
  ^bb0(%a: i32):
    fixed.yield %a : i32
  }) : (tensor<1x8xi8>, tensor<1x1x1x2x8x0xi8>, tensor<1x8xi32>) -> tensor<1x8xi32>
  return
}

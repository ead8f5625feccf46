// All values that cannot share bytes are named, and no op is anything but what it says.
// RUN: quantization-opt %s --pack-values --verify-diagnostics --split-input-file

!u8 = !quant.uniform<u8:f32, 0.5>
!u5 = !quant.uniform<u5:f32, 0.5>
func.func @wide(%x: tensor<1x8xf32>) -> (tensor<1x8xf32>, tensor<1x8xf32>) {
  // expected-error @below {{layer "bytes" has packed storage, but its values have 8 bits, and only those of 4 bits or fewer share a byte; leave storage out}}
  %0 = nn.quantize %x {rounding = 0 : i32, layer = "bytes", storage = "packed"} : (tensor<1x8xf32>) -> tensor<1x8x!u8>
  %1 = nn.dequantize %0 {layer = "r"} : (tensor<1x8x!u8>) -> tensor<1x8xf32>
  // expected-error @below {{layer "five" has packed storage, but its values have 5 bits}}
  %2 = nn.quantize %1 {rounding = 0 : i32, layer = "five", storage = "packed"} : (tensor<1x8xf32>) -> tensor<1x8x!u5>
  // expected-error @below {{layer "float" has packed storage, but its values are not quantized}}
  %3 = nn.dequantize %2 {layer = "float", storage = "packed"} : (tensor<1x8x!u5>) -> tensor<1x8xf32>
  return %1, %3 : tensor<1x8xf32>, tensor<1x8xf32>
}

// -----

func.func @bits(%x: tensor<1x8xi8>) -> tensor<1x3xi8> {
  // expected-error @below {{(layer "y") expected 1, 2 or 4 bits to a code but found 3}}
  %0 = fixed.pack_values %x {bits = 3 : i64, least = 0 : i64, layer = "y"} : (tensor<1x8xi8>) -> tensor<1x3xi8>
  return %0 : tensor<1x3xi8>
}

// -----

!u4 = !quant.uniform<u4:f32, 0.5>
func.func @codes(%x: tensor<1x8x!u4>) -> tensor<1x2xi8> {
  // expected-error @below {{expected codes within [0, 3] but found}}
  %0 = fixed.pack_values %x {bits = 2 : i64, least = 0 : i64, layer = "y"} : (tensor<1x8x!u4>) -> tensor<1x2xi8>
  return %0 : tensor<1x2xi8>
}

// -----

func.func @size(%x: tensor<2x9xi8>) -> tensor<2x4xi8> {
  // expected-error @below {{expected 4 bits for each value}}
  %0 = fixed.pack_values %x {bits = 4 : i64, least = 0 : i64, layer = "y"} : (tensor<2x9xi8>) -> tensor<2x4xi8>
  return %0 : tensor<2x4xi8>
}

// -----

func.func @words(%x: tensor<1x2xi16>) -> tensor<1x4xi8> {
  // expected-error @below {{expected packed values in i8 but found 'i16'}}
  %0 = fixed.unpack_values %x {bits = 4 : i64, least = 0 : i64, layer = "y"} : (tensor<1x2xi16>) -> tensor<1x4xi8>
  return %0 : tensor<1x4xi8>
}

// Codes of a network have no bytes yet.
// RUN: quantization-opt %s --expand-packing --verify-diagnostics

!u4 = !quant.uniform<u4:f32, 0.5>
func.func @codes(%x: tensor<1x8x!u4>) -> tensor<1x4xi8> {
  // expected-error @below {{layer "y" is packed in codes of a network; run convert-nn-to-linalg first}}
  %0 = fixed.pack_values %x {bits = 4 : i64, least = 0 : i64, layer = "y"} : (tensor<1x8x!u4>) -> tensor<1x4xi8>
  return %0 : tensor<1x4xi8>
}

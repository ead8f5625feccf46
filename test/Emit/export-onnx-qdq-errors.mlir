// RUN: rm -rf %t && split-file %s %t
// RUN: not quantization-opt %t/range.mlir --from=simulated --emit=onnx-qdq -o %t/no.onnx 2>&1 | FileCheck %s --check-prefix=RANGE
// RUN: not quantization-opt %t/width.mlir --from=simulated --emit=onnx-qdq -o %t/no.onnx 2>&1 | FileCheck %s --check-prefix=WIDTH
// RUN: not quantization-opt %t/rounding.mlir --from=simulated --emit=onnx-qdq -o %t/no.onnx 2>&1 | FileCheck %s --check-prefix=ROUNDING
// RUN: not quantization-opt %t/bias.mlir --from=simulated --emit=onnx-qdq -o %t/no.onnx 2>&1 | FileCheck %s --check-prefix=BIAS
// RUN: not quantization-opt %t/integers.mlir --from=simulated --emit=onnx-qdq -o %t/no.onnx 2>&1 | FileCheck %s --check-prefix=INTEGERS
// RUN: not quantization-opt %t/pool.mlir --from=simulated --emit=onnx-qdq -o %t/no.onnx 2>&1 | FileCheck %s --check-prefix=POOL
// RUN: not ls %t/no.onnx

//--- range.mlir
// RANGE: layer "conv1": QuantizeLinear saturates to all codes of an 8- or 16-bit type, which !quant.uniform<i8<-127:127>:f32, 5.000000e-01> does not; give its activations such a format
func.func @network(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %q = nn.quantize %x {rounding = 0 : i32, layer = "conv1"} : (tensor<1x2xf32>) -> tensor<1x2x!quant.uniform<i8<-127:127>:f32, 0.5>>
  %d = nn.dequantize %q {layer = "conv1"} : (tensor<1x2x!quant.uniform<i8<-127:127>:f32, 0.5>>) -> tensor<1x2xf32>
  return %d : tensor<1x2xf32>
}

//--- width.mlir
// WIDTH: layer "conv1": QuantizeLinear saturates to all codes of an 8- or 16-bit type, which !quant.uniform<u4:f32, 5.000000e-01> does not
func.func @network(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %q = nn.quantize %x {rounding = 0 : i32, layer = "conv1"} : (tensor<1x2xf32>) -> tensor<1x2x!quant.uniform<u4:f32, 0.5>>
  %d = nn.dequantize %q {layer = "conv1"} : (tensor<1x2x!quant.uniform<u4:f32, 0.5>>) -> tensor<1x2xf32>
  return %d : tensor<1x2xf32>
}

//--- rounding.mlir
// ROUNDING: layer "conv1": QuantizeLinear rounds half_even, not half_away; give its activations that rounding
func.func @network(%x: tensor<1x2xf32>) -> tensor<1x2xf32> {
  %q = nn.quantize %x {rounding = 1 : i32, layer = "conv1"} : (tensor<1x2xf32>) -> tensor<1x2x!quant.uniform<u8:f32, 0.5>>
  %d = nn.dequantize %q {layer = "conv1"} : (tensor<1x2x!quant.uniform<u8:f32, 0.5>>) -> tensor<1x2xf32>
  return %d : tensor<1x2xf32>
}

//--- bias.mlir
// BIAS: layer "bias": ONNX has 32-bit codes only signed and with zero point 0, not as !quant.uniform<i32:f32, 5.000000e-01:1>
func.func @network() -> tensor<2xf32> {
  %b = nn.constant {layer = "bias", value = dense<1> : tensor<2xi32>} : () -> tensor<2x!quant.uniform<i32:f32, 0.5:1>>
  %d = nn.dequantize %b {layer = "bias"} : (tensor<2x!quant.uniform<i32:f32, 0.5:1>>) -> tensor<2xf32>
  return %d : tensor<2xf32>
}

//--- integers.mlir
// INTEGERS: layer "reshape": it works on integers already; export the simulated form
func.func @network(%x: tensor<1x2xf32>) -> tensor<2xf32> {
  %q = nn.quantize %x {rounding = 0 : i32, layer = "x"} : (tensor<1x2xf32>) -> tensor<1x2x!quant.uniform<u8:f32, 0.5>>
  %r = nn.reshape %q {layer = "reshape"} : (tensor<1x2x!quant.uniform<u8:f32, 0.5>>) -> tensor<2x!quant.uniform<u8:f32, 0.5>>
  %d = nn.dequantize %r {layer = "reshape"} : (tensor<2x!quant.uniform<u8:f32, 0.5>>) -> tensor<2xf32>
  return %d : tensor<2xf32>
}

//--- pool.mlir
// POOL: layer "pool": it rounds the number of windows up in one dimension and down in another, which ONNX cannot say
func.func @network(%x: tensor<1x1x5x5xf32>) -> tensor<1x1x2x3xf32> {
  %p = nn.max_pool %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, layer = "pool"} : (tensor<1x1x5x5xf32>) -> tensor<1x1x2x3xf32>
  return %p : tensor<1x1x2x3xf32>
}

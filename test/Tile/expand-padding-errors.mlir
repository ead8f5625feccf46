// RUN: quantization-opt %s --expand-padding --split-input-file --verify-diagnostics

func.func @computed(%x: tensor<3xindex>) -> tensor<4xindex> {
  // expected-error@+1 {{expected a static tensor.pad with one value}}
  %0 = tensor.pad %x low[0] high[1] {
  ^bb0(%a: index):
    tensor.yield %a : index
  } : tensor<3xindex> to tensor<4xindex>
  return %0 : tensor<4xindex>
}

// -----

func.func @dynamic(%x: tensor<?xf32>) -> tensor<?xf32> {
  %z = arith.constant 0.0 : f32
  // expected-error@+1 {{expected a static tensor.pad with one value}}
  %0 = tensor.pad %x low[0] high[1] {
  ^bb0(%a: index):
    tensor.yield %z : f32
  } : tensor<?xf32> to tensor<?xf32>
  return %0 : tensor<?xf32>
}

// The pass alone has no samples; the driver hands them in.
// RUN: not quantization-opt %s --record-statistics 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: record-statistics needs samples: give --calibrate-with

// A value that leaves f32 is no value to calibrate with: 3e38 + 3e38 on the second sample.
// RUN: %python -c "import numpy, sys; numpy.savez(sys.argv[1], x=numpy.array([[1, 1], [1, 3e38]], 'f4'))" %t.npz
// RUN: not quantization-opt %s --from=observed --calibrate-with=%t.npz --to=observed 2>&1 | FileCheck %s --check-prefix=INFINITE
// INFINITE: error: layer "sum": value 1 is infinite on sample 1; leave that sample out, or check the model in float

// Values are counted in the order of their shape, whatever their order in memory: there channels lie innermost, and 4 comes before 1.
// RUN: %python -c "import numpy, sys; x = numpy.ones((1, 2, 2, 2), 'f4'); x[0, 1, 0, 0] = x[0, 0, 0, 1] = 3e38; numpy.savez(sys.argv[1], x=x)" %t.npz
// RUN: not quantization-opt %S/Inputs/doubled.mlir --from=observed --calibrate-with=%t.npz --to=observed 2>&1 | FileCheck %s --check-prefix=ORDER
// ORDER: error: layer "doubled": value 1 is infinite on sample 0; leave that sample out

func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}) -> (tensor<1x2xf32> {nn.name = "y"}) {
  %0 = nn.observe %x {layer = "x"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %1 = nn.add %0, %0 {layer = "sum"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
  %2 = nn.observe %1 {layer = "sum"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %2 : tensor<1x2xf32>
}

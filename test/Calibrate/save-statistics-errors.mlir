// RUN: not quantization-opt %s --save-statistics 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: save-statistics needs a file: give --save-statistics=file=FILE

// RUN: not quantization-opt %s --save-statistics=file=%t.missing/a.json 2>&1 | FileCheck %s --check-prefix=FOLDER
// FOLDER: error: cannot write '{{.*}}a.json': {{[Nn]}}o such file or directory

// Hand-written statistics that contradict themselves count as none.
// RUN: sed s/count.=.2/count=3/ %s > %t.mlir
// RUN: not quantization-opt %t.mlir --save-statistics=file=%t.json 2>&1 | FileCheck %s --check-prefix=STALE
// STALE: error: no valid statistics for 1 layer: "x"; give --calibrate-with

func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}) -> tensor<1x2xf32> {
  %0 = nn.observe %x {layer = "x", statistics = #nn.statistics<min = 0.0 : f32, max = 0.0 : f32, count = 2, zeros = 2, exponent = 0, bins = [-2048, 2, -2047]>} : (tensor<1x2xf32>) -> tensor<1x2xf32>
  return %0 : tensor<1x2xf32>
}

// RUN: not quantization-opt %s --load-statistics 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: load-statistics needs a file: give --load-statistics=file=FILE

// RUN: not quantization-opt %s --load-statistics=file=%t.missing.json 2>&1 | FileCheck %s --check-prefix=UNREADABLE
// UNREADABLE: error: cannot read {{.*}}missing.json: {{[Nn]}}o such file or directory

// RUN: not quantization-opt %s --load-statistics=file=%s 2>&1 | FileCheck %s --check-prefix=JSON
// JSON: error: {{.*}}load-statistics-errors.mlir: not valid JSON

// All layers that the file does not know, at once.
// RUN: not quantization-opt %s --load-statistics=file=%S/Inputs/statistics.json 2>&1 | FileCheck %s --check-prefix=MISSING
// MISSING: error: {{.*}}statistics.json: no statistics for 2 layers: "product", "y"; calibrate again

// RUN: sed s/abc123/def456/ %S/Inputs/statistics.json > %t.other.json
// RUN: not quantization-opt %s --load-statistics=file=%t.other.json 2>&1 | FileCheck %s --check-prefix=STALE
// STALE: error: {{.*}}other.json: statistics of another model: recorded on def456, but this one is abc123; calibrate again

// RUN: sed 's/attributes {nn.model_hash = "abc123"}//' %s > %t.mlir
// RUN: not quantization-opt %t.mlir --load-statistics=file=%S/Inputs/statistics.json 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: error: {{.*}}statistics.json: cannot tell whether these statistics belong to this network, which has no nn.model_hash

module attributes {nn.model_hash = "abc123"} {
  func.func @network(%x: tensor<1x2xf32> {nn.name = "x"}, %y: tensor<1x2xf32> {nn.name = "y"}) -> tensor<1x2xf32> {
    %0 = nn.observe %x {layer = "x"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %1 = nn.mul %0, %0 {layer = "product"} : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    %2 = nn.observe %1 {layer = "product"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %3 = nn.observe %y {layer = "y"} : (tensor<1x2xf32>) -> tensor<1x2xf32>
    return %2 : tensor<1x2xf32>
  }
}

// RUN: quantization-opt %s --share-loops --verify-diagnostics

// expected-error@+1 {{'fixed.target' has 0 threads, expected at least one}}
module attributes {fixed.target = #fixed.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver4", features = "", threads = 0>} {
}

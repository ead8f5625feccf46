// RUN: quantization-opt %s --plan-memory --split-input-file --verify-diagnostics

func.func @dynamic(%n: index) {
  // expected-error@+1 {{expected an allocation of static size, since the arena is sized at compile time}}
  %a = memref.alloc(%n) : memref<?xi8>
  return
}

// -----

func.func @layout() {
  // expected-error@+1 {{expected an allocation of static size, since the arena is sized at compile time}}
  %a = memref.alloc() : memref<4x4xi8, strided<[8, 1]>>
  return
}

// -----

func.func private @external(memref<4xi8>)
